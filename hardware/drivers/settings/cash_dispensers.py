"""Cash dispensers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from hardware.drivers.settings.base import Gpio, Ms, Table, amounts


class Tray(Table, frozen=True, tag="tray"):
    """Cash tray: a lock at `lock_pin` and a light barrier at `beam_pin`.

    It is unlocked while the lock's line is at `unlocked_level`, the one that a dead process does not give.
    `beam_clear` is the line's level while light passes; the other level, also of a cut wire, means broken.
    `count_ms`: how long counting takes (realistic: 1500). `stock`: what lies ready, fen (as text) → notes. `most`:
    notes a time.
    """

    lock_pin: Gpio
    beam_pin: Gpio
    unlocked_level: Literal[0, 1] = 1
    beam_clear: Literal[0, 1] = 0
    count_ms: Ms = 1500
    settle_ms: Ms = 300
    stock: dict[str, int] = msgspec.field(default_factory=lambda: {"10000": 60})
    most: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    refill: bool = True
    """Each run begins with the full stock (the teacher puts the practice notes back)."""

    def wired(self) -> Iterator[tuple[str, int]]:
        """Yield the pins of the lock and the light barrier."""
        yield from (("lock_pin", self.lock_pin), ("beam_pin", self.beam_pin))

    def problems(self) -> Iterator[str]:
        """Yield a problem for each stock that is not given by value."""
        yield from amounts("stock", self.stock)
