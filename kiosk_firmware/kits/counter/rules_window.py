"""At the window: the steps of an errand, one after the other.

A wrong paper, a wrong answer, a field with a slip in it: the clerk says what is wrong and asks again. Only what really
cannot be is refused, with the reason and, for who asks, the way on.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS, Cancel, ReadPin
from kiosk_firmware.core.events import (
    AnyEvent,
    MediaInserted,
    MediaInvalid,
    PinEntered,
    PinKeyPressed,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.kits.counter import errands as e
from kiosk_firmware.kits.counter import phases as p
from kiosk_firmware.kits.counter.rules_applications import collect, file
from kiosk_firmware.kits.counter.rules_form import on_form
from kiosk_firmware.kits.counter.state import State, Step, Terms, enter_phase, errand_of, finish, step_of

At = p.Desk | p.PinSetting | p.PinClosing | p.Refused


def on_desk(terms: Terms, state: State, phase: At, event: AnyEvent) -> Step:
    """Take one event at the window."""
    match phase:
        case p.Refused():
            return _refused(state, phase, event)
        case p.PinSetting():
            return _pin(terms, state, phase, event)
        case p.PinClosing():
            return finish(state, "canceled") if isinstance(event, PinEntered) else (state, NO_EFFECTS)
        case p.Desk():
            return _desk(terms, state, phase, event)


def enter(terms: Terms, state: State) -> Step:
    """Come to the step `State.at`, or to the next one that is to be taken."""
    steps = errand_of(terms, state).steps
    while state.at < len(steps) and not steps[state.at].applies(state.records, state.answers):
        state = msgspec.structs.replace(state, at=state.at + 1)
    if state.at >= len(steps):
        return finish(state, "done")
    match step := steps[state.at]:
        case e.Ident() if not ident_problem(state):
            return onward(terms, state)
        case e.Refuse(why=why):
            return enter_phase(state, p.Refused(why))
        case e.Judge(by=by):
            why = terms.judges[by](terms.rules, state)
            return enter_phase(state, p.Refused(why)) if why else onward(terms, state)
        case e.File():
            return file(terms, state, step)
        case e.Collect():
            return collect(state, step)
        case e.Fee(fen=fen) if not terms.figure(fen):
            return onward(terms, state)
        case e.Home():
            return enter_phase(state, p.Back(then=True)) if state.desk else onward(terms, state)
        case e.Later():
            return enter_phase(state, p.Back(then=True) if state.desk else p.Coming())
        case e.Pin():
            return _choose(state, step, "")
        case _:
            return enter_phase(state, p.Desk())


def onward(terms: Terms, state: State) -> Step:
    """Go on to the next step."""
    return enter(terms, msgspec.structs.replace(state, at=state.at + 1))


def _desk(terms: Terms, state: State, phase: p.Desk, event: AnyEvent) -> Step:
    step = step_of(terms, state)
    if isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == "desk.leave"):
        gone = "canceled" if isinstance(event, Tapped) else "timed_out"
        return finish(state, "come_again" if state.number else gone)
    match step:
        case e.Ident():
            return _ident(terms, state, event)
        case e.Form():
            done, on = on_form(terms, state, phase, step, event)
            return onward(terms, done[0]) if on else done
        case e.Paper() if isinstance(event, Tapped):
            return _paper(terms, state, step, event)
        case e.Ask() if isinstance(event, Tapped):
            return _answered(terms, state, step, event)
        case e.Photo() if isinstance(event, Tapped):
            return _photo(terms, state, phase, step, event)
        case e.Sign() if isinstance(event, Tapped):
            return _sign(terms, state, phase, event)
        case e.Fee() if isinstance(event, Tapped) and event.key == "fee.pay":
            return _fee(terms, state, step)
        case e.Tell() if isinstance(event, Tapped) and event.key == "tell.ok":
            return onward(terms, state)
        case _:
            return state, NO_EFFECTS


# -- who one is, and what one has --------------------------------------------------------------------------------------


def ident_problem(state: State) -> str:
    """Return what is wrong with the ID card on the reader, as a word: "none", "unreadable", "not_yours", "expired" or
    "". One that was handed over was looked at.
    """
    ident = state.books.ident
    if state.handed:
        return ""
    if ident is None:
        return "none"
    if not ident.number:
        return "unreadable"
    return "not_yours" if ident.number != state.owner else "expired" if ident.expires < state.yymm else ""


def tried_ident(state: State, phase: Callable[[str], p.Window | p.Desk], event: AnyEvent) -> Step:
    """Take a card on the reader, or in the hand where there is no reader, or none. `phase`: what asks again, with the
    clerk's word.
    """
    match event:
        case MediaInserted(at="id_reader") | MediaInvalid(at="id_reader"):
            return _looked_at(state, phase)
        case Tapped(key="ident.hand") if state.until:
            old = state.until < state.yymm
            return enter_phase(state, p.Refused("id_expired")) if old else enter_phase(state, phase(""), handed=True)
        case Tapped(key="ident.hand" | "ident.none"):
            return enter_phase(state, p.Refused("no_id"))
        case Tapped(key="desk.leave") | TimerExpired():
            return finish(state, "canceled")
        case _:
            return state, NO_EFFECTS


def _looked_at(state: State, phase: Callable[[str], p.Window | p.Desk]) -> Step:
    problem = ident_problem(state)
    if problem == "expired":
        return enter_phase(state, p.Refused("id_expired"))
    return enter_phase(state, phase(problem))


def _ident(terms: Terms, state: State, event: AnyEvent) -> Step:
    after, effects = tried_ident(state, p.Desk, event)
    return onward(terms, after) if after.phase == p.Desk() and after.phase is not state.phase else (after, effects)


def _paper(terms: Terms, state: State, step: e.Paper, event: Tapped) -> Step:
    if event.key == "papers.none":
        return _none(terms, state, step)
    found = next((paper for paper in state.bag if event.key == f"paper.{paper.id}"), None)
    if found is None:
        return state, NO_EFFECTS
    bag = tuple(paper for paper in state.bag if paper is not found)
    laid = msgspec.structs.replace(state, bag=bag, desk=(*state.desk, found))
    if not any(found.is_a(kind) for kind in step.papers):
        return enter_phase(laid, p.Desk("wrong_paper"))
    return enter_phase(laid, p.Desk(f"flaw.{found.flaw}")) if found.flaw else onward(terms, laid)


def _none(terms: Terms, state: State, step: e.Paper) -> Step:
    """Ask whoever has it after all to look once more; otherwise it is no shame, and there is a way."""
    if any(paper.is_a(kind) and not paper.flaw for paper in state.bag for kind in step.papers):
        return enter_phase(state, p.Desk("look_again"))
    return onward(terms, state) if step.optional else enter_phase(state, p.Refused(step.missing or "no_paper"))


# -- what one says -----------------------------------------------------------------------------------------------------


def _answered(terms: Terms, state: State, step: e.Ask, event: Tapped) -> Step:
    area, _, option = event.key.partition(".")
    if area != step.name or option not in step.options:
        return state, NO_EFFECTS
    if option in step.explain:
        return enter_phase(state, p.Desk(f"explain.{step.explain[option]}"))
    answers = tuple(sorted({**dict(state.answers), step.name: option}.items()))
    said = msgspec.structs.replace(state, answers=answers)
    return enter_phase(said, p.Refused(step.refuse[option])) if option in step.refuse else onward(terms, said)


def _photo(terms: Terms, state: State, phase: p.Desk, step: e.Photo, event: Tapped) -> Step:
    """Tell what hides the face or the shoulders, and let it be put right."""
    needs = step.needs(state.records)
    missing = next((one for one in needs if one not in phase.put), "")
    what = event.key.removeprefix("photo.")
    if event.key == "photo.shoot":
        return enter_phase(state, p.Desk(f"photo.{missing}", put=phase.put)) if missing else onward(terms, state)
    if what not in needs or what in phase.put:
        return state, NO_EFFECTS
    return enter_phase(state, p.Desk(put=tuple(sorted((*phase.put, what)))))


def _sign(terms: Terms, state: State, phase: p.Desk, event: Tapped) -> Step:
    match event.key:
        case "sign.here" | "sign.clear":
            signed = event.key == "sign.here"
            return (state, NO_EFFECTS) if signed == phase.signed else enter_phase(state, p.Desk(signed=signed))
        case "sign.ok" if phase.signed:
            return onward(terms, state)
        case "sign.ok":
            return enter_phase(state, p.Desk("unsigned"))
        case _:
            return state, NO_EFFECTS


def _fee(terms: Terms, state: State, step: e.Fee) -> Step:
    fee = state.fee_fen + terms.figure(step.fen)
    if fee > state.purse_fen:
        return enter_phase(state, p.Refused("no_money"))
    return onward(terms, msgspec.structs.replace(state, fee_fen=fee))


def _refused(state: State, phase: p.Refused, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="refused.way") if not phase.way:
            return enter_phase(state, p.Refused(phase.why, way=True))
        case Tapped(key="refused.ok") | TimerExpired():
            return finish(state, "refused")
        case _:
            return state, NO_EFFECTS


# -- a new PIN ---------------------------------------------------------------------------------------------------------


def _choose(state: State, step: e.Pin, problem: str) -> Step:
    return enter_phase(state, p.PinSetting(problem=problem), ReadPin("pin_pad", "pin", _number(state, step), "choose"))


def _number(state: State, step: e.Pin) -> str:
    return state.card if step.own and state.card else step.card


def _pin(terms: Terms, state: State, phase: p.PinSetting, event: AnyEvent) -> Step:
    match event:
        case PinKeyPressed(count=count):
            return enter_phase(state, msgspec.structs.replace(phase, digits=count))
        case Tapped(key="desk.leave") | TimerExpired():
            return enter_phase(state, p.PinClosing(), Cancel("pin_pad", "pin"))
        case PinEntered():
            return _chosen(terms, state, phase, event)
        case _:
            return state, NO_EFFECTS


def _chosen(terms: Terms, state: State, phase: p.PinSetting, event: PinEntered) -> Step:
    step = step_of(terms, state)
    if not isinstance(step, e.Pin):
        return state, NO_EFFECTS
    match event.verdict:
        case "right" if phase.again:
            return onward(terms, state)
        case "right":
            return enter_phase(
                state, p.PinSetting(again=True), ReadPin("pin_pad", "pin", _number(state, step), "repeat")
            )
        case "none" if event.completion != "unknown":
            return finish(state, "no_pad" if event.completion == "hardwareError" else "canceled")
        case verdict:
            return _choose(state, step, verdict if verdict in ("weak", "short", "mismatch") else "")
