"""The desk's rules: one event in, the next state and the effects out.

Books absorb every device fact first; then the phase runs. What is not proven is not charged: when nobody knows whether
a card was written, the cash goes back; a card that then says so itself has been mended for nothing.
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import (
    NO_EFFECTS,
    Document,
    Effects,
    PrintDocument,
    RetainMedia,
    ReturnItems,
    WriteMedia,
)
from kiosk_firmware.core.events import (
    AnyEvent,
    DocumentPrinted,
    ItemsReturned,
    ItemsStored,
    MediaRetained,
    MediaWritten,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.core.pages import text
from kiosk_firmware.kits import cash_intake
from kiosk_firmware.kits.cabinet_ledger import UNREAD, absorb, with_fields
from kiosk_firmware.kits.metro.station_choice import StationChoice, after_event
from kiosk_firmware.kits.return_items import LeavePhase, Undone, on_event, owed_slip, slip
from kiosk_firmware.machines.metro_desk import phases as p
from kiosk_firmware.machines.metro_desk.state import State, Step, Terms, after_leaving, enter_phase, leave
from kiosk_firmware.machines.metro_desk.ticket_judgement import Found, judge_ticket, lost_ticket_price, note

REFUND = "refund"
"""The effect that takes a token back; a card that was left is kept by another."""
ERRANDS: dict[str, p.Errand] = {"menu.out": "out", "menu.in": "in", "menu.refund": "refund"}


def update(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Return the next state and the effects. The same state object means that the event changed nothing."""
    books = absorb(state.books, event)
    if books is not state.books:
        state = msgspec.structs.replace(state, books=books)
    after, effects = _phase(terms, state, event)
    if isinstance(after.phase, Undone):
        after, effects = after_leaving(after, *slip(after.books, after.phase.leave, owed_slip(after.phase)))
    if isinstance(after.phase, p.Home) and _holds(after) and not effects:
        after, effects = leave(after)
    return _stray_note(after, effects)


def _holds(state: State) -> bool:
    books = state.books
    return bool(books.tally or books.tray or books.escrow_fen or books.note_busy) or books.place != "none"


def _stray_note(state: State, effects: Effects) -> Step:
    """Give back a note that nobody decided about, wherever the desk stands."""
    waits = isinstance(state.phase, p.CashPaying | LeavePhase)
    if not state.books.escrow_fen or state.books.note_busy or waits:
        return state, effects
    books = with_fields(state.books, note_busy=True)
    back = ReturnItems("note_acceptor", "return")
    return msgspec.structs.replace(state, books=books), (*effects, back)


def _phase(terms: Terms, state: State, event: AnyEvent) -> Step:
    phase = state.phase
    match phase:
        case LeavePhase():
            return after_leaving(state, *on_event(state.books, phase, event))
        case p.Home():
            return _home(terms, state, event)
        case p.Asked(errand=errand):
            return _asked(terms, state, errand, event)
        case p.Where():
            return _where(terms, state, phase, event)
        case p.Offer(mend=mend):
            return _offer(terms, state, mend, event)
        case p.Notice():
            told = isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == "told.ok")
            return leave(state) if told else (state, NO_EFFECTS)
        case p.CashPaying() | p.Storing():
            return _cash(terms, state, phase, event)
        case p.Writing() | p.Slipping() | p.Refunding():
            return _doing(terms, state, phase, event)
        case _:
            assert_never(phase)


def _home(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="home.language"):
            return enter_phase(state, p.Home(), language="en" if state.language == "zh" else "zh")
        case Tapped(key="menu.lost"):
            return enter_phase(state, p.Offer(lost_ticket_price(terms)))
        case Tapped(key=name) if name in ERRANDS:
            return enter_phase(state, p.Asked(ERRANDS[name]))
        case _:
            return state, NO_EFFECTS


def _asked(terms: Terms, state: State, errand: p.Errand, event: AnyEvent) -> Step:
    if state.books.place == "inside":
        return _looked_at(terms, state, errand)
    if isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == "ask.back"):
        return leave(state)
    return state, NO_EFFECTS


def _looked_at(terms: Terms, state: State, errand: p.Errand, station: str = "") -> Step:
    media = state.books.card
    if media is None or media == UNREAD:
        return enter_phase(state, note(terms, "unread"))
    if media.expires < state.yymm:
        return enter_phase(state, note(terms, "card_old"))
    if (known := state.unproven) is not None and known[:3] == (media.number, media.fen, media.trip):
        return leave(msgspec.structs.replace(state, unproven=None), f"mended_{known[3]}")
    return _offered(terms, state, errand, judge_ticket(terms, errand, media, state.minute, station))


def _offered(terms: Terms, state: State, errand: p.Errand, what: Found) -> Step:
    if what is None:
        return enter_phase(state, p.Where(errand))
    if isinstance(what, p.Mend) and what.why == "refund" and money.make(what.cost_fen, state.books.stock) is None:
        return enter_phase(state, note(terms, "no_money"))
    return enter_phase(state, p.Offer(what) if isinstance(what, p.Mend) else what)


def _where(terms: Terms, state: State, phase: p.Where, event: AnyEvent) -> Step:
    if isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == "ask.back"):
        return leave(state)
    chosen = after_event(phase.choosing, event)
    match chosen:
        case None:
            return state, NO_EFFECTS
        case StationChoice():
            return enter_phase(state, p.Where(phase.errand, chosen))
        case _:
            return _looked_at(terms, state, phase.errand, chosen)


def _offer(terms: Terms, state: State, mend: p.Mend, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="offer.cash"):
            return enter_phase(state, p.CashPaying(mend))
        case Tapped(key="offer.card") if mend.card is not None:
            return _write(state, mend, in_cash=False)
        case Tapped(key="offer.ok") if mend.why == "refund":
            return enter_phase(state, p.Refunding(mend), RetainMedia("card_reader", REFUND))
        case Tapped(key="offer.ok") if not mend.cost_fen:
            return _write(state, mend, in_cash=True)
        case Tapped(key="offer.back") | TimerExpired():
            return leave(state, "canceled")
        case _:
            return state, NO_EFFECTS


# -- cash


def _cash(terms: Terms, state: State, phase: p.CashPaying | p.Storing, event: AnyEvent) -> Step:
    if isinstance(phase, p.Storing):
        if not isinstance(event, ItemsStored | ItemsReturned):
            return state, NO_EFFECTS
        state = msgspec.structs.replace(state, phase=p.CashPaying(phase.mend, phase.refused))
        return _counted(state, phase.mend)
    books = state.books
    if books.escrow_fen and not books.note_busy:
        return _note(terms, state, phase.mend)
    match event:
        case Tapped(key="cash.cancel"):
            return leave(state, "canceled")
        case TimerExpired():
            return leave(state, "timed_out")
        case _:
            return _counted(state, phase.mend)


def _note(terms: Terms, state: State, mend: p.Mend) -> Step:
    books, fen = state.books, state.books.escrow_fen
    refused = cash_intake.refusal(books, fen, terms.rules.load_notes_fen, terms.rules.cash_notes)
    if not refused and not cash_intake.changeable(books, fen, mend.cost_fen):
        refused = "change"
    books, effects = cash_intake.decide_escrow(books, refused)
    return enter_phase(state, p.Storing(mend, refused), *effects, books=books)


def _counted(state: State, mend: p.Mend) -> Step:
    """Go on when enough is in: the card is written, or the slip for a lost ticket printed."""
    if cash_intake.missing_fen(state.books, mend.cost_fen):
        return state, NO_EFFECTS
    if cash_intake.change(state.books, mend.cost_fen) is None:
        return leave(state, "no_change")
    if not mend.number:
        rows = ((text("row.lost"), text("amount", x_fen=mend.cost_fen)),)
        foot = (text("slip.let_out.how"), text("slip.practice"))
        document = Document("receipt", text("slip.let_out.title"), rows, foot)
        return enter_phase(state, p.Slipping(mend), PrintDocument("receipt_printer", "let_out", document))
    return _write(state, mend, in_cash=True)


def _write(state: State, mend: p.Mend, in_cash: bool) -> Step:
    phase = p.Writing(mend, in_cash)
    write = WriteMedia("card_reader", "write", mend.number, *_record(phase))
    return enter_phase(state, phase, write, unproven=None)


def _record(phase: p.Writing) -> tuple[int, str]:
    """Balance and trip that the write is to leave on the card."""
    return phase.mend.cash if phase.in_cash or phase.mend.card is None else phase.mend.card


# -- what was promised


def _doing(terms: Terms, state: State, phase: p.Writing | p.Slipping | p.Refunding, event: AnyEvent) -> Step:
    match phase, event:
        case p.Writing(), MediaWritten(completion="success"):
            return _paid(state, phase.mend if phase.in_cash else None, f"mended_{phase.mend.why}")
        case p.Writing(mend=mend), MediaWritten(completion="unknown"):
            number, record = mend.number, _record(phase)
            return leave(msgspec.structs.replace(state, unproven=(number, *record, mend.why)), "again")
        case p.Writing(), MediaWritten():
            return leave(state, "not_written")
        case p.Slipping(), DocumentPrinted():
            printed = event.completion == "success"
            return _paid(state, phase.mend, "let_out" if printed else "let_out_told")
        case p.Refunding(), MediaRetained(completion="success"):
            over_fen = phase.mend.cost_fen + money.total(state.books.tally)  # a token may have fallen in meanwhile
            return leave(state, "refunded", due=money.make(over_fen, state.books.stock) or money.NONE)
        case p.Refunding(), MediaRetained():
            return leave(state, "not_written")
        case _:
            return state, NO_EFFECTS


def _paid(state: State, mend: p.Mend | None, why: str) -> Step:
    """Keep the cash that was asked for, and give back what is over."""
    if mend is None:
        return leave(state, why)
    change = cash_intake.change(state.books, mend.cost_fen) or money.NONE
    return leave(msgspec.structs.replace(state, books=with_fields(state.books, tally=change)), why)
