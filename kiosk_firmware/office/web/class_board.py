"""The class board's pages: tiles that follow the room, the teacher's keys, and the sheet at the end of the class.

A key is for one unit or for all of the room. What is stopped or set is written down with the teacher's name before it
is sent. Commands of a class expire with it, so that nothing strikes the next one; only "go on" waits for a unit that is
away.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from kiosk_firmware.core.faults import FAULTS
from kiosk_firmware.office.accounts import audit
from kiosk_firmware.office.accounts.accounts import Person
from kiosk_firmware.office.learning.class_board import sheet, tiles
from kiosk_firmware.office.lessons.lesson_owners import LessonOwners
from kiosk_firmware.office.shared_state import BOARD, OfficeRequest
from kiosk_firmware.office.web.access_control import me, must
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.system.utc_clock import utc_ms as now_ms

MINUTE_MS = 60_000
CLASS_MS = 120 * MINUTE_MS
PACES = ("", "calm", "gentle", "real")
Act = Literal["stop", "go", "task", "next", "clear", "fault", "pace", "answered", "park", "end"]


class BoardPages:
    """The handlers."""

    def __init__(self, frame: PageContext) -> None:
        """On what all pages share."""
        self._frame, self._owners = frame, LessonOwners(frame.people.db)

    def _site(self, request: Request, site: str) -> str:
        """The room that is looked at: the wanted one, else the person's first.

        Raises:
            HTTPException: 404, it is none of theirs; 403, they are no teacher.
        """
        must(request, "see")
        sites = self._frame.views.sites(tuple(me(request).sites))
        if not site and sites:
            return sites[0]
        if site and site not in sites:
            raise HTTPException(404)
        return site

    async def board(self, request: Request, site: str = "") -> HTMLResponse:
        """The whole board."""
        site = self._site(request, site)
        values = await self._values(site)
        names, hidden = self._frame.renderer.names, self._owners.hidden_from(me(request))
        lessons: dict[str, list[str]] = {}
        for name in sorted(names.lessons):
            machine, _, lesson = name.partition("/")
            if (machine, lesson) not in hidden:
                lessons.setdefault(machine, []).append(lesson)
        sites = self._frame.views.sites(tuple(me(request).sites))
        return self._frame.page(
            request, "board.html", "board", BOARD, sites=sites, lessons=lessons, faults=FAULTS, paces=PACES, **values
        )

    async def part(self, request: Request, site: str = "") -> HTMLResponse:
        """The tiles."""
        values = await self._values(self._site(request, site))
        return self._frame.page(request, "board_part.html", "board", BOARD, **values)

    async def _values(self, site: str) -> dict[str, Any]:
        units = self._frame.views.units(now_ms(), site=site)
        made = tiles(units, self._frame.desk.present, now_ms())
        await run_in_threadpool(self._frame.numbers.find, [tile.now.learner for tile in made])
        parked = self._frame.people.db.rows("SELECT learner FROM parked WHERE site = ?", site)
        return {"site": site, "tiles": made, "parked": [row["learner"] for row in parked]}

    def do(
        self,
        request: Request,
        act: Annotated[Act, Form()],
        site: Annotated[str, Form()],
        unit: Annotated[str, Form()] = "",
        lesson: Annotated[str, Form()] = "",
        fault: Annotated[str, Form()] = "",
        pace: Annotated[str, Form()] = "",
    ) -> Response:
        """One of the teacher's keys, for one unit or (empty) for the whole room."""
        person = must(request, "teach", site)
        rows = [row for row in self._frame.views.units(now_ms(), site=site) if unit in ("", row.unit)]
        units = [row.unit for row in rows]
        if not units:
            raise HTTPException(404)
        if act == "park":
            self._park(person, site, units)
        else:
            name, args, ttl_ms = _command(act, lesson, fault, pace)
            self._frame.command(person, rows, name, args, ttl_ms, "")
        if act == "answered":
            for row in self._frame.views.alerts():
                if row.unit in units and row.kind == "teacher":
                    self._frame.desk.requests.put(OfficeRequest("dismiss", row.unit, row.kind, {"about": row.about}))
        return Response(status_code=204)

    def retake(self, request: Request) -> Response:
        """Another computer came to the broker in this board's name: take the place back."""
        person = must(request, "teach")
        self._frame.people.note(person.name, "board.retaken", "board")
        self._frame.desk.requests.put(OfficeRequest("retake", ""))
        return Response(status_code=204)

    def _park(self, person: Person, site: str, units: list[str]) -> None:
        """Keep what each learner is at for their next class, and end their turns: all comes back to them now."""
        for unit in units:
            now = self._frame.desk.present(unit)
            if now is None or not now.lesson or now.learner in ("", "guest"):
                continue
            with self._frame.people.db.change() as db:
                row = (site, now.learner, now.machine, now.skin, now.lesson, now_ms(), person.name)
                columns = "site, learner, machine, skin, lesson, at_ms, who"
                db.execute(f"INSERT OR REPLACE INTO parked({columns}) VALUES(?, ?, ?, ?, ?, ?, ?)", row)
                audit.add(db, now_ms(), person.name, "parked", unit, f"{now.learner} {now.machine}/{now.lesson}")
            self._frame.desk.requests.put(OfficeRequest("command", unit, "turn.end", {}, MINUTE_MS))

    def sheet(self, request: Request, site: str = "") -> HTMLResponse:
        """The class's sheet, to be printed and signed."""
        site = self._site(request, site)
        rows = sheet(self._frame.views, site, now_ms())
        return self._frame.page(request, "sheet.html", "board", BOARD, site=site, rows=rows, at_ms=now_ms())

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        app.get("/board", response_model=None)(self.board)
        app.get("/board/part", response_model=None)(self.part)
        app.get("/board/sheet", response_model=None)(self.sheet)
        app.post("/board/do", response_model=None)(self.do)
        app.post("/board/retake", response_model=None)(self.retake)


def _command(act: Act, lesson: str, fault: str, pace: str) -> tuple[str, dict[str, Any], int]:
    """Return what a key sends: the command's name, its arguments, how long it stands.

    Raises:
        HTTPException: 400, it needs a lesson or a fault.
    """
    machine, _, named = lesson.partition("/")
    match act:
        case "stop":
            return "class.stop", {}, MINUTE_MS
        case "go":
            return "class.go", {}, 24 * 60 * MINUTE_MS
        case "task" | "next" if named:
            return "class.tasks", {"tasks": [{"machine": machine, "lesson": named}], "more": act == "next"}, CLASS_MS
        case "clear":
            return "class.tasks", {"tasks": []}, CLASS_MS
        case "fault" if fault in FAULTS:
            return "fault.arm", {"fault": fault}, CLASS_MS
        case "pace" if pace in PACES:
            return "class.pace", {"pace": pace}, CLASS_MS
        case "answered":
            return "teacher.answered", {}, MINUTE_MS
        case "end":
            return "turn.end", {}, MINUTE_MS
        case _:
            raise HTTPException(400)
