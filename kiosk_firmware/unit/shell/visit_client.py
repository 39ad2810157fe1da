"""Real visits as the screen process sees them: invitations that the agent laid down, and the visit process at its
socket.

    calls/<visit>.json ──► awaited ──► lobby          who is expected today, from when on, until when
    calls/start ◄── the learner is there with the card ── lobby
    calls/screen.sock ◄──► Said, Shown                the visit process, for as long as it lives

The screen has no network and opens no camera. Whether a visit has begun or is over is the visit process's word; it is
kept in `visits.json`, so that a screen that begins anew neither announces what is over nor asks for a second
signature.
"""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import Protocol

import msgspec

from hardware.transport.durable_json import DurableJson
from kiosk_firmware.core.events import Idled
from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.texts import Words
from kiosk_firmware.system.state_folders import calls_folder, screen_folder
from kiosk_firmware.unit.lobby.phases.lobby import Lobby, LobbyEvent
from kiosk_firmware.unit.lobby.phases.visit import AnyVisitPhase, Awaited, Due, JoinVisit, Seen, TellVisit, Visit
from kiosk_firmware.unit.lobby.visit.transitions import holds
from kiosk_firmware.unit.runtime.engine import Engine
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.shell.environment import Speaker, SystemClock
from kiosk_firmware.unit.shell.learner_session import LearnerSession
from kiosk_firmware.unit.shell.session_recovery import SessionLifecycle
from kiosk_firmware.unit.shell.speech import Speech
from kiosk_firmware.visit.wire import paths
from kiosk_firmware.visit.wire.json_lines_socket import JsonLinesConnection, connect
from kiosk_firmware.visit.wire.messages import ENCODE, Invited, Said, Shown

log = logging.getLogger(__name__)
LOOK_MS, AGAIN_MS = 1_000, 3_000
"""Between two looks at the folder; after so long without a visit process it is wanted anew."""
DAY_MS, UTC8_MS = 86_400_000, 8 * 3_600_000
ALOUD = ("five_left", "one_left", "warned")
BEGUN, OVER = "begun", "over"
_SHOWN = msgspec.json.Decoder(Shown)


class VisitHost(Protocol):
    """The part of the screen process that a visit needs."""

    @property
    def engine(self) -> Engine: ...

    @property
    def clock(self) -> SystemClock: ...

    @property
    def lobby(self) -> Lobby: ...

    @property
    def session(self) -> LearnerSession: ...

    @property
    def talk(self) -> Speech: ...

    @property
    def language(self) -> str: ...

    @property
    def turns(self) -> SessionLifecycle: ...

    @property
    def voice(self) -> Speaker: ...

    @property
    def words(self) -> Words: ...

    @property
    def is_alone(self) -> bool: ...

    def hear(self, *events: LobbyEvent) -> None: ...

    def leave_alone(self) -> None: ...

    def show(self) -> None: ...


class VisitClient:
    """The visits of one unit; `tick` several times a second."""

    def __init__(self, unit: VisitHost, state: Path) -> None:
        """Begin with nobody there: a start that nobody read is void."""
        self._unit, self._folder = unit, calls_folder(state)
        with contextlib.suppress(OSError):  # none, or a disk that takes nothing: then nobody reads it either
            (self._folder / paths.START).unlink()
        self._memory = DurableJson(screen_folder(state) / "visits.json")
        self._line: JsonLinesConnection | None = None
        self._shown: Shown | None = None
        self._joined = ""
        self._waiting: list[Said] = []
        self._looked_ms = self._wanted_ms = -AGAIN_MS
        self._known: tuple[Invited, ...] = ()
        self._cleared = ""

    # -- who is expected --------------------------------------------------------------------------------------

    def awaited(self) -> Awaited:
        """Return the visit that matters now to the person who is here."""
        return Awaited(self._matters(self._unit.clock.utc_ms(), self._unit.session.learner))

    def _matters(self, now_ms: int, learner: str) -> Visit | None:
        """Return one's own visit before another's; what has lapsed only to whom it belonged, on its day."""
        found = [self._visit_today(one, now_ms, learner) for one in self._known]
        today = [one for one in found if one is not None and (one.mine or one.due != "late")]
        return min(today, key=lambda one: (not one.mine, one.due == "late"), default=None)

    def _visit_today(self, one: Invited, now_ms: int, learner: str) -> Visit | None:
        """Return an invitation as the lobby knows it; None: not today, or over."""
        state = self._state(one)
        if state == OVER or (now_ms + UTC8_MS) // DAY_MS != (one.begins_ms + UTC8_MS) // DAY_MS:
            return None
        rules, minute = one.rules, (one.begins_ms + UTC8_MS) // 60_000
        last_ms = one.begins_ms + rules.late_s * 1000
        if state == BEGUN:  # a cut takes no more than the rules let it
            last_ms += (rules.seconds + rules.rests_s + rules.back_s) * 1000
        due: Due = "late" if now_ms > last_ms else "early" if now_ms < one.begins_ms - rules.early_s * 1000 else "now"
        return Visit(
            one.visit,
            f"{minute // 60 % 24:02d}:{minute % 60:02d}",
            one.people,
            _minutes(one),
            rules.recorded,
            rules.watched,
            one.learner == learner,
            due,
            state == BEGUN,
        )

    def _state(self, one: Invited) -> str:
        state: str = self._memory.get("visits", {}).get(_visit_key(one), "")
        return state

    @property
    def near(self) -> bool:
        """A visit may be come in to: the unit's own machine stands aside."""
        visit = self._unit.lobby.visiting.visit
        return visit is not None and visit.due == "now"

    # -- what the lobby asks ----------------------------------------------------------------------------------

    def serve(self, request: JoinVisit | TellVisit) -> None:
        """Have the visit process started, or tell it what the learner wants."""
        if isinstance(request, JoinVisit):
            self._joined, self._waiting = request.number, []
            self._meet(self._unit.clock.mono_ms())
            return
        self._say(Said(request.do))
        if request.do == "leave":
            self._part()

    def called(self) -> None:
        """Tell the other side that the teacher was called: it shall know why nobody speaks."""
        if self._line is not None:
            self._say(Said("teacher"))

    def _say(self, said: Said) -> None:
        if self._line is None:
            self._waiting.append(said)
        else:
            self._line.say(ENCODE(said))

    def _part(self) -> None:
        if self._line is not None:
            self._line.turn()
            self._line.close()
        self._line, self._shown, self._joined, self._waiting = None, None, "", []

    def erase(self, learner: str) -> None:
        """Keep no visit of this learner (pseudonym) any more, and nothing that was said of it."""
        for one in paths.list_invitations(self._folder):
            if one.learner == learner:
                for path in self._folder.glob(f"{one.visit}.*"):
                    path.unlink(missing_ok=True)

    # -- as time passes ---------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Hear the visit process; now and then look who is expected."""
        now_ms = self._unit.clock.mono_ms()
        if self._joined:
            self._meet(now_ms)
            self._listen()
        if now_ms - self._looked_ms >= LOOK_MS:
            self._looked_ms = now_ms
            self._look()
        if isinstance(self._unit.lobby.phase, AnyVisitPhase):
            self._unit.talk.new()

    def _look(self) -> None:
        self._known = paths.list_invitations(self._folder)
        awaited = self.awaited()
        if awaited.visit != self._unit.lobby.visiting.visit:
            self._unit.hear(awaited)
        if self.near:
            self._clear_way()

    def _clear_way(self) -> None:
        """Clear the way for a visit: the unit's own machine steps aside at once, others are asked, and at its time
        their turn ends; what they hold is given back as ever.
        """
        unit, visit = self._unit, self._unit.lobby.visiting.visit
        if unit.is_alone:
            unit.leave_alone()
            unit.hear(Idled())  # nobody had that run: on to the page that says who is awaited
            unit.show()
        if visit is None or visit.mine or not (unit.lobby.learner or unit.engine.run):
            return
        begins_ms = next(one.begins_ms for one in self._known if one.visit == visit.number)
        word = "over" if unit.clock.utc_ms() >= begins_ms else "soon"
        if self._cleared == f"{word} {visit.number}":
            return
        self._cleared = f"{word} {visit.number}"
        if word == "soon":
            unit.talk.told("visiting.soon")
        else:
            unit.turns.end("clock")

    # -- the visit process ---------------------------------------------------------------------------------------------

    def _meet(self, now_ms: int) -> None:
        """Connect to the visit process; where there is none, have it started, and again where it died."""
        if self._line is not None:
            return
        self._line = connect(self._folder / paths.SCREEN)
        if self._line is not None:
            # A visit process that begins anew does not know it.
            signed = [Said("sign")] if holds(self._unit.lobby) else []
            waiting, self._waiting = [*signed, *self._waiting], []
            for said in waiting:
                self._say(said)
        elif now_ms - self._wanted_ms >= AGAIN_MS:
            self._wanted_ms = now_ms
            _write(self._folder / paths.START, self._joined)

    def _listen(self) -> None:
        line = self._line
        if line is None:
            return
        shown = [one for one in map(_decode_line, line.turn()) if one is not None]
        if any(one.visit not in ("", self._joined) for one in shown):  # an earlier learner's, who turned away
            line.say(ENCODE(Said("leave")))
            line.close()
        elif shown:
            self._take(shown[-1])
        if line.gone and self._line is line:  # it died: it is wanted anew, and goes on from what it left
            self._line = self._shown = None
            self._unit.hear(Seen(None))

    def _take(self, shown: Shown) -> None:
        """Take what the visit process shows now: kept, told, shown, and where it matters said aloud."""
        before, self._shown = self._shown, shown
        if before is None or (before.phase, before.end) != (shown.phase, shown.end):
            self._note_state(shown)
        if shown.notice in ALOUD and (before is None or before.notice != shown.notice):
            text, unit = Text(f"visiting.notice.{shown.notice}"), self._unit
            unit.voice.say(unit.words.speak(text, unit.language), unit.language)
        self._unit.hear(Seen(shown))
        if shown.phase == "over":
            self._part()
            self._look()  # at once: what is over is announced nowhere

    def _note_state(self, shown: Shown) -> None:
        """Remember whether it has begun or is over; the office's books hear the state and nothing else."""
        one = next((one for one in self._known if one.visit == self._joined), None)
        state = {"over": OVER, "talking": BEGUN, "cut": BEGUN}.get(shown.phase, "")
        if one is not None and state and self._state(one) != state:
            known = {_visit_key(other): self._state(other) for other in self._known}
            self._memory.keep(visits={**known, _visit_key(one): state})
        self._unit.engine.tell(RunFact("visit.changed", {"phase": shown.phase, "end": shown.end}, 2))


def _visit_key(one: Invited) -> str:
    """Return the key of a visit: the same number at another time is another visit."""
    return f"{one.visit} {one.begins_ms}"


def _minutes(one: Invited) -> int:
    """Return what is there of it, in minutes begun."""
    return -(-(one.left_s if one.left_s >= 0 else one.rules.seconds) // 60)


def _decode_line(line: bytes) -> Shown | None:
    try:
        return _SHOWN.decode(line)
    except msgspec.DecodeError as error:
        log.error("the roof shows what cannot be read: %s", error)
        return None


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all: a process that waits for it reads it as soon as it is there. No link leads it
    elsewhere: another user writes to that folder, too.
    """
    try:
        spare = path.with_suffix(".new")
        spare.unlink(missing_ok=True)
        with spare.open("x", encoding="ascii") as file:
            file.write(text)
        spare.replace(path)
    except OSError as error:  # a full disk: tried again
        log.error("%s: %s", path, error)
