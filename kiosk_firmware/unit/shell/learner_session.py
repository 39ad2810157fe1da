"""A turn: who is there, since when, and when it is over.

One object answers "whose is this?" for the whole unit, so that nothing of an earlier learner can be left behind in two
places. The clock runs from signing in; a minute before the end it warns, once, and then it is over: a run is left (its
machine gives back card and money first), and as soon as none goes on the learner is signed out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.unit.coach.progress import Purpose, RunRecord
from kiosk_firmware.unit.lobby.phases.sign_in import Why
from kiosk_firmware.unit.runtime.run_facts import GUEST, pseudonym

WARN_MS = 60_000
"""So long before the end the turn's clock warns."""


class LearnerSession:
    """One unit's turns, one after another. `clock`: monotonic ms."""

    def __init__(self, site_key: bytes, minutes: int, clock: Callable[[], int]) -> None:
        """Begin with nobody there. `minutes`: how long a turn lasts, 0 no limit."""
        self._key, self._ms, self._clock = site_key, minutes * 60_000, clock
        self._clear()

    def _clear(self) -> None:
        self.learner = ""
        """The pseudonym, or "guest"; empty where nobody is there."""
        self.records: tuple[RunRecord, ...] = ()
        """What is known of this learner's runs."""
        self._here: tuple[RunRecord, ...] = ()
        """Those that ended in this turn: what is read may be older than the writer's next commit."""
        self._pockets: dict[str, Persona] = {}
        self._last: dict[str, str] = {}
        """Which machine left a pocket as it is."""
        self.over: Why | Literal[""] = ""
        """Why the turn is ending, while its run still comes home."""
        self._since_ms = self._clock()
        self._warned = False
        self._held_ms = -1

    def named(self, learner: str) -> str:
        """Return the pseudonym of a number."""
        return pseudonym(self._key, learner)

    def begin(self, learner: str) -> str:
        """Begin a session for somebody (`l-…` or "guest"); the pseudonym."""
        self._clear()
        self.learner = self.named(learner)
        return self.learner

    def end(self) -> str:
        """Sign out whoever was there, and return who it was (pseudonym)."""
        was = self.learner
        self._clear()
        return was

    def read(self, records: tuple[RunRecord, ...]) -> None:
        """Read what the database holds of this learner now."""
        known = {record.run for record in records}
        self.records = (*records, *(record for record in self._here if record.run not in known))

    def ended(self, record: RunRecord, persona: Persona | None = None) -> None:
        """Take a run that was written off: it is this learner's only if its record says so. What the `persona` has now
        goes along to the other machines of the same place, or to the stop after the one that was done, as long as the
        turn lasts.
        """
        if record.learner != self.learner:
            return
        self.records, self._here = (*self.records, record), (*self._here, record)
        if persona is None:
            return
        found = machine_loader.stop(record.machine, record.lesson)
        if found is None and (spot := machine_loader.pocket(record.machine)) is not None:
            self._pockets[spot.id], self._last[spot.id] = persona, record.machine
        elif found is not None and record.outcome == "done":
            self._pockets[_stop(found[0].id, found[1] + 1)] = persona

    def carried(self, machine: str, lesson: str = "") -> Persona | None:
        """Return the persona that comes to the machine from another one of its place, or to the lesson from the stop
        before it; None: nobody has been at any of them. At a machine that only shares the pocket (the cash machine)
        practice begins afresh after itself: where it stands alone, nobody would give back the card that it kept.
        """
        if (found := machine_loader.stop(machine, lesson)) is not None:
            return self._pockets.get(_stop(found[0].id, found[1]))
        spot = machine_loader.pocket(machine)
        if spot is None or (machine in spot.also and self._last.get(spot.id) == machine):
            return None
        return self._pockets.get(spot.id)

    @property
    def known(self) -> bool:
        """Return whether somebody is there who is no guest."""
        return self.learner not in ("", GUEST)

    @property
    def purpose(self) -> Purpose:
        """Return what a run that begins now is for."""
        return "practice" if self.known else "guest"

    def hold(self) -> None:
        """Hold the turn's clock: the class is stopped, for as long as this is called again and again."""
        now = self._clock()
        self._since_ms += now - self._held_ms if self._held_ms >= 0 else 0
        self._held_ms = now

    def due(self) -> Literal["", "warn", "over"]:
        """Return what the clock says now; each word once."""
        self._held_ms = -1
        if not self.learner or not self._ms or self.over:
            return ""
        left_ms = self._ms - (self._clock() - self._since_ms)
        if left_ms <= 0:
            self.over = "clock"
            return "over"
        if left_ms <= WARN_MS < self._ms and not self._warned:
            self._warned = True
            return "warn"
        return ""


def _stop(place: str, number: int) -> str:
    """Return the name of the pocket with which one comes to a stop."""
    return f"{place} {number}"
