"""The office's read-only interface for other programs, `/api/v1`: JSON, described at `/api/openapi.json`; and its page.

A program sends a token (`Authorization: Bearer …`); a person who is in may look, too. Figures of fewer than five
learners are left out here as on the pages, and nobody is named: there is no learner in any answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, Form, Query, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field
from starlette.routing import BaseRoute

from kiosk_firmware.office.accounts.errors import ActRefusedError
from kiosk_firmware.office.fleet.roster import Roster, RosterQuery, choose_units
from kiosk_firmware.office.learning.learning_sums import DAY_MS
from kiosk_firmware.office.learning.statistics import Sums
from kiosk_firmware.office.web.access_control import API, me, must, shown_sites
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.system.utc_clock import utc_ms as now_ms

VERSION = "1"
MOST = 1000
Site = Annotated[str, Query(max_length=64, description="only this site; all that the token may see without it")]
Page = Annotated[int, Query(ge=1, le=1_000_000, description=f"of {MOST} rows each")]


class UnitAnswer(BaseModel):
    """A unit. Instants are UTC milliseconds; 0 where there was none."""

    unit: str
    site: str
    place: str
    kind: str
    version: str
    state: str = Field(description="degraded, offline, never, updating, online or asleep")
    machine: str = Field(description="of the run that goes on; empty between runs")
    seen_ms: int
    first_ms: int
    lost: int = Field(description="facts that will never come")
    alerts: list[str]


class SiteAnswer(BaseModel):
    """A site and how many of its units are how."""

    site: str
    name: dict[str, str]
    units: dict[str, int]


class AlertAnswer(BaseModel):
    """An alert that stands against a unit."""

    unit: str
    kind: str
    about: str
    opened_ms: int


class LessonAnswer(BaseModel):
    """A lesson and what learners did in it; lessons of fewer than five learners are left out."""

    machine: str
    lesson: str
    learners: int
    alone: int
    mastered: int
    runs: int
    done: int
    unaided: int


class CompletenessAnswer(BaseModel):
    """The sums of what units told, by whether it is here."""

    accounted_for: int
    lost: int
    under_way: int = Field(description="missing for less than ten minutes")


class MachineApi:
    """The handlers."""

    def __init__(self, frame: PageContext, roster: Roster) -> None:
        self._frame, self._roster = frame, roster
        self._routes: list[BaseRoute] = []

    def units(self, request: Request, site: Site = "", page: Page = 1) -> list[UnitAnswer]:
        """List units by name."""
        seats = self._roster.look(now_ms(), self._sites(request, site))
        found = choose_units(seats, RosterQuery(sort="unit"))[(page - 1) * MOST : page * MOST]
        return [
            UnitAnswer(
                unit=one.unit,
                site=one.site,
                place=one.place,
                kind=one.kind,
                version=one.fw,
                state=one.state,
                machine=one.machine,
                seen_ms=one.seen_ms,
                first_ms=one.first_ms,
                lost=one.lost,
                alerts=[f"{alert.kind}:{alert.about}" for alert in one.alerts],
            )
            for one in found
        ]

    def sites(self, request: Request) -> list[SiteAnswer]:
        """List sites by id, with how many of their units are how."""
        by: dict[str, dict[str, int]] = {}
        for seat in self._roster.look(now_ms(), me(request).sites):
            counts = by.setdefault(seat.site, {})
            counts[seat.state] = counts.get(seat.state, 0) + 1
        names = self._frame.renderer.names.sites
        return [SiteAnswer(site=site, name=dict(names.get(site, {})), units=by[site]) for site in sorted(by)]

    def alerts(self, request: Request, site: Site = "", page: Page = 1) -> list[AlertAnswer]:
        """List what stands against units, newest first."""
        found = self._frame.views.alerts(self._sites(request, site))[(page - 1) * MOST : page * MOST]
        return [AlertAnswer(unit=one.unit, kind=one.kind, about=one.about, opened_ms=one.opened_ms) for one in found]

    def learning(
        self, request: Request, site: Site = "", days: Annotated[int, Query(ge=1, le=3650)] = 90
    ) -> list[LessonAnswer]:
        """List what learners did in each lesson in the last days."""
        sums = Sums(self._frame.views, now_ms() - days * DAY_MS, self._sites(request, site))
        return [
            LessonAnswer(
                machine=row.machine,
                lesson=row.lesson,
                learners=row.learners,
                alone=row.alone.k,
                mastered=row.mastered.k,
                runs=row.runs,
                done=row.done.k,
                unaided=row.unaided.k,
            )
            for row in sums.lessons()
            if not row.few
        ]

    def completeness(self, request: Request, site: Site = "") -> CompletenessAnswer:
        """Say whether anything that units told is missing."""
        found = self._frame.views.counters(now_ms(), self._sites(request, site))
        return CompletenessAnswer(accounted_for=found.checked, lost=found.lost, under_way=found.under_way)

    def _answers(self) -> tuple[Callable[..., Any], ...]:
        return self.units, self.sites, self.alerts, self.learning, self.completeness

    def _sites(self, request: Request, site: str) -> tuple[str, ...]:
        must(request, "see")
        return shown_sites(request, site)

    # -- the description, and the page

    def described(self, request: Request) -> JSONResponse:
        """Return the interface's own description, OpenAPI 3."""
        must(request, "see")
        made = get_openapi(title="Training kiosk office", version=VERSION, description=__doc__, routes=self._routes)
        made.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        made["security"] = [{"token": []}]
        return JSONResponse(made)

    def page(self, request: Request) -> HTMLResponse:
        """Return what programs may read, and by which tokens."""
        must(request, "manage")
        return self._page(request, "api.html")

    def _page(self, request: Request, template: str, **more: str) -> HTMLResponse:
        person = me(request)
        values: dict[str, Any] = {
            "tokens": self._frame.people.tokens.of(person),
            "addresses": [f"{API}/{handler.__name__}" for handler in self._answers()],
            "sites": self._frame.views.sites(tuple(person.sites)),
            "base": str(request.base_url).rstrip("/"),
        }
        return self._frame.page(request, template, "api", **{"wrong": "", "token": "", **values, **more})

    def make(
        self, request: Request, name: Annotated[str, Form(max_length=64)], sites: Annotated[str, Form()] = ""
    ) -> HTMLResponse:
        """Make a token; it is shown this once."""
        person = must(request, "manage")
        own = tuple(filter(None, (one.strip() for one in sites.split(","))))
        try:
            return self._page(request, "api_part.html", token=self._frame.people.tokens.make(person, name.strip(), own))
        except ActRefusedError as error:
            return self._page(request, "api_part.html", wrong=str(error))

    def shut(self, request: Request, name: Annotated[str, Form(max_length=64)]) -> HTMLResponse:
        """Close a token."""
        person = must(request, "manage")
        try:
            self._frame.people.tokens.shut(person, name)
        except ActRefusedError as error:
            return self._page(request, "api_part.html", wrong=str(error))
        return self._page(request, "api_part.html")

    def mount(self, app: FastAPI) -> None:
        """Give all of it its addresses."""
        for handler in self._answers():
            app.get(f"{API}/{handler.__name__}")(handler)
            self._routes.append(app.routes[-1])
        app.get("/api/openapi.json", response_model=None)(self.described)
        app.get("/api", response_model=None)(self.page)
        app.post("/api/make", response_model=None)(self.make)
        app.post("/api/shut", response_model=None)(self.shut)
