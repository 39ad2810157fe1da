"""From what a teacher chose to a lesson that is checked: rows, texts, the ways that the coach finds, and the file.

A draft is checked by the same code as every other lesson: solvable on each skin, short enough for its level, nobody
stranded. What may be typed follows from what shall be reached, by the machine's own templates (`authors.toml`), so that
coach and proof have something to try.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Literal

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Fault
from kiosk_firmware.core.facts import Facts, Value
from kiosk_firmware.core.lessons import GoalCondition, Lesson, LessonSetting, LessonTexts, SiteLesson
from kiosk_firmware.tools.authoring import goal_figures_check, lesson_check
from kiosk_firmware.tools.authoring.author_choices import Authors, authors, kind_of

MOST_TITLE = 16
MOST_TASK = 60
"""Characters of Mandarin; English may be three times as long."""


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A teacher's choices for a lesson. `reach`: by fact, what shall hold ("" of a yes/no fact: it shall); amounts in
    yuan as typed. `avoid`: facts that spoil the run. `texts` by language. `id`: empty, and one is made from the title.
    """

    machine: str
    reach: dict[str, str]
    texts: dict[str, LessonTexts]
    avoid: tuple[str, ...] = ()
    level: int = 2
    person: str = "default"
    skin: str = ""
    fault: str = ""
    scene: str = ""
    id: str = ""


Trouble = Literal[
    "texts",
    "value",
    "value_left",
    "value_word",
    "value_yuan",
    "value_number",
    "multiple",
    "most",
    "written",
    "unheld",
    "exists",
    "no_way",
    "too_long",
    "stranded",
]


class Problem(msgspec.Struct, frozen=True):
    """A fault in a draft: a kind that a page has plain words for, and the line that says where; the fact that it is
    about, what was typed, and the amount in yuan that is allowed, where there are such.
    """

    kind: Trouble
    line: str
    fact: str = ""
    typed: str = ""
    allowed: int = 0


class ValueRefusedError(ValueError):
    """A value that does not fit its fact; `problem` says it for a page."""

    def __init__(self, kind: Trouble, fact: str, typed: str, allowed: str) -> None:
        """Refuse `typed` as the value of `fact`; `allowed`: in words, for the terminal."""
        super().__init__(f"{fact} = {typed!r}: allowed {allowed}")
        self.problem = Problem(kind if typed else "value_left", str(self), fact, typed)


class DraftResult(msgspec.Struct, frozen=True):
    """The result of trying a draft: what is wrong; by skin the steps that the coach shows, in each language; the
    lesson's id, and the file to keep (empty where something is wrong).
    """

    wrong: tuple[Problem, ...]
    id: str = ""
    ways: dict[str, dict[str, tuple[str, ...]]] = {}
    file: str = ""


def try_draft(draft: Draft) -> DraftResult:
    """Check a draft and do what the coach says.

    Raises:
        LookupError: nobody can write lessons for that machine so; says for which.
    """
    data = authors(draft.machine)
    wrong = [Problem("texts", line) for line in _texts_wrong(draft)]
    try:
        lesson = lesson_of(draft, data)
    except ValueRefusedError as error:
        return DraftResult((*wrong, error.problem))
    except ValueError as error:
        return DraftResult((*wrong, Problem("value", str(error))))
    wrong += _beyond(draft, data)
    wrong += [Problem("written", line) for line in lesson_check.wrong(draft.machine, (lesson,))]
    wrong += [Problem("unheld", line) for line in goal_figures_check.unheld(draft.machine, lesson, draft.texts)]
    if any(lesson.id == one.id for one in machine_loader.lessons(draft.machine)):
        wrong.append(Problem("exists", f"id = {lesson.id!r}: there is such a lesson; allowed is another title or id"))
    if wrong:
        return DraftResult(tuple(wrong), lesson.id)
    for skin in _skins(draft):  # what cannot be done on one need not be looked for on the next
        if lines := lesson_check.trial(draft.machine, skin, lesson).wrong:
            return DraftResult(tuple(Problem(_kind(line), line) for line in lines), lesson.id)
    ways = {skin: lesson_check.coach_sentences(draft.machine, skin, lesson) for skin in _skins(draft)}
    return DraftResult((), lesson.id, ways, lesson_toml(SiteLesson(lesson, draft.texts)))


def _beyond(draft: Draft, data: Authors) -> Iterator[Problem]:
    """Say which amounts the machine never gives or takes, by its rules; no way need be looked for then."""
    for fact, limit in data.limits.items():
        if fact not in draft.reach:
            continue
        rules, typed = machine_loader.rules(draft.machine), draft.reach[fact]
        for kind, name in (("multiple", limit.multiple), ("most", limit.most)):
            allowed = getattr(rules, name) // 100 if name else 0
            if name and (int(typed) % allowed if kind == "multiple" else int(typed) > allowed):
                line = f"{fact} = {typed}: {name} = {allowed} yuan"
                yield Problem("multiple" if kind == "multiple" else "most", line, fact, typed, allowed)


def _kind(line: str) -> Trouble:
    """Return what a trial's line is about."""
    if "without a way" in line:
        return "stranded"
    return "too_long" if "first lesson" in line else "no_way"


def _skins(draft: Draft) -> tuple[str, ...]:
    return (draft.skin,) if draft.skin else machine_loader.skins(draft.machine)


def _texts_wrong(draft: Draft) -> Iterator[str]:
    for language in machine_loader.LANGUAGES:
        said = draft.texts.get(language)
        if said is None or not said.title.strip() or not said.task.strip():
            yield f"texts.{language}: title and task are needed in every language"
            continue
        factor = 1 if language == "zh" else 3
        for name, text, most in (("title", said.title, MOST_TITLE), ("task", said.task, MOST_TASK)):
            if len(text) > most * factor:
                yield f"texts.{language}.{name}: {len(text)} characters; allowed are {most * factor}"
            if re.search(r"[{}]", text):
                yield f"texts.{language}.{name}: no {{ or }} is allowed"


def lesson_of(draft: Draft, data: Authors) -> Lesson:
    """Return the draft as a lesson.

    Raises:
        ValueError: a value does not fit its fact; names fact, value and what is allowed.
    """
    facts = machine_loader.load(draft.machine).machine.FACTS
    unknown = [name for name in (*draft.reach, *draft.avoid) if name not in (*data.reach, *data.avoid)]
    if unknown:
        raise ValueError(f"{unknown[0]}: allowed are {', '.join(dict.fromkeys((*data.reach, *data.avoid)))}")
    goal = tuple(GoalCondition(name, equal=_value(name, typed, facts)) for name, typed in draft.reach.items())
    reached = {row.fact: row.equal for row in goal}
    if draft.fault and draft.fault not in machine_loader.faults(draft.machine):
        raise ValueError(f"fault = {draft.fault!r}: allowed are {', '.join(machine_loader.faults(draft.machine))}")
    fault: Fault | None = msgspec.convert(draft.fault, Fault) if draft.fault else None
    setting = LessonSetting(persona=draft.person, skin=draft.skin, armed=fault, scene=draft.scene)
    return Lesson(
        draft.id or _id(draft),
        draft.level,
        goal,
        tuple(GoalCondition(name, equal=True) for name in draft.avoid),
        setting,
        {field: _filled(template, reached) for field, template in data.values.items()},
    )


def _id(draft: Draft) -> str:
    said = draft.texts.get("zh")
    return f"site-{zlib.crc32((said.title if said else '').encode()):08x}"


def _value(name: str, typed: str, facts: Facts) -> Value:
    match kind_of(name, facts[name]):
        case "yes":
            return True
        case "word":
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,24}", typed):
                raise ValueRefusedError("value_word", name, typed, "are letters and digits")
            return typed
        case kind:
            if not re.fullmatch(r"[0-9]{1,6}", typed):
                what: Trouble = "value_yuan" if kind == "yuan" else "value_number"
                raise ValueRefusedError(what, name, typed, "is a whole number")
            return int(typed) * (100 if kind == "yuan" else 1)


def _filled(template: str, reached: dict[str, Value | None]) -> tuple[str, ...]:
    """Return what may be typed: the template with what shall be reached; nothing where a part of it is not asked
    for.
    """
    said = {
        name: str(value // 100 if name.endswith("_fen") and isinstance(value, int) else value)
        for name, value in reached.items()
    }
    try:
        filled = template.format_map(said)
    except KeyError:
        return ()
    return (filled,) if filled else ()


# -- the file ----------------------------------------------------------------------------------------------------------


def lesson_toml(lesson: SiteLesson) -> str:
    """Write the lesson as the file of a site's folder."""
    one = lesson.lesson
    lines = ["[lesson]", f"id = {_quoted(one.id)}", f"level = {one.level}"]
    lines += [f"goal = [{', '.join(map(_row, one.goal))}]"]
    lines += [f"never = [{', '.join(map(_row, one.never))}]"] if one.never else []
    setting = {
        name: value
        for name, value in msgspec.to_builtins(one.setting).items()
        if value != msgspec.to_builtins(LessonSetting())[name]
    }
    inner = ", ".join(f"{name} = {_quoted(str(value))}" for name, value in setting.items())
    lines += [f"setting = {{ {inner} }}"] if setting else []
    lines += ["", "[lesson.values]"]
    lines += [f"{_quoted(field)} = [{', '.join(map(_quoted, values))}]" for field, values in one.values.items()]
    for language, said in lesson.texts.items():
        lines += ["", f"[texts.{language}]", f"title = {_quoted(said.title)}", f"task = {_quoted(said.task)}"]
    return "\n".join(lines) + "\n"


def _row(row: GoalCondition) -> str:
    value = row.equal
    shown = _quoted(value) if isinstance(value, str) else str(value).lower()
    return f"{{ fact = {_quoted(row.fact)}, equal = {shown} }}"


def _quoted(text: str) -> str:
    """Quote a text as a TOML basic string: JSON's escapes are TOML's."""
    return msgspec.json.encode(text).decode()
