"""The small messages beside the facts: status, health, ack, command, reply, and the office's own state. All plain
JSON.

`Status` is retained and is the last will too; `sid` names one life of the agent, so a late will of an earlier life is
told from news. `Ack` alone releases a fact: everything up to `upto` is committed at the office, and everything up to
`top` except what `need` lists. `Health` is latest-wins and never stored on the unit.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec

from kiosk_firmware.wire import message_bounds


class Status(msgspec.Struct, frozen=True):
    """Presence. `machine` and `run` are the run that is going on, empty between runs; `ts` is UTC ms."""

    online: bool
    sid: str
    seq: int
    fw: str
    ts: int
    kind: str
    machine: str = ""
    run: str = ""


class Health(msgspec.Struct, frozen=True):
    """The unit's health now; None where it cannot tell. Times in s, disk in bytes, `throttled` the Pi's own bit field.

    `spool_full`: the share of the room for facts that they take, from 0; told once it is half.
    """

    ts: int
    uptime_s: int
    spool_depth: int
    spool_oldest_s: int
    disk_free: int
    load: float
    timeq: Literal["synced", "rtc", "guess"]
    temp_c: float | None = None
    throttled: int | None = None
    denied: int = 0
    reconnects: int = 0
    spool_full: float = 0.0


class Now(msgspec.Struct, frozen=True):
    """The content of a unit's glass, for the class board: latest wins, stored nowhere. Instants are UTC ms.

    `learner` is a pseudonym, "guest", or "" where nobody is there; machine to step are of the run that goes on. prompt:
    the coach's level now · acted_ms: when something last changed · calling: the teacher is called · stopped: the class
    is · waiting: lessons that were set · pace: of time-outs, "" as suits the learner.
    """

    ts: int
    learner: str = ""
    machine: str = ""
    skin: str = ""
    lesson: str = ""
    step: str = ""
    prompt: int = 0
    acted_ms: int = 0
    calling: bool = False
    stopped: bool = False
    waiting: int = 0
    pace: str = ""


class Ack(msgspec.Struct, frozen=True):
    """The numbers of an epoch that are committed at the office: 1..upto, and upto+1..top without `need`.

    `digest`: of what the fact under `upto` said, "" where it never came.
    """

    epoch: str
    upto: int
    top: int
    need: list[int] = []
    digest: str = ""


class Command(msgspec.Struct, frozen=True):
    """Something the office asks of a unit, at most once, before `expires_at` (UTC ms)."""

    id: str
    name: str
    args: dict[str, Any]
    expires_at: int


class Reply(msgspec.Struct, frozen=True):
    """The agent's answer to a command; its end is the fact `command.ended`."""

    id: str
    state: Literal["received", "expired", "refused"]
    detail: str = ""


class LogLines(msgspec.Struct, frozen=True):
    """The last lines of a unit's two processes, masked, oldest first; latest wins, stored nowhere."""

    ts: int
    screen: list[str]
    agent: list[str]


class Reported(msgspec.Struct, frozen=True):
    """A unit's configuration: `version` is the number of the last wanted one, 0 where there never was one. `toml`:
    unit.toml as it is, passwords left out.
    """

    version: int
    phase: Literal["none", "trial", "kept", "undone", "refused"]
    reason: str = ""
    toml: str = ""


class Central(msgspec.Struct, frozen=True):
    """The office's state: whether it stores facts now."""

    online: bool
    ts: int


Said = TypeVar("Said", bound=msgspec.Struct)
_DECODERS: dict[type, Any] = {
    shape: msgspec.json.Decoder(shape) for shape in (Status, Health, Now, Reply, LogLines, Reported)
}
WORD = 200
"""Characters of each word in a unit's status."""


def decode_unit_message(payload: bytes, shape: type[Said]) -> Said:
    """Decode what a unit says.

    Raises:
        msgspec.DecodeError: it has not that shape, or goes beyond `bounds`.
    """
    said: Said = message_bounds.decode(payload, _DECODERS[shape])
    if isinstance(said, Status) and max(map(len, (said.sid, said.fw, said.kind, said.machine, said.run))) > WORD:
        raise msgspec.ValidationError(f"a word of more than {WORD} characters")
    return said


ENCODE = msgspec.json.Encoder().encode
"""Any of the above, or a command's arguments, as JSON bytes."""
