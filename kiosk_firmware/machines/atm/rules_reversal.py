"""Making the account whole: what the bank booked and the person does not have is reversed; what the person gave and the
machine keeps is credited. Asked again up to three times; if even that fails, a slip says what is owed. A deposit that
may be booked stays inside then: given back, it would be the person's twice.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, HostAnswered
from kiosk_firmware.core.hosts.bank import CARDLESS, DepositAsked, ReversalAsked
from kiosk_firmware.kits.cabinet_ledger import with_fields
from kiosk_firmware.kits.return_items import Leave, Undone, later, slip
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm.state import State, Step, Terms, after_leaving, ask, continue_leaving, leave, next_id

TRIES = 3


def reverse(state: State, of: int, what: Leave, kind: str, fen: int = 0) -> Step:
    """Tell the bank to undo ask `of`, then go on leaving. `fen`: only so much of it, where the rest came out."""
    return _reversing(state, p.Reversing(of, what, kind, fen))


def undo_deposit(state: State, of: int, fen: int) -> Step:
    """Tell the bank to undo a deposit that it may have booked; the cash goes back once it says so."""
    return _reversing(state, p.Reversing(of, Leave(card_first=False, why="not_booked"), "", deposit_fen=fen))


def _reversing(state: State, phase: p.Reversing) -> Step:
    return ask(state, phase, ReversalAsked(state.number or CARDLESS, 0, phase.of, phase.fen))


def rest(tally: money.Items, fen: int) -> money.Items:
    """Keep for the person what fell in after the sum was confirmed: a part of the tally worth the difference."""
    return money.make(money.total(tally) - fen, tuple(reversed(tally))) or money.NONE


def credit(state: State, fen: int, what: Leave, kind: str, tries: int = 1) -> Step:
    """Tell the bank to book as a deposit what stayed inside."""
    return ask(state, p.Crediting(fen, what, kind, tries), DepositAsked(state.number, next_id(state), fen, kept=True))


def settle(terms: Terms, state: State, undone: Undone) -> Step:
    """Settle cash that did not reach the person: undo its booking, or credit it where it was theirs to begin with.
    Where nobody knows whether it did, a slip leaves it to the bank's count.
    """
    if undone.kind == "doubt":
        return after_leaving(terms, state, *slip(state.books, undone.leave, "doubt"))
    if undone.leave.booking:
        part = 0 if undone.whole else undone.fen
        return reverse(state, undone.leave.booking, later(undone.leave, booking=0), undone.kind, part)
    if state.number:
        return credit(state, undone.fen, undone.leave, undone.kind)
    return after_leaving(terms, state, *slip(state.books, undone.leave, "kept_inside"))


def on_settling(terms: Terms, state: State, phase: p.Settling, event: AnyEvent) -> Step:
    """Go on with the bank's answer, and with nothing else."""
    if not isinstance(event, HostAnswered):
        return state, NO_EFFECTS
    done = event.completion == "success" and event.verdict == "ok"
    if isinstance(phase, p.Crediting) and (phase.undoing or not done):
        return _credit_again(terms, state, phase, done)
    if done or isinstance(phase, p.Crediting):
        return _settled(terms, state, phase.leave, phase.kind)
    if phase.tries < TRIES:
        return _reversing(state, msgspec.structs.replace(phase, tries=phase.tries + 1))
    return _unanswered(terms, state, phase)


def _settled(terms: Terms, state: State, what: Leave, kind: str) -> Step:
    if kind:
        return after_leaving(terms, state, *slip(state.books, what, kind))
    return leave(terms, state, what.why) if state.books.tally else continue_leaving(terms, state, what)


def _unanswered(terms: Terms, state: State, phase: p.Reversing) -> Step:
    """Go on without an answer: the bank never said that it is undone."""
    what = later(phase.leave, why="owed")
    if not phase.deposit_fen:
        return _settled(terms, state, what, "owed")
    back = rest(state.books.tally, phase.deposit_fen)
    kept = msgspec.structs.replace(state, books=with_fields(state.books, tally=money.NONE))
    return _settled(terms, kept, later(what, due=back), "deposit_open")


def _credit_again(terms: Terms, state: State, phase: p.Crediting, done: bool) -> Step:
    """Undo an unanswered credit, which may have been booked, before it is credited anew."""
    if phase.tries >= TRIES:
        return _settled(terms, state, later(phase.leave, why="owed"), "owed")
    if phase.undoing and done:
        return credit(state, phase.fen, phase.leave, phase.kind, phase.tries)
    undo = p.Crediting(phase.fen, phase.leave, phase.kind, phase.tries + 1, undoing=True)
    return ask(state, undo, ReversalAsked(state.number, 0, state.ask_id))
