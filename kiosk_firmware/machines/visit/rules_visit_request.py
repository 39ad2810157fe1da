"""Asking for a visit: whom, what they are to one, which paper proves it, when, and once more all of it.

Skins ask for the time first or last. Nothing is judged here but what a form itself can see (nobody chosen, a fourth
one, a time that somebody has): kinship and months are the prison's to decide, and its answer is part of what is
practised.
"""

from __future__ import annotations

from kiosk_firmware.core.effects import PrintDocument
from kiosk_firmware.core.events import AnyEvent, DocumentPrinted, HostAnswered, Tapped, TimerExpired
from kiosk_firmware.core.hosts.visit import VisitRequest, VisitRequested
from kiosk_firmware.machines.visit import phases as p
from kiosk_firmware.machines.visit.documents import acceptance_slip
from kiosk_firmware.machines.visit.state import (
    NOTHING,
    TRIES,
    State,
    Step,
    Terms,
    ask,
    enter_phase,
    leave,
    newcomer,
    no_answer,
    offered_times,
    with_draft,
    with_office_answer,
)


def begin(terms: Terms, state: State) -> Step:
    """Ask the first question, in the skin's order; a person who has nobody to see is told whom to speak to."""
    if not state.visits.family:
        return enter_phase(state, p.Notice("no_family"))
    return enter_phase(state, p.When() if terms.profile.when_first else p.Who())


def on_ask(terms: Terms, state: State, phase: p.Ask, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase, event:
        case p.Requesting(), HostAnswered():
            return _answered(terms, state, phase, event)
        case p.Accepting(), DocumentPrinted(completion=completion):
            return enter_phase(state, p.Notice("asked" if completion == "success" else "asked_no_slip"))
        case p.Requesting() | p.Accepting(), _:
            return state, NOTHING
        case _, TimerExpired():
            return leave(state, "not_done")
        case _, Tapped(key="ask.back"):
            return leave(state)
        case _, Tapped(key=key, value=value):
            return _tapped(terms, state, phase, key, value)
        case _:
            return state, NOTHING


def _tapped(terms: Terms, state: State, phase: p.Ask, key: str, value: str) -> Step:
    match phase:
        case p.Who():
            return _who(terms, state, key, value)
        case p.KinAsked() if key.startswith("kin."):
            return enter_phase(with_draft(state, kin=value), p.Proof())
        case p.Proof() if key.startswith("proof."):
            return _after_people(terms, with_draft(state, paper=value))
        case p.When() if key.startswith("slot."):
            return _when(terms, state, int(value))
        case p.Check() if key == "check.ok":
            return request(state)
        case _:
            return state, NOTHING


def _who(terms: Terms, state: State, key: str, value: str) -> Step:
    people = state.draft.people
    if key == "who.ok":
        if not people:
            return enter_phase(state, p.Who("nobody"))
        return enter_phase(state, p.KinAsked()) if newcomer(state) else _after_people(terms, state)
    if not key.startswith("who."):
        return state, NOTHING
    if value in people:
        return enter_phase(with_draft(state, people=tuple(one for one in people if one != value)), p.Who())
    if len(people) >= terms.rules.people_most:
        return enter_phase(state, p.Who("too_many"))
    order = [one.id for one in state.visits.family if one.id in (*people, value)]
    return enter_phase(with_draft(state, people=tuple(order)), p.Who())


def _after_people(terms: Terms, state: State) -> Step:
    return enter_phase(state, p.Check() if terms.profile.when_first else p.When())


def _when(terms: Terms, state: State, number: int) -> Step:
    slot = offered_times(terms, state)[number - 1]
    if slot in state.visits.taken:
        return enter_phase(state, p.When("taken"))
    return enter_phase(with_draft(state, slot=slot), p.Who() if terms.profile.when_first else p.Check())


def request(state: State, tries: int = 1) -> Step:
    """Hand the draft in; asked again, it is the same request."""
    draft = state.draft
    day, minute = draft.slot or (0, 0)
    paper = next((one for one in state.papers if one.id == draft.paper), None)
    proof, flaw = (paper.kind or paper.id, paper.flaw) if paper else ("", "")
    wanted = VisitRequest(draft.people, day, minute, state.today, draft.kin, proof, flaw)
    return ask(state, p.Requesting(tries), VisitRequested, 1, request=wanted)


def _answered(terms: Terms, state: State, phase: p.Requesting, event: HostAnswered) -> Step:
    if no_answer(event):
        return request(state, phase.tries + 1) if phase.tries < TRIES else enter_phase(state, p.Notice("offline"))
    state = with_office_answer(state, event)
    if event.verdict != "ok":
        return enter_phase(state, p.Notice("open" if event.verdict == "open" else "stranger"))
    printing = PrintDocument("receipt_printer", "accepted", acceptance_slip(terms, state))
    return enter_phase(state, p.Accepting(), printing)
