"""Turns on one unit: how they begin again after a power cut, and how they end.

A turn ends by its key, by its clock, by the teacher, or because nobody is there (asked once, aloud). Whatever ends it,
a run comes home first and gives back what it holds; then the learner is signed out and the glass keeps nothing of them.
"""

from __future__ import annotations

from typing import Protocol

from kiosk_firmware.core.events import Idled
from kiosk_firmware.settings.session_limits import SessionLimits
from kiosk_firmware.unit.lobby.phases import lobby as lb
from kiosk_firmware.unit.lobby.phases.sign_in import Interrupted, Pictures, TakenUp, TurnOver, Why
from kiosk_firmware.unit.lobby.phases.visit import AnyVisitPhase
from kiosk_firmware.unit.lobby.sign_out import is_staff
from kiosk_firmware.unit.lobby.visit.transitions import holds
from kiosk_firmware.unit.runtime.engine import Engine
from kiosk_firmware.unit.shell.environment import UnitDescription
from kiosk_firmware.unit.shell.idle_timeouts import IdleTimeouts
from kiosk_firmware.unit.shell.learner_session import LearnerSession
from kiosk_firmware.unit.shell.run_resumption import ResumedRun, RunResumption
from kiosk_firmware.unit.shell.speech import Speech
from kiosk_firmware.unit.shell.supervisor_desk import IDLE_S


class SessionHost(Protocol):
    """The part of the screen process that session recovery needs."""

    @property
    def engine(self) -> Engine: ...

    @property
    def lobby(self) -> lb.Lobby: ...

    @property
    def talk(self) -> Speech: ...

    @property
    def turn(self) -> SessionLimits: ...

    @property
    def who(self) -> UnitDescription: ...

    def drop(self) -> None: ...

    def hear(self, *events: lb.LobbyEvent) -> None: ...

    @property
    def is_alone(self) -> bool: ...

    def take_up(self, run: TakenUp) -> None: ...


class SessionLifecycle:
    """The turns of a unit; `tick` several times a second."""

    def __init__(self, unit: SessionHost, session: LearnerSession, cut: RunResumption, patience: IdleTimeouts) -> None:
        """Begin with nobody there."""
        self._unit, self._session, self._patience = unit, session, patience
        self.cut = cut

    # -- after a power cut ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Go on with a guest's run; a learner's waits for them to sign in."""
        resumed = self.cut.look()
        if resumed is not None and not self._unit.who.is_dedicated:
            self._session.begin(lb.GUEST)
        self._go_on(resumed)
        if self.cut.waits:
            self._unit.hear(Interrupted(True))

    def decide(self, learner: str) -> None:
        """Go on with the cut run or close it: a learner (pseudonym, or "guest") has signed in, or nobody will."""
        if not self.cut.waits:
            return
        self._go_on(self.cut.decide(learner))
        if not learner:
            self._unit.hear(Interrupted(False))

    def _go_on(self, resumed: ResumedRun | None) -> None:
        if resumed is not None:
            header = resumed.header
            learner = self._unit.lobby.learner or ("" if self._unit.who.is_dedicated else lb.GUEST)
            self._unit.take_up(TakenUp(learner, header.machine, header.skin, header.lesson))

    def moved(self) -> None:
        """Leave the cut run where the lobby has turned away from signing in."""
        if not isinstance(self._unit.lobby.phase, lb.SignIn | Pictures):
            self.decide("")

    # -- the end -------------------------------------------------------------------------------------------------------

    @property
    def _is_somebody_there(self) -> bool:
        return bool(self._unit.lobby.learner) or (self._unit.engine.run is not None and not self._unit.is_alone)

    def tick(self) -> None:
        """Let time pass; while the class is stopped, or a real visit goes on, it stands still."""
        if self._unit.lobby.stopped or holds(self._unit.lobby):
            self._patience.touched()
            self._session.hold()
        else:
            self._pass()
        if self._session.over and self._unit.engine.run is None:
            why, self._session.over = self._session.over, ""
            self._unit.hear(TurnOver(why))

    def _pass(self) -> None:
        idle_s = self._unit.turn.idle_seconds
        seconds = min(IDLE_S, idle_s) if is_staff(self._unit.lobby.phase) else idle_s
        if self._patience.asks(seconds) and self._is_somebody_there:
            self._unit.talk.told("lobby.turn.there")
        if self._patience.over(seconds):
            self._idle()
        if self.cut.overdue:
            self.decide("")
        run = self._unit.engine.run
        proctored = run is not None and run.header.purpose == "proctored"  # its teacher begins and ends it, no clock
        if proctored or isinstance(self._unit.lobby.phase, AnyVisitPhase):
            return self._session.hold()
        match self._session.due():
            case "warn":
                self._unit.talk.told("lobby.turn.minute")
            case "over":
                self.end("clock")

    def _idle(self) -> None:
        if self.cut.waits:
            self.decide("")
        if self._unit.engine.run is not None and self._is_somebody_there:
            self.end("idle")
        elif self._unit.engine.run is None:
            self._unit.hear(Idled())

    def end(self, why: Why) -> None:
        """End the turn, whatever goes on: a demonstration just stops, a run gives back what it holds."""
        self._session.over = why
        self._unit.drop()
        self._unit.engine.leave("abandoned" if why == "idle" else "closed")
