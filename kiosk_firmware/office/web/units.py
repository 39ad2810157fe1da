"""One unit's further pages: how it has been, commands with their reasons and what came of them, and notes."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response

from kiosk_firmware.core.faults import FAULTS
from kiosk_firmware.office.accounts import audit
from kiosk_firmware.office.fleet import device_trends
from kiosk_firmware.office.lessons.lesson_deliveries import is_unended
from kiosk_firmware.office.web.access_control import me
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.system.utc_clock import utc_ms as now_ms

MINUTE_MS = 60_000
REASONS = ("repair", "supplies", "cleaning", "closed")
"""What learners can read of a unit that is out of service: the unit's own list."""
CommandName = Literal[
    "restart", "self.test", "out.of.service", "in.service", "fault.arm", "turn.end", "reload", "log.lines", "diagnose"
]
COMMANDS: tuple[CommandName, ...] = get_args(CommandName)


class UnitPages:
    """The handlers."""

    def __init__(self, frame: PageContext) -> None:
        self._frame = frame

    def _care(self, request: Request, unit: str) -> dict[str, Any]:
        row, views, now = self._frame.unit(request, unit), self._frame.views, now_ms()
        first = views.rows("SELECT first_ms FROM units WHERE unit = ?", unit)[0]["first_ms"]
        commands = views.rows(
            "SELECT id, name, args, sent_ms, expires_at, state, detail FROM commands WHERE unit = ? AND name <> 'watch'"
            " ORDER BY sent_ms DESC LIMIT 20",
            unit,
        )
        notes = self._frame.people.db.rows("SELECT * FROM notes WHERE unit = ? ORDER BY id DESC LIMIT 50", unit)
        return {
            "u": row,
            "day_line": device_trends.day(views, unit, now),
            "rates": device_trends.rates(views, unit, first, now),
            "commands": [_command_row(dict(one), now) for one in commands],
            "lines": self._frame.desk.lines(unit) if me(request).can("serve") else None,
            "notes": notes,
            "bundles": self._frame.diagnoses.bundles(unit)
            if self._frame.diagnoses and me(request).can("serve")
            else (),
            "orders": COMMANDS,
            "reasons": REASONS,
            "faults": FAULTS,
        }

    def page(self, request: Request, unit: str) -> HTMLResponse:
        """Return how the unit has been, and what can be done about it."""
        return self._frame.page(request, "care.html", "fleet", unit, **self._care(request, unit))

    def part(self, request: Request, unit: str) -> HTMLResponse:
        """Return what follows by itself."""
        return self._frame.page(request, "care_part.html", "fleet", unit, **self._care(request, unit))

    def series(self, request: Request, unit: str) -> Response:
        """Return the curves of the last day, until the office's now."""
        self._frame.unit(request, unit)
        now = now_ms()
        return JSONResponse({"until_s": now // 1000, **device_trends.series(self._frame.views, unit, now)})

    def command(
        self,
        request: Request,
        unit: str,
        order: Annotated[CommandName, Form()],
        why: Annotated[str, Form(max_length=300)],
        reason: Annotated[str, Form()] = "",
        fault: Annotated[str, Form()] = "",
    ) -> Response:
        """Send a command, with its reason."""
        row = self._frame.unit(request, unit, "serve")
        if not why.strip():
            raise HTTPException(400, "a reason")
        name, args = self._diagnosis(unit) if order == "diagnose" else _command(order, reason, fault)
        self._frame.command(me(request), [row], name, args, 10 * MINUTE_MS, why.strip())
        return Response(status_code=204)

    def _diagnosis(self, unit: str) -> tuple[str, dict[str, Any]]:
        """Return the command that asks for a bundle. Raises HTTPException: 400, no unit could bring one here."""
        bundles, diagnoses = self._frame.bundles, self._frame.diagnoses
        if bundles is None or diagnoses is None or not bundles.address:
            raise HTTPException(400, "no unit can bring anything here: run kiosk office update serve")
        try:
            return "diagnose", {"ticket": diagnoses.ask(unit), "address": bundles.address}
        except ValueError as error:
            raise HTTPException(400, str(error)[:300]) from error

    def bundle(self, request: Request, unit: str, bundle: str) -> FileResponse:
        """Return a bundle as the unit sealed it; `kiosk office diagnose open` opens it."""
        self._frame.unit(request, unit, "serve")
        try:
            path = self._frame.diagnoses.path(unit, bundle) if self._frame.diagnoses else None
        except LookupError:
            path = None
        if path is None:
            raise HTTPException(404)
        self._frame.people.note(me(request).name, "diagnose.taken", unit, bundle)
        return FileResponse(path, media_type="application/octet-stream", filename=f"{unit}-{path.name}")

    def note(self, request: Request, unit: str, text: Annotated[str, Form(max_length=1000)]) -> HTMLResponse:
        """Write something down about the unit, for whoever comes next."""
        self._frame.unit(request, unit, "tend")
        if text.strip():
            with self._frame.people.db.change() as db:
                row = (unit, now_ms(), me(request).name, text.strip())
                db.execute("INSERT INTO notes(unit, at_ms, who, text) VALUES(?, ?, ?, ?)", row)
                audit.add(db, now_ms(), me(request).name, "noted", unit, "")
        return self.part(request, unit)

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        app.get("/units/{unit}/care", response_model=None)(self.page)
        app.get("/units/{unit}/care/part", response_model=None)(self.part)
        app.get("/units/{unit}/series.json", response_model=None)(self.series)
        app.get("/units/{unit}/diagnoses/{bundle}", response_model=None)(self.bundle)
        app.post("/units/{unit}/command", response_model=None)(self.command)
        app.post("/units/{unit}/note", response_model=None)(self.note)


def _command_row(row: dict[str, Any], now: int) -> dict[str, Any]:
    """Return a command's row with whether it came too late, and whether it was received and never ended."""
    late = row["state"] == "sent" and row["expires_at"] < now
    args = "" if row["name"] == "diagnose" else row["args"]
    return {**row, "args": args, "late": late, "unended": is_unended(row["state"], row["sent_ms"], now)}


def _command(order: CommandName, reason: str, fault: str) -> tuple[str, dict[str, Any]]:
    """Return the command's name and arguments.

    Raises:
        HTTPException: 400, no such reason or fault.
    """
    match order:
        case "out.of.service" if reason in REASONS:
            return "out.of.service", {"reason": reason}
        case "in.service":
            return "out.of.service", {"reason": ""}
        case "fault.arm" if fault in FAULTS:
            return "fault.arm", {"fault": fault}
        case "restart" | "self.test" | "turn.end" | "reload" | "log.lines":
            return order, {}
        case _:
            raise HTTPException(400, "no such reason or fault")
