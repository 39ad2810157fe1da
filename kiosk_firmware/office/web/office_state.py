"""The office about itself: whether anything is lost, counted again from the rows, and the settings in force."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse

from kiosk_firmware.office.database.completeness_proof import UnitAccount, account, whole
from kiosk_firmware.office.settings import OfficeSettings
from kiosk_firmware.office.web.access_control import me, must
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.system.utc_clock import utc_ms as now_ms

MOST = 200
"""Units that are listed; whatever something is missing of comes first."""


class Proof(msgspec.Struct, frozen=True):
    """Every unit's account, counted at an instant (UTC ms) in so many ms."""

    at_ms: int
    took_ms: int
    units: tuple[UnitAccount, ...]


class OfficePages:
    """The handlers."""

    def __init__(self, frame: PageContext, settings: OfficeSettings) -> None:
        self._frame, self._settings = frame, settings
        self._last: Proof | None = None
        self._counting = threading.Lock()

    def proof(self, request: Request) -> HTMLResponse:
        """Return what the last count found."""
        must(request, "manage")
        return self._proof(request, "proof.html")

    def count(self, request: Request) -> HTMLResponse:
        """Count every fact again, from the rows themselves; at a nation's size it takes a while.

        Raises:
            HTTPException: 409, it is being counted already.
        """
        person = must(request, "manage")
        if not self._counting.acquire(blocking=False):
            raise HTTPException(409, "it is being counted")
        try:
            self._frame.people.note(person.name, "proof.counted", "")
            began = now_ms()
            units = tuple(account(self._frame.views.where, began))
            self._last = Proof(began, now_ms() - began, units)
        finally:
            self._counting.release()
        return self._proof(request, "proof_part.html")

    def _proof(self, request: Request, template: str) -> HTMLResponse:
        values: dict[str, Any] = {"last": self._last, "sum": None, "units": (), "more": 0}
        if self._last is not None:
            own = {one.unit for one in self._frame.views.known_units(tuple(me(request).sites))}
            units = sorted((one for one in self._last.units if one.unit in own), key=_worst_first)
            values |= {"sum": whole(units), "units": units[:MOST], "more": max(0, len(units) - MOST)}
        books = self._frame.views.counters(now_ms(), tuple(me(request).sites))
        return self._frame.page(request, template, "proof", books=books, **values)

    def settings(self, request: Request) -> HTMLResponse:
        """Return what `office.toml` says and what stands where it says nothing; what is all sites' to people of all."""
        person = must(request, "manage")
        found = msgspec.to_builtins(self._settings)
        groups = {} if person.sites else {name: dict(_lines(found[name])) for name in ("retention", "visits", "mail")}
        if not person.sites:
            groups["webhook"] = {str(n): one["url"] for n, one in enumerate(found["webhook"], 1)}
        sites = {site: told for site, told in self._settings.sites.items() if person.sees(site)}
        return self._frame.page(request, "settings.html", "settings", groups=groups, told=sites)

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        app.get("/proof", response_model=None)(self.proof)
        app.post("/proof", response_model=None)(self.count)
        app.get("/settings", response_model=None)(self.settings)


def _worst_first(one: UnitAccount) -> tuple[bool, int, int, str]:
    return not one.wrong, -one.lost, -one.under_way, one.unit


def _lines(table: dict[str, Any], before: str = "") -> Any:
    """Yield the table's keys with dots, and its values as a person reads them."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _lines(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", _value_text(value)


def _value_text(value: Any) -> str:
    """Return a value as a person reads it; what belongs together has no comma."""
    if not isinstance(value, list | tuple):
        return str(value)
    return ", ".join(" ".join(map(str, one)) if isinstance(one, list | tuple) else str(one) for one in value)
