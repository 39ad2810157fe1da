"""The coach at the strip: what it says at each prompt level, and what it points at.

Least to most: first only the key has its halo, or the slot its lamp; then a sentence; then the voice says it; then the
coach does the one step and hands back. `prompting.py` decides when which level is wanted; here a wanted level becomes a
search, and its hint the strip. A hint stands until the situation changes; one that said "wait" is looked for again when
the machine has done its work.

The coach speaks the learner's language; a key is named as it stands on the glass.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from kiosk_firmware.core.events import AnyEvent, Tapped, Typed
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.pages import Page, Text, text
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.core.texts import Words
from kiosk_firmware.system import gc_pause
from kiosk_firmware.unit.coach.progress import POINTED, SHOWN, SPOKEN, TOLD, UNAIDED
from kiosk_firmware.unit.coach.search import SLICE_MS, Hint, Search, Ways

Render = Callable[[Text], str]


class RunCoach:
    """The coach of one run."""

    def __init__(self, play: Play, lesson: Lesson | None, proctored: bool) -> None:
        """Set up the coach; without a lesson, or under test, it keeps silent."""
        self.ways = Ways(play, lesson) if lesson else None
        self._lesson = lesson
        self._proctored = proctored
        self._wanted = UNAIDED
        self._search: Search | None = None
        self._done: Hint | None = None
        self._done_at = 0
        """The visit of the page on which the coach has handed back; 0: it has not come yet."""
        self.hint: Hint | None = None
        self.act: AnyEvent | None = None
        """The hint's act."""
        self.lost = False
        """The space was searched to its end: no way leads to the goal any more."""
        self.aside = Text("")
        """What is said where no hint stands, instead of the task (a queue behind the learner); empty: the task."""

    @property
    def may_help(self) -> bool:
        """Return whether help may be given at all."""
        return self.ways is not None and not self._proctored

    @property
    def level(self) -> int:
        """Return how much help is given now. A coach has no hands: what is done at a slot is told, not shown."""
        if self.hint is None or not self.hint.helps:
            return UNAIDED
        if self._wanted == POINTED and not self.hint.points:
            return TOLD
        return self._wanted if self.showable else min(self._wanted, SPOKEN)

    @property
    def pointed_at(self) -> AnyEvent | None:
        """The act that the learner has just been helped to; None without help."""
        return self.act if self.level else None

    @property
    def wanted(self) -> int:
        """The level that was asked for on this situation, found or not."""
        return self._wanted

    @property
    def showable(self) -> bool:
        """The hint's act is one on the glass, so that the coach can do it."""
        return isinstance(self.act, Tapped | Typed)

    @property
    def is_searching(self) -> bool:
        """A search goes on: `work` wants to be called again soon."""
        return self._search is not None

    def want(self, level: int, now: Situation) -> None:
        """Help is wanted at `level`; the search begins. More is never turned into less."""
        if self.ways is None or self._proctored or level <= self._wanted:
            return
        self._wanted = level
        if self.hint is None and self._search is None:
            gc_pause.begin()
            self._search = Search(self.ways, now)

    def moved(self, now: Situation, page: Page, visit: int) -> None:
        """Drop what was said: the situation changed. What the coach has done itself is said on the first page on which
        there is something to do, and goes with it.
        """
        gc_pause.end()
        if self._done is not None and self._done_at not in (0, visit):
            self.handed_back(None)
        elif self._done is not None and is_open(page):
            self._done_at = visit
        waited = self._wanted if self.hint is not None and self.hint.kind == "wait" else UNAIDED
        self._wanted, self._search, self.hint, self.act = UNAIDED, None, None, None
        if waited:
            self.want(waited, now)

    def handed_back(self, done: Hint | None) -> None:
        """Do the step that the hint named: the coach says so, until the learner goes on (None)."""
        self._done, self._done_at = done, 0

    @property
    def has_handed_back(self) -> bool:
        """It has done a step, and the turn is the learner's."""
        return self._done is not None and self._done_at > 0

    def work(self, slice_ms: float = SLICE_MS) -> bool:
        """Search for one slice; True when a hint has just been found."""
        if self._search is None or not self._search.work(slice_ms):
            return False
        gc_pause.end()
        self.hint, self.act, self._search = self._search.hint, self._search.first_act, None
        self.lost = self.hint is not None and self.hint.kind == "lost"
        return True

    # -- what it says --------------------------------------------------------------------------------------------------

    def sentence(self, render: Render, name: Render) -> str:
        """Return what the coach says now; `render` writes or speaks its own texts, `name` what stands on the glass."""
        if self.lost:
            return render(Text("coach.lost"))
        if self.hint is not None and (self.level >= TOLD or not self.hint.helps):
            return hint_sentence(self.hint, render, name, "showing" if self.level == SHOWN else "")
        if self._done is not None:
            return hint_sentence(self._done, render, name, "yours") if self._done_at else render(Text("coach.wait"))
        if self.aside.key:
            return render(self.aside)
        return render(Text(f"lesson.{self._lesson.id}.task")) if self._lesson else ""

    def strip(self, words: Words, language: str, leaving: bool, machine: str = "", ready: Hint | None = None) -> Strip:
        """Return what the strip shows now, in the learner's `language`; `machine`: the one on the glass; `ready`: what
        lies to be taken while the run is being ended.
        """
        render: Render = lambda text: words.write(text, language)  # noqa: E731
        if leaving and ready is not None:
            return Strip(render(ready.sentence), halo_slot=ready.slot, language=language)
        if leaving:
            return Strip(render(Text("coach.leaving")), language=language)
        if self._lesson is None:
            return Strip(render(self.aside) if self.aside.key else "", language=language)
        sentence = self.sentence(render, lambda text: words.write(text, machine or language))
        shown = (self.hint.key, self.hint.slot) if self.hint is not None and self.level else ("", "")
        return Strip(sentence, self.may_help and not self.lost and self._wanted < SHOWN, *shown, language)


def is_open(page: Page) -> bool:
    """Return whether there is anything on the page that the person could do, be it only to go on."""
    return bool(page.keys or page.at) or page.kind in ("Take", "Insert", "PinEntry")


def hint_sentence(hint: Hint, render: Render, name: Render, manner: str = "") -> str:
    """Return the hint as a sentence. `manner`: "showing" and "yours" for what the coach does itself, and has done."""
    sentence = hint.sentence
    if manner:
        sentence = msgspec.structs.replace(sentence, key=sentence.key.replace("coach.", f"coach.{manner}_"))
    if hint.kind == "press":
        sentence = text(sentence.key, label=name(hint.label))
    return render(sentence)
