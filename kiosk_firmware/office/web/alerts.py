"""Alerts: what stands, what each one means and what to do first; who has taken it; silence, announced work, duty list.

An alert of the books is gone when somebody has seen to it; what the office sees by itself goes when it has passed.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse

from kiosk_firmware.office.accounts import audit
from kiosk_firmware.office.accounts.accounts import Person
from kiosk_firmware.office.alerts.alert_list import Incident, standing, tend
from kiosk_firmware.office.shared_state import OfficeRequest
from kiosk_firmware.office.web.access_control import me, must
from kiosk_firmware.office.web.page_context import PageContext, RowId
from kiosk_firmware.office.web.render import RULE_PARTS
from kiosk_firmware.system.utc_clock import utc_ms as now_ms

HOUR_MS = 3_600_000
LONGEST_H = 24 * 14
WALL_ROOM = 6
"""Alerts that a screen on a wall has room for."""
Do = Literal["ack", "take", "silence", "speak", "dismiss"]


class AlertPages:
    """The handlers."""

    def __init__(self, frame: PageContext) -> None:
        """On what all pages share."""
        self._frame, self._db = frame, frame.people.db

    def _standing(self, request: Request) -> tuple[Incident, ...]:
        return standing(self._frame.views, self._db, now_ms(), me(request).sites)

    def _values(self, request: Request) -> dict[str, Any]:
        now = now_ms()
        rows = self._db.rows("SELECT * FROM windows WHERE until_ms > ? ORDER BY from_ms", now)
        work = [row for row in rows if self._is_theirs(me(request), row["scope"])]
        sites = self._frame.views.sites(tuple(me(request).sites))
        people = self._tenders(me(request))
        return {"alerts": self._standing(request), "work": work, "sites": sites, "people": people, "parts": RULE_PARTS}

    def _tenders(self, asks: Person) -> list[str]:
        """The names of whoever an alert of the person's sites can be given to."""
        found = [person for person, off in self._frame.people.accounts.all() if person.can("tend") and not off]
        return [person.name for person in found if not person.sites or any(map(asks.sees, person.sites))]

    def page(self, request: Request) -> HTMLResponse:
        """Return what stands."""
        return self._frame.page(request, "alerts.html", "alerts", **self._values(request))

    def part(self, request: Request) -> HTMLResponse:
        """The table."""
        return self._frame.page(request, "alerts_part.html", "alerts", **self._values(request))

    def duty(self, request: Request) -> HTMLResponse:
        """The list to print for whoever is on duty: by site, with the first steps."""
        by: dict[str, list[Incident]] = {}
        for one in self._standing(request):
            if not one.hushed and one.weight != "room":
                by.setdefault(one.site, []).append(one)
        return self._frame.page(request, "duty.html", "alerts", by=by, parts=RULE_PARTS, at_ms=now_ms())

    def _wall(self, request: Request) -> dict[str, Any]:
        found = [one for one in self._standing(request) if not one.hushed and one.weight != "room"]
        return {"alerts": found, "room": WALL_ROOM}

    def wall(self, request: Request) -> HTMLResponse:
        """For a screen on a wall: the counters and what stands, to be read from afar, with the first step of each."""
        return self._frame.page(request, "wall.html", "alerts", **self._wall(request))

    def wall_part(self, request: Request) -> HTMLResponse:
        """Return what stands."""
        return self._frame.page(request, "wall_part.html", "alerts", **self._wall(request))

    def do(
        self,
        request: Request,
        key: Annotated[str, Form(max_length=300)],
        do: Annotated[Do, Form()],
        owner: Annotated[str, Form(max_length=32)] = "",
        hours: Annotated[int, Form(ge=1, le=LONGEST_H)] = 1,
    ) -> HTMLResponse:
        """Take note, take over (or give to somebody), silence for a while, or say that it has been seen to."""
        person = must(request, "tend")
        one = next((incident for incident in self._standing(request) if incident.key == key), None)
        if one is None:
            raise HTTPException(404)
        about = one.unit or one.site
        self._frame.people.note(person.name, f"alert.{do}", about, f"{one.kind} {one.about} {owner}".strip())
        if do == "dismiss":
            if not one.book:
                raise HTTPException(400, "it goes when it has passed")
            self._frame.desk.requests.put(OfficeRequest("dismiss", one.unit, one.kind, {"about": one.about}))
        else:
            with self._db.change() as db:
                tend(db, one, **_done(do, person.name, owner, hours))
        return self.part(request)

    def work(
        self,
        request: Request,
        scope: Annotated[str, Form(max_length=32)],
        why: Annotated[str, Form(max_length=200)],
        hours: Annotated[int, Form(ge=1, le=LONGEST_H)] = 1,
    ) -> HTMLResponse:
        """Announce work at a site or unit from now on: nothing there is alerted meanwhile."""
        person = must(request, "tend")
        if not self._is_theirs(person, scope):
            raise HTTPException(404)
        with self._db.change() as db:
            row = (scope, now_ms(), now_ms() + hours * HOUR_MS, person.name, why.strip())
            db.execute("INSERT INTO windows(scope, from_ms, until_ms, who, reason) VALUES(?, ?, ?, ?, ?)", row)
            audit.add(db, now_ms(), person.name, "work.announced", scope, why.strip())
        return self.part(request)

    def _is_theirs(self, person: Person, scope: str) -> bool:
        """Return whether there is such a unit or site, and it is theirs to see."""
        unit = self._frame.views.unit(scope, now_ms())
        return person.sees(unit.site if unit else scope) and (unit is not None or scope in self._frame.views.sites())

    def end(self, request: Request, id: Annotated[RowId, Form()]) -> HTMLResponse:
        """The announced work is over."""
        person = must(request, "tend")
        found = self._db.rows("SELECT scope FROM windows WHERE id = ?", id)
        if not found or not self._is_theirs(person, found[0]["scope"]):
            raise HTTPException(404)
        with self._db.change() as db:
            db.execute("UPDATE windows SET until_ms = ? WHERE id = ? AND until_ms > ?", (now_ms(), id, now_ms()))
            audit.add(db, now_ms(), person.name, "work.ended", str(id), "")
        return self.part(request)

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        app.get("/alerts", response_model=None)(self.page)
        app.get("/alerts/part", response_model=None)(self.part)
        app.get("/alerts/duty", response_model=None)(self.duty)
        app.get("/alerts/wall", response_model=None)(self.wall)
        app.get("/alerts/wall/part", response_model=None)(self.wall_part)
        app.post("/alerts/do", response_model=None)(self.do)
        app.post("/alerts/work", response_model=None)(self.work)
        app.post("/alerts/work/end", response_model=None)(self.end)


def _done(do: Do, who: str, owner: str, hours: int) -> dict[str, Any]:
    match do:
        case "ack":
            return {"acked_by": who}
        case "take":
            return {"acked_by": who, "owner": owner or who}
        case "silence":
            return {"silent_until_ms": now_ms() + hours * HOUR_MS}
        case _:
            return {"silent_until_ms": 0}
