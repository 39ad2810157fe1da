"""Bound what a message may hold, whatever its shape: no number beyond what books can add up, no instant beyond a
calendar.

A unit of ours never comes near these; a message that goes beyond is somebody else's, or a unit gone mad. Numbers are
searched for as bytes first, so that an honest message costs one look.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

LARGEST = 10**13 - 1
"""Of any number: an instant of the year 2286 in ms, a hundred billion yuan in fen; sums over a fleet fit 63 bits."""
MOST_SEQ = 2**32
"""Of a fact's number: ten a second for thirteen years."""
MOST_UP_MS = 2**40
"""Of a time since boot: 34 years."""
AHEAD_MS = 24 * 3_600_000
"""So far ahead of who hears it an instant may lie: clocks differ, days do not."""
_LONG = re.compile(rb"[0-9]{14}|[0-9][eE]\+?[0-9]{2}")


def check(data: bytes | msgspec.Raw) -> None:
    """Check JSON for its numbers, its depth and its encoding.

    Raises:
        msgspec.DecodeError: it is no JSON in UTF-8, is nested too deep, or a number lies beyond `LARGEST`.
    """
    try:
        bytes(data).decode()
        if _LONG.search(data):
            _walk(msgspec.json.decode(data))
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from None


def decode(data: bytes, shape: msgspec.json.Decoder[Any]) -> Any:
    """Decode a small message into its shape.

    Raises:
        msgspec.DecodeError: as `check`, or it has not that shape.
    """
    check(data)
    try:
        return shape.decode(data)
    except RecursionError as error:
        raise msgspec.DecodeError(str(error)) from None


def instant(at_ms: int, heard_ms: int) -> int | None:
    """Return an instant that may be believed: since 1970 and no more than a day ahead; None where it may not."""
    return at_ms if 0 <= at_ms <= heard_ms + AHEAD_MS else None


def _walk(value: Any) -> None:
    if isinstance(value, dict):
        for one in value.values():
            _walk(one)
    elif isinstance(value, list):
        for one in value:
            _walk(one)
    elif isinstance(value, int | float) and not -LARGEST <= value <= LARGEST:
        raise msgspec.ValidationError(f"a number beyond ±{LARGEST}")
