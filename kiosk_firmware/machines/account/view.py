"""The account's pages: one small function a phase; no decision is taken here."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.pages import Body, Key, Page, Timer, text
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.common_pages import key, message
from kiosk_firmware.kits.phone import face_check, shell_pages
from kiosk_firmware.kits.phone.world import CODE
from kiosk_firmware.machines.account import phases as p
from kiosk_firmware.machines.account.state import State, Terms


def view(terms: Terms, state: State) -> Page:
    """Return the page of the state."""
    phase, rules, back = state.phase, terms.rules, shell_pages.nav(state.shell)
    if state.shell.front:
        return shell_pages.view(state.shell, "person", rules.page_ms)
    time_out = Timer("page", rules.page_ms)
    match phase:
        case p.Home() | p.Login():
            keys = (key("login.code", "choice"), key("login.lost", "choice"), *back)
            return message(
                "login", "login.title", (text("login.how", name=state.account.name),), keys, time_out, icon="person"
            )
        case p.Ways():
            keys = (*(key(f"way.{way}", "choice") for way in terms.profile.ways), *back)
            how = (text("ways.how", hours=rules.wait_hours),)
            return message("ways", "ways.title", how, keys, time_out, icon="lock")
        case p.Question() | p.Number() | p.Code():
            return _typed(state, phase, time_out)
        case p.Friends():
            return _friends(terms, state, phase, time_out)
        case p.Checked(face=now):
            return face_check.page(now, rules.face_ms)
        case p.Delay():
            lines = (text("delay.how", hours=rules.wait_hours), text("delay.nobody"))
            return message("delay", "delay.title", lines, (key("delay.over", "primary"), *back), time_out, icon="clock")
        case p.Waiting():
            return message("waiting", "waiting.title", (), (), None, icon="wait")
        case p.Passwords() | p.PasswordTold():
            return _passwords(terms, state, phase, time_out)
        case p.Done():
            return message("done", "done.title", (text("done.how"),), (key("done.ok", "primary"),), time_out, icon="ok")
        case p.Notice(why=why):
            told = (text(f"notice.{why}", n=rules.vouch),)
            icon, stands = "ok" if why == "in_order" else "warn", Timer("notice", rules.note_ms)
            return message("notice", f"notice_title.{why}", told, (key("notice.ok", "primary"),), stands, icon=icon)
        case p.Met(meeting=now):
            return fraud_scenes.page(now, rules.page_ms)
        case _:
            assert_never(phase)


def _typed(state: State, phase: p.Question | p.Number | p.Code, time_out: Timer) -> Page:
    """Return the page of a field and its board."""
    back = shell_pages.nav(state.shell)
    match phase:
        case p.Question(typed=typed, wrong=wrong):
            how = (text("question.wrong" if wrong else "question.how"),)
            body = Body(how, field=typed, field_key="answer.field", board="pinyin", length=4)
            keys = (key("question.ok", "primary"), *back)
            return Page("Form", "question", text("question.title"), None, body, keys, time_out)
        case p.Number(typed=typed, problem=problem):
            body = Body(
                (text(f"number.{problem or 'how'}"),), field=typed, field_key="number.field", length=11, board="digits"
            )
            keys = (key("number.ok", "primary"), *back)
            return Page("Form", "number", text("number.title"), None, body, keys, time_out)
        case _:
            lines = (text("code.wrong" if phase.wrong else "code.how"), text("code.nobody"))
            banner = text("code.came") if state.shell.fresh else None
            body = Body(lines, field=phase.typed, field_key=CODE, length=len(phase.sent), board="digits", banner=banner)
            keys = (key("code.ok", "primary"), *shell_pages.nav(state.shell, messages=True))
            return Page("Form", "code", text("code.title"), None, body, keys, time_out)


def _friends(terms: Terms, state: State, phase: p.Friends, time_out: Timer) -> Page:
    """Return the page of friends and strangers side by side; who is chosen says so."""
    names = sorted((*state.account.friends, *state.strangers))
    found = tuple(
        Key(f"friend.{at}", "choice", text("friend", name=name), name, state="on" if name in phase.chosen else "")
        for at, name in enumerate(names)
    )
    keys = (*found, key("friends.ok", "primary"), *shell_pages.nav(state.shell))
    body = Body((text("friends.how", n=terms.rules.vouch),))
    return Page("Menu", "friends", text("friends.title"), None, body, keys, time_out)


def _passwords(terms: Terms, state: State, phase: p.Passwords | p.PasswordTold, time_out: Timer) -> Page:
    if isinstance(phase, p.PasswordTold):
        lines = (text(f"password_told.{phase.which}"),)
        keys = (key("told.ok", "primary"),)
        return message("password-told", "password_told.title", lines, keys, time_out, icon="warn")
    found = tuple(Key(f"pass.{one}", "choice", text(f"password.{one}"), one) for one in terms.rules.passwords)
    body = Body((text("passwords.how"), text("passwords.practice")))
    return Page(
        "Menu", "passwords", text("passwords.title"), None, body, (*found, *shell_pages.nav(state.shell)), time_out
    )
