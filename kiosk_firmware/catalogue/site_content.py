"""Read what a unit has beside the files of its system: lessons that a site's teachers wrote, and content of the office.

A site's lessons are a folder of files, `<machine>/<id>.toml`. A file that is wrong is left out, so that none keeps a
unit from its work; `kiosk lessons check --site` says what is wrong with it. Content is signed, checked and whole
(`content.py`); it lies in `STATE/content.d/N`, and `STATE/content.json` says which N counts:

    lessons.d/<machine>/<id>.toml          beside the machine's own
    machines/<folder>/zh.toml en.toml      over the machine's own texts, key by key
    machines/<folder>/rulepack.toml        instead of the machine's own (of a shared one: kits/<kit>/rulepack.toml)
    voices/<language>/                     recordings, instead of those of unit.toml

Whoever changes any of it tells the catalogue (`site`, `content`), which remembers lessons and words.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.core import toml_files
from kiosk_firmware.core.lessons import SiteLesson

log = logging.getLogger(__name__)
LESSONS, FOLDER, NUMBER = "lessons.d", "content.d", "content.json"
_base: Path | None = None
_content: Path | None = None


class Number(msgspec.Struct, frozen=True):
    """The number of the content that counts."""

    version: int


def number(state: Path) -> int:
    """The number of the content that was installed last, 0 before the first."""
    path = state / NUMBER
    return msgspec.json.decode(path.read_bytes(), type=Number).version if path.exists() else 0


def delivered(state: Path) -> Path | None:
    """The folder of the content that counts now, if there is any."""
    path = state / FOLDER / str(number(state))
    return path if path.is_dir() else None


def use_content(base: Path | None) -> None:
    """The content of this process from now on; None: there is none."""
    global _content
    _content = base


def content() -> Path | None:
    """The content of this process."""
    return _content


def use(base: Path | None) -> None:
    """The folder of this process from now on; None: there is none."""
    global _base
    _base = base


def folder() -> Path | None:
    """The folder of this process."""
    return _base


def folders(machine: str) -> tuple[Path, ...]:
    """Where lessons for the machine lie: the site's own first."""
    bases = (_base, _content / LESSONS if _content else None)
    return tuple(base / machine for base in bases if base and (base / machine).is_dir())


def lessons(machine: str) -> tuple[SiteLesson, ...]:
    """The lessons for that machine, by file name."""
    found: dict[str, SiteLesson] = {}
    for path in (path for base in folders(machine) for path in sorted(base.glob("*.toml"))):
        try:
            found.setdefault(path.stem, lesson(path))
        except (ValueError, OSError) as error:
            log.warning("a lesson of the site is left out: %s", error)
    return tuple(found.values())


def lesson(path: Path) -> SiteLesson:
    """One file.

    Raises:
        ValueError: it is wrong; names file, key and what is allowed.
    """
    decoded: SiteLesson = toml_files.decode(toml_files.read(path), SiteLesson, path.name)
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
    one: SiteLesson = toml_files.decode(toml_files.parsed(file, "lesson"), SiteLesson, "lesson")
    if not re.fullmatch(r"[a-z0-9-]{3,32}", one.lesson.id):
        raise ValueError(f"lesson.id = {one.lesson.id!r}: allowed are 3 to 32 of a-z, 0-9 and -")
    where = base / machine
    where.mkdir(parents=True, exist_ok=True)
    fresh = where / f"{one.lesson.id}.new"
    fresh.write_text(file, encoding="utf-8")
    return fresh.replace(fresh.with_suffix(".toml"))
