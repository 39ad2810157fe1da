"""The messenger's pages of red packets and transfers."""

from __future__ import annotations

from msgspec.structs import replace

from kiosk_firmware.core.pages import Body, Page, Row, Text, Timer, text
from kiosk_firmware.kits.common_pages import amount_row, key, message
from kiosk_firmware.kits.phone import shell_pages
from kiosk_firmware.machines.social import phases as p
from kiosk_firmware.machines.social.rules_red_packets import MoneyPhase
from kiosk_firmware.machines.social.state import State, Terms


def money(terms: Terms, state: State, phase: MoneyPhase, stands: Timer) -> Page:
    """Return the page of one of these phases."""
    back, rules = shell_pages.nav(state.shell), terms.rules
    lines: tuple[Text, ...]
    match phase:
        case p.Money():
            lines = (text("money.how", x_fen=rules.packet_fen), text("money.back", hours=rules.back_hours))
            keys = (key("money.packet", "choice"), key("money.transfer", "choice"), *back)
            return message("money", "money.title", lines, keys, stands, icon="packet_line")
        case p.Amount(typed=typed, problem=problem):
            lines = (text(f"amount_how.{problem or 'how'}", x_fen=rules.packet_fen),)
            body = Body(lines, field=typed, field_key="amount.field", board="digits")
            keys = (key("amount.ok", "primary"), *back)
            return Page("Form", "amount", text("amount_title"), None, body, keys, stands)
        case p.Hours():
            keys = tuple(key(f"hours.{hours}", "choice", str(hours)) for hours in rules.hours)
            return message("hours", "hours.title", (text("hours.how"),), (*keys, *back), stands, icon="clock")
        case p.Confirm():
            keys = (key("confirm.yes", "primary", state.deal.signed), key("confirm.no", "danger"), *back)
            page = message("confirm", "confirm.title", (text("confirm.how"),), keys, stands, rows=_rows(state))
            return replace(page, body=replace(page.body, whom=text(f"person.{state.deal.friend}")))
        case p.Sent(taken=taken):
            stand = "taken" if taken else "later" if state.deal.hours else "lies"
            day = () if taken else (key("gift.day", "choice"),)
            lines = (text(f"sent.{stand}", hours=rules.back_hours),)
            return message(
                f"sent-{stand}",
                "sent.title",
                lines,
                (key("sent.ok", "primary"), *day),
                stands,
                rows=_rows(state),
                icon="ok",
            )
        case p.Came(gift=gift):
            lines = (text("came.how", hours=rules.back_hours),)
            keys = (key("gift.open", "primary", str(gift.id)), key("gift.day", "choice"), *back)
            rows = (Row(text("row.from"), text(f"person.{gift.giver}")),)
            return message("came", f"came.{gift.kind}", lines, keys, stands, rows=rows, icon="packet")


def _rows(state: State) -> tuple[Row, ...]:
    deal = state.deal
    rows: tuple[Row, ...] = (Row(text("row.to"), text(f"person.{deal.friend}")), amount_row("sum", deal.fen))
    return (*rows, Row(text("row.when"), text(f"key.hours.{deal.hours}"))) if deal.kind == "transfer" else rows
