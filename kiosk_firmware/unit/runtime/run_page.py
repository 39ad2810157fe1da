"""Show what stands on the glass during a run: the page, the strip with the coach, the ring, and the page's time-out.

A page goes to the stage the moment the machine has it, never after a disk. Its step carries `#visit`, so that a tap on
an earlier visit of the same step is known. The page's timer runs while its step stands; a press that meant something,
and "more time", give it its full time again. Slots are enabled with the page.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import Document
from kiosk_firmware.core.events import GatePassed, ItemsTaken, MediaTaken
from kiosk_firmware.core.lessons import CALM_RUNS
from kiosk_firmware.core.pages import Body, Page, Text, text
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.core.texts import Words
from kiosk_firmware.settings.session_limits import SessionLimits
from kiosk_firmware.unit.coach.held_things import held_pictures
from kiosk_firmware.unit.coach.hints import RunCoach
from kiosk_firmware.unit.coach.search import Hint, hint_of
from kiosk_firmware.unit.runtime import receipt_lines
from kiosk_firmware.unit.runtime.interfaces import PACE_PERCENT, CabinetLike, LoadedMachineLike, RunRequest, StageLike
from kiosk_firmware.unit.runtime.run import Run, asks
from kiosk_firmware.unit.runtime.timers import Timers

LEAVE_MS = 1200
"""A page of a run that is being ended stands this long: to be read. Pages with something to take keep their own time.
"""
QUEUE_MS = 15_000
"""So long on one step, and the people behind are felt."""
WARN_MS = 10_000
"""So long before a time-out the ring stands on every page, and the voice says so."""
FIRST_PERCENT = 400
"""In somebody's first runs on a machine there is so much of the time that there is outside, where one must be quick."""
QUICK = (MediaTaken, ItemsTaken, GatePassed)
"""Acts for which a machine outside waits a short while only, and then keeps, or closes."""
READERS = ("card_reader", "id_reader")
DARK = Page("Message", "dark", Text("coach.dark"), body=Body(icon="dark"))


class RunPage:
    """The glass of one run."""

    def __init__(
        self,
        run: Run,
        loaded: LoadedMachineLike,
        run_request: RunRequest,
        stage: StageLike,
        cabinet: CabinetLike,
        timers: Timers,
        turn: SessionLimits,
        words: Words,
    ) -> None:
        """Take what the page is made from; nothing is drawn yet. `words` are the coach's; the machine's may override
        them.
        """
        self.helper = RunCoach(run.play, run.lesson, run_request.purpose in ("proctored", "test"))
        self.words = words.joined(loaded.words)
        self._run = run
        self._run_request = run_request
        self._look, self._holds = loaded.look, loaded.holds
        self._stage = stage
        self._cabinet = cabinet
        self._timers = timers
        self._turn = turn
        self._pace = run_request.pace
        self._asked_more = False
        self._shown: tuple[Page, int] | None = None
        self._warned = 0
        self._remark = ""

    @property
    def language(self) -> str:
        """The language the machine speaks now."""
        return str(getattr(self._run.now.state, "language", self._run_request.language))

    @property
    def own_language(self) -> str:
        """The learner's, which the coach speaks."""
        return self._run_request.language

    def render(self, document: Document) -> list[str]:
        """Return a document's lines, in the machine's language."""
        return receipt_lines.lines(document, self.words, self.language)

    def speech(self) -> str:
        """Return the page as the voice says it."""
        page = self._run.page
        said = (page.say,) if page.say else (page.title, *page.body.lines)
        return "。".join(self.words.speak(text, self.language) for text in said)

    def show(self, acted: bool) -> None:
        """Draw what has changed. `acted`: a press that meant something."""
        run = self._run
        before, self._shown = self._shown, (run.page, run.visit)
        new_step = before is None or before[1] != run.visit
        if new_step:
            self._remark = ""
            self._queue()
        self.draw_strip()
        if before != self._shown:
            self._draw(run.page)
            self._cabinet.expect(run.page.at + (READERS if self._may_be_ended else ()))
        if new_step or acted or (self._timers.running("page") is None) != (run.page.timer is None):
            self.start_timer()

    @property
    def _may_be_ended(self) -> bool:
        """A proctored run stands at the machine's first page: the teacher's card ends it from there."""
        return self._is_examined and self._run.at_home()

    @property
    def _is_examined(self) -> bool:
        return self._run.header.purpose == "proctored"

    @property
    def is_first(self) -> bool:
        """One of this person's first runs here, while nothing hurries them."""
        return self._pace == "calm" and self._run_request.practised < CALM_RUNS

    @property
    def _waits_longer(self) -> bool:
        """Something is to be taken, or a gate to be walked through, and there is more time for it than outside."""
        run = self._run
        if not self.is_first or run.page.timer is None or run.leaving is not None:
            return False
        return any(isinstance(act, QUICK) for act in run.play.acts(run.now, {})) and not run.page.keys

    def _queue(self) -> None:
        """Show people behind the learner, where the site wants it and the pace is not calm any more. Where there is
        more time than outside, that is said.
        """
        self.helper.aside = Text("")
        if self._waits_longer and (timer := self._run.page.timer) is not None:
            self.helper.aside = text("coach.longer", n=(timer.hand_ms or timer.ms) // 1000)
        if self._turn.queue and self._pace != "calm" and self._run.leaving is None and asks(self._run.page):
            self._timers.start("queue", QUEUE_MS)
        else:
            self._timers.stop("queue")

    def queued(self) -> None:
        """Tell of the queue on the strip, until the step is over or there is something to say."""
        self.helper.aside = Text("coach.queue")
        self.draw_strip()

    def remark(self, sentence: str) -> None:
        """Say something beside what the coach says, until a hand does something or the page goes ("": no more)."""
        if sentence != self._remark:
            self._remark = sentence
            self.draw_strip()

    def draw_strip(self) -> None:
        """Draw the strip; a proctored run has none, as a machine outside has none."""
        if self._is_examined:
            self._stage.strip(Strip(off=True, step=self._step))
            return
        leaving = self._run.leaving is not None
        ready = self._ready() if leaving else None
        strip = self.helper.strip(self.words, self.own_language, leaving, self.language, ready)
        strip = msgspec.structs.replace(strip, sentence=self._remark or strip.sentence, step=self._step)
        self._stage.strip(strip)

    def _ready(self) -> Hint | None:
        """Return what the page that stands asks to be taken; None where it asks for nothing."""
        run = self._run
        taken = (act for act in run.play.acts(run.now, {}) if isinstance(act, MediaTaken | ItemsTaken))
        act = next((act for act in taken if act.at in run.page.at), None)
        return hint_of(act, run.page, run.play.world.found(run.now.world)) if act is not None else None

    def start_timer(self) -> None:
        """Give the page its full time. At a calm pace a page that asks something has all the time there is: whoever
        walks away is noticed by the unit's patience. Only what lies in a slot is not left there for ever.
        """
        page, leaving = self._run.page, self._run.leaving is not None
        timer = page.timer
        if timer is None or (self._pace == "calm" and not leaving and asks(page) and page.kind != "Take"):
            self._timers.stop("page")
            return
        ms = timer.ms * (FIRST_PERCENT if self._waits_longer else PACE_PERCENT[self._pace]) // 100
        quick = leaving and page.kind != "Take"
        self._timers.start("page", min(ms, LEAVE_MS) if quick else ms)

    def more_time(self) -> None:
        """Give the page its full time again; wanted a second time, the run goes back to calm."""
        if self._asked_more:
            self._pace = "calm"
        self._asked_more = True
        self.start_timer()

    def ring(self) -> None:
        """Draw the ring: always where the pace has one; at a calm pace only as something is about to be taken back, so
        that nothing goes without a warning. Whoever is examined sees none, as outside.
        """
        running = None if self._run.leaving is not None or self._is_examined else self._timers.running("page")
        if running and (self._pace != "calm" or (running[0] <= WARN_MS and self._run.page.kind == "Take")):
            self._stage.ring(*running)
        else:
            self._stage.ring(None)

    def time_warning(self) -> str:
        """Return what the voice says as the page's time runs out, once a visit; else empty."""
        running = None if self._run.leaving is not None or self._is_examined else self._timers.running("page")
        late = running is not None and running[0] <= WARN_MS and running[1] > 2 * WARN_MS
        if not late or self._warned == self._run.visit:
            return ""
        self._warned = self._run.visit
        return self.words.speak(Text("coach.time"), self.language)

    def dark(self) -> None:
        """Show a practised power cut: nothing on the glass, no slot enabled, no time runs."""
        self._timers.stop("page")
        self._shown = None
        self._draw(DARK)
        self._cabinet.expect(())

    @property
    def _step(self) -> str:
        """The page that stands, as the stage knows it; a practised power cut has a page of its own."""
        page = self._run.page if self._shown is not None else DARK
        return f"{page.step}#{self._run.visit}"

    def _draw(self, page: Page) -> None:
        named = msgspec.structs.replace(self._with_held(page), step=f"{page.step}#{self._run.visit}")
        self._stage.show(named, self.words, self.language, self._look, self._run.visit)

    def _with_held(self, page: Page) -> Page:
        """Let a good-bye show what the run left in the learner's hands; every other page stays as it is."""
        if page.step != "goodbye":
            return page
        pictures, fen = held_pictures(self._holds, self._run.facts(), self._run.changes.by)
        return msgspec.structs.replace(page, body=msgspec.structs.replace(page.body, carried=pictures, amount_fen=fen))
