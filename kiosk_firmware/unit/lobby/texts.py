"""The lobby's words: its own texts, the coach's, the names of slots, and the tiles' names as the catalogue gives
them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from kiosk_firmware.core.languages import languages
from kiosk_firmware.core.languages import texts as own_texts
from kiosk_firmware.core.texts import TextForms, Words, table
from kiosk_firmware.unit.lobby.phases.lobby import LANGUAGES
from kiosk_firmware.wire import error_texts

HERE = Path(__file__).parent
VISIT = HERE.parents[1] / "visit" / "domain"
"""Undertaking and breaches are said alike in the practice visit."""
LEARNERS = (HERE, HERE / "sign_in", HERE / "visit")
"""What learners read; the rest is for supervisors and technicians, in Mandarin and English."""
FOLDERS = (
    HERE,
    HERE / "sign_in",
    HERE / "visit",
    VISIT,
    HERE / "supervisor",
    HERE / "technician",
    HERE / "commissioning",
    error_texts.FOLDER,
)


def lobby_texts(
    tiles: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] | None = None,
    folders: tuple[Path, ...] = FOLDERS,
    unsaid: Collection[str] = (),
) -> Words:
    """Return all texts of the lobby, or of some `folders`. `tiles`: machine id → (name by language, second line by
    language). `unsaid`: languages that no voice here can say.

    Put a machine's words below (`machine_words.joined(lobby_words)`) for pages that name its lessons.
    """
    files = [(language, folder / f"{language}.toml") for folder in folders for language in LANGUAGES]
    tables = [(language, _table(path)) for language, path in files]
    tables += [(language, own_texts(language)) for language in languages() if language not in LANGUAGES]
    for machine, (names, subs) in (tiles or {}).items():
        tables += [(language, {f"tile.{machine}": TextForms(name)}) for language, name in names.items()]
        tables += [(language, {f"tile.{machine}.sub": TextForms(sub)}) for language, sub in subs.items()]
    return Words(tables, unsaid)


@cache
def _table(path: Path) -> Mapping[str, TextForms]:
    return table(tomllib.loads(path.read_text(encoding="utf-8")))
