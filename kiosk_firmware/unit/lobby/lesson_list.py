"""Choosing what to practise: a machine's list of lessons, its words, and how a lesson is come to."""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.languages import COMPLETE, writes
from kiosk_firmware.core.texts import FALLBACK
from kiosk_firmware.unit.lobby.phases.lobby import (
    Before,
    Home,
    InPlace,
    Lessons,
    Lobby,
    Meeting,
    Running,
    SayWord,
    StartRun,
    Step,
    enter_phase,
)
from kiosk_firmware.unit.lobby.phases.sign_in import KeepOwn
from kiosk_firmware.unit.lobby.view import A_PAGE, WORDS


def to_task(lobby: Lobby, machine: str, lesson: str, skin: str = "") -> Step:
    """Go to the page before a lesson, on the skin that is due for it, else on this one, else on the machine's first."""
    tile = lobby.offers.tile(machine)
    task = next((task for task in tile.tasks if task.id == lesson), None) if tile else None
    first = tile.skins[0] if tile and tile.skins else ""
    return enter_phase(lobby, Before(machine, (task.skin if task else "") or skin or first, lesson))


def at_lessons(lobby: Lobby, phase: Lessons, name: str, value: str) -> Step:
    """Take a key of the list of lessons."""
    tile = lobby.offers.tile(phase.machine)
    if tile is None or name == "lessons.back":
        return enter_phase(lobby, InPlace(tile.place) if tile and tile.place else Home())
    if name == "lessons.more":
        after = phase.first + A_PAGE
        return enter_phase(lobby, Lessons(phase.machine, after if after < len(tile.tasks) else 0, phase.skin))
    if name == "lessons.words":
        return to_words(lobby, phase.machine)
    if name == "lessons.skin":
        return enter_phase(lobby, Lessons(phase.machine, phase.first, (phase.skin + 1) % len(tile.skins)))
    skin = tile.skins[phase.skin % len(tile.skins)]
    return to_task(lobby, phase.machine, "" if name == "lessons.free" else value, skin)


def at_place(lobby: Lobby, name: str, value: str) -> Step:
    """Take a key of a place's page: one of its machines, or a stop, by its machine and lesson."""
    if name == "place.back":
        return enter_phase(lobby, Home())
    machine, _, lesson = value.partition(" ")
    return to_task(lobby, machine, lesson) if lesson else enter_phase(lobby, Lessons(machine))


def back_from(lobby: Lobby, machine: str, skin: str, lesson: str) -> InPlace | Lessons:
    """Return where somebody stands who turns away from a task: on the way of which it is a stop, or at the machine's
    list.
    """
    route = next((route for route in lobby.offers.routes if (machine, lesson) in route.stops), None)
    return InPlace(route.id) if route else Lessons(machine, *place_in_list(lobby, machine, skin, lesson))


def place_in_list(lobby: Lobby, machine: str, skin: str, lesson: str) -> tuple[int, int]:
    """Return where the list stood: the page of the lesson, the skin."""
    tile = lobby.offers.tile(machine)
    if tile is None:
        return 0, 0
    at = next((n for n, task in enumerate(tile.tasks) if task.id == lesson), 0)
    return at // A_PAGE * A_PAGE, tile.skins.index(skin) if skin in tile.skins else 0


def to_words(lobby: Lobby, machine: str, first: int = 0) -> Step:
    """Go to a page of the machine's words. Whoever has come to the last one has been here: that is kept, and is no
    skill.
    """
    tile, own = lobby.offers.tile(machine), lobby.own
    last = first + WORDS >= len(tile.words if tile else ())
    if not last or machine in own.met:
        return enter_phase(lobby, Meeting(machine, first))
    return enter_phase(lobby, Meeting(machine, first), KeepOwn(msgspec.structs.replace(own, met=(*own.met, machine))))


def at_words(lobby: Lobby, phase: Meeting, name: str, value: str) -> Step:
    """Say a word in Mandarin, as the machine has it; pressed again, in the learner's own language."""
    tile = lobby.offers.tile(phase.machine)
    if tile is None or name == "words.back":
        return enter_phase(lobby, Lessons(phase.machine) if tile else Home())
    if name == "words.more":
        after = phase.first + WORDS
        return to_words(lobby, phase.machine, after if after < len(tile.words) else 0)
    again = phase.said == value and writes(lobby.language, value)
    said_in = lobby.language if again or lobby.language not in COMPLETE else FALLBACK
    return enter_phase(lobby, msgspec.structs.replace(phase, said="" if again else value), SayWord(value, said_in))


def after_run(lobby: Lobby, name: str, machine: str, skin: str, lesson: str) -> Step:
    """Return what is wanted after a debrief."""
    if name == "debrief.next" and lobby.offers.next is not None:
        return to_task(lobby, *lobby.offers.next)
    if name == "debrief.again":
        return enter_phase(lobby, Running(machine, skin, lesson), StartRun(machine, skin, lesson))
    return enter_phase(lobby, Home())
