"""Measure each page of the office at a nation's size, beside a budget: wall, processor and bytes.

A sample of 34,000 units and 52 weeks is written first (`kiosk simulate --history`), which takes minutes; where the
folder has an `office.db` (a sample's), that one is measured. Pages are asked for as a browser would, through all of the
application but without a network, the second time: the first one reads the roster and compiles templates.
"""

from __future__ import annotations

import asyncio
import gzip
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from deploy.bench.bench_figures import Figure
from kiosk_firmware.office.accounts.service import AccountService
from kiosk_firmware.office.database.connection import Where
from kiosk_firmware.office.database.queries import Queries
from kiosk_firmware.office.fleet.roster import Roster
from kiosk_firmware.office.learning.learner_numbers import LearnerNumbers
from kiosk_firmware.office.process.main import names
from kiosk_firmware.office.settings import OfficeSettings
from kiosk_firmware.office.shared_state import SharedState
from kiosk_firmware.office.web.access_control import COOKIE
from kiosk_firmware.office.web.app import build
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.office.web.render import Renderer
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.tools.simulation.history import RUNS, Plan, write

CPU_MS, BYTES = 300.0, 300_000
UNITS, WEEKS = 34_000, 52
SITE = "nation"
TICKET = "bench-ticket-0123456789"
Asgi = Callable[[Any, Any, Any], Awaitable[None]]


class PageCost(msgspec.Struct, frozen=True):
    """One page: ms by the clock and of the processor, bytes as a page and as they are sent."""

    path: str
    status: int
    wall_ms: float
    cpu_ms: float
    size: int
    sent: int


def pages(views: Queries) -> tuple[str, ...]:
    """Return what is measured: the pages that count over all, and those of one site, unit, lesson and learner."""
    site, unit = _first(views, "SELECT site, unit FROM units WHERE seen_ms > 0 ORDER BY site, unit LIMIT 1")
    ways = "SELECT site, learner FROM learner_lessons ORDER BY site, learner LIMIT 1"
    where, learner = _first(views, ways)
    machine, lesson = _first(
        views, "SELECT machine, lesson FROM sum_lessons WHERE site = '' ORDER BY runs DESC LIMIT 1"
    )
    own = (f"/?site={site}", f"/learning?days=365&site={site}", f"/board?site={site}", f"/units/{unit}")
    learning = (
        "/learning?days=30",
        "/learning?days=90",
        "/learning?days=365",
        f"/learning/{machine}/{lesson}?days=365",
    )
    rest = ("/runs", "/alerts", "/alerts/wall", "/updates", "/audit")
    return ("/", "/?state=offline&sort=lost", "/sites", *learning, *own, f"/learners/{where}/{learner}", *rest)


def _first(views: Queries, sql: str) -> tuple[str, str]:
    rows = views.rows(sql)
    first, second = rows[0].keys() if rows else ("", "")
    return (str(rows[0][first]), str(rows[0][second])) if rows else ("none", "none")


def measure(where: Where) -> list[PageCost]:
    """Ask for each page of an office over a sample's database."""
    with tempfile.TemporaryDirectory() as folder, closing(AccountService(Path(folder), TICKET)) as people:
        views = Queries(where)
        frame = PageContext(SharedState(), views, Renderer(names()), people, LearnerNumbers())
        app = build(frame, Roster(views, OfficeSettings()))
        cookie = people.door.by_ticket(TICKET)
        return [_cost(app, path, f"{COOKIE}={cookie}") for path in pages(views)]


def _cost(app: Asgi, path: str, cookie: str) -> PageCost:
    asyncio.run(_asked(app, path, cookie))
    wall, cpu = time.perf_counter(), time.process_time()
    status, body, sent = asyncio.run(_asked(app, path, cookie))
    wall_ms, cpu_ms = (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000
    return PageCost(path, status, wall_ms, cpu_ms, len(body), sent)


async def _asked(app: Asgi, path: str, cookie: str) -> tuple[int, bytes, int]:
    """Ask one request by ASGI; return its status, the page, and the bytes that were sent for it."""
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
    body = b"".join(one.get("body", b"") for one in told)
    packed = (b"content-encoding", b"gzip") in told[0]["headers"]
    return told[0]["status"], gzip.decompress(body) if packed else body, len(body)


def budgets(folder: Path, quick: bool) -> Iterator[Figure]:
    """Measure each page's cost beside its budget."""
    with tempfile.TemporaryDirectory() as scratch:
        where = folder / "office.db"
        if not where.exists():
            where, units, weeks = Path(scratch) / "office.db", 400 if quick else UNITS, 12 if quick else WEEKS
            write(where, Plan(units, weeks, min(RUNS, units * weeks), SITE, utc_ms()))
        for cost in measure(where):
            note = f"{cost.wall_ms:.0f} ms, {cost.size:,} bytes, {cost.sent:,} sent"
            why = "" if cost.status == 200 else f"answered {cost.status}"
            if why:
                yield Figure(f"page {cost.path}", why=why)
                continue
            yield Figure(f"page {cost.path}: processor", round(cost.cpu_ms), "ms", most=CPU_MS, note=note)
            yield Figure(f"page {cost.path}: bytes", cost.size, "B", most=BYTES)
