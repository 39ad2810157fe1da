"""Lessons: a task with a goal, as tables over a machine's facts and marks; nothing else is visible to them.

`goal`: all rows must hold. `never`: any row that holds spoils the run. `values` is what the task names (the amount to
type); coach, proof and search type only those. `setting` fixes who, when, on which skin, and which fault is armed.
"""

from __future__ import annotations

import zlib

import msgspec

from kiosk_firmware.core.events import Fault
from kiosk_firmware.core.facts import Facts, Value


class GoalCondition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One condition on one fact; every bound that is given must hold."""

    fact: str
    equal: Value | None = None
    min: int | None = None
    max: int | None = None
    one_of: tuple[Value, ...] = ()

    def holds(self, facts: Facts) -> bool:
        """Return whether the fact is within all bounds.

        Raises:
            KeyError: the machine has no such fact; `kiosk lessons check` finds it first.
        """
        value = facts[self.fact]
        if self.equal is not None and (value != self.equal or isinstance(value, bool) != isinstance(self.equal, bool)):
            return False
        if self.one_of and value not in self.one_of:
            return False
        if self.min is None and self.max is None:
            return True
        if not isinstance(value, int):
            return False
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)


CALM_RUNS = 3
"""A learner's first runs on a machine in which no fault is drawn."""


class LessonSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The circumstances of a lesson: persona by name, practised time (ISO, UTC+8), skin (empty: any), armed fault.

    `draw`: instead of one armed fault, one of these or none, another in each run. `scene`: the fraud that is met.
    """

    persona: str = "default"
    now: str = "2026-11-24T14:05:00+08:00"
    skin: str = ""
    armed: Fault | None = None
    draw: tuple[Fault, ...] = ()
    scene: str = ""

    def fault(self, run: str, practised: int) -> Fault | None:
        """Return what is armed in the run of that id, by somebody who has `practised` so many runs on this machine."""
        if self.armed or not self.draw or practised < CALM_RUNS:
            return self.armed
        return (None, *self.draw)[zlib.crc32(run.encode()) % (len(self.draw) + 1)]


class Lesson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A task. Its texts are `lesson.<id>.title` and `lesson.<id>.task` in the machine's language files.

    `opt_in`: only who chooses it meets it; it is never recommended. `aside`: words of the task that name something
    which is not asked for (a train that is full).
    """

    id: str
    level: int
    goal: tuple[GoalCondition, ...]
    never: tuple[GoalCondition, ...] = ()
    setting: LessonSetting = LessonSetting()
    values: dict[str, tuple[str, ...]] = {}
    carry: bool = False
    opt_in: bool = False
    aside: tuple[str, ...] = ()

    def facts(self) -> frozenset[str]:
        """Return the facts and marks that the rows name."""
        return frozenset(row.fact for row in (*self.goal, *self.never))

    def reached(self, facts: Facts) -> bool:
        """Return whether all goal rows hold and no never row does."""
        return all(row.holds(facts) for row in self.goal) and not self.spoilt(facts)

    def spoilt(self, facts: Facts) -> bool:
        """Return whether a never row holds: the run cannot be won any more."""
        return any(row.holds(facts) for row in self.never)


class LessonTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lesson's title and task in one language."""

    title: str
    task: str


class SiteLesson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lesson that a site's teacher wrote: one file with its texts by language, `<machine>/<id>.toml` in the folder of
    the site's lessons.
    """

    lesson: Lesson
    texts: dict[str, LessonTexts]


class LessonFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `lessons.toml`."""

    lesson: tuple[Lesson, ...] = ()
