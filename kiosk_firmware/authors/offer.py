"""What somebody who writes a lesson without programming can choose, in words: a machine's `authors.toml`, its facts and
texts, put together for the office's page and for the dialogue alike.

The office never sees rules: it asks `kiosk lessons offer MACHINE` and reads this as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from kiosk_firmware import catalogue
from kiosk_firmware.core.facts import Value
from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.texts import Words
from kiosk_firmware.lobby.texts import words as lobby_words

Kind = Literal["yes", "yuan", "number", "word"]
Names = dict[str, str]
"""A name by language."""


class Authors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A machine's `authors.toml`: facts by name that may be asked for (`reach`) or forbidden (`avoid`), which of them
    are ticked, templates for what may be typed (`values`), words to choose among, and who may be practised as.
    """

    reach: tuple[str, ...]
    avoid: tuple[str, ...]
    preset: tuple[str, ...] = ()
    avoid_preset: tuple[str, ...] = ()
    values: dict[str, str] = {}
    choices: dict[str, tuple[str, ...]] = {}
    persons: dict[str, Names] = {}


class Choice(msgspec.Struct, frozen=True):
    """Something to choose: its id and what it is called."""

    id: str
    names: Names


class Wish(msgspec.Struct, frozen=True):
    """A fact that may be asked for or forbidden. `kind`: yes (it holds), yuan, number, word (free, or one of
    `choices`).
    """

    fact: str
    names: Names
    kind: Kind
    choices: tuple[Choice, ...] = ()
    preset: bool = False


class Offer(msgspec.Struct, frozen=True):
    """All that can be chosen for one machine."""

    machine: str
    names: Names
    reach: tuple[Wish, ...]
    avoid: tuple[Wish, ...]
    persons: tuple[Choice, ...]
    skins: tuple[Choice, ...]
    faults: tuple[Choice, ...]
    scenes: tuple[Choice, ...]


def machines() -> tuple[str, ...]:
    """The machines for which lessons can be written so."""
    return tuple(line.id for line in catalogue.describe() if (catalogue.folder(line.id) / "authors.toml").exists())


def authors(machine: str) -> Authors:
    """The machine's `authors.toml`.

    Raises:
        LookupError: the machine has none; says which have.
        ValueError: it is wrong; names key and what is allowed.
    """
    if machine not in machines():
        raise LookupError(f"machine {machine!r}: allowed are {', '.join(machines())}")
    path = catalogue.folder(machine) / "authors.toml"
    try:
        return msgspec.convert(catalogue.toml(path), Authors)
    except msgspec.ValidationError as error:
        raise ValueError(f"machines/{path.parent.name}/authors.toml: {error}") from error


def offer(machine: str) -> Offer:
    """What can be chosen for a lesson at that machine. Raises as `authors`."""
    data, words, lobby = authors(machine), catalogue.words(machine), lobby_words()
    kind = catalogue.load(machine).machine
    facts = kind.FACTS
    scenes = {one.setting.scene: f"lesson.{one.id}.title" for one in catalogue.lessons(machine) if one.setting.scene}
    return Offer(
        machine,
        catalogue.entry(machine).name,
        tuple(_wish(words, data, name, facts[name], name in data.preset) for name in data.reach),
        tuple(_wish(words, data, name, facts[name], name in data.avoid_preset) for name in data.avoid),
        tuple(Choice(id_, names) for id_, names in data.persons.items()),
        tuple(Choice(skin, _skin(machine, skin)) for skin in catalogue.skins(machine)),
        _choices(lobby, ((fault, f"fault.{fault}.name") for fault in catalogue.faults(machine))),
        _choices(words, ((scene, scenes[scene]) for scene in kind.SCENES if scene in scenes)),
    )


def _wish(words: Words, data: Authors, name: str, start: Value, preset: bool) -> Wish:
    key = f"fact.{name}" if f"fact.{name}" in words.keys("zh") else f"debrief.{name}"
    return Wish(
        name, _named(words, key), kind_of(name, start),
        _choices(words, ((one, f"fact.{one}") for one in data.choices.get(name, ()))), preset,
    )


def kind_of(name: str, start: Value) -> Kind:
    """How a fact is asked for, by its name and start value."""
    if isinstance(start, bool):
        return "yes"
    if isinstance(start, str):
        return "word"
    return "yuan" if name.endswith("_fen") else "number"


def _choices(words: Words, named: Iterable[tuple[str, str]]) -> tuple[Choice, ...]:
    return tuple(Choice(id_, _named(words, key)) for id_, key in named)


def _named(words: Words, key: str) -> Names:
    blank = Text(key, (("x", "…"), ("x_fen", 0)))
    return {language: words.write(blank, language) for language in catalogue.LANGUAGES}


def _skin(machine: str, skin: str) -> Names:
    words, look = catalogue.words(machine, skin), catalogue.toml(catalogue.folder(machine) / "skins.toml")
    return _named(words, look["skin"][skin]["look"]["header"]["name"])
