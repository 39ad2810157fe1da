"""The two faces of a practice machine, and its world: pure, so they can be played, walked, searched and replayed.

`Machine.update(state, event) -> (state, effects)` and `Machine.view(state) -> Page`; nothing else. A glass event that
means nothing at a step returns the *same state object*: that is a slip, and the only thing that may be ignored. Device
facts are taken up in every phase. `World` is what person, cabinet and host hold: a fold over events (`heard`) that also
says what would answer an effect (`answer`), what this person can do now (`acts`) and how an armed fault may strike
(`faults`). In life the cabinet answers instead, and the world goes on listening.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

from kiosk_firmware.core.effects import AnyEffect, Effects
from kiosk_firmware.core.events import NOTHING_LENT, AnyEvent, CabinetFound, Fault, Lent, Started
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.linked_machine_requests import LinkedMachineResult
from kiosk_firmware.core.pages import Page

S = TypeVar("S")
W = TypeVar("W")

Open = tuple[tuple[AnyEffect, bool], ...]
"""Effects that wait for their answer, oldest first, each with whether it was asked to end early."""
Values = Mapping[str, tuple[str, ...]]
"""What may be typed, by field key: a lesson's values, or a walk's."""


class Machine(ABC, Generic[S]):
    """A machine's rules and pages. One object per (machine, skin, rule pack); it holds only frozen data."""

    id: str
    FACTS: ClassVar[Facts]
    """Every fact and mark the machine knows, with its start value."""

    SCENES: ClassVar[tuple[str, ...]] = ()
    """The frauds that can be met at it (`Started.scene`)."""

    @abstractmethod
    def start(self, started: Started) -> S:
        """Return the state before the first event; `CabinetFound` follows at once."""

    @abstractmethod
    def update(self, state: S, event: AnyEvent) -> tuple[S, Effects]:
        """Return the state after `event`, and what the cabinet shall do. Never raises for any event in any state."""

    @abstractmethod
    def view(self, state: S) -> Page:
        """Return the page of a state; its `step` is "home" only where nothing is owed to anybody."""

    @abstractmethod
    def facts(self, state: S, world: Any) -> Facts:
        """Return what is, of the names in FACTS."""

    def marks(self, before: S, event: AnyEvent, after: S) -> Facts:
        """Return what this step completed, of the names in FACTS."""
        return {}

    def essence(self, state: S) -> S:
        """Return the state without what cannot matter (language)."""
        return state

    def result(self, state: S) -> LinkedMachineResult | None:
        """Return what is given back, where another part of the place opened this one and it has closed; None: it goes
        on.
        """
        return None


class World(ABC, Generic[W]):
    """Person, cabinet and host of one machine."""

    @abstractmethod
    def start(self, started: Started) -> W:
        """Return what everybody holds before the run."""

    @abstractmethod
    def heard(self, world: W, event: AnyEvent) -> W:
        """Return the world after `event`."""

    @abstractmethod
    def answer(self, world: W, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """Return the event that ends the open effect; None where a person must act first."""

    @abstractmethod
    def acts(self, world: W, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """Return what this person can do now."""

    @abstractmethod
    def faults(self, world: W, armed: Fault, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
        """Return the ways in which the armed fault can strike now; each a run of events that begins with `Struck`."""

    def lent(self, world: W) -> Lent:
        """Return what real cards may stand for; most machines know no cards that carry anything."""
        return NOTHING_LENT

    @abstractmethod
    def found(self, world: W) -> CabinetFound:
        """Return what a cabinet that woke up would report."""

    @abstractmethod
    def at_rest(self, world: W) -> bool:
        """Return whether nothing of the person is inside the cabinet or lies in a tray."""

    def essence(self, world: W) -> W:
        """Return the world without what only promises look at: nothing that can be done depends on it."""
        return world

    @abstractmethod
    def breaches(self, world: W, at_rest: bool) -> tuple[str, ...]:
        """Return broken promises, in words: money that appeared or vanished, a card nobody has. Empty is good."""

    @abstractmethod
    def persona(self, world: W) -> Any:
        """Return what outlives the run."""
