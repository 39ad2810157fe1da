"""A device on the bench: it is told what to do, a person is told what to do, and what was seen is written down.

The theory. A guided test is a list of steps, each of them one sentence to the person or one effect to the device, what
must follow, and what did. A step that is not followed in time is one that failed, and the test goes on where that
makes sense, so a report says all that is wrong and not only the first.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from hardware.cabinet.unit_devices import Equipment
from hardware.drivers.settings.base import Money
from kiosk_firmware.core.effects import AnyEffect

READY_S = 10.0
"""How long a device may take to come up."""
ANSWER_S = 45.0
"""The longest that a device may take over an effect."""


class Person(Protocol):
    """The person before the device."""

    def say(self, text: str) -> None:
        """Tell what to do, or what was seen."""

    def agrees(self, question: str) -> bool:
        """A question that only eyes can answer."""


class Step(msgspec.Struct, frozen=True):
    """*told*: what was to be done; *seen*: what followed; *ok*: whether that is right."""

    told: str
    seen: str
    ok: bool


class Bench:
    """One device under test. `steps` so far; `heard` takes what drivers tell, from any thread."""

    def __init__(self, at: str, money: Money, person: Person, wait_s: float = 60.0) -> None:
        """`wait_s`: how long a person is waited for."""
        self.at: Any = at
        self.money, self.steps = money, list[Step]()
        self._person, self._wait_s = person, wait_s
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._refs = 0
        self.parts: Equipment

    def heard(self, event: Any) -> None:
        """A driver tells something."""
        self._events.put(event)

    @property
    def driver(self) -> Any:
        """The device's driver."""
        return self.parts.drivers[self.at]

    def can(self, word: str) -> bool:
        """Return what the driver declares."""
        return word in self.driver.CAN

    def note(self, told: str, seen: str, ok: bool) -> bool:
        """Write a step down, and say it."""
        self.steps.append(Step(told, seen, ok))
        self._person.say(f"  {'ok   ' if ok else 'WRONG'} {seen}")
        return ok

    def do(self, told: str, kind: type, right: Callable[[Any], bool] = lambda _: True) -> Any:
        """The person does something and an event of *kind* follows: that event, or None. *right*: it is as it must
        be.
        """
        self._person.say(told)
        event = self._await(lambda one: isinstance(one, kind), self._wait_s)
        ok = event is not None and right(event)
        self.note(told, in_words(event), ok)
        return event

    def perform(self, told: str, effect: Callable[[Any, str], AnyEffect]) -> Any:
        """The device does something; its answer, or None when it was not `success`."""
        self._refs += 1
        ref = f"bench-{self._refs}"
        self._person.say(told)
        self.driver.perform(effect(self.at, ref))
        answer = self._await(lambda one: getattr(one, "ref", "") == ref, ANSWER_S)
        ok = self.note(told, in_words(answer), getattr(answer, "completion", "") == "success")
        return answer if ok else None

    def ask(self, question: str) -> bool:
        """The person has seen it, or not."""
        agreed = self._person.agrees(question)
        return self.note(question, "yes" if agreed else "no", agreed)

    def ready(self) -> bool:
        """The device answers, within READY_S."""
        end = time.monotonic() + min(READY_S, self._wait_s)
        while not self.parts.ready(self.at) and time.monotonic() < end:
            time.sleep(0.02)
        trouble = self.parts.failed.get(self.at) or self.parts.misplaced.get(self.at) or "it does not answer"
        there = self.parts.ready(self.at)
        return self.note("The device answers.", "it does" if there else trouble, there)

    def _await(self, wanted: Callable[[Any], bool], seconds: float) -> Any:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                event = self._events.get(timeout=left)
            except queue.Empty:
                return None
            if wanted(event):
                return event
        return None


def in_words(event: Any) -> str:
    """An event in short: what it is and what it carries, but no reference."""
    if event is None:
        return "nothing came"
    if not isinstance(event, msgspec.Struct):
        return f"key {event}"
    fields = {name: value for name, value in msgspec.to_builtins(event).items() if name not in ("type", "at", "ref")}
    said = ", ".join(f"{name} {_short(value)}" for name, value in fields.items() if value)
    return f"{type(event).__name__}{': ' if said else ''}{said}"


def _short(value: Any) -> str:
    return str(value.get("number", value)) if isinstance(value, dict) else str(value)
