"""After a run: what its facts prove, in order, and nothing else.

The title is the first thing that went well: the lesson's own first row that holds. Then the other rows, what spoilt
the run, what else happened, and whether no help was needed. One next thing only: advice for the first row that is
missing, or the lesson that is recommended. No blame, no score.

Whoever wants to may look at one moment of the run again (`state.Looking`): the machine's own page as it stood, with
what was pressed and what helps.
"""

from __future__ import annotations

from collections.abc import Iterable

from kiosk_firmware.core import lessons
from kiosk_firmware.core.facts import Facts, Value
from kiosk_firmware.core.pages import Body, Key, Page, Row, Text, text
from kiosk_firmware.lobby.state import Ending

QUIET = frozenset({"at_home", "card_back"})
"""True at the end of nearly every run: told only where a lesson asks for them."""


def ending(
    machine: str, skin: str, lesson: lessons.Lesson | None, outcome: str, facts: Facts, keys: Iterable[str], *,
    unaided: bool = False, steps: int = 0, exam: str = "",
) -> Ending:
    """A run's end from its lesson and record; `keys` are all text keys of the machine (`Words.keys("zh")`)."""
    known = frozenset(key.removeprefix("debrief.") for key in keys if key.startswith("debrief."))
    goal, never = (lesson.goal, lesson.never) if lesson else ((), ())
    return Ending(
        machine, skin, lesson.id if lesson else "", outcome, goal, never, tuple(sorted(facts.items())), unaided, steps,
        known, exam=exam,
    )


def debrief(end: Ending, following: tuple[str, str] | None) -> Page:
    """The page. `following` is the recommended (machine, lesson)."""
    facts = dict(end.facts)
    held = list(dict.fromkeys(row.fact for row in end.goal if _holds(row, facts) and row.fact in end.known))
    spoilt = list(dict.fromkeys(row.fact for row in end.never if _holds(row, facts) and row.fact in end.known))
    asked = {row.fact for row in (*end.goal, *end.never)}
    others = [name for name, value in end.facts if _happened(value) and name in end.known and name not in asked | QUIET]
    if not end.lesson:
        held, others = others, []
    rows = [
        *(Row(_told(name, facts), mark="ok") for name in held[1:]), *(Row(_told(name, facts)) for name in others),
        *(Row(_told(name, facts), mark="warn") for name in spoilt if name not in held and facts[name]),
    ]
    if end.outcome == "done" and end.unaided:
        rows.append(Row(Text("lobby.debrief.unaided"), mark="ok"))
    title = _told(held[0], facts) if held else text("lobby.debrief.seen", n=end.steps)
    missing = [row.fact for row in end.goal if not _holds(row, facts)]
    lines = _next(end, missing, following)
    return Page("Debrief", "debrief", title, title, Body(tuple(lines), tuple(rows)), _keys(end, following))


def _happened(value: Value) -> bool:
    """A fact that still has its start value tells nothing: false, empty, nought, or below nought, as an amount begins.
    """
    return bool(value) and not (isinstance(value, int) and value < 0)


def _holds(row: lessons.Row, facts: Facts) -> bool:
    return row.fact in facts and row.holds(facts)


def _told(name: str, facts: Facts) -> Text:
    value = facts[name]
    if isinstance(value, bool):
        return Text(f"debrief.{name}")
    return Text(f"debrief.{name}", (("x_fen" if name.endswith("_fen") else "x", value),))


def _next(end: Ending, missing: list[str], following: tuple[str, str] | None) -> list[Text]:
    advice = next((name for name in missing if f"next.{name}" in end.known), None)
    if end.outcome != "done" and advice is not None:
        return [Text(f"debrief.next.{advice}")]
    if end.outcome == "done" and following is not None and following[0] == end.machine:
        return [text("lobby.debrief.next", lesson_key=f"lesson.{following[1]}.title")]
    return []


def _keys(end: Ending, following: tuple[str, str] | None) -> tuple[Key, ...]:
    again = Key("debrief.again", "choice", Text("lobby.debrief.again"))
    home = Key("debrief.home", "back", Text("lobby.debrief.home"))
    look = (Key("debrief.moment", "choice", Text("lobby.debrief.moment")),) if end.moment else ()
    if end.outcome == "done" and following is not None:
        return (Key("debrief.next", "primary", Text("lobby.debrief.go")), again, *look, home)
    return (Key("debrief.again", "primary", Text("lobby.debrief.again")), *look, home)
