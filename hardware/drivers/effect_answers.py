"""Answer each effect with its event, for the cases that need no knowledge of the device.

The core asks that each effect with a ``ref`` is answered by exactly one event; a driver that cannot act still has to
say so in the right event. The amounts and items of a refusal are what was *not* moved by us: zero and none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import (
    AnyEffect,
    Dispense,
    DispenseMedia,
    EjectMedia,
    OpenDoor,
    OpenGate,
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
    Completion,
    DocumentPrinted,
    DoorOpened,
    GatePassed,
    ItemsPresented,
    ItemsRetracted,
    ItemsReturned,
    ItemsStored,
    MediaDispensed,
    MediaPresented,
    MediaRetained,
    MediaWritten,
    PinEntered,
)
from kiosk_firmware.core.money import NONE


def paid_out(effect: Dispense, came: Mapping[int, int], completion: Completion) -> ItemsPresented:
    """Answer for a device that knows how many pieces of each value (fen) came out, however it ended. With "unknown",
    all that was asked for beyond them is unsure: a machine pays none of it again.
    """
    reason: Literal["", "cashUnitError"] = "" if completion in ("success", "canceled") else "cashUnitError"
    items = money.items(*came.items())
    rest = money.without(effect.items, items) if completion == "unknown" else NONE
    known = completion if rest or completion != "unknown" else "success"
    return ItemsPresented(effect.at, effect.ref, items, known, reason if known != "success" else "", rest)


def answer(effect: AnyEffect, completion: Completion, fen: int = 0) -> AnyEvent:
    """Return the event that answers *effect* with *completion*. Raises ValueError for effects that no
    device performs.
    """
    match effect:
        case EjectMedia(at, ref):
            return MediaPresented(at, ref, completion)
        case RetainMedia(at, ref):
            return MediaRetained(at, ref, completion)
        case DispenseMedia(at, ref):
            return MediaDispensed(at, ref, None, completion)
        case WriteMedia(at, ref, _, balance, trip):
            return MediaWritten(at, ref, balance, completion, trip)
        case StoreItems(at, ref):
            return ItemsStored(at, ref, fen, completion)
        case ReturnItems(at, ref):
            return ItemsReturned(at, ref, fen, completion)
        case PrintDocument(at, ref):
            silent = completion not in ("success", "canceled")
            return DocumentPrinted(at, ref, completion, "notResponding" if silent else "")
        case ReadPin(at, ref):
            return PinEntered(at, ref, "none", completion)
        case Dispense(at, ref, items):
            return ItemsPresented(at, ref, NONE, completion, unsure=items if completion == "unknown" else NONE)
        case Retract(at, ref):
            return ItemsRetracted(at, ref, (), completion)
        case OpenGate(at, ref):
            return GatePassed(at, ref, completion)
        case OpenDoor(at, ref):
            return DoorOpened(at, ref, completion)
    raise ValueError(f"no device answers {type(effect).__name__}")
