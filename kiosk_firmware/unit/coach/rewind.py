"""One moment of a run that has ended, made ready to be seen again: the page as it stood, what was done, what helps.

What was done is known at once. What would have helped is looked for as any hint is, from the situation of that moment,
in slices while the debrief stands; where nothing is found (the goal was out of reach already), that is all.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from kiosk_firmware.core.pages import Page, Text, text
from kiosk_firmware.core.texts import Words
from kiosk_firmware.unit.coach.hints import hint_sentence
from kiosk_firmware.unit.coach.learner_slips import Moment
from kiosk_firmware.unit.coach.search import SLICE_MS, Hint, Search, Ways

PRESSED = ("spoilt", "wrong_key", "back_and_forth", "dead_key")
"""Kinds of slips that are told by the key that was pressed; the others have a sentence of their own (`moment.*`)."""
QUIET = ("double_tap",)
"""Kinds that are nothing to look at."""


class RewoundMoment(msgspec.Struct, frozen=True):
    """The moment as it may be shown: page, its language, the sentence (written, and in its spoken form), and what the
    halo is on.
    """

    page: Page
    language: str
    sentence: str
    spoken: str
    key: str = ""
    slot: str = ""


class Rewind:
    """The search for one moment: `seen` stands from the first, `work` goes on until what helps is in it."""

    def __init__(self, moment: Moment, ways: Ways, words: Words, language: str) -> None:
        """Take `words`, the machine's and the coach's, and `language`, the learner's."""
        self._moment, self._words, self._language = moment, words, language
        self.seen = self._rewound_moment(None)
        self._search = Search(ways, moment.before)

    def work(self, slice_ms: float = SLICE_MS) -> bool:
        """Search for one slice; True when nothing more can be found."""
        over = self._search.work(slice_ms)
        if over:
            self.seen = self._rewound_moment(self._search.hint)
        return over

    def _rewound_moment(self, hint: Hint | None) -> RewoundMoment:
        moment, helps = self._moment, hint if hint is not None and hint.helps else None
        manner = "pressed" if moment.kind in PRESSED and moment.pressed.key else moment.kind
        written, spoken = (self._sentence(manner, helps, form) for form in (self._words.write, self._words.speak))
        key, slot = (helps.key, helps.slot) if helps else ("", "")
        return RewoundMoment(moment.page, moment.language, written, spoken, key, slot)

    def _sentence(self, manner: str, hint: Hint | None, form: Callable[[Text, str], str]) -> str:
        """Return what was done, and what helps (nothing where nothing is known)."""

        def name(label: Text) -> str:
            return form(label, self._moment.language) if label.key else ""

        def render(text: Text) -> str:
            return form(text, self._language)

        helps = hint_sentence(hint, render, name) if hint else ""
        return render(text(f"moment.{manner}", label=name(self._moment.pressed), hint=helps)).strip()


def rewind(moment: Moment | None, ways: Ways | None, words: Words, language: str) -> Rewind | None:
    """Return the search for what is worth a look in a run, or None where nothing is."""
    if moment is None or ways is None or moment.kind in QUIET:
        return None
    return Rewind(moment, ways, words, language)
