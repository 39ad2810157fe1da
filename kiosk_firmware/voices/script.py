"""What a speaker must say, once, so that every text of a language can be spoken from recordings.

A text without holes is one line; one with holes ("{tries} tries are left") is its parts, and what goes into the holes
is spoken from numbers, which are a few words, or from other texts. The script is made from the texts themselves, so a
text that was changed is wanting again, and nothing else is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from kiosk_firmware import catalogue
from kiosk_firmware.core.spoken import NUMBER_WORDS, spoken
from kiosk_firmware.core.texts import Words
from kiosk_firmware.lobby.texts import words as lobby_words
from screens.clips import Pack, heard

UNSPOKEN = "step."
"""Names of steps stand at the office, not on a glass."""
HOLE = re.compile(r"\{\w+\}")


class Line(msgspec.Struct, frozen=True):
    """One recording: what is said, and where it stands (the keys of its texts)."""

    said: str
    keys: tuple[str, ...]


def script(language: str, machines: Iterable[str] = ()) -> list[Line]:
    """All lines of a language, the shortest way through: each sound once. `machines`: those alone, and the lobby."""
    found: dict[str, tuple[str, list[str]]] = {}
    for key, said in _parts(language, tuple(machines) or tuple(entry.id for entry in catalogue.describe())):
        if heard(said):
            found.setdefault(heard(said), (said, []))[1].append(key)
    return [Line(said, tuple(dict.fromkeys(keys))) for said, keys in found.values()]


def wanting(pack: Pack, lines: Iterable[Line]) -> list[Line]:
    """The lines that the pack cannot say yet."""
    return [line for line in lines if pack.cover(line.said) is None]


def unused(pack: Pack, lines: Iterable[Line]) -> list[str]:
    """What was recorded and stands in no text any more."""
    known = {heard(line.said) for line in lines}
    return [said for said in pack.index.clips if heard(said) not in known]


def _parts(language: str, machines: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield from (("number", word) for word in NUMBER_WORDS.get(language, ()))
    for name, words in _all_words(machines):
        for key, pattern in words.patterns(language):
            if key.startswith(UNSPOKEN):
                continue
            for part in HOLE.split(pattern):
                yield f"{name}: {key}", spoken(part, language).strip()


def _all_words(machines: tuple[str, ...]) -> Iterator[tuple[str, Words]]:
    yield "lobby", lobby_words()
    for machine in machines:
        yield machine, catalogue.words(machine)
        for skin in catalogue.skins(machine):
            yield f"{machine}, {skin}", catalogue.words(machine, skin)
