"""The pages on which a teacher who does not program writes a lesson: choose, try, see the steps, keep, send.

Nothing is kept that was not checked and shown step by step. A lesson that was kept can be sent to the units that have
its machine, or carried there as a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from kiosk_firmware.office.lessons.lesson_editor import LessonEditor
from kiosk_firmware.office.web.access_control import me, must
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.office.web.render import LANGUAGES
from kiosk_firmware.system.utc_clock import utc_ms as now_ms

WEEK_MS = 7 * 86_400_000
"""How long a unit that is away may take to fetch a lesson."""


class LessonPages:
    """The handlers; each page is shown within the office's frame."""

    def __init__(self, authoring: LessonEditor, frame: PageContext) -> None:
        """Nothing is asked yet."""
        self._authoring, self._frame, self._show = authoring, frame, frame.page

    def lessons(self, request: Request) -> HTMLResponse:
        """Return what was kept, and the machines for which a new one can be written."""
        return self._show(request, "lessons.html", "lessons", **self._shelf(""))

    def _shelf(self, sent: str) -> dict[str, Any]:
        return {"kept": self._authoring.kept(), "machines": self._authoring.offer(), "sent": sent}

    def new(self, request: Request, machine: str) -> HTMLResponse:
        """The form for a lesson at that machine."""
        try:
            offer = self._authoring.offer(machine)
        except LookupError:
            raise HTTPException(404) from None
        return self._show(request, "lesson_new.html", "lessons", offer=offer)

    async def tried(self, request: Request) -> HTMLResponse:
        """Try what the form says; keep it where its key was "keep"."""
        must(request, "author")
        form = {name: str(value) for name, value in (await request.form()).items()}
        keep = form.get("do") == "keep"
        try:
            found = await run_in_threadpool(self._authoring.tried, draft_of(form), keep)
        except LookupError as error:
            raise HTTPException(400, str(error)) from error
        return self._show(
            request,
            "lesson_tried.html",
            "lessons",
            found=found,
            kept=keep and bool(found["file"]),
            machine=form.get("machine", ""),
        )

    def file(self, machine: str, name: str) -> Response:
        """A lesson as the file that a unit reads, to be carried there."""
        one = self._authoring.one(machine, name)
        if one is None:
            raise HTTPException(404)
        headers = {"Content-Disposition": f'attachment; filename="{one.id}.toml"'}
        return Response(one.file, media_type="application/toml", headers=headers)

    def send(self, request: Request, machine: Annotated[str, Form()], id: Annotated[str, Form()]) -> HTMLResponse:
        """Send a lesson to the person's units; one without its machine keeps it and has no use for it."""
        one = self._authoring.one(machine, id)
        if one is None:
            raise HTTPException(404)
        self._command(request, "lesson.put", {"machine": machine, "file": one.file}, f"{machine}/{id}")
        return self._show(request, "lessons_part.html", "lessons", **self._shelf(one.id))

    def _command(self, request: Request, name: str, args: dict[str, Any], why: str) -> None:
        person = must(request, "author")
        units = [row for row in self._frame.views.units(now_ms()) if me(request).sees(row.site)]
        if units:
            self._frame.command(person, units, name, args, WEEK_MS, why)

    def remove(self, request: Request, machine: Annotated[str, Form()], id: Annotated[str, Form()]) -> HTMLResponse:
        """Take a lesson back, here and at the units."""
        must(request, "author")
        if self._authoring.remove(machine, id):
            self._command(request, "lesson.remove", {"machine": machine, "id": id}, f"{machine}/{id}")
        return self._show(request, "lessons_part.html", "lessons", **self._shelf(""))

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        app.get("/lessons", response_model=None)(self.lessons)
        app.get("/lessons/new/{machine}", response_model=None)(self.new)
        app.get("/lessons/{machine}/{name}.toml", response_model=None)(self.file)
        app.post("/lessons/try", response_model=None)(self.tried)
        app.post("/lessons/send", response_model=None)(self.send)
        app.post("/lessons/remove", response_model=None)(self.remove)


def draft_of(form: Mapping[str, str]) -> dict[str, Any]:
    """Return what the form says, as `kiosk lessons try` reads it: boxes `reach.FACT` and `avoid.FACT`, values
    `value.FACT`.
    """
    reach = [name.removeprefix("reach.") for name in form if name.startswith("reach.")]
    level = form.get("level", "2")
    return {
        "machine": form.get("machine", ""),
        "reach": {name: form.get(f"value.{name}", "").strip() for name in reach},
        "avoid": [name.removeprefix("avoid.") for name in form if name.startswith("avoid.")],
        "texts": {
            language: {part: form.get(f"{part}.{language}", "").strip() for part in ("title", "task")}
            for language in LANGUAGES
        },
        "level": int(level) if level.isdecimal() else 2,
        "person": form.get("person", "default"),
        "skin": form.get("skin", ""),
        "fault": form.get("fault", ""),
        "scene": form.get("scene", ""),
    }
