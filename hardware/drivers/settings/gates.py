"""Gates and turnstiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from hardware.drivers.settings.base import Gpio, Ms, Table

_PINS = ("unlock_a", "unlock_b", "stop", "pass_a", "pass_b", "beam_a", "beam_b", "fire")


class RelayGate(Table, frozen=True, tag="relay"):
    """Gate on dry contacts: relays close its inputs `unlock_a`, `unlock_b` and `stop` (lock); its PASS outputs close
    `pass_a`, `pass_b`; light beams, A outside, interrupt `beam_a`, `beam_b`; the house's fire contact closes `fire`.

    `entry`: the line whose way leads in. `kind`: pulse (a command is a pulse of `pulse_ms`) or potential (open while
    the line is closed). Relays close at `active_level`; a beam is interrupted at `blocked_level`; PASS and fire
    contacts close to ground. A passage may begin for `window_ms`; both beams for `obstructed_ms` are an obstruction.
    The gate's own fire input belongs on the house's contact as well: it must open without us.
    """

    unlock_a: Gpio
    unlock_b: Gpio | None = None
    stop: Gpio | None = None
    pass_a: Gpio | None = None
    pass_b: Gpio | None = None
    beam_a: Gpio | None = None
    beam_b: Gpio | None = None
    fire: Gpio | None = None
    entry: Literal["A", "B"] = "A"
    kind: Literal["pulse", "potential"] = "pulse"
    active_level: Literal[0, 1] = 0
    blocked_level: Literal[0, 1] = 0
    pulse_ms: Annotated[int, msgspec.Meta(ge=100, le=2000)] = 200
    window_ms: Annotated[int, msgspec.Meta(ge=1000, le=60_000)] = 5000
    obstructed_ms: Annotated[int, msgspec.Meta(ge=1000, le=60_000)] = 5000
    settle_ms: Ms = 20

    def wired(self) -> Iterator[tuple[str, int]]:
        """Yield the pins of all relays and contacts."""
        for key in _PINS:
            if (pin := getattr(self, key)) is not None:
                yield key, pin

    def problems(self) -> Iterator[str]:
        """Yield whether somebody went through must be told by something, and two beams are needed to tell a
        direction.
        """
        if (self.beam_a is None) != (self.beam_b is None):
            yield "beam_a, beam_b: allowed are both or none"
        for way, unlock, passes in (("a", self.unlock_a, self.pass_a), ("b", self.unlock_b, self.pass_b)):
            if unlock is not None and passes is None and self.beam_a is None:
                yield f"pass_{way}: unlock_{way} needs it, or both beams, to know that somebody went through"
        if self.entry == "B" and self.unlock_b is None:
            yield "entry = 'B': allowed with unlock_b only"
