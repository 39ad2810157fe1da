"""The messenger's pages: one small function a phase; no decision is taken here."""

from __future__ import annotations

from kiosk_firmware.core.pages import Body, Key, Page, Text, Timer, text
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.common_pages import key, message
from kiosk_firmware.kits.phone import password, shell_pages
from kiosk_firmware.machines.social import phases as p
from kiosk_firmware.machines.social.state import State, Terms
from kiosk_firmware.machines.social.view_chat import talk_page
from kiosk_firmware.machines.social.view_groups_and_feed import further
from kiosk_firmware.machines.social.view_red_packets import money
from kiosk_firmware.machines.social.view_registration import join_page

MENU: tuple[tuple[str, str], ...] = (
    ("menu.chats", "chats"),
    ("menu.add", "add_friend"),
    ("menu.moments", "moments"),
    ("menu.groups", "friends"),
    ("menu.minis", "minis"),
)
GOOD = (
    "joined",
    "added",
    "opened",
    "posted",
    "blocked",
    "reported",
    "group_join",
    "group_leave",
    "group_mute",
    "mini_paid",
    "arrived",
    "ident",
    "unknown",
    "not_let_in",
)


def view(terms: Terms, state: State) -> Page:
    """Return the page of the state."""
    if state.shell.front:
        return shell_pages.view(state.shell, "chats", terms.rules.page_ms)
    phase, rules, stands = state.phase, terms.rules, Timer("page", terms.rules.page_ms)
    match phase:
        case p.Home() | p.Main():
            return _main(state, stands)
        case p.Waiting():
            return message("waiting", "waiting.title", (), (), None, icon="wait")
        case p.Paying():
            step, wait = ("closing", None) if phase.closing else ("paying", Timer("paying", 2 * rules.page_ms))
            return message(step, "paying.title", (text("paying.how"),), (), wait, icon="wait")
        case p.Password(pin=now):
            return password.page(state.shell, now, rules.pin_digits, rules.page_ms)
        case p.PinClosing():
            return message("closing", "waiting.title", (), (), None, icon="wait")
        case p.Notice(why=why, fen=fen):
            lines = (text(f"notice.{why}", x_fen=fen, hours=rules.back_hours),)
            icon, told = "ok" if why in GOOD else "warn", Timer("notice", rules.note_ms)
            keys = (key("notice.ok", "primary"),)
            return message("notice", f"notice_title.{why}", lines, keys, told, icon=icon, fen=fen)
        case p.Met(meeting=now):
            return fraud_scenes.page(now, rules.page_ms)
        case p.Welcome() | p.Number() | p.Code() | p.Vouch() | p.Add() | p.Scan() | p.Found() | p.Request():
            return join_page(terms, state, phase, stands)
        case p.Money() | p.Amount() | p.Hours() | p.Confirm() | p.Sent() | p.Came():
            return money(terms, state, phase, stands)
        case p.Groups() | p.Group() | p.Moments() | p.Who() | p.Minis() | p.Mini():
            return further(terms, state, phase, stands)
        case _:
            return talk_page(terms, state, phase, stands)


def _main(state: State, stands: Timer) -> Page:
    keys = tuple(Key(name, "choice", Text(f"key.{name}"), name.partition(".")[2], icon=icon) for name, icon in MENU)
    body = Body((text("menu.how"),), icon="chats")
    return Page(
        "PhoneHome", "menu", text("menu.title"), text("menu.say"), body, (*keys, *shell_pages.nav(state.shell)), stands
    )
