"""Decode what the broker brought, before the database knows it: a message, and the message taken apart."""

from __future__ import annotations

import msgspec

from kiosk_firmware.wire import topics
from kiosk_firmware.wire.envelope import EnvelopeError, ReceivedFact, decode


class IncomingMessage(msgspec.Struct, frozen=True):
    """A message from the broker; `heard_ms` is the office's clock."""

    topic: str
    payload: bytes
    heard_ms: int
    retained: bool = False


class DecodedMessage(msgspec.Struct, frozen=True):
    """A message taken apart: where it belongs, and the fact in it. Either may be missing."""

    message: IncomingMessage
    address: topics.Address | None
    heard: ReceivedFact | None = None


def decode_message(message: IncomingMessage) -> DecodedMessage:
    """Take a message apart; never raises."""
    address = topics.parse(message.topic)
    if address is None or address.channel != "evt":
        return DecodedMessage(message, address)
    try:
        return DecodedMessage(message, address, decode(message.payload))
    except EnvelopeError:
        return DecodedMessage(message, address)
