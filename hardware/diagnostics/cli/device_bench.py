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
from hardware.diagnostics.cli import sentences
from hardware.drivers.settings.base import MoneyChannels
from kiosk_firmware.core.effects import AnyEffect
from kiosk_firmware.core.pages import Text, text

READY_S = 10.0
"""How long a device may take to come up."""
ANSWER_S = 45.0
"""The longest that a device may take over an effect."""

UNTOLD = frozenset({"type", "at", "ref", "media", "text"})
"""What of an event stands in no report: whose card or code it was is nobody's business."""


class BenchOperator(Protocol):
    """The person before the device."""

    def say(self, text: str) -> None:
        """Tell what to do."""

    def saw(self, seen: str, ok: bool) -> None:
        """Tell what followed, and whether that is right."""

    def agrees(self, question: str) -> bool:
        """Ask a question that only eyes can answer; return the answer."""


class Step(msgspec.Struct, frozen=True):
    """*told*: what was to be done; *seen*: what followed; *ok*: whether that is right."""

    told: str
    seen: str
    ok: bool


class Bench:
    """One device under test. `steps` so far; `heard` takes what drivers tell, from any thread."""

    def __init__(
        self,
        at: str,
        money: MoneyChannels,
        person: BenchOperator,
        wait_s: float = 60.0,
        write: sentences.Write = sentences.ENGLISH,
    ) -> None:
        """Take `wait_s`, how long a person is waited for, and `write`, the language they are spoken to in."""
        self.at: Any = at
        self.money, self.steps = money, list[Step]()
        self._person, self._wait_s, self._write = person, wait_s, write
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._refs = 0
        self.parts: Equipment

    def heard(self, event: Any) -> None:
        """Queue an event that a driver tells."""
        self._events.put(event)

    @property
    def driver(self) -> Any:
        """The device's driver."""
        return self.parts.drivers[self.at]

    def can(self, word: str) -> bool:
        """Return what the driver declares."""
        return word in self.driver.CAN

    def note(self, told: Text, seen: Text | str, ok: bool) -> bool:
        """Write a step down, and say it."""
        words = self._write(seen) if isinstance(seen, Text) else seen
        self.steps.append(Step(self._write(told), words, ok))
        self._person.saw(words, ok)
        return ok

    def do(self, told: Text, kind: type, right: Callable[[Any], bool] = lambda _: True) -> Any:
        """Ask the person to do something and wait for an event of *kind*: return it, or None. *right*: it is as it must
        be.
        """
        self._person.say(self._write(told))
        event = self._await(lambda one: isinstance(one, kind), self._wait_s)
        ok = event is not None and right(event)
        self.note(told, in_words(event, self._write), ok)
        return event

    def perform(self, told: Text, effect: Callable[[Any, str], AnyEffect]) -> Any:
        """Have the device do something; return its answer, or None when it was not `success`."""
        self._refs += 1
        ref = f"bench-{self._refs}"
        self._person.say(self._write(told))
        self.driver.perform(effect(self.at, ref))
        answer = self._await(lambda one: getattr(one, "ref", "") == ref, ANSWER_S)
        ok = self.note(told, in_words(answer, self._write), getattr(answer, "completion", "") == "success")
        return answer if ok else None

    def ask(self, question: Text) -> bool:
        """Ask whether the person has seen it; note and return the answer."""
        agreed = self._person.agrees(self._write(question))
        return self.note(question, Text(f"bench.seen.{'yes' if agreed else 'no'}"), agreed)

    def ready(self) -> bool:
        """Wait up to READY_S for the device to answer; note and return whether it does."""
        end = time.monotonic() + min(READY_S, self._wait_s)
        while not self.parts.ready(self.at) and time.monotonic() < end:
            time.sleep(0.02)
        trouble = self.parts.failed.get(self.at) or self.parts.misplaced.get(self.at) or Text("bench.seen.silent")
        there = self.parts.ready(self.at)
        return self.note(Text("bench.answers"), Text("bench.seen.answered") if there else trouble, there)

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


def in_words(event: Any, write: sentences.Write = sentences.ENGLISH) -> str:
    """Return an event in short: what it is and what it carries, but no reference, and nothing that may be somebody's
    own.
    """
    if event is None:
        return write(Text("bench.seen.nothing"))
    if not isinstance(event, msgspec.Struct):
        return write(text("bench.seen.key", n=event + 1))
    fields = {name: value for name, value in msgspec.to_builtins(event).items() if name not in UNTOLD}
    said = ", ".join(f"{name} {value}" for name, value in fields.items() if value)
    return f"{sentences.event_sentence(type(event).__name__, write)}{': ' if said else ''}{said}"
