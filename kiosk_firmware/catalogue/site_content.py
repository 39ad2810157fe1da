"""Read what a unit has beside the files of its system: lessons that a site's teachers wrote, and content of the office.

A site's lessons are a folder of files, `<machine>/<id>.toml`. A file that is wrong is left out, so that none keeps a
unit from its work; `kiosk lessons check --site` says what is wrong with it. Content is signed, checked and whole
(`content.py`); it lies in `STATE/content.d/N`, and `STATE/content.json` says which N counts:

    lessons.d/<machine>/<id>.toml          beside the machine's own
    machines/<folder>/zh.toml en.toml      over the machine's own texts, key by key
    machines/<folder>/rulepack.toml        instead of the machine's own (of a shared one: kits/<kit>/rulepack.toml)
    voices/<language>/                     recordings, instead of those of unit.toml
    files.json                             size and hash of each of them

Whoever changes any of it tells the catalogue (`site`, `content`), which remembers lessons and words.
"""

from __future__ import annotations

import hashlib
import logging
import re
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.core import toml_files
from kiosk_firmware.core.lessons import SiteLesson
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import READABLE, agent_folder

log = logging.getLogger(__name__)
LESSONS, FOLDER, NUMBER, INDEX = "lessons.d", "content.d", "content.json", "files.json"
_base: Path | None = None
_content: Path | None = None


class Number(msgspec.Struct, frozen=True):
    """The number of the content that counts."""

    version: int


class ContentFile(msgspec.Struct, frozen=True):
    """One file of a content: its size in bytes, and its hash."""

    size: int
    sha256: str


def number(state: Path) -> int:
    """Return the number of the content that was installed last, 0 before the first. Where its file is damaged, the
    highest that lies there: numbers only go up.
    """
    path = agent_folder(state) / NUMBER
    try:
        return msgspec.json.decode(path.read_bytes(), type=Number).version
    except FileNotFoundError:
        return 0
    except msgspec.DecodeError as error:
        log.error("%s: %s; the newest content that lies there counts", path, error)
        return max(_numbers(state), default=0)


def _numbers(state: Path) -> list[int]:
    return [int(path.name) for path in (agent_folder(state) / FOLDER).glob("*") if path.name.isdecimal()]


def delivered_folder(state: Path) -> Path | None:
    """Return the folder of the content that counts now, if there is any; where it is damaged, the one before."""
    last = number(state)
    for one in sorted((n for n in _numbers(state) if n <= last), reverse=True):
        path = agent_folder(state) / FOLDER / str(one)
        if not (wrong := damage(path)):
            return path
        log.error("%s: %s; the content before counts until it comes again", path, wrong)
    return None


def is_whole(state: Path) -> bool:
    """Return whether the content that was installed last is all there, as nothing is where none was installed."""
    last = number(state)
    return not last or not damage(agent_folder(state) / FOLDER / str(last))


def index(base: Path) -> None:
    """Write down what the files of a content are, so that damage is found."""
    files = {path.relative_to(base).as_posix(): _file(path) for path in base.rglob("*") if path.is_file()}
    write_whole(base / INDEX, msgspec.json.encode(files), READABLE)


def _file(path: Path) -> ContentFile:
    data = path.read_bytes()
    return ContentFile(len(data), hashlib.sha256(data).hexdigest())


def damage(base: Path) -> str:
    """Return what is wrong with the files of a content, "" nothing. Of recordings only the length is looked at at each
    start: they are many, and one that cannot be played is said by the other voice. What an earlier release installed
    has no list.
    """
    if base.is_dir() and not (base / INDEX).exists():
        empty = next((path for path in base.rglob("*") if path.is_file() and not path.stat().st_size), None)
        return f"{empty.relative_to(base)} is empty" if empty else ""
    try:
        files = msgspec.json.decode((base / INDEX).read_bytes(), type=dict[str, ContentFile])
        for name, file in files.items():
            path = base / name
            is_same = path.stat().st_size == file.size if path.suffix == ".wav" else _file(path) == file
            if not is_same:
                return f"{name} is damaged"
    except (OSError, msgspec.DecodeError) as error:
        return str(error)
    return ""


def use_content(base: Path | None) -> None:
    """Use that content in this process from now on; None: there is none."""
    global _content
    _content = base


def content() -> Path | None:
    """Return the content of this process."""
    return _content


def use(base: Path | None) -> None:
    """Use that folder in this process from now on; None: there is none."""
    global _base
    _base = base


def folder() -> Path | None:
    """Return the folder of this process."""
    return _base


def folders(machine: str) -> tuple[Path, ...]:
    """Return where lessons for the machine lie: the site's own first."""
    bases = (_base, _content / LESSONS if _content else None)
    return tuple(base / machine for base in bases if base and (base / machine).is_dir())


def lessons(machine: str) -> tuple[SiteLesson, ...]:
    """Return the lessons for that machine, by file name."""
    found: dict[str, SiteLesson] = {}
    for path in (path for base in folders(machine) for path in sorted(base.glob("*.toml"))):
        try:
            found.setdefault(path.stem, lesson(path))
        except (ValueError, OSError) as error:
            log.warning("a lesson of the site is left out: %s", error)
    return tuple(found.values())


def lesson(path: Path) -> SiteLesson:
    """Read one file.

    Raises:
        ValueError: it is wrong; names file, key and what is allowed.
    """
    decoded: SiteLesson = toml_files.decode(toml_files.read_toml(path), SiteLesson, path.name)
    if decoded.lesson.id != path.stem:
        raise ValueError(f"{path.name}: lesson.id = {decoded.lesson.id!r}: allowed is the file's name")
    return decoded


def texts(machine: str, language: str) -> dict[str, Any]:
    """Return titles and tasks as tables of texts, `lesson.<id>`."""
    said = {one.lesson.id: one.texts[language] for one in lessons(machine) if language in one.texts}
    return {f"lesson.{id_}": msgspec.structs.asdict(words) for id_, words in said.items()}


def keep(machine: str, file: str, base: Path) -> Path:
    """Put the text of a lesson into a folder, whole; its path. `machine` is one that exists.

    Raises:
        ValueError: the text is no lesson, or its id no name.
    """
    one: SiteLesson = toml_files.decode(toml_files.parse_toml(file, "lesson"), SiteLesson, "lesson")
    if not re.fullmatch(r"[a-z0-9-]{3,32}", one.lesson.id):
        raise ValueError(f"lesson.id = {one.lesson.id!r}: allowed are 3 to 32 of a-z, 0-9 and -")
    path = base / machine / f"{one.lesson.id}.toml"
    write_whole(path, file.encode(), 0o644)
    return path
