"""The engine: takes what the inbox brings, steps the run, writes it down, shows the page, lets effects go.

One transition: `Play.step`, one batch for the journal (row, facts, what is owed), the page to the glass at once,
effects that move value only when the batch is on the disk. It holds no rules of any machine and knows no device; it is
driven by `handle` (everything from outside) and `tick` (time), so a test drives it by hand.

Between runs it goes on listening: whatever lies in the cabinet then is given back (`between.py`), and `ready` says when
a run may begin. A run ends exactly once, when its machine is home; "end" means that time-outs are let run out quickly
until it is. A machine that raises is a bug: the run is closed, everything is given back, the unit goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from kiosk_firmware.core import cabinet_model
from kiosk_firmware.core.effects import MOVES_VALUE, AskHost, ReadPin
from kiosk_firmware.core.events import AnyEvent, DoubleTapped, HostAnswered, Idled, Tapped, TimerExpired, Typed
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.texts import Words
from kiosk_firmware.settings.session_limits import SessionLimits
from kiosk_firmware.unit.coach.progress import Outcome
from kiosk_firmware.unit.runtime import journal_reader, liabilities, resume, run_record, run_start, transition_batch
from kiosk_firmware.unit.runtime.effect_dispatch import Dispatch, credit_of
from kiosk_firmware.unit.runtime.idle_custody import IdleCustody
from kiosk_firmware.unit.runtime.interfaces import CabinetLike, Committed, LoadedMachineLike, RunRequest, StageLike
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.liabilities import Liabilities
from kiosk_firmware.unit.runtime.practice_power_cut import DARK_MS, PracticePowerCut, strikes
from kiosk_firmware.unit.runtime.prompting import RunPrompts
from kiosk_firmware.unit.runtime.run import Coached, Leaving, Prompted, Run, Slipped
from kiosk_firmware.unit.runtime.run_facts import Noise, RunFact
from kiosk_firmware.unit.runtime.run_page import RunPage
from kiosk_firmware.unit.runtime.run_record import RunResult
from kiosk_firmware.unit.runtime.timers import Clock, Timers

LEAVE_MOST_MS = 180_000
"""A machine that does not come home within this is closed, and the unit gives back itself."""
log = logging.getLogger(__name__)


class Engine:
    """One unit's engine. All methods are called on one thread, but `host` answers on the cabinet's."""

    def __init__(
        self,
        journal: Journal,
        cabinet: CabinetLike,
        stage: StageLike,
        clock: Clock,
        post: Callable[[object], None],
        *,
        turn: SessionLimits | None = None,
        code: str = "0",
        words: Words | None = None,
        on_ended: Callable[[RunResult], None] = lambda result: None,
        on_between: Callable[[], None] = lambda: None,
        say: Callable[[str, str], None] = lambda sentence, language: None,
    ) -> None:
        """Take `post`, the inbox's; `words`, the coach's texts; `code`, this software's version; `on_between`, called
        when what lies in the cabinet between runs has changed (see `ready`, `owed`, `stuck`); `say`, the coach's voice.
        """
        self.journal = journal
        self.on_ended = on_ended
        self.run: Run | None = None
        self.glass: RunPage | None = None
        self.prompting: RunPrompts | None = None
        self.noise = Noise()
        self.timers = Timers(clock)
        self._say = say
        self._cabinet = cabinet
        self._stage = stage
        self._clock = clock
        self._turn = turn or SessionLimits()
        self._code = code
        self._coach_words = words or Words()
        self._dispatch = Dispatch(journal, cabinet, clock, post)
        self._between = IdleCustody(self._dispatch, self.timers, self._turn, on_between)
        self._dark: PracticePowerCut | None = None
        cabinet.host(self._host)

    # -- what is -------------------------------------------------------------------------------------------------------

    @property
    def page(self) -> Page | None:
        """The page that stands, as the machine names it; None between runs."""
        return self.run.page if self.run else None

    @property
    def owed(self) -> Liabilities:
        """Return what lies in the cabinet and belongs to somebody."""
        return self.run.owed if self.run else self._between.owed

    @property
    def ready(self) -> bool:
        """A run may begin: none goes on, and nothing waits to be given back."""
        return self.run is None and self._between.is_done

    @property
    def stuck(self) -> tuple[str, ...]:
        """Devices that hold something and do not give it back: the teacher must come, then `try_again`."""
        return self._between.stuck

    @property
    def is_searching(self) -> bool:
        """The coach looks for a hint: call `tick` again as soon as the glass has nothing else to do."""
        return self.glass is not None and self.glass.helper.is_searching

    def speech(self) -> str:
        """Return the page as the voice says it; "" between runs."""
        return self.glass.speech() if self.glass else ""

    # -- beginning -----------------------------------------------------------------------------------------------------

    def begin(self, loaded: LoadedMachineLike, run_request: RunRequest) -> str:
        """Begin a run; its id.

        Raises:
            RuntimeError: one goes on already, or something waits to be given back (`ready`).
        """
        if not self.ready:
            raise RuntimeError("a run may begin only when the last one has ended and everything is given back")
        header = run_start.header_of(loaded, run_request, self._code)
        run = run_start.new_run(self.journal.next_run(), loaded, run_request, header, self._now())
        self._stand(run, loaded, run_request, pins_fresh=True)
        run.take(found := resume.cabinet_at_start(run, self._cabinet.found()), self._now())
        self._dispatch.write(
            run.id,
            run.owed,
            ((0, run.started), (1, found)),
            (run_start.start_fact(run),),
            urgent=True,
            header=msgspec.json.encode(header),
        )
        self._show(acted=False)
        return run.id

    def _stand(self, run: Run, loaded: LoadedMachineLike, run_request: RunRequest, pins_fresh: bool) -> None:
        self.timers.stop_all()
        self.run, self._dark = run, None
        glass = RunPage(
            run, loaded, run_request, self._stage, self._cabinet, self.timers, self._turn, self._coach_words
        )
        self.glass = glass
        self.prompting = RunPrompts(
            run,
            glass,
            self.timers,
            self._turn.help_seconds * 1000,
            dict(run_request.starts),
            unasked=glass.helper.may_help and not run_request.retest,
            note=lambda row: self._note(run, row),
            say=self._say,
            do=self._take,
        )
        self.prompting.begin()
        armed = None if run.now.armed == "power_cut" else run.now.armed
        lent = loaded.world.lent(run.now.world)
        lesson, first = run_request.lesson is not None, glass.is_first
        lent = msgspec.structs.replace(lent, prepare=lesson, carried=run_request.carried, calm=first)
        self._cabinet.begin(glass.render, armed, pins_fresh, lent)

    # -- after a crash -------------------------------------------------------------------------------------------------

    def unfinished(self) -> journal_reader.OpenRun | None:
        """Return the run that a crash left open; decide with `resume` or `abandon`, then call `wake` if nothing was
        resumed.
        """
        return journal_reader.open_run(self.journal.path)

    def resume(self, found: journal_reader.OpenRun, loaded: LoadedMachineLike, run_request: RunRequest) -> bool:
        """Take the run up again if it is the same code, content, learner and not too long ago; else abandon it
        (False).
        """
        header = run_start.header_of(loaded, run_request, self._code)
        late = self._clock.utc_ms() - found.last_ms > self._turn.resume_minutes * 60_000
        same = not late and found.decoded() == header
        run = run_start.old_run(self.journal.path, found, header, loaded, run_request) if same else None
        if run is None:
            self.abandon(found)
            return False
        run.rebase(self._now(), run.replayed_to)
        self._stand(run, loaded, run_request, pins_fresh=False)
        real = self._cabinet.found()
        if unheard := resume.unheard_tokens(run, real):  # at once: `CabinetFound` makes their count begin anew
            self.tell(RunFact("noise.counted", {"at": "coin_acceptor", "kind": "unheard", "count": unheard}))
        self._relight(resume.in_the_dark(run, real))
        return True

    def abandon(self, found: journal_reader.OpenRun) -> None:
        """Close a run that is not taken up again. What it left is given back by `wake`."""
        run_record.abandon(self._dispatch, found)

    def wake(self) -> None:
        """Give back whatever lies in the cabinet, at the unit's start and when nothing was resumed."""
        self._cabinet.expect(())
        self._between.begin(liabilities.reconcile(journal_reader.liabilities(self.journal.path), self._cabinet.found()))

    def try_again(self) -> None:
        """Try again: the teacher has seen to what was stuck."""
        if self.run is None:
            self._between.again()

    # -- what comes in -------------------------------------------------------------------------------------------------

    def handle(self, item: object) -> None:
        """Take one item from the inbox.

        Raises:
            TypeError: it is neither an event nor the writer's word.
        """
        if self.prompting is not None:
            self.prompting.acted(item)
        match item:
            case Committed():
                self._take_commit(item)
            case Tapped() | Typed() | DoubleTapped():
                self._on_glass(item)
            case Idled():
                self.leave("abandoned")
            case _ if isinstance(item, AnyEvent):
                self._on_device(item)
            case _:
                raise TypeError(f"the engine does not know {type(item).__name__}")

    def tick(self) -> None:
        """Let time pass: time-outs, one slice of the coach's search, the ring. A few times a second is enough."""
        for expired in self.timers.due():
            if self.timers.take(expired):
                self._take_expiry(expired.name)
        if self.prompting is not None and self.glass is not None:
            self.prompting.work()
            self.glass.ring()
        if noise := self.noise.due(self._now()):
            self.tell(*noise)

    def strip(self, kind: str) -> None:
        """Take a key of the strip: "teacher", "end", "show", "more" ("hear" is the voice's: `speech`)."""
        if self.run is None or self.glass is None:
            return
        if kind == "end":
            self.leave("given_up")
        elif kind == "teacher":
            self.tell(RunFact("teacher.called", {"run": self.run.id, "step": self.run.page.step}))
        elif kind == "more" and self._dark is None:
            self.glass.more_time()
        elif kind == "show" and self.prompting is not None and self._dark is None:
            self.prompting.asked()

    def tell(self, *facts: RunFact) -> None:
        """Write facts that belong to no transition."""
        self.journal.submit(transition_batch.Batch(self._clock.utc_ms(), facts=facts))

    def leave(self, outcome: Outcome) -> None:
        """End the run: its machine comes home by itself, gives back what it holds, and the run ends with `outcome`."""
        run, glass = self.run, self.glass
        if run is None or glass is None or run.leaving is not None:
            return
        run.leaving = outcome
        self._note(run, Leaving(outcome))
        self.timers.start("leave", LEAVE_MOST_MS)
        if self._dark is None:
            glass.start_timer()
        glass.draw_strip()
        self._end_if_over(run)

    def _on_glass(self, event: Tapped | Typed | DoubleTapped) -> None:
        run = self.run
        if run is None or self._dark is not None or (run.leaving is not None and run.page.kind != "Take"):
            return
        step, *rest = event.step.split("#")
        if rest and rest[-1] != str(run.visit):
            return
        here = msgspec.structs.replace(event, step=step)
        if isinstance(here, Tapped):
            key = run.page.key(here.key)
            here = msgspec.structs.replace(here, value=key.value if key else "")
        if isinstance(here, DoubleTapped):
            self._note(run, run.slipped("double_tap"))
        self._take(here)
        if self.run is run and self.prompting is not None:
            self.prompting.slipped()

    def _on_device(self, said: AnyEvent) -> None:
        event = self._dispatch.heard(said)
        run = self.run
        if run is None:
            self._between.heard(event or said)
        elif event is None:
            log.warning("dropped a late answer: %s", type(said).__name__)
        elif self._dark is not None:
            self._dark.heard(event)
        else:
            self._take(event)

    def _take_expiry(self, name: str) -> None:
        run = self.run
        match name:
            case "page" if run is not None and run.page.timer is not None and self._dark is None:
                self._take(TimerExpired(run.page.timer.name))
            case "help" | "show" | "queue" if self.prompting is not None and self._dark is None:
                self.prompting.expired(name)
            case "leave" if run is not None:
                self._end(run, run.leaving or "closed")
            case "dark":
                self._lights_on()
            case "take":
                self._between.overdue()
            case _:
                pass

    # -- one transition ------------------------------------------------------------------------------------------------

    def _take(self, event: AnyEvent) -> None:
        run = self.run
        if run is None:
            return
        page, spoilt = run.page, run.spoilt
        try:
            transition, facts = run.take(event, self._now())
        except Exception:  # a machine must never raise; if it does, nothing of the person's may stay inside
            log.exception("machine %s raised at step %s", run.header.machine, run.page.step)
            self._end(run, "closed")
            return
        if not transition.taken:
            return
        slip = run.look(transition, page, spoilt, self.glass.helper.pointed_at if self.glass else None)
        urgent = event.__class__.__name__.startswith(("Media", "Items"))
        self._dispatch.write(
            run.id,
            run.owed,
            ((run.rows - 1, event),),
            facts,
            transition.effects,
            urgent=urgent or any(isinstance(effect, MOVES_VALUE) for effect in transition.effects),
            credit=credit_of(event),
        )
        if slip:
            self._note(run, slip)
        if self.glass and self.prompting and transition.after != transition.before:
            self.glass.helper.moved(run.now, run.page, run.visit)
            self.prompting.begin()
        self._show(acted=isinstance(event, Tapped | Typed) and not transition.slip)
        self._end_if_over(run)

    def _note(self, run: Run, row: Leaving | Prompted | Slipped | Coached) -> None:
        run.rows += 1
        self._dispatch.write(run.id, None, ((run.rows - 1, row),))

    def _show(self, acted: bool) -> None:
        if self.glass is not None and self._dark is None:
            self.glass.show(acted)

    def _take_commit(self, done: Committed) -> None:
        sent = self._dispatch.committed(done)
        if not done.durable:
            self.leave("closed")
        if self.run and self.glass and self.run.now.armed == "power_cut" and self._dark is None and strikes(sent):
            self._dark = PracticePowerCut()
            self.glass.dark()
            self.timers.start("dark", DARK_MS)

    def _host(self, effect: AskHost) -> HostAnswered | None:
        """Return what the host says: asked by the cabinet, on its own thread; reads one frozen situation. None: it
        waits for a person, as for a phone that pays.
        """
        run = self.run
        answer = run.play.world.answer(run.now.world, effect, False) if run else cabinet_model.unknown(effect)
        if answer is None:
            return None
        if not isinstance(answer, HostAnswered):
            raise TypeError(f"{effect} was answered by {type(answer).__name__}")
        return answer

    def _now(self) -> int:
        return self._clock.mono_ms()

    # -- darkness ------------------------------------------------------------------------------------------------------

    def _lights_on(self) -> None:
        run, dark = self.run, self._dark
        if run is None or dark is None:
            return
        waiting = dark.unanswered(run.now.open)
        for effect in waiting:
            if isinstance(effect, ReadPin):
                self._dispatch.effect_queue.cancel(effect)
        if waiting:
            self.timers.start("dark", 200)
            return
        self._dark = None
        self._relight(dark.told(run.now.open))

    def _relight(self, events: tuple[AnyEvent, ...]) -> None:
        """Tell what happened in the dark, then what lies where."""
        for event in events:
            self._take(event)
        if self.run is not None:
            self._take(resume.cabinet_found(self.run, self._cabinet.found()))

    # -- the end -------------------------------------------------------------------------------------------------------

    def _end_if_over(self, run: Run) -> None:
        if self.run is run and self._dark is None and (outcome := run.outcome()) is not None:
            self._end(run, outcome)

    def _end(self, run: Run, outcome: Outcome) -> None:
        self.run, self.glass, self.prompting, self._dark = None, None, None, None
        run.is_over = True
        self.timers.stop_all()
        self._cabinet.expect(())
        self._cabinet.end()
        result = run_record.end(self._dispatch, run, outcome, self._now(), self._clock.utc_ms())
        self._between.begin(run.owed)
        self.on_ended(result)
