"""Parcel lockers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from hardware.drivers.settings.base import Gpio, Ms, Table


class Solenoid(Table, frozen=True, tag="solenoid"):
    """Locker whose door springs open when a solenoid on `lock` draws its bolt: the line is at `open_level` for
    `pulse_ms`, no longer, as a solenoid burns; up to `tries` pulses, `rest_ms` apart. `door`: a contact that closes to
    ground while the door is shut, so that a cut wire counts as open.
    """

    lock: Gpio
    door: Gpio
    open_level: Literal[0, 1] = 1
    pulse_ms: Annotated[int, msgspec.Meta(ge=50, le=1000)] = 300
    rest_ms: Annotated[int, msgspec.Meta(ge=200, le=5000)] = 1000
    tries: Annotated[int, msgspec.Meta(ge=1, le=5)] = 3
    settle_ms: Ms = 50

    def wired(self) -> Iterator[tuple[str, int]]:
        """Lock and contact."""
        yield from (("lock", self.lock), ("door", self.door))
