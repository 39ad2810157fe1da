"""The class board's pages: tiles that follow the room, the teacher's keys, and the sheet at the end of the class.

A key is for one unit or for all of the room. What is stopped or set is written down with the teacher's name before it
is sent. Commands of a class expire with it, so that nothing strikes the next one; only "go on" waits for a unit that is
away.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from kiosk_firmware.core.faults import FAULTS
from kiosk_firmware.office.accounts import audit
from kiosk_firmware.office.accounts.accounts import SignedInUser
from kiosk_firmware.office.learning.class_board import ClassTile, last_command, machines_of, sheet, tiles
from kiosk_firmware.office.learning.classroom_seating import COLUMNS, SeatPlans, plan_of
from kiosk_firmware.office.learning.learner_progress import lesson_stages, mastered_counts
from kiosk_firmware.office.lessons.lesson_owners import LessonOwners
from kiosk_firmware.office.shared_state import BOARD, OfficeRequest
from kiosk_firmware.office.web.access_control import me, must
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.system.utc_clock import utc_ms as now_ms

MINUTE_MS = 60_000
CLASS_MS = 120 * MINUTE_MS
PACES = ("", "calm", "gentle", "real")
WATCH_MS = 30_000
"""How long a watch of the room stands; an open board renews it every 15 s."""
SAME_MS = 20
"""What came so lately is sent again: another picture of that instant may not have been there yet."""
Act = Literal["stop", "go", "task", "next", "show", "clear", "fault", "pace", "answered", "park", "end"]


class BoardPages:
    """The handlers."""

    def __init__(self, frame: PageContext) -> None:
        self._frame, self._owners = frame, LessonOwners(frame.people.db)
        self._seats = SeatPlans(frame.people.db)
        self._watches: dict[str, tuple[int, int]] = {}
        """By site: since when somebody watches the room without a gap, and when they last said so. Pictures of before
        are not shown.
        """

    def _site(self, request: Request, site: str) -> str:
        """Return the room that is looked at: the wanted one, else the person's first.

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

    async def board(self, request: Request, site: str = "", lesson: str = "") -> HTMLResponse:
        """Show the whole board; `lesson`: machine and id of the one that is chosen at first."""
        site = self._site(request, site)
        values = await self._values(request, site)
        can = machines_of(self._frame.views, values["units"])
        return self._frame.page(
            request,
            "board.html",
            "board",
            BOARD,
            sites=self._frame.views.sites(tuple(me(request).sites)),
            lessons=self._lessons(request, can),
            can=can,
            chosen=lesson,
            faults=FAULTS,
            paces=PACES,
            **values,
        )

    def _lessons(self, request: Request, can: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Return the lessons by machine that somebody here can do; all, where no unit has said yet what it has."""
        hidden, here = self._owners.hidden_from(me(request)), {machine for one in can.values() for machine in one}
        lessons: dict[str, list[str]] = {}
        for name in sorted(self._frame.renderer.names.lessons):
            machine, _, lesson = name.partition("/")
            if (machine, lesson) not in hidden and (machine in here or not here):
                lessons.setdefault(machine, []).append(lesson)
        return lessons

    async def part(self, request: Request, site: str = "") -> HTMLResponse:
        """Show the tiles."""
        values = await self._values(request, self._site(request, site))
        return self._frame.page(request, "board_part.html", "board", BOARD, **values)

    async def _values(self, request: Request, site: str) -> dict[str, Any]:
        views = self._frame.views
        made = tiles(views.units(now_ms(), site=site), self._frame.desk.present, now_ms())
        await run_in_threadpool(self._frame.numbers.find, [tile.now.learner for tile in made])
        parked = self._frame.people.db.rows("SELECT learner FROM parked WHERE site = ?", site)
        plan = self._seats.of(site)
        by = {tile.unit: tile for tile in made}
        return {
            "site": site,
            "tiles": made,
            "units": sorted(by),
            "seats": [by.get(unit) for unit in plan.of(list(by)).seats] if plan.columns else made,
            "columns": plan.columns,
            "last": last_command(views, site, now_ms()),
            "parked": [row["learner"] for row in parked],
            "owns_place": self._owns_place(me(request)),
            **(self._marks(site, made) if me(request).can("learner") else {"learnt": {}, "stages": {}}),
        }

    def _marks(self, site: str, made: Sequence[ClassTile]) -> dict[str, Any]:
        """Return how many lessons each learner here has mastered, and how far they are with the one they are at."""
        at = {tile.now.learner: (tile.now.machine, tile.now.lesson) for tile in made if tile.now.learner}
        at.pop("guest", None)
        views = self._frame.views
        return {"learnt": mastered_counts(views, site, list(at)), "stages": lesson_stages(views, site, at)}

    def glasses(self, request: Request, site: str = "", since: int = 0) -> JSONResponse:
        """Return the room's pictures that came after an instant, in one answer: a board asks once a second."""
        site, now = self._site(request, site), now_ms()
        found, newest = {}, since
        began, _ = self._watches.get(site, (now, 0))
        for row in self._frame.views.rows("SELECT unit FROM units WHERE site = ?", site):
            picture = self._frame.desk.picture(str(row["unit"]))
            if picture is not None and picture.heard_ms > since and picture.heard_ms >= began:
                found[row["unit"]] = f"data:image/jpeg;base64,{base64.b64encode(picture.jpeg).decode()}"
                newest = max(newest, picture.heard_ms)
        return JSONResponse({"at": max(since, min(newest, now - SAME_MS)), "glasses": found})

    def watch(self, request: Request, site: Annotated[str, Form()], first: Annotated[int, Form()] = 0) -> Response:
        """Ask the room's units for pictures for a while. That somebody began to look is written down."""
        site, now = self._site(request, site), now_ms()
        if first:
            self._frame.people.note(me(request).name, "glass.watched", site)
        began, last = self._watches.get(site, (now, 0))
        self._watches[site] = (began if now - last < WATCH_MS else now, now)
        for row in self._frame.views.rows("SELECT unit FROM units WHERE site = ? AND online = 1", site):
            self._frame.desk.requests.put(OfficeRequest("watch", str(row["unit"]), ttl_ms=WATCH_MS))
        return Response(status_code=204)

    def arrange(self, request: Request, site: str = "") -> HTMLResponse:
        """Show the page on which a teacher puts units where they stand in the room."""
        must(request, "teach")
        site = self._site(request, site)
        rows = self._frame.views.rows("SELECT unit FROM units WHERE site = ? ORDER BY unit", site)
        plan = self._seats.of(site).of([str(row["unit"]) for row in rows])
        free = -len(plan.seats) % plan.columns + plan.columns
        seats = [*plan.seats, *[""] * free]
        return self._frame.page(request, "seats.html", "board", site=site, plan=plan, seats=seats, choices=COLUMNS)

    def seat(
        self,
        request: Request,
        site: Annotated[str, Form()],
        columns: Annotated[int, Form()] = 0,
        seats: Annotated[str, Form(max_length=40_000)] = "",
    ) -> Response:
        """Keep where the units of a room stand."""
        person = must(request, "teach", site)
        units = [str(row["unit"]) for row in self._frame.views.rows("SELECT unit FROM units WHERE site = ?", site)]
        if not units:
            raise HTTPException(404)
        try:
            plan = plan_of(columns, seats, units)
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        self._seats.keep(person, site, plan, now_ms())
        return RedirectResponse(f"/board?site={site}", 303)

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
        """Do one of the teacher's keys, for one unit or (empty) for the whole room."""
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
        """Take the board's place at the broker back: another computer came there in its name."""
        person = must(request, "teach")
        if not self._owns_place(person):
            raise HTTPException(403, f"{person.role}: the place at the broker is other sites', too")
        self._frame.people.note(person.name, "board.retaken", "board")
        self._frame.desk.requests.put(OfficeRequest("retake", ""))
        return Response(status_code=204)

    def _owns_place(self, person: SignedInUser) -> bool:
        """Return whether all sites of this board, and so its place at the broker, are theirs."""
        return all(map(person.sees, self._frame.views.sites()))

    def _park(self, person: SignedInUser, site: str, units: list[str]) -> None:
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
        """Show the class's sheet, to be printed and signed."""
        site = self._site(request, site)
        rows = sheet(self._frame.views, site, now_ms())
        return self._frame.page(request, "sheet.html", "board", BOARD, site=site, rows=rows, at_ms=now_ms())

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        app.get("/board", response_model=None)(self.board)
        app.get("/board/part", response_model=None)(self.part)
        app.get("/board/sheet", response_model=None)(self.sheet)
        app.get("/board/glasses.json", response_model=None)(self.glasses)
        app.get("/board/seats", response_model=None)(self.arrange)
        app.post("/board/seats", response_model=None)(self.seat)
        app.post("/board/watch", response_model=None)(self.watch)
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
        case "show" if named:
            return "lesson.show", {"machine": machine, "lesson": named}, MINUTE_MS
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
