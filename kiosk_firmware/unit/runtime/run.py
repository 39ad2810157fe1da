"""One run as it goes: the situation, what is owed, where it stands in its journal, and its steps with help, slips and
time.

`take` steps the play and keeps the books; it is the same call in life and in a replay, so that a resumed run has the
same books as one that was never cut. How a run ends is decided here too, from what is, not from which key was pressed.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    Fault,
    GlassEvent,
    ItemsInserted,
    ItemsPresented,
    ItemsRetracted,
    ItemsStored,
    MediaDetected,
    MediaDispensed,
    MediaInserted,
    MediaRetained,
    PinEntered,
    Started,
    Struck,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.core.facts import Value
from kiosk_firmware.core.lessons import GoalCondition, Lesson
from kiosk_firmware.core.pages import Page, Text
from kiosk_firmware.core.play import Play, Situation, Transition
from kiosk_firmware.unit.coach.learner_slips import Moment, SlipKind, label_of, slip_of
from kiosk_firmware.unit.coach.progress import Outcome, Purpose, StepRecord
from kiosk_firmware.unit.runtime import liabilities
from kiosk_firmware.unit.runtime.fact_changes import Changes
from kiosk_firmware.unit.runtime.liabilities import NOTHING, Liabilities
from kiosk_firmware.unit.runtime.run_facts import RunFact, moved_facts

FORMAT = 1
_COUNTED: dict[type, str] = {
    MediaRetained: "captured",
    MediaDispensed: "dispensed",
    ItemsStored: "stacked",
    ItemsRetracted: "retracted",
}
"""Answers that a device counts too; with the device before it, the name of its counter in `CabinetFound.counters`."""


class JournalHeader(msgspec.Struct, frozen=True):
    """The opening of a run's journal; only a run with an equal header may be replayed. `learner` is the pseudonym."""

    machine: str
    skin: str
    pack: str
    content: str
    code: str
    learner: str
    lesson: str
    purpose: Purpose
    language: str
    format: int = FORMAT


class Prompted(msgspec.Struct, frozen=True, tag=True):
    """A row of the journal that is no event of the machine: the coach helped at this level."""

    level: int


class Slipped(msgspec.Struct, frozen=True, tag=True):
    """Likewise: a slip of this kind was seen on this step."""

    kind: SlipKind
    step: str


class Coached(msgspec.Struct, frozen=True, tag=True):
    """Likewise: the act that follows is the coach's."""


class Leaving(msgspec.Struct, frozen=True, tag=True):
    """Likewise: the run is being ended with this outcome and only comes home."""

    outcome: Outcome


def asks(page: Page) -> bool:
    """Return whether the page waits for the person to do something, other than to have read it: only then is doing
    nothing walking away.
    """
    return page.kind in ("Take", "Insert", "PinEntry") or any(key.role != "primary" for key in page.keys)


class Run:
    """The books of one run. `at` is milliseconds on any steady scale (monotonic in life, the journal's in a replay)."""

    def __init__(
        self, id_: str, header: JournalHeader, play: Play, lesson: Lesson | None, started: Started, at: int
    ) -> None:
        """Set up the run before its `CabinetFound`."""
        self.id = id_
        self.header = header
        self.play = play
        self.lesson = lesson
        self.started = started
        self.armed: Fault | None = started.armed
        self.now = Situation(play.machine.start(started), play.world.start(started), armed=started.armed)
        self.page: Page = play.machine.view(self.now.state)
        self._begin_books(at)

    def _begin_books(self, at: int) -> None:
        """Begin with nothing happened yet."""
        self.rows = 1
        self.visit = 1
        self.owed: Liabilities = NOTHING
        self.leaving: Outcome | None = None
        self.spoilt = False
        self.away = False
        """The machine has left its first page at least once."""
        self.trips = 0
        """How often it came back there."""
        self.by_timeout = False
        """The last thing that anybody did was nothing."""
        self.counters: tuple[tuple[str, int], ...] = ()
        """The devices' counts when the run began."""
        self.heard_counts: dict[str, int] = {}
        """How many of each counted thing were heard since."""
        self.marks: dict[str, Value] = {}
        """All that happened, whether or not the lesson asks for it: the record and the debrief tell it."""
        self.changes = Changes(self.play.facts(self.now))
        self.moment: Moment | None = None
        """The most telling slip so far; a run that is taken up again has forgotten it."""
        self.is_over = False
        """It was written off."""
        self._left: tuple[Transition, Page] | None = None
        self.recovery: Mapping[Fault, tuple[GoalCondition, ...]] = {}
        """By fault, when somebody has coped with it."""
        self.struck: Fault | None = None
        """The fault that has struck."""
        self.replayed_to = at
        self.steps: list[StepRecord] = []
        self._step = StepRecord(self.page.step)
        self._since = at
        self._began = at

    # -- stepping ------------------------------------------------------------------------------------------------------

    def take(self, event: AnyEvent, at: int) -> tuple[Transition, tuple[RunFact, ...]]:
        """Step, keep the books; the transition and the facts to tell. Raises whatever a broken machine raises."""
        transition = self.play.step(self.now, event)
        page = self.play.machine.view(transition.after.state)
        if not transition.taken:
            return transition, ()
        tray_fen = self.owed.tray_fen
        self.marks.update(self.play.machine.marks(transition.before.state, event, transition.after.state))
        self.now = transition.after
        self.rows += 1
        self.owed = liabilities.apply_event(self.owed, event)
        if isinstance(event, Struck):
            self.struck = event.fault
        self._count(event)
        self.changes.heard(event, {**self.play.facts(self.now), **self.marks})
        if isinstance(event, CabinetFound) and self.rows == 2:
            self.changes.begin(self.play.facts(self.now))
        self._note(event, transition)
        facts = moved_facts(self.id, event, tray_fen)
        if page.step != self.page.step:
            facts += (self.end_step(at, page.step),)
        self.page = page
        self._note_place()
        return transition, facts

    def _count(self, event: AnyEvent) -> None:
        if isinstance(event, CabinetFound):
            self.counters, self.heard_counts = event.counters, {}
        fell = isinstance(event, ItemsInserted) and event.at == "coin_acceptor"
        what = "tokens" if fell else _COUNTED.get(type(event), "")
        name = f"{getattr(event, 'at', '')}.{what}"
        if what and getattr(event, "completion", "success") == "success":
            self._heard(name, 1)
        if isinstance(event, ItemsPresented):
            self._count_out(event)

    def _count_out(self, event: ItemsPresented) -> None:
        """Count what came out: hoppers count pieces by value, trays how often they opened, recyclers the money, too."""
        at = event.at
        if at == "coin_dispenser":
            for fen, pieces in event.items:
                self._heard(f"{at}.paid_{fen}", pieces)
            for fen, pieces in event.unsure:
                self._heard(f"{at}.unsure_{fen}", pieces)
            self._heard(f"{at}.unknown", money.pieces(event.unsure))
        else:
            self._heard(f"{at}.presented", int(bool(event.items)))
            self._heard(f"{at}.paid_fen", money.total(event.items))
            self._heard(f"{at}.unknown_fen", money.total(event.unsure))

    def _heard(self, name: str, count: int) -> None:
        self.heard_counts[name] = self.heard_counts.get(name, 0) + count

    def _note(self, event: AnyEvent, transition: Transition) -> None:
        if transition.slip:
            self._step.slips += 1
        pressed = isinstance(event, PinEntered) and event.completion == "success"
        if pressed or isinstance(event, GlassEvent | MediaInserted | MediaDetected | ItemsInserted):
            self.by_timeout = False
        elif isinstance(event, TimerExpired) and asks(self.page):
            self.by_timeout = True
        if self.lesson is not None and not self.spoilt and self.leaving is None:  # coming home by itself spoils nothing
            self.spoilt = self.lesson.spoilt(self.play.facts(self.now))

    def _note_place(self) -> None:
        if not self.at_home():
            self.away = True
        elif self.away:
            self.away = False
            self.trips += 1
        if self.at_home():
            self.owed = liabilities.at_home(self.owed)

    def end_step(self, at: int, next_step: str) -> RunFact:
        """Close the step that stood; its fact."""
        self._step.ms = max(0, at - self._since)
        self.steps.append(self._step)
        ended = self._step
        self._step, self._since = StepRecord(next_step), at
        self.visit += 1
        return RunFact(
            "step.ended",
            {
                "run": self.id,
                "step": ended.step,
                "prompt": ended.prompt,
                "slips": ended.slips,
                "ms": ended.ms,
                "kinds": ended.kinds,  # the press that left the step may yet be a slip: `look` counts it there
            },
        )

    def prompt(self, level: int) -> bool:
        """Count help at `level`; return True when that is more than before on this step."""
        more = level > self._step.prompt
        self._step.prompt = max(level, self._step.prompt)
        return more

    # -- slips ---------------------------------------------------------------------------------------------------------

    def look(self, done: Transition, before: Page, was_spoilt: bool, pointed_at: AnyEvent | None) -> Slipped | None:
        """Return the slip that the transition just taken was, if any; `before` is the page on which it was done."""
        earlier = [record.step for record in self.steps[:-1]]
        kind = slip_of(done, before, self.page, earlier, pointed_at, self.spoilt and not was_spoilt)
        moment = self._left if kind == "back_and_forth" and self._left else (done, before)  # the way in is worth a look
        if isinstance(done.event, Tapped) and self.page.step != before.step:
            self._left = done, before
        return self.slipped(kind, before.step, *moment) if kind else None

    def slipped(
        self, kind: SlipKind, step: str = "", done: Transition | None = None, page: Page | None = None
    ) -> Slipped:
        """Count a slip on `step` (default: the one that stands) and keep it as the moment where it tells most."""
        found = Slipped(kind, step or self.page.step)
        self.count_slip(found)
        shown = page or self.page
        pressed = label_of(done.event, shown) if done else Text("")
        language = str(getattr(self.now.state, "language", self.started.language))
        moment = Moment(kind, shown, pressed, done.before if done else self.now, language)
        if moment.more_telling(self.moment):
            self.moment = moment
        return found

    def count_slip(self, slip: Slipped) -> None:
        """Count it on the latest visit of its step."""
        latest = [record for record in (self._step, *reversed(self.steps)) if record.step == slip.step]
        for record in latest[:1]:
            record.kinds[slip.kind] = record.kinds.get(slip.kind, 0) + 1

    @property
    def asks(self) -> bool:
        """The page that stands waits for the person."""
        return asks(self.page)

    @property
    def prompted(self) -> int:
        """The most help so far on the step that stands."""
        return self._step.prompt

    @property
    def slips(self) -> int:
        """Glass acts without effect on the step that stands."""
        return self._step.slips

    def rebase(self, at: int, last: int) -> None:
        """Go on, on another time scale: `last` was the old scale's latest moment, `at` is the same moment on the
        new.
        """
        self._since += at - last
        self._began += at - last

    def elapsed(self, at: int) -> int:
        """Return the milliseconds since the run began."""
        return max(0, at - self._began)

    # -- ending --------------------------------------------------------------------------------------------------------

    def at_home(self) -> bool:
        """Return whether the machine's first page stands and nobody is owed anything."""
        return self.play.at_home(self.now)

    def facts(self) -> dict[str, Value]:
        """Return all that is and happened; where a fault `struck`, also whether the person coped with it
        (`recovered`).
        """
        found = {**self.play.facts(self.now), **self.marks}
        if self.struck is not None and (rows := self.recovery.get(self.struck)):
            found |= {"struck": self.struck, "recovered": all(row.holds(found) for row in rows)}
        return found

    def outcome(self) -> Outcome | None:
        """Return how the run has ended, or None while it goes on. Nothing ends before the machine is home."""
        if not self.at_home():
            return None
        if self.leaving == "abandoned":  # whoever takes what it gives back need not be who began it
            return "lost" if self.spoilt else "abandoned"
        if self.lesson is not None and self.rows > 2 and self.lesson.reached(self.play.facts(self.now)):
            return "done"
        if self.spoilt and (self.trips or self.leaving is not None):
            return "lost"
        if self.leaving is not None:
            return self._outcome_of(self.leaving)
        if self.trips and self.by_timeout:
            return "timed_out"
        return None

    def _outcome_of(self, wanted: Outcome) -> Outcome:
        """Return "done" for a free run that was ended after a whole round: there was no other goal."""
        free = self.lesson is None and wanted == "given_up"
        return "done" if free and self.trips and not self.by_timeout else wanted
