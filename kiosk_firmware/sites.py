"""Lessons that a site's teachers wrote: a folder of files, `<machine>/<id>.toml`, beside the machines' own lessons.

A file that is wrong is left out, so that none keeps a unit from its work; `kiosk lessons check --site` says what is
wrong with it. Whoever changes the folder tells the catalogue (`catalogue.site`), which remembers lessons and words.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.core import tomls
from kiosk_firmware.core.lessons import SiteLesson

log = logging.getLogger(__name__)
_base: Path | None = None


def use(base: Path | None) -> None:
    """The folder of this process from now on; None: there is none."""
    global _base
    _base = base


def folder() -> Path | None:
    """The folder of this process."""
    return _base


def folders(machine: str) -> tuple[Path, ...]:
    """The machine's part of it, where it is there."""
    return (_base / machine,) if _base and (_base / machine).is_dir() else ()


def lessons(machine: str) -> tuple[SiteLesson, ...]:
    """The lessons for that machine, by file name."""
    found = []
    for path in (path for base in folders(machine) for path in sorted(base.glob("*.toml"))):
        try:
            found.append(lesson(path))
        except (ValueError, OSError) as error:
            log.warning("a lesson of the site is left out: %s", error)
    return tuple(found)


def lesson(path: Path) -> SiteLesson:
    """One file.

    Raises:
        ValueError: it is wrong; names file, key and what is allowed.
    """
    decoded: SiteLesson = tomls.decode(tomls.read(path), SiteLesson, path.name)
    if decoded.lesson.id != path.stem:
        raise ValueError(f"{path.name}: lesson.id = {decoded.lesson.id!r}: allowed is the file's name")
    return decoded


def texts(machine: str, language: str) -> dict[str, Any]:
    """Titles and tasks as tables of texts, `lesson.<id>`."""
    said = {one.lesson.id: one.texts[language] for one in lessons(machine) if language in one.texts}
    return {f"lesson.{id_}": msgspec.structs.asdict(words) for id_, words in said.items()}


def keep(machine: str, file: str, base: Path) -> Path:
    """Put the text of a lesson into a folder, whole; its path. `machine` is one that exists.

    Raises:
        ValueError: the text is no lesson, or its id no name.
    """
    one: SiteLesson = tomls.decode(tomls.parsed(file, "lesson"), SiteLesson, "lesson")
    if not re.fullmatch(r"[a-z0-9-]{3,32}", one.lesson.id):
        raise ValueError(f"lesson.id = {one.lesson.id!r}: allowed are 3 to 32 of a-z, 0-9 and -")
    where = base / machine
    where.mkdir(parents=True, exist_ok=True)
    fresh = where / f"{one.lesson.id}.new"
    fresh.write_text(file, encoding="utf-8")
    return fresh.replace(fresh.with_suffix(".toml"))
