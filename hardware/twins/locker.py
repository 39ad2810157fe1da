"""The twin of a parcel locker: a bolt, a door on a spring, a contact. The person shuts the door."""

from __future__ import annotations

from typing import Any, ClassVar

from hardware.drivers.settings.lockers import Solenoid
from hardware.twins.gpio_twin import Act, Drive, PinTwin
from hardware.twins.twin_actions import Answer, Doing, act_answer

SPRING_MS = 60
BOUNCE_MS = 5


def _shut_door(twin: LockerTwin, _: dict[str, Any], now_ms: float) -> Answer:
    return act_answer(twin.shut(now_ms), "the door is shut")


class LockerTwin(PinTwin):
    """`shut_door` is the person's. Bad luck: `jammed` (the bolt does not move), `sticky` (it moves at the second
    pulse), `bounce` (the contact bounces), `forced` (somebody opens it with a tool).
    """

    ACTS: ClassVar[dict[str, Doing]] = {"shut_door": _shut_door}
    FAULTS: ClassVar[tuple[str, ...]] = ("jammed", "sticky", "bounce", "forced")

    def __init__(self, settings: Solenoid) -> None:
        """Shut."""
        super().__init__()
        self.counters = {"pulses": 0, "opened": 0, "shut": 0}
        self.longest_ms = 0.0
        """How long the coil ever was on."""
        self._settings = settings
        self._open = self._on = False
        self._since_ms = 0.0
        self._bad: set[str] = set()

    def watches(self) -> tuple[int, ...]:
        """Return the coil's pin."""
        return (self._settings.lock,)

    def heard(self, pin: int, level: int | None, now_ms: float) -> None:
        """Take the coil's level; None (nobody drives it) is off."""
        on = level == self._settings.open_level
        if on == self._on:
            return
        self._on = on
        if not on:
            self.longest_ms = max(self.longest_ms, now_ms - self._since_ms)
            return
        self._since_ms = now_ms
        self.count("pulses")
        sticks = "jammed" in self._bad or "sticky" in self._bad
        self._bad.discard("sticky")
        if not sticks and not self._open:
            self._spring(now_ms + SPRING_MS)

    def _spring(self, at_ms: float) -> None:
        self._open = True
        self.count("opened")
        self._move(at_ms, 1)

    def _move(self, at_ms: float, level: int) -> None:
        for n in range(3 if "bounce" in self._bad else 0):
            self.plan(at_ms + 2 * n * BOUNCE_MS, Drive(self._settings.door, level))
            self.plan(at_ms + (2 * n + 1) * BOUNCE_MS, Drive(self._settings.door, 1 - level))
        self.plan(at_ms + 6 * BOUNCE_MS, Drive(self._settings.door, level))

    def shut(self, now_ms: float) -> bool:
        """Take the parcel and shut the door. False where it is shut."""
        if not self._open:
            return False
        self._open = False
        self.count("shut")
        self._move(now_ms, 0)
        return True

    def standing(self) -> list[Act]:
        """Return the door's present level as an act."""
        return [Drive(self._settings.door, int(self._open))]

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Begin or end a fault of the locker, or force it."""
        if kind == "forced":
            if on and not self._open:
                self._spring(now_ms)
        elif on:
            self._bad.add(kind)
        else:
            self._bad.discard(kind)

    def state(self) -> dict[str, Any]:
        """Return open, how long the coil ever was on, counters."""
        return {"open": self._open, "longest_ms": round(self.longest_ms), "counters": dict(self.counters)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up counters, and whether it stands open."""
        super().restore(state)
        self._open = bool(state.get("open", False))
