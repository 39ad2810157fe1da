"""Hold the sentences for people who stand before a connection that does not come about, or are turned away; and what
unit and office alike call the kinds of unit.

Each says what is wrong and what to do, in Mandarin and English; the texts stand in `texts/`. The glass has the same
keys (`line.<kind>`, `unit.why.<word>`).
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final, Literal

from kiosk_firmware.core.pages import Text, text
from kiosk_firmware.core.texts import Words, table

Kind = Literal[
    "refused",
    "silent",
    "unnamed",
    "unrouted",
    "early",
    "ended",
    "stranger",
    "misnamed",
    "revoked",
    "expired",
    "unwelcome",
    "dropped",
    "lacking",
    "other",
]
FOLDER = Path(__file__).parent / "texts"
LANGUAGES = ("zh", "en")
FINAL: Final = frozenset[Kind](("early", "ended", "stranger", "misnamed", "revoked", "expired", "unwelcome", "lacking"))
"""Kinds that do not mend themselves within half a minute: who waits for a person need not wait any longer."""


def sentence(kind: Kind, where: str) -> Text:
    """Return the sentence as a text: what is wrong at `where` (HOST:PORT, or a file), and what to do."""
    return text(f"line.{kind}", where=where)


def terminal_sentence(kind: Kind, where: str) -> str:
    """Return the sentence for a terminal: a line in Mandarin, one in English."""
    return _in_both(sentence(kind, where))


def refusal(word: str) -> str:
    """Return the sentence for a terminal of why the office or this unit said no (`enrolment_messages.WHY`)."""
    return _in_both(Text(f"unit.why.{word}"))


def kind_name(kind: str) -> str:
    """Return what a kind of unit is called in both languages; the kind itself where it has no name."""
    key = f"unit.kind.{kind}"
    return _in_both(Text(key), " ") if _words().has(key) else kind


def _in_both(one: Text, between: str = "\n") -> str:
    return between.join(_words().write(one, language) for language in LANGUAGES)


@cache
def _words() -> Words:
    files = ((one, FOLDER / f"{one}.toml") for one in LANGUAGES)
    return Words([(one, table(tomllib.loads(path.read_text(encoding="utf-8")))) for one, path in files])
