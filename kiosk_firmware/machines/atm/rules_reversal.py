"""Making the account whole: what the bank booked and the person does not have is reversed; what the person gave and the
machine keeps is credited. Asked again up to three times; if even that fails, a slip says what is owed.
"""

from __future__ import annotations

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, HostAnswered
from kiosk_firmware.core.hosts.bank import DepositAsked, ReversalAsked
from kiosk_firmware.kits.return_items import Leave, Undone, later, slip
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm.state import State, Step, Terms, ask, landed, leave, left, next_id

TRIES = 3


def reverse(state: State, of: int, what: Leave, kind: str, fen: int = 0, tries: int = 1) -> Step:
    """Tell the bank to undo ask `of`, then go on leaving. `fen`: only so much of it, where the rest came out."""
    return ask(state, p.Reversing(of, what, kind, fen, tries), ReversalAsked(state.number, 0, of, fen))


def credit(state: State, fen: int, what: Leave, kind: str, tries: int = 1) -> Step:
    """Tell the bank to book as a deposit what stayed inside."""
    return ask(state, p.Crediting(fen, what, kind, tries), DepositAsked(state.number, next_id(state), fen))


def settle(terms: Terms, state: State, undone: Undone) -> Step:
    """Cash did not reach the person: undo its booking, or credit it where it was theirs to begin with. Where nobody
    knows whether it did, a slip leaves it to the bank's count.
    """
    if undone.kind == "doubt":
        return landed(terms, state, *slip(state.books, undone.leave, "doubt"))
    if undone.leave.booking:
        part = 0 if undone.whole else undone.fen
        return reverse(state, undone.leave.booking, later(undone.leave, booking=0), undone.kind, part)
    if state.number:
        return credit(state, undone.fen, undone.leave, undone.kind)
    return landed(terms, state, *slip(state.books, undone.leave, "kept_inside"))


def on_settling(terms: Terms, state: State, phase: p.Settling, event: AnyEvent) -> Step:
    """The bank's answer, and nothing else, leads on."""
    if not isinstance(event, HostAnswered):
        return state, NO_EFFECTS
    done = event.completion == "success" and event.verdict == "ok"
    if isinstance(phase, p.Crediting) and (phase.undoing or not done):
        return _credit_again(terms, state, phase, done)
    if not done and phase.tries < TRIES:
        return _reverse_again(state, phase)
    return _settled(terms, state, phase.leave, phase.kind if done else "owed")


def _settled(terms: Terms, state: State, what: Leave, kind: str) -> Step:
    if kind:
        return landed(terms, state, *slip(state.books, what, kind))
    return leave(terms, state, what.why) if state.books.tally else left(terms, state, what)


def _reverse_again(state: State, phase: p.Settling) -> Step:
    assert isinstance(phase, p.Reversing)
    return reverse(state, phase.of, phase.leave, phase.kind, phase.fen, phase.tries + 1)


def _credit_again(terms: Terms, state: State, phase: p.Crediting, done: bool) -> Step:
    """An unanswered credit may have been booked: it is undone first, and credited anew after that."""
    if phase.tries >= TRIES:
        return _settled(terms, state, phase.leave, "owed")
    if phase.undoing and done:
        return credit(state, phase.fen, phase.leave, phase.kind, phase.tries)
    undo = p.Crediting(phase.fen, phase.leave, phase.kind, phase.tries + 1, undoing=True)
    return ask(state, undo, ReversalAsked(state.number, 0, state.ask_id))
