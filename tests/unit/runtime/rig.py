"""An engine with everything around it in the hand: a clock that is turned, a cabinet that answers when told, a glass
that remembers, and a real journal on disk that commits when told.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.core import cabinet_model
from kiosk_firmware.core.cabinet_model import CabinetModel
from kiosk_firmware.core.effects import AnyEffect, AskHost, Cancel, ReadPin
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    ItemsInserted,
    ItemsTaken,
    Media,
    MediaInserted,
    MediaTaken,
    PinEntered,
    Tapped,
    Typed,
)
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.core.texts import TextForms, Words
from kiosk_firmware.unit.runtime.engine import Engine
from kiosk_firmware.unit.runtime.inbox import Inbox
from kiosk_firmware.unit.runtime.interfaces import RunRequest
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_record import RunResult
from tests.unit.runtime import tiny

COACH = Words(
    [("zh", {"coach.press": TextForms("请按「{label}」"), "coach.wait": TextForms("请等一等")})], partial=True
)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000

    def mono_ms(self) -> int:
        return self.now

    def utc_ms(self) -> int:
        return 1_700_000_000_000 + self.now


class Stage:
    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.strips: list[Strip] = []
        self.rings: list[Any] = []

    def show(self, page: Page, words: Words, language: str, look: Any, visit: int) -> None:
        self.pages.append(page)

    def strip(self, strip: Strip) -> None:
        self.strips.append(strip)

    def ring(self, left_ms: int | None, total_ms: int = 0) -> None:
        self.rings.append(left_ms)


class Hardware:
    """The devices themselves: what they hold outlives a crash of the engine, like a twin's process."""

    def __init__(self) -> None:
        self.bench = CabinetModel(hand=(Media(tiny.NUMBER),), purse=((tiny.NOTE, 3),), stock=((tiny.NOTE, 50),))
        self.counters: dict[str, int] = {}
        self.done: list[AnyEffect] = []


class Cabinet:
    """Performs on `hardware` at `answer_all`; a PIN is entered by the test."""

    def __init__(self, hardware: Hardware, inbox: Inbox) -> None:
        self.hardware = hardware
        self.inbox = inbox
        self.waiting: deque[AnyEffect] = deque()
        self.performed: list[AnyEffect] = []
        self.expected: tuple[str, ...] = ()
        self.credits: list[int] = []
        self.lost: tuple[Any, ...] = ()
        self._host: Any = None

    def begin(self, render: Any, armed: Any, pins_fresh: bool, lent: Any = None) -> None:
        self.began = (armed, pins_fresh)

    def end(self) -> None:
        self.began = None

    def host(self, answer: Any) -> None:
        self._host = answer

    def expect(self, at: tuple[str, ...]) -> None:
        self.expected = at

    def committed(self, counter: int) -> None:
        self.credits.append(counter)

    def found(self) -> CabinetFound:
        found = cabinet_model.wake_report(self.hardware.bench)
        counters = tuple(sorted(self.hardware.counters.items()))
        return msgspec.structs.replace(found, counters=counters, lost=self.lost)

    def perform(self, effect: AnyEffect) -> None:
        self.performed.append(effect)
        if isinstance(effect, Cancel):
            for pin in [e for e in self.waiting if isinstance(e, ReadPin) and e.ref == effect.ref]:
                self.waiting.remove(pin)
                self.inbox.post(PinEntered(pin.at, pin.ref, "none", "canceled"))
        else:
            self.waiting.append(effect)

    def answer_all(self) -> None:
        for effect in [e for e in self.waiting if not isinstance(e, ReadPin)]:
            self.waiting.remove(effect)
            self.inbox.post(self.do(effect))

    def do(self, effect: AnyEffect) -> AnyEvent:
        """The real act: the hardware's own books change here."""
        self.hardware.done.append(effect)
        if isinstance(effect, AskHost):
            return self._host(effect)
        event = cabinet_model.answer(self.hardware.bench, effect, False)
        assert event is not None
        self.hear(event)
        return event

    def hear(self, event: AnyEvent) -> None:
        names = {
            "ItemsPresented": "cash_dispenser.presented",
            "ItemsRetracted": "cash_dispenser.retracted",
            "ItemsStored": "note_acceptor.stacked",
            "MediaRetained": "card_reader.captured",
        }
        self.hardware.bench = cabinet_model.after_event(self.hardware.bench, event)
        if name := names.get(type(event).__name__):
            self.hardware.counters[name] = self.hardware.counters.get(name, 0) + 1

    def hand(self, event: AnyEvent) -> None:
        """Something that a person does at a slot."""
        self.hear(event)
        self.inbox.post(event)


class Rig:
    """The whole; `Rig(path, hardware)` again is the same unit after a crash."""

    def __init__(
        self,
        path: Path,
        hardware: Hardware | None = None,
        clock: Clock | None = None,
        coach: Words = COACH,
        **fields: Any,
    ) -> None:
        self.path = path
        self.clock = clock or Clock()
        self.hardware = hardware or Hardware()
        self.inbox = Inbox()
        self.cabinet = Cabinet(self.hardware, self.inbox)
        self.stage = Stage()
        self.journal = self.made_journal()
        self.results: list[RunResult] = []
        self.engine = Engine(
            self.journal,
            self.cabinet,
            self.stage,
            self.clock,
            self.inbox.post,
            words=coach,
            on_ended=self.results.append,
            **fields,
        )

    def made_journal(self) -> Journal:
        return Journal(self.path, "k0001", utc_ms=self.clock.utc_ms)

    def begin(self, lesson: Lesson | None = tiny.TAKE_ONE, **fields: Any) -> str:
        run = self.engine.begin(tiny.Loaded(), self.order(lesson, **fields))
        self.settle()
        return run

    @staticmethod
    def order(lesson: Lesson | None = tiny.TAKE_ONE, **fields: Any) -> RunRequest:
        return RunRequest("tiny", "plain", tiny.PERSONA, lesson, "0123456789abcdef", **fields)

    def hear(self) -> None:
        """Let the engine hear what the inbox holds; nothing is committed and no device answers."""
        for item in self.inbox.drain():
            self.engine.handle(item)

    def settle(self) -> None:
        """Commit, perform and answer until nothing moves any more."""
        for _ in range(100):
            self.hear()
            self.journal.commit_now()
            self.hear()
            self.cabinet.answer_all()
            if not len(self.inbox):
                return
        raise AssertionError("it never settles")

    def press(self, name: str) -> None:
        self.inbox.post(Tapped(name, self.stage.pages[-1].step))
        self.settle()

    def type(self, name: str, text: str) -> None:
        self.inbox.post(Typed(name, text, self.stage.pages[-1].step))
        self.settle()

    def hand(self, event: AnyEvent) -> None:
        self.cabinet.hand(event)
        self.settle()

    def card_in(self) -> None:
        self.hand(MediaInserted("card_reader", Media(tiny.NUMBER)))

    def pin(self) -> None:
        effect = next(e for e in self.cabinet.waiting if isinstance(e, ReadPin))
        self.cabinet.waiting.remove(effect)
        self.inbox.post(PinEntered(effect.at, effect.ref, "right"))
        self.settle()

    def note_in(self) -> None:
        self.hand(ItemsInserted("note_acceptor", tiny.NOTE))

    def take_cash(self) -> None:
        self.hand(ItemsTaken("cash_dispenser"))

    def take_card(self) -> None:
        self.hand(MediaTaken("card_reader"))

    def wait(self, ms: int) -> None:
        """Let time go by in steps of a tenth of a second."""
        for _ in range(0, ms, 100):
            self.clock.now += 100
            self.engine.tick()
            self.settle()

    @property
    def step(self) -> str:
        return self.engine.page.step if self.engine.page else ""

    @property
    def strip(self) -> Strip:
        return self.stage.strips[-1]
