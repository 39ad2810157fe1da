"""Leaving: how every machine with a card slot and a tray gives back what it owes, and comes home by itself.

Each phase waits for one answer or one act; `proceed` looks at the books and picks the next duty, so that whatever was
interrupted (a cut, a cancel, a lost answer) is simply picked up where it is. The order is a bank's own: card first (the
card is returned *and taken* before notes come) or cash first. What is not taken in time is kept, with a slip that says
how to get it back. Cash that could not be delivered ends in `Undone`: the machine then makes the account whole.

A payout that ended early says itself what came out. What certainly did not is paid next, or undone where it was booked;
what nobody knows of (`unsure`) is neither paid again nor undone: a slip says so, and whoever counts the cabinet settles
it. The stock is never compared for this: a token that rolls late changes it, too.

A machine with a hopper pays tokens into its open cup (`hopper`): they are the person's as soon as they fall, and what
the hopper cannot pay comes through the tray. An ID card on the open reader is the last thing to be taken; one that is
forgotten stays where it is, in sight.

Source: flows and time-outs as observed on Chinese ATMs and XFS Retract (shared reference, section b1).
"""

from __future__ import annotations

from typing import Any, assert_never

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import (
    AnyEffect,
    Dispense,
    Document,
    Effects,
    EjectMedia,
    PrintDocument,
    RetainMedia,
    Retract,
    ReturnItems,
)
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    Device,
    DeviceBack,
    DocumentPrinted,
    ItemsPresented,
    ItemsRetracted,
    ItemsReturned,
    ItemsTaken,
    MediaPresented,
    MediaRetained,
    MediaTaken,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.core.money import NONE, NOTE_FROM_FEN, Items
from kiosk_firmware.core.pages import text
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger, with_fields


class Leave(msgspec.Struct, frozen=True):
    """The steps that are still to be done. `due` is to be handed out; `booking` the ask to undo if that fails (0: none
    was booked).

    `receipt` is printed at the end; `offer` is offered by the machine when it is asked "another". `then`: "home", or
    "another" (the card stays, the person is asked what else). `why` names the message that the person is left with.
    `kept`: the card is in the box. `hopper`: tokens come from the coin dispenser. `handed_fen`: what came out so far,
    in however many falls. `unsure_fen`: nobody knows whether that much came out, and no slip has said so yet.
    `wait_ident`: wait until the ID card is taken up.
    """

    due: Items = NONE
    booking: int = 0
    card_first: bool = True
    then: str = "home"
    receipt: Document | None = None
    offer: Document | None = None
    why: str = ""
    keep: bool = False
    kept: bool = False
    hopper: bool = False
    handed_fen: int = 0
    unsure_fen: int = 0
    wait_ident: bool = True


class LeavePhase(msgspec.Struct, frozen=True, tag=True):
    """Base of the leaving phases."""

    leave: Leave


class Returning(LeavePhase, frozen=True):
    """The note in escrow goes back."""


class Presenting(LeavePhase, frozen=True):
    """Cash is being counted out."""


class TakingCash(LeavePhase, frozen=True):
    """Cash lies in the tray."""


class TakingTokens(LeavePhase, frozen=True):
    """Tokens fell into the open cup; nothing but the person can tell that they are out of it."""

    fen: int


class TakingIdent(LeavePhase, frozen=True):
    """The ID card still lies on the reader."""


class Retracting(LeavePhase, frozen=True):
    """It was not taken; the tray takes it back."""


class Ejecting(LeavePhase, frozen=True):
    """The card is on its way to the slot."""


class TakingCard(LeavePhase, frozen=True):
    """The card stands in the slot."""


class Retaining(LeavePhase, frozen=True):
    """The card is being kept."""


class SlipPrinting(LeavePhase, frozen=True):
    """A slip that says what was kept and how to get it back is being printed."""

    kind: str


class KeptNotice(LeavePhase, frozen=True):
    """The same on the screen, whether or not the slip came out."""

    kind: str
    printed: bool = True


class Recounting(LeavePhase, frozen=True):
    """The unit was cut off and looks at what lies where."""


class ReceiptPrinting(LeavePhase, frozen=True):
    """The receipt is being printed, last of all."""


class Undone(LeavePhase, frozen=True):
    """Cash could not be delivered or was not taken: `fen` belongs back on the account; `whole`: that is all there was
    to hand out. Kind "doubt": nobody knows whether `fen` came out. Left by the machine at once.
    """

    fen: int
    kind: str
    whole: bool = True


class Stuck(LeavePhase, frozen=True):
    """A device does not give back what it holds: the teacher must come; tried again every now and then."""


class Goodbye(LeavePhase, frozen=True):
    """A short farewell."""


Leaving = (
    Returning
    | Presenting
    | TakingCash
    | TakingTokens
    | Retracting
    | Ejecting
    | TakingCard
    | Retaining
    | SlipPrinting
    | KeptNotice
    | Recounting
    | ReceiptPrinting
    | TakingIdent
    | Undone
    | Stuck
    | Goodbye
)


class Done(msgspec.Struct, frozen=True, tag=True):
    """All duties are done; the machine goes where `then` says."""

    leave: Leave


Step = tuple[CabinetLedger, Leaving | Done, Effects]


def later(leave: Leave, **fields: Any) -> Leave:
    """Return the leave with these fields changed."""
    return msgspec.structs.replace(leave, **fields)


def proceed(books: CabinetLedger, leave: Leave) -> Step:
    """Take up the next duty by what the books say."""
    if books.escrow_fen or books.note_busy:
        effects: Effects = () if books.note_busy else (ReturnItems("note_acceptor", "return"),)
        return with_fields(books, note_busy=True), Returning(leave), effects
    cash, card = _cash_duty(books, leave), _card_duty(books, leave)
    first, second = (card, cash) if leave.card_first else (cash, card)
    duty = first or second
    if duty is not None:
        return books, duty[0], (duty[1],) if duty[1] else ()
    if leave.receipt:
        printing = PrintDocument("receipt_printer", "receipt", leave.receipt)
        return books, ReceiptPrinting(later(leave, receipt=None)), (printing,)
    if books.ident and leave.wait_ident and leave.then != "another":
        return books, TakingIdent(leave), ()
    return books, Done(leave) if leave.then == "another" else Goodbye(leave), ()


def _cash_duty(books: CabinetLedger, leave: Leave) -> tuple[Leaving, AnyEffect | None] | None:
    if books.tray:
        return TakingCash(leave), None
    if leave.due:
        hopper = leave.hopper and "coin_dispenser" not in books.lost
        notes = tuple(pair for pair in leave.due if pair[0] >= NOTE_FROM_FEN or not hopper)
        device: Device = "cash_dispenser" if notes else "coin_dispenser"
        return Presenting(leave), Dispense(device, "cash", notes or leave.due)
    if leave.unsure_fen:
        return _doubted(leave), None
    return None


def _card_duty(books: CabinetLedger, leave: Leave) -> tuple[Leaving, AnyEffect | None] | None:
    if leave.then == "another" or books.place == "none":
        return None
    if leave.keep:
        return Retaining(leave), RetainMedia("card_reader", "retain")
    if books.place == "inside":
        return Ejecting(leave), EjectMedia("card_reader", "eject")
    return TakingCard(leave), None


def on_event(books: CabinetLedger, phase: Leaving, event: AnyEvent) -> Step:
    """Take one event in a leaving phase; the books have absorbed it already. Unchanged means that nothing was meant by
    it.
    """
    same: Step = (books, phase, ())
    match phase:
        case Returning(leave=leave):
            return proceed(books, leave) if isinstance(event, ItemsReturned) else same
        case Presenting():
            return _presented(books, phase, event) if isinstance(event, ItemsPresented) else same
        case TakingCash():
            return _cash(books, phase, event)
        case Retracting():
            return _retracted(books, phase, event) if isinstance(event, ItemsRetracted) else same
        case Ejecting() | Retaining():
            return _card_moved(books, phase, event)
        case TakingCard(leave=leave):
            return _taking_card(books, leave, event) or same
        case TakingTokens() | TakingIdent():
            return _picking_up(books, phase, event) or same
        case SlipPrinting(leave=leave, kind=kind):
            if not isinstance(event, DocumentPrinted):
                return same
            return books, KeptNotice(leave, kind, event.completion == "success"), ()
        case Recounting(leave=leave):
            return proceed(books, leave) if isinstance(event, CabinetFound | TimerExpired) else same
        case ReceiptPrinting(leave=leave):
            return _receipt(books, leave, event) if isinstance(event, DocumentPrinted) else same
        case KeptNotice() | Stuck() | Goodbye():
            return _read(books, phase, event) or same
        case Undone():
            return same
        case _:
            assert_never(phase)


def _presented(books: CabinetLedger, phase: Presenting, event: ItemsPresented) -> Step:
    leave, came = _counted(phase.leave, event), event.items
    if event.at == "coin_dispenser":
        leave = later(leave, hopper=event.completion in ("success", "canceled"))  # a cut: the hopper is sound
        if came:
            return books, TakingTokens(leave, money.total(came)), ()
    if event.completion == "unknown":
        return books, Recounting(leave), ()
    if event.at == "coin_dispenser":
        return proceed(books, leave)
    if came or (event.completion == "canceled" and not leave.booking):
        return proceed(books, leave)
    return _undone(books, leave, 0, "part_dispensed" if leave.handed_fen else "not_dispensed")


def _counted(leave: Leave, event: ItemsPresented) -> Leave:
    """Return the leave without what came out and what may have."""
    gone = money.add(event.items, event.unsure)
    rest = money.without(leave.due, gone) if money.holds(leave.due, gone) else NONE
    handed, unsure = leave.handed_fen + money.total(event.items), leave.unsure_fen + money.total(event.unsure)
    return later(leave, due=rest, handed_fen=handed, unsure_fen=unsure)


def _cash(books: CabinetLedger, phase: TakingCash, event: AnyEvent) -> Step:
    match event:
        case TimerExpired():
            return books, Retracting(phase.leave), (Retract("cash_dispenser", "retract"),)
        case _ if not books.tray:
            return proceed(books, phase.leave)
        case _:
            return books, phase, ()


def _retracted(books: CabinetLedger, phase: Retracting, event: ItemsRetracted) -> Step:
    match event.completion:
        case "success" if event.items:
            return _undone(books, phase.leave, money.total(event.items), "retracted")
        case "success":
            return proceed(books, phase.leave)
        case "unknown":
            return books, Recounting(phase.leave), ()
        case _:
            return books, Stuck(phase.leave), ()


def _card_moved(books: CabinetLedger, phase: Ejecting | Retaining, event: AnyEvent) -> Step:
    leave = phase.leave
    if not isinstance(event, MediaPresented | MediaRetained):
        return books, phase, ()
    match event.completion:
        case "success" if isinstance(event, MediaRetained):
            return _kept(books, leave)
        case "success" | "userError":
            return proceed(books, leave)
        case "unknown":
            return books, Recounting(leave), ()
        case _:
            return books, Stuck(leave), ()


def _kept(books: CabinetLedger, leave: Leave) -> Step:
    """Book the card as kept in the box. Notes that were to follow it never come: the account gets them back."""
    why = leave.why or "card_left"
    if leave.due and leave.booking:
        return _undone(books, later(leave, keep=False, kept=True, why=why), 0, why)
    return slip(books, later(leave, keep=False, kept=True, why=why, receipt=None, then="home"), why)


def _taking_card(books: CabinetLedger, leave: Leave, event: AnyEvent) -> Step | None:
    if isinstance(event, TimerExpired):
        return books, Retaining(later(leave, why="card_left")), (RetainMedia("card_reader", "retain"),)
    if isinstance(event, MediaTaken) or books.place != "exit":
        return proceed(books, leave)
    return None


def _picking_up(books: CabinetLedger, phase: TakingTokens | TakingIdent, event: AnyEvent) -> Step | None:
    """Go on when tokens are taken (by their key, by a cup that can tell, or by time) or the ID card is, which may be
    left where it lies.
    """
    leave = phase.leave
    if isinstance(phase, TakingIdent):
        if not books.ident:
            return proceed(books, leave)
        return proceed(books, later(leave, wait_ident=False)) if isinstance(event, TimerExpired) else None
    told = isinstance(event, Tapped) and event.key == "tokens.ok"
    cup = isinstance(event, ItemsTaken) and event.at == "coin_dispenser"
    return proceed(books, leave) if told or cup or isinstance(event, TimerExpired) else None


def slip(books: CabinetLedger, leave: Leave, kind: str) -> Step:
    """Print the slip of that kind, then tell the same on the screen."""
    document = Document(kind, text(f"slip.{kind}.title"), (), (text(f"slip.{kind}.how"), text("slip.practice")))
    return books, SlipPrinting(leave, kind), (PrintDocument("receipt_printer", "slip", document),)


def owed_slip(undone: Undone) -> str:
    """Return the kind of slip where no account can be made whole: what is owed, or what nobody knows."""
    return "doubt" if undone.kind == "doubt" else "owed"


def _undone(books: CabinetLedger, leave: Leave, back_fen: int, kind: str) -> Step:
    """Hand out nothing more in this leave, and offer nothing else after it. `back_fen`: what came out and was pulled in
    again.
    """
    handed = leave.handed_fen - back_fen
    over = later(leave, due=NONE, receipt=None, offer=None, then="home", handed_fen=handed)
    return books, Undone(over, money.total(leave.due) + back_fen, kind, whole=not (handed or leave.unsure_fen)), ()


def _doubted(leave: Leave) -> Undone:
    """Record that nobody knows whether it came out: a slip says so, once."""
    told = later(leave, unsure_fen=0, receipt=None, offer=None, then="home")
    return Undone(told, leave.unsure_fen, "doubt")


def _receipt(books: CabinetLedger, leave: Leave, event: DocumentPrinted) -> Step:
    if event.completion == "success":
        return proceed(books, leave)
    return books, KeptNotice(leave, "no_receipt", False), ()


def _read(books: CabinetLedger, phase: KeptNotice | Stuck | Goodbye, event: AnyEvent) -> Step | None:
    """Leave a page by its key, its time-out, or a device that is back."""
    tapped = isinstance(event, Tapped) and event.key == "told.ok"
    freed = isinstance(phase, Stuck) and isinstance(event, DeviceBack | MediaTaken | ItemsTaken | CabinetFound)
    if not (tapped or freed or isinstance(event, TimerExpired)):
        return None
    if isinstance(phase, Goodbye):
        return books, Done(phase.leave), ()
    return proceed(books, phase.leave)
