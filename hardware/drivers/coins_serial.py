"""A DG600F in its RS-232 mode as the unit's coin slot: it says each coin once, and nobody answers.

The theory. There is no question, no number and no repetition: a message that did not come whole is gone, and one that
comes twice within the time that a token needs to fall is an echo on the wire. Both are counted (`check`, `noise`,
`echo`…) and never credited; what is credited was said once, in three bytes that follow each other and agree.

What refuses tokens is the inhibit line, as on pulse acceptors: it must be driven for tokens to be let in, so a dead
process refuses by wiring, and it is driven only while the port is open, for a coin that falls with the cable out would
be told to nobody. The running count is on disk before anybody hears of a token.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from gpiozero import OutputDevice

from hardware.drivers.effect_answers import answer
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.coins import Dg600fSerial
from hardware.protocols import coin_serial
from hardware.transport.durable_json import DurableJson
from hardware.transport.gpio_pin_factory import Factory
from hardware.transport.serial_port import PortSettings, SerialPort, monotonic_ms
from kiosk_firmware.core.effects import AnyEffect, Cancel
from kiosk_firmware.core.events import AnyEvent, Device, DeviceBack, DeviceLost, ItemsInserted

APART_MS = 100
"""No two tokens fall within so short a time."""
GRACE_MS = 3000
"""How long a port may take to be there at first before its device counts as lost."""


class CoinsSerial:
    """The driver. It answers no effect: tokens cannot be held. All but `enable` happens in the port's thread."""

    CAN: ClassVar[frozenset[str]] = frozenset({"counts"})

    def __init__(
        self,
        settings: Dg600fSerial,
        port: PortSettings,
        money: MoneyChannels,
        post: Callable[[AnyEvent], None],
        factory: Factory,
        clock: Callable[[], int] = monotonic_ms,
        memory: Path | None = None,
    ) -> None:
        """Take `memory`, the file that keeps the running count; None keeps it no longer than the process."""
        self.at: Device = "coin_acceptor"
        self._settings, self._post, self._clock, self._factory = settings, post, clock, factory
        self._tokens_fen = frozenset(money.tokens_fen)
        self._memory = DurableJson(memory)
        self._port = SerialPort(port, self._on_bytes, self._on_tick, self._on_back, self._on_lost, clock)
        self._codec = coin_serial.Codec()
        self._noise: Counter[str] = Counter()
        self._inhibit: Any = None
        self._wanted = self._up = self._said_lost = False
        self._started_ms = clock()
        self._last_ms: int | None = None

    @property
    def counter(self) -> int:
        """Return how many tokens ever fell."""
        return int(self._memory.get("tokens", 0))

    def start(self) -> None:
        """Refuse tokens and begin to open the port; raises what gpiozero raises when the pin cannot be had."""
        self._inhibit = OutputDevice(
            self._settings.inhibit_pin,
            active_high=bool(self._settings.enabled_level),
            initial_value=False,
            pin_factory=self._factory,
        )
        self._started_ms = self._clock()
        self._port.start()

    def stop(self) -> None:
        """Let the pin go, so that wiring refuses tokens, and close the port; twice is fine."""
        self._port.close()
        if self._inhibit is not None:
            self._inhibit.close()

    def enable(self, on: bool) -> None:
        """Set whether the page waits on the slot. From any thread."""
        self._wanted = on
        self._port.wake()

    def perform(self, effect: AnyEffect) -> None:
        """Refuse: a coin slot has nothing to do."""
        if not isinstance(effect, Cancel):
            self._post(answer(effect, "unsupportedCommand"))

    def health(self) -> dict[str, Any]:
        """Return the device's report, with `tokens` and `noise` by kind (`value`: a coin that is no token's)."""
        noise = {**self._codec.faults.as_dict(), **self._noise}
        return {
            "at": self.at,
            "ready": self._up,
            "lost": self._said_lost,
            "enabled": self._wanted,
            "tokens": self.counter,
            "noise": noise,
            "port": self._port.health(),
        }

    # -- the port's thread --------------------------------------------------------------------------------------------

    def _on_back(self) -> None:
        self._noise.update(self._codec.faults.as_dict())
        self._codec, self._up = coin_serial.Codec(), True
        if self._said_lost:
            self._said_lost = False
            self._post(DeviceBack(self.at))
        self._switch()

    def _on_lost(self) -> None:
        self._up = False
        self._switch()
        self._say_lost()

    def _on_tick(self, now_ms: int) -> None:
        self._codec.tick(now_ms)
        self._switch()
        if not self._up and now_ms - self._started_ms >= GRACE_MS:
            self._say_lost()

    def _on_bytes(self, data: bytes, now_ms: int) -> None:
        for message in self._codec.receive_data(data, now_ms):
            if isinstance(message, coin_serial.Coin):
                self._heard(message.fen, now_ms)

    def _heard(self, fen: int, now_ms: int) -> None:
        again = self._last_ms is not None and now_ms - self._last_ms < APART_MS
        self._last_ms = now_ms
        if again or fen not in self._tokens_fen:
            self._noise["echo" if again else "value"] += 1
            return
        self._memory.keep(tokens=self.counter + 1)
        self._post(ItemsInserted(self.at, fen, self.counter))

    def _switch(self) -> None:
        wanted = self._wanted and self._up
        if wanted != bool(self._inhibit.value):
            self._inhibit.value = wanted

    def _say_lost(self) -> None:
        if not self._said_lost:
            self._said_lost = True
            self._post(DeviceLost(self.at))
