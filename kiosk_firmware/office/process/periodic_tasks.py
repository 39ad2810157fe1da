"""Run what the office does by itself, once a second: tasks that were parked are handed to whoever has come back; every
ten seconds the rules of alerts are looked at, and what is new goes out; and each roll-out is brought a step on.

It only reads the collector's database and writes the pages' own; what it wants of a unit is a wish like any other.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable

from kiosk_firmware.office.accounts import audit
from kiosk_firmware.office.accounts.service import AccountService
from kiosk_firmware.office.alerts.alert_list import AlertMonitor, of_office, standing_alerts, unheard
from kiosk_firmware.office.alerts.notifications import Notifier
from kiosk_firmware.office.database.queries import Queries
from kiosk_firmware.office.fleet.roster import Roster
from kiosk_firmware.office.rollouts.rollout_steps import RolloutSteps
from kiosk_firmware.office.shared_state import OfficeRequest, SharedState
from kiosk_firmware.system.utc_clock import utc_ms

log = logging.getLogger(__name__)
TURN_S = 1.0
TASK_MS = 10 * 60_000
LOOK_MS, STEP_MS = 10_000, 2_000
SETTLED_MS = 20_000
"""So long a parked learner has to be gone."""


class PeriodicTasks:
    """See the file's head; `turn` is one round."""

    def __init__(
        self,
        desk: SharedState,
        views: Queries,
        people: AccountService,
        roster: Roster,
        teller: Notifier | None = None,
        stepper: RolloutSteps | None = None,
        overdue: Callable[[], Iterable[tuple[str, str]]] = tuple,
        stalled: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """Take what the tasks work on; nothing is done yet. `teller`: None where alerts stay inside; `stepper`: None
        beside an office that steps; `overdue`: (site, number) of real visits that nobody has listened to in time;
        `stalled`: parts of the office that stand still.
        """
        self._stepper, self._overdue, self._stalled = stepper, overdue, stalled
        self._desk, self._views, self._people, self._roster, self._teller = desk, views, people, roster, teller
        self._watcher = AlertMonitor(people.db)
        self._looked_ms = self._stepped_ms = 0

    def run(self, stop: threading.Event) -> None:
        """Take a turn each `TURN_S` seconds until `stop`."""
        while not stop.wait(TURN_S):
            try:
                self.turn()
            except (sqlite3.Error, OSError) as error:  # a full disk: the next round tries again
                log.error("the clerk: %s", error)

    def turn(self) -> None:
        """Take one turn of all tasks."""
        self._hand_over()
        if (now := utc_ms()) - self._looked_ms >= LOOK_MS:
            self._looked_ms = now
            self.watch(now)
        if now - self._stepped_ms >= STEP_MS:
            self._stepped_ms = now
            self.step()

    def step(self) -> None:
        """Take roll-outs a step on; a command that cannot be signed waits."""
        if self._stepper is not None:
            try:
                self._stepper.turn()
            except ValueError as error:
                log.error("roll-outs: %s", error)

    def watch(self, now_ms: int) -> None:
        """Look at the rules once, and notify those who are to know."""
        others = unheard(self._overdue()) | of_office(self._stalled())
        if self._watcher.look(self._roster.look(now_ms), now_ms, others):
            self._desk.news(set())
        if self._teller is not None:
            self._teller.tell(standing_alerts(self._views, self._people.db, now_ms), now_ms)

    def _hand_over(self) -> None:
        for row in self._people.db.rows("SELECT * FROM parked WHERE at_ms < ?", utc_ms() - SETTLED_MS):
            for unit in self._views.rows("SELECT unit FROM units WHERE site = ? AND online = 1", row["site"]):
                now = self._desk.present(unit["unit"])
                if now is not None and now.learner == row["learner"] and not now.machine:
                    self._hand(str(unit["unit"]), row)
                    break

    def _hand(self, unit: str, row: sqlite3.Row) -> None:
        task = {"machine": row["machine"], "lesson": row["lesson"], "skin": row["skin"], "learner": row["learner"]}
        with self._people.db.change() as db:
            db.execute("DELETE FROM parked WHERE site = ? AND learner = ?", (row["site"], row["learner"]))
            audit.add(db, utc_ms(), "", "unparked", unit, f"{row['learner']} {row['machine']}/{row['lesson']}")
        self._desk.requests.put(OfficeRequest("command", unit, "class.tasks", {"tasks": [task]}, TASK_MS))
