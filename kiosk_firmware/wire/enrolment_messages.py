"""Define what a unit and the enrolment desk say to each other: over HTTPS, or as files that somebody carries.

    Apply ──► Challenge ──► Prove ──► Grant         with a one-time code, or by a certificate that is to be renewed
      └─────► Waiting (somebody must admit it)      without either
      └─────► Refused (why)

The same five messages serve all four ways in, so there is one place that decides.
"""

from __future__ import annotations

from typing import Literal

import msgspec

LIMIT = 64 * 1024
"""Bytes of one message, at most."""


class Apply(msgspec.Struct, frozen=True, tag=True):
    """A unit that wants a certificate: its request (PEM), and why it should get one.

    `certificate` (PEM chain) is the one in use, for a renewal. `serial` is the board's, a hint and no proof.
    """

    csr: str
    unit: str = ""
    code: str = ""
    certificate: str = ""
    serial: str = ""
    version: str = ""


class Challenge(msgspec.Struct, frozen=True, tag=True):
    """Sign this: then the key is here and now in the hands of who asks. The ticket names the application."""

    ticket: str
    nonce: str


class Prove(msgspec.Struct, frozen=True, tag=True):
    """The nonce, signed with the new key; for a renewal with the former one, too."""

    ticket: str
    signature: str
    former: str = ""


class BrokerAddress(msgspec.Struct, frozen=True):
    """The address of the fleet's broker."""

    host: str
    port: int = 8883


class Grant(msgspec.Struct, frozen=True, tag=True):
    """The documents that make a unit trusted. `certificate`: PEM chain, leaf first; `site_key` hides learners' numbers,
    "" where the unit has it already.
    """

    unit: str
    site: str
    kind: str
    certificate: str
    root: str
    crl: str
    broker: BrokerAddress
    site_key: str
    now_ms: int


class Waiting(msgspec.Struct, frozen=True, tag=True):
    """The office's answer that a person must first compare these digits with those on the unit's glass; compare these
    digits with those on the unit's glass.
    """

    fingerprint: str


class Refused(msgspec.Struct, frozen=True, tag=True):
    """No, and why, for a technician to read. `word` is the reason's name (`WHY`), which a glass says in its own
    language; "" has none.
    """

    reason: str
    word: str = ""


WHY = ("barred", "unknown", "other", "used", "ended", "taken", "named", "retired", "revoked", "busy", "late", "foreign")
"""Too many wrong codes; no such code; another unit's; spent; too old; the unit has a board; the board is another
unit already; retired; revoked; too many units at once; the challenge took too
long; another office's.
"""


PURPOSE = "enrolment"
"""Of a signed enrolment file."""


class EnrolmentFile(msgspec.Struct, frozen=True):
    """The payload of an enrolment file: who the unit is to be, its one-time code, and where the desk is."""

    unit: str
    site: str
    kind: str
    code: str
    expires_ms: int
    desk: str
    """HOST:PORT of the enrolment desk, "" where there is no network: then a USB drive carries the messages."""
    root: str


CARD = "kiosk-office.json"
"""An introduction's file on the card's first partition."""


class Introduction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The data that every card of an office may carry, since it is no secret: where the desk is, and the office's root.
    A unit with it needs no file of its own: it comes to the waiting room, and takes codes that are typed on its glass.
    """

    desk: str
    root: str
    practise: bool = True
    """Whether the unit may be practised on before it is trusted."""


WANTED = "config"
"""Of a signed configuration."""


class WantedConfig(msgspec.Struct, frozen=True):
    """The payload of a wanted configuration: which unit, its number (above every earlier one), unit.toml whole."""

    unit: str
    version: int
    toml: str


UPDATE = "update"
"""Of a signed order to take a new system or new content."""


class Update(msgspec.Struct, frozen=True):
    """The payload of an order: which unit, the order's name, and which file of the office's shelf it is to fetch.

    `address`: HOST:PORT of the shelf, "" where a USB drive brings the file. `window`: "HH:MM HH:MM" of UTC+8 in which
    a system may be installed, "" for the usual one. After `until_ms` the order is nothing any more.
    """

    unit: str
    order: str
    kind: Literal["system", "content"]
    version: str
    size: int
    sha256: str
    until_ms: int
    address: str = ""
    window: str = ""


CONTENT = "content"
"""Of a signed file of what is practised."""


class Content(msgspec.Struct, frozen=True):
    """The payload of a content file: its number (above every earlier one); lessons and dated rules as (machine, TOML
    text), texts as (machine, language, TOML text), recordings as (language, file, bytes).
    """

    version: int
    lessons: tuple[tuple[str, str], ...] = ()
    packs: tuple[tuple[str, str], ...] = ()
    texts: tuple[tuple[str, str, str], ...] = ()
    voices: tuple[tuple[str, str, bytes], ...] = ()


Answer = Challenge | Grant | Waiting | Refused
Ask = Apply | Prove
ENCODE = msgspec.json.encode
ASKED = msgspec.json.Decoder(Ask)
ANSWERED = msgspec.json.Decoder(Answer)


def scanned_fingerprint(text: str) -> str:
    """Return the fingerprint in a scanned enrolment code, or the digits that were typed instead."""
    parts = dict(part.split("=", 1) for part in text.partition("kiosk:")[2].split(";") if "=" in part)
    return parts.get("key", text).strip()
