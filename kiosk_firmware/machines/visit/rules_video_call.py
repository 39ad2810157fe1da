"""The visit itself: signing in, the undertaking page by page, camera and sound, the waiting room, the conversation.

Without the signature nobody is connected. In the conversation a breach that can be a slip of the tongue is warned of
once; the second, and what is none, ends it. Time goes on by itself where nobody says anything. How it ended is told to
the office, up to three times.
"""

from __future__ import annotations

from kiosk_firmware.core.events import AnyEvent, HostAnswered, Tapped, TimerExpired
from kiosk_firmware.core.hosts.visit import VisitArrived, VisitConnected, VisitEnded
from kiosk_firmware.machines.visit import phases as p
from kiosk_firmware.machines.visit.conversation import MOMENTS, answer_meaning, breach_of, cut_by
from kiosk_firmware.machines.visit.state import (
    NOTHING,
    TRIES,
    State,
    Step,
    Terms,
    ask,
    enter_phase,
    leave,
    no_answer,
    with_office_answer,
)

PLEDGES = 4
"""Pages of the undertaking: telephone and recording, language, words, and what follows; the last one is signed."""


def arrive(state: State, tries: int = 1) -> Step:
    """Sign in at the office."""
    return ask(state, p.Arriving(tries), VisitArrived, 3)


def connect(state: State, tries: int = 1) -> Step:
    """Go into the waiting room, to be connected."""
    return ask(state, p.Connecting(tries), VisitConnected, 4, signed=state.signed)


def close(state: State, breach: str = "", early: bool = False, tries: int = 1) -> Step:
    """Tell the office how it ended."""
    return ask(state, p.Closing(breach, early, tries), VisitEnded, 5, breach=breach)


def on_meet(terms: Terms, state: State, phase: object, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.Arriving() | p.Connecting() | p.Closing():
            return _answered(state, phase, event) if isinstance(event, HostAnswered) else (state, NOTHING)
        case p.Pledge(at=at):
            return _pledge(state, at, event)
        case p.Camera() | p.Sound():
            return _checked(state, phase, event)
        case p.Talk():
            return _talk(state, phase, event)
        case p.Spoken():
            return _spoken(state, phase, event)
        case p.Over(breach=breach):
            read = isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == "over.ok")
            return leave(state, "stopped" if breach else "ended") if read else (state, NOTHING)
        case _:
            return state, NOTHING


Asking = p.Arriving | p.Connecting | p.Closing


def _answered(state: State, phase: Asking, event: HostAnswered) -> Step:
    if no_answer(event):
        return _again(state, phase)
    state = with_office_answer(state, event)
    match phase:
        case p.Arriving():
            return enter_phase(state, p.Pledge() if event.verdict == "ok" else p.Notice(f"arrive_{event.verdict}"))
        case p.Connecting():
            return enter_phase(state, p.Talk() if event.verdict == "ok" else p.Notice("line_cut"))
        case p.Closing(breach=breach):
            return enter_phase(state, p.Over(breach))


def _again(state: State, phase: Asking) -> Step:
    """Try again, three times; then one is told honestly."""
    tries = phase.tries + 1
    match phase:
        case p.Arriving():
            return arrive(state, tries) if tries <= TRIES else enter_phase(state, p.Notice("offline"))
        case p.Connecting():
            return connect(state, tries) if tries <= TRIES else enter_phase(state, p.Notice("line_cut"))
        case p.Closing():
            return (
                close(state, phase.breach, phase.early, tries)
                if tries <= TRIES
                else enter_phase(state, p.Notice("unclosed"))
            )


def _pledge(state: State, at: int, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="pledge.next") if at + 1 < PLEDGES:
            return enter_phase(state, p.Pledge(at + 1))
        case Tapped(key="pledge.sign") if at + 1 == PLEDGES:
            return enter_phase(state, p.Camera(), signed=True)
        case Tapped(key="pledge.no"):
            return enter_phase(state, p.Notice("unsigned"))
        case TimerExpired():
            return leave(state, "not_done")
        case _:
            return state, NOTHING


def _checked(state: State, phase: p.Camera | p.Sound, event: AnyEvent) -> Step:
    kind: type[p.Camera] | type[p.Sound] = type(phase)
    match event:
        case Tapped(key="check.yes"):
            return enter_phase(state, p.Sound()) if isinstance(phase, p.Camera) else connect(state)
        case Tapped(key="check.no") if not phase.bad:
            return enter_phase(state, kind(True))
        case Tapped(key="check.again") if phase.bad:
            return enter_phase(state, kind())
        case TimerExpired():
            return leave(state, "not_done")
        case _:
            return state, NOTHING


def _talk(state: State, phase: p.Talk, event: AnyEvent) -> Step:
    if isinstance(event, TimerExpired):
        return _onwards(state, phase.at, phase.warned)
    if not isinstance(event, Tapped):
        return state, NOTHING
    if event.key == "talk.end":
        return close(state, early=True)
    meant = answer_meaning(phase.at, event.key)
    if meant is None:
        return state, NOTHING
    if meant == "":
        return _onwards(state, phase.at, phase.warned)
    breach = breach_of(meant)
    if breach is None:
        return enter_phase(state, p.Spoken(phase.at, phase.warned, event.key.removeprefix("say.")))
    if cut_by(breach, phase.warned):
        return close(state, breach)
    return enter_phase(state, p.Spoken(phase.at, phase.warned + 1, breach))


def _onwards(state: State, at: int, warned: int) -> Step:
    """Go on to the next moment; after the last one the time is over."""
    return enter_phase(state, p.Talk(at + 1, warned)) if at + 1 < len(MOMENTS) else close(state)


def _spoken(state: State, phase: p.Spoken, event: AnyEvent) -> Step:
    if not (isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == "spoken.ok")):
        return state, NOTHING
    return enter_phase(state, p.Talk(phase.at, phase.warned))
