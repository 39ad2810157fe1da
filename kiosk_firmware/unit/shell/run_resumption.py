"""A run that a power cut left: whose it is, and taking it up again.

Whoever stands there after a cut need not be who stood there before. A guest's run goes on at once; a learner's waits
until the same learner has signed in again, or is closed and gives back what it holds: nothing that somebody else does
is ever written down as that learner's.
"""

from __future__ import annotations

import logging

import msgspec

from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.unit.runtime import journal_reader
from kiosk_firmware.unit.runtime.engine import Engine
from kiosk_firmware.unit.runtime.interfaces import Pace
from kiosk_firmware.unit.runtime.run import JournalHeader
from kiosk_firmware.unit.runtime.run_facts import GUEST
from kiosk_firmware.unit.runtime.run_start import fit_request
from kiosk_firmware.unit.shell.environment import SystemClock
from kiosk_firmware.unit.shell.run_request import load_run, make_run_request

log = logging.getLogger(__name__)
WAIT_MS = 90_000
"""So long a cut run waits for its learner."""


class ResumedRun(msgspec.Struct, frozen=True):
    """The run that goes on: as which header, with which lesson."""

    header: JournalHeader
    lesson: Lesson | None


class RunResumption:
    """The run that a cut left, until it is decided what becomes of it."""

    def __init__(self, engine: Engine, clock: SystemClock, pace: Pace | None) -> None:
        """Begin with no run left."""
        self._engine, self._clock, self._pace = engine, clock, pace
        self._found: journal_reader.OpenRun | None = None
        self._until_ms = 0

    @property
    def waits(self) -> bool:
        """A run waits for its learner to sign in."""
        return self._found is not None

    @property
    def overdue(self) -> bool:
        """It has waited long enough."""
        return self.waits and self._clock.mono_ms() > self._until_ms

    def look(self) -> ResumedRun | None:
        """Look at the start: a guest's run goes on (return it), a learner's waits, and where there is none the engine
        wakes.
        """
        self._found = self._engine.unfinished()
        header = self._found.decoded() if self._found else None
        self._until_ms = self._clock.mono_ms() + WAIT_MS
        if self._found is not None and header is not None and header.learner != GUEST:
            return None
        return self.decide(GUEST)

    def decide(self, learner: str) -> ResumedRun | None:
        """Decide for `learner` (pseudonym, "guest", or "" for nobody) who is there: the run goes on if it is theirs,
        else it is closed and what it left is given back.
        """
        found, self._found = self._found, None
        resumed = self._taken_up(found, learner) if found is not None else None
        if resumed is None:
            self._engine.wake()
        return resumed

    def _taken_up(self, found: journal_reader.OpenRun, learner: str) -> ResumedRun | None:
        header = found.decoded()
        try:
            if header is None or header.learner != learner:
                raise LookupError("nobody is there whose it is")
            loaded, lesson = load_run(header.machine, header.skin, header.lesson)
        except (LookupError, ValueError) as error:
            log.warning("run %s is not taken up again: %s", found.run, error)
            self._engine.abandon(found)
            return None
        run_request = make_run_request(loaded, header.machine, lesson, header.learner, header.purpose, header.language)
        records = journal_reader.records(self._engine.journal.path, header.learner)
        run_request = fit_request(run_request, records, self._clock.utc_ms(), self._pace)
        return ResumedRun(header, lesson) if self._engine.resume(found, loaded, run_request) else None
