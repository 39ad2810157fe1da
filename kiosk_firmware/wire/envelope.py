"""A fact's wire form: CloudEvents 1.0 JSON in structured mode, the same for unit and office.

The CloudEvents id is `{epoch}-{seq}`: epoch is a random word per database, seq gapless within it, so the office can
prove that nothing is missing. `digest` covers what a fact says (type, time, data), not how it travels: a fact sent
again after a restart has the same one, a reused number has another. Data stays the very bytes that the unit stored.

Source: CloudEvents 1.0.2, JSON event format and MQTT protocol binding (structured mode).
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import UNSET, UnsetType

from kiosk_firmware.wire.event_clock import Quality, Stamp
from kiosk_firmware.wire.message_bounds import MOST_SEQ, MOST_UP_MS
from kiosk_firmware.wire.topics import ID

LIMIT = 48 * 1024
"""Bytes of an encoded envelope; a broker would cut the connection at 64 KiB, again and again."""
MOST_NAMES = 200
"""Earlier names that a fact may tell: its file was numbered anew so often."""
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
TimeQuality = Quality
_DAWN, _MS = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
_EPOCH = re.compile(r"[0-9a-f]{16}")
_TYPE = re.compile(r"cn\.kiosk\.([a-z]+(?:\.[a-z]+)*)\.v([1-9][0-9]{0,4})")
_NAME = re.compile(r"([0-9a-f]{16})-([1-9][0-9]{0,18})")
_BOOT = re.compile(r"[0-9a-f]{8}")
_SOURCE = re.compile(r"/kiosk/([a-z0-9-]{3,32})/([a-z0-9-]{3,32})")


class EnvelopeError(ValueError):
    """Bytes that are no fact of ours; the message says why."""


class Fact(msgspec.Struct, frozen=True):
    """A fact as it is stored: `type` is its name (`run.ended`), `data` its JSON, `at_ms` a UTC instant.

    `stamp`: both clocks when it was written, None where nobody looked. `was`: names (`{epoch}-{seq}`, a space
    between) under which it may have been sent before its file was numbered anew.
    """

    epoch: str
    seq: int
    at_ms: int
    type: str
    data: bytes
    stamp: Stamp | None = None
    was: str = ""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON object on the wire."""

    specversion: str
    id: str
    source: str
    type: str
    time: str
    datacontenttype: str
    epoch: str
    seq: int
    timeq: TimeQuality
    data: msgspec.Raw
    boot: str | UnsetType = UNSET
    upms: int | UnsetType = UNSET
    was: str | UnsetType = UNSET


class ReceivedFact(msgspec.Struct, frozen=True):
    """A decoded envelope. `known` is False for a version of the type that this code does not know."""

    site: str
    unit: str
    fact: Fact
    timeq: TimeQuality
    version: int

    @property
    def digest(self) -> str:
        """32 hex digits over what the fact says."""
        return digest(self.fact)


_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(Envelope).decode


def digest(fact: Fact) -> str:
    """Return 32 hex digits over type, instant and data."""
    said = f"{fact.type}\n{fact.at_ms}\n".encode() + fact.data
    return hashlib.blake2b(said, digest_size=16).hexdigest()


def encode(site: str, unit: str, fact: Fact, timeq: TimeQuality) -> bytes:
    """See `wire_form`: the bytes alone."""
    return wire_form(site, unit, fact, timeq)[1]


def wire_form(site: str, unit: str, fact: Fact, timeq: TimeQuality) -> tuple[str, bytes]:
    """Return the type and the wire form of a fact. One too large, or so damaged that nobody could read it, travels as a
    summary of itself under its own number: it is lost, is said to be, and stands in nobody's way. Where only its boot's
    clock is absurd, it travels without that.

    `timeq` is the clock's quality now, for a fact that was written down without a stamp.

    Raises:
        EnvelopeError: the summary is too large as well, which only an absurd unit id could cause.
    """
    undated = msgspec.structs.replace(fact, stamp=fact.stamp and Stamp(fact.stamp.quality))
    gone = _ENCODE({"first": fact.seq, "last": fact.seq, "count": 1})
    small = Fact(fact.epoch, fact.seq, fact.at_ms, "storage.summarised", gone, fact.stamp, fact.was)
    bare = Fact(fact.epoch, fact.seq, 0, "storage.summarised", gone)
    for told in (fact, undated, small, bare):
        with contextlib.suppress(EnvelopeError):
            return told.type, _readable(site, unit, told, timeq)
    raise EnvelopeError(f"fact {fact.epoch}-{fact.seq}: it cannot be told, not even as a summary")


def _readable(site: str, unit: str, fact: Fact, timeq: TimeQuality) -> bytes:
    """Encode a fact, and read it as the other side will read it.

    Raises:
        EnvelopeError: it cannot be.
    """
    try:
        wire = _encode_fact(site, unit, fact, timeq)
    except (ValueError, OverflowError, OSError) as error:  # an instant that no calendar has
        raise EnvelopeError(str(error)) from None
    _read(wire)
    return wire


def _encode_fact(site: str, unit: str, fact: Fact, timeq: TimeQuality) -> bytes:
    stamp = fact.stamp
    boot = stamp if stamp and stamp.boot else None
    return _ENCODE(
        Envelope(
            specversion="1.0",
            id=f"{fact.epoch}-{fact.seq}",
            source=f"/kiosk/{site}/{unit}",
            type=f"cn.kiosk.{fact.type}.v1",
            time=instant(fact.at_ms),
            datacontenttype="application/json",
            epoch=fact.epoch,
            seq=fact.seq,
            timeq=stamp.quality if stamp else timeq,
            data=msgspec.Raw(fact.data),
            boot=boot.boot if boot else UNSET,
            upms=boot.up_ms if boot else UNSET,
            was=fact.was or UNSET,
        )
    )


def decode(wire: bytes) -> ReceivedFact:
    """Return what an envelope says.

    Raises:
        EnvelopeError: too large, not JSON, a field missing or inconsistent with another; says which.
    """
    read, at_ms, kind = _read(wire)
    source = _SOURCE.fullmatch(read.source)
    if source is None:
        raise EnvelopeError(f"source {read.source!r}: not one of ours")
    stamp = Stamp(read.timeq, read.boot, read.upms) if read.boot and read.upms else None
    fact = Fact(read.epoch, read.seq, at_ms, kind[1], bytes(read.data), stamp, read.was or "")
    return ReceivedFact(source[1], source[2], fact, read.timeq, int(kind[2]))


def _read(wire: bytes) -> tuple[Envelope, int, re.Match[str]]:
    """Decode the envelope, its instant and its type; all that a damaged fact could spoil. Raises as `decode`."""
    if len(wire) > LIMIT:
        raise EnvelopeError(f"{len(wire)} bytes, allowed are {LIMIT}")
    try:
        read = _DECODE(wire)
        at_ms = milliseconds(read.time)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise EnvelopeError(str(error)) from None
    kind = _TYPE.fullmatch(read.type)
    if kind is None:
        raise EnvelopeError(f"type {read.type!r}: not one of ours")
    _check(read)
    return read, at_ms, kind


def _check(read: Envelope) -> None:
    if read.specversion != "1.0" or read.datacontenttype != "application/json":
        raise EnvelopeError(f"specversion {read.specversion!r}, datacontenttype {read.datacontenttype!r}")
    if not _EPOCH.fullmatch(read.epoch) or not 0 < read.seq <= MOST_SEQ:
        raise EnvelopeError(f"epoch {read.epoch!r}, seq {read.seq}: wanted 16 hex digits and 1 to {MOST_SEQ}")
    if read.was and not _are_names(read.was.split(" ")):
        raise EnvelopeError(f"was {read.was!r}: wanted names, epoch and number")
    if (read.boot and not _BOOT.fullmatch(read.boot)) or (read.upms and not 0 < read.upms <= MOST_UP_MS):
        raise EnvelopeError(f"boot {read.boot!r}, upms {read.upms!r}: wanted 8 hex digits and ms since then")
    if read.id != f"{read.epoch}-{read.seq}":
        raise EnvelopeError(f"id {read.id!r} is not {read.epoch}-{read.seq}")


def _are_names(told: list[str]) -> bool:
    names = [parse_fact_name(one) for one in told]
    return len(names) <= MOST_NAMES and all(name is not None and name[1] <= MOST_SEQ for name in names)


def parse_fact_name(name: str) -> tuple[str, int] | None:
    """Return epoch and number of a fact's name; None where it is none."""
    found = _NAME.fullmatch(name)
    return (found[1], int(found[2])) if found else None


def instant(at_ms: int) -> str:
    """Write UTC ms as RFC 3339 text with `Z`."""
    text = datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{at_ms % 1000:03d}Z"


def milliseconds(text: str) -> int:
    """Parse RFC 3339 text as UTC ms.

    Raises:
        ValueError: not an instant, or one without its offset from UTC.
    """
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError(f"time {text!r} has no offset")
    return (read - _DAWN) // _MS


def is_id(text: str) -> bool:
    """Return whether `text` may name a site or a unit."""
    return ID.fullmatch(text) is not None
