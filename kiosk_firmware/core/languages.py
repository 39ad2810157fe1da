"""The languages that a learner may choose. A language is a folder: its name in its own script, its texts, and what a
machine speaks for whoever has chosen it.

Mandarin and English are complete; their texts stand beside the pages. Every other language is `languages/<id>/`:
`language.toml` and `texts.toml`, whose keys are those of the lobby's Mandarin texts (coach, lobby and debrief) or of a
machine's (titles and tasks of lessons). What it lacks is shown and said in Mandarin, key by key, and is listed, never
hidden. A language that is only spoken (`written = false`) writes Mandarin and has its own wording for the voice.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from kiosk_firmware.core.texts import FALLBACK, TextForms, table
from kiosk_firmware.core.toml_files import decode, read_toml

FOLDER = Path(__file__).resolve().parent.parent / "languages"
COMPLETE = ("zh", "en")
"""What machines speak, too."""


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`language.toml`. name: in its own script · written: whether its texts are shown, or only said · machine: what the
    machine speaks for whoever has chosen it.
    """

    name: str
    written: bool = True
    machine: Literal["zh", "en"] = "zh"


@cache
def languages() -> dict[str, Language]:
    """Return every language by id, Mandarin and English first.

    Raises:
        ValueError: a language.toml is wrong; names file, key and what is allowed.
    """
    found = {"zh": Language("中文"), "en": Language("English", machine="en")}
    for path in sorted(FOLDER.glob("*/language.toml"), reverse=True):  # the voice that most people know comes first
        found[path.parent.name] = decode(read_toml(path), Language, f"languages/{path.parent.name}/{path.name}")
    return found


def of_machine(language: str) -> str:
    """Return what a machine speaks for whoever has chosen this language."""
    known = languages().get(language)
    return known.machine if known else FALLBACK


@cache
def texts(language: str) -> dict[str, TextForms]:
    """Return the texts of a language's own folder by key; none for a complete one."""
    path = FOLDER / language / "texts.toml"
    if not path.exists():
        return {}
    found = table(read_toml(path))
    if languages()[language].written:
        return found
    return {key: TextForms("", entry.say or entry.text, said_only=True) for key, entry in found.items()}


def writes(language: str, key: str) -> bool:
    """Return whether a language other than Mandarin has its own writing of a text."""
    own = texts(language).get(key)
    return language in COMPLETE[1:] or (own is not None and not own.said_only)
