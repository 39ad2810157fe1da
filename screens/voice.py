"""The voice: a program of the system says a sentence (espeak-ng by default, which is offline and small).

One sentence at a time; a new one cuts the old one short, because the page has changed. A unit without sound, or
without the program, stays silent and says so in its health; everything that is said also stands on the glass.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
from typing import Annotated

import msgspec

log = logging.getLogger(__name__)
VOICES = {"zh": "cmn", "en": "en"}


class VoiceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[voice]`: whether the unit speaks, what speaks (a program that takes -v voice, -s words a minute, -a volume,
    and the text), and whether pages are spoken by themselves.
    """

    on: bool = True
    program: str = "espeak-ng"
    speed: Annotated[int, msgspec.Meta(ge=80, le=300)] = 150
    volume: Annotated[int, msgspec.Meta(ge=0, le=200)] = 100
    pages: bool = True


class Voice:
    """Says sentences; never blocks, never raises."""

    def __init__(self, settings: VoiceSettings) -> None:
        """Nothing is started before the first word."""
        self._settings = settings
        self._program = shutil.which(settings.program) if settings.on else None
        self._speaking: subprocess.Popen[bytes] | None = None
        self.trouble = "" if self._program or not settings.on else f"{settings.program} is not installed"

    def say(self, sentence: str, language: str) -> None:
        """Say it now, instead of what is being said."""
        self.hush()
        if not self._program or not sentence or self.trouble:
            return
        speed, volume = str(self._settings.speed), str(self._settings.volume)
        flags = ["-v", VOICES.get(language, language), "-s", speed, "-a", volume]
        try:
            self._speaking = subprocess.Popen(
                [self._program, *flags, "--", plain(sentence)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            self.trouble = f"{self._program}: {error}"
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
    """The sentence without its **bold** marks."""
    return sentence.replace("**", "")
