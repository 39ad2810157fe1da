"""What went through the machine's slots, as a fold over events: how many cards, pieces and slips are in hands for it.

A class counts its practice things before and after. Between the counts the machine takes some in and gives some out;
the sum of both, kept beside every commit (`custody` in `screen.db`), says what the second count should find. `n` is
from the hands' side: what is put in counts -1, what is given out +1. `place` tells where the unit saw one last.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from kiosk_firmware.core.events import (
    AnyEvent,
    DocumentPrinted,
    ItemsInserted,
    ItemsPresented,
    ItemsRetracted,
    ItemsReturned,
    ItemsStored,
    MediaInserted,
    MediaInvalid,
    MediaRetained,
    MediaTaken,
)
from kiosk_firmware.core.money import Items

Place = Literal["inserted", "taken", "retained", "accepted", "returned", "presented", "retracted", "printed"]


class Move(msgspec.Struct, frozen=True):
    """`n` pieces more (+) or fewer (-) in hands. `what`: card, ident, slip, or `fen.<value>`."""

    what: str
    n: int
    place: Place


class Held(msgspec.Struct, frozen=True):
    """The sum for one `what`; `at_ms` (UTC) and `place` are the last move's."""

    what: str
    n: int
    place: str
    at_ms: int


def moves(event: AnyEvent) -> tuple[Move, ...]:
    """What the event moved; nothing for most."""
    match event:
        case MediaInserted(at=at) | MediaInvalid(at=at):
            return (Move(_media(at), -1, "inserted"),)
        case MediaTaken(at=at):
            return (Move(_media(at), 1, "taken"),)
        case MediaRetained(at=at, completion="success"):
            return (Move(_media(at), 0, "retained"),)
        case DocumentPrinted(completion="success"):
            return (Move("slip", 1, "printed"),)
        case _:
            return tuple(_pieces(event))


def _media(at: str) -> str:
    return "ident" if at == "id_reader" else "card"


def _pieces(event: AnyEvent) -> Iterable[Move]:
    match event:
        case ItemsInserted(at="note_acceptor", fen=fen):
            yield Move(f"fen.{fen}", -1, "inserted")
        case ItemsInserted(fen=fen):
            yield Move(f"fen.{fen}", -1, "accepted")
        case ItemsStored(fen=fen, completion="success"):
            yield Move(f"fen.{fen}", 0, "accepted")
        case ItemsReturned(fen=fen, completion="success"):
            yield Move(f"fen.{fen}", 1, "returned")
        case ItemsPresented(items=items):
            yield from _heap(items, 1, "presented")
        case ItemsRetracted(items=items):
            yield from _heap(items, -1, "retracted")
        case _:
            return


def _heap(items: Items, sign: int, place: Place) -> Iterable[Move]:
    return (Move(f"fen.{fen}", sign * count, place) for fen, count in items)
