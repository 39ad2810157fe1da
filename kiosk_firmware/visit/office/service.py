"""The office's room of visits: requests, calls and recordings over one file, as pages and calls hold them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.visit.office.appointments import VisitStore
from kiosk_firmware.visit.office.call_records import CallRecords
from kiosk_firmware.visit.office.policy import VisitPolicy
from kiosk_firmware.visit.office.recordings import Recordings
from kiosk_firmware.visit.office.visits_db import VISITS, VisitsDb

RECORDINGS = "recordings"
OF_REQUESTS = ("comers", "appointments", "acts", "calls", "tokens", "seals", "recordings", "reviews")
"""Tables whose rows belong to a request."""


class VisitService:
    """All of it, from the folder in which `visits.db` lies."""

    def __init__(self, folder: Path, policy: VisitPolicy, now_ms: Callable[[], int] = utc_ms) -> None:
        """Take `policy`: what office.toml says; `now_ms`: UTC."""
        self.policy, self.now_ms = policy, now_ms
        self.db = VisitsDb(folder / VISITS)
        self.store = VisitStore(self.db, now_ms)
        self.calls = CallRecords(self.store, policy, now_ms)
        self.recordings = Recordings(self.db, folder / RECORDINGS, policy.keep_days, now_ms)

    def forget(self, site: str, person: str) -> int:
        """Forget all that is kept of a learner: requests, acts, kinship, suspensions, recordings with their keys. How
        many requests there were. Rows and keys are overwritten; a visit that stood is no more.
        """
        gone = [kept for kept in self.store.of_person(person) if kept.site == site]
        for kept in gone:
            self.recordings.forget(kept.case.number)
        with self.db.change() as db:
            for kept in gone:
                for table in OF_REQUESTS:
                    db.execute(f"DELETE FROM {table} WHERE request = ?", (kept.id,))
                db.execute("DELETE FROM requests WHERE id = ?", (kept.id,))
            for table in ("relatives", "suspensions"):
                db.execute(f"DELETE FROM {table} WHERE person = ?", (person,))
        self.db.forget_log()
        return len(gone)

    def close(self) -> None:
        """Close the file; twice is fine."""
        self.db.close()
