"""Show what people learn: figures by lesson, step and skill with their intervals, exports, and one learner's record.

Figures of fewer than five learners are not shown. Every export is written down with its purpose and how many rows it
had; merit and discipline are no purposes. Reading one learner's record is written down with the reader's name.
"""

from __future__ import annotations

import csv
import io
import secrets
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from kiosk_firmware.office.learning import statistics, xapi
from kiosk_firmware.office.learning.learner_progress import progress
from kiosk_firmware.office.learning.learning_sums import DAY_MS
from kiosk_firmware.office.learning.statistics import DICTIONARY, FEW, LessonFigures, Sums
from kiosk_firmware.office.shared_state import OfficeRequest
from kiosk_firmware.office.web.access_control import me, must
from kiosk_firmware.office.web.csv_cells import plain
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.system.utc_clock import utc_ms as now_ms

SPANS = (30, 90, 365, 3650)
Why = Literal["teaching", "research", "system"]
COLUMNS = (
    "machine",
    "lesson",
    "learners",
    "runs",
    "done",
    "unaided",
    "median_s",
    "prompt",
    "slips",
    "pairs",
    "first_unaided",
    "later_unaided",
    "gain",
    "gain_low",
    "gain_high",
)


class LearningPages:
    """The handlers."""

    def __init__(self, frame: PageContext) -> None:
        self._frame = frame

    def _since(self, request: Request, days: int, site: str) -> int:
        """Return the instant from which figures are asked for, in UTC ms.

        Raises:
            HTTPException: 404, the site is none of theirs.
        """
        if site and not me(request).sees(site):
            raise HTTPException(404)
        return now_ms() - (days if days in SPANS else 90) * DAY_MS

    def _sums(self, request: Request, days: int, site: str) -> Sums:
        since = self._since(request, days, site)
        return Sums(self._frame.views, since, tuple(me(request).sites), site)

    def page(self, request: Request, days: int = 90, site: str = "") -> HTMLResponse:
        """Show lessons and skills."""
        sums = self._sums(request, days, site)
        return self._frame.page(
            request,
            "learning.html",
            "learning",
            days=days,
            site=site,
            spans=SPANS,
            few=FEW,
            sites=self._frame.views.sites(tuple(me(request).sites)),
            rows=sums.lessons(),
            skills=sums.skills(),
            weeks=sums.weeks(),
            dictionary=DICTIONARY,
            at_ms=now_ms(),
        )

    def steps(self, request: Request, machine: str, lesson: str, days: int = 90, site: str = "") -> HTMLResponse:
        """Show one lesson, step by step."""
        sums = self._sums(request, days, site)
        return self._frame.page(
            request,
            "steps.html",
            "learning",
            machine=machine,
            lesson=lesson,
            days=days,
            site=site,
            few=FEW,
            steps=sums.steps(machine, lesson),
            weeks=sums.weeks(machine, lesson),
        )

    def table(self, request: Request, days: int = 90, site: str = "") -> Response:
        """Return the lessons' figures as CSV; rows of few learners carry their names only."""
        person = must(request, "export")
        rows = self._sums(request, days, site).lessons()
        self._frame.people.note(person.name, "exported", site or "all", f"learning.csv {len(rows)} rows")
        out = io.StringIO()
        lines = csv.writer(out)
        lines.writerow(COLUMNS)
        lines.writerows(plain(_line(row)) for row in rows)
        name = {"Content-Disposition": 'attachment; filename="learning.csv"'}
        return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=name)

    def statements(
        self,
        request: Request,
        why: Annotated[Why, Form()],
        days: Annotated[int, Form()] = 90,
        site: Annotated[str, Form()] = "",
    ) -> Response:
        """Return runs as xAPI statements with the cmi5 profile. The key that names actors is forgotten at once."""
        person = must(request, "export")
        since = self._since(request, days, site)
        found = statistics.runs(self._frame.views, since, tuple(me(request).sites), site)
        if len({(run.site, run.learner) for run in found}) < FEW:
            raise HTTPException(409, f"fewer than {FEW} learners")
        made = list(xapi.statements(found, secrets.token_bytes(32)))
        self._frame.people.note(person.name, "exported", site or "all", f"xapi.json {len(made)} statements: {why}")
        return JSONResponse(made, headers={"Content-Disposition": 'attachment; filename="xapi.json"'})

    def learner(self, request: Request, site: str, learner: str) -> HTMLResponse:
        """Show one learner's way and runs, for their teacher. That somebody read them is written down first."""
        person = must(request, "learner", site)
        if len(learner) != 16 or not all(letter in "0123456789abcdef" for letter in learner):
            raise HTTPException(404)
        self._frame.people.note(person.name, "learner.read", f"{site}/{learner}")
        return self._frame.page(
            request, "learner.html", "board", site=site, who=learner, p=progress(self._frame.views, site, learner)
        )

    def erase(self, request: Request, site: str, learner: str, why: Annotated[str, Form(max_length=300)]) -> Response:
        """Forget a learner, here and on the site's units; that it was done and why stays."""
        person = must(request, "manage", site)
        if len(learner) != 16 or not all(letter in "0123456789abcdef" for letter in learner):
            raise HTTPException(404)
        if not why.strip():
            raise HTTPException(400, "a reason")
        self._frame.people.note(person.name, "learner.erased", f"{site}/{learner}", why.strip())
        with self._frame.people.db.change() as db:
            db.execute("DELETE FROM parked WHERE site = ? AND learner = ?", (site, learner))
        if self._frame.hub is not None:
            self._frame.hub.forget(site, learner)
        self._frame.desk.requests.put(OfficeRequest("erase", "", args={"site": site, "learner": learner}))
        return RedirectResponse(f"/board?site={site}", 303)

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        app.get("/learning", response_model=None)(self.page)
        app.get("/learning.csv", response_model=None)(self.table)
        app.get("/learning/{machine}/{lesson}", response_model=None)(self.steps)
        app.post("/learning/xapi.json", response_model=None)(self.statements)
        app.get("/learners/{site}/{learner}", response_model=None)(self.learner)
        app.post("/learners/{site}/{learner}/erase", response_model=None)(self.erase)


def _line(row: LessonFigures) -> list[Any]:
    if row.few:
        return [row.machine, row.lesson, f"<{FEW}"]
    low, high = row.gain.interval
    enough = row.gain.n >= FEW
    gain = [row.gain.n, row.gain.both + row.gain.first, row.gain.both + row.gain.later, round(row.gain.value, 3)]
    return [
        row.machine,
        row.lesson,
        row.learners,
        row.runs,
        round(row.done.value, 3),
        round(row.unaided.value, 3),
        row.median_s,
        round(row.prompt, 2),
        round(row.slips, 2),
        *(gain if enough else [f"<{FEW}"]),
        *([round(low, 3), round(high, 3)] if enough else []),
    ]
