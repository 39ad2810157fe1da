"""The facts that a unit tells the office: a closed list, each with the shape of its data.

A fact states what happened, with no name of a person, no card number, no PIN: `learner` is the site's keyed hash of a
number, or "guest". New fields are optional; a breaking change is a new version of the type. Amounts are fen, times ms.
The same shapes stand in `asyncapi.yaml`, and a test holds the two together.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.wire import message_bounds

At = str
"""A logical device of the unit, as in `core.events.Device`."""
Purpose = Literal["practice", "proctored", "guest", "demo", "test", "simulated"]
Outcome = Literal["done", "given_up", "lost", "timed_out", "abandoned", "closed"]


class UnitStarted(msgspec.Struct, frozen=True):
    """The screen process is up: what it is, and which devices answered."""

    fw: str
    kind: str
    machines: list[str]
    devices: list[At]
    missing: list[At]


class SittingStarted(msgspec.Struct, frozen=True):
    """A learner signed in."""

    learner: str


class SittingEnded(msgspec.Struct, frozen=True):
    """A turn is over."""

    learner: str
    reason: str


class LearnerAsked(msgspec.Struct, frozen=True):
    """A learner has signed in: what did they do on the site's other units? Answered by `learner.records`."""

    learner: str


class LearnerKept(msgspec.Struct, frozen=True):
    """A learner set pictures or what suits them; the newest counts. `mark`: the pictures' slow hash under the site's
    key, which neither office nor broker has; empty where none are set. `hold`: a key counts only when it is held;
    `met`: the machines whose words were gone through.
    """

    learner: str
    at_ms: int
    mark: str = ""
    language: str = ""
    steady: bool = False
    voice: bool = False
    hold: bool = False
    met: tuple[str, ...] = ()


class RunStarted(msgspec.Struct, frozen=True):
    """One attempt on one machine and skin begins; `lesson` is empty in free practice."""

    run: str
    machine: str
    skin: str
    lesson: str
    pack: str
    learner: str
    purpose: Purpose
    armed: str | None = None


class StepEnded(msgspec.Struct, frozen=True):
    """A page's purpose was fulfilled: prompt level needed, slips and time. `kinds`: how many slips of each kind were
    seen there; words of a fixed list, never text.
    """

    run: str
    step: str
    prompt: int
    slips: int
    ms: int
    kinds: dict[str, int] = {}


class RunEnded(msgspec.Struct, frozen=True):
    """A run ends exactly once; `facts` are the machine's own, by name."""

    run: str
    machine: str
    skin: str
    lesson: str
    learner: str
    purpose: Purpose
    outcome: Outcome
    ms: int
    slips: int
    prompt_max: int
    facts: dict[str, int | str | bool]


class ItemsMoved(msgspec.Struct, frozen=True):
    """Practice money passed a slot."""

    run: str
    at: At
    what: Literal["accepted", "returned", "presented", "taken", "retracted"]
    fen: int


class MediaMoved(msgspec.Struct, frozen=True):
    """A card passed a slot; never its number."""

    run: str
    at: At
    what: Literal["inserted", "taken", "retained"]


class DeviceLost(msgspec.Struct, frozen=True):
    """A device does not answer any more. `instead`: the driver of another device that answers at its port."""

    at: At
    instead: str = ""


class DeviceBack(msgspec.Struct, frozen=True):
    """A lost device answers again."""

    at: At


class FaultStruck(msgspec.Struct, frozen=True):
    """A fault armed for practice struck."""

    run: str
    fault: str


class TeacherCalled(msgspec.Struct, frozen=True):
    """The learner pressed "call the teacher"."""

    run: str
    step: str


class CommandEnded(msgspec.Struct, frozen=True):
    """The result of a command of the office."""

    id: str
    name: str
    ok: bool
    detail: str


class StorageSummarised(msgspec.Struct, frozen=True):
    """Facts that will never come: `count` of them between `first` and `last`, of this envelope's epoch or of
    `epoch`.
    """

    count: int
    first: int = 0
    last: int = 0
    epoch: str = ""


class StorageSalvaged(msgspec.Struct, frozen=True):
    """A file that was damaged, or behind what others saw of it, was begun anew with the `saved` rows that it still had;
    numbers had gone up to `last` of `epoch` (0 and "" where nobody knows).
    """

    file: Literal["screen", "agent"]
    saved: int
    epoch: str = ""
    last: int = 0


class ClockJumped(msgspec.Struct, frozen=True):
    """The wall clock was set while the unit ran, by so much (backwards is negative); `quality` is its new one."""

    by_ms: int
    quality: Literal["synced", "rtc", "guess"]


class HealthSummarised(msgspec.Struct, frozen=True):
    """A quarter of an hour of health in one fact; figures that the unit cannot read are absent."""

    since_ms: int
    until_ms: int
    samples: int
    spool_max: int
    disk_free_min: int
    temp_max_c: float | None = None
    denied: int = 0
    reconnects: int = 0


class ContactChanged(msgspec.Struct, frozen=True):
    """The cabinet's door was opened (`on`) or shut, or its tamper contact was touched or left alone."""

    contact: Literal["door", "tamper"]
    on: bool


class CodeMet(msgspec.Struct, frozen=True):
    """Another unit's code was shown here: 16 hex digits of its hash, a payment code or a receipt, and whether it was
    taken. The same one taken by two units was used twice: only the office can see it.
    """

    code: str
    kind: Literal["own", "receipt"]
    word: Literal["taken", "used", "old", "foreign"]


class NoiseCounted(msgspec.Struct, frozen=True):
    """Signals that were no coin and no key: counted, never credited."""

    at: At
    kind: str
    count: int


class TextMissing(msgspec.Struct, frozen=True):
    """A text was asked for that is not there; a plain sentence stood in its place. Each is told once a start."""

    text: str
    language: str


class SupervisorEntered(msgspec.Struct, frozen=True):
    """A supervisor, known by a number only, was let in: with a card or a code."""

    who: int
    by: Literal["card", "code"]


class SupervisorRefused(msgspec.Struct, frozen=True):
    """A try at the supervisor's door was refused; `left` tries before the door is barred."""

    by: Literal["card", "code"]
    left: int


class CardRefused(msgspec.Struct, frozen=True):
    """A card showed a learner's or anybody's number at the supervisor's door, and not the secret that cards of this
    site carry: a copy, or a card that was issued before there were secrets. Whose number it was is not told.
    """

    at: str


class SupervisorBarred(msgspec.Struct, frozen=True):
    """Too many tries: nobody gets in for so many minutes."""

    minutes: int


class SupervisorActed(msgspec.Struct, frozen=True):
    """An act of a supervisor; `detail` is a device, a fault or a reason, by id."""

    who: int
    act: Literal[
        "look",
        "test",
        "arm",
        "count",
        "refill",
        "shut",
        "open",
        "restart",
        "access",
        "issue",
        "commission",
        "carry",
        "wipe",
        "keep",
    ]
    detail: str


class SupervisorLeft(msgspec.Struct, frozen=True):
    """The supervisor's side is closed again."""

    who: int
    reason: Literal["key", "idle"]


class TechnicianEntered(msgspec.Struct, frozen=True):
    """A technician, known by a number only, was let in with a technician's card."""

    who: int


class TechnicianActed(msgspec.Struct, frozen=True):
    """An act of a technician on the glass; `detail` is a device or what was looked at, by id."""

    who: int
    act: Literal["look", "watch", "record", "test", "teach", "probe"]
    detail: str


class TechnicianLeft(msgspec.Struct, frozen=True):
    """The technician's side is closed again."""

    who: int
    reason: Literal["key", "idle"]


class ShellStaged(msgspec.Struct, frozen=True):
    """A shell was opened for a ticket of the office, closed, or refused; `detail` says why, or to whom. `minutes`: how
    long it stands open at most. `ticket`: the ticket's number, "" where it was none that can be read.
    """

    ticket: str
    stage: Literal["opened", "closed", "refused"]
    way: Literal["console", "cable", ""] = ""
    minutes: int = 0
    detail: str = ""


Stage = Literal["downloading", "waiting", "installing", "trying", "kept", "returned", "refused", "failed", "stopped"]
"""How far an update is: see `updating`."""
OVER: frozenset[Stage] = frozenset({"kept", "returned", "refused", "failed", "stopped"})


class UpdateStaged(msgspec.Struct, frozen=True):
    """The progress of a new system or new content; `detail` says why where it did not go on. `order`: the office's name
    of it, or "stick".
    """

    order: str
    kind: Literal["system", "content"]
    version: str
    stage: Stage
    detail: str = ""


class CustodyCounted(msgspec.Struct, frozen=True):
    """The class's things were counted: pieces by kind (card, ident, slip, fen.100); `expected` lacks what nobody
    knew.
    """

    who: int
    when: Literal["before", "after"]
    complete: bool
    counted: dict[str, int]
    expected: dict[str, int]


class VisitChanged(msgspec.Struct, frozen=True):
    """The state of a real visit by video on this unit, and why it is over; nothing else of it is ever told here."""

    phase: Literal["waiting", "ready", "talking", "cut", "over"]
    end: Literal["", "time", "unit", "station", "officer", "line", "late", "words", "language", "phone", "recording"]


FACTS: dict[str, type[msgspec.Struct]] = {
    "unit.started": UnitStarted,
    "sitting.started": SittingStarted,
    "sitting.ended": SittingEnded,
    "learner.asked": LearnerAsked,
    "learner.kept": LearnerKept,
    "run.started": RunStarted,
    "step.ended": StepEnded,
    "run.ended": RunEnded,
    "items.moved": ItemsMoved,
    "media.moved": MediaMoved,
    "device.lost": DeviceLost,
    "device.back": DeviceBack,
    "fault.struck": FaultStruck,
    "teacher.called": TeacherCalled,
    "command.ended": CommandEnded,
    "storage.summarised": StorageSummarised,
    "storage.salvaged": StorageSalvaged,
    "clock.jumped": ClockJumped,
    "health.summarised": HealthSummarised,
    "contact.changed": ContactChanged,
    "code.met": CodeMet,
    "noise.counted": NoiseCounted,
    "text.missing": TextMissing,
    "supervisor.entered": SupervisorEntered,
    "supervisor.refused": SupervisorRefused,
    "card.refused": CardRefused,
    "supervisor.barred": SupervisorBarred,
    "supervisor.acted": SupervisorActed,
    "supervisor.left": SupervisorLeft,
    "technician.entered": TechnicianEntered,
    "technician.acted": TechnicianActed,
    "technician.left": TechnicianLeft,
    "shell.staged": ShellStaged,
    "custody.counted": CustodyCounted,
    "visit.changed": VisitChanged,
    "update.staged": UpdateStaged,
}
"""Fact name → shape of its data."""
_DECODERS = {name: msgspec.json.Decoder(shape) for name, shape in FACTS.items()}


def decode_data(fact: str, data: bytes | msgspec.Raw) -> msgspec.Struct:
    """Decode the data of a fact of known name.

    Raises:
        KeyError: the name is not in FACTS.
        msgspec.DecodeError: the data has not that shape, or goes beyond `bounds`; the message names the field.
    """
    decoded: msgspec.Struct = message_bounds.decode(data, _DECODERS[fact])
    if isinstance(decoded, StorageSummarised | StorageSalvaged) and decoded.last > message_bounds.MOST_SEQ:
        raise msgspec.ValidationError(f"a fact's number beyond {message_bounds.MOST_SEQ} - at `$.last`")
    return decoded
