"""Decide when help comes, and how much: least to most, less each time, and never the learner's turn taken away.

On a step of a lesson the coach first waits. Then, each time the same wait has passed without anything happening, it
goes one level up: halo or lamp, sentence, voice, and at last it does the one step itself and hands back. Where this
learner needed a level last time, the first prompt is one below it, so that help fades from run to run. Whatever changes
the situation begins the wait anew. Asking for a step ("show me one step") goes to the top at once.

A step is shown unasked only once in a row: the machine never plays on before somebody who has walked away. What is done
at a slot cannot be shown by a coach without hands; it is pointed at, and said aloud.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kiosk_firmware.core.events import AnyEvent
from kiosk_firmware.unit.coach.progress import POINTED, SHOWN, SPOKEN, TOLD
from kiosk_firmware.unit.runtime.fact_changes import BY_HAND
from kiosk_firmware.unit.runtime.run import Coached, Prompted, Run, Slipped
from kiosk_firmware.unit.runtime.run_page import RunPage
from kiosk_firmware.unit.runtime.timers import Timers

SLIPS = 3
"""Presses without effect on one step, then the coach says its sentence without waiting."""
HESITATES = 2
"""Waits in which nothing was done on a page that asks something: reading takes one."""
SHOW_MS = 2500
"""So long the coach's finger is seen before it presses."""


class RunPrompts:
    """The prompts of one run."""

    def __init__(
        self,
        run: Run,
        glass: RunPage,
        timers: Timers,
        wait_ms: int,
        starts: Mapping[str, int],
        *,
        unasked: bool,
        note: Callable[[Prompted | Slipped | Coached], None],
        say: Callable[[str, str], None],
        do: Callable[[AnyEvent], None],
    ) -> None:
        """Take `starts`: by step, the level at which help begins. `unasked`: whether it comes by itself at all. `note`
        writes a row of the journal, `say` speaks a sentence in a language, `do` takes an act of the coach's as if
        pressed.
        """
        self._run, self._glass, self._timers = run, glass, timers
        self._wait_ms, self._starts, self._unasked = wait_ms, starts, unasked
        self._note, self._say, self._do = note, say, do
        self._helper = glass.helper
        self._handed = False
        """The coach did the last step, and nobody has done anything since."""
        self._told = ("", 0)
        self._waits = 0

    def begin(self) -> None:
        """Begin to wait: a page stands anew, or something has happened."""
        self._timers.stop("show")
        self._waits = 0
        if self._helper.has_handed_back:
            self._speak(SHOWN)
        if self._run.lesson is not None and self._run.leaving is None:
            self._timers.start("help", self._wait_ms)

    def acted(self, item: object) -> None:
        """Give the turn back to the person where an item is of their doing."""
        if isinstance(item, BY_HAND):
            self._handed = False
            self._helper.handed_back(None)

    def expired(self, name: str) -> None:
        """Handle a timer of the prompts that ran out: "help", "show" or "queue"."""
        match name:
            case "help":
                self._end_wait()
            case "show":
                self._show()
            case _:
                self._glass.queued()

    def _end_wait(self) -> None:
        """Help one level more: the wait is over, and nothing has happened."""
        self._waits += 1
        self._timers.start("help", self._wait_ms)
        if self._waits == HESITATES and self._run.asks:
            self._note(self._run.slipped("hesitation"))
        level = max(self._helper.wanted + 1, self._starts.get(self._run.page.step, POINTED))
        if not self._unasked or level > (SPOKEN if self._handed else SHOWN):
            return
        self.want(level)

    def slipped(self) -> None:
        """Count a press that meant nothing; help where there are too many."""
        if self._unasked and self._run.slips >= SLIPS:
            self.want(TOLD)

    def asked(self) -> None:
        """Show the learner one step, as they asked."""
        self._handed = False
        self.want(SHOWN)

    def want(self, level: int) -> None:
        """Help at `level`, as soon as it is found."""
        if self._run.leaving is None:
            self._helper.want(level, self._run.now)
            self.hinted()

    def work(self) -> None:
        """Search for one slice."""
        if self._helper.work():
            self.hinted()

    def hinted(self) -> None:
        """Put what is found on the strip: it counts as help given on this step, and the count survives a crash."""
        helper, level = self._helper, self._helper.level
        if helper.lost:
            self._run.spoilt = True
        if level and self._run.prompt(level):
            self._note(Prompted(level))
        if level == SHOWN and self._timers.running("show") is None:
            self._timers.start("show", SHOW_MS)
        if helper.hint is not None and (level >= SPOKEN or helper.hint.kind in ("lost", "unsure")):
            self._speak(level)
        self._glass.draw_strip()

    def _show(self) -> None:
        """Do the step that was announced, and hand back."""
        hint, act = self._helper.hint, self._helper.act
        if hint is None or act is None or self._helper.level != SHOWN or self._run.leaving:
            return
        self._handed = True
        self._note(Coached())
        self._run.changes.coach_acts()
        self._helper.handed_back(hint)
        self._do(act)

    def _speak(self, level: int) -> None:
        """Say what stands on the strip, once."""
        words, language = self._glass.words, self._glass.own_language
        sentence = self._helper.sentence(
            lambda text: words.speak(text, language), lambda text: words.speak(text, self._glass.language)
        )
        if (sentence, self._run.visit) != self._told:
            self._told = (sentence, self._run.visit)
            self._say(sentence, language)
