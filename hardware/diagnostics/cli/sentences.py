"""Hold what a guided test and the teaching of a coin acceptor say, in Mandarin and English; texts in `texts/`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.texts import Words, table

FOLDER = Path(__file__).parent / "texts"
LANGUAGES = ("zh", "en")
Write = Callable[[Text], str]


@cache
def _words() -> Words:
    read = {language: (FOLDER / f"{language}.toml").read_text(encoding="utf-8") for language in LANGUAGES}
    return Words((language, table(tomllib.loads(text))) for language, text in read.items())


def writer(language: str) -> Write:
    """Return what writes a text in this language."""
    return lambda said: _words().write(said, language)


ENGLISH = writer("en")


def event_sentence(event: str, write: Write) -> str:
    """Return a device's event in words; its own name where there are none."""
    key = f"bench.seen.{event}"
    return write(Text(key)) if key in _words().keys("en") else event
