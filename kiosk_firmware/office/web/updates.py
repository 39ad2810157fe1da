"""Updates: what lies on the shelf, roll-outs and how far they are, a new one, and the hand that stops one."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import msgspec
from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from kiosk_firmware.office.people.accounts import RefusedError
from kiosk_firmware.office.updates.plans import Plan, Rollout, Target
from kiosk_firmware.office.web.access import me, must
from kiosk_firmware.office.web.frame import Frame
from kiosk_firmware.office.web.render import now_ms

STAGES = (
    "kept", "trying", "installing", "waiting", "downloading", "sent", "ordered",
    "refused", "failed", "returned", "stopped",
)  # fmt: skip
"""As a wave's bar shows them: from the end to the beginning, then what went wrong."""


class Wave(msgspec.Struct, frozen=True):
    """A wave of a roll-out: how many units are at which stage; `parts` are those of its bar (stage, share in ‰)."""

    n: int
    units: int
    stages: dict[str, int]
    parts: tuple[tuple[str, int, int], ...]


class UpdatePages:
    """The handlers."""

    def __init__(self, frame: Frame) -> None:
        """On what all pages share."""
        self._frame = frame

    # -- all of them

    def page(self, request: Request) -> HTMLResponse:
        """The shelf, the roll-outs, and a form."""
        must(request, "serve")
        return self._frame.page(request, "updates.html", "updates", **self._all(request))

    def part(self, request: Request) -> HTMLResponse:
        """What follows by itself."""
        must(request, "serve")
        return self._frame.page(request, "updates_part.html", "updates", **self._all(request))

    def _all(self, request: Request, wrong: str = "") -> dict[str, Any]:
        shelf, rollouts, sites = self._frame.shelf, self._frame.rollouts, tuple(me(request).sites)
        mine = [row for row in self._frame.views.units(now_ms()) if me(request).sees(row.site)]
        return {
            "shelf": shelf.all() if shelf else (), "address": shelf.address if shelf else "", "wrong": wrong,
            "rows": [(one, _counted(rollouts.targets(one.id))) for one in rollouts.all()],
            "sites": self._frame.views.sites(sites), "plan": Plan(),
            "kinds": sorted({row.kind for row in mine if row.kind}),
        }

    def start(
        self, request: Request, what: Annotated[str, Form(max_length=80)], why: Annotated[str, Form(max_length=300)],
        site: Annotated[list[str], Form()] = [], kind: Annotated[str, Form()] = "", unit: Annotated[str, Form()] = "",
        canary: Annotated[int, Form()] = 1, shares: Annotated[str, Form(max_length=60)] = "100",
        most: Annotated[int, Form()] = 10, most_share: Annotated[int, Form()] = 2,
        patience_days: Annotated[int, Form()] = 3, window: Annotated[str, Form(max_length=11)] = "",
    ) -> Response:  # fmt: skip
        """Make a roll-out; beyond one site it waits for a second person."""
        person, units = must(request, "serve"), self._units(request, site, kind, unit)
        try:
            if self._frame.shelf is None or self._frame.seal is None:
                raise RefusedError("this office cannot sign")
            named, _, version = what.partition(" ")
            percents = tuple(int(part) for part in shares.replace(",", " ").split())
            plan = Plan(
                canary=canary, shares=percents, most=most, most_share=most_share, patience_days=patience_days,
                window=" ".join(window.replace("-", " ").split()),
            )
            made = self._frame.rollouts.make(person, self._frame.shelf.one(named, version), units, plan, why)
        except (ValueError, LookupError) as error:
            page = self._frame.page(request, "updates.html", "updates", **self._all(request, str(error)))
            page.status_code = 400
            return page
        return RedirectResponse(f"/updates/{made.id}", 303)

    def _units(self, request: Request, sites: list[str], kind: str, unit: str) -> dict[str, str]:
        """The units that are meant (unit → site), all of them the person's own."""
        named = set(unit.replace(",", " ").split())
        return {
            row.unit: row.site for row in self._frame.views.units(now_ms())
            if me(request).sees(row.site) and (row.unit in named or row.site in sites) and kind in ("", row.kind)
        }

    # -- one

    def _one(self, request: Request, id: int) -> dict[str, Any]:
        must(request, "serve")
        try:
            rollout = self._frame.rollouts.one(id)
        except LookupError:
            raise HTTPException(404) from None
        targets = self._frame.rollouts.targets(id)
        mine = {row.unit for row in self._frame.views.units(now_ms()) if me(request).sees(row.site)}
        return {
            "r": rollout, "ended": _ended(rollout), "waves": _waves(targets), "targets": [one for one in targets if one.unit in mine],
            "stages": STAGES, "total": _counted(targets), "whole": all(one.unit in mine for one in targets),
        }

    def one(self, request: Request, id: int) -> HTMLResponse:
        """A roll-out: its waves, its units."""
        return self._frame.page(request, "rollout.html", "updates", **self._one(request, id))

    def one_part(self, request: Request, id: int) -> HTMLResponse:
        """What follows by itself."""
        return self._frame.page(request, "rollout_part.html", "updates", **self._one(request, id))

    def stop(self, request: Request, id: int, why: Annotated[str, Form(max_length=300)]) -> HTMLResponse:
        """Stop it: no wave follows, and who has not installed yet leaves it. One person is enough to stop."""
        found = self._one(request, id)
        if not why.strip() or not found["whole"]:
            raise HTTPException(400 if found["whole"] else 403, "a reason")
        self._frame.rollouts.stop(id, me(request).name, why.strip().lstrip("#"))
        self._frame.desk.news(set())
        return self.one_part(request, id)

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        app.get("/updates", response_model=None)(self.page)
        app.get("/updates/part", response_model=None)(self.part)
        app.post("/updates", response_model=None)(self.start)
        app.get("/updates/{id}", response_model=None)(self.one)
        app.get("/updates/{id}/part", response_model=None)(self.one_part)
        app.post("/updates/{id}/stop", response_model=None)(self.stop)


def _ended(rollout: Rollout) -> tuple[str, dict[str, str]] | None:
    """The office's own reason as a text's key and its values; None for a person's words."""
    if not rollout.ended_why.startswith("#"):
        return None
    key, first, second, names = rollout.ended_why[1:].split("|", 3)
    return f"update.ended_{key}", {"first": first, "second": second, "names": names}


def _counted(targets: tuple[Target, ...]) -> Counter[str]:
    return Counter(one.stage for one in targets)


def _waves(targets: tuple[Target, ...]) -> tuple[Wave, ...]:
    found = []
    for n in sorted({one.wave for one in targets}):
        stages = Counter(one.stage for one in targets if one.wave == n)
        whole, parts, at = sum(stages.values()), [], 0
        for stage in (stage for stage in STAGES if stages[stage]):
            share = round(stages[stage] * 1000 / whole)
            parts.append((stage, at, share))
            at += share
        found.append(Wave(n + 1, whole, dict(stages), tuple(parts)))
    return tuple(found)
