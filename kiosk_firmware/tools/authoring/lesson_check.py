"""Is a lesson well written, can it be done, and does it know when it is lost?

Written: ids, levels that never fall, facts that the machine knows, people and skins that exist, texts in every
language. Done: the coach's own search leads from the lesson's setting to its goal, on each skin it may be practised on.
Lost: from every situation within reach a way leads on, or a `never` row says that the run is spoilt; otherwise a
learner could be left without a word.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import AnyEvent, Fault
from kiosk_firmware.core.lessons import Lesson, LessonSetting
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.tools.authoring import goal_figures_check
from kiosk_firmware.unit.coach.hints import hint_sentence
from kiosk_firmware.unit.coach.search import Hint, Search, Ways
from kiosk_firmware.unit.coach.solvability import sweep
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words

ID = re.compile(r"[a-z0-9-]{3,32}")
FIRST_STEPS = 12
"""Pages on which a learner acts, in a lesson of level 1."""
MOST_ACTS = 60
BUDGET = 8000
REACH = 1500
"""Situations that are looked at for ways that end in nothing."""


class Trial(msgspec.Struct, frozen=True):
    """A lesson tried on one skin: steps and acts on the way that the coach shows (0: none), and what is wrong."""

    lesson: str
    skin: str
    level: int
    steps: int
    acts: int
    wrong: tuple[str, ...] = ()


# -- as written --------------------------------------------------------------------------------------------------------


def written_wrong(machine: str) -> list[str]:
    """Return what is wrong with the machine's lessons as they are written, a line each: file, lesson, key, what is
    allowed.
    """
    known = machine_loader.lessons(machine)
    base = f"machines/{machine_loader.folder(machine).name}"
    found = [f"{base}/lessons.toml: {line}" for line in wrong(machine, known)]
    words = machine_loader.machine_texts(machine)
    for language in machine_loader.LANGUAGES:
        has = words.keys(language)
        wanted = [f"lesson.{lesson.id}.{part}" for lesson in known for part in ("title", "task")]
        found += [f"{base}/{language}.toml: {key}: missing" for key in wanted if key not in has]
    for lesson in known:
        found += [
            f"{base}/lessons.toml: {line}"
            for line in goal_figures_check.unheld(machine, lesson, goal_figures_check.texts(machine, lesson))
        ]
    return found


def wrong(machine: str, known: Sequence[Lesson]) -> tuple[str, ...]:
    """Return what is wrong with these lessons as they are written, texts apart: lesson, key, what is allowed."""
    return (*_level_order(known), *_rows(machine, known), *_settings(machine, known))


def _level_order(known: Iterable[Lesson]) -> Iterator[str]:
    seen, level = set(), 0
    for lesson in known:
        if not ID.fullmatch(lesson.id):
            yield f"{lesson.id}: id: allowed are 3 to 32 of a-z, 0-9 and -"
        if lesson.id in seen:
            yield f"{lesson.id}: id: each once"
        if lesson.level < level:
            yield f"{lesson.id}: level = {lesson.level}: allowed is {level} or more, as lessons stand in graded order"
        if not lesson.goal:
            yield f"{lesson.id}: goal: needs at least one row"
        seen.add(lesson.id)
        level = max(level, lesson.level)


def _rows(machine: str, known: Iterable[Lesson]) -> Iterator[str]:
    facts = machine_loader.load(machine).machine.FACTS
    for lesson in known:
        for table, rows in (("goal", lesson.goal), ("never", lesson.never)):
            for at, row in enumerate(rows):
                key = f"{lesson.id}: {table}[{at}]"
                if row.fact not in facts:
                    yield f"{key}.fact = {row.fact!r}: allowed are {', '.join(facts)}"
                elif row.equal is None and row.min is None and row.max is None and not row.one_of:
                    yield f"{key}: names {row.fact} but no equal, min, max or one_of, so it always holds"
                elif (row.min is not None or row.max is not None) and type(facts[row.fact]) is not int:
                    yield f"{key}: {row.fact} is no number, so min and max never hold"


def _settings(machine: str, known: Iterable[Lesson]) -> Iterator[str]:
    people, skins = machine_loader.personas(), machine_loader.skins(machine)
    scenes, faults = machine_loader.load(machine).machine.SCENES, machine_loader.faults(machine)
    for lesson in known:
        setting = lesson.setting
        if setting.persona not in people:
            yield f"{lesson.id}: setting.persona = {setting.persona!r}: allowed are {', '.join(people)}"
        if setting.skin and setting.skin not in skins:
            yield f"{lesson.id}: setting.skin = {setting.skin!r}: allowed are {', '.join(skins)}"
        if setting.scene and setting.scene not in scenes:
            yield f"{lesson.id}: setting.scene = {setting.scene!r}: allowed are {', '.join(scenes) or 'none'}"
        for fault in (*((setting.armed,) if setting.armed else ()), *setting.draw):
            if fault not in faults:
                yield f"{lesson.id}: setting: {fault}: allowed are {', '.join(faults)}"
        try:
            machine_loader.load(machine, date=_date(setting))
        except (ValueError, LookupError) as error:
            yield f"{lesson.id}: setting.now = {setting.now!r}: {error}"


def _date(setting: LessonSetting) -> datetime.date:
    return datetime.datetime.fromisoformat(setting.now).date()


# -- as done -----------------------------------------------------------------------------------------------------------


def trials(machine: str) -> Iterator[Trial]:
    """Yield each lesson on each skin it may be practised on, one after the other."""
    for lesson in machine_loader.lessons(machine):
        for skin in machine_loader.skins(machine):
            if lesson.setting.skin in ("", skin):
                yield trial(machine, skin, lesson)


def trial(machine: str, skin: str, lesson: Lesson, way: Way | None = None) -> Trial:
    """Do what the coach says until the goal is reached, and look around for ways that end in nothing. `way`: the way
    that the coach shows, where it is known already.
    """
    play, start = open_lesson(machine, skin, lesson)
    where = f"machines/{machine_loader.folder(machine).name}/lessons.toml: {lesson.id}: on {skin}"
    way = way or follow(play, lesson, start)
    wrong = [f"{where}: {way.stuck}"] if way.stuck else []
    wrong += [
        f"{where}: setting.draw, {fault}: {drawn}"
        for fault in lesson.setting.draw
        if (drawn := follow(*_with(machine, skin, lesson, fault)).stuck)
    ]
    if lesson.level == 1 and way.steps > FIRST_STEPS:
        wrong.append(f"{where}: {way.steps} steps; allowed are {FIRST_STEPS} in a first lesson")
    if not way.stuck and (lost := sweep(Ways(play, lesson), start, REACH).stranded):
        facts = dict(play.facts(lost[0]))
        wrong.append(f"{where}: {len(lost)} situations without a way and without a never row, as {facts}")
    steps, acts = (0, 0) if way.stuck else (way.steps, len(way.hints))
    return Trial(lesson.id, skin, lesson.level, steps, acts, tuple(wrong))


def open_lesson(machine: str, skin: str, lesson: Lesson) -> tuple[Play, Situation]:
    """Open the lesson's play in its own setting, up to its first settled situation."""
    loaded = machine_loader.load(machine, skin, _date(lesson.setting))
    play = Play(loaded.machine, loaded.world, lesson.facts())
    person = loaded.personas[lesson.setting.persona]
    setting = lesson.setting
    opening = machine_loader.start_event(person, setting.now, setting.armed, scene=setting.scene)
    return play, play.settle(play.begin(opening))


def _with(machine: str, skin: str, lesson: Lesson, fault: Fault) -> tuple[Play, Lesson, Situation]:
    """Open the lesson where that fault was drawn."""
    setting = msgspec.structs.replace(lesson.setting, armed=fault, draw=())
    drawn = msgspec.structs.replace(lesson, setting=setting)
    return _at_start(machine, skin, drawn)


class Way(msgspec.Struct, frozen=True):
    """The way that the coach shows: pages on which something is done, the hints, their acts, and "" or why the goal is
    not reached.
    """

    steps: int
    hints: tuple[Hint, ...]
    acts: tuple[AnyEvent, ...]
    stuck: str = ""


def follow(play: Play, lesson: Lesson, now: Situation) -> Way:
    """Do what the coach says until the goal is reached, or it knows no way."""
    pages: list[str] = []
    hints: list[Hint] = []
    acts: list[AnyEvent] = []
    ways = Ways(play, lesson)
    for _ in range(MOST_ACTS):
        search = Search(ways, now, budget=BUDGET)
        while not search.work(1000):
            pass
        hint = search.hint or Hint("unsure")
        if hint.kind == "reached":
            return Way(len(pages), tuple(hints), tuple(acts))
        page = play.page(now)
        if search.first_act is None:
            stuck = f"the goal is not reached: {hint.kind} at step {page.step}"
            return Way(len(pages), tuple(hints), tuple(acts), stuck)
        if not pages or pages[-1] != page.step:
            pages.append(page.step)
        hints.append(hint)
        acts.append(search.first_act)
        now = play.settle(play.act(now, search.first_act))
    return Way(len(pages), tuple(hints), tuple(acts), f"the goal is not reached within {MOST_ACTS} acts")


def coach_sentences(machine: str, skin: str, lesson: Lesson) -> dict[str, tuple[str, ...]]:
    """Return by language the coach's sentences from the lesson's setting to its goal."""
    way = follow(*_at_start(machine, skin, lesson))
    coach, words = lobby_words(), machine_loader.machine_texts(machine, skin)
    found = {}
    for language in machine_loader.LANGUAGES:
        render, name = partial(coach.write, language=language), partial(words.write, language=language)
        found[language] = tuple(hint_sentence(hint, render, name) for hint in way.hints)
    return found


def _at_start(machine: str, skin: str, lesson: Lesson) -> tuple[Play, Lesson, Situation]:
    play, start = open_lesson(machine, skin, lesson)
    return play, lesson, start
