"""The wallet's pages after the key was pressed."""

from __future__ import annotations

from kiosk_firmware.core.hosts.bank import Pending
from kiosk_firmware.core.pages import Body, Key, Page, Row, Text, Timer, text
from kiosk_firmware.kits.common_pages import amount_row, key, message
from kiosk_firmware.kits.phone import shell_pages
from kiosk_firmware.kits.phone_payment import receipt_code
from kiosk_firmware.machines.payment import phases as p
from kiosk_firmware.machines.payment.rules_pay import UNIT
from kiosk_firmware.machines.payment.state import State, Terms
from kiosk_firmware.machines.payment.view_pay import payee, timer

GOOD = ("given_back", "recalled", "reversed", "name")


def after(terms: Terms, state: State, phase: p.Phase) -> Page:
    """Return the page of one of these phases."""
    rules, back = terms.rules, shell_pages.nav(state.shell)
    match phase:
        case p.Polling():
            wait = Timer("poll", rules.poll_ms)
            return message(f"till-asks-{phase.polled}", "till.title", (text("till.asks"),), (), wait, icon="wait_bank")
        case p.TillWaits(why=why):
            lines = (text(f"notice.{why}"), text("till.waits"))
            return message("till-waits", "till.title", lines, (), Timer("till", rules.least_ms), icon="wait")
        case p.Unsure():
            keys: tuple[Key, ...] = (key("unsure.look", "primary"), key("unsure.again", "danger", state.deal.signed))
            lines = (text("unsure.how"), text("unsure.truth"))
            return message("unsure", "unsure.title", lines, keys, timer(terms), icon="warn")
        case p.Record(stands=True):
            return message(
                "record-there",
                "record.there",
                (text("record.there_how"),),
                (key("record.ok", "primary"),),
                timer(terms),
                icon="ok",
            )
        case p.Record():
            keys = (key("record.again", "primary", state.deal.signed), *back)
            return message("record-none", "record.none", (text("record.none_how"),), keys, timer(terms), icon="warn")
        case p.Paid():
            return _paid(terms, state, phase)
        case p.Funds():
            return _funds(terms, state)
        case p.Bills():
            return _bills(terms, state, phase)
        case p.OnItsWay(transfer=transfer):
            rows = (Row(text("row.to"), _name(state, transfer)), amount_row("sum", transfer.fen))
            keys = (key("recall.yes", "danger", str(transfer.id)), *back)
            return message("on-its-way", "bills.way", (text("bills.way_how"),), keys, timer(terms), rows=rows)
        case p.Notice(why=why):
            return _notice(terms, why)
        case _:
            raise TypeError(f"{phase} is no page of these")


def _notice(terms: Terms, why: str) -> Page:
    lines = (text(f"notice.{why}", x_fen=terms.rules.printed_day_fen),)
    icon, time_out = "ok" if why in GOOD else "warn", Timer("notice", terms.rules.note_ms)
    return message("notice", f"notice_title.{why}", lines, (key("notice.ok", "primary"),), time_out, icon=icon)


def _paid(terms: Terms, state: State, phase: p.Paid) -> Page:
    """Return the page of what is paid; a person whom another unit's glass named sees a code as proof."""
    deal = state.deal
    rows = (Row(text("row.to"), payee(state)), amount_row("sum", deal.fen))
    if deal.to == UNIT and deal.order:
        body = Body((text("paid.unit"),), rows=rows, code=receipt_code(deal.order, deal.fen, phase.receipt))
        return Page("Pay", "receipt", text("paid.title"), None, body, (key("paid.ok", "primary"),), timer(terms))
    keys: tuple[Key, ...] = (key("paid.ok", "primary"),)
    if deal.way == "send":  # nobody stands there to say that it came, or to give it back
        at = "later" if deal.hours else "now"
        lines = (text(f"paid.how_{at}", x=deal.hours),)
        return message("paid", f"paid.title_{at}", lines, keys, timer(terms), rows=rows, icon="ok")
    if deal.shop and state.asked is None:
        keys = (*keys, key("paid.wrong", "choice"))
    lines = (text("paid.how" if state.asked is None else "paid.how_app"),)
    return message("paid", "paid.title", lines, keys, timer(terms), rows=rows, icon="ok")


def _funds(terms: Terms, state: State) -> Page:
    deal, keys = state.deal, shell_pages.nav(state.shell)
    if deal.source == "wallet":
        paying = key("funds.card", "primary", f"{deal.to} {deal.fen} card {deal.hours}")
        keys = (paying, *keys)
    lines = (text(f"funds.{deal.source}"),)
    return message("funds", "funds.title", lines, keys, timer(terms), rows=(amount_row("sum", deal.fen),), icon="warn")


def _name(state: State, transfer: Pending) -> Text:
    return text("contact", name=dict(state.contacts).get(transfer.payee, transfer.payee))


def _bills(terms: Terms, state: State, phase: p.Bills) -> Page:
    rows = tuple(amount_row(f"bill_{entry.kind}", entry.fen) for entry in phase.found.rows)
    keys = tuple(
        Key(f"waiting.{at}", "choice", text("bills.one", x_fen=one.fen), str(one.id))
        for at, one in enumerate(phase.found.waiting)
    )
    lines = (text("bills.how" if rows or keys else "bills.none"),)
    return message("bills", "bills.title", lines, (*keys, *shell_pages.nav(state.shell)), timer(terms), rows=rows)
