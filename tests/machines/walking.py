"""How tests walk a machine."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Fault, Started
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.core.play import Play
from kiosk_firmware.core.walk import Walker, WalkResult
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.search import Search, Ways

SILENT: tuple[Fault, ...] = ("answer_lost", "host_offline")
MOST = 80_000
"""Situations of a small world."""


class Met(NamedTuple):
    """What a walk of a whole small world met: its outcome, steps and texts of the pages, and the devices in use."""

    outcome: WalkResult
    steps: frozenset[str]
    devices: frozenset[str]
    texts: frozenset[str]


def walked(play: Play, walk: machine_loader.Walk, faults: tuple[Fault, ...], limit: int) -> WalkResult:
    """The walk of something broken, where any one of `faults` may strike; it ends at the first finding. Without
    surprises: they lead nowhere, and what is broken shows only where a walk leads.
    """
    walker = Walker(play, walk.values, limit, walk.menu, faults, surprises=())
    return walker.walk(_opening(walk, faults), most_findings=1)


def met(machine: str, name: str, long: bool) -> Met:
    """The walk of the machine's world of that name with every fault that it knows; done once, whoever asks. Without
    `--long` each state hears a third of the surprises, by turns.
    """
    return _met(machine, name, 1 if long else 3)


@cache
def _met(machine: str, name: str, turns: int) -> Met:
    walk = next(walk for walk in machine_loader.walks(machine) if walk.name == name)
    loaded = machine_loader.load(machine, walk.skin, changes=walk.changes)
    faults = machine_loader.faults(machine)
    walker = Walker(Play(loaded.machine, loaded.world), walk.values, MOST, walk.menu, faults, turns=turns)
    outcome = walker.walk(_opening(walk, faults), most_findings=1)
    pages = [loaded.machine.view(state) for state in {now.state for now in walker.parents}]
    glass = {"glass"}  # a password's keys are the page's own there: no device of the unit's
    busy = {effect.at for now in walker.parents for effect, _ in now.open if getattr(effect, "on", "") not in glass}
    devices = frozenset(busy.union(*(page.at for page in pages)))
    said = frozenset(key for page in pages for key in texts(page))
    return Met(outcome, frozenset(page.step for page in pages), devices, said)


def unanswered(machine: str, walk: machine_loader.Walk, limit: int) -> WalkResult:
    """The walk in which a host's answers are lost, or never come, in any order, seven times in one run: a payment,
    three asks for the thing, three for the money back.
    """
    loaded = machine_loader.load(machine, walk.skin, changes=walk.changes)
    play = Play(loaded.machine, loaded.world)
    walker = Walker(play, walk.values, limit, walk.menu, SILENT, surprises=(), strikes=7)
    return walker.walk(_opening(walk, SILENT), most_findings=1)


def texts(page: Page) -> Iterator[str]:
    """The keys of all texts of a page, but for what is written as it stands (a figure, a letter)."""
    body, rows = page.body, (*page.body.rows, *page.body.trail)
    cells = (text for row in rows for pair in row.cells for text in pair)
    keys = (text for key in page.keys for text in (key.text, key.sub))
    rest = (text for row in rows for text in (row.label, row.value))
    for text in (page.title, page.say, body.banner, *body.lines, *rest, *cells, *keys):
        if text and "." in text.key:
            yield text.key
            yield from (str(value) for name, value in text.args if name.endswith("_key"))


def followed(machine: str, lesson_id: str, skin: str) -> Persona:
    """Who has done the lesson as the coach says; `skin` is meant where the lesson names none."""
    lesson = next(one for one in machine_loader.lessons(machine) if one.id == lesson_id)
    play, now = open_lesson(machine, lesson.setting.skin or skin, lesson)
    ways = Ways(play, lesson)
    for _ in range(60):
        search = Search(ways, now)
        while not search.work(1000):
            pass
        if search.first_act is None:
            person: Persona = play.world.persona(now.world)
            return person
        now = ways.settled(play.act(now, search.first_act))
    raise AssertionError("the coach leads nowhere")


def _opening(walk: machine_loader.Walk, faults: tuple[Fault, ...]) -> Started:
    return machine_loader.start_event(walk.persona, walk.now, faults[0] if faults else None, scene=walk.scene)
