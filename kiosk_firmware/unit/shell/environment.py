"""Define what a unit's screen process stands between: clock, glass, devices, voice, and who the unit is."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.runtime.interfaces import CabinetLike

RESTART = 70
"""Exit code: start me again at once."""
BLANK = "commission"
"""A file of this name in the state folder: a supervisor wants the unit set up anew at the next start."""


class SystemClock:
    """The two times of this machine."""

    def mono_ms(self) -> int:
        """Return milliseconds that only measure."""
        return time.monotonic_ns() // 1_000_000

    def utc_ms(self) -> int:
        """Return the instant, in UTC ms."""
        return utc_ms()


class Glass(Protocol):
    """The calls that the unit makes to the stage, beyond the engine's (see `unit.runtime.interfaces.Stage`)."""

    def show(self, page: Any, words: Any, language: str, look: Any, visit: int) -> None:
        """Draw a page."""

    def strip(self, strip: Any) -> None:
        """Draw the strip."""

    def ring(self, left_ms: int | None, total_ms: int = 0) -> None:
        """Draw the ring."""

    def clock(self, text: str) -> None:
        """Draw the practised time."""

    def steady(self, on: bool, hold: bool) -> None:
        """Steady touch, for this learner; `hold`: keys count only when they are held."""


class CabinetCalls(CabinetLike, Protocol):
    """The calls that the unit makes to the cabinet, beyond the engine's."""

    def call_teacher(self, on: bool) -> None:
        """Switch the teacher's lamp."""

    def digit(self, key: str) -> None:
        """Pass on a figure of a telephone's password."""

    def halo(self, slot: str) -> None:
        """Point at a slot."""

    def self_test(self) -> Any:
        """Look at every device."""

    def stop(self) -> None:
        """Let all wires go; twice is fine."""

    def refill(self, at: str) -> None:
        """Count a device anew that was filled up, or whose box was emptied."""

    def issue_secrets(self, on: bool) -> None:
        """Give the cards that are held to a reader their secret, or no more."""


class Speaker(Protocol):
    """The calls that the unit makes to the voice."""

    def unsaid(self, languages: Iterable[str]) -> frozenset[str]:
        """Return those of the languages in which nothing can be said here."""

    def say(self, sentence: str, language: str) -> None:
        """Say it now."""

    def page(self, sentence: str, language: str) -> None:
        """Say a page's sentence, where pages speak."""


class UnitDescription(msgspec.Struct, frozen=True):
    """Of unit.toml: id, kind, the machines that are offered (empty: all that the devices can do), first language."""

    id: str
    kind: str
    machines: tuple[str, ...]
    language: str
    devices: tuple[str, ...]
    version: str
    site_key: bytes = b""
    tokens_fen: tuple[int, ...] = ()
    notes_fen: tuple[int, ...] = ()

    @property
    def is_dedicated(self) -> bool:
        """It is built as its one machine."""
        return len(self.machines) == 1 and self.kind != "all-in-one"

    @property
    def place(self) -> str:
        """The place that it is built as, on whose first page it stands while nobody is there; empty for none."""
        parts = {spot.id: spot.parts for spot in machine_loader.PLACES}.get(self.kind, ())
        return self.kind if parts and not self.is_dedicated and set(self.machines) <= set(parts) else ""

    def told(self, missing: Iterable[str]) -> dict[str, object]:
        """Return what the office is told of a unit that has started; `missing`: devices that do not answer, or that it
        never had, of which nobody needs to hear.
        """
        own = {"fw": self.version, "kind": self.kind, "machines": list(self.machines), "devices": list(self.devices)}
        return {**own, "missing": [at for at in missing if at in self.devices]}
