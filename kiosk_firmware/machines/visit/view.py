"""The visit's pages: one small function a phase, no decision that rules have not taken.

Every page can be left without the strip: by its keys, or by its time-out. Pages that wait for the office or the printer
have neither; they are left by the answer.
"""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from kiosk_firmware.core.pages import Body, Key, Page, Role, Row, Text, Timer, text
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.common_pages import key, leaving_page, message
from kiosk_firmware.kits.return_items import LeavePhase
from kiosk_firmware.machines.visit import phases as p
from kiosk_firmware.machines.visit.documents import day_text, names, time_text
from kiosk_firmware.machines.visit.state import State, Terms, newcomer, offered_times
from kiosk_firmware.machines.visit.view_progress import trail
from kiosk_firmware.machines.visit.view_request_status import view_mine
from kiosk_firmware.machines.visit.view_video_call import view_meet
from kiosk_firmware.visit.domain.decisions import answered_on

MENU: tuple[tuple[str, Role, str], ...] = (
    ("menu.ask", "choice", "person"),
    ("menu.mine", "choice", "clock"),
    ("menu.visit", "choice", "eye"),
    ("home.language", "choice", "language"),
)
KIN = ("parent", "spouse", "child", "sibling", "friend")


def view(terms: Terms, state: State) -> Page:
    """Return the page of the state, with the steps of its errand."""
    page = _page(terms, state)
    steps = trail(terms, state)
    return replace(page, body=replace(page.body, trail=steps)) if steps else page


def _page(terms: Terms, state: State) -> Page:
    phase, rules = state.phase, terms.rules
    if isinstance(phase, LeavePhase):
        return leaving_page(state.books, phase, rules.take_ms, rules.note_ms)
    match phase:
        case p.Home():
            return _home(state)
        case p.Notice(why=why):
            return _notice(terms, state, why)
        case p.Ident(problem=problem):
            body, back = Body((text(f"ident.{problem or 'how'}"),), icon="ident_in"), (key("ident.back", "back"),)
            time_out = Timer("ident", rules.page_ms)
            return Page("Insert", "ident", text("ident.title"), None, body, back, time_out, ("id_reader",))
        case p.Looking() | p.Requesting() | p.Arriving() | p.Undoing():
            return message("waiting", "wait.title", (text("wait.how"),), (), None, icon="wait_answer")
        case p.Accepting() | p.Slipping():
            return message("printing-slip", "moving.printing", (text("wait.how"),), (), None, icon="wait_slip")
        case p.Met(meeting=now):
            return fraud_scenes.page(now, rules.page_ms)
        case p.Looked() | p.UndoTold():
            return view_mine(terms, state, phase)
        case p.Who() | p.KinAsked() | p.Proof() | p.When() | p.Check():
            return _ask(terms, state, phase)
        case p.Pledge() | p.Camera() | p.Sound() | p.Connecting() | p.Talk() | p.Spoken() | p.Closing() | p.Over():
            return view_meet(terms, state, phase)
        case _:
            assert_never(phase)


def _home(state: State) -> Page:
    if {"network_host", "id_reader"} & set(state.books.lost):
        return Page("Message", "home", text("home.closed"), body=Body((text("home.closed_how"),), icon="closed"))
    keys = tuple(Key(name, role, text(f"key.{name}"), icon=icon) for name, role, icon in MENU)
    return Page("Menu", "home", text("home.title"), text("home.say"), Body(), keys)


NOTICE_ICONS = {"asked": "ok", "slip": "ok", "taken_back": "ok", "asked_no_slip": "printer", "no_slip": "printer"}


def _notice(terms: Terms, state: State, why: str) -> Page:
    rules, case = terms.rules, state.visits.case
    args: dict[str, int | str] = {"early": rules.early_min, "late": rules.late_min}
    args |= {"ask_key": "key.menu.ask", "mine_key": "key.menu.mine"}
    if case is not None:
        args |= dict(time_text(case.request.day, case.request.minute).args) | {"number": case.number}
        args |= {f"answer_{name}": what for name, what in day_text(answered_on(rules, case)).args}
    lines = (text(f"notice.{why}.how", **args),)
    icon = NOTICE_ICONS.get(why, "warn")
    ok, time_out = (key("notice.ok", "primary"),), Timer("notice", rules.page_ms)
    return message("notice", f"notice.{why}.title", lines, ok, time_out, icon=icon)


# -- asking ------------------------------------------------------------------------------------------------------------

AskPage = p.Who | p.KinAsked | p.Proof | p.When | p.Check
BACK = key("ask.back", "back")


def _menu(terms: Terms, step: str, title: Text, lines: tuple[Text, ...], keys: tuple[Key, ...]) -> Page:
    return Page("Menu", step, title, None, Body(lines), (*keys, BACK), Timer(step, terms.rules.page_ms))


def _ask(terms: Terms, state: State, phase: AskPage) -> Page:
    match phase:
        case p.Who(problem=problem):
            lines = (text(f"who.{problem or 'how'}", most=terms.rules.people_most, ok_key="key.who.ok"),)
            return _menu(terms, "who", text("who.title"), lines, _people(state))
        case p.KinAsked():
            one = newcomer(state)
            title = text("kin.title", name=one.name if one else "")
            return _menu(
                terms,
                "kin",
                title,
                (),
                tuple(Key(f"kin.{kin}", "choice", text(f"visit_kin.{kin}"), kin) for kin in KIN),
            )
        case p.Proof():
            papers = tuple(
                Key(f"proof.{one.id}", "choice", text(f"visit_paper.{one.id}"), one.id) for one in state.papers
            )
            none = Key("proof.none", "choice", text("key.proof.none"), "none")
            return _menu(terms, "proof", text("proof.title"), (text("proof.how"),), (*papers, none))
        case p.When(problem=problem):
            lines = (text(f"when.{problem or 'how'}", days=terms.rules.answer_days),)
            return _menu(terms, "when", text("when.title"), lines, _times(terms, state))
        case p.Check():
            return _check(terms, state)


def _people(state: State) -> tuple[Key, ...]:
    """Return keys for everybody who may come, ticked where they are chosen; how they stand to one is said below the
    name.
    """
    chosen = state.draft.people
    found = tuple(
        Key(
            f"who.{one.id}",
            "choice",
            text("paper.plain", what=one.name),
            one.id,
            text(f"visit_kin.{one.kin}"),
            "tick" if one.id in chosen else "person",
            state="on" if one.id in chosen else "",
        )
        for one in state.visits.family
    )
    return (*found, Key("who.ok", "primary", text("key.who.ok"), icon="arrow"))


def _times(terms: Terms, state: State) -> tuple[Key, ...]:
    taken = state.visits.taken
    return tuple(
        Key(
            f"slot.{at}",
            "choice",
            time_text(*slot),
            str(at),
            text("when.full" if slot in taken else "when.free"),
            state="off" if slot in taken else "",
        )
        for at, slot in enumerate(offered_times(terms, state), 1)
    )


def _check(terms: Terms, state: State) -> Page:
    draft = state.draft
    day, minute = draft.slot or (0, 0)
    paper = text(f"visit_paper.{draft.paper}") if draft.paper not in ("", "none") else text("check.no_paper")
    proof = (Row(text("row.proof"), paper),) if newcomer(state) else ()
    rows = (
        Row(text("row.people"), text("paper.plain", what=names(state, draft.people))),
        *proof,
        Row(text("row.when"), time_text(day, minute)),
    )
    keys, time_out = (BACK, key("check.ok", "primary")), Timer("check", terms.rules.page_ms)
    return message("check", "check.title", (), keys, time_out, rows=rows)
