"""Lessons that a teacher writes at the office: what can be chosen, a draft tried, the folder of what was kept.

The office never sees rules. It asks `kiosk lessons` in a process of its own, which checks a draft as every lesson is
checked, and reads its JSON. What is kept lies in the office's own folder, as the very files that units get.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.catalogue import site_content
from kiosk_firmware.core.lessons import SiteLesson

COMMAND = (sys.executable, "-P", "-m", "kiosk_firmware.cli", "lessons")
MOST_S = 120
"""A draft whose space is large takes some seconds on a small machine."""


class KeptLesson(msgspec.Struct, frozen=True):
    """A lesson in the folder: machine, id, level, its title by language, and the file's text."""

    machine: str
    id: str
    level: int
    titles: dict[str, str]
    file: str


class LessonEditor:
    """The folder, and the process that is asked. `titles`: of what is kept, by `machine/lesson`, for other pages."""

    def __init__(self, folder: Path, command: Sequence[str] = COMMAND) -> None:
        """Take the folder, which may not be there yet."""
        self.folder = folder
        self.titles: dict[str, dict[str, str]] = {}
        self._command = tuple(command)
        self._offers: dict[str, Any] = {}
        self._sheets: dict[tuple[str, str, str, str], str] = {}
        self.kept()

    def offer(self, machine: str = "") -> Any:
        """Return what can be chosen for a machine, as `kiosk lessons offer` says it; without one, the machines' ids.

        Raises:
            LookupError: there is no such machine.
        """
        if machine and machine not in self.offer():
            raise LookupError(machine)
        if machine not in self._offers:
            self._offers[machine] = self._ask_process("offer", *([machine] if machine else []))
        return self._offers[machine]

    def tried(self, draft: Mapping[str, Any]) -> Any:
        """Return what became of a draft, as `kiosk lessons try` says it: its `id`, and its `file` where it is right."""
        return self._ask_process("try", said=json.dumps(draft))

    def keep(self, machine: str, file: str) -> None:
        """Put the text of a lesson that was found right into the folder."""
        if machine not in self.offer():
            raise LookupError(machine)
        site_content.keep(machine, file, self.folder)
        self.kept()

    def sheet(self, machine: str, lesson: str, language: str) -> str:
        """Return a lesson's take-home sheet, a page of HTML; the search for its steps takes a second or two, once.

        Raises:
            LookupError: there is no such machine or lesson.
        """
        one = self.one(machine, lesson)
        key = (machine, lesson, language, one.file if one else "")
        if key not in self._sheets:
            where = ("--site", str(self.folder), "--language", language, "--into", "-")
            self._sheets[key] = self._output("sheet", machine, lesson, *where)
        return self._sheets[key]

    def _ask_process(self, *words: str, said: str = "") -> Any:
        """Ask the process one question, answered by JSON.

        Raises:
            LookupError: it refused; with its own words.
        """
        return json.loads(self._output(*words, said=said))

    def _output(self, *words: str, said: str = "") -> str:
        """Return what the process says.

        Raises:
            LookupError: it refused; with its own words.
        """
        done = subprocess.run(
            [*self._command, *words], input=said, capture_output=True, text=True, timeout=MOST_S, check=False
        )
        if done.returncode not in (0, 1) or not done.stdout:
            raise LookupError(done.stderr.strip()[-300:])
        return done.stdout

    def kept(self) -> tuple[KeptLesson, ...]:
        """Return all lessons of the folder that can be read."""
        found = []
        for path in sorted(self.folder.glob("*/*.toml")):
            text = path.read_text(encoding="utf-8")
            try:
                lesson = msgspec.convert(tomllib.loads(text), SiteLesson)
            except (tomllib.TOMLDecodeError, msgspec.ValidationError):
                continue
            titles = {language: said.title for language, said in lesson.texts.items()}
            found.append(KeptLesson(path.parent.name, lesson.lesson.id, lesson.lesson.level, titles, text))
        self.titles.clear()
        self.titles.update({f"{one.machine}/{one.id}": one.titles for one in found})
        return tuple(found)

    def one(self, machine: str, id_: str) -> KeptLesson | None:
        """Return the lesson of that machine and id, or None."""
        return next((one for one in self.kept() if (one.machine, one.id) == (machine, id_)), None)

    def remove(self, machine: str, id_: str) -> bool:
        """Take a lesson out of the folder; whether it was there."""
        there = self.one(machine, id_) is not None
        if there:
            (self.folder / machine / f"{id_}.toml").unlink()
            self.kept()
        return there
