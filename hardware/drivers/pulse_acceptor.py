"""Share what acceptors on a pulse line have in common: a line that counts, an output that lets money in, and their
troubles.

The inhibit output must be driven actively to let money in, so a dead process refuses it by wiring. With `inhibit =
"power"` a relay cuts the acceptor's 12 V: then power is not cut while a train of pulses is under way (the piece has
fallen), and what the acceptor says in its first second is not meant. A piece that fell counts whenever it comes, also
a moment after the slot was closed: a coin in flight is never swallowed.

A line that hangs is lost until it has rested. One that was never seen at rest at all is no jam: the acceptor's polarity
switch stands the other way, and `health` says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gpiozero import OutputDevice

from hardware.drivers.gpio_device import Edge, PinDevice, Post, WatchedPin, now_ms
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.coins import Pulse, PulseShape
from hardware.drivers.settings.notes import PulseNotes
from hardware.protocols import coin_pulses
from hardware.transport.durable_json import DurableJson
from hardware.transport.gpio_pin_factory import Factory
from kiosk_firmware.core.events import Device

QUIET_MS = 20
"""How often a line that is not quiet is looked at."""
STUCK = "the pulse line hangs at the pulse level: a jam, or a broken wire"
UPSIDE_DOWN = (
    "the pulse line rests at the pulse level and was never seen otherwise: polarity = {polarity} is not how the "
    "acceptor's NO/NC switch stands, or the wire is broken"
)


class PulseAcceptor(PinDevice):
    """The skeleton; subclasses book a train that is worth something in `_credit`."""

    def __init__(
        self,
        at: Device,
        settings: Pulse | PulseNotes,
        money: MoneyChannels,
        post: Post,
        factory: Factory,
        memory: Path | None = None,
    ) -> None:
        """Take `memory`, the file that keeps what fell; None keeps it no longer than the process."""
        super().__init__(at, post, factory)
        self._settings, self._shape = settings, settings.shape
        self._by_pulses = settings.by_pulses(money)
        self._memory = DurableJson(memory)
        self._codec = coin_pulses.Acceptor(profile(self._shape), now_ms())
        self._unknown = 0

    def health(self) -> dict[str, Any]:
        """Return ``PinDevice.health``, with `noise` by kind (`value`: a train that is worth nothing), `trouble` in
        words, and how long its sound pulses lasted.
        """
        noise = {**self._codec.faults.as_dict(), **({"value": self._unknown} if self._unknown else {})}
        widths = {"pulses": self._codec.pulses, "pulse_ms": self._codec.pulse_ms}
        return {**super().health(), **widths, "noise": noise, "trouble": self._trouble()}

    @property
    def _lets_in(self) -> bool:
        """Return whether money may come in now."""
        return self.enabled and not self.lost

    def _credit(self, fen: int) -> None:
        """Credit a piece of *fen* that fell."""
        raise NotImplementedError

    def _trouble(self) -> str:
        if not self.lost:
            return ""
        return STUCK if self._codec.rested else UPSIDE_DOWN.format(polarity=self._settings.polarity)

    def _open(self) -> None:
        settings, shape = self._settings, self._shape
        self._inhibit = OutputDevice(
            settings.inhibit_pin,
            active_high=bool(shape.enabled_level),
            initial_value=False,
            pin_factory=self._factory,
        )
        # An open collector is pulled up at either polarity: NC conducts at rest, and lets go for a pulse.
        self._line = WatchedPin(settings.pin, self._loop.put, self._factory)
        self._pins += [self._inhibit, self._line]
        self._loop.put(self._line)

    def _edge(self, edge: Edge) -> None:
        self._hear(self._codec.edge(edge.level, edge.at_ms))

    def _tick(self) -> float | None:
        # After a stall, edges may still be on their way; silence proves nothing until they had time to come.
        if not self._loop.late:
            self._hear(self._codec.tick(self._loop.now_ms))
        self._switch()
        if self._codec.quiet and not self.lost:
            return None
        ends_ms = self._codec.ends_ms  # a credit comes with the end of the pause, not with the next look
        return QUIET_MS if ends_ms is None else min(QUIET_MS, max(1.0, ends_ms - self._loop.now_ms))

    def _switch(self) -> None:
        wanted = self._lets_in
        if wanted == bool(self._inhibit.value) or not (wanted or self.lost or self._codec.quiet):
            return
        if wanted and self._shape.inhibit == "power":
            self._codec.powered(self._loop.now_ms)
        self._inhibit.value = wanted

    def _hear(self, messages: list[coin_pulses.Message]) -> None:
        for message in messages:
            match message:
                case coin_pulses.Token(count) if count in self._by_pulses:
                    self._credit(self._by_pulses[count])
                case coin_pulses.Token():
                    self._unknown += 1
                case coin_pulses.Stuck():
                    self._lose()
                case coin_pulses.Free():
                    self._regain()


def profile(shape: PulseShape) -> coin_pulses.Profile:
    """Return the codec's profile as unit.toml sets it."""
    return coin_pulses.Profile(
        width_ms=shape.width_ms,
        idle=shape.idle,
        train_gap_ms=shape.train_gap_ms,
        stuck_ms=shape.stuck_ms,
        deaf_ms=shape.deaf_ms,
    )
