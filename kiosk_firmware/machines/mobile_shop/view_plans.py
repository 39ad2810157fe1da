"""Plans and numbers on offer, what they really cost, and all of it once more before it is signed."""

from __future__ import annotations

from kiosk_firmware.core.pages import Body, Key, Page, Row, Timer, text
from kiosk_firmware.kits.common_pages import amount_row, key, message
from kiosk_firmware.kits.phone import shell_pages
from kiosk_firmware.machines.mobile_shop.state import State, Terms


def _timer(terms: Terms) -> Timer:
    return Timer("page", terms.rules.page_ms)


def _said(number: str) -> str:
    return f"{number[:3]} {number[3:7]} {number[7:]}"


def plans(terms: Terms, state: State) -> Page:
    """Return which plan? Names and what each month costs; the catch stands on the page behind."""
    keys = tuple(
        Key(f"plan.{plan.id}", "choice", text(f"plan.{plan.id}"), plan.id, sub=text("plan.each", x_fen=plan.fen))
        for plan in terms.rules.plans
    )
    body = Body((text("plans.how"),))
    return Page("Menu", "plans", text("plans.title"), None, body, (*keys, *shell_pages.nav(state.shell)), _timer(terms))


def plan_shown(terms: Terms, state: State, name: str) -> Page:
    """Return what it costs, what is in it, how long one is bound, and what leaving costs."""
    plan = terms.plan(name)
    rows: tuple[Row, ...] = (
        amount_row("each", plan.fen),
        Row(text("row.in_it"), text("row.much", gb=plan.gb, minutes=plan.minutes)),
        Row(text("row.bound"), text("row.months", n=plan.months) if plan.months else text("row.free")),
    )
    rows += (amount_row("leave", plan.leave_fen),) if plan.leave_fen else ()
    keys, lines = (key("plan.take", "primary"), *shell_pages.nav(state.shell)), (text(f"plan_how.{name}"),)
    return message(f"plan-{name}", f"plan.{name}", lines, keys, _timer(terms), rows=rows)


def numbers(terms: Terms, state: State) -> Page:
    """Return which number?"""
    keys = tuple(
        Key(
            f"number.{at}",
            "choice",
            text("sim.number", number=_said(one.number)),
            one.number,
            sub=text(f"number.{one.kind}"),
        )
        for at, one in enumerate(terms.rules.numbers)
    )
    body = Body((text("numbers.how"),))
    return Page(
        "Menu", "numbers", text("numbers.title"), None, body, (*keys, *shell_pages.nav(state.shell)), _timer(terms)
    )


def number_shown(terms: Terms, state: State, number: str) -> Page:
    """Return what comes along with a number that is easy to remember, or was somebody's."""
    one = terms.offered(number)
    rows: tuple[Row, ...] = (Row(text("row.number"), text("sim.number", number=_said(number))),)
    if one.least_fen:
        rows += (amount_row("least", one.least_fen), Row(text("row.bound"), text("row.months", n=one.months)))
    keys, lines = (key("number.take", "primary"), *shell_pages.nav(state.shell)), (text(f"number_how.{one.kind}"),)
    return message(f"number-{one.kind}", f"number.{one.kind}", lines, keys, _timer(terms), rows=rows)


def confirm(terms: Terms, state: State) -> Page:
    """Return the page of all of it once more."""
    draft = state.draft
    plan, one = terms.plan(draft.plan), terms.offered(draft.number)
    months = max(plan.months, one.months)
    rows = (
        Row(text("row.number"), text("sim.number", number=_said(draft.number))),
        Row(text("row.plan"), text(f"plan.{plan.id}")),
        amount_row("each", max(plan.fen, one.least_fen)),
        Row(text("row.bound"), text("row.months", n=months) if months else text("row.free")),
    )
    signed = f"{plan.id} {one.number} {months}"
    keys = (key("confirm.yes", "primary", signed), *shell_pages.nav(state.shell))
    return message("confirm", "confirm.title", (text("confirm.how"),), keys, _timer(terms), rows=rows)
