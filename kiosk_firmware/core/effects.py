"""Define the effects: what a machine wants done. Imperative, closed, and nothing else reaches the world.

An effect with a `ref` takes time and is answered by exactly one event with that `ref` and a completion code; a
device has at most one open. `Cancel` asks for the open one to end early: it is answered `canceled`, or as it just
ended. Which slots are enabled, lit and haloed follows `Page.at`; no effect switches a slot.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.events import Device, GateWay
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.linked_machine_requests import LinkedMachineRequest
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.pages import Text


class Effect(msgspec.Struct, frozen=True, tag=True):
    """Base of all effects."""

    at: Device
    ref: str


class EjectMedia(Effect, frozen=True):
    """Move the card to the slot. → MediaPresented."""


class RetainMedia(Effect, frozen=True):
    """Keep the card. → MediaRetained."""


class DispenseMedia(Effect, frozen=True):
    """Move one card or token from the stack to the slot; with `fen` given, it is made to carry that balance and `trip`
    on its way. → MediaDispensed.
    """

    fen: int | None = None
    trip: str = ""


class WriteMedia(Effect, frozen=True):
    """Let the card `number`, in the reader or held to it, carry the balance `fen` and `trip`. → MediaWritten."""

    number: str
    fen: int
    trip: str = ""


PinPurpose = Literal["enter", "choose", "repeat"]


class ReadPin(Effect, frozen=True):
    """Read a PIN for the card `number`: compare it ("enter"), take a new one ("choose"), or the new one again and
    keep it ("repeat"). → PinEntered. Digits stay in the pad's driver. `on`: whose keys they are: the pad's, or the
    page's own, as on a telephone, which has no others.
    """

    number: str
    purpose: PinPurpose = "enter"
    on: Literal["pad", "glass"] = "pad"


class StoreItems(Effect, frozen=True):
    """Stack the note in escrow. → ItemsStored."""


class ReturnItems(Effect, frozen=True):
    """Give the note in escrow back. → ItemsReturned."""


class Dispense(Effect, frozen=True):
    """Count out and present. → ItemsPresented."""

    items: Items


class Retract(Effect, frozen=True):
    """Take back what lies in the tray; at `note_acceptor`: keep the note in escrow, never to be paid out.
    → ItemsRetracted.
    """


class Document(msgspec.Struct, frozen=True):
    """A slip: a kind ("receipt", "retained"…), a title, rows of (label, value), and lines below; `code`: what a barcode
    at its end says (PDF417), empty for none.
    """

    kind: str
    title: Text
    rows: tuple[tuple[Text, Text], ...] = ()
    foot: tuple[Text, ...] = ()
    code: str = ""


class PrintDocument(Effect, frozen=True):
    """Print and cut. → DocumentPrinted."""

    document: Document


class OpenGate(Effect, frozen=True):
    """Let one person through, by that way. → GatePassed."""

    way: GateWay = "entry"


class OpenDoor(Effect, frozen=True):
    """Let a locker's door spring open. → DoorOpened; when the person has shut it, DoorClosed. No XFS class has
    lockers.
    """


class AskHost(Effect, frozen=True):
    """Ask the host. → HostAnswered."""

    ask: Ask


class OpenPart(Effect, frozen=True):
    """Let another part of the same place open for this request. → Returned. It never leaves the unit's rules: the place
    opens the part at once, in the same step (`core.place`).
    """

    part: str
    request: LinkedMachineRequest


class Cancel(Effect, frozen=True):
    """End the device's open effect `ref` early; no answer of its own."""


AnyEffect = (
    EjectMedia
    | RetainMedia
    | DispenseMedia
    | WriteMedia
    | ReadPin
    | StoreItems
    | ReturnItems
    | Dispense
    | Retract
    | PrintDocument
    | OpenGate
    | OpenDoor
    | AskHost
    | OpenPart
    | Cancel
)
Effects = tuple[AnyEffect, ...]
NO_EFFECTS: Effects = ()
MOVES_VALUE = (
    EjectMedia,
    RetainMedia,
    DispenseMedia,
    WriteMedia,
    StoreItems,
    ReturnItems,
    Dispense,
    Retract,
    PrintDocument,
    OpenGate,
    OpenDoor,
    AskHost,
)
"""Effects that leave only after their transition is committed."""
