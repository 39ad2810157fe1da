"""A counter's pages: one small function per phase, no decision that rules have not taken.

Every page that waits for a person can be left by its keys or its time-out; texts may use every figure of the rules.
"""

from __future__ import annotations

from typing import Literal, assert_never

from msgspec.structs import replace

from kiosk_firmware.core.pages import Body, Key, Page, Row, Text, Timer, text
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.common_pages import key, leaving_page, message, trail
from kiosk_firmware.kits.counter import phases as p
from kiosk_firmware.kits.counter.rules_applications import bring_along_text, coming_days, slip_rows
from kiosk_firmware.kits.counter.rules_window import ident_problem
from kiosk_firmware.kits.counter.state import State, Terms, day_text, queue_number, queue_of
from kiosk_firmware.kits.counter.view_parts import BACK, clerk, last_sentence, paper, timer, window, windows
from kiosk_firmware.kits.counter.view_window import ident, view_desk
from kiosk_firmware.kits.return_items import LeavePhase

TRAIL = ("number", "window", "papers", "slip")
"""The steps of a visit, as every counter has them."""


def view(terms: Terms, state: State) -> Page:
    """Return the page of the state, with where one is in the visit; a form needs the whole glass."""
    page = _page(terms, state)
    form = page.kind == "Paper" and bool(page.body.rows or page.body.icon) and not page.body.carried
    rows = () if form else trail(TRAIL, _where(state))
    return replace(page, body=replace(page.body, trail=rows)) if rows else page


def _where(state: State) -> str:
    """Return which of them the page belongs to, "" for none; what comes after the filing belongs to the slip."""
    match state.phase:
        case p.Numbering() | p.Waiting() | p.Called() | p.Void():
            return "number"
        case p.Window():
            return "window"
        case p.Desk() | p.PinSetting() | p.PinClosing() if not state.number:
            return "papers"
        case p.Desk() | p.PinSetting() | p.PinClosing():
            return "slip"
        case p.Filing() | p.Trouble() | p.SlipPrinting() | p.Slip() | p.Passed():
            return "slip"
        case _:
            return ""


def _page(terms: Terms, state: State) -> Page:
    phase = state.phase
    match phase:
        case LeavePhase():
            return leaving_page(state.books, phase, terms.rules.take_ms, terms.rules.note_ms)
        case p.Home() | p.Numbering() | p.Waiting() | p.Called() | p.Void() | p.Window():
            return _hall(terms, state, phase)
        case p.Desk() | p.PinSetting() | p.PinClosing() | p.Refused():
            return view_desk(terms, state, phase)
        case p.Met(meeting=meeting):
            return fraud_scenes.page(meeting, terms.rules.page_ms)
        case p.Filing() | p.Trouble() | p.SlipPrinting() | p.Slip() | p.Coming() | p.Passed() | p.Back():
            return _office(terms, state, phase)
        case _:
            assert_never(phase)


# -- the hall ----------------------------------------------------------------------------------------------------------

Hall = p.Home | p.Numbering | p.Waiting | p.Called | p.Void | p.Window


def _hall(terms: Terms, state: State, phase: Hall) -> Page:
    match phase:
        case p.Home():
            keys = tuple(
                Key(f"queue.{queue.id}", "choice", text(f"queue.{queue.id}"), queue.id) for queue in terms.errands.queue
            )
            language = Key("home.language", "choice", text("key.home.language"), icon="language")
            return Page("Menu", "home", text("home.title"), text("home.say"), Body(), (*keys, language))
        case p.Numbering():
            return message("numbering", "numbering.title", (), (), None, icon="wait_slip")
        case p.Waiting():
            return _waiting(terms, state, phase)
        case p.Called(times=times):
            step = "called" if times == 1 else f"called-{times}"
            line = text("called.how", number=queue_number(terms, state), window=terms.profile.window)
            more = (text("called.again", count=times),) if times > 1 else ()
            keys, time_out = (key("call.go", "primary"),), Timer("called", terms.rules.call_ms)
            body = Body(
                (line, *more), _own(terms, state), windows=windows(terms, state, queue_number(terms, state), True)
            )
            return Page("Hall", step, text("called.title"), line, body, keys, time_out)
        case p.Void():
            keys = (BACK, key("void.again", "primary"))
            line = text("void.how", number=queue_number(terms, state), count=terms.rules.calls_most)
            body = Body((line,), _own(terms, state, "warn"), windows=windows(terms, state, _shown(terms, state, -1)))
            return Page("Hall", "void", text("void.title"), None, body, keys, timer(terms, "void"))
        case p.Window(word=word):
            return _window(terms, state, word)


def _own(terms: Terms, state: State, mark: Literal["", "warn"] = "") -> tuple[Row, ...]:
    """Return the row of one's own number."""
    return (Row(text("row.number"), text("plain", what=queue_number(terms, state)), mark),)


def _shown(terms: Terms, state: State, ahead: int) -> str:
    """Return the number that is called while so many people are before one."""
    queue = queue_of(terms, state)
    return f"{queue.letter}{queue.ahead + 10 - ahead:03d}"


def _waiting(terms: Terms, state: State, phase: p.Waiting) -> Page:
    ahead = 1 if phase.soon else queue_of(terms, state).ahead
    rows = (*_own(terms, state), Row(text("row.ahead"), text("people", count=ahead)))
    lines = (text("wait.how" if phase.printed else "wait.no_slip"),)
    keys, time_out = (BACK, key("wait.look", "primary")), Timer("wait", terms.rules.call_ms)
    body = Body(lines, rows, windows=windows(terms, state, _shown(terms, state, ahead + 1)), seated=ahead)
    return Page("Hall", "wait-soon" if phase.soon else "wait", text("wait.title"), None, body, keys, time_out)


def _window(terms: Terms, state: State, word: str) -> Page:
    if terms.profile.ident_first and ident_problem(state):
        return ident(terms, state, word)
    keys = tuple(
        Key(f"menu.{errand}", "choice", text(f"menu.{errand}"), errand) for errand in queue_of(terms, state).errands
    )
    other = key("window.other", "choice")
    return clerk(terms, state, "window", text("window.title"), last_sentence(terms, state, word), (*keys, other, BACK))


# -- the office's side -------------------------------------------------------------------------------------------------

Office = p.Filing | p.Trouble | p.SlipPrinting | p.Slip | p.Coming | p.Passed | p.Back


def _office(terms: Terms, state: State, phase: Office) -> Page:
    match phase:
        case p.Filing():
            page = message("filing", "filing.title", (text("filing.how"),), (), None, icon="wait")
            return replace(page, kind="Hall", body=replace(page.body, windows=window(terms, state)))
        case p.Trouble():
            keys = (key("trouble.again", "primary"),)
            return clerk(terms, state, "trouble", text("trouble.title"), (text("trouble.how"),), keys)
        case p.SlipPrinting():
            return message("slipping", "moving.slip", (), (), None, icon="wait_slip")
        case p.Slip(printed=printed):
            return _slip(terms, state, printed)
        case p.Coming(word=word):
            return _coming(terms, state, word)
        case p.Passed():
            line = text("passed.how", **dict(day_text(state.day).args))
            return clerk(terms, state, "passed", text("passed.title"), (line,), (key("passed.ok", "primary"),))
        case p.Back():
            lines, keys = (text("back.how"),), (key("papers.take", "primary"),)
            rows = tuple(Row(text(f"paper.{one.id}"), None, "next") for one in state.desk)
            page = paper(terms, state, "back", text("back.title"), lines, keys, rows[:5])
            return replace(page, body=replace(page.body, carried=tuple(f"paper_{one.id}" for one in state.desk[:5])))


def _slip(terms: Terms, state: State, printed: bool) -> Page:
    rows = tuple(Row(label, value) for label, value in slip_rows(state))
    later = state.ready > state.day
    lines: tuple[Text, ...] = () if printed else (text("slip.by_hand"),)
    how = (text("slip.later", bring_key=bring_along_text(terms, state)) if later else text("slip.now"),)
    keys = (key("slip.ok", "primary"),)
    page = paper(terms, state, "slip", text("slip.title"), (*lines, *how)[:1], keys, rows, icon="slip_out")
    return replace(page, body=replace(page.body, heading=text("slip.title")))


def _coming(terms: Terms, state: State, word: str) -> Page:
    keys = tuple(Key(f"coming.{n}", "choice", day_text(day), str(day)) for n, day in enumerate(coming_days(state)))
    lines = (text(f"coming.{word or 'how'}"),)
    return Page("Menu", "coming", text("coming.title"), None, Body(lines), (*keys, BACK), timer(terms, "coming"))
