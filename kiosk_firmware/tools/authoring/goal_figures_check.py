"""Does a lesson's goal hold every figure that its title and task name: day, train, seat class, amount, person, way of
paying?

Somebody who is told "tomorrow" and buys for the day after has not done the task, and a coach that knows only of a
train leads there. What a machine's tasks may name stands in its `figures.toml` (and in its kit's): a pattern in each
language, and the facts of which one must hold it. A figure that is named and not asked for (a train that is full) is
listed in the lesson's `aside`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.facts import Value
from kiosk_firmware.core.lessons import GoalCondition, Lesson, LessonTexts
from kiosk_firmware.core.pages import Text


class TaskFigure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that a task may name: its pattern by language (without the marks of emphasis), and facts that may hold
    it. Its value is `equal`; else the pattern's first group, as a number times `unit`, else as it stands (by `words`).
    """

    facts: tuple[str, ...]
    zh: str = ""
    en: str = ""
    equal: Value | None = None
    unit: int = 0
    words: dict[str, Value] = {}

    def value(self, found: re.Match[str]) -> Value:
        """Return what was named."""
        if self.equal is not None:
            return self.equal
        said = found[1].replace(",", "").replace(" ", "")
        if self.words:
            return self.words[found[1]]
        return int(said) * self.unit if self.unit else said


def figures(machine: str) -> tuple[TaskFigure, ...]:
    """Return what the machine's tasks may name; none where it has no such file."""
    shared = machine_loader.entry(machine).shares
    folders = [*([machine_loader.PACKAGE / shared] if shared else []), machine_loader.folder(machine)]
    paths = [path for folder in folders if (path := folder / "figures.toml").exists()]
    return tuple(msgspec.convert(row, TaskFigure) for path in paths for row in machine_loader.toml(path)["figure"])


def unheld(machine: str, lesson: Lesson, said: Mapping[str, LessonTexts]) -> Iterator[str]:
    """Yield each figure in the texts (by language) that no row of the goal holds, as a line: lesson, words, what is
    allowed.
    """
    for language, texts in said.items():
        for text in dict.fromkeys((texts.title, texts.task)):
            plain = text.replace("**", "")
            yield from (f"{lesson.id}: {line}" for line in _unheld(figures(machine), lesson, language, plain))


def _unheld(known: tuple[TaskFigure, ...], lesson: Lesson, language: str, text: str) -> Iterator[str]:
    for figure in known:
        pattern = figure.zh if language == "zh" else figure.en
        for found in re.finditer(pattern, text) if pattern else ():
            value = figure.value(found)
            held = any(row.fact in figure.facts and holds(row, value) for row in lesson.goal)
            if not held and not any(one in found[0] for one in lesson.aside):
                facts = " or ".join(figure.facts)
                yield f"{language}: the task names {found[0]!r}, and no row of the goal holds {facts} = {value!r}"


def holds(row: GoalCondition, value: Value) -> bool:
    """Return whether the row lets only this value through, or this one among few."""
    if row.equal is not None:
        return row.equal == value
    return value in row.one_of or (row.min is not None and row.min == row.max == value)


def texts(machine: str, lesson: Lesson) -> dict[str, LessonTexts]:
    """Return a lesson's title and task by language, as far as its machine has them."""
    words = machine_loader.machine_texts(machine)
    keys = [f"lesson.{lesson.id}.{part}" for part in ("title", "task")]
    return {
        language: LessonTexts(*(words.write(Text(key), language) if words.has(key) else "" for key in keys))
        for language in machine_loader.LANGUAGES
    }
