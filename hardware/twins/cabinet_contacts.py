"""The twins of what a cabinet feels and moves by itself: door, tamper contact, presence, buzzer, door lock."""

from __future__ import annotations

from typing import Any, ClassVar

from hardware.drivers.settings.unit_fixtures import BuzzerLine, CabinetContacts, DoorLockLine
from hardware.twins.gpio_twin import Act, Drive, PinTwin
from hardware.twins.twin_actions import Answer, Doing


def _set_contact(name: str) -> Doing:
    def act(twin: ContactsTwin, args: dict[str, Any], now_ms: float) -> Answer:
        twin.set(name, bool(args.get("on", True)), now_ms)
        return {"ok": True}

    return act


class ContactsTwin(PinTwin):
    """`door` (open), `tamper` (touched) and `presence` (somebody stands there), each with `on`."""

    ACTS: ClassVar[dict[str, Doing]] = {name: _set_contact(name) for name in ("door", "tamper", "presence")}
    FAULTS: ClassVar[tuple[str, ...]] = ("bounce",)

    def __init__(self, settings: CabinetContacts) -> None:
        super().__init__()
        self._pins = dict(settings.wired())
        self._on = dict.fromkeys(self._pins, False)
        self._presence_level = settings.presence_level
        self._bounces = 0

    def set(self, name: str, on: bool, now_ms: float) -> None:
        """Change one. ValueError for a contact that the unit does not have."""
        if name not in self._pins:
            raise ValueError(f"no contact {name!r}: allowed are {', '.join(self._pins) or 'none'}")
        self._on[name] = on
        for n in range(self._bounces):
            self.plan(now_ms + 2 * n, Drive(self._pins[name], self._level(name)))
            self.plan(now_ms + 2 * n + 1, Drive(self._pins[name], 1 - self._level(name)))
        self.plan(now_ms + 2 * self._bounces, Drive(self._pins[name], self._level(name)))

    def _level(self, name: str) -> int:
        """Return a contact's level: an open door lets go of it, so the line is high."""
        return int(self._on[name] == (name != "presence" or bool(self._presence_level)))

    def standing(self) -> list[Act]:
        """Return all contacts as they are, as acts."""
        return [Drive(pin, self._level(name)) for name, pin in self._pins.items()]

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Let contacts bounce, or stop that."""
        self._bounces = 4 if on else 0

    def state(self) -> dict[str, Any]:
        """Return what is so."""
        return dict(self._on)


class OutputTwin(PinTwin):
    """Watches one output: how often it went on, whether it is on."""

    def __init__(self, settings: BuzzerLine | DoorLockLine) -> None:
        super().__init__()
        self.counters = {"times": 0}
        self._pin = settings.pin
        self._level = settings.active_level if isinstance(settings, BuzzerLine) else settings.open_level
        self._on = False

    def watches(self) -> tuple[int, ...]:
        """Return the output's pin."""
        return (self._pin,)

    def heard(self, pin: int, level: int | None, now_ms: float) -> None:
        """Take the output's level; one that nobody drives is off."""
        on = level == self._level
        self.count("times", int(on and not self._on))
        self._on = on

    def state(self) -> dict[str, Any]:
        """Return whether it is on, and how often."""
        return {"on": self._on, "counters": dict(self.counters)}
