"""Any machine of the catalogue in an engine's hands: its own world stands for cabinet and host, a person of chance does
what that world lets them do, and each frame that stood on the glass is kept.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.effects import AnyEffect, Cancel
from kiosk_firmware.core.events import AnyEvent, CabinetFound, GlassEvent, TimerExpired
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.core.texts import Words
from kiosk_firmware.unit.coach.search import Search, Ways
from kiosk_firmware.unit.lobby.texts import lobby_texts
from kiosk_firmware.unit.runtime.engine import Engine
from kiosk_firmware.unit.runtime.inbox import Inbox
from kiosk_firmware.unit.runtime.interfaces import RunRequest
from kiosk_firmware.unit.runtime.journal import Journal
from tests.unit.runtime.rig import Clock, Stage

PEOPLE = machine_loader.personas()
CASES = [
    (line.id, skin, lesson)
    for line in machine_loader.describe()
    for lesson in machine_loader.lessons(line.id)
    for skin in ([lesson.setting.skin] if lesson.setting.skin else machine_loader.skins(line.id))
]
"""Every lesson on every skin that it may be practised on."""


class Frame(msgspec.Struct, frozen=True):
    """What stood on the glass at one moment, and what the person could do then."""

    page: Page
    strip: Strip
    acts: tuple[AnyEvent, ...]
    words: Words
    language: str
    """Of the machine."""


class WorldCabinet:
    """Answers as the run's own world says."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.waiting: deque[AnyEffect] = deque()
        self.engine: Engine | None = None
        self._host: Any = None

    def begin(self, render: Any, armed: Any, pins_fresh: bool, lent: Any = None) -> None:
        self.waiting.clear()

    def end(self) -> None:
        self.waiting.clear()

    def host(self, answer: Any) -> None:
        self._host = answer

    def expect(self, at: tuple[str, ...]) -> None:
        self.expected = at

    def committed(self, counter: int) -> None:
        pass

    def found(self) -> CabinetFound:
        run = self.engine.run if self.engine else None
        return run.play.world.found(run.now.world) if run else CabinetFound()

    def perform(self, effect: AnyEffect) -> None:
        if isinstance(effect, Cancel):
            for open_ in [one for one in self.waiting if (one.at, one.ref) == (effect.at, effect.ref)]:
                self._answer(open_, True)
        else:
            self.waiting.append(effect)

    def answer_one(self) -> bool:
        """The first effect that its world can answer is answered."""
        return any(self._answer(effect, False) for effect in tuple(self.waiting))

    def _answer(self, effect: AnyEffect, canceled: bool) -> bool:
        run = self.engine.run if self.engine else None
        if run is None:
            return False
        event = run.play.world.answer(run.now.world, self._named(effect), canceled)
        if event is None:
            return False
        self.waiting.remove(effect)
        self.inbox.post(msgspec.structs.replace(event, ref=effect.ref))
        return True

    def _named(self, effect: AnyEffect) -> AnyEffect:
        """The effect by the machine's own word instead of the engine's number."""
        run = self.engine.run if self.engine else None
        found = [open_ for open_, _ in run.now.open if open_.at == effect.at] if run else []
        return found[0] if found else effect


class Life:
    """One run of one lesson."""

    def __init__(self, folder: Path, machine: str, skin: str, lesson: Lesson, language: str, **fields: Any) -> None:
        self.clock, self.inbox, self.stage = Clock(), Inbox(), Stage()
        self.cabinet = WorldCabinet(self.inbox)
        self.journal = Journal(folder / "screen.db", "k0001", utc_ms=self.clock.utc_ms)
        self.results: list[Any] = []
        self.spoken: list[str] = []
        self.engine = Engine(
            self.journal,
            self.cabinet,
            self.stage,
            self.clock,
            self.inbox.post,
            words=lobby_texts(),
            on_ended=self.results.append,
            say=lambda sentence, language: self.spoken.append(sentence),
        )
        self.cabinet.engine = self.engine
        self.lesson, self.frames = lesson, list[Frame]()
        self.loaded = machine_loader.with_linked_machines(machine_loader.load(machine, skin), machine)
        order = RunRequest(machine, skin, PEOPLE[lesson.setting.persona], lesson, language=language, **fields)
        self.engine.begin(self.loaded, order)
        self.settle()

    def settle(self) -> None:
        """Let everything be heard and answered, and look at the glass after each."""
        for _ in range(200):
            for item in self.inbox.drain():
                self.engine.handle(item)
                self._look()
            self.journal.commit_now()
            if not len(self.inbox) and not self.cabinet.answer_one():
                return
        raise AssertionError("it never settles")

    def _look(self) -> None:
        if self.engine.run is not None and self.engine.glass is not None:
            run, glass = self.engine.run, self.engine.glass
            acts = run.play.acts(run.now, {})
            seen = Frame(self.stage.pages[-1], self.stage.strips[-1], acts, glass.words, glass.language)
            self.frames.append(seen)

    def wait(self, ms: int, step_ms: int = 500) -> None:
        """Let time go by."""
        for _ in range(0, ms, step_ms):
            self.clock.now += step_ms
            self.engine.tick()
            while self.engine.is_searching:
                self.engine.tick()
            self._look()
            self.settle()
            if self.engine.run is None:
                return

    def act(self, event: AnyEvent) -> None:
        """The person does it; on the glass it is meant for the page that stands there."""
        if isinstance(event, GlassEvent):
            event = msgspec.structs.replace(event, step=self.stage.pages[-1].step)
        else:
            event = self._on_the_wire(event)
        self.inbox.post(event)
        self.settle()

    def _on_the_wire(self, event: AnyEvent) -> AnyEvent:
        """An answer carries the number that the engine gave to its effect, and ends it."""
        at, ref = getattr(event, "at", ""), getattr(event, "ref", None)
        waiting = [effect for effect in self.cabinet.waiting if effect.at == at] if ref is not None else []
        if not waiting:
            return event
        self.cabinet.waiting.remove(waiting[0])
        return msgspec.structs.replace(event, ref=waiting[0].ref)

    def by_chance(self, chance: random.Random, moves: int) -> Iterator[None]:
        """A person who mostly follows, sometimes errs, waits, asks to be shown, or walks away."""
        for _ in range(moves):
            if self.engine.run is None:
                return
            run = self.engine.run
            match chance.choice(("follow", "follow", "follow", "show", "wait", "long", "err")):
                case "show":
                    self.engine.strip("show")
                    self.wait(4000)
                case "wait":
                    self.wait(14_000)
                case "long":
                    self.wait(65_000)
                case "err":
                    if acts := run.play.acts(run.now, self.lesson.values):
                        self.act(chance.choice(acts))
                case _:
                    self.follow()
            yield

    def follow(self) -> None:
        """Do what leads to the goal."""
        run = self.engine.run
        assert run is not None
        search = Search(Ways(run.play, self.lesson), run.now, budget=400)
        while not search.work(1000):
            pass
        if search.first_act is None or isinstance(search.first_act, TimerExpired):
            self.wait(3000)
        else:
            self.act(search.first_act)

    def close(self) -> None:
        self.journal.close()
