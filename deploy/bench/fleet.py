"""Measure the fleet page of a nation: 34,000 units, ten thousand open alerts, one thread.

The page is asked for as a browser would, without a network: the roster's look at what was touched, counters, filter,
sort, fifty rows, the template. What is measured is the median of many answers while a thousand units are heard of
between any two.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kiosk_firmware.office.accounts.accounts import SignedInUser
from kiosk_firmware.office.accounts.service import AccountService
from kiosk_firmware.office.database.connection import connect
from kiosk_firmware.office.database.queries import Queries
from kiosk_firmware.office.fleet.display_names import DisplayNames
from kiosk_firmware.office.fleet.roster import Roster, RosterQuery
from kiosk_firmware.office.learning.learner_numbers import LearnerNumbers
from kiosk_firmware.office.settings import OfficeSettings
from kiosk_firmware.office.shared_state import SharedState
from kiosk_firmware.office.web.fleet import FleetPages
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.office.web.render import Renderer
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.wire.messages import ENCODE, Health

UNITS, SITES, ALERTS = 34_000, 680, 10_000
ROUNDS = 8


def measure(units: int = UNITS) -> dict[str, float]:
    """Measure milliseconds: `first` (the books are read whole), `page` and `part` (medians), `worst`."""
    with tempfile.TemporaryDirectory() as folder:
        return _measured(Path(folder), units)


def _measured(folder: Path, units: int) -> dict[str, float]:
    db, now = connect(folder / "office.db"), utc_ms()
    db.begin()
    db.executemany(
        "INSERT INTO units(unit, site, kind, fw, online, first_ms, seen_ms, since_ms, health)"
        " VALUES(?, ?, 'atm', ?, ?, ?, ?, ?, ?)",
        [_row(n, now) for n in range(units)],
    )
    db.executemany(
        "INSERT INTO alerts(unit, kind, about, opened_ms) VALUES(?, 'device', 'pin_pad', ?)",
        [(f"u-{n * 3:05d}", now) for n in range(min(ALERTS, units // 3))],
    )
    db.executemany(
        "INSERT INTO epochs(unit, epoch, upto, top, lost) VALUES(?, 'e', 9000, 9000, 0)",
        [(f"u-{n:05d}",) for n in range(units)],
    )
    db.commit()
    views, people = Queries(folder / "office.db"), AccountService(folder)
    pages = FleetPages(
        PageContext(SharedState(), views, Renderer(DisplayNames()), people, LearnerNumbers()),
        Roster(views, OfficeSettings()),
    )
    try:
        return _timed(pages, db, units)
    finally:
        people.close()
        db.close()


def _timed(pages: FleetPages, db: Any, units: int) -> dict[str, float]:
    request: Any = SimpleNamespace(
        state=SimpleNamespace(me=SignedInUser("bench", "viewer")), cookies={}, url=SimpleNamespace(path="/")
    )
    first = _ms(lambda: pages.fleet(request, RosterQuery()))
    spent: dict[str, list[float]] = {"page": [], "part": []}
    for n in range(ROUNDS):
        time.sleep(1.0)  # as long as the roster takes its rows for fresh
        seen = utc_ms()
        touched = [(seen, f"u-{(n * 1000 + k) % units:05d}") for k in range(1000)]
        db.begin()
        db.executemany("UPDATE units SET seen_ms = ? WHERE unit = ?", touched)
        db.commit()
        spent["page"].append(_ms(lambda: pages.fleet(request, RosterQuery(sort="backlog", page=3))))
        spent["part"].append(_ms(lambda: pages.part(request, RosterQuery(q="site-1", state="degraded"))))
    return {
        "first": first,
        "page": statistics.median(spent["page"]),
        "part": statistics.median(spent["part"]),
        "worst": max(spent["page"]),
    }


def _row(n: int, now: int) -> tuple[Any, ...]:
    health = ENCODE(Health(now, 5000, n % 40, n % 900, 8 << 30, 0.3, "synced", 51.5)).decode()
    return f"u-{n:05d}", f"site-{n % SITES:03d}", f"0.{n % 3}.0", n % 50 > 0, now, now, now, health


def _ms(act: Any) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    print({name: round(value, 1) for name, value in measure().items()})
