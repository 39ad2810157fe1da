"""One unit's screen process, without the glass itself: lobby and engine take turns at one stage.

Whoever touches or inserts something is heard by the run if one goes on, else by the lobby. The lobby asks (start
this, sign in that), the unit does it and tells the lobby what came of it. Everything here runs on the glass's
thread; devices, writer and sockets speak through the inbox.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from hardware.drivers.settings.hardware_settings import HardwareSettings
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import DeviceBack, DeviceLost, DoubleTapped, Idled, Tapped, Typed
from kiosk_firmware.core.languages import languages, of_machine
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.core.texts import UNKNOWN
from kiosk_firmware.settings.session_limits import SessionLimits
from kiosk_firmware.unit.coach.progress import Purpose
from kiosk_firmware.unit.lobby.phases import lobby as lb
from kiosk_firmware.unit.lobby.phases import sign_in as cs
from kiosk_firmware.unit.lobby.phases.supervisor import AnyStaffRequest, ArmFault, Knocked, Restart, ShutUnit
from kiosk_firmware.unit.lobby.phases.technician import (
    AnyTechnicianHeard,
    AnyTechnicianRequest,
    LeaveTechnician,
    WorkLine,
)
from kiosk_firmware.unit.lobby.phases.visit import JoinVisit, TellVisit
from kiosk_firmware.unit.lobby.sign_out import end_event, is_staff
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from kiosk_firmware.unit.lobby.transitions import update
from kiosk_firmware.unit.lobby.view import view
from kiosk_firmware.unit.runtime import journal_reader
from kiosk_firmware.unit.runtime.command_reader import CommandRow
from kiosk_firmware.unit.runtime.engine import Engine
from kiosk_firmware.unit.runtime.interfaces import Committed, Pace
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.run_record import RunResult
from kiosk_firmware.unit.runtime.run_start import fit_request
from kiosk_firmware.unit.shell import command_execution
from kiosk_firmware.unit.shell.class_board import ClassBoard
from kiosk_firmware.unit.shell.demonstration_playback import Playback
from kiosk_firmware.unit.shell.environment import RESTART, CabinetCalls, Glass, Speaker, SystemClock, UnitDescription
from kiosk_firmware.unit.shell.idle_timeouts import TOUCHES, IdleTimeouts
from kiosk_firmware.unit.shell.learner_registry import PicturesHashed
from kiosk_firmware.unit.shell.learner_session import LearnerSession
from kiosk_firmware.unit.shell.lesson_offers import ending_of, offers_of
from kiosk_firmware.unit.shell.proctored_runs import PRINTER, Proctor, TeacherCard
from kiosk_firmware.unit.shell.run_request import load_run, make_run_request
from kiosk_firmware.unit.shell.run_resumption import RunResumption
from kiosk_firmware.unit.shell.session_recovery import SessionLifecycle
from kiosk_firmware.unit.shell.sign_in import SignIn
from kiosk_firmware.unit.shell.speech import Speech
from kiosk_firmware.unit.shell.supervisor_desk import SupervisorDesk
from kiosk_firmware.unit.shell.supervisor_lock import LockVerdict
from kiosk_firmware.unit.shell.technician_bench import TechnicianBench
from kiosk_firmware.unit.shell.visit_client import VisitClient

log = logging.getLogger(__name__)


class ScreenProcess:
    """See the file's head."""

    def __init__(
        self,
        who: UnitDescription,
        turn: SessionLimits,
        journal: Journal,
        cabinet: CabinetCalls,
        glass: Glass,
        voice: Speaker,
        post: Callable[[object], None],
        looks: tuple[Any, Any],
        state: Path,
        pace: Pace | None = None,
        clock: SystemClock | None = None,
        hardware: HardwareSettings | None = None,
    ) -> None:
        """Take what the process stands between; nothing is shown before `start`. `looks`: of the learners' pages and of
        the supervisor's; `state`: the folder that outlives the process; `hardware`: what unit.toml says of devices.
        `pace` fixes how time-outs run; None lets it follow the learner.
        """
        self.who, self.turn = who, turn
        self.journal, self.cabinet, self.glass, self.voice = journal, cabinet, glass, voice
        self.clock = clock or SystemClock()
        self.exit_code: int | None = None
        self._looks = looks
        self._pace = pace
        self.words = lobby_words(machine_loader.names(), unsaid=voice.unsaid(languages()))
        self._lobby = lb.Lobby(language=who.language, place=who.place)
        self.visit = 0
        self._shown: object = None
        self.patience = IdleTimeouts(self.clock.mono_ms)
        self.session = LearnerSession(who.site_key, turn.minutes, self.clock.mono_ms)
        self._expected: tuple[str, ...] = ()
        self._run_began = (0, 0)
        self._wanted: lb.StartRun | None = None
        self._knocking = False
        self.engine = Engine(
            journal,
            cabinet,
            glass,
            self.clock,
            post,
            turn=turn,
            code=who.version,
            words=self.words,
            on_ended=self._note_end,
            on_between=self._between,
            say=voice.say,
        )
        self.shows = Playback(glass, self.clock, voice, self.words)
        secret = turn.centre_cards == "secret"
        self.desk = SupervisorDesk(who, state, cabinet, self.engine, journal, post, self.words, secret)
        self.bench = TechnicianBench(state, hardware or HardwareSettings(), cabinet.stop, self.engine.tell, post)
        self.desk.parts = self.bench.parts()
        self.coming = SignIn(who, state, self.engine, journal, post, self.session, secret)
        self.proctor = Proctor(self.desk.lock, cabinet, self.words, post, PRINTER in who.devices, secret)
        self.talk = Speech(self)
        self.turns = SessionLifecycle(self, self.session, RunResumption(self.engine, self.clock, pace), self.patience)
        self.classroom, self.visiting = ClassBoard(self, state), VisitClient(self, state)

    # -- beginning ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Take up what was left, tell that we are here, show the first page."""
        self.engine.tell(RunFact("unit.started", self.who.told(self.cabinet.found().lost), 2))
        command_execution.answer_cut(self)
        self.shelve()
        self.turns.start()
        self.show()

    def take_up(self, run: cs.TakenUp) -> None:
        """Show a run that was cut and stands again."""
        self._lobby, _ = update(self._lobby, run)
        self._note_begin()

    # -- what comes in ------------------------------------------------------------------------------------------------

    def handle(self, item: object) -> None:
        """Handle one item of the inbox: an event, or the writer's answer."""
        if isinstance(item, TOUCHES):
            self.patience.touched()
            self.talk.touched()
        if isinstance(item, LockVerdict):
            self.bench.admitted(item)
            self.hear(*self.desk.judged(item))
        elif isinstance(item, AnyTechnicianHeard):
            self._technician_heard(item)
        elif isinstance(item, TeacherCard):
            self._teacher(item.who > 0)
        elif isinstance(item, PicturesHashed):
            self.hear(*self.coming.judged(item))
        elif isinstance(item, Tapped | Typed | DoubleTapped | Idled) and self.engine.run is None:
            if not self.shows.on and not self._is_late(item):
                self.hear(item)
        elif not self.turns.cut.waits or isinstance(item, Committed):  # what lies where is found when it is decided
            self._come(item)
            self.engine.handle(item)
            if self.engine.run is None:
                self.hear(*self.desk.heard(item))
        if isinstance(item, DeviceLost | DeviceBack) and self.engine.run is None:
            self.shelve()  # what can be offered has changed
            self.show()
        self.talk.new()

    def _teacher(self, is_one: bool) -> None:
        """Take a card that was looked at. During a proctored run a teacher's ends it, and stands for having seen the
        end.
        """
        run = self.engine.run
        if not is_one or (run is not None and run.header.purpose != "proctored"):
            return
        self.engine.leave("given_up")
        self.hear(lb.TeacherHere())

    def _is_late(self, item: Tapped | Typed | DoubleTapped | Idled) -> bool:
        """Return whether it was meant for a page that does not stand any more, perhaps by somebody who is gone."""
        visit = "" if isinstance(item, Idled) else item.step.partition("#")[2]
        return visit not in ("", str(self.visit))

    @property
    def is_alone(self) -> bool:
        """A dedicated unit stands at its machine's first page: nobody has begun anything."""
        run = self.engine.run
        return run is not None and self.who.is_dedicated and run.at_home() and not run.trips

    @property
    def is_idle(self) -> bool:
        """Return whether nobody is at work, so that the process may begin anew."""
        return (self.engine.run is None or self.is_alone) and not self.session.learner

    def _come(self, item: object) -> None:
        """Sign in by a learner's card at a reader, where nobody is at work."""
        came = self.coming.card(item)
        run = self.engine.run
        if run is None or run.header.purpose == "proctored":
            self.proctor.look(item, self._lobby.phase)
        if came is not None and self.is_alone:
            self.leave_alone()
        if came is not None and self.engine.run is None and not is_staff(self._lobby.phase):
            self.hear(came)

    def leave_alone(self) -> None:
        """End the run that a dedicated unit stands in, without beginning another."""
        self._knocking = True
        self.engine.leave("closed")
        self._knocking = False

    def on_strip(self, kind: str) -> None:
        """Take a key of the strip."""
        self.patience.touched()
        self.talk.touched()
        if kind == "hear":
            self.talk.again()
        elif kind == "teacher":
            self.classroom.call(True)
            if self.engine.run is None:
                self.engine.tell(RunFact("teacher.called", {"run": "", "step": view(self._lobby).step}))
        elif kind == "end" and (self.shows.stop() or (self.engine.run is None and self._lobby.ends)):
            self.hear(end_event(self._lobby.phase))
        self.engine.strip(kind)

    def on_digit(self, value: str) -> None:
        """Take a key of a secret's pad: the supervisor's, or in a run a telephone's password."""
        self.patience.touched()
        self.hear(*self.desk.pressed(value))

    def knocked(self) -> None:
        """Open the supervisor's door for somebody who knows where it is. While a learner is at work it stays shut."""
        self.patience.touched()
        run = self.engine.run
        if run is not None and self.who.is_dedicated and run.at_home() and not run.away:
            self.leave_alone()
        if self.engine.run is None:
            self.hear(Knocked())

    def tick(self) -> None:
        """Let time pass; several times a second."""
        self.engine.tick()
        if heard := self.shows.tick():
            self.hear(heard)
        self.hear(*self.desk.tick())
        self.turns.tick()
        self.classroom.tick()
        self.visiting.tick()
        for key, language in UNKNOWN.take():
            self.engine.tell(RunFact("text.missing", {"text": key, "language": language}))
        if self.engine.run is not None:
            began, now = self._run_began
            self.talk.time(began + self.clock.mono_ms() - now)
        if self._wanted is not None and self.engine.ready:
            self._start(self._wanted)

    def drop(self) -> None:
        """Let whoever is there begin nothing more; a demonstration stops."""
        self._wanted = None
        if self.shows.stop():
            self.hear(lb.Watched())

    @property
    def language(self) -> str:
        """The language that is spoken now."""
        return self.engine.glass.language if self.engine.glass else self._lobby.language

    @property
    def is_searching(self) -> bool:
        """The coach looks for something: call `tick` again as soon as the glass has nothing else to do."""
        return self.engine.is_searching or self.shows.is_searching

    @property
    def lobby(self) -> lb.Lobby:
        """Return where the lobby stands."""
        return self._lobby

    # -- the lobby ----------------------------------------------------------------------------------------------------

    def hear(self, *events: lb.LobbyEvent) -> None:
        """Tell the lobby something, and do what it asks."""
        for event in events:
            before, (self._lobby, requests) = self._lobby, update(self._lobby, event)
            for request in requests:
                self._serve(request)
            if requests or self._lobby is not before:
                self.turns.moved()
                self.show()

    def _serve(self, request: lb.AnyRequest) -> None:
        match request:
            case lb.StartRun():
                self._wanted = request
                if self.engine.ready:
                    self._start(request)
            case lb.SignedIn(learner=learner):
                told = self.coming.began(learner)
                self.turns.decide(self.session.learner)
                self._learn(*told)
                self._suit()
                self.shelve()
                self._learn(*((cs.Practised(),) if self.session.records else ()))
                self.hear(self.visiting.awaited())
            case lb.SignedOut(reason=reason):
                self.coming.ended(reason)
                self._wanted = None
                self._lobby = msgspec.structs.replace(self._lobby, language=self.who.language)
                self._suit()
                self.shelve()
            case lb.TestDevices():
                self._lobby, _ = update(self._lobby, lb.Tested(self.desk.rows()))
            case lb.ShowLesson():
                self.shows.begin(request, self._lobby.language)
            case lb.TryAgain():
                self.engine.try_again()
            case lb.CallTeacher():
                self.on_strip("teacher")
            case lb.Certify(learner=learner, ending=end):
                self._learn(self.proctor.certify(learner, end, of_machine(self._lobby.language)))
            case lb.SayWord(key=key, language=language):
                self.talk.word(key, language)
            case lb.ChangeLanguage(language=language):
                self.coming.spoke(language)
            case cs.FindLearner() | cs.PickPicture() | cs.ForgetPictures() | cs.KeepOwn():
                self._learn(*self.coming.serve(request))
                self._suit()
            case JoinVisit() | TellVisit():
                self.visiting.serve(request)
            case _ if isinstance(request, AnyTechnicianRequest):
                self._serve_technician(request)
            case _:
                self._serve_staff(request)

    def _learn(self, *told: lb.LobbyEvent) -> None:
        """Tell the lobby something without serving requests; the caller sees to the glass."""
        for event in told:
            self._lobby, _ = update(self._lobby, event)

    def _suit(self) -> None:
        """Suit the glass to the person who is there."""
        self.glass.steady(self._lobby.own.steady, self._lobby.own.hold)

    def _serve_staff(self, request: AnyStaffRequest) -> None:
        self._learn(*self.desk.serve(request))
        if isinstance(request, Restart):
            self.exit_code = RESTART
        if isinstance(request, ArmFault | ShutUnit):
            self.shelve()

    def _technician_heard(self, event: AnyTechnicianHeard) -> None:
        """Tell the lobby of work with the devices; a line of it shows that somebody is there, as the devices' own
        events do.
        """
        if isinstance(event, WorkLine) and self.bench.is_released:
            self.patience.touched()
        self.hear(event)

    def _serve_technician(self, request: AnyTechnicianRequest) -> None:
        self.bench.serve(request)
        if isinstance(request, LeaveTechnician) and self.bench.is_released:
            self.exit_code = RESTART

    def _start(self, request: lb.StartRun) -> None:
        self._wanted = None
        loaded, lesson = load_run(request.machine, request.skin, request.lesson)
        learner = self.session.learner or lb.GUEST
        purpose: Purpose = "proctored" if request.proctored else self.session.purpose
        carried = self.session.carried(request.machine, request.lesson)
        run_request = make_run_request(loaded, request.machine, lesson, learner, purpose, self._lobby.language, carried)
        run_request = fit_request(
            run_request, self.session.records, self.clock.utc_ms(), self._pace or self.classroom.pace
        )
        run_request = msgspec.structs.replace(run_request, armed=self.desk.armed)
        self.desk.armed = None
        self.engine.begin(loaded, run_request)
        self._note_begin()

    def _note_begin(self) -> None:
        run = self.engine.run
        if run is not None:
            self._run_began = (run.started.now, self.clock.mono_ms())
        self._shown, self._expected = None, ()

    def _note_end(self, result: RunResult) -> None:
        record = result.record
        self.session.ended(record, result.persona)
        self.shelve()
        self.classroom.call(False)
        self.glass.clock("")
        moment = self.shows.remember(result, self._lobby.language)
        self.hear(lb.RunOver(msgspec.structs.replace(ending_of(result), moment=moment)))
        self.voice.page(self.talk.page(), self.language)

    def _between(self) -> None:
        owed = self.engine.owed
        slots = owed.slots
        if slots and self.shows.stop():
            self.hear(lb.Watched())
        self.hear(lb.Holding(slots, self.engine.stuck))

    def shelve(self) -> None:
        """Look anew what can be chosen."""
        if self.session.known:
            self.session.read(journal_reader.records(self.journal.path, self.session.learner))
        missing = set(self.cabinet.found().lost)
        absent = {need for line in machine_loader.describe() for need in line.needs} - set(self.who.devices)
        here = self.who.machines, missing | absent, self.session.records, self.clock.utc_ms()
        offers = offers_of(*here, carried=self.session.carried)
        staffing = self.desk.staffing(tuple(tile.machine for tile in offers.tiles))
        self._learn(lb.OffersListed(offers), lb.Blocked(tuple(sorted(missing)) if not offers.tiles else ()), staffing)

    def show(self) -> None:
        """Draw the lobby's page. A dedicated unit stands at its machine's own first page instead of an attract page."""
        if self.engine.run is not None or self.shows.on:
            return
        attract = isinstance(self._lobby.phase, lb.Attract)
        offers = self.engine.ready and self._lobby.offers.tiles and not (self.desk.shut or self._lobby.frozen)
        if (
            attract
            and self.who.is_dedicated
            and offers
            and not (self._knocking or self.turns.cut.waits or self.visiting.near)
        ):
            self._serve(lb.StartRun(self.who.machines[0], "", ""))
            return
        page = view(self._lobby)
        if (shown := (page.step, tuple(key.name for key in page.keys))) != self._shown:
            self.visit += 1
            self._shown = shown
        named = msgspec.structs.replace(page, step=f"{page.step}#{self.visit}")
        if isinstance(self._lobby.phase, lb.Looking) and page.step == "moment":
            self.shows.look(self._lobby.phase, named, self.visit, self._lobby.language)
            return
        look = self._looks[is_staff(self._lobby.phase) and page.step.startswith("staff-")]
        said = self.words.write(page.say, self._lobby.language) if page.kind == "Touch" and page.say else ""
        self.glass.strip(Strip(said, ends=self._lobby.ends, step=named.step))
        self.glass.show(named, self.page_words(), self._lobby.language, look, self.visit)
        self.glass.ring(None)
        self._expect(page.at if page.kind != "Take" else ())

    def _expect(self, at: tuple[str, ...]) -> None:
        """Let readers wait for a learner's card where a page says so; the supervisor's side sees to its own."""
        if at != self._expected and not is_staff(self._lobby.phase):
            self.cabinet.expect(at)
        self._expected = at

    def page_words(self) -> Any:
        """Return the lobby's texts, over those of the machine whose lessons the page names."""
        machine = self._lobby.machine
        return machine_loader.machine_texts(machine).joined(self.words) if machine else self.words

    # -- the office ---------------------------------------------------------------------------------------------------

    def execute_command(self, row: CommandRow) -> None:
        """Do what the office wants, once."""
        command_execution.execute(self, row)
        self.shelve()
        self.show()
