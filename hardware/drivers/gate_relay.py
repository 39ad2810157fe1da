"""A gate on relays and contacts: `OpenGate` lets one person through. When it may close is `gate_control`'s.

The theory. Relays rest open from the first moment (their pins are set before they become outputs, so nothing clicks at
start) and when this process dies. Commands to the gate are pulses that must not run into each other, since what the
other lines are at a fall is part of the command; so they are played one after the other. A gate without a stop line
locks by itself when its own window is over: what needs the line is left out whole.
"""

from __future__ import annotations

from collections import deque
from typing import Any, ClassVar

from gpiozero import OutputDevice

from hardware.drivers.gate_control import Alarmed, Cleared, CommandDone, GateAction, GateControl
from hardware.drivers.gpio_device import Edge, PinDevice, Post, WatchedPin, now_ms
from hardware.drivers.settings.gates import RelayGate
from hardware.protocols import gate_contacts
from hardware.protocols.contact_debounce import Change, Contact
from hardware.transport.gpio_pin_factory import Factory
from kiosk_firmware.core.effects import AnyEffect, OpenGate
from kiosk_firmware.core.events import GateAlarmed, GateCleared, GatePassed, GateWay

CALM_WINDOWS = 4
"""So many of the gate's own windows it waits for somebody who practises calmly."""
APART_MS = 100
"""Between two commands."""


class GateRelay(PinDevice):
    """The driver. It answers `OpenGate`."""

    CAN: ClassVar[frozenset[str]] = frozenset({"lets_through"})

    def __init__(self, settings: RelayGate, post: Post, factory: Factory) -> None:
        super().__init__("gate", post, factory)
        self._settings = settings
        lines: dict[GateWay, gate_contacts.Ways] = {"entry": "A", "exit": "B"}
        if settings.entry == "B":
            lines = {"entry": "B", "exit": "A"}
        self._lines, self._keeper = lines, GateControl(lines, settings.window_ms, settings.obstructed_ms)
        self._relays: dict[str, OutputDevice] = {}
        self._contacts: dict[int, tuple[str, Contact]] = {}
        self._played: deque[tuple[float, str, int]] = deque()
        self._free_ms = 0.0
        self._locking = False
        self._counts = {"opened": 0, "passed": 0, "tailgate": 0, "intrusion": 0, "obstructed": 0, "fire": 0}

    def begin(self, calm: bool) -> None:
        """Begin a run; `calm` gives the person more time to walk through than outside."""
        self._keeper.windows = CALM_WINDOWS if calm else 1

    def health(self) -> dict[str, Any]:
        """Return ``PinDevice.health``, with how often it opened, was passed, and saw what; whether somebody stands in
        it.
        """
        return {**super().health(), "occupied": self._keeper.occupied, **self._counts}

    def _open(self) -> None:
        at = self._settings
        for line, pin in (
            (gate_contacts.A, at.unlock_a),
            (gate_contacts.B, at.unlock_b),
            (gate_contacts.STOP, at.stop),
        ):
            if pin is not None:
                self._relays[line] = OutputDevice(
                    pin, active_high=bool(at.active_level), initial_value=False, pin_factory=self._factory
                )
        for key in ("pass_a", "pass_b", "beam_a", "beam_b", "fire"):
            if (pin := getattr(at, key)) is not None:
                self._contacts[pin] = (key, Contact(at.settle_ms, now_ms=now_ms()))
        watched = [WatchedPin(pin, self._loop.put, self._factory) for pin in self._contacts]
        self._pins += [*self._relays.values(), *watched]
        for line_ in watched:
            self._loop.put(line_)

    def stop(self) -> None:
        """Let the relays fall open; a gate that was open locks by its own window. Twice is fine."""
        super().stop()
        self._relays.clear()

    # -- what is asked ------------------------------------------------------------------------------------------------

    def _effect(self, effect: AnyEffect) -> None:
        if not isinstance(effect, OpenGate) or self._lines[effect.way] not in self._relays:
            self._answer_as("unsupportedCommand")
        else:
            self._counts["opened"] += 1
            self._do(self._keeper.open(effect.way, self._loop.now_ms))

    def _cancel(self) -> None:
        self._do(self._keeper.cancel(self._loop.now_ms))

    # -- what is seen -------------------------------------------------------------------------------------------------

    def _edge(self, edge: Edge) -> None:
        key, contact = self._contacts[edge.pin]
        closed = edge.level == (self._settings.blocked_level if key.startswith("beam") else 0)
        self._changed(key, contact.edge(closed, edge.at_ms))

    def _changed(self, key: str, changes: list[Change]) -> None:
        for change in changes:
            line = key[-1].upper()
            if key == "fire":
                self._do(self._keeper.fire(change.closed, change.at_ms))
            elif key.startswith("beam"):
                self._do(self._keeper.beam(line, change.closed, change.at_ms))
                self._hold_off()
            elif change.closed:
                self._do(self._keeper.passed(line, change.at_ms))

    def _tick(self) -> float | None:
        if not self._loop.late:
            for key, contact in self._contacts.values():
                self._changed(key, contact.tick(self._loop.now_ms))
            self._do(self._keeper.tick(self._loop.now_ms))
        self._play()
        waits = [self._keeper.due_ms(), 5 if any(c.settling for _, c in self._contacts.values()) else None]
        waits.append(max(0.0, self._played[0][0] - self._loop.now_ms) if self._played else None)
        return min((wait for wait in waits if wait is not None), default=None)

    # -- what is done -------------------------------------------------------------------------------------------------

    def _do(self, actions: list[GateAction]) -> None:
        for action in actions:
            match action:
                case gate_contacts.Mode():
                    self._say(action)
                case CommandDone(completion) if isinstance(self._open_effect, OpenGate):
                    self._counts["passed"] += completion == "success"
                    self._answer(GatePassed(self.at, self._open_effect.ref, completion))
                case Alarmed(alarm):
                    self._counts[alarm] += 1
                    self._post(GateAlarmed(self.at, alarm))
                case Cleared(alarm):
                    self._post(GateCleared(self.at, alarm))
        self._play()

    def _say(self, mode: gate_contacts.Mode) -> None:
        """Plan the edges of a command, after those of the one before."""
        begin_ms = max(self._loop.now_ms, self._free_ms)
        edges = (
            self._potentials(mode)
            if self._settings.kind == "potential"
            else gate_contacts.signal(mode, self._settings.pulse_ms)
        )
        if any(line not in self._relays for _, line, _ in edges):
            return
        self._locking = mode == gate_contacts.LOCKED and not self._played
        self._played.extend(sorted((begin_ms + at_ms, line, level) for at_ms, line, level in edges))
        self._free_ms = max([begin_ms, *(begin_ms + at_ms for at_ms, _, _ in edges)]) + APART_MS

    def _hold_off(self) -> None:
        """Hold off, since somebody stepped in while the lock is being said: let go before it is heard, and say it again
        later.
        """
        if self._locking and self._played and self._keeper.occupied:
            self._played.clear()
            for relay in self._relays.values():
                relay.off()
            self._locking = False
            self._keeper.interrupted()

    def _potentials(self, mode: gate_contacts.Mode) -> list[gate_contacts.Edge]:
        ways = mode.ways or ""
        return [
            (0, line, 0 if line in ways else 1) for line in (gate_contacts.A, gate_contacts.B) if line in self._relays
        ]

    def _play(self) -> None:
        """Do what is due; what is late makes all that follows as late: no pulse is shorter than it was meant."""
        while self._played and self._played[0][0] <= self._loop.now_ms:
            at_ms, line, level = self._played.popleft()
            if (relay := self._relays.get(line)) is not None:
                (relay.off if level else relay.on)()
            late_ms = self._loop.now_ms - at_ms
            self._played = deque((due_ms + late_ms, name, to) for due_ms, name, to in self._played)
            self._free_ms += late_ms
