"""The messenger's pages of registering and of finding friends."""

from __future__ import annotations

from kiosk_firmware.core.pages import Body, Key, Page, Text, Timer, text
from kiosk_firmware.kits.common_pages import key, message
from kiosk_firmware.kits.phone import shell_pages
from kiosk_firmware.kits.phone.world import CODE
from kiosk_firmware.machines.social import phases as p
from kiosk_firmware.machines.social.rules_registration import DIGITS, Joining
from kiosk_firmware.machines.social.state import State, Terms


def join_page(terms: Terms, state: State, phase: Joining, stands: Timer) -> Page:
    """Return the page of one of these phases."""
    back = shell_pages.nav(state.shell)
    match phase:
        case p.Welcome():
            keys = (key("join.new", "primary"), *back)
            return message("welcome", "welcome.title", (text("welcome.how"),), keys, stands, icon="chats")
        case p.Number() | p.Code():
            return _typed(state, phase, stands)
        case p.Vouch():
            keys = tuple(
                Key(f"vouch.{at}", "choice", text(f"person.{one.id}"), one.id, icon=f"avatar_{one.id}")
                for at, one in enumerate(terms.rules.cast)
            )
            how = Body((text("vouch.how"),))
            return Page("Menu", "vouch", text("vouch.title"), None, how, (*keys, *back), stands)
        case p.Add():
            keys = (key("add.number", "choice"), key("add.scan", "choice"), key("add.request", "choice"), *back)
            return message("add", "add.title", (text("add.how"),), keys, stands, icon="add_friend")
        case p.Scan():
            body = Body((text("scan.how"),), code=f"kiosk-practice:friend?{terms.rules.scans}")
            keys = (key("scan.take", "primary"), *back)
            return Page("Message", "scan", text("scan.title"), None, body, keys, stands)
        case p.Found(friend=friend):
            keys = (key("friend.ask", "primary", friend), *back)
            return message("found", f"person.{friend}", (text("found.how"),), keys, stands, icon=f"avatar_{friend}")
        case p.Request():
            lines = (text(f"ask_of.{terms.rules.asks}"), text("request.how"))
            keys = (key("request.yes", "choice"), key("request.no", "choice"), *back)
            return message("request", "request.title", lines, keys, stands, icon=f"avatar_{terms.rules.asks}")


def _typed(state: State, phase: p.Number | p.Code, stands: Timer) -> Page:
    lines: tuple[Text, ...]
    if isinstance(phase, p.Number):
        lines = (text(f"number.{phase.problem or phase.whose}"),)
        body = Body(lines, field=phase.typed, field_key=f"{phase.whose}.field", length=DIGITS, board="digits")
        keys = (key("number.ok", "primary"), *shell_pages.nav(state.shell))
        return Page("Form", f"number-{phase.whose}", text(f"number.{phase.whose}_title"), None, body, keys, stands)
    lines = (text("code.wrong" if phase.wrong else "code.how"), text("code.nobody"))
    banner = text("code.came") if state.shell.fresh else None
    body = Body(lines, field=phase.typed, field_key=CODE, length=len(phase.sent), board="digits", banner=banner)
    keys = (key("code.ok", "primary"), *shell_pages.nav(state.shell, messages=True))
    return Page("Form", "code", text("code.title"), None, body, keys, stands)
