"""The voice: recordings of a native speaker where there are any, else a program of the system (espeak-ng by default,
which is offline and small).

One sentence at a time; a new one cuts the old one short, because the page has changed. A unit without sound, or
without the program, stays silent and says so in its health; everything that is said also stands on the glass.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from screens.media.voice_pack import Index, VoicePack, open_pack

log = logging.getLogger(__name__)
VOICES = {"zh": "cmn", "en": "en"}
"""The program's voices. Whoever chose another language hears its recordings, and Mandarin where there are none."""
MANDARIN = "zh"


class VoiceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[voice]`: whether the unit speaks, what speaks (a program that takes -v voice, -s words a minute, -a volume,
    and the text), and whether pages are spoken by themselves. `packs`: folders of recordings by language; `player`: a
    program that plays a WAV file from its standard input.
    """

    on: bool = True
    program: str = "espeak-ng"
    speed: Annotated[int, msgspec.Meta(ge=80, le=300)] = 150
    volume: Annotated[int, msgspec.Meta(ge=0, le=200)] = 100
    pages: bool = True
    packs: dict[str, str] = {}
    player: str = "aplay"


class Voice:
    """Says sentences; never blocks, never raises."""

    def __init__(self, settings: VoiceSettings) -> None:
        """Set up the voice; nothing is started before the first word."""
        self._settings = settings
        self._program = shutil.which(settings.program) if settings.on else None
        self._player = shutil.which(settings.player) if settings.on else None
        self._folders = dict(settings.packs)
        self._packs: dict[str, VoicePack] = {}
        self._speaking: subprocess.Popen[bytes] | None = None
        self.trouble = "" if self._program or not settings.on else f"{settings.program} is not installed"

    def unsaid(self, languages: Iterable[str]) -> frozenset[str]:
        """Return those of the languages in which nothing can be said here: no recordings, and no voice of the
        program's.
        """
        return frozenset(languages) - VOICES.keys() - self._folders.keys()

    def bring(self, packs: Mapping[str, str]) -> None:
        """Use these recordings from now on, instead of the settings' own of the same languages."""
        self._folders, self._packs = {**self._settings.packs, **packs}, {}

    def say(self, sentence: str, language: str) -> None:
        """Say it now, instead of what is being said."""
        self.hush()
        if not sentence:
            return
        sound = self._recorded(sentence, language)
        if not sound and language not in VOICES:
            language = MANDARIN
            sound = self._recorded(sentence, language)
        if self._player and sound:
            self._start([self._player, "-q", "-"], sound)
        elif self._program and not self.trouble:
            speed, volume = str(self._settings.speed), str(self._settings.volume)
            flags = ["-v", VOICES[language], "-s", speed, "-a", volume]
            self._start([self._program, *flags, "--", plain(sentence)])

    def _recorded(self, sentence: str, language: str) -> bytes | None:
        """Return the sentence from the language's pack; packs are read when they are first wanted."""
        folder = self._folders.get(language)
        if folder is None or not self._player:
            return None
        if language not in self._packs:
            try:
                self._packs[language] = open_pack(Path(folder))
            except ValueError as error:
                log.warning("no recordings: %s", error)
                self._packs[language] = VoicePack(Path(folder), Index(language))
        return self._packs[language].said(sentence)

    def _start(self, command: list[str], sound: bytes = b"") -> None:
        with tempfile.TemporaryFile() as file:
            file.write(sound)
            file.seek(0)
            try:
                self._speaking = subprocess.Popen(
                    command, stdin=file, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            except OSError as error:
                self.trouble = f"{command[0]}: {error}"
                log.warning("no voice: %s", self.trouble)

    def page(self, sentence: str, language: str) -> None:
        """Say a page's own sentence, where pages speak by themselves."""
        if self._settings.pages:
            self.say(sentence, language)

    def hush(self) -> None:
        """Be silent."""
        if self._speaking is not None:
            if self._speaking.poll() is None:
                self._speaking.kill()
            self._speaking.wait()
            self._speaking = None


def plain(sentence: str) -> str:
    """Return the sentence without its **bold** marks."""
    return sentence.replace("**", "")
