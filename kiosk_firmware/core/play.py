"""One step of a play, the same in life, in play, in the walk, in a proof and in the coach's search.

A `Situation` is all that matters now: machine state, world, open effects, the armed fault, and the marks that a lesson
asks for. `step` is the only way from one to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS, AnyEffect, Cancel, Effects
from kiosk_firmware.core.events import (
    AnyEvent,
    DoubleTapped,
    Fault,
    Idled,
    Started,
    Struck,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.core.facts import NO_MARKS, Facts, Marks, with_marks
from kiosk_firmware.core.faults import moment, struck
from kiosk_firmware.core.linked_machines import MachineGroup
from kiosk_firmware.core.machine import Machine, Open, Values, World
from kiosk_firmware.core.pages import Page


class Situation(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything that the future of a run depends on. `again`: how often the armed fault strikes once more after it
    has struck; never in life, where it strikes once.
    """

    state: Any
    world: Any
    open: Open = ()
    armed: Fault | None = None
    marks: Marks = NO_MARKS
    again: int = 0


class Transition(msgspec.Struct, frozen=True):
    """A step taken: `taken` is False where the machine never saw the event (a key that is not on the page)."""

    before: Situation
    event: AnyEvent
    after: Situation
    effects: Effects
    taken: bool = True

    @property
    def slip(self) -> bool:
        """A glass act that changed nothing."""
        return self.taken and isinstance(self.event, Tapped | Typed) and self.after.state is self.before.state


PAGES = 4096
"""Pages that a play remembers: a search looks at each many times, and drawing them up is most of its work."""


class Play:
    """A machine with its world, and the marks that are asked for."""

    def __init__(self, machine: Machine[Any], world: World[Any], asked: frozenset[str] = frozenset()) -> None:
        """Join the two; all three are only read."""
        self.machine = machine
        self.world = world
        self.asked = asked
        self._pages: dict[Any, Page] = {}

    def page(self, now: Situation) -> Page:
        """Return the page of a situation, from the cache where it was drawn before."""
        page = self._pages.get(now.state)
        if page is None:
            if len(self._pages) >= PAGES:
                self._pages.clear()
            page = self._pages[now.state] = self.machine.view(now.state)
        return page

    def begin(self, started: Started) -> Situation:
        """Return the situation after `Started` and the `CabinetFound` that follows it."""
        world = self.world.start(started)
        first = Situation(self.machine.start(started), world, armed=started.armed)
        return self.step(first, self.world.found(world)).after

    def step(self, now: Situation, event: AnyEvent) -> Transition:
        """Return what `event` makes of the situation."""
        if isinstance(event, Struck):
            world = self.world.heard(now.world, event)
            armed, again = (now.armed, now.again - 1) if now.again else (None, 0)
            after = msgspec.structs.replace(now, world=world, armed=armed, again=again)
            return Transition(now, event, after, NO_EFFECTS)
        if not self._reaches(now, event):
            return Transition(now, event, now, NO_EFFECTS, taken=False)
        state, effects = self.machine.update(now.state, event)
        world = self.world.heard(now.world, event)
        if isinstance(self.machine, MachineGroup):
            state, world, effects = self.machine.route(state, world, effects)
        marks = now.marks
        if self.asked:
            marks = with_marks(marks, self.machine.marks(now.state, event, state), self.asked)
        after = Situation(state, world, open_effects(now.open, event, effects), now.armed, marks, now.again)
        return Transition(now, event, after, effects)

    def _reaches(self, now: Situation, event: AnyEvent) -> bool:
        """Return whether an event reaches the machine: glass acts and expiries count only for the page that stands."""
        match event:
            case Tapped():
                page = self.page(now)
                return event.step == page.step and page.key(event.key) is not None
            case Typed():
                page = self.page(now)
                return event.step == page.step and page.body.field_key == event.key
            case TimerExpired():
                timer = self.page(now).timer
                return timer is not None and timer.name == event.name
            case DoubleTapped() | Idled():
                return False
            case _:
                return True

    def answers(self, now: Situation) -> Iterator[AnyEvent]:
        """Yield the answers that may come next: every open effect's (one a device), where no person is needed."""
        for effect, canceled in now.open:
            event = self.world.answer(now.world, effect, canceled)
            if event is not None:
                yield event

    def expiry(self, now: Situation) -> TimerExpired | None:
        """Return the page's time-out as an event, or None where the page has none."""
        timer = self.page(now).timer
        return TimerExpired(timer.name) if timer else None

    def acts(self, now: Situation, values: Values) -> tuple[AnyEvent, ...]:
        """Return what the person can do now."""
        return self.world.acts(now.world, self.page(now), now.open, values)

    def act(self, now: Situation, event: AnyEvent) -> Situation:
        """Return the situation after `event`, the armed fault striking at the first moment it may, as in life."""
        for said in struck(now.armed, event) if now.armed and moment(now.armed, event) else (event,):
            now = self.step(now, said).after
        return now

    def settle(self, now: Situation) -> Situation:
        """Let all answers come, oldest first, until a person is needed."""
        while (event := next(self.answers(now), None)) is not None:
            now = self.act(now, event)
        return now

    def facts(self, now: Situation) -> Facts:
        """Return facts and marks of the situation, over the machine's start values."""
        return {**self.machine.FACTS, **self.machine.facts(now.state, now.world), **dict(now.marks)}

    def at_home(self, now: Situation) -> bool:
        """Return whether the machine's first page stands, nothing is open, and nobody is owed anything."""
        return not now.open and self.world.at_rest(now.world) and self.page(now).step == "home"


def open_effects(open_: Open, event: AnyEvent, effects: Effects) -> Open:
    """Return the open effects after `event` answered one of them and `effects` were added or canceled.

    Raises:
        ValueError: a machine started a second effect on a device whose first one is still open.
    """
    at, ref = getattr(event, "at", None), getattr(event, "ref", None)
    left = [entry for entry in open_ if ref is None or (entry[0].at, entry[0].ref) != (at, ref)]
    for effect in effects:
        _add(left, effect)
    return tuple(left)


def _add(left: list[tuple[AnyEffect, bool]], effect: AnyEffect) -> None:
    if isinstance(effect, Cancel):
        left[:] = [(e, c or (e.at, e.ref) == (effect.at, effect.ref)) for e, c in left]
    elif any(e.at == effect.at for e, _ in left):
        raise ValueError(f"{effect.at} is still busy with {[e.ref for e, _ in left]}; {effect.ref} must wait")
    else:
        left.append((effect, False))
