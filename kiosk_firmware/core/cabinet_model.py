"""The cabinet and the pocket, as a pure fold: what every machine's world has in common.

Where each card, note, token and slip is. `heard` moves them as events say; `answer` says how a sound cabinet would
end an effect; `acts` what a person with this pocket can do at slots the page waits on. Pieces are never made or
lost here, so "conserved" is one comparison with the start.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import (
    AnyEffect,
    AskHost,
    Dispense,
    DispenseMedia,
    EjectMedia,
    OpenDoor,
    OpenGate,
    OpenPart,
    PrintDocument,
    ReadPin,
    RetainMedia,
    Retract,
    ReturnItems,
    StoreItems,
    WriteMedia,
)
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    DocumentPrinted,
    DoorOpened,
    GatePassed,
    HostAnswered,
    ItemsInserted,
    ItemsPresented,
    ItemsRetracted,
    ItemsReturned,
    ItemsStored,
    ItemsTaken,
    Media,
    MediaDispensed,
    MediaInserted,
    MediaInvalid,
    MediaPresented,
    MediaRetained,
    MediaTaken,
    MediaWritten,
    PaperChanged,
    PinEntered,
    PinVerdict,
    Place,
    Returned,
    Struck,
    Tapped,
    Typed,
)
from kiosk_firmware.core.linked_machine_requests import LinkedMachineResult
from kiosk_firmware.core.machine import Open, Values
from kiosk_firmware.core.money import NONE, Items
from kiosk_firmware.core.pages import Key, Page


class CabinetModel(msgspec.Struct, frozen=True, cache_hash=True):
    """The cabinet's and the pocket's content. `slow` is what the person lets lie ("card_left", "notes_left"); `kept`
    the cards in the box; `brought` pieces that the persona did not have and the real person put in all the same; `ids`
    are ID cards in the pocket, `laid` the one on the open ID reader, which is the person's there as well. `stack`:
    cards in the dispenser, the next one first; `offered`: the one that stands in its slot. `unsure`: pieces of `stock`
    of which nobody knows whether they came out; `amiss`: a machine asked for pieces that are not there.
    """

    hand: tuple[Media, ...] = ()
    reader: Media | None = None
    place: Place = "none"
    kept: tuple[str, ...] = ()
    purse: Items = NONE
    escrow_fen: int = 0
    tray: Items = NONE
    stock: Items = NONE
    bin: Items = NONE
    paper: str = "full"
    slow: str = ""
    brought: Items = NONE
    ids: tuple[Media, ...] = ()
    laid: Media | None = None
    stack: tuple[Media, ...] = ()
    offered: Media | None = None
    unsure: Items = NONE
    amiss: bool = False

    def pieces(self) -> Items:
        """Return every note and token there was to begin with, wherever it lies now; what was brought later is left
        out.
        """
        held = ((self.escrow_fen, 1),) if self.escrow_fen else NONE
        everything = money.items(*self.purse, *held, *self.tray, *self.stock, *self.bin)
        return money.without(everything, self.brought)

    def cards(self) -> tuple[str, ...]:
        """Return every card there is, sorted."""
        inside = tuple(media.number for media in (self.reader, self.laid, self.offered) if media)
        return tuple(sorted((*(m.number for m in (*self.hand, *self.ids, *self.stack)), *inside, *self.kept)))

    def inside(self) -> Items:
        """Return the money that the machine holds, the tray and escrow included."""
        return money.without(money.add(self.pieces(), self.brought), self.purse)


def with_fields(bench: CabinetModel, **fields: Any) -> CabinetModel:
    """Return the bench with these fields changed."""
    return msgspec.structs.replace(bench, **fields)


def after_event(bench: CabinetModel, event: AnyEvent) -> CabinetModel:
    """Return the bench after `event`."""
    match event:
        case MediaInserted() | MediaInvalid() | MediaPresented() | MediaTaken() | MediaRetained():
            return _heard_media(bench, event)
        case MediaDispensed() | MediaWritten():
            return _apply_card_event(bench, event)
        case PaperChanged(paper=paper):
            return with_fields(bench, paper=paper)
        case DocumentPrinted(reason="paperOut"):
            return with_fields(bench, paper="out")
        case Struck(written=(fen, trip)) if bench.reader:
            return with_fields(bench, reader=msgspec.structs.replace(bench.reader, fen=fen, trip=trip))
        case Struck(fault="card_left" | "notes_left" as fault):
            return with_fields(bench, slow=fault)
        case _:
            return _heard_items(bench, event)


def _heard_media(bench: CabinetModel, event: AnyEvent) -> CabinetModel:
    match event:
        case MediaInserted(at="id_reader") | MediaInvalid(at="id_reader") | MediaTaken(at="id_reader"):
            return _heard_ident(bench, event)
        case MediaTaken(at="ticket_dispenser") if bench.offered:
            return with_fields(bench, hand=(*bench.hand, bench.offered), offered=None)
        case MediaRetained(at="ticket_dispenser", completion="success") if bench.offered:
            return with_fields(bench, kept=(*bench.kept, bench.offered.number), offered=None)
        case MediaTaken(at="ticket_dispenser") | MediaRetained(at="ticket_dispenser"):
            return bench
        case MediaInserted(media=media):
            hand = tuple(m for m in bench.hand if m.number != media.number)
            return with_fields(bench, hand=hand, reader=media, place="inside")
        case MediaInvalid() if bench.hand:
            return with_fields(bench, hand=bench.hand[1:], reader=bench.hand[0], place="inside")
        case MediaPresented(completion="success") if bench.reader:
            return with_fields(bench, place="exit")
        case MediaTaken() if bench.reader:
            return with_fields(bench, hand=(*bench.hand, bench.reader), reader=None, place="none")
        case MediaRetained(completion="success") if bench.reader:
            return with_fields(bench, kept=(*bench.kept, bench.reader.number), reader=None, place="none", slow="")
        case _:
            return bench


def _apply_card_event(bench: CabinetModel, event: MediaDispensed | MediaWritten) -> CabinetModel:
    """Take a card out of the stack, or write another balance on the one in the reader."""
    if event.completion != "success":
        return bench
    if isinstance(event, MediaDispensed):
        return with_fields(
            bench, stack=bench.stack[1:], offered=event.media or (bench.stack[0] if bench.stack else None)
        )
    return _apply_written(bench, event)


def _apply_written(bench: CabinetModel, event: MediaWritten) -> CabinetModel:
    if bench.reader is None:
        return bench
    return with_fields(bench, reader=msgspec.structs.replace(bench.reader, fen=event.fen, trip=event.trip))


def _heard_ident(bench: CabinetModel, event: MediaInserted | MediaInvalid | MediaTaken) -> CabinetModel:
    """Lay an ID card on the open reader, or take it up again; a card nobody knew of was lent and is taken back."""
    known = (*bench.ids, bench.laid) if bench.laid else bench.ids
    pocket = tuple(sorted(known, key=lambda media: media.number))
    laid: Media | None = None
    if isinstance(event, MediaInserted):
        laid = next((mine for mine in pocket if mine.number == event.media.number), None)
    elif isinstance(event, MediaInvalid):
        laid = pocket[0] if pocket else None
    return with_fields(bench, ids=tuple(media for media in pocket if media is not laid), laid=laid)


def _heard_items(bench: CabinetModel, event: AnyEvent) -> CabinetModel:
    match event:
        case ItemsInserted(at=at, fen=fen):
            bench = _from_purse(bench, ((fen, 1),))
            if at == "note_acceptor":
                return with_fields(bench, escrow_fen=fen)
            return with_fields(bench, stock=money.add(bench.stock, ((fen, 1),)))
        case ItemsStored(completion="success") if bench.escrow_fen:
            return with_fields(bench, stock=money.add(bench.stock, ((bench.escrow_fen, 1),)), escrow_fen=0)
        case ItemsReturned(completion="success") if bench.escrow_fen:
            return with_fields(bench, purse=money.add(bench.purse, ((bench.escrow_fen, 1),)), escrow_fen=0)
        case ItemsPresented(at=at, items=items, unsure=unsure):
            bench = with_fields(
                bench,
                stock=money.without(bench.stock, items),
                unsure=money.add(bench.unsure, unsure),
                amiss=bench.amiss or event.reason == "notDispensable",
            )
            if at == "coin_dispenser":  # an open cup: whatever fell is the person's
                return with_fields(bench, purse=money.add(bench.purse, items))
            return with_fields(bench, tray=money.add(bench.tray, items))
        case ItemsTaken(at="cash_dispenser"):
            return with_fields(bench, purse=money.add(bench.purse, bench.tray), tray=NONE)
        case ItemsRetracted(at="note_acceptor", items=items):
            escrow_fen = 0 if items else bench.escrow_fen
            return with_fields(bench, escrow_fen=escrow_fen, bin=money.add(bench.bin, items))
        case ItemsRetracted(items=items):
            return with_fields(bench, tray=money.without(bench.tray, items), bin=money.add(bench.bin, items), slow="")
        case _:
            return bench


def _from_purse(bench: CabinetModel, piece: Items) -> CabinetModel:
    """Take the piece out of the purse; one that the persona does not have was brought by the real person."""
    if money.holds(bench.purse, piece):
        return with_fields(bench, purse=money.without(bench.purse, piece))
    return with_fields(bench, brought=money.add(bench.brought, piece))


def answer(bench: CabinetModel, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
    """Return how a sound cabinet ends `effect`; None for what a person or a host must say."""
    at, ref = effect.at, effect.ref
    match effect:
        case EjectMedia():
            return MediaPresented(at, ref, "success" if bench.place == "inside" else "userError")
        case RetainMedia(at="ticket_dispenser"):
            return MediaRetained(at, ref, "success" if bench.offered else "userError")
        case DispenseMedia() | WriteMedia():
            return _answer_card_effect(bench, effect)
        case RetainMedia():
            return MediaRetained(at, ref, "success" if bench.place != "none" else "userError")
        case StoreItems():
            return ItemsStored(at, ref, bench.escrow_fen, "success" if bench.escrow_fen else "userError")
        case ReturnItems():
            return ItemsReturned(at, ref, bench.escrow_fen, "success" if bench.escrow_fen else "userError")
        case Dispense(items=items) if items and money.holds(bench.stock, items):
            return ItemsPresented(at, ref, items)
        case Dispense():
            return ItemsPresented(at, ref, NONE, "hardwareError", "notDispensable")
        case Retract(at="note_acceptor"):
            return ItemsRetracted(at, ref, ((bench.escrow_fen, 1),) if bench.escrow_fen else NONE)
        case Retract():
            return ItemsRetracted(at, ref, bench.tray)
        case PrintDocument():
            if bench.paper == "out":
                return DocumentPrinted(at, ref, "hardwareError", "paperOut")
            return DocumentPrinted(at, ref)
        case ReadPin() if canceled:
            return PinEntered(at, ref, "none", "canceled")
        case OpenGate() if canceled:  # open: a person walks, or the page gives up
            return GatePassed(at, ref, "canceled")
        case _:
            return None


def _answer_card_effect(bench: CabinetModel, effect: DispenseMedia | WriteMedia) -> AnyEvent:
    at, ref = effect.at, effect.ref
    if isinstance(effect, WriteMedia):
        there = bench.reader is not None and bench.reader.number == effect.number
        return MediaWritten(at, ref, effect.fen, "success" if there else "userError", effect.trip)
    if bench.offered:
        return MediaDispensed(at, ref, None, "hardwareError", "occupied")
    if not bench.stack:
        return MediaDispensed(at, ref, None, "hardwareError", "empty")
    blank = bench.stack[0]
    sold = blank if effect.fen is None else msgspec.structs.replace(blank, fen=effect.fen, trip=effect.trip)
    return MediaDispensed(at, ref, sold)


def acts(bench: CabinetModel, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
    """Return what the person can do: keys, typing the values, pieces into slots that the page waits on, taking, PIN
    entry.
    """
    found: list[AnyEvent] = [Tapped(key.name, page.step, key.value) for key in page.keys if search_presses(key, values)]
    found += [
        Typed(page.body.field_key, typed, page.step)
        for typed in values.get(page.body.field_key, ())
        if page.body.field_key and typed != page.body.field
    ]
    found += _takes(bench)
    if "card_reader" in page.at and bench.place == "none":
        found += [MediaInserted("card_reader", media) for media in bench.hand]
    if "id_reader" in page.at and bench.laid is None:
        found += [MediaInserted("id_reader", media) for media in bench.ids]
    if "note_acceptor" in page.at and not bench.escrow_fen:
        found += [ItemsInserted("note_acceptor", fen) for fen, _ in bench.purse if fen >= money.NOTE_FROM_FEN]
    if "coin_acceptor" in page.at:
        found += [ItemsInserted("coin_acceptor", fen) for fen, _ in bench.purse if fen < money.NOTE_FROM_FEN]
    for effect, canceled in open_:
        if isinstance(effect, ReadPin) and not canceled:
            found += _pins(effect)
        if isinstance(effect, OpenGate):
            found.append(GatePassed(effect.at, effect.ref))
    return tuple(found)


def search_presses(key: Key, values: Values) -> bool:
    """Return whether a search or a walk presses the key: not where values name its area (`train` of `train.G8601`) and
    not its value, as nobody who was told which train tries all of them.
    """
    if key.role in ("digit", "field"):
        return False
    wanted = values.get(key.name.partition(".")[0])
    return wanted is None or not key.value or key.value in wanted


def _takes(bench: CabinetModel) -> list[AnyEvent]:
    takes: list[AnyEvent] = []
    if bench.place == "exit" and bench.slow != "card_left":
        takes.append(MediaTaken("card_reader"))
    if bench.tray and bench.slow != "notes_left":
        takes.append(ItemsTaken("cash_dispenser"))
    if bench.laid:
        takes.append(MediaTaken("id_reader"))
    if bench.offered:
        takes.append(MediaTaken("ticket_dispenser"))
    return takes


def _pins(effect: ReadPin) -> list[AnyEvent]:
    at, ref = effect.at, effect.ref
    wrong: dict[str, PinVerdict] = {"enter": "wrong", "choose": "weak", "repeat": "mismatch"}
    verdicts: tuple[PinVerdict, ...] = ("right", wrong[effect.purpose])
    return [*(PinEntered(at, ref, verdict) for verdict in verdicts), PinEntered(at, ref, "none", "canceled")]


def wake_report(bench: CabinetModel) -> CabinetFound:
    """Return what the cabinet would report on waking up."""
    return CabinetFound(
        number=bench.reader.number if bench.reader else "",
        place=bench.place,
        escrow_fen=bench.escrow_fen,
        tray=bench.tray,
        stock=bench.stock,
        paper="out" if bench.paper == "out" else "full",
        ident=bench.laid.number if bench.laid else "",
    )


def at_rest(bench: CabinetModel) -> bool:
    """Return whether nothing of the person is inside, in the slot or in the tray (an ID card on an open reader is not
    inside).
    """
    return bench.place == "none" and not bench.escrow_fen and not bench.tray and bench.offered is None


def breaches(start: CabinetModel, bench: CabinetModel) -> tuple[str, ...]:
    """Return pieces or cards that appeared or vanished since `start`."""
    found_: list[str] = []
    if bench.pieces() != start.pieces():
        found_.append(f"pieces: {start.pieces()} became {bench.pieces()}")
    if bench.amiss:
        found_.append(f"cash was asked for that is not there: {bench.stock}")
    if bench.cards() != start.cards():
        found_.append(f"cards: {start.cards()} became {bench.cards()}")
    return tuple(found_)


def slip_owed(event: AnyEvent) -> int:
    """Return +1 for what was kept or nobody knows of, -1 for a slip that was tried (a printer without paper owes none:
    the page says it).
    """
    match event:
        case ItemsPresented(unsure=unsure) if unsure:
            return 1
        case MediaRetained(completion="success"):
            return 1
        case ItemsRetracted(items=items) if items:
            return 1
        case DocumentPrinted(ref="slip"):
            return -1
        case _:
            return 0


def unknown(effect: AnyEffect) -> AnyEvent:
    """Return the answer of a cabinet that cannot tell: nothing is claimed to have moved; `CabinetFound` says what is
    where.
    """
    at, ref = effect.at, effect.ref
    match effect:
        case EjectMedia():
            return MediaPresented(at, ref, "unknown")
        case OpenPart():
            return Returned(at, ref, LinkedMachineResult("unavailable"))
        case RetainMedia():
            return MediaRetained(at, ref, "unknown")
        case DispenseMedia():
            return MediaDispensed(at, ref, None, "unknown")
        case WriteMedia():
            return MediaWritten(at, ref, effect.fen, "unknown", effect.trip)
        case StoreItems():
            return ItemsStored(at, ref, 0, "unknown")
        case ReturnItems():
            return ItemsReturned(at, ref, 0, "unknown")
        case Dispense(items=items):
            return ItemsPresented(at, ref, NONE, "unknown", unsure=items)
        case Retract():
            return ItemsRetracted(at, ref, NONE, "unknown")
        case PrintDocument():
            return DocumentPrinted(at, ref, "unknown")
        case ReadPin():
            return PinEntered(at, ref, "none", "unknown")
        case OpenGate():
            return GatePassed(at, ref, "unknown")
        case OpenDoor():
            return DoorOpened(at, ref, "unknown")
        case _:
            return _unknown_host(effect)


def _unknown_host(effect: AnyEffect) -> AnyEvent:
    if not isinstance(effect, AskHost):
        raise ValueError(f"{effect} is never open")
    return HostAnswered(effect.at, effect.ref, "offline", effect.ask, "unknown")
