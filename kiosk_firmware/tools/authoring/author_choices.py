"""List what somebody who writes a lesson without programming can choose, in words: a machine's `authors.toml`, its
facts and texts, put together for the office's page and for the dialogue alike.

The office never sees rules: it asks `kiosk lessons offer MACHINE` and reads this as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.facts import Value
from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.texts import Words
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words

Kind = Literal["yes", "yuan", "number", "word"]
Names = dict[str, str]
"""A name by language."""


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of a machine's pack, by name, that bound an amount: a multiple of `multiple`, at most `most`."""

    multiple: str = ""
    most: str = ""


class Authors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A machine's `authors.toml`: facts by name that may be asked for (`reach`) or forbidden (`avoid`), which of them
    are ticked, templates for what may be typed (`values`), words to choose among, who may be practised as, and what
    bounds an amount (`limits`).
    """

    reach: tuple[str, ...]
    avoid: tuple[str, ...]
    preset: tuple[str, ...] = ()
    avoid_preset: tuple[str, ...] = ()
    values: dict[str, str] = {}
    choices: dict[str, tuple[str, ...]] = {}
    persons: dict[str, Names] = {}
    limits: dict[str, Limit] = {}


class Choice(msgspec.Struct, frozen=True):
    """Something to choose: its id and what it is called."""

    id: str
    names: Names


class FactChoice(msgspec.Struct, frozen=True):
    """A fact that may be asked for or forbidden. `kind`: yes (it holds), yuan, number, word (free, or one of
    `choices`).
    """

    fact: str
    names: Names
    kind: Kind
    choices: tuple[Choice, ...] = ()
    preset: bool = False


class AuthoringChoices(msgspec.Struct, frozen=True):
    """All that can be chosen for one machine."""

    machine: str
    names: Names
    reach: tuple[FactChoice, ...]
    avoid: tuple[FactChoice, ...]
    persons: tuple[Choice, ...]
    skins: tuple[Choice, ...]
    faults: tuple[Choice, ...]
    scenes: tuple[Choice, ...]


def machines() -> tuple[str, ...]:
    """Return the machines for which lessons can be written so."""
    return tuple(
        line.id for line in machine_loader.describe() if (machine_loader.folder(line.id) / "authors.toml").exists()
    )


def authors(machine: str) -> Authors:
    """Read the machine's `authors.toml`.

    Raises:
        LookupError: the machine has none; says which have.
        ValueError: it is wrong; names key and what is allowed.
    """
    if machine not in machines():
        raise LookupError(f"machine {machine!r}: allowed are {', '.join(machines())}")
    path = machine_loader.folder(machine) / "authors.toml"
    try:
        return msgspec.convert(machine_loader.toml(path), Authors)
    except msgspec.ValidationError as error:
        raise ValueError(f"machines/{path.parent.name}/authors.toml: {error}") from error


def offer(machine: str) -> AuthoringChoices:
    """Return what can be chosen for a lesson at that machine. Raises as `authors`."""
    data, words, lobby = authors(machine), machine_loader.machine_texts(machine), lobby_words()
    kind = machine_loader.load(machine).machine
    facts = kind.FACTS
    scenes = {
        one.setting.scene: f"lesson.{one.id}.title" for one in machine_loader.lessons(machine) if one.setting.scene
    }
    return AuthoringChoices(
        machine,
        machine_loader.entry(machine).name,
        tuple(_fact_choice(words, data, name, facts[name], name in data.preset) for name in data.reach),
        tuple(_fact_choice(words, data, name, facts[name], name in data.avoid_preset) for name in data.avoid),
        tuple(Choice(id_, names) for id_, names in data.persons.items()),
        tuple(Choice(skin, _skin(machine, skin)) for skin in machine_loader.skins(machine)),
        _choices(lobby, ((fault, f"fault.{fault}.name") for fault in machine_loader.faults(machine))),
        _choices(words, ((scene, scenes[scene]) for scene in kind.SCENES if scene in scenes)),
    )


def _fact_choice(words: Words, data: Authors, name: str, start: Value, preset: bool) -> FactChoice:
    key = f"fact.{name}" if f"fact.{name}" in words.keys("zh") else f"debrief.{name}"
    return FactChoice(
        name,
        _named(words, key),
        kind_of(name, start),
        _choices(words, ((one, f"fact.{one}") for one in data.choices.get(name, ()))),
        preset,
    )


def kind_of(name: str, start: Value) -> Kind:
    """Return how a fact is asked for, by its name and start value."""
    if isinstance(start, bool):
        return "yes"
    if isinstance(start, str):
        return "word"
    return "yuan" if name.endswith("_fen") else "number"


def _choices(words: Words, named: Iterable[tuple[str, str]]) -> tuple[Choice, ...]:
    return tuple(Choice(id_, _named(words, key)) for id_, key in named)


def _named(words: Words, key: str) -> Names:
    blank = Text(key, (("x", "…"), ("x_fen", 0)))
    return {language: words.write(blank, language) for language in machine_loader.LANGUAGES}


def _skin(machine: str, skin: str) -> Names:
    words, look = (
        machine_loader.machine_texts(machine, skin),
        machine_loader.toml(machine_loader.folder(machine) / "skins.toml"),
    )
    return _named(words, look["skin"][skin]["look"]["header"]["name"])
