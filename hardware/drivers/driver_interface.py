"""Define what the cabinet asks of every driver."""

from __future__ import annotations

from typing import Any, Protocol

from kiosk_firmware.core.effects import AnyEffect


class Driver(Protocol):
    """The calls that the cabinet makes to every driver. All calls may come from any thread and none blocks."""

    CAN: frozenset[str]

    def start(self) -> None:
        """Take the wire and begin; raises where there is none."""

    def stop(self) -> None:
        """Let it go; twice is fine."""

    def perform(self, effect: AnyEffect) -> None:
        """Begin the effect; one event with its ref follows."""

    def enable(self, on: bool) -> None:
        """Set whether the page waits on this device."""

    def health(self) -> dict[str, Any]:
        """Return counters and state, as JSON values."""
