"""An office's room of visits with a clock of its own, and visits that have come so far."""

from __future__ import annotations

import pytest

from kiosk_firmware.core.hosts.visit import VisitRequest
from kiosk_firmware.visit.office.appointments import DAY_MS, OFFSET_MS, StoredRequest, Visitor
from kiosk_firmware.visit.office.policy import MINUTE_MS, VisitPolicy
from kiosk_firmware.visit.office.service import VisitService
from kiosk_firmware.visit.office.visits_db import VisitsDb

DAY = 20_790
MINUTE = 570
BEGINS_MS = DAY * DAY_MS + MINUTE * MINUTE_MS - OFFSET_MS
PEOPLE = (Visitor("r-000001", "parent", "hukou"), Visitor("r-000002", "sibling", "hukou"))


def quick(db: VisitsDb) -> VisitsDb:
    """Not synced to the disk: no test here cuts the power, and syncing is most of their time."""
    db.rows("PRAGMA synchronous=OFF")
    return db


class Office:
    """`now_ms` is the clock's hand."""

    def __init__(self, folder, **policy) -> None:
        self.folder, self.now_ms, self.policy = folder, BEGINS_MS - 60 * MINUTE_MS, VisitPolicy(**policy)
        self.start()

    def start(self) -> None:
        """Also after a crash: nothing but what was written down is known."""
        self.room = VisitService(self.folder, self.policy, lambda: self.now_ms)
        quick(self.room.db)
        self.store, self.calls, self.recordings = self.room.store, self.room.calls, self.room.recordings

    def asked(self, person="a" * 16, day=DAY, minute=MINUTE) -> StoredRequest:
        request = VisitRequest(tuple(one.relative for one in PEOPLE), day, minute, day - 9, "parent", "hukou")
        made = self.store.submit("sifa-01", person, "jia", request, "sifa-01", PEOPLE)
        self.store.move("officer", made.id, "submitted", "receive")
        return self.store.move("officer", made.id, "kinship", "prove")

    def approved(self, person="a" * 16, unit="jia-visit-01", station="sifa-01", **when) -> StoredRequest:
        return self.store.approve("officer", self.asked(person, **when).id, unit, station)

    def signed(self, **what) -> StoredRequest:
        made = self.approved(**what)
        self.now_ms = BEGINS_MS
        self.calls.signed(made, "unit", "unit")
        self.calls.signed(made, "station", "sifa-01")
        return self.store.one(made.id)


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    yield made
    made.room.close()
