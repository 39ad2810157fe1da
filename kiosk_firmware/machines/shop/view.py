"""The shop's pages, joined, and those of an account: one small function a phase; no decision is taken here."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.pages import Body, Page, Timer, text
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.common_pages import key, message
from kiosk_firmware.kits.phone import shell_pages
from kiosk_firmware.kits.phone.world import CODE
from kiosk_firmware.machines.shop import phases as p
from kiosk_firmware.machines.shop.state import LOCKER, State, Terms
from kiosk_firmware.machines.shop.view_buy import bought, timer
from kiosk_firmware.machines.shop.view_order import order_page


def view(terms: Terms, state: State) -> Page:
    """Return the page of the state."""
    phase, rules = state.phase, terms.rules
    if state.shell.front:
        return shell_pages.view(state.shell, "store", rules.page_ms)
    match phase:
        case p.Number() | p.Code() | p.Resend() | p.RealName() | p.Address():
            return _joining(terms, state, phase)
        case p.Orders() | p.OrderShown() | p.Early() | p.Pickup() | p.Stars() | p.Why() | p.Proof():
            return order_page(terms, state, phase)
        case p.Paying(closing=False):
            return message("paying", "waiting.title", (), (), timer(terms), icon="wait")
        case p.Waiting() | p.Paying():
            return message("waiting", "waiting.title", (), (), None, icon="wait")
        case p.Opening():
            return message("opening", "opening.title", (), (), None, icon="wait")
        case p.DoorOpen(left=left):
            return _door(left, rules.note_ms)
        case p.Notice(why=why):
            lines = (text(f"notice.{why}", days=rules.return_days),)
            keys, stands = (key("notice.ok", "primary"),), Timer("notice", rules.note_ms)
            title, body = text(f"notice_title.{why}", days=rules.return_days), Body(lines, icon="warn")
            return Page("Message", "notice", title, None, body, keys, stands)
        case p.Met(meeting=now):
            return fraud_scenes.page(now, rules.page_ms)
        case p.Home():
            return bought(terms, state, p.Front())
        case p.Front() | p.Search() | p.Results() | p.Product() | p.Reviews() | p.Spec() | p.Cart() | p.Checkout():
            return bought(terms, state, phase)
        case _:
            assert_never(phase)


def _door(left: bool, ms: int) -> Page:
    """Return the page of the open door; its key is for a person who has shut it and was not felt."""
    body = Body((text("door.left" if left else "door.how"),), icon="warn" if left else "parcel")
    keys, step = (key("door.shut", "choice"),), "door-left" if left else "door"
    return Page("Message", step, text("door.title"), None, body, keys, Timer("door", ms), (LOCKER,))


def _joining(terms: Terms, state: State, phase: p.Joining) -> Page:
    back, time_out = shell_pages.nav(state.shell), timer(terms)
    match phase:
        case p.Number(typed=typed, problem=problem):
            lines = (text(f"number.{problem or 'how'}"),)
            body = Body(lines, field=typed, field_key="number.field", length=11, board="digits")
            keys = (key("number.ok", "primary"), *back)
            return Page("Form", "number", text("number.title"), None, body, keys, time_out)
        case p.Code():
            return _code(terms, state, phase)
        case p.Resend():
            lines = (text("resend.how", s=terms.rules.resend_s),)
            keys = (key("resend.on", "primary"), *back)
            return message("resend", "resend.title", lines, keys, time_out, icon="clock")
        case p.RealName():
            keys = (key("name.own", "primary"), key("name.other", "choice"), *back)
            return message("name", "name.title", (text("name.how"),), keys, time_out, icon="person")
        case p.Address(typed=typed, short=short):
            lines = (text("address.short" if short else "address.how"),)
            body = Body(lines, field=typed, field_key="address.field", board="pinyin", length=20)
            keys = (key("address.ok", "primary"), *back)
            return Page("Form", "address", text("address.title"), None, body, keys, time_out)


def _code(terms: Terms, state: State, phase: p.Code) -> Page:
    lines = (text("code.wrong" if phase.wrong else "code.how"), text("code.nobody"))
    banner = text("code.came") if state.shell.fresh else None
    body = Body(lines, field=phase.typed, field_key=CODE, length=len(phase.sent), board="digits", banner=banner)
    keys = (key("code.ok", "primary"), key("code.again", "choice"), *shell_pages.nav(state.shell, messages=True))
    return Page("Form", "code", text("code.title"), None, body, keys, timer(terms))
