"""The fleet's pages: counters, the table a page at a time, saved views, sites with their hours, and the table as CSV.

All of it is answered from the roster in memory; a page of the table holds fifty units, however many there are.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from fastapi import Depends, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, Response

from kiosk_firmware.office.fleet.roster import MOODS, Roster, RosterQuery, UnitState, choose_units
from kiosk_firmware.office.learning.recent_changes import is_first, is_gone, practice, since_yesterday, site_lines
from kiosk_firmware.office.settings import Site, is_awake
from kiosk_firmware.office.web.access_control import me, must, shown_sites
from kiosk_firmware.office.web.csv_cells import plain
from kiosk_firmware.office.web.page_context import PageContext, language_of
from kiosk_firmware.system.utc_clock import utc_ms as now_ms

A_PAGE = 50
SiteRow = tuple[str, Counter[str], Site | None, bool]
"""A site, its units by state, its settings, whether it is within its hours."""
COLUMNS = (
    "unit",
    "site",
    "place",
    "kind",
    "state",
    "machine",
    "fw",
    "seen_ms",
    "backlog",
    "oldest_s",
    "temp_c",
    "disk_free",
    "clock",
    "certificate_until_ms",
    "lost",
    "alerts",
)


def wanted_of(
    q: str = "",
    state: str = "",
    site: str = "",
    kind: str = "",
    version: str = "",
    alert: str = "",
    sort: str = "state",
    down: int = 0,
    page: int = 1,
    lately: Literal["", "gone", "first"] = "",
) -> RosterQuery:
    """Return what the address asks of the table."""
    return RosterQuery(q[:80], state, site, kind, version, alert, lately, sort, down, max(1, page))


Asked = Annotated[RosterQuery, Depends(wanted_of)]


class FleetPages:
    """The handlers."""

    def __init__(self, frame: PageContext, roster: Roster) -> None:
        self._frame, self._roster, self._settings = frame, roster, roster.settings

    def _values(self, request: Request, want: RosterQuery, seats: list[UnitState]) -> dict[str, Any]:
        now = now_ms()
        found = _filter_units(seats, want, self._until() if want.lately else now)
        pages = max(1, -(-len(found) // A_PAGE))
        page = min(want.page, pages)
        shown = found[(page - 1) * A_PAGE : page * A_PAGE]
        return {
            "want": want,
            "units": shown,
            "count": len(found),
            "of": len(seats),
            "page": page,
            "pages": pages,
            "link": lambda **more: _address(want, more),
            "moods": MOODS,
            "lessons": self._frame.views.going([(seat.unit, seat.run) for seat in shown if seat.run]),
            **self._counts(request, seats, now, want.site),
        }

    def _counts(self, request: Request, seats: list[UnitState], now: int, site: str) -> dict[str, Any]:
        """Return the counters of all of the person's units, or of one site of theirs."""
        own = [seat for seat in seats if site in ("", seat.site)]
        return {
            "c": self._frame.views.counters(now, shown_sites(request, site)),
            "states": Counter(seat.state for seat in own),
            "site": site,
        }

    def _until(self) -> int:
        """Return now; of a sample, when its past ends."""
        now = now_ms()
        return min(now, self._frame.views.sample_until() or now)

    def _lately(self, request: Request, seats: list[UnitState], site: str) -> dict[str, Any]:
        """Return the trend of the last weeks, and what changed since a day ago."""
        now, sites, views = self._until(), shown_sites(request, site), self._frame.views
        own = [seat for seat in seats if site in ("", seat.site)]
        return {"days": practice(views, sites, now), "since": since_yesterday(views, own, sites, now)}

    def fleet(self, request: Request, want: Asked) -> HTMLResponse:
        """Show the whole page."""
        seats = self._roster.look(now_ms(), me(request).sites)
        values = self._values(request, want, seats)
        choices = {name: sorted({getattr(seat, name) for seat in seats} - {""}) for name in ("site", "kind", "fw")}
        values |= {"saved": self._saved_filters(request), "choices": choices, **self._lately(request, seats, want.site)}
        return self._frame.page(request, "fleet.html", "fleet", **values)

    def part(self, request: Request, want: Asked) -> HTMLResponse:
        """Show the table."""
        seats = self._roster.look(now_ms(), me(request).sites)
        return self._frame.page(request, "fleet_part.html", "fleet", **self._values(request, want, seats))

    def cards(self, request: Request, site: str = "") -> HTMLResponse:
        """Show the counters."""
        now = now_ms()
        seats = self._roster.look(now, me(request).sites)
        return self._frame.page(request, "cards_part.html", "fleet", **self._counts(request, seats, now, site))

    def table(self, request: Request, want: Asked) -> Response:
        """Return what the table would show, all pages of it, as CSV. Written down: who took how many rows."""
        person = must(request, "export")
        found = _filter_units(self._roster.look(now_ms(), person.sites), want, self._until())
        self._frame.people.note(person.name, "exported", "fleet.csv", f"{len(found)} rows {_query(want)}".strip())
        out = io.StringIO()
        rows = csv.writer(out)
        rows.writerow(COLUMNS)
        rows.writerows(plain(_row(seat)) for seat in found)
        name = {"Content-Disposition": 'attachment; filename="fleet.csv"'}
        return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=name)

    def sites(
        self, request: Request, q: str = "", only: Literal["", "ill", "asleep"] = "", page: int = 1
    ) -> HTMLResponse:
        """Show sites with their hours, and how many of their units are how: those whose name or id has all words of
        `q`; `only` those with units offline or degraded (`ill`), or outside their hours.
        """
        now = now_ms()
        by: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for seat in self._roster.look(now, me(request).sites):
            by[seat.site][seat.state] += 1
        rows: list[SiteRow] = [
            (site, by[site], self._settings.sites.get(site), is_awake(self._settings.sites.get(site), now))
            for site in sorted(by)
        ]
        found = [row for row in rows if self._is_asked(request, row, q, only)]
        pages = max(1, -(-len(found) // A_PAGE))
        page = max(1, min(page, pages))
        shown = found[(page - 1) * A_PAGE : page * A_PAGE]
        want: dict[str, Any] = {
            "q": q[:80],
            "only": only,
            "page": page,
            "pages": pages,
            "count": len(found),
            "of": len(rows),
        }
        lines = site_lines(self._frame.views, [row[0] for row in found], self._until())
        return self._frame.page(
            request, "sites.html", "sites", rows=shown, moods=MOODS, tiles=found, lines=lines, **want
        )

    def _is_asked(self, request: Request, row: SiteRow, q: str, only: str) -> bool:
        site, counts, _, awake = row
        if (only == "ill" and not counts["offline"] + counts["degraded"]) or (only == "asleep" and awake):
            return False
        text = f"{site} {self._frame.renderer.names.site(site, language_of(request))}".lower()
        return all(word in text for word in q[:80].lower().split())

    def _saved_filters(self, request: Request) -> list[tuple[str, str]]:
        rows = self._frame.people.db.rows("SELECT name, query FROM saved WHERE who = ? ORDER BY name", me(request).name)
        return [(row["name"], row["query"]) for row in rows]

    def save(
        self, request: Request, name: Annotated[str, Form(max_length=40)], query: Annotated[str, Form()] = ""
    ) -> Response:
        """Keep a view under a name; an empty query lets go of it."""
        who = me(request).name
        with self._frame.people.db.change() as db:
            db.execute("DELETE FROM saved WHERE who = ? AND name = ?", (who, name.strip()))
            if query:
                db.execute("INSERT INTO saved(who, name, query) VALUES(?, ?, ?)", (who, name.strip(), query[:400]))
        return Response(status_code=204, headers={"HX-Refresh": "true"})

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        for path, handler in (("/", self.fleet), ("/fleet/part", self.part), ("/fleet.csv", self.table)):
            app.get(path, response_model=None)(handler)
        app.get("/fleet/cards", response_model=None)(self.cards)
        app.get("/sites", response_model=None)(self.sites)
        app.post("/fleet/save", response_model=None)(self.save)


def _filter_units(seats: list[UnitState], want: RosterQuery, now: int) -> list[UnitState]:
    """Return the rows of the table, also those that something befell of late."""
    test = {"gone": is_gone, "first": is_first}.get(want.lately)
    return choose_units([seat for seat in seats if test(seat, now)] if test else seats, want)


def _query(want: RosterQuery) -> str:
    """Return the view as an address's query, without what is usual."""
    usual = msgspec.structs.asdict(RosterQuery())
    return urlencode({name: value for name, value in msgspec.structs.asdict(want).items() if value != usual[name]})


def _address(want: RosterQuery, more: dict[str, Any]) -> str:
    return _query(msgspec.structs.replace(want, **more))


def _row(seat: UnitState) -> list[Any]:
    h = seat.health
    figures = [h.spool_depth, h.spool_oldest_s, h.temp_c, h.disk_free, h.timeq] if h else [""] * 5
    alerts = " ".join(f"{alert.kind}:{alert.about}" for alert in seat.alerts)
    own = [seat.unit, seat.site, seat.place, seat.kind, seat.state, seat.machine, seat.fw, seat.seen_ms]
    return [*own, *figures, seat.until_ms or "", seat.lost, alerts]
