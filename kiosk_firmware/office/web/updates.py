"""Updates: what lies on the shelf, roll-outs and how far they are, a new one, and the hand that stops one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Annotated, Any

import msgspec
from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from kiosk_firmware.office.accounts.errors import ActRefusedError
from kiosk_firmware.office.rollouts.rollout_plans import Rollout, RolloutPlan, RolloutTarget
from kiosk_firmware.office.web.access_control import me, must
from kiosk_firmware.office.web.page_context import PageContext, RowId

STAGES = (
    "kept",
    "trying",
    "installing",
    "waiting",
    "downloading",
    "sent",
    "ordered",
    "refused",
    "failed",
    "returned",
    "stopped",
)
"""As a wave's bar shows them: from the end to the beginning, then what went wrong."""


class Wave(msgspec.Struct, frozen=True):
    """A wave of a roll-out; `parts` are those of its bar: stage, units, where it begins and how wide it is in ‰."""

    n: int
    units: int
    parts: tuple[tuple[str, int, int, int], ...]


class UpdatePages:
    """The handlers."""

    def __init__(self, frame: PageContext) -> None:
        self._frame = frame

    # -- all of them

    def page(self, request: Request) -> HTMLResponse:
        """Show the bundles, the roll-outs, and a form."""
        must(request, "serve")
        return self._frame.page(request, "updates.html", "updates", **self._all(request))

    def part(self, request: Request) -> HTMLResponse:
        """Return what follows by itself."""
        must(request, "serve")
        return self._frame.page(request, "updates_part.html", "updates", **self._all(request))

    def _all(self, request: Request, wrong: str = "") -> dict[str, Any]:
        bundles, rollouts, sites = self._frame.bundles, self._frame.rollouts, tuple(me(request).sites)
        mine = self._frame.views.known_units(sites)
        names = {row.unit for row in mine}
        found = [(one, rollouts.targets(one.id)) for one in rollouts.all()]
        return {
            "shelf": bundles.all() if bundles else (),
            "address": bundles.address if bundles else "",
            "wrong": wrong,
            "rows": [(one, _count_states(targets)) for one, targets in found if _touches(request, targets, names)],
            "sites": self._frame.views.sites(sites),
            "plan": RolloutPlan(),
            "kinds": sorted({row.kind for row in mine if row.kind}),
        }

    async def start(self, request: Request) -> Response:
        """Make a roll-out; beyond one site it waits for a second person."""
        must(request, "serve")
        form = await request.form()
        return await run_in_threadpool(self._start, request, form)

    def _start(self, request: Request, form: FormData) -> Response:
        try:
            if self._frame.bundles is None or self._frame.seal is None:
                raise ActRefusedError("this office cannot sign")
            kind, _, version = str(form.get("what", "")).partition(" ")
            what, plan = self._frame.bundles.one(kind, version), _plan(form)
            units, why = self._units(request, form), str(form.get("why", ""))
            made = self._frame.rollouts.make(me(request), what, units, plan, why)
        except (ValueError, LookupError) as error:
            page = self._frame.page(request, "updates.html", "updates", **self._all(request, str(error)))
            page.status_code = 400
            return page
        return RedirectResponse(f"/updates/{made.id}", 303)

    def _units(self, request: Request, form: FormData) -> dict[str, str]:
        """Return the units that are meant (unit → site), all of them the person's own."""
        sites, kind = form.getlist("site"), form.get("kind", "")
        named = set(str(form.get("unit", "")).replace(",", " ").split())
        return {
            row.unit: row.site
            for row in self._frame.views.known_units(tuple(me(request).sites))
            if (row.unit in named or row.site in sites) and kind in ("", row.kind)
        }

    # -- one

    def _one(self, request: Request, id: RowId) -> dict[str, Any]:
        must(request, "serve")
        try:
            rollout = self._frame.rollouts.one(id)
        except LookupError:
            raise HTTPException(404) from None
        targets = self._frame.rollouts.targets(id)
        mine = {row.unit for row in self._frame.views.known_units(tuple(me(request).sites))}
        if not _touches(request, targets, mine):
            raise HTTPException(404)
        return {
            "r": rollout,
            "ended": _end_reason(rollout),
            "waves": _waves(targets),
            "targets": [one for one in targets if one.unit in mine],
            "whole": all(one.unit in mine for one in targets),
        }

    def one(self, request: Request, id: RowId) -> HTMLResponse:
        """Show a roll-out: its waves, its units."""
        return self._frame.page(request, "rollout.html", "updates", **self._one(request, id))

    def one_part(self, request: Request, id: RowId) -> HTMLResponse:
        """Return what follows by itself."""
        return self._frame.page(request, "rollout_part.html", "updates", **self._one(request, id))

    def stop(self, request: Request, id: RowId, why: Annotated[str, Form(max_length=300)]) -> HTMLResponse:
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


def _touches(request: Request, targets: tuple[RolloutTarget, ...], mine: Collection[str]) -> bool:
    """Return whether a roll-out goes to a unit of the person's; people of all sites see each."""
    return not me(request).sites or any(one.unit in mine for one in targets)


def _plan(form: FormData) -> RolloutPlan:
    """Return what the form says of the waves. Raises ValueError: a number is none."""
    usual = RolloutPlan()

    def number(name: str, otherwise: int) -> int:
        return int(str(form.get(name, otherwise)))

    shares = str(form.get("shares", " ".join(map(str, usual.shares)))).replace(",", " ").split()
    return RolloutPlan(
        canary=number("canary", usual.canary),
        shares=tuple(int(part) for part in shares),
        most=number("most", usual.most),
        most_share=number("most_share", usual.most_share),
        patience_days=number("patience_days", usual.patience_days),
        window=" ".join(str(form.get("window", "")).replace("-", " ").split()),
    )


def _end_reason(rollout: Rollout) -> tuple[str, dict[str, str]] | None:
    """Return the office's own reason as a text's key and its values; None for a person's words."""
    if not rollout.ended_why.startswith("#"):
        return None
    key, first, second, names = rollout.ended_why[1:].split("|", 3)
    return f"update.ended_{key}", {"first": first, "second": second, "names": names}


def _count_states(targets: tuple[RolloutTarget, ...]) -> Counter[str]:
    return Counter(one.stage for one in targets)


def _waves(targets: tuple[RolloutTarget, ...]) -> tuple[Wave, ...]:
    found = []
    for n in sorted({one.wave for one in targets}):
        stages = Counter(one.stage for one in targets if one.wave == n)
        whole, parts, at = stages.total(), [], 0
        for stage in (stage for stage in STAGES if stages[stage]):
            share = round(stages[stage] * 1000 / whole)
            parts.append((stage, stages[stage], at, share))
            at += share
        found.append(Wave(n + 1, whole, tuple(parts)))
    return tuple(found)
