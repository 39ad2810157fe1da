"""A unit's configuration: what the office wants beside what the unit reports, and a new one to be signed and sent."""

from __future__ import annotations

import difflib
from typing import Annotated, Any

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from kiosk_firmware.core import toml_files
from kiosk_firmware.office.database.queries import Queries, UnitRow
from kiosk_firmware.office.shared_state import OfficeRequest
from kiosk_firmware.office.web.access_control import me
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.settings import unit_toml as unit_settings

LIMIT = 32 * 1024
"""Characters of a unit.toml: signed, it has to fit one message."""


class ConfigPages:
    """The handlers."""

    def __init__(self, frame: PageContext) -> None:
        self._frame = frame

    def _both(self, request: Request, unit: str) -> dict[str, Any]:
        row, views = self._frame.unit(request, unit), self._frame.views
        wanted = views.rows("SELECT * FROM configs WHERE unit = ? ORDER BY version DESC LIMIT 1", unit)
        reported = views.rows("SELECT * FROM reported WHERE unit = ?", unit)
        return {
            "u": row,
            "wanted": wanted[0] if wanted else None,
            "reported": reported[0] if reported else None,
            "differs": _differs(wanted, reported),
            "seals": self._frame.seal is not None,
        }

    def page(self, request: Request, unit: str) -> HTMLResponse:
        """Show both, and a form."""
        return self._frame.page(request, "config.html", "fleet", unit, **self._both(request, unit))

    def part(self, request: Request, unit: str) -> HTMLResponse:
        """Return what follows by itself."""
        return self._frame.page(request, "config_part.html", "fleet", unit, **self._both(request, unit))

    def want(
        self,
        request: Request,
        unit: str,
        toml: Annotated[str, Form(max_length=LIMIT)],
        why: Annotated[str, Form(max_length=300)],
    ) -> Response:
        """Sign a configuration and send it; what is wrong with it is said before."""
        row = self._frame.unit(request, unit, "serve")
        if self._frame.seal is None or not why.strip():
            raise HTTPException(400, "this office cannot sign" if why.strip() else "a reason")
        text = toml.replace("\r\n", "\n")
        _check(row, text)
        version = _next(self._frame.views, unit)
        document = self._frame.seal(unit, version, text).decode()
        self._frame.people.note(me(request).name, "config.wanted", unit, f"{version}: {why.strip()}")
        args = {"version": version, "toml": text, "document": document}
        self._frame.desk.requests.put(OfficeRequest("config", unit, args=args))
        return Response(status_code=204)

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        app.get("/units/{unit}/config", response_model=None)(self.page)
        app.get("/units/{unit}/config/part", response_model=None)(self.part)
        app.post("/units/{unit}/config", response_model=None)(self.want)


def _check(row: UnitRow, text: str) -> None:
    """Check a configuration. Raises HTTPException: 400, what the unit would say to it."""
    try:
        made = unit_settings.check_settings(toml_files.parse_toml(text, "unit.toml"), "unit.toml")
    except ValueError as error:
        raise HTTPException(400, str(error)[:500]) from error
    if (made.unit.id, made.unit.site) != (row.unit, row.site):
        raise HTTPException(400, f"unit.id, unit.site: allowed are {row.unit}, {row.site}")


def _next(views: Queries, unit: str) -> int:
    """Return the number above every one that was wanted, or that the unit knows."""
    known = (
        "SELECT coalesce(max(version), 0) AS n FROM (SELECT version FROM configs WHERE unit = ?"
        " UNION ALL SELECT version FROM reported WHERE unit = ?) AS both_of_them"
    )
    return int(views.rows(known, unit, unit)[0]["n"]) + 1


def _differs(wanted: Any, reported: Any) -> list[str]:
    """Return the lines that are wanted otherwise: `- ` as reported, `+ ` as wanted; compared as settings,
    not as typed.
    """
    if not wanted or not reported:
        return []
    lines = _lines(reported[0]["toml"]), _lines(wanted[0]["toml"])
    return [line for line in difflib.ndiff(lines[0], lines[1]) if line[:2] in ("- ", "+ ")]


def _lines(toml: str) -> list[str]:
    try:
        return unit_settings.settings_toml(
            unit_settings.check_settings(toml_files.parse_toml(toml, ""), "")
        ).splitlines()
    except ValueError:  # of another version of this software
        return toml.splitlines()
