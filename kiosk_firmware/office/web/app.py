"""The office's web application: pages, their fresh parts, the live glass, and a stream that says when something
changed.

It only reads the collector's database; what a person wants goes to the collector as a wish. It answers to its own name
only, and to whoever has come in (`access`). No page asks anything of another server.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from importlib import resources
from typing import Annotated, Any

from fastapi import FastAPI, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from sse_starlette import EventSourceResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from kiosk_firmware.office.fleet.roster import Roster
from kiosk_firmware.office.lessons.lesson_editor import LessonEditor
from kiosk_firmware.office.liveness import PATH, hashing_moves
from kiosk_firmware.office.shared_state import BOARD, EVERYBODY, FLEET, OfficeRequest
from kiosk_firmware.office.visit_calls.signalling_hub import CallHub
from kiosk_firmware.office.web.access_control import Access, DoorPages, me, shown_sites
from kiosk_firmware.office.web.accounts import PeoplePages
from kiosk_firmware.office.web.alerts import AlertPages
from kiosk_firmware.office.web.class_board import BoardPages
from kiosk_firmware.office.web.demo_glass import DemoGlass
from kiosk_firmware.office.web.error_pages import ErrorPages
from kiosk_firmware.office.web.family_station import StationPages
from kiosk_firmware.office.web.fleet import FleetPages
from kiosk_firmware.office.web.help import HelpPages
from kiosk_firmware.office.web.learning import LearningPages
from kiosk_firmware.office.web.lessons import LessonPages
from kiosk_firmware.office.web.machine_api import MachineApi
from kiosk_firmware.office.web.office_state import OfficePages
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.office.web.render import LANGUAGES
from kiosk_firmware.office.web.static_files import StaticPages
from kiosk_firmware.office.web.unit_configs import ConfigPages
from kiosk_firmware.office.web.units import UnitPages
from kiosk_firmware.office.web.updates import UpdatePages
from kiosk_firmware.office.web.visit_signalling import SignalPages
from kiosk_firmware.office.web.visits import VisitPages
from kiosk_firmware.system.utc_clock import utc_ms as now_ms

WATCH_MS = 30_000
"""How long a watch stands; an open page renews it every 15 s."""
PACE_S = 0.4
LAST_UPDATE = "SELECT * FROM updates WHERE unit = ? ORDER BY at_ms DESC LIMIT 1"
OWN = ["127.0.0.1", "localhost", "testserver"]


class Pages:
    """The handlers; each renders a moment's picture of the database."""

    def __init__(self, frame: PageContext) -> None:
        self._frame, self._desk, self._views = frame, frame.desk, frame.views
        self.page = frame.page

    def _unit(self, request: Request, unit: str) -> dict[str, Any]:
        now = now_ms()
        row = self._frame.unit(request, unit)
        return {
            "u": row,
            "run": self._views.run(unit, row.run) if row.run else None,
            "devices": self._views.devices(unit),
            "runs": self._views.runs(now, unit, limit=100),
            "facts": self._views.facts(unit),
            "picture": self._desk.picture(unit),
            "update": next(iter(self._views.rows(LAST_UPDATE, unit)), None),
        }

    def unit(self, request: Request, unit: str) -> HTMLResponse:
        """Show one unit: what it does now, its glass, its devices, what happened."""
        try:
            values = self._unit(request, unit)
        except HTTPException:
            page = self.page(request, "nowhere.html", "fleet", unit=unit)
            page.status_code = 404
            return page
        return self.page(request, "unit.html", "fleet", unit, **values)

    def unit_part(self, request: Request, unit: str) -> HTMLResponse:
        """Show the unit's state."""
        return self.page(request, "unit_part.html", "fleet", unit, **self._unit(request, unit))

    def unit_more(self, request: Request, unit: str) -> HTMLResponse:
        """Show the unit's runs and facts."""
        return self.page(request, "unit_more.html", "fleet", unit, **self._unit(request, unit))

    def unit_glass(self, request: Request, unit: str) -> HTMLResponse:
        """Show the frame of the newest picture."""
        return self.page(request, "glass_part.html", "fleet", unit, **self._unit(request, unit))

    def picture(self, request: Request, unit: str) -> Response:
        """Return the newest picture itself."""
        self._frame.unit(request, unit)
        picture = self._desk.picture(unit)
        if picture is None:
            raise HTTPException(404)
        return Response(picture.jpeg, media_type="image/jpeg")

    def watch(self, request: Request, unit: str, first: Annotated[int, Form()] = 0) -> Response:
        """Note that somebody looks: ask the unit for pictures for a while. That they began to is written down."""
        self._frame.unit(request, unit)
        if first:
            self._frame.people.note(me(request).name, "glass.watched", unit)
        self._desk.requests.put(OfficeRequest("watch", unit, ttl_ms=WATCH_MS))
        return Response(status_code=204)

    def runs(self, request: Request, site: str = "") -> HTMLResponse:
        """Show today's runs of all units, or of a site's."""
        return self.page(request, "runs.html", "runs", runs=self._runs(request, site), site=site)

    def runs_part(self, request: Request, site: str = "") -> HTMLResponse:
        """Show the table of today's runs."""
        return self.page(request, "runs_part.html", "runs", runs=self._runs(request, site), site=site)

    def _runs(self, request: Request, site: str) -> Any:
        return self._views.runs(now_ms(), only=shown_sites(request, site))

    def alive(self) -> Response:
        """Return whether a request comes all the way: a worker's thread, the books, and nobody at the door waits for
        ever.
        """
        self._views.rows("SELECT 1 AS one")
        return Response(status_code=204 if hashing_moves() else 503)

    def language(self, name: str, back: str = "/") -> Response:
        """Choose the language of the pages, and go back to the one that was open."""
        if name not in LANGUAGES:
            raise HTTPException(404)
        there = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
        answer = RedirectResponse(there, 303)
        answer.set_cookie("language", name, max_age=365 * 86_400, httponly=True, samesite="strict")
        return answer

    def events(self, request: Request, topic: Annotated[str, Query(max_length=64)] = FLEET) -> EventSourceResponse:
        """Return what changed: `news` of the topic, `glass` of the unit. Both at once on connecting: something may be
        missed. Of sites that are not theirs nobody learns even that something happened there.
        """
        return EventSourceResponse(
            self._stream({"news": self._visible_topics(request, topic), "glass": (f"glass:{topic}",)})
        )

    def _visible_topics(self, request: Request, topic: str) -> tuple[str, ...]:
        """Return what is news of a topic for whoever asks. Raises HTTPException: no unit of theirs is called so."""
        if topic not in (FLEET, BOARD):
            return (self._frame.unit(request, topic).unit,)
        person = me(request)
        if person.can("see") and not person.sites:
            return (topic,)
        units = self._views.unit_ids(person.sites) if person.can("see") else ()
        return EVERYBODY, *units, *(f"{BOARD}:{unit}" for unit in units if topic == BOARD)

    async def _stream(self, topics: dict[str, tuple[str, ...]]) -> AsyncIterator[dict[str, str]]:
        seen = dict.fromkeys(topics, -1)
        while True:
            for event, names in topics.items():
                count = self._desk.sum(names)
                if count != seen[event]:
                    seen[event] = count
                    yield {"event": event, "data": str(count)}
            await asyncio.sleep(PACE_S)


def build(
    frame: PageContext,
    roster: Roster,
    authoring: LessonEditor | None = None,
    hosts: tuple[str, ...] = (),
    hub: CallHub | None = None,
    demo: DemoGlass | None = None,
) -> FastAPI:
    """Build the application; with `authoring`, lessons can be written on it. `hosts`: names it answers to beside
    loopback's. `hub`: of real visits; None beside the office that has them. `demo`: a demo's window, that takes
    presses.
    """
    app = FastAPI(title="Training kiosk office", docs_url=None, redoc_url=None, openapi_url=None)
    _mount(app, Pages(frame))
    DoorPages(frame.people, frame.bare).mount(app)
    for room in (
        FleetPages(frame, roster),
        BoardPages(frame),
        UnitPages(frame),
        PeoplePages(frame),
        LearningPages(frame),
        AlertPages(frame),
        ConfigPages(frame),
        UpdatePages(frame),
        HelpPages(frame),
        MachineApi(frame, roster),
        OfficePages(frame, roster.settings),
    ):
        room.mount(app)
    if authoring is not None:
        LessonPages(authoring, frame).mount(app)
    frame.hub = hub
    if hub is not None:
        for pages in (VisitPages(frame, hub), StationPages(frame, hub), SignalPages(frame.people, hub)):
            pages.mount(app)
    if demo is not None:
        frame.demo_unit = demo.unit
        demo.mount(app)
    app.mount("/static", StaticPages())
    app.mount("/fonts", StaticFiles(directory=str(resources.files("screens").joinpath("fonts"))))
    ErrorPages(frame).mount(app)
    app.middleware("http")(Access(frame.people).guard)
    # Event streams are left alone. That a page's size tells of its secrets (BREACH) needs a request from elsewhere with
    # the session's cookie, which is SameSite=Strict.
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*OWN, *hosts])
    return app


def _mount(app: FastAPI, pages: Pages) -> None:
    for path, page in (
        ("/runs", pages.runs),
        ("/runs/part", pages.runs_part),
        ("/events", pages.events),
        (PATH, pages.alive),
        ("/language/{name}", pages.language),
        ("/units/{unit}", pages.unit),
        ("/units/{unit}/part", pages.unit_part),
        ("/units/{unit}/more", pages.unit_more),
        ("/units/{unit}/glass", pages.unit_glass),
        ("/units/{unit}/glass.jpg", pages.picture),
    ):
        app.get(path, response_model=None)(page)
    app.post("/units/{unit}/watch", response_model=None)(pages.watch)
