"""The pages on which a teacher who does not program writes a lesson: choose, try, see the steps, keep, send.

Nothing is kept that was not checked and shown step by step. A lesson that was kept can be sent to the units that have
its machine, or carried there as a file.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from kiosk_firmware.office.lessons.lesson_deliveries import by_site, deliveries
from kiosk_firmware.office.lessons.lesson_editor import KeptLesson, LessonEditor
from kiosk_firmware.office.lessons.lesson_owners import LessonOwners
from kiosk_firmware.office.web.access_control import me, must
from kiosk_firmware.office.web.page_context import PageContext, language_of
from kiosk_firmware.office.web.render import LANGUAGES
from kiosk_firmware.system.utc_clock import utc_ms as now_ms

WEEK_MS = 7 * 86_400_000
"""How long a unit that is away may take to fetch a lesson."""

DELIVERY_STATES = ("done", "received", "sent", "unended", "failed", "refused", "expired", "never")
"""The columns of a lesson's delivery."""
FONTS = "".join(
    f"@font-face{{font-family:'Noto Sans CJK SC';font-weight:{weight};src:url(/fonts/NotoSansSC-{name}.otf)}}"
    for weight, name in ((400, "Regular"), (700, "Bold"))
)
"""What a sheet is printed in where the teacher's computer has no such font."""


class LessonPages:
    """The handlers; each page is shown within the office's frame."""

    def __init__(self, authoring: LessonEditor, frame: PageContext) -> None:
        self._authoring, self._frame, self._show = authoring, frame, frame.page
        self._owners = LessonOwners(frame.people.db)

    def lessons(self, request: Request) -> HTMLResponse:
        """Return what was kept at the person's sites, and the machines for which a new one can be written."""
        must(request, "author")
        return self._show(request, "lessons.html", "lessons", **self._lesson_list(request, ""))

    def _lesson_list(self, request: Request, sent: str) -> dict[str, Any]:
        person, kept = me(request), self._authoring.kept()
        hidden = self._owners.hidden_from(person)
        seen = [one for one in kept if (one.machine, one.id) not in hidden]
        own = [one for one in seen if self._owners.may_change(person, one.machine, one.id)]
        return {"kept": seen, "own": own, "machines": self._authoring.offer(), "sent": sent}

    def _one(self, request: Request, machine: str, id: str) -> KeptLesson:
        """Return a kept lesson of the person's sites.

        Raises:
            HTTPException: 404, there is none, or none of theirs.
        """
        one = self._authoring.one(machine, id)
        if one is None or not self._owners.may_see(me(request), machine, id):
            raise HTTPException(404)
        return one

    def new(self, request: Request, machine: str) -> HTMLResponse:
        """Show the form for a lesson at that machine."""
        must(request, "author")
        try:
            offer = self._authoring.offer(machine)
        except LookupError:
            raise HTTPException(404) from None
        return self._show(request, "lesson_new.html", "lessons", offer=offer)

    async def tried(self, request: Request) -> HTMLResponse:
        """Try what the form says; keep it where its key was "keep"."""
        must(request, "author")
        form = {name: str(value) for name, value in (await request.form()).items()}
        return await run_in_threadpool(self._try_draft, request, draft_of(form), form.get("do") == "keep")

    def _try_draft(self, request: Request, draft: dict[str, Any], keep: bool) -> HTMLResponse:
        try:
            found, machine = self._authoring.tried(draft), draft["machine"]
            kept = keep and bool(found["file"]) and self._keep_lesson(request, machine, found)
        except LookupError as error:
            raise HTTPException(400, str(error)) from error
        facts = {one["fact"]: one["names"] for one in self._authoring.offer(machine)["reach"]} if found["wrong"] else {}
        values = {"found": found, "kept": kept, "machine": machine, "facts": facts}
        return self._show(request, "lesson_tried.html", "lessons", **values)

    def _keep_lesson(self, request: Request, machine: str, found: dict[str, Any]) -> bool:
        """Keep a right lesson as the person's sites' own, unless one of that id is another site's: then say so."""
        person, id = me(request), found["id"]
        if self._authoring.one(machine, id) and not self._owners.may_change(person, machine, id):
            found["wrong"] = [{"kind": "exists", "line": f"id = {id!r}: allowed is another title"}]
            return False
        self._owners.keep(person, machine, id, now_ms())
        self._authoring.keep(machine, found["file"])
        return True

    def file(self, request: Request, machine: str, name: str) -> Response:
        """Return a lesson as the file that a unit reads, to be carried there."""
        must(request, "author")
        one = self._one(request, machine, name)
        headers = {"Content-Disposition": f'attachment; filename="{one.id}.toml"'}
        return Response(one.file, media_type="application/toml", headers=headers)

    def sheet(self, request: Request, machine: str, lesson: str) -> Response:
        """Show a lesson's take-home sheet, to be printed; its own style is the only one that it may have."""
        must(request, "teach")
        if not self._owners.may_see(me(request), machine, lesson):
            raise HTTPException(404)
        try:
            page = self._authoring.sheet(machine, lesson, language_of(request))
        except LookupError as error:
            raise HTTPException(404, str(error)) from error
        page = page.replace("<style>", f"<style>{FONTS}", 1)
        return HTMLResponse(page, headers={"Content-Security-Policy": _own_style_only(page)})

    def send(self, request: Request, machine: Annotated[str, Form()], id: Annotated[str, Form()]) -> HTMLResponse:
        """Send a lesson to the person's units; one without its machine keeps it and has no use for it."""
        must(request, "author")
        one = self._one(request, machine, id)
        self._command(request, "lesson.put", {"machine": machine, "file": one.file}, f"{machine}/{id}")
        return self._show(request, "lessons_part.html", "lessons", **self._lesson_list(request, one.id))

    def _command(self, request: Request, name: str, args: dict[str, Any], why: str) -> None:
        person = must(request, "author")
        units = [row for row in self._frame.views.units(now_ms()) if me(request).sees(row.site)]
        if units:
            self._frame.command(person, units, name, args, WEEK_MS, why)

    def delivery(self, request: Request, machine: str, name: str, site: str = "") -> HTMLResponse:
        """Return how far a lesson is on its way, by site, or at one site by unit."""
        return self._delivery(request, "delivery.html", machine, name, site)

    def delivery_part(self, request: Request, machine: str, name: str, site: str = "") -> HTMLResponse:
        """Show the lists alone."""
        return self._delivery(request, "delivery_part.html", machine, name, site)

    def _delivery(
        self, request: Request, template: str, machine: str, name: str, site: str, sent: int = 0
    ) -> HTMLResponse:
        person = must(request, "author", site or None)
        one, own = self._one(request, machine, name), (site,) if site else tuple(person.sites)
        found = deliveries(self._frame.views, machine, name, one.file, own, now_ms())
        values: dict[str, Any] = {
            "one": one,
            "site": site,
            "sites": self._frame.views.sites(tuple(person.sites)),
            "sums": by_site(found),
            "units": found if site or len({row.site for row in found}) == 1 else [],
            "states": DELIVERY_STATES,
            "sent": sent,
        }
        return self._show(request, template, "lessons", **values)

    def deliver(
        self,
        request: Request,
        machine: Annotated[str, Form()],
        id: Annotated[str, Form()],
        site: Annotated[str, Form()],
        unit: Annotated[str, Form()] = "",
        back: Annotated[str, Form()] = "",
    ) -> HTMLResponse:
        """Send a lesson to a site's units, or to one of them."""
        person = must(request, "author", site)
        one = self._one(request, machine, id)
        units = [row for row in self._frame.views.units(now_ms(), site=site) if unit in ("", row.unit)]
        if not units:
            raise HTTPException(404)
        args = {"machine": machine, "file": one.file}
        self._frame.command(person, units, "lesson.put", args, WEEK_MS, f"{machine}/{id}")
        return self._delivery(request, "delivery_part.html", machine, id, back, len(units))

    def remove(self, request: Request, machine: Annotated[str, Form()], id: Annotated[str, Form()]) -> HTMLResponse:
        """Take a lesson back, here and at the units."""
        person = must(request, "author")
        self._one(request, machine, id)
        if not self._owners.may_change(person, machine, id):
            raise HTTPException(403, "allowed are people of all sites that the lesson belongs to")
        self._authoring.remove(machine, id)
        self._owners.forget(machine, id)
        self._command(request, "lesson.remove", {"machine": machine, "id": id}, f"{machine}/{id}")
        return self._show(request, "lessons_part.html", "lessons", **self._lesson_list(request, ""))

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        app.get("/lessons", response_model=None)(self.lessons)
        app.get("/lessons/new/{machine}", response_model=None)(self.new)
        app.get("/lessons/{machine}/{name}.toml", response_model=None)(self.file)
        app.get("/sheets/{machine}/{lesson}", response_model=None)(self.sheet)
        app.get("/lessons/{machine}/{name}/delivery", response_model=None)(self.delivery)
        app.get("/lessons/{machine}/{name}/delivery/part", response_model=None)(self.delivery_part)
        app.post("/lessons/deliver", response_model=None)(self.deliver)
        app.post("/lessons/try", response_model=None)(self.tried)
        app.post("/lessons/send", response_model=None)(self.send)
        app.post("/lessons/remove", response_model=None)(self.remove)


def _own_style_only(page: str) -> str:
    """Return the policy that lets a page have the style that stands in it, and our fonts."""
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; font-src 'self'; frame-ancestors 'none'"


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
