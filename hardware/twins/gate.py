"""The twin of a gate on dry contacts, with people who walk.

Inside it is the gate's own control unit (`protocols.gate_contacts.Controller`): what our relays say is heard by it as
by a real one, and it locks when somebody went through or its window is over. A person who walks interrupts the beams
one after the other and turns the arm, which closes the PASS contact. `closed_on` counts how often it was told to lock
while somebody stood in it.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from hardware.drivers.settings.gates import RelayGate
from hardware.protocols import gate_contacts
from hardware.twins.gpio_twin import Act, Drive, PinTwin
from hardware.twins.twin_actions import Answer, Doing, act_answer

STEP_MS = 150
"""From one beam to the next."""
WINDOW_MS = 8000
"""The gate's own: ST-02."""
Way = Literal["A", "B"]


def _walk(twin: GateTwin, args: dict[str, Any], now_ms: float) -> Answer:
    return act_answer(twin.walk(twin.line(str(args["way"])), now_ms), "the gate does not open that way")


def _follow(twin: GateTwin, args: dict[str, Any], now_ms: float) -> Answer:
    return act_answer(twin.walk(twin.line(str(args["way"])), now_ms, together=True), "the gate does not open that way")


def _turn_back(twin: GateTwin, args: dict[str, Any], now_ms: float) -> Answer:
    return act_answer(twin.turn_back(twin.line(str(args["way"])), now_ms), "somebody is in the gate")


def _stand(twin: GateTwin, args: dict[str, Any], now_ms: float) -> Answer:
    return act_answer(twin.stand(bool(args.get("on", True)), now_ms), "somebody is in the gate")


def _fire(twin: GateTwin, args: dict[str, Any], now_ms: float) -> Answer:
    twin.fire(bool(args.get("on", True)), now_ms)
    return {"ok": True}


class GateTwin(PinTwin):
    """The gate. `walk` and `follow` (two people close together), `turn_back` and `stand` are people's; `fire` the
    house's. Ways are "entry" and "exit".
    """

    ACTS: ClassVar[dict[str, Doing]] = {
        "walk": _walk,
        "follow": _follow,
        "turn_back": _turn_back,
        "stand": _stand,
        "fire": _fire,
    }
    FAULTS: ClassVar[tuple[str, ...]] = ("bounce",)

    def __init__(self, settings: RelayGate) -> None:
        super().__init__()
        self.counters = {"passed": 0, "closed_on": 0, "commands": 0}
        self.controller = gate_contacts.Controller(settings.kind == "potential", window_ms=WINDOW_MS)
        self._settings = settings
        self._bounces = 0
        self._blocked: set[str] = set()
        self._blocked_ms = 0.0
        self._told_to_lock = self._fire = self._standing = False
        self._passing: list[tuple[float, Way]] = []
        self._by_pin = {settings.unlock_a: gate_contacts.A}
        self._by_pin |= {pin: gate_contacts.B for pin in (settings.unlock_b,) if pin is not None}
        self._by_pin |= {pin: gate_contacts.STOP for pin in (settings.stop,) if pin is not None}

    def line(self, way: str) -> Way:
        """Return the line ("A" or "B") of "entry" or "exit". ValueError for another word."""
        if way not in ("entry", "exit"):
            raise ValueError(f"way {way!r}: allowed are entry, exit")
        return "A" if (way == "entry") == (self._settings.entry == "A") else "B"

    def watches(self) -> tuple[int, ...]:
        """Return the relays' pins."""
        return tuple(self._by_pin)

    def heard(self, pin: int, level: int | None, now_ms: float) -> None:
        """Take a relay's level; one that nobody drives is open."""
        closed, line = level == self._settings.active_level, self._by_pin[pin]
        self._told_to_lock = (
            self._settings.kind == "potential"
            or (line == gate_contacts.STOP and closed)
            or (line != gate_contacts.STOP and self._told_to_lock)
        )
        self._now_does(self.controller.edge(line, 0 if closed else 1, now_ms), now_ms)

    def _now_does(self, modes: list[gate_contacts.Mode], now_ms: float) -> None:
        self.counters["commands"] += len(modes)
        stands = bool(self._blocked) and now_ms - self._blocked_ms >= gate_contacts.PULSE_MS
        if gate_contacts.LOCKED in modes and self._told_to_lock and stands:
            self.counters["closed_on"] += 1

    def due_ms(self) -> float | None:
        """Return the time to the next act; soon, while the control unit waits for a pulse or its window."""
        planned = super().due_ms()
        soon = self._now_ms + 10
        return min(planned or soon, soon) if self.controller.waits or self._passing else planned

    def tick(self, now_ms: float) -> list[tuple[float, Act]]:
        """Return the acts that are due; the control unit's time passes, and arms turn."""
        due = super().tick(now_ms)
        self._now_does(self.controller.tick(now_ms), now_ms)
        while self._passing and self._passing[0][0] <= now_ms:
            self.counters["passed"] += 1
            self.controller.passed(self._passing.pop(0)[1], now_ms)
        return due

    # -- what people do -----------------------------------------------------------------------------------------------

    def walk(self, way: Way, now_ms: float, together: bool = False) -> bool:
        """Go through, alone or with somebody close behind. False where the gate does not let them, or is occupied."""
        if self._busy or way not in (self.controller.mode.ways or ""):
            return False
        near, far = ("A", "B") if way == "A" else ("B", "A")
        steps = [(near, 1), (far, 1), (near, 0)]
        steps += [(near, 1), (near, 0)] if together else []
        self._beams(now_ms, [*steps, (far, 0)])
        self._turn(way, now_ms + 2 * STEP_MS)
        return True

    def turn_back(self, way: Way, now_ms: float) -> bool:
        """Step in and go back."""
        if self._busy:
            return False
        near, far = ("A", "B") if way == "A" else ("B", "A")
        self._beams(now_ms, [(near, 1), (far, 1), (far, 0), (near, 0)])
        return True

    def stand(self, on: bool, now_ms: float) -> bool:
        """Stop in the middle, or go on outwards."""
        if on and self._busy:
            return False
        self._standing = on
        self._beams(now_ms, [("A", int(on)), ("B", int(on))])
        return True

    def fire(self, on: bool, now_ms: float) -> None:
        """Switch the house's fire contact, for us and for the gate itself."""
        self._fire = on
        self._now_does(self.controller.edge(gate_contacts.FIRE, 0 if on else 1, now_ms), now_ms)
        if self._settings.fire is not None:
            self.plan(now_ms, Drive(self._settings.fire, 0 if on else 1))

    @property
    def _busy(self) -> bool:
        return bool(self._blocked or self._planned or self._standing)

    def _beams(self, now_ms: float, steps: list[tuple[str, int]]) -> None:
        for at, (name, blocked) in enumerate(steps):
            self._switch(now_ms + at * STEP_MS, self._beam_pin(name), self._level(bool(blocked)))

    def _turn(self, way: Way, at_ms: float) -> None:
        """Turn the arm: the control unit counts it, and the PASS contact closes for a moment."""
        pin = self._settings.pass_a if way == "A" else self._settings.pass_b
        self._passing.append((at_ms, way))
        if pin is not None:
            self._switch(at_ms, pin, 0)
            self._switch(at_ms + gate_contacts.PASS_MS, pin, 1)

    def _switch(self, at_ms: float, pin: int | None, level: int) -> None:
        if pin is None:
            return
        for n in range(self._bounces):
            self.plan(at_ms + 2 * n, Drive(pin, level))
            self.plan(at_ms + 2 * n + 1, Drive(pin, 1 - level))
        self.plan(at_ms + 2 * self._bounces, Drive(pin, level))

    def _beam_pin(self, name: str) -> int | None:
        return self._settings.beam_a if name == "A" else self._settings.beam_b

    def _level(self, blocked: bool) -> int:
        return self._settings.blocked_level if blocked else 1 - self._settings.blocked_level

    # -- what is seen -------------------------------------------------------------------------------------------------

    def happened(self, act: Act, at_ms: float) -> None:
        """Remember who stands in which beam."""
        if not self._blocked:
            self._blocked_ms = at_ms
        for name in ("A", "B"):
            if isinstance(act, Drive) and act.pin == self._beam_pin(name):
                (self._blocked.add if act.level == self._level(True) else self._blocked.discard)(name)

    def standing(self) -> list[Act]:
        """Return beams and contacts as they are, as acts."""
        beams: list[Act] = [
            Drive(pin, self._level(name in self._blocked))
            for name in ("A", "B")
            if (pin := self._beam_pin(name)) is not None
        ]
        at = self._settings
        quiet: list[Act] = [Drive(pin, 1) for pin in (at.pass_a, at.pass_b) if pin is not None]
        fire: list[Act] = [] if at.fire is None else [Drive(at.fire, 0 if self._fire else 1)]
        return [*beams, *quiet, *fire]

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Let contacts bounce, or stop that."""
        self._bounces = 3 if on else 0

    def state(self) -> dict[str, Any]:
        """Return what the gate does, who stands in which beam, fire, counters."""
        return {
            "mode": self.controller.mode.text,
            "beams": sorted(self._blocked),
            "fire": self._fire,
            "counters": dict(self.counters),
        }
