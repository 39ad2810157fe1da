"""The twins of what moves and shines: the cash tray with lock and light barrier, and the lamps.

The tray knows nothing of amounts: it is unlocked, a hand reaches in and takes what lies there, it is locked. It
counts what happened to its contents: `opened` (unlocked with something new in it), `taken`, `retracted` (locked by
the application with the notes still inside). A lock that falls shut because the application died is no retract: the
notes lie where they lay.
"""

from __future__ import annotations

from typing import Any, ClassVar

from hardware.drivers.settings.cash_dispensers import Tray
from hardware.drivers.settings.unit_fixtures import Lamps
from hardware.twins.gpio_twin import Act, Drive, PinTwin
from hardware.twins.twin_actions import Answer, Doing, act_answer

REACH_MS = 350


def _take(twin: TrayTwin, _: dict[str, Any], now_ms: float) -> Answer:
    return act_answer(twin.take(now_ms), "the tray is locked or empty")


class TrayTwin(PinTwin):
    """The tray. `take` is the person's; `block` and `cut_beam` are bad luck."""

    ACTS: ClassVar[dict[str, Doing]] = {"take_cash": _take}
    FAULTS: ClassVar[tuple[str, ...]] = ("blocked", "wave")

    def __init__(self, settings: Tray) -> None:
        super().__init__()
        self.counters = {"opened": 0, "taken": 0, "retracted": 0}
        self._settings = settings
        self._unlocked = False
        self._full = False
        self._broken = False
        self._blocked = False

    def watches(self) -> tuple[int, ...]:
        """Return the lock output's pin."""
        return (self._settings.lock_pin,)

    def heard(self, pin: int, level: int | None, now_ms: float) -> None:
        """Take the lock output's level; None (nobody drives it) is shut."""
        unlocked = level == self._settings.unlocked_level
        if unlocked and not self._unlocked and not self._full:
            self._full = True
            self.count("opened")
        if level is not None and not unlocked and self._unlocked and self._full and not self._planned:
            self._full = False
            self.count("retracted")
        self._unlocked = unlocked

    def take(self, now_ms: float) -> bool:
        """Reach in and take the notes. False when the tray is locked or empty."""
        if not (self._unlocked and self._full) or self._planned:
            return False
        self._full = False
        self.count("taken")
        self._beam(now_ms, broken=True)
        self._beam(now_ms + REACH_MS, broken=False)
        return True

    def wave(self, now_ms: float, for_ms: float = 5) -> None:
        """Let something pass the beam too quickly for a hand."""
        self._beam(now_ms, broken=True)
        self._beam(now_ms + for_ms, broken=False)

    def block(self, blocked: bool, now_ms: float) -> None:
        """Lay something into the beam, or cut its cable."""
        self._blocked = blocked
        self.drop_plans()
        self._beam(now_ms, broken=blocked)

    def _level(self, broken: bool) -> int:
        clear = self._settings.beam_clear
        return 1 - clear if broken else clear

    def _beam(self, at_ms: float, broken: bool) -> None:
        self.plan(at_ms, Drive(self._settings.beam_pin, self._level(broken)))

    def happened(self, act: Act, at_ms: float) -> None:
        """Remember how the beam is."""
        if isinstance(act, Drive):
            self._broken = act.level == self._level(broken=True)

    def standing(self) -> list[Act]:
        """Return the beam's present level as an act."""
        return [Drive(self._settings.beam_pin, self._level(self._broken or self._blocked))]

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Lay something into the beam, or let something pass it quickly."""
        if kind == "blocked":
            self.block(on, now_ms)
        else:
            self.wave(now_ms)

    def state(self) -> dict[str, Any]:
        """Return locked, full (notes lie there), beam broken, counters."""
        return {
            "locked": not self._unlocked,
            "full": self._full,
            "beam_broken": self._broken,
            "counters": dict(self.counters),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up counters, and whether notes lie there."""
        super().restore(state)
        self._full = bool(state.get("full", False))


class LampsTwin(PinTwin):
    """Looks at the lamps."""

    def __init__(self, settings: Lamps) -> None:
        super().__init__()
        self._pins = {pin: name for name, pin in settings.slots.items()}
        if settings.teacher is not None:
            self._pins[settings.teacher] = "teacher"
        self._lit = dict.fromkeys(self._pins.values(), False)

    def watches(self) -> tuple[int, ...]:
        """Return the pins of all lamp outputs."""
        return tuple(self._pins)

    def heard(self, pin: int, level: int | None, now_ms: float) -> None:
        """Switch a lamp on or off; one that nobody drives is off."""
        self._lit[self._pins[pin]] = level == 1

    def state(self) -> dict[str, Any]:
        """Return which lamps shine at this moment."""
        return {"lit": dict(self._lit)}
