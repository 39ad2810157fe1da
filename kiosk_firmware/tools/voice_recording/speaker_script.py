"""List what a speaker must say, once, so that every text of a language can be spoken from recordings.

A text without holes is one line; one with holes ("{tries} tries are left") is its parts, and what goes into the holes
is spoken from numbers, which are a few words, or from other texts. A speech of Mandarin that is only said (Sichuanese)
has all of Mandarin's texts, in its own wording where it has one; a language that is written has those that it has. The
script is made from the texts themselves, so a text that was changed is wanting again, and nothing else is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.languages import languages
from kiosk_firmware.core.spoken_text import NUMBER_WORDS, spoken_form
from kiosk_firmware.core.texts import FALLBACK, Words
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from screens.media.voice_pack import VoicePack, sounded_letters

UNSPOKEN = "step."
"""Names of steps stand at the office, not on a glass."""
HOLE = re.compile(r"\{\w+\}")


class ScriptLine(msgspec.Struct, frozen=True):
    """One recording: what is said, and where it stands (the keys of its texts)."""

    said: str
    keys: tuple[str, ...]


def script(language: str, machines: Iterable[str] = ()) -> list[ScriptLine]:
    """Return all lines of a language, the shortest way through: each sound once. `machines`: those alone, and the
    lobby.
    """
    found: dict[str, tuple[str, list[str]]] = {}
    for key, said in _parts(language, tuple(machines) or tuple(entry.id for entry in machine_loader.describe())):
        if sounded_letters(said):
            found.setdefault(sounded_letters(said), (said, []))[1].append(key)
    return [ScriptLine(said, tuple(dict.fromkeys(keys))) for said, keys in found.values()]


def unrecorded_lines(pack: VoicePack, lines: Iterable[ScriptLine]) -> list[ScriptLine]:
    """Return the lines that the pack cannot say yet."""
    return [line for line in lines if pack.cover(line.said) is None]


def unused_recordings(pack: VoicePack, lines: Iterable[ScriptLine]) -> list[str]:
    """Return what was recorded and stands in no text any more."""
    known = {sounded_letters(line.said) for line in lines}
    return [said for said in pack.index.clips if sounded_letters(said) not in known]


def _parts(language: str, machines: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    known = languages().get(language)
    said_only = known is not None and not known.written
    yield from (("number", word) for word in NUMBER_WORDS.get(FALLBACK if said_only else language, ()))
    for machine in machines:
        yield from ((f"{machine}: places", spoken_form(name, language)) for name in _places(machine, language))
    for name, words in _all_words(machines):
        own = dict(words.patterns(language))
        for key, pattern in ({**dict(words.patterns(FALLBACK)), **own} if said_only else own).items():
            if key.startswith(UNSPOKEN):
                continue
            for part in HOLE.split(pattern):
                yield f"{name}: {key}", spoken_form(part, language).strip()


def _places(machine: str, language: str) -> Iterator[str]:
    """Yield names that stand in a machine's data files (stations, airports) and in no text."""
    data = machine_loader.load(machine).data
    for file in (getattr(data, field) for field in data.__struct_fields__) if data else ():
        for name, latin in file.place_names() if hasattr(file, "place_names") else ():
            yield latin if language == "en" else name


def _all_words(machines: tuple[str, ...]) -> Iterator[tuple[str, Words]]:
    yield "lobby", lobby_words()
    for machine in machines:
        yield machine, machine_loader.machine_texts(machine)
        for skin in machine_loader.skins(machine):
            yield f"{machine}, {skin}", machine_loader.machine_texts(machine, skin)
