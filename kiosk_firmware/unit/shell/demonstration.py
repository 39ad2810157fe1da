"""A lesson done by the coach itself, on the machine's own pages, for somebody to watch.

The lesson's own way, found as any hint is, in the machine's world instead of the cabinet: nothing moves, no slot opens,
nothing is journalled, no run is recorded and the office hears nothing. Each act is announced first, with its halo or
its lamp, written and spoken; then it is done, and the machine's own answers follow slowly enough to be seen. The strip
is marked as a demonstration all the while.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from kiosk_firmware.core.events import AnyEvent
from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.core.texts import Words
from kiosk_firmware.unit.coach.hints import Render, hint_sentence
from kiosk_firmware.unit.coach.search import Hint, Search, Ways
from kiosk_firmware.unit.runtime import run_start
from kiosk_firmware.unit.runtime.interfaces import LoadedMachineLike, RunRequest, StageLike
from kiosk_firmware.unit.runtime.timers import Clock

READ_MS = 1500
A_SIGN_MS = (180, 60)
"""So long an announcement stands before it is done: READ_MS, and this for each sign of Chinese, of English."""
ANSWER_MS = 900
"""Between the machine's own steps."""
LONGEST = 200
"""Acts; no lesson takes as many."""


class Demonstration:
    """One demonstration; `tick` goes on with it until `over`."""

    def __init__(
        self,
        loaded: LoadedMachineLike,
        run_request: RunRequest,
        stage: StageLike,
        clock: Clock,
        words: Words,
        say: Callable[[str, str], None],
    ) -> None:
        """Show the first page. `run_request` names the lesson; `words` are the coach's texts.

        Raises:
            ValueError: the order has no lesson.
        """
        if run_request.lesson is None:
            raise ValueError("only a lesson can be shown; free practice has no goal")
        self.over = False
        self._stage, self._clock, self._say = stage, clock, say
        self._run_request, self._look = run_request, loaded.look
        self._words = words.joined(loaded.words)
        play = run_start.play_of(loaded, run_request)
        self._ways = Ways(play, run_request.lesson)
        self._now = play.begin(run_start.started_of(run_request))
        self._search: Search | None = None
        self._announced: AnyEvent | None = None
        self._acts = 0
        self._told_all = False
        self._due = clock.mono_ms()
        self._visit, self._step = 0, ""
        self._draw()
        task = Text(f"lesson.{run_request.lesson.id}.task")
        self._tell(lambda render, name: render(task))

    @property
    def is_searching(self) -> bool:
        """It looks for the next act: `tick` wants to be called again soon."""
        return self._search is not None

    def tick(self) -> None:
        """Let time pass; several times a second, more often while `is_searching`."""
        if self.over or self._clock.mono_ms() < self._due:
            return
        if self._told_all:
            self.over = True
        elif self._announced is not None:
            self._acts += 1
            act, self._announced = self._announced, None
            self._went(act)
        elif (answer := next(self._ways.play.answers(self._now), None)) is not None:
            self._went(answer)
        else:
            self._look_on()

    def _look_on(self) -> None:
        if self._search is None:
            self._search = Search(self._ways, self._now)
        if not self._search.work():
            return
        search, self._search = self._search, None
        if search.first_act is None or search.hint is None or self._acts >= LONGEST:
            self._told_all = True
            self._tell(lambda render, name: render(Text("coach.shown")))
        else:
            self._announce(search.first_act, search.hint)

    def _announce(self, act: AnyEvent, hint: Hint) -> None:
        self._announced = act
        self._tell(lambda render, name: hint_sentence(hint, render, name, "showing"), hint)

    def _tell(self, sentence: Callable[[Render, Render], str], hint: Hint | None = None) -> None:
        """Write and say it, and leave it the time to be read."""
        words, own, machine = self._words, self._run_request.language, self._language
        spoken = sentence(lambda text: words.speak(text, own), lambda text: words.speak(text, machine))
        self._strip(sentence(lambda text: words.write(text, own), lambda text: words.write(text, machine)), hint)
        self._say(spoken, own)
        self._due = self._clock.mono_ms() + READ_MS + A_SIGN_MS[own == "en"] * len(spoken)

    def _went(self, event: AnyEvent) -> None:
        self._now = self._ways.play.act(self._now, event)
        self._draw()
        self._due = self._clock.mono_ms() + ANSWER_MS

    @property
    def _language(self) -> str:
        return str(getattr(self._now.state, "language", self._run_request.language))

    def _draw(self) -> None:
        page = self._ways.play.page(self._now)
        self._visit += 1
        self._step = f"{page.step}#{self._visit}"
        self._strip("")
        named = msgspec.structs.replace(page, step=self._step)
        self._stage.show(named, self._words, self._language, self._look, self._visit)

    def _strip(self, sentence: str, hint: Hint | None = None) -> None:
        """Say it for the page that stands: with the next one it is gone."""
        key, slot = (hint.key, hint.slot) if hint else ("", "")
        self._stage.strip(Strip(sentence, False, key, slot, self._run_request.language, showing=True, step=self._step))
