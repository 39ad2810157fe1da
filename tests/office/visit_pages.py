"""An office with real visits, its pages asked without network: people, places and visits that have come so far."""

from __future__ import annotations

import pytest

from kiosk_firmware.office.visit_calls.invitations import Invitations
from kiosk_firmware.office.visit_calls.signalling_hub import CallHub
from kiosk_firmware.office.web.app import build
from kiosk_firmware.visit.domain.calendar import date_of, same_month
from kiosk_firmware.visit.office.appointments import StoredRequest, day_and_minute
from kiosk_firmware.visit.office.policy import VisitPolicy
from kiosk_firmware.visit.office.recordings import DAY_MS
from kiosk_firmware.visit.office.rule_advice import offered_to_family
from kiosk_firmware.visit.office.service import VisitService
from kiosk_firmware.visit.wire import messages as m
from tests.office.pages import Office, Visitor, cheap

__all__ = ["POLICY", "Visits", "cheap", "office"]
LEARNER = "1234567890abcdef"
HALF_HOUR_MS = 30 * 60_000
POLICY = VisitPolicy(late_min=60, early_min=60)


class Visits(Office):
    """An office with a visit unit, a station and two officers."""

    def __init__(self, folder) -> None:
        super().__init__(folder)
        self.room = VisitService(folder, POLICY)
        self.hub = CallHub(self.room, Invitations(self.room, folder), self.people.note)
        self.app = build(self.frame, self.roster, hub=self.hub)
        self.unit("jia-visit-01", kind="visit")
        self.station = self.come("sifa-01", "station", ("jia",))
        self.officer = self.come("li-visits", "visits", ("jia",))

    def asked(self, learner=LEARNER) -> str:
        form = self.form(learner)
        for step in ("who", "people", "when"):
            assert self.station.post("/station/ask", step=step, **form).status_code == 200
        return self.station.post("/station/ask", step="check", **form).headers["location"].rpartition("/")[2]

    def form(self, learner=LEARNER) -> dict[str, str]:
        day, minute = offered_to_family(POLICY, day_and_minute(self.room.now_ms())[0])[0]
        comer = {"relative0": "r-000001", "kin0": "parent", "proof0": "hukou"}
        return {"site": "jia", "learner": learner, "slot": f"{day}:{minute}", **comer}

    def decide(self, number: str, act: str, visitor: Visitor | None = None, **more):
        return (visitor or self.officer).post(f"/visits/{number}/decide", act=act, **more)

    def approved(self) -> str:
        number = self.asked()
        assert self.decide(number, "prove", seen="submitted").status_code == 303
        assert self.decide(number, "approve", seen="approval", **self.place()).status_code == 303
        return number

    def place(self) -> dict[str, object]:
        """Now, at the site's only unit and station."""
        return {"unit": "jia-visit-01", "station": "sifa-01", **self.later(0)}

    def day_ms(self, days: int) -> int:
        """The half hour that `place` has, so many days later."""
        return self.room.now_ms() // HALF_HOUR_MS * HALF_HOUR_MS + days * DAY_MS

    def later(self, days: int) -> dict[str, object]:
        day, minute = day_and_minute(self.day_ms(days))
        return {"day": date_of(day).isoformat(), "minute": minute}

    def beside(self) -> dict[str, object]:
        """The half hour after now's, or where that is another month's the one before: both may still be booked."""
        now = self.day_ms(0)
        after, before = day_and_minute(now + HALF_HOUR_MS), day_and_minute(now - HALF_HOUR_MS)
        day, minute = after if same_month(after[0], day_and_minute(now)[0]) else before
        return {"day": date_of(day).isoformat(), "minute": minute}

    def signed(self) -> StoredRequest:
        number = self.approved()
        for do in ("papers", "pledge"):
            assert self.station.post(f"/station/visits/{number}/do", do=do).status_code == 303
        return self.room.store.by_number(number)

    def talked(self) -> StoredRequest:
        """A visit that has ended in time."""
        kept = self.signed()
        self.room.calls.signed(kept, "unit", "unit")
        for phase in ("talking", "over"):
            word = m.StatusReport(visit=kept.case.number, phase=phase, left_ms=0, running=False, end="time")
            self.room.calls.told(kept, word)
        return kept

    def close(self) -> None:
        self.room.close()
        super().close()


@pytest.fixture
def office(tmp_path, cheap):
    made = Visits(tmp_path)
    yield made
    made.close()
