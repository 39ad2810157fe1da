"""A whole unit in the hand: the real unit, engine, journal and machines; a clock that is turned, a cabinet that answers
when told, a glass that remembers. Dying and coming back is making another one on the same disk and devices.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kiosk_firmware.core.events import Media, MediaInserted, MediaTaken, Tapped
from kiosk_firmware.settings.session_limits import SessionLimits
from kiosk_firmware.unit.runtime.inbox import Inbox
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.shell.environment import UnitDescription
from kiosk_firmware.unit.shell.screen_process import ScreenProcess
from tests.unit.runtime import rig

DEVICES = ("card_reader", "id_reader", "pin_pad", "cash_dispenser", "note_acceptor", "receipt_printer")


class Cabinet(rig.Cabinet):
    def call_teacher(self, on: bool) -> None:
        self.called = on

    def self_test(self) -> Any:
        return {}

    def stop(self) -> None:
        self.stopped = True

    def refill(self, at: str) -> None:
        self.refilled = at

    def issue_secrets(self, on: bool) -> None:
        self.issues = on


class Stage(rig.Stage):
    steadily = held = False

    def clock(self, text: str) -> None:
        self.time = text

    def steady(self, on: bool, hold: bool) -> None:
        self.steadily, self.held = on, hold


class Voice:
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, sentence: str, language: str) -> None:
        self.said.append(sentence)

    def page(self, sentence: str, language: str) -> None:
        self.said.append(sentence)

    def unsaid(self, languages: Any) -> frozenset[str]:
        return frozenset(languages) - {"zh", "en"}


class House:
    """One unit with its disk and devices."""

    def __init__(self, folder: Path, machines: tuple[str, ...] = ("atm",), **turn: Any) -> None:
        self.folder, self.machines, self.turn = folder, machines, SessionLimits(**turn)
        self.clock, self.hardware = rig.Clock(), rig.Hardware()
        self.start()

    def start(self) -> None:
        """Begin, or come back after a power cut."""
        self.inbox = Inbox()
        self.cabinet, self.stage, self.voice = Cabinet(self.hardware, self.inbox), Stage(), Voice()
        self.journal = Journal(self.folder / "screen.db", "jia-atm-01", utc_ms=self.clock.utc_ms)
        who = UnitDescription("jia-atm-01", "all-in-one", self.machines, "zh", DEVICES, "0", b"site")
        self.unit = ScreenProcess(
            who,
            self.turn,
            self.journal,
            self.cabinet,
            self.stage,
            self.voice,
            self.inbox.post,
            ({}, {}),
            self.folder,
            clock=self.clock,  # type: ignore[arg-type]
        )
        self.unit.start()
        self.settle()

    def settle(self) -> None:
        for _ in range(100):
            for item in self.inbox.drain():
                self.unit.handle(item)
            self.journal.commit_now()
            self.cabinet.answer_all()
            if not len(self.inbox):
                return
        raise AssertionError("it never settles")

    def wait(self, ms: int, step_ms: int = 500) -> None:
        for _ in range(0, ms, step_ms):
            self.clock.now += step_ms
            self.unit.tick()
            self.settle()

    @property
    def page(self) -> Any:
        return self.stage.pages[-1]

    @property
    def step(self) -> str:
        return str(self.page.step).partition("#")[0]

    def tap(self, name: str) -> None:
        self.inbox.post(Tapped(name, self.page.step, getattr(self.page.key(name), "value", "")))
        self.settle()

    def other_card(self, number: str) -> None:
        """Any card, held to the open reader for a moment."""
        self.inbox.post(MediaInserted("id_reader", Media(number)))
        self.settle()
        self.inbox.post(MediaTaken("id_reader"))
        self.settle()

    def card(self, learner: str) -> None:
        """A centre card is held to the open reader, and taken away again; the touch lesson is skipped."""
        self.other_card("9900700000" + learner)
        self.skip()

    def skip(self) -> None:
        """The touch lesson, where it stands."""
        if self.step.startswith("touch-"):
            self.tap("touch.skip")
