"""The coach at the strip: when it speaks, what it says, and what it cost.

It says the task until help is wanted: by the key "show me one step" (then the very key gets its halo), or by itself
after three slips or a while on one step (then one sentence). A hint stands until the situation changes; one that said
"wait" is looked for again when the machine has done its work.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.core.texts import Words
from kiosk_firmware.session.coach import Hint, Search, Ways
from kiosk_firmware.session.outside import Strip
from kiosk_firmware.session.progress import SHOWN, TOLD, UNAIDED

SLIPS = 3
"""Glass acts without effect on one step, then the coach speaks by itself."""


class Helper:
    """The coach of one run."""

    def __init__(self, play: Play, lesson: Lesson | None, proctored: bool) -> None:
        """Without a lesson, or under test, it keeps silent."""
        self._ways = Ways(play, lesson) if lesson else None
        self._lesson = lesson
        self._proctored = proctored
        self._level = UNAIDED
        self._search: Search | None = None
        self.hint: Hint | None = None
        self.lost = False
        """The space was searched to its end: no way leads to the goal any more."""

    @property
    def may_help(self) -> bool:
        """Whether help may be given at all."""
        return self._lesson is not None and not self._proctored

    @property
    def level(self) -> int:
        """How much help stands on the strip now."""
        return self._level if self.hint is not None else UNAIDED

    @property
    def searching(self) -> bool:
        """A search goes on: `work` wants to be called again soon."""
        return self._search is not None

    def want(self, level: int, now: Situation) -> None:
        """Help is wanted at `level`; the search begins. More is never turned into less."""
        if self._ways is None or self._proctored or level <= self._level:
            return
        self._level = level
        if self.hint is None and self._search is None:
            self._search = Search(self._ways, now)

    def moved(self, now: Situation) -> None:
        """The situation changed: what was said is over."""
        waited = self._level if self.hint is not None and self.hint.kind == "wait" else UNAIDED
        self._level, self._search, self.hint = UNAIDED, None, None
        if waited:
            self.want(waited, now)

    def work(self, slice_ms: float = 2.0) -> bool:
        """Search for one slice; True when a hint has just been found."""
        if self._search is None or not self._search.work(slice_ms):
            return False
        self.hint, self._search = self._search.hint, None
        self.lost = self.hint is not None and self.hint.kind == "lost"
        return True

    def strip(self, words: Words, language: str, leaving: bool) -> Strip:
        """What the strip shows now."""
        if leaving:
            return Strip(words.write(Text("coach.leaving"), language), language=language)
        if self._lesson is None:
            return Strip(language=language)
        if self.lost:
            return Strip(words.write(Text("coach.lost"), language), language=language)
        can_show = self.may_help and self._level < SHOWN
        if self.hint is None:
            return Strip(words.write(Text(f"lesson.{self._lesson.id}.task"), language), can_show, language=language)
        shown = (self.hint.key, self.hint.slot) if self._level >= SHOWN else ("", "")
        return Strip(said(self.hint, words, language), can_show, *shown, language)


def said(hint: Hint, words: Words, language: str) -> str:
    """The hint's sentence; a key is named as it stands on the glass."""
    sentence: Callable[[Text], str] = lambda text: words.write(text, language)  # noqa: E731
    if hint.kind != "press":
        return sentence(hint.sentence)
    return sentence(Text("coach.press", (("label", sentence(hint.label)),)))


__all__ = ["SHOWN", "TOLD", "Helper", "said"]
