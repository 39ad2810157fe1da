"""Explain what is touched: its name, to be read on the strip and heard, instead of a press.

A key says its own text, an arrow what it does. A text on the page says itself. Where neither is, the slots that the
page waits on are named, else its title.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kiosk_firmware.core.pages import Key, Page, Text
from kiosk_firmware.core.spoken_text import spoken_form
from kiosk_firmware.core.texts import Words
from screens.parts import strip
from screens.stage.painter import PlacedItem

NEAR = 12
"""So many pixels beside a text still mean it."""


class ExplainedName(msgspec.Struct, frozen=True):
    """A thing's name: written, as it is said, and in which language."""

    written: str
    said: str
    language: str


def of_key(key: Key, words: Words, language: str, own: str) -> ExplainedName:
    """Return a key's name. `language` is the page's, `own` the learner's, which the strip speaks ("" the same)."""
    if key.name.startswith(strip.PREFIX):
        name = strip.label(key.name.removeprefix(strip.PREFIX), words, own or language)
        return ExplainedName(name, spoken_form(name, own or language), own or language)
    texts = [text for text in (key.text, key.sub) if text is not None and words.write(text, language)]
    return _named(texts or [Text(f"explain.{key.icon or 'key'}")], words, language)


def of_spot(x: float, y: float, notes: Sequence[PlacedItem], page: Page, words: Words, language: str) -> ExplainedName:
    """Return the name of what stands at a place where no key is; what is private stays so."""
    for note in notes:
        if note.kind == "text" and not note.private and note.text and note.rect.holds(x, y, NEAR):
            return ExplainedName(note.text, spoken_form(note.text, language), language)
    return _named([Text(f"slot.{at}") for at in page.at] or [page.title], words, language)


def _named(texts: Sequence[Text], words: Words, language: str) -> ExplainedName:
    written = "　".join(words.write(text, language) for text in texts)
    return ExplainedName(written, "。".join(words.speak(text, language) for text in texts), language)
