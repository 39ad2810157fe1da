"""Measure each page of the office at a nation's size, beside a budget: wall, processor and bytes.

A sample of 34,000 units and 52 weeks is written first (`kiosk simulate --history`), which takes minutes; where the
folder has an `office.db` (a sample's), that one is measured. In PostgreSQL it is a tenth of that, written anew. Pages
are asked for as a browser would, by somebody of each role, through all of the application but without a network, the
second time: the first one reads the roster and compiles templates. Shown is each page as the role saw it that cost
most; what is no page (an event stream, a picture, a way to another page) is left out.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import msgspec

from deploy.bench.bench_figures import BenchFigure
from deploy.office.temporary_postgres import Cluster
from kiosk_firmware.office.accounts.accounts import ROLES, Role, code_of
from kiosk_firmware.office.accounts.service import AccountService
from kiosk_firmware.office.database.connection import Where
from kiosk_firmware.office.database.queries import Queries
from kiosk_firmware.office.fleet.roster import Roster
from kiosk_firmware.office.learning.learner_numbers import LearnerNumbers
from kiosk_firmware.office.lessons.lesson_editor import LessonEditor
from kiosk_firmware.office.process.main import names
from kiosk_firmware.office.settings import OfficeSettings
from kiosk_firmware.office.shared_state import SharedState
from kiosk_firmware.office.visit_calls.invitations import Invitations
from kiosk_firmware.office.visit_calls.signalling_hub import CallHub
from kiosk_firmware.office.web.access_control import COOKIE
from kiosk_firmware.office.web.app import build
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.office.web.render import Renderer
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.tools.simulation.history import RUNS, HistoryPlan, write
from kiosk_firmware.visit.office.policy import VisitPolicy
from kiosk_firmware.visit.office.service import VisitService

CPU_MS, BYTES = 300.0, 300_000
UNITS, WEEKS = 34_000, 52
SITE = "nation"
WORD = "correct horse battery"
LEFT_OUT = {"/events"}
"""A stream, without an end."""
Asgi = Callable[[Any, Any, Any], Awaitable[None]]


class PageCost(msgspec.Struct, frozen=True):
    """One page as one role sees it: ms by the clock and of the processor, bytes as a page and as they are sent."""

    path: str
    role: Role
    status: int
    kind: str
    wall_ms: float
    cpu_ms: float
    size: int
    sent: int

    @property
    def is_page(self) -> bool:
        """It is a page, or broke."""
        return self.status >= 500 or (self.status == 200 and self.kind.startswith("text/html"))


def pages(app: Any, views: Queries) -> tuple[str, ...]:
    """Return what is measured: each address that needs no name, and those of the busiest lesson, and of one site, unit,
    learner and visit.
    """
    site, unit = _first(views, "SELECT site, unit FROM units WHERE seen_ms > 0 ORDER BY site, unit LIMIT 1")
    where, learner = _first(views, "SELECT site, learner FROM learner_lessons ORDER BY site, learner LIMIT 1")
    machine, lesson = _first(
        views, "SELECT machine, lesson FROM sum_lessons WHERE site = '' ORDER BY runs DESC LIMIT 1"
    )
    chosen = ("/?state=offline&sort=lost", *(f"/learning?days={days}" for days in (30, 90, 365)))
    chosen += (f"/?site={site}", f"/learning?days=365&site={site}", f"/board?site={site}")
    named = {"site": where, "unit": unit, "learner": learner, "machine": machine, "lesson": lesson}
    named |= {"path": "zh/office/README.md"}
    return (*chosen, *(path for path in _addresses(app, named) if path not in LEFT_OUT))


def _addresses(app: Any, named: Mapping[str, str]) -> Iterator[str]:
    """Yield each address that is got, with names in their places; one whose name is not known is left out."""
    for route in app.routes:
        if "GET" in (getattr(route, "methods", None) or ()):
            with suppress(KeyError):
                yield re.sub(r"{(\w+)(?::path)?}", lambda one: named[one[1]], route.path)


def _first(views: Queries, sql: str) -> tuple[str, str]:
    rows = views.rows(sql)
    first, second = rows[0].keys() if rows else ("", "")
    return (str(rows[0][first]), str(rows[0][second])) if rows else ("none", "none")


def measure(where: Where, processor_s: Callable[[], float] = time.process_time) -> list[PageCost]:
    """Ask for each page of an office over a sample's database, as each role; of each the dearest. `processor_s`: what
    all that serves has spent so far.
    """
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        folder = Path(scratch)
        people, views = stack.enter_context(closing(AccountService(folder))), Queries(where)
        frame = PageContext(SharedState(), views, Renderer(names()), people, LearnerNumbers())
        room = stack.enter_context(closing(VisitService(folder, VisitPolicy())))
        hub = CallHub(room, Invitations(room, folder), people.note)
        app = build(frame, Roster(views, OfficeSettings()), LessonEditor(folder), hub=hub)
        asked = pages(app, views)
        site = _first(views, "SELECT site, unit FROM units ORDER BY site LIMIT 1")[0]
        cookies = {role: _cookie(people, role, site) for role in ROLES}
        found = [_cost(app, path, role, cookie, processor_s) for role, cookie in cookies.items() for path in asked]
    dearest = {one.path: one for one in sorted(found, key=lambda one: (one.status >= 500, one.cpu_ms)) if one.is_page}
    return [dearest[path] for path in asked if path in dearest]


def _cookie(people: AccountService, role: Role, site: str) -> str:
    """Return the cookie of somebody of that role, who sees all sites; a counter is one site's."""
    secret = people.accounts.make("bench", role, role, (site,) if role == "station" else (), WORD)
    code = code_of(secret, utc_ms() // 1000) if secret else ""
    cookie = people.door.enter(role, WORD, code, "")
    assert cookie is not None, role
    return f"{COOKIE}={cookie}"


def _cost(app: Asgi, path: str, role: Role, cookie: str, processor_s: Callable[[], float]) -> PageCost:
    asyncio.run(_asked(app, path, cookie))
    wall, cpu = time.perf_counter(), processor_s()
    status, kind, body, sent = asyncio.run(_asked(app, path, cookie))
    wall_ms, cpu_ms = (time.perf_counter() - wall) * 1000, (processor_s() - cpu) * 1000
    return PageCost(path, role, status, kind, wall_ms, cpu_ms, len(body), sent)


async def _asked(app: Asgi, path: str, cookie: str) -> tuple[int, str, bytes, int]:
    """Ask one request by ASGI; return its status, its kind, the page, and how many bytes were sent for it."""
    where, _, query = path.partition("?")
    head = {"host": "127.0.0.1", "cookie": cookie, "accept": "text/html", "accept-encoding": "gzip"}
    headers = [(name.encode(), value.encode()) for name, value in head.items()]
    scope: dict[str, Any] = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET"}
    scope |= {"scheme": "http", "path": where, "raw_path": where.encode(), "query_string": query.encode()}
    scope |= {"headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "root_path": ""}
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    await app(scope, receive, send)
    body, sent_head = b"".join(one.get("body", b"") for one in told), dict(told[0]["headers"])
    packed, kind = sent_head.get(b"content-encoding") == b"gzip", sent_head.get(b"content-type", b"").decode()
    return told[0]["status"], kind, gzip.decompress(body) if packed else body, len(body)


def budgets(folder: Path, quick: bool) -> Iterator[BenchFigure]:
    """Measure each page's cost beside its budget, in SQLite."""
    with tempfile.TemporaryDirectory() as scratch:
        where = folder / "office.db"
        if not where.exists():
            where = Path(scratch) / "office.db"
            yield _written(where, UNITS, quick)
        yield from _budgets(where, "", time.process_time)


def budgets_in_postgres(quick: bool) -> Iterator[BenchFigure]:
    """Measure the same in PostgreSQL, at a tenth of the size; what the database spends counts, in ticks of 10 ms."""
    with closing(Cluster()) as cluster:
        where = cluster.url("pages")
        yield _written(where, UNITS // 10, quick)
        yield from _budgets(where, ", PostgreSQL", lambda: time.process_time() + cluster.processor_s())


def _written(where: Where, units: int, quick: bool) -> BenchFigure:
    units, weeks = (400, 12) if quick else (units, WEEKS)
    began = time.monotonic()
    facts = write(where, HistoryPlan(units, weeks, min(RUNS, units * weeks), SITE, utc_ms()))
    return BenchFigure(
        f"a past of {units:,} units, {weeks} weeks", time.monotonic() - began, "s", note=f"{facts:,} facts"
    )


def _budgets(where: Where, beside: str, processor_s: Callable[[], float]) -> Iterator[BenchFigure]:
    for cost in measure(where, processor_s):
        name = f"page {cost.path}{beside}"
        if cost.status != 200:
            yield BenchFigure(name, why=f"answered {cost.status} to a {cost.role}")
            continue
        note = f"{cost.wall_ms:.0f} ms; {cost.role}"
        yield BenchFigure(f"{name}: processor", round(cost.cpu_ms), "ms", most=CPU_MS, note=note)
        yield BenchFigure(f"{name}: bytes", cost.size, "B", most=BYTES, note=f"{cost.sent:,} sent")
