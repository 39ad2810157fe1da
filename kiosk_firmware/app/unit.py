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

from kiosk_firmware import catalogue
from kiosk_firmware.app.around import Devices, Glass, Speaker, SystemClock, Who
from kiosk_firmware.app.desk import IDLE_S, Desk
from kiosk_firmware.app.lock import Verdict
from kiosk_firmware.app.obeying import obeyed
from kiosk_firmware.app.ordering import opened, ordered
from kiosk_firmware.app.patience import Patience
from kiosk_firmware.app.shelf import shelf_of
from kiosk_firmware.app.shows import Shows
from kiosk_firmware.core.events import (
    DeviceBack,
    DeviceLost,
    DoubleTapped,
    Idled,
    ItemsInserted,
    MediaInserted,
    PinKeyPressed,
    Tapped,
    Typed,
)
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.pages import Text
from kiosk_firmware.lobby import state as lb
from kiosk_firmware.lobby.debrief import ending
from kiosk_firmware.lobby.staff.state import AnyStaffRequest, ArmFault, Knocked, Restart, ShutUnit
from kiosk_firmware.lobby.texts import words as lobby_words
from kiosk_firmware.lobby.update import is_staff, update
from kiosk_firmware.lobby.view import view
from kiosk_firmware.session import history
from kiosk_firmware.session.ending import Result
from kiosk_firmware.session.engine import Engine
from kiosk_firmware.session.facts import Fact, pseudonym
from kiosk_firmware.session.journal import Journal
from kiosk_firmware.session.orders import OrderRow
from kiosk_firmware.session.outside import Pace, Strip, Turn
from kiosk_firmware.session.progress import Purpose, RunRecord
from kiosk_firmware.session.starting import fitted

log = logging.getLogger(__name__)
RESTART = 70
"""Exit code: start me again at once."""
UTC8_MS = 8 * 3_600_000


class Unit:
    """See the file's head."""

    def __init__(
        self, who: Who, turn: Turn, journal: Journal, cabinet: Devices, glass: Glass, voice: Speaker,
        post: Callable[[object], None], looks: tuple[Any, Any], state: Path, pace: Pace | None = None,
    ) -> None:
        """Nothing is shown before `start`. `looks`: of the learners' pages and of the supervisor's; `state`: the
        folder that outlives the process. `pace` fixes how time-outs run; None lets it follow the learner.
        """
        self.who, self.turn = who, turn
        self.journal, self.cabinet, self.glass, self.voice = journal, cabinet, glass, voice
        self.clock = SystemClock()
        self.exit_code: int | None = None
        self._looks = looks
        self._pace = pace
        names = {line.id: (line.name, line.sub) for line in catalogue.describe()}
        self._words = lobby_words(names)
        self._lobby = lb.Lobby(language=who.language)
        self._visit = 0
        self._shown: object = None
        self.patience = Patience(self.clock.mono_ms)
        self._sitting = ""
        self._records: tuple[RunRecord, ...] = ()
        self._spoken: tuple[str, int] = ("", 0)
        self._run_began = (0, 0)
        self._wanted: lb.StartRun | None = None
        self._knocking = False
        self.engine = Engine(
            journal, cabinet, glass, self.clock, post, turn=turn, code=who.version, words=self._words,
            on_ended=self._ended, on_between=self._between, say=voice.say,
        )
        self.shows = Shows(glass, self.clock, voice, self._words)
        self.desk = Desk(who, state, cabinet, self.engine, journal, post, self._words)

    # -- beginning ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Take up what was left, tell that we are here, show the first page."""
        found = self.cabinet.found()
        names = ("fw", "kind", "machines", "devices", "missing")
        values = (self.who.version, self.who.kind, list(self.who.machines), list(self.who.devices), list(found.lost))
        self.engine.tell(Fact("unit.started", dict(zip(names, values, strict=True)), 2))
        self._shelve()
        open_run = self.engine.unfinished()
        if open_run is None or not self._resumed(open_run):
            self.engine.wake()
            self._show()

    def _resumed(self, found: history.OpenRun) -> bool:
        header = found.decoded()
        try:
            if header is None:
                raise LookupError("no header")
            loaded, lesson = opened(header.machine, header.skin, header.lesson)
        except (LookupError, ValueError) as error:
            log.warning("run %s is not taken up again: %s", found.run, error)
            self.engine.abandon(found)
            return False
        order = ordered(loaded, header.machine, lesson, header.learner, header.purpose, header.language)
        order = fitted(order, history.records(self.journal.path, header.learner), self.clock.utc_ms(), self._pace)
        if not self.engine.resume(found, loaded, order):
            return False
        running = lb.Running(header.machine, header.skin, header.lesson)
        self._lobby = msgspec.structs.replace(self._lobby, phase=running, learner=lb.GUEST)
        self._sitting = header.learner
        self._begun(lesson)
        return True

    # -- what comes in ------------------------------------------------------------------------------------------------

    def handle(self, item: object) -> None:
        """One item of the inbox: an event, or the writer's word."""
        if isinstance(item, Tapped | Typed | DoubleTapped | MediaInserted | ItemsInserted | PinKeyPressed):
            self.patience.touched()
        if isinstance(item, Verdict):
            self._hear_all(self.desk.judged(item))
        elif isinstance(item, Tapped | Typed | DoubleTapped | Idled) and self.engine.run is None:
            if not self.shows.on:
                self._hear(item)
        else:
            self.engine.handle(item)
            if self.engine.run is None:
                self._hear_all(self.desk.heard(item))
        if isinstance(item, DeviceLost | DeviceBack) and self.engine.run is None:
            self._shelve()  # what can be offered has changed
            self._show()
        self._speak()

    def on_strip(self, kind: str) -> None:
        """A key of the strip."""
        self.patience.touched()
        if kind == "hear":
            self.voice.say(self.speech(), self.language)
        elif kind == "teacher":
            self.cabinet.call_teacher(True)
            if self.engine.run is None:
                self.engine.tell(Fact("teacher.called", {"run": "", "step": view(self._lobby).step}))
        elif kind == "end" and (self.shows.stop() or isinstance(self._lobby.phase, lb.Looking)):
            self._hear(lb.Watched())
        elif kind == "end" and self.engine.run is None:
            self._idle("key")
        self.engine.strip(kind)

    def on_digit(self, value: str) -> None:
        """A key of the supervisor's pad; the digit goes to the lock."""
        self.patience.touched()
        self._hear_all(self.desk.pressed(value))

    def knocked(self) -> None:
        """Somebody knows where the supervisor's door is. While a learner is at work it stays shut."""
        self.patience.touched()
        run = self.engine.run
        if run is not None and self._is_dedicated and run.at_home() and not run.away:
            self._knocking = True
            self.engine.leave("closed")
            self._knocking = False
        if self.engine.run is None:
            self._hear(Knocked())

    def explain(self, name: str) -> None:
        """"What is this?": say the key's own text."""
        page = self.engine.page or view(self._lobby)
        key = page.key(name)
        words = self.engine.glass.words if self.engine.glass else self._page_words()
        if key is not None:
            self.voice.say(words.speak(key.text, self.language), self.language)

    def told(self, key: str) -> None:
        """Something a person must do for the cabinet: said, and written on the strip."""
        sentence = Text(key)
        self.voice.say(self._words.speak(sentence, self.language), self.language)
        self.glass.strip(Strip(self._words.write(sentence, self.language)))

    def tick(self) -> None:
        """Let time pass; several times a second."""
        self.engine.tick()
        if heard := self.shows.tick():
            self._hear(heard)
        patience_s = min(IDLE_S, self.turn.idle_seconds) if is_staff(self._lobby.phase) else self.turn.idle_seconds
        if self.patience.over(patience_s):
            self._idle("idle")
        if self.engine.run is not None:
            began, now = self._run_began
            shown = began + self.clock.mono_ms() - now + UTC8_MS
            self.glass.clock(f"{shown // 3_600_000 % 24:02d}:{shown // 60_000 % 60:02d}")
            if self.engine.glass and (warning := self.engine.glass.time_warning()):
                self.voice.say(warning, self.language)
        if self._wanted is not None and self.engine.ready:
            self._start(self._wanted)

    def _idle(self, reason: str) -> None:
        run = self.engine.run
        if run is not None:
            if not (self._is_dedicated and run.at_home() and not run.trips):
                self.engine.handle(Idled())
        elif reason == "idle" or self._lobby.learner or is_staff(self._lobby.phase):
            self._hear(Idled())

    def speech(self) -> str:
        """What stands on the glass, as the voice says it."""
        if self.engine.run is not None:
            return self.engine.speech()
        page, words = view(self._lobby), self._page_words()
        said = (page.say,) if page.say else (page.title, *page.body.lines)
        return "。".join(words.speak(text, self.language) for text in said)

    @property
    def language(self) -> str:
        """The language that is spoken now."""
        return self.engine.glass.language if self.engine.glass else self._lobby.language

    @property
    def searching(self) -> bool:
        """The coach looks for something: call `tick` again as soon as the glass has nothing else to do."""
        return self.engine.searching or self.shows.searching

    @property
    def lobby(self) -> lb.Lobby:
        """Where the lobby stands."""
        return self._lobby

    def _speak(self) -> None:
        """Pages that ask for something to be taken or put in speak by themselves, once a visit."""
        run = self.engine.run
        here = (run.page.step, run.visit) if run else ("", 0)
        if run is not None and here != self._spoken and run.page.kind in ("Take", "Insert", "PinEntry"):
            self.voice.page(self.engine.speech(), self.language)
        self._spoken = here

    # -- the lobby ----------------------------------------------------------------------------------------------------

    def _hear(self, event: lb.LobbyEvent) -> None:
        after, requests = update(self._lobby, event)
        if after is self._lobby:
            return
        self._lobby = after
        for request in requests:
            self._serve(request)
        self._show()

    def _hear_all(self, events: tuple[lb.LobbyEvent, ...]) -> None:
        for event in events:
            self._hear(event)

    def _serve(self, request: lb.AnyRequest) -> None:
        match request:
            case lb.StartRun():
                self._wanted = request
                if self.engine.ready:
                    self._start(request)
            case lb.SignedIn(learner=learner):
                self._sitting = pseudonym(self.who.site_key, learner)
                self.engine.tell(Fact("sitting.started", {"learner": self._sitting}))
                self._shelve()
            case lb.SignedOut(reason=reason):
                self.engine.tell(Fact("sitting.ended", {"learner": self._sitting, "reason": reason}))
                self._sitting, self._records = "", ()
                self._shelve()
            case lb.TestDevices():
                self._lobby, _ = update(self._lobby, lb.Tested(self.desk.rows()))
            case lb.ShowLesson():
                self.shows.begin(request, self._lobby.language)
            case lb.TryAgain():
                self.engine.try_again()
            case lb.CallTeacher():
                self.on_strip("teacher")
            case lb.ChangeLanguage():
                pass  # the lobby itself remembers it
            case _:
                self._serve_staff(request)

    def _serve_staff(self, request: AnyStaffRequest) -> None:
        for answer in self.desk.serve(request):
            self._lobby, _ = update(self._lobby, answer)
        if isinstance(request, Restart):
            self.exit_code = RESTART
        if isinstance(request, ArmFault | ShutUnit):
            self._shelve()

    def _start(self, request: lb.StartRun) -> None:
        self._wanted = None
        loaded, lesson = opened(request.machine, request.skin, request.lesson)
        purpose: Purpose = "guest" if self._sitting in ("", lb.GUEST) else "practice"
        order = ordered(loaded, request.machine, lesson, self._sitting or lb.GUEST, purpose, self._lobby.language)
        order = fitted(order, self._records, self.clock.utc_ms(), self._pace)
        order = msgspec.structs.replace(order, armed=self.desk.armed)
        self.desk.armed = None
        self.engine.begin(loaded, order)
        self._begun(lesson)

    def _begun(self, lesson: Lesson | None) -> None:
        run = self.engine.run
        if run is not None:
            self._run_began = (run.started.now, self.clock.mono_ms())
        self._shown = None

    def _ended(self, result: Result) -> None:
        record = result.record
        words = catalogue.words(record.machine, record.skin)
        self._records = (*self._records, record)
        self._shelve()
        over = ending(
            record.machine, record.skin, result.lesson, record.outcome, record.facts, words.keys("zh"),
            unaided=record.unaided, steps=len(record.steps),
        )
        self.cabinet.call_teacher(False)
        self.glass.clock("")
        self.shows.remember(result, self._lobby.language)
        self._hear(lb.RunOver(over))

    def _between(self) -> None:
        owed = self.engine.owed
        there = {
            "card_reader": owed.place != "none", "cash_dispenser": bool(owed.tray), "note_acceptor": owed.escrow_fen > 0
        }
        slots = tuple(slot for slot, holds in there.items() if holds)
        if slots and self.shows.stop():
            self._hear(lb.Watched())
        self._hear(lb.Holding(slots, self.engine.stuck))

    def _shelve(self) -> None:
        if self._sitting and self._sitting != lb.GUEST:
            self._records = history.records(self.journal.path, self._sitting)
        missing = set(self.cabinet.found().lost)
        absent = {need for line in catalogue.describe() for need in line.needs} - set(self.who.devices)
        shelf = shelf_of(self.who.machines, missing | absent, self._records, self.clock.utc_ms())
        self._lobby, _ = update(self._lobby, lb.Shelved(shelf))
        self._lobby, _ = update(self._lobby, lb.Blocked(tuple(sorted(missing)) if not shelf.tiles else ()))
        machines = tuple(tile.machine for tile in shelf.tiles)
        self._lobby, _ = update(self._lobby, self.desk.staffing(machines))

    @property
    def _is_dedicated(self) -> bool:
        return len(self.who.machines) == 1 and self.who.kind == self.who.machines[0]

    def _show(self) -> None:
        """Draw the lobby's page. A dedicated unit stands at its machine's own first page instead of an attract page."""
        if self.engine.run is not None or self.shows.on:
            return
        attract = isinstance(self._lobby.phase, lb.Attract)
        offers = self.engine.ready and self._lobby.shelf.tiles and not self.desk.shut and not self._knocking
        if attract and self._is_dedicated and offers:
            self._sitting = ""
            self._serve(lb.StartRun(self.who.machines[0], "", ""))
            return
        page = view(self._lobby)
        if page.step != self._shown:
            self._visit += 1
            self._shown = page.step
        named = msgspec.structs.replace(page, step=f"{page.step}#{self._visit}")
        if isinstance(self._lobby.phase, lb.Looking) and page.step == "moment":
            self.shows.look(self._lobby.phase, named, self._visit, self._lobby.language)
            return
        look = self._looks[is_staff(self._lobby.phase) and page.step.startswith("staff-")]
        self.glass.show(named, self._page_words(), self._lobby.language, look, self._visit)
        self.glass.ring(None)
        self.glass.strip(None)

    def _page_words(self) -> Any:
        """The lobby's texts, over those of the machine whose lessons the page names."""
        machine = self._lobby.machine
        return catalogue.words(machine).joined(self._words) if machine else self._words

    # -- the office ---------------------------------------------------------------------------------------------------

    def order(self, row: OrderRow) -> None:
        """Do what the office wants, once; tell that it was done, or why not."""
        if row.name == "restart":
            self.exit_code = RESTART
        ok, detail = (True, "") if row.name == "restart" else obeyed(row, self.journal, self.desk, self.cabinet)
        self.engine.tell(Fact("command.ended", {"id": row.id, "name": row.name, "ok": ok, "detail": detail}, 2))
        self._shelve()
        self._show()
