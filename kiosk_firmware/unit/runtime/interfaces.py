"""Define what the engine sees of the world around it: the cabinet, the glass and a loaded machine, as protocols.

The real ones live in rooms that this one may not import (hardware, screens, catalogue); they fit these shapes, and
tests bring small ones of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

import msgspec

from kiosk_firmware.catalogue.machine_list import HeldThing
from kiosk_firmware.core.effects import AnyEffect, AskHost, Document
from kiosk_firmware.core.events import NOTHING_LENT, CabinetFound, Fault, HostAnswered, Lent
from kiosk_firmware.core.lessons import GoalCondition, Lesson
from kiosk_firmware.core.machine import Machine, World
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.core.texts import Words
from kiosk_firmware.unit.coach.progress import Purpose

Pace = Literal["calm", "gentle", "real"]
"""How time-outs run: calm (none on a page that asks something, else twice as long; no ring), gentle (half as long
again, ring), real (as the machine, ring).
"""
PACE_PERCENT: dict[Pace, int] = {"calm": 200, "gentle": 150, "real": 100}


class StageLike(Protocol):
    """The glass."""

    def show(self, page: Page, words: Words, language: str, look: Mapping[str, Any], visit: int) -> None:
        """Draw the page; its step carries `#visit`, and taps bring it back."""

    def strip(self, strip: Strip) -> None:
        """Draw the strip, and light the lamp of the slot that it points at."""

    def ring(self, left_ms: int | None, total_ms: int = 0) -> None:
        """Draw the time-out ring; None takes it away."""


class CabinetLike(Protocol):
    """The devices. `perform` never blocks and leads to exactly one answer that carries the effect's own `ref`."""

    def perform(self, effect: AnyEffect) -> None:
        """Begin the effect."""

    def expect(self, at: tuple[str, ...]) -> None:
        """Enable and light these slots, and no others."""

    def begin(
        self, render: Callable[[Document], list[str]], armed: Fault | None, pins_fresh: bool, lent: Lent = NOTHING_LENT
    ) -> None:
        """Begin a run; `lent`: what real cards may stand for in it."""

    def end(self) -> None:
        """End the run; cards are reported by their own numbers from here on."""

    def found(self) -> CabinetFound:
        """Return what the devices hold now."""

    def committed(self, counter: int) -> None:
        """Let the validator forget the note that was stored last: it is on the disk."""

    def host(self, answer: Callable[[AskHost], HostAnswered | None]) -> None:
        """Set who answers for the simulated host."""


class LoadedMachineLike(Protocol):
    """A machine with all that belongs to it, as the catalogue loads it."""

    @property
    def machine(self) -> Machine[Any]:
        """The rules."""

    @property
    def world(self) -> World[Any]:
        """Person, cabinet and host."""

    @property
    def words(self) -> Words:
        """Its texts, the skin's among them."""

    @property
    def look(self) -> Mapping[str, Any]:
        """Return what the screens read of the skin."""

    @property
    def recovery(self) -> Mapping[Fault, tuple[GoalCondition, ...]]:
        """By fault, when somebody has coped with it."""

    @property
    def holds(self) -> tuple[HeldThing, ...]:
        """Return what a run leaves in somebody's hands."""

    @property
    def pack_id(self) -> str:
        """The rule pack's id."""

    @property
    def content_hash(self) -> str:
        """A hash over texts, lessons, skins and pack."""


class RunRequest(msgspec.Struct, frozen=True):
    """A request to practise: machine and skin by id, as whom, which lesson (None: free), by which learner (pseudonym)
    and for what purpose. `armed` overrides the lesson's own fault (a teacher's). `starts`: (step, level) at which the
    coach's help begins; `retest`: it comes only when asked for; `practised`: how many runs on this machine were before.
    `carried`: the persona comes from the run before this one.
    """

    machine: str
    skin: str
    persona: Persona
    lesson: Lesson | None = None
    learner: str = "guest"
    purpose: Purpose = "practice"
    language: str = "zh"
    pace: Pace = "calm"
    armed: Fault | None = None
    starts: tuple[tuple[str, int], ...] = ()
    retest: bool = False
    practised: int = 0
    carried: bool = False


class Committed(msgspec.Struct, frozen=True):
    """From the writer, through the inbox: the transition with this ticket is on the disk (or the disk is full)."""

    ticket: int
    durable: bool = True
