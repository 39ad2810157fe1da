"""Alerts: what stands, what each one means and what to do first; who has taken it; silence, announced work, duty list.

An alert of the books is gone when somebody has seen to it; what the office sees by itself goes when it has passed.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse
from pydantic import Field

from kiosk_firmware.office.accounts import audit
from kiosk_firmware.office.accounts.accounts import SignedInUser
from kiosk_firmware.office.alerts.alert_list import Incident, standing_alerts, tend
from kiosk_firmware.office.shared_state import OfficeRequest
from kiosk_firmware.office.web.access_control import me, must
from kiosk_firmware.office.web.page_context import PageContext, RowId
from kiosk_firmware.office.web.render import RULE_PARTS
from kiosk_firmware.system.utc_clock import utc_ms as now_ms

HOUR_MS = 3_600_000
A_PAGE, MOST_PICKED = 50, 200
LONGEST_H = 24 * 14
WALL_ROOM = 6
"""Alerts that a screen on a wall has room for."""
DUTY_ROOM = 600
"""Those of a printed list; it is asked for by site where there are more."""
Do = Literal["ack", "take", "silence", "speak", "dismiss"]


class AlertQuery(msgspec.Struct, frozen=True):
    """Filter of the list; `owner`: "none", "me", or "" for whoever has taken it."""

    q: str = ""
    kind: str = ""
    weight: str = ""
    site: str = ""
    owner: str = ""
    page: int = 1

    def address(self, **more: str | int) -> str:
        """Return the query of an address, without what is usual."""
        usual = msgspec.structs.asdict(AlertQuery())
        own = {**msgspec.structs.asdict(self), **more}
        return urlencode({name: value for name, value in own.items() if value != usual[name]})

    def picks(self, one: Incident, me: str) -> bool:
        """Return whether an alert is asked for."""
        pairs = ((self.kind, one.kind), (self.weight, one.weight), (self.site, one.site))
        if any(wanted and wanted != own for wanted, own in pairs):
            return False
        if (self.owner == "me" and one.owner != me) or (self.owner == "none" and one.owner):
            return False
        return all(word in f"{one.site} {one.unit} {one.kind} {one.about}".lower() for word in self.q.lower().split())


def alerts_asked(
    q: str = "", kind: str = "", weight: str = "", site: str = "", owner: str = "", page: int = 1
) -> AlertQuery:
    """Return what the address asks of the list."""
    return AlertQuery(q[:80], kind, weight, site, owner, max(1, page))


Asked = Annotated[AlertQuery, Depends(alerts_asked)]


class AlertPages:
    """The handlers."""

    def __init__(self, frame: PageContext) -> None:
        self._frame, self._db = frame, frame.people.db

    def _standing_alerts(self, request: Request) -> tuple[Incident, ...]:
        return standing_alerts(self._frame.views, self._db, now_ms(), me(request).sites)

    def _values(self, request: Request, want: AlertQuery) -> dict[str, Any]:
        now, name = now_ms(), me(request).name
        every = self._standing_alerts(request)
        found = [one for one in every if want.picks(one, name)]
        pages = max(1, -(-len(found) // A_PAGE))
        page = min(want.page, pages)
        rows = self._db.rows("SELECT * FROM windows WHERE until_ms > ? ORDER BY from_ms", now)
        work = [row for row in rows if self._is_theirs(me(request), row["scope"])]
        sites = self._frame.views.sites(tuple(me(request).sites))
        people = self._tenders(me(request))
        return {
            "alerts": found[(page - 1) * A_PAGE : page * A_PAGE],
            "want": want,
            "count": len(found),
            "of": len(every),
            "page": page,
            "pages": pages,
            "kinds": sorted({one.kind for one in every}),
            "work": work,
            "sites": sites,
            "people": people,
            "parts": RULE_PARTS,
        }

    def _tenders(self, asks: SignedInUser) -> list[str]:
        """Return the names of those to whom an alert of the person's sites can be given."""
        found = [person for person, off in self._frame.people.accounts.all() if person.can("tend") and not off]
        return [person.name for person in found if not person.sites or any(map(asks.sees, person.sites))]

    def page(self, request: Request, want: Asked) -> HTMLResponse:
        """Return what stands, a page at a time."""
        return self._frame.page(request, "alerts.html", "alerts", **self._values(request, want))

    def part(self, request: Request, want: Asked) -> HTMLResponse:
        """Show the table."""
        return self._frame.page(request, "alerts_part.html", "alerts", **self._values(request, want))

    def duty(self, request: Request, want: Asked) -> HTMLResponse:
        """Show the list to print for the person on duty, of what was asked for: by site; what each kind means and its
        first steps stand once, below.
        """
        found = [
            one
            for one in self._standing_alerts(request)
            if not one.hushed and one.weight != "room" and want.picks(one, me(request).name)
        ]
        by: dict[str, list[Incident]] = {}
        for one in found[:DUTY_ROOM]:
            by.setdefault(one.site, []).append(one)
        kinds = list(dict.fromkeys(one.kind for one in found[:DUTY_ROOM]))
        left = len(found[DUTY_ROOM:])
        return self._frame.page(
            request, "duty.html", "alerts", by=by, kinds=kinds, left=left, parts=RULE_PARTS, at_ms=now_ms()
        )

    def _wall(self, request: Request) -> dict[str, Any]:
        found = [one for one in self._standing_alerts(request) if not one.hushed and one.weight != "room"]
        return {"alerts": found, "room": WALL_ROOM}

    def wall(self, request: Request) -> HTMLResponse:
        """Show a page for a screen on a wall: the counters and what stands, to be read from afar, with the first step
        of each.
        """
        return self._frame.page(request, "wall.html", "alerts", **self._wall(request))

    def wall_part(self, request: Request) -> HTMLResponse:
        """Return what stands."""
        return self._frame.page(request, "wall_part.html", "alerts", **self._wall(request))

    def do(
        self,
        request: Request,
        want: Asked,
        key: Annotated[list[Annotated[str, Field(max_length=300)]], Form(max_length=MOST_PICKED)],
        do: Annotated[Do, Form()],
        owner: Annotated[str, Form(max_length=32)] = "",
        hours: Annotated[int, Form(ge=1, le=LONGEST_H)] = 1,
    ) -> HTMLResponse:
        """Take note, take over (or give to somebody), silence for a while, or say that it has been seen to: of one
        alert or of all that were picked. What is the office's own goes when it has passed, so no one says that.
        """
        person, wanted = must(request, "tend"), frozenset(key)
        found = [one for one in self._standing_alerts(request) if one.key in wanted]
        if not found:
            raise HTTPException(404)
        if do == "dismiss":
            found = [one for one in found if one.book]
            if not found:
                raise HTTPException(400, "it goes when it has passed")
        for one in found:
            about = f"{one.kind} {one.about} {owner}".strip()
            self._frame.people.note(person.name, f"alert.{do}", one.unit or one.site, about)
            if do == "dismiss":
                self._frame.desk.requests.put(OfficeRequest("dismiss", one.unit, one.kind, {"about": one.about}))
        if do != "dismiss":
            with self._db.change() as db:
                for one in found:
                    tend(db, one, **_apply_action(do, person.name, owner, hours))
        return self.part(request, want)

    def work(
        self,
        request: Request,
        want: Asked,
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
        return self.part(request, want)

    def _is_theirs(self, person: SignedInUser, scope: str) -> bool:
        """Return whether there is such a unit or site, and it is theirs to see."""
        unit = self._frame.views.unit(scope, now_ms())
        return person.sees(unit.site if unit else scope) and (unit is not None or scope in self._frame.views.sites())

    def end(self, request: Request, want: Asked, id: Annotated[RowId, Form()]) -> HTMLResponse:
        """End the announced work."""
        person = must(request, "tend")
        found = self._db.rows("SELECT scope FROM windows WHERE id = ?", id)
        if not found or not self._is_theirs(person, found[0]["scope"]):
            raise HTTPException(404)
        with self._db.change() as db:
            db.execute("UPDATE windows SET until_ms = ? WHERE id = ? AND until_ms > ?", (now_ms(), id, now_ms()))
            audit.add(db, now_ms(), person.name, "work.ended", str(id), "")
        return self.part(request, want)

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


def _apply_action(do: Do, who: str, owner: str, hours: int) -> dict[str, Any]:
    match do:
        case "ack":
            return {"acked_by": who}
        case "take":
            return {"acked_by": who, "owner": owner or who}
        case "silence":
            return {"silent_until_ms": now_ms() + hours * HOUR_MS}
        case _:
            return {"silent_until_ms": 0}
