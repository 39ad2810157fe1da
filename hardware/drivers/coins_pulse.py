"""A pulse coin acceptor as the unit's coin slot: refuses tokens unless the page waits on them, and when nobody runs.

The running count of tokens is on disk before anybody hears of one, so after a crash `counter` says how many fell;
what the journal does not have of them is reported as unknown and never guessed. All else is `pulse_acceptor.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from hardware.drivers.gpio_device import Post
from hardware.drivers.pulse_acceptor import PulseAcceptor
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.coins import Pulse
from hardware.transport.gpio_pin_factory import Factory
from kiosk_firmware.core.events import ItemsInserted


class CoinsPulse(PulseAcceptor):
    """The driver. It answers no effect: tokens cannot be held."""

    CAN: ClassVar[frozenset[str]] = frozenset({"counts"})

    def __init__(
        self, settings: Pulse, money: MoneyChannels, post: Post, factory: Factory, memory: Path | None = None
    ) -> None:
        """Take `memory`, the file that keeps the running count; None keeps it no longer than the process."""
        super().__init__("coin_acceptor", settings, money, post, factory, memory)

    @property
    def counter(self) -> int:
        """Return how many tokens ever fell."""
        return int(self._memory.get("tokens", 0))

    def health(self) -> dict[str, Any]:
        """Return `PulseAcceptor.health`, with `tokens`."""
        return {**super().health(), "tokens": self.counter}

    def _credit(self, fen: int) -> None:
        self._memory.keep(tokens=self.counter + 1)
        self._post(ItemsInserted(self.at, fen, self.counter))
