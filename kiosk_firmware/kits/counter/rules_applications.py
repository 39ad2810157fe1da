"""File applications and give out what they brought: filing, the acceptance slip, coming again on the right day, and the
papers back.

The computer may not answer; the clerk tries once more under the same id, so nothing is filed, and no fee taken, twice.
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS, AskHost, Document, PrintDocument
from kiosk_firmware.core.events import AnyEvent, DocumentPrinted, HostAnswered, Tapped, TimerExpired
from kiosk_firmware.core.hosts.counter import CollectAsked, FileAsked
from kiosk_firmware.core.pages import Text, text
from kiosk_firmware.core.persona import BagDocument
from kiosk_firmware.kits.counter import errands as e
from kiosk_firmware.kits.counter import phases as p
from kiosk_firmware.kits.counter.back_office import SLIP, asked_days, book_answer, hand_out_papers, known_after
from kiosk_firmware.kits.counter.state import (
    UNANSWERED,
    State,
    Step,
    Terms,
    day_text,
    enter_phase,
    errand_of,
    finish,
    leave,
    step_of,
)

TRIES = 3
Filed = p.Filing | p.Trouble | p.SlipPrinting | p.Slip | p.Coming | p.Passed | p.Back


def file(terms: Terms, state: State, step: e.File, tries: int = 1) -> Step:
    """Ask the clerk to enter the application."""
    ready = state.day + (terms.figure(step.days) if step.days else 0)
    keeps = tuple(paper.id for paper in state.desk if any(paper.is_a(kind) for kind in step.keeps))
    ask = FileAsked(
        state.errand,
        1,
        day=state.day,
        ready=ready,
        keeps=keeps,
        fee_fen=state.fee_fen,
        gives=step.gives,
        adds=step.adds,
        drops=step.drops,
        answers=state.answers,
        card=step.card,
    )
    return enter_phase(state, p.Filing(tries), AskHost("network_host", "office", ask))


def collect(state: State, step: e.Collect, tries: int = 1) -> Step:
    """Ask the clerk whether it is ready, and fetch it."""
    ask = CollectAsked(
        state.errand,
        2,
        number=state.number,
        day=state.day,
        gives=step.gives,
        adds=step.adds,
        drops=step.drops,
        card=step.card,
    )
    return enter_phase(state, p.Filing(tries), AskHost("network_host", "office", ask))


def on_file(terms: Terms, state: State, phase: Filed, event: AnyEvent) -> tuple[Step, bool]:
    """Take one event in a phase of this file; return too whether its step is done."""
    match phase:
        case p.Filing():
            return (
                _entered(terms, state, phase, event)
                if isinstance(event, HostAnswered)
                else ((state, NO_EFFECTS), False)
            )
        case p.Slip():
            return (state, NO_EFFECTS), _left(event, "slip.ok")
        case p.Passed():
            return (state, NO_EFFECTS), _left(event, "passed.ok")
        case p.Trouble():
            again = _left(event, "trouble.again")
            return (_again(terms, state, phase.tries + 1) if again else (state, NO_EFFECTS)), False
        case p.SlipPrinting():
            if not isinstance(event, DocumentPrinted):
                return (state, NO_EFFECTS), False
            return enter_phase(state, p.Slip(event.completion == "success")), False
        case p.Coming():
            return _coming(state, event), False
        case p.Back():
            return _back(terms, state, phase, event)
        case _:
            assert_never(phase)


def _left(event: AnyEvent, key: str) -> bool:
    """Return whether the page is left by its key or its time-out."""
    return isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == key)


def _again(terms: Terms, state: State, tries: int) -> Step:
    step = step_of(terms, state)
    if isinstance(step, e.File):
        return file(terms, state, step, tries)
    return collect(state, step, tries) if isinstance(step, e.Collect) else finish(state, "no_system")


def _entered(terms: Terms, state: State, phase: p.Filing, event: HostAnswered) -> tuple[Step, bool]:
    if event.completion != "success":
        return (enter_phase(state, p.Trouble(phase.tries)) if phase.tries < TRIES else finish(state, UNANSWERED)), False
    if event.verdict != "ok":
        return enter_phase(state, p.Refused(f"office_{event.verdict}")), False
    if isinstance(event.ask, CollectAsked):
        return (_given(state, event.ask), NO_EFFECTS), True
    return (_filed(terms, state, event.ask) if isinstance(event.ask, FileAsked) else (state, NO_EFFECTS)), False


def _filed(terms: Terms, state: State, ask: FileAsked) -> Step:
    kept = tuple(paper for paper in state.desk if paper.id in ask.keeps)
    desk = tuple(paper for paper in state.desk if paper not in kept)
    filed = msgspec.structs.replace(
        state,
        desk=desk,
        kept=kept,
        bag=hand_out_papers(state.bag, ask),
        purse_fen=state.purse_fen - ask.fee_fen,
        records=known_after(state.records, ask.adds, ask.drops),
        number=ask.number,
        ready=ask.ready,
        filings=book_answer(state.filings, ask),
    )
    rows = (*slip_rows(filed), *_bring_row(terms, filed))
    document = Document("accepted", text("slip.title"), rows, (text("slip.ask"), text("slip.practice")))
    return enter_phase(filed, p.SlipPrinting(), PrintDocument("receipt_printer", "accepted", document))


def _given(state: State, ask: CollectAsked) -> State:
    """Return what was kept and what was made; the slip stays with the office."""
    desk = tuple(paper for paper in state.desk if paper.id != SLIP)
    bag = tuple(paper for paper in state.bag if paper.id != SLIP)
    return msgspec.structs.replace(
        state,
        desk=desk,
        kept=(),
        bag=(*bag, *state.kept, *(BagDocument(name) for name in ask.gives)),
        records=known_after(state.records, ask.adds, ask.drops),
        filings=book_answer(state.filings, ask),
    )


def slip_rows(state: State) -> tuple[tuple[Text, Text], ...]:
    """Return what stands on the slip: number, business, day, what was paid and what was kept."""
    rows: list[tuple[Text, Text]] = [
        (text("row.accepted"), text("plain", what=state.number)),
        (text("row.business"), text(f"menu.{state.errand}")),
    ]
    if state.ready > state.day:
        rows.append((text("row.ready"), day_text(state.ready)))
    if state.fee_fen:
        rows.append((text("row.fee"), text("amount", x_fen=state.fee_fen)))
    rows += [(text("row.kept"), text(f"paper.{paper.id}")) for paper in state.kept[:2]]
    return tuple(rows)


def _bring_row(terms: Terms, state: State) -> tuple[tuple[Text, Text], ...]:
    """Return what one brings on the day of the slip; nothing where all is done."""
    return ((text("row.bring"), text(bring_along_text(terms, state))),) if state.ready > state.day else ()


def bring_along_text(terms: Terms, state: State) -> str:
    """Return the text's key of what the window will ask for on the day of the slip."""
    steps = [one for one in errand_of(terms, state).steps if one.applies(state.records, state.answers)]
    day = next((at for at, one in enumerate(steps) if isinstance(one, e.Later)), len(steps))
    return "bring.slip_ident" if any(isinstance(one, e.Ident) for one in steps[day:]) else "bring.slip"


# -- another day -------------------------------------------------------------------------------------------------------


def _coming(state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key=key, value=value) if key.startswith("coming.") and value.isdigit():
            day = int(value)
            if day == state.ready:
                return enter_phase(state, p.Passed(), day=day)
            return enter_phase(state, p.Coming("early" if day < state.ready else "late"))
        case Tapped(key="desk.leave") | TimerExpired():
            return leave(state, "come_again")
        case _:
            return state, NO_EFFECTS


def coming_days(state: State) -> tuple[int, ...]:
    """Return three days to choose from; the right one's place is another one for each slip."""
    return asked_days(state.day, state.ready)


def _back(terms: Terms, state: State, phase: p.Back, event: AnyEvent) -> tuple[Step, bool]:
    """Take the papers back, or have the clerk bring them after the person; return too whether the step is done with
    that.
    """
    if not _left(event, "papers.take"):
        return (state, NO_EFFECTS), False
    again = msgspec.structs.replace(state, bag=(*state.bag, *state.desk), desk=())
    if not phase.then or not isinstance(event, Tapped):
        return leave(again, phase.why), False
    if isinstance(step_of(terms, state), e.Home):
        return (again, NO_EFFECTS), True
    return enter_phase(again, p.Coming()), False
