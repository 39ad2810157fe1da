"""Define the events: what a machine hears. The list is closed: a phase that forgets one is a type error, and a journal
can always be read.

Events are in the past tense and carry all that machine *and* world need, so that replaying a journal rebuilds both.
Names are XFS4IoT's where it has them (CEN/XFS for IoT, KAL's published service provider framework). `at` names a
logical device of this unit; `ref` is the word of the effect that is answered (one open effect per device). Amounts
are fen.

Five sources: the glass, the engine, the cabinet's devices (answers and surprises), the host, and an armed fault's
strike.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.device_types import Completion as Completion
from kiosk_firmware.core.device_types import Device as Device
from kiosk_firmware.core.device_types import Fault as Fault
from kiosk_firmware.core.device_types import GateAlarm as GateAlarm
from kiosk_firmware.core.device_types import GateWay as GateWay
from kiosk_firmware.core.device_types import PinVerdict as PinVerdict
from kiosk_firmware.core.device_types import Place as Place
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.linked_machine_requests import LinkedMachineRequest, LinkedMachineResult
from kiosk_firmware.core.media import NOTHING_LENT as NOTHING_LENT
from kiosk_firmware.core.media import PHONE as PHONE
from kiosk_firmware.core.media import Lent as Lent
from kiosk_firmware.core.media import Media as Media
from kiosk_firmware.core.money import NONE, Items
from kiosk_firmware.core.persona import Persona


class Event(msgspec.Struct, frozen=True, tag=True, kw_only=False):
    """Base of all events; JSON carries the class's name as `type`."""


# -- the glass ---------------------------------------------------------------------------------------------------------


class Tapped(Event, frozen=True):
    """A finger lifted inside the key where it landed. `value` is the page's, filled in by the engine."""

    key: str
    step: str
    value: str = ""


class Typed(Event, frozen=True):
    """The whole text of a field after an edit on the glass; never a PIN."""

    key: str
    text: str
    step: str


class DoubleTapped(Event, frozen=True):
    """A touch that began within 400 ms of a new page: swallowed, told to the coach."""

    step: str


class Idled(Event, frozen=True):
    """The unit's idle time has passed without a touch."""


# -- the engine --------------------------------------------------------------------------------------------------------


class Started(Event, frozen=True):
    """A run begins. `now` is the practised instant (UTC ms), set by the lesson; `armed` the fault that may strike;
    `scene` the fraud that is met on the way (`kits.fraud_scenes`; empty: none); `request`: what another part of the
    same place opened this one for (`core.place`).
    """

    now: int
    persona: Persona
    armed: Fault | None = None
    language: str = "zh"
    scene: str = ""
    request: LinkedMachineRequest | None = None


class CabinetFound(Event, frozen=True):
    """The cabinet's content now: after `Started`, and after a resume. `place` is where the card is."""

    number: str = ""
    place: Place = "none"
    escrow_fen: int = 0
    tray: Items = NONE
    stock: Items = NONE
    paper: Literal["full", "low", "out"] = "full"
    lost: tuple[Device, ...] = ()
    counters: tuple[tuple[str, int], ...] = ()
    ident: str = ""
    """Number of the ID card that lies on the ID reader."""


class TimerExpired(Event, frozen=True):
    """The page's own timer ran out; the machine must leave the step."""

    name: str


class Ended(Event, frozen=True):
    """The run is over; `persona` is what outlives it."""

    persona: Persona


class Struck(Event, frozen=True):
    """An armed fault strikes. Heard by the world and journalled; rules never see it. `ask`: what the host booked
    unheard; `written`: what the card in the reader carries unheard, balance in fen and trip.
    """

    fault: Fault
    ref: str = ""
    ask: Ask | None = None
    written: tuple[int, str] | None = None


# -- cards and tags ----------------------------------------------------------------------------------------------------


class MediaInserted(Event, frozen=True):
    """A card went in and was read."""

    at: Device
    media: Media


class MediaInvalid(Event, frozen=True):
    """A card went in and could not be read (XFS InvalidMediaEvent)."""

    at: Device
    reason: Literal["unreadable", "upside_down", "foreign"] = "unreadable"


class MediaDetected(Event, frozen=True):
    """A card or a phone was held to a tap reader: nothing went in, it is its owner's all the while (XFS
    MediaDetectedEvent). `media`: None where it could not be read: `reason`, unreadable (taken away too soon) or
    foreign.
    """

    at: Device
    media: Media | None
    reason: Literal["", "unreadable", "foreign"] = ""


class MediaPresented(Event, frozen=True):
    """Answer to `EjectMedia`: the card stands in the slot, ready to be taken."""

    at: Device
    ref: str
    completion: Completion = "success"


class MediaTaken(Event, frozen=True):
    """The person has the card again."""

    at: Device


class MediaRetained(Event, frozen=True):
    """Answer to `RetainMedia`: the card is in the unit's box."""

    at: Device
    ref: str
    completion: Completion = "success"


class MediaDispensed(Event, frozen=True):
    """Answer to `DispenseMedia`: a card from the stack stands in the slot (taken: `MediaTaken`). `media`: what could
    be read of it on its way, None where the dispenser reads nothing. The stack's count: `CabinetFound.counters`.
    """

    at: Device
    ref: str
    media: Media | None = None
    completion: Completion = "success"
    reason: Literal["", "empty", "jammed", "occupied"] = ""


class MediaWritten(Event, frozen=True):
    """Answer to `WriteMedia`: `fen` and `trip` are what the card carries now. With another completion it still
    carries what it did before; `unknown`: it went away in between and carries the old or the new balance, which reading
    it again tells.
    """

    at: Device
    ref: str
    fen: int
    completion: Completion = "success"
    trip: str = ""


# -- PIN pad -----------------------------------------------------------------------------------------------------------


class PinKeyPressed(Event, frozen=True):
    """The number of digits in the pad's memory now; the digits themselves never leave its driver."""

    at: Device
    count: int


class PinEntered(Event, frozen=True):
    """Answer to `ReadPin`. `verdict` is the pad's; "none" where completion is not success (cancel key, time-out)."""

    at: Device
    ref: str
    verdict: PinVerdict
    completion: Completion = "success"


# -- money -------------------------------------------------------------------------------------------------------------


class ItemsInserted(Event, frozen=True):
    """At `note_acceptor`: a note is held in escrow, undecided. At `coin_acceptor`: a token fell into the box already.

    `counter` is the device's own running count, so that a resume can tell what it has heard. `suspect`: it may be a
    counterfeit.
    """

    at: Device
    fen: int
    counter: int = 0
    suspect: bool = False


class ItemsRefused(Event, frozen=True):
    """The device gave the piece back by itself (XFS InputRefuseEvent)."""

    at: Device
    reason: Literal["invalidBill", "counterfeit", "inhibited", "unsupported"] = "invalidBill"


class ItemsStored(Event, frozen=True):
    """Answer to `StoreItems`: the note in escrow went to the cassette (success) or what else became of it."""

    at: Device
    ref: str
    fen: int
    completion: Completion = "success"


class ItemsReturned(Event, frozen=True):
    """Answer to `ReturnItems`: the note in escrow went back to the person."""

    at: Device
    ref: str
    fen: int
    completion: Completion = "success"


class ItemsPresented(Event, frozen=True):
    """Answer to `Dispense`: `items` came out. With another completion the rest did not, but for `unsure`: pieces of
    which nobody knows (completion "unknown").
    """

    at: Device
    ref: str
    items: Items
    completion: Completion = "success"
    reason: Literal["", "cashUnitError", "notDispensable", "tooManyItems"] = ""
    unsure: Items = NONE


class ItemsTaken(Event, frozen=True):
    """The person took what lay in the tray."""

    at: Device


class ItemsRetracted(Event, frozen=True):
    """Answer to `Retract`: what lay in the tray is in the retract box (empty: the person was quicker). At
    `note_acceptor`: the note that was in escrow is kept, and is nobody's until somebody has judged it.
    """

    at: Device
    ref: str
    items: Items
    completion: Completion = "success"


# -- codes and gates ---------------------------------------------------------------------------------------------------


class BarcodeRead(Event, frozen=True):
    """A code was read while the page waits on the scanner (what XFS BarcodeReader.Read gives). `text` is what it says,
    "" where it is none of ours: what stands in other people's codes is not told.
    """

    at: Device
    text: str


class GatePassed(Event, frozen=True):
    """Answer to `OpenGate`: one person went through by its way. timeOut: nobody did, and it is locked again."""

    at: Device
    ref: str
    completion: Completion = "success"


class GateAlarmed(Event, frozen=True):
    """The gate saw what it was not opened for: somebody close behind (tailgate), from a side that is not open
    (intrusion), standing in it (obstructed), or a fire release, while which it is open to everybody. No XFS class has
    gates; the words are the trade's.
    """

    at: Device
    alarm: GateAlarm


class GateCleared(Event, frozen=True):
    """The gate is clear again, or the fire release has ended: the alarms that last are over."""

    at: Device
    alarm: GateAlarm


class DoorOpened(Event, frozen=True):
    """Answer to `OpenDoor`: the door stands open. hardwareError: the bolt did not move, it is shut."""

    at: Device
    ref: str
    completion: Completion = "success"


class DoorClosed(Event, frozen=True):
    """The person has shut the door."""

    at: Device


# -- paper, host, health -----------------------------------------------------------------------------------------------


class DocumentPrinted(Event, frozen=True):
    """Answer to `PrintDocument`; `reason` says what was wrong."""

    at: Device
    ref: str
    completion: Completion = "success"
    reason: Literal["", "paperOut", "paperJam", "notResponding", "coverOpen"] = ""


class PaperChanged(Event, frozen=True):
    """The printer's paper (XFS PaperThresholdEvent)."""

    at: Device
    paper: Literal["full", "low", "out"]


class HostAnswered(Event, frozen=True):
    """Answer to `AskHost`: `ask` comes back with its answer filled in; `verdict` is the host's word ("ok", "funds",
    …).
    """

    at: Device
    ref: str
    verdict: str
    ask: Ask
    completion: Completion = "success"


class Returned(Event, frozen=True):
    """Answer to `OpenPart`: the other part of the place has closed with this result. `persona`: what is in the pocket
    now; None where the part was only imagined, by the walk of a machine alone.
    """

    at: Device
    ref: str
    result: LinkedMachineResult
    persona: Persona | None = None


class DeviceLost(Event, frozen=True):
    """A device does not answer any more. `instead`: the driver of another device that was found at its port."""

    at: Device
    instead: str = ""


class DeviceBack(Event, frozen=True):
    """A lost device answers again."""

    at: Device


GlassEvent = Tapped | Typed | DoubleTapped | Idled
EngineEvent = Started | CabinetFound | TimerExpired | Ended | Struck | Returned
Surprise = (
    MediaInserted
    | MediaInvalid
    | MediaTaken
    | MediaDetected
    | PinKeyPressed
    | ItemsInserted
    | ItemsRefused
    | ItemsTaken
    | PaperChanged
    | BarcodeRead
    | GateAlarmed
    | GateCleared
    | DoorClosed
    | DeviceLost
    | DeviceBack
)
"""What a device says unasked."""
Answer = (
    MediaPresented
    | MediaRetained
    | MediaDispensed
    | MediaWritten
    | PinEntered
    | ItemsStored
    | ItemsReturned
    | ItemsPresented
    | ItemsRetracted
    | DocumentPrinted
    | HostAnswered
    | GatePassed
    | DoorOpened
)
"""What answers an open effect, by `at` and `ref`."""
AnyEvent = GlassEvent | EngineEvent | Surprise | Answer
