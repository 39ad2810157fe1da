"""Facts on a USB drive, for a wing without a network: the same envelopes as on the wire, and what is signed about
them.

The file's first line is a signed document that covers the rest by its hash; each further line is one envelope. The
way back is a signed document with the office's acknowledgements. Both go through the same doors as messages do, so a
stick that is read twice, or late, changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from kiosk_firmware.wire.messages import Ack

OUT, BACK = "carried facts", "carried acks"
"""What the two documents are for; signed with them."""
FACTS_TAIL, ACKS_TAIL = ".facts", ".acks"


class CarriedFacts(msgspec.Struct, frozen=True):
    """The document that a unit signs: whose facts, how many lines, and the hash over them. `made_ms` is UTC."""

    unit: str
    site: str
    made_ms: int
    count: int
    sha256: str


class DeliveryReceipt(msgspec.Struct, frozen=True):
    """The document that the office signs in answer: what of the unit's epochs is committed."""

    unit: str
    made_ms: int
    acks: list[Ack]


def digest(lines: Iterable[bytes]) -> str:
    """Return the hash over a file's lines, as hex."""
    hashed = hashlib.sha256()
    for line in lines:
        hashed.update(line + b"\n")
    return hashed.hexdigest()
