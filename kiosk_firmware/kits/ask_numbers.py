"""Number what is asked of a host, so that what is asked again is done once, and what is asked anew is done.

A host takes an ask under the number of one that it did for the same ask again. So a new one has a number that the host
holds for none: neither the newest that it said "ok" to, nor one whose answer never came. What it refused it did not do;
that number is free.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import count

from kiosk_firmware.core.events import HostAnswered


def free_number(held: Collection[int]) -> int:
    """Return the smallest number that none of these asks has."""
    return next(number for number in count(1) if number not in held)


def held_after(held: tuple[int, ...], event: HostAnswered) -> tuple[int, ...]:
    """Return the numbers that the host may hold after this answer. An ask without a number books nothing."""
    number = event.ask.id
    if not number or event.completion == "canceled":
        return held
    if event.completion != "success":
        return tuple(sorted({*held, number}))
    return (number,) if event.verdict == "ok" else held
