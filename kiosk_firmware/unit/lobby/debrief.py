"""After a run: what it changed, as its journal proves, and nothing else.

A tick is for what the learner's own act brought about in this run and a lesson may ask for. What the coach pressed is
said as that, what a time-out did is only told, and what was so before is not said at all. The title is the first thing
that went well. Then the others, what spoilt the run, what else happened. One next thing only: advice for the first row
that is missing, or the lesson that is recommended. No blame, no score. A run that was ended early has a page of its
own, the same after a second and after a minute: nothing praised, nothing blamed, one key.

Whoever was taken in by a fraud and refused in the end hears both, kindly, in one sentence without a tick.

What the run left in the learner's hands is shown large (`held_things`), with three rows beside it.

Whoever wants to may look at one moment of the run again (`state.Looking`): the machine's own page as it stood, with
what was pressed and what helps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kiosk_firmware.core import lessons
from kiosk_firmware.core.facts import Facts, Hand, Value, has_happened
from kiosk_firmware.core.pages import Body, Key, Page, Row, Text, text
from kiosk_firmware.unit.coach.held_things import held_pictures
from kiosk_firmware.unit.lobby.phases.lobby import Ending

if TYPE_CHECKING:  # the first page reads nothing of any machine
    from kiosk_firmware.catalogue.machine_list import HeldThing

QUIET = frozenset({"at_home", "card_back"})
"""Come to at the end of nearly every run: told only where a lesson asks for them."""
FRAUD = ("fraud_met", "fraud_over", "fraud_refused", "fraud_fell", "fraud_skipped")
EARLY = ("given_up", "abandoned", "closed")
"""Outcomes of runs that were ended before they had come to anything."""
MOST, BESIDE = 4, 3
"""Rows below the title, and beside a picture of what somebody holds."""


def run_ending(
    machine: str,
    skin: str,
    lesson: lessons.Lesson | None,
    outcome: str,
    facts: Facts,
    keys: Iterable[str],
    *,
    by: Iterable[tuple[str, Hand]] = (),
    coached: int = 0,
    good: Iterable[str] = (),
    unaided: bool = False,
    steps: int = 0,
    exam: str = "",
    holds: Iterable[HeldThing] = (),
) -> Ending:
    """Return a run's end from its lesson and record; `keys` are all text keys of the machine (`Words.keys("zh")`)."""
    known = frozenset(key.removeprefix("debrief.") for key in keys if key.startswith("debrief."))
    goal, never = (lesson.goal, lesson.never) if lesson else ((), ())
    whose = tuple(by)
    pictures, held_fen = held_pictures(holds, facts, dict(whose))
    return Ending(
        machine,
        skin,
        lesson.id if lesson else "",
        outcome,
        goal,
        never,
        tuple(sorted(facts.items())),
        whose,
        coached,
        frozenset(good),
        unaided,
        steps,
        known,
        held=pictures,
        held_fen=held_fen,
        exam=exam,
    )


def praisable_facts(known: Iterable[lessons.Lesson]) -> frozenset[str]:
    """Return the facts that may have a tick in free practice: lessons ask for them, and none is spoilt by them."""
    goals = {row.fact for lesson in known for row in lesson.goal}
    return frozenset(goals - {row.fact for lesson in known for row in lesson.never if row.equal is True})


def debrief(end: Ending, following: tuple[str, str] | None) -> Page:
    """Return the page after a run. `following` is the recommended (machine, lesson)."""
    if end.outcome in EARLY:
        return _early()
    facts = dict(end.facts)
    rows = list(dict.fromkeys(_rows(end, facts)))
    title = next((row for row in rows if row.mark == "ok" and row.label.key.startswith("debrief.")), None)
    shown = [row for row in rows if row is not title]
    first = title.label if title else _plain_title(end)
    lines = tuple(_next(end, facts, following))
    if end.held:
        heading = Text("lobby.debrief.held")
        body = Body(lines, _few(shown), amount_fen=end.held_fen, carried=end.held, heading=heading)
    else:
        body = Body(lines, tuple(shown[:MOST]))
    return Page("Debrief", "debrief", first, first, body, _keys(end, facts, following))


def _few(rows: list[Row]) -> tuple[Row, ...]:
    """Return the rows that stand beside a picture, in their order: what spoilt the run is never left out."""
    kept = sorted(rows, key=lambda row: row.mark != "warn")[:BESIDE]
    return tuple(row for row in rows if row in kept)


def _early() -> Page:
    """Return the page after a run that was ended early."""
    home = Key("debrief.home", "primary", Text("lobby.early.home"), icon="home")
    title, line = Text("lobby.early.title"), Text("lobby.early.how")
    return Page("Debrief", "debrief", title, None, Body((line,), icon="rest"), (home,))


def _plain_title(end: Ending) -> Text:
    """Return where nothing is to be praised: that the lesson is done, or how far somebody went."""
    is_done = end.outcome == "done" and end.lesson
    return Text("lobby.debrief.done") if is_done else text("lobby.debrief.seen", n=end.steps)


# -- what is told ------------------------------------------------------------------------------------------------------


def _rows(end: Ending, facts: Facts) -> Iterator[Row]:
    """Yield what the run changed: what was asked for, how it was done, what spoilt it, what else happened."""
    by, never = dict(end.by), [row.fact for row in end.never if _holds(row, facts)]
    goal = [row.fact for row in end.goal if _holds(row, facts) and row.fact not in never]
    asked = {row.fact for row in (*end.goal, *end.never)}
    others = [name for name in by if name not in asked | QUIET]
    for name in goal if end.lesson else others:
        good = end.lesson or name in end.good
        yield from _fraud(end, facts) if name in FRAUD else _fact_rows(name, facts, end, "ok" if good else "")
    if end.outcome == "done" and end.unaided and not facts.get("fraud_fell"):
        yield Row(Text("lobby.debrief.unaided"), mark="ok")
    if end.coached:
        yield Row(text("lobby.debrief.coached", n=end.coached))
    for name in never:
        yield from _fact_rows(name, facts, end, "warn")
    for name in others if end.lesson else ():
        yield from _fraud(end, facts) if name in FRAUD else _fact_rows(name, facts, end, "")


def _fact_rows(name: str, facts: Facts, end: Ending, mark: str) -> Iterator[Row]:
    """Yield the row of a fact that this run has changed, marked so where that was the learner's act."""
    asked = any(row.fact == name and _holds(row, facts) for row in end.goal)
    hand, label = dict(end.by).get(name), _sentence(name, facts[name], end.known, asked)
    if label is None or (name == "recovered" and end.coached) or (hand is None and name != "recovered"):
        return
    if mark == "warn":
        yield Row(label, mark="warn")
    elif hand == "coach":
        yield Row(label, Text("lobby.debrief.by_coach"))
    else:
        yield Row(label, mark="ok" if mark and hand == "learner" else "")


def _sentence(name: str, value: Value, known: frozenset[str], asked: bool) -> Text | None:
    """Return what is said of a fact: of this very value, of the one that the lesson `asked` for, or of any; None where
    there is nothing to say.
    """
    args = () if isinstance(value, bool) else (("x_fen" if name.endswith("_fen") else "x", value),)
    if not isinstance(value, bool) and f"{name}.{value}" in known:
        return Text(f"debrief.{name}.{value}")
    if asked and has_happened(value) and f"{name}.asked" in known:
        return Text(f"debrief.{name}.asked")
    return Text(f"debrief.{name}", args) if name in known and has_happened(value) else None


def _fraud(end: Ending, facts: Facts) -> Iterator[Row]:
    """Yield the one sentence about a fraud: refused at once, refused in the end, or passed over."""
    hand, fell = dict(end.by).get("fraud_refused"), facts.get("fraud_fell") is True
    if facts.get("fraud_skipped"):
        yield Row(Text("lobby.debrief.fell_skipped" if fell else "debrief.fraud_skipped"))
    elif facts.get("fraud_refused") and fell:
        yield Row(Text("lobby.debrief.fell"))
    elif facts.get("fraud_refused") and hand == "coach":
        yield Row(Text("debrief.fraud_refused"), Text("lobby.debrief.by_coach"))
    elif facts.get("fraud_refused"):
        yield Row(Text("debrief.fraud_refused"), mark="ok" if hand == "learner" else "")


def _holds(row: lessons.GoalCondition, facts: Facts) -> bool:
    return row.fact in facts and row.holds(facts)


# -- what comes next ---------------------------------------------------------------------------------------------------


def _next(end: Ending, facts: Facts, following: tuple[str, str] | None) -> list[Text]:
    missing = [row.fact for row in end.goal if not _holds(row, facts)]
    advice = next((name for name in missing if f"next.{name}" in end.known), None)
    if _fell(end, facts) and "next.fraud_over" in end.known:
        advice = "fraud_over"
    if (end.outcome != "done" or _fell(end, facts)) and advice is not None:
        return [Text(f"debrief.next.{advice}")]
    if end.outcome == "done" and following is not None and following[0] == end.machine:
        return [text("lobby.debrief.next", lesson_key=f"lesson.{following[1]}.title")]
    return []


def _fell(end: Ending, facts: Facts) -> bool:
    return end.outcome == "done" and facts.get("fraud_fell") is True


def _keys(end: Ending, facts: Facts, following: tuple[str, str] | None) -> tuple[Key, ...]:
    again = Key("debrief.again", "choice", Text("lobby.debrief.again"))
    home = Key("debrief.home", "back", Text("lobby.debrief.home"))
    look = (Key("debrief.moment", "choice", Text("lobby.debrief.moment")),) if end.moment else ()
    if end.outcome == "done" and following is not None and not _fell(end, facts):
        return (Key("debrief.next", "primary", Text("lobby.debrief.go")), again, *look, home)
    return (Key("debrief.again", "primary", Text("lobby.debrief.again")), *look, home)
