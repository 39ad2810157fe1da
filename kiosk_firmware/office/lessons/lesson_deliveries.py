"""Tell how far a lesson is on its way to units, by what was sent and what each unit answered last.

A unit answers twice: *received*, when its agent has written the command down, and an end, when its screen has kept the
lesson, between two runs. One that received it and has not said an end for an hour is named: something is wrong there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import msgspec

from kiosk_firmware.office.database.queries import Queries

State = Literal["never", "sent", "received", "done", "failed", "refused", "expired"]
UNENDED_MS = 3_600_000
"""What was received so long ago should have ended."""


class Delivery(msgspec.Struct, frozen=True):
    """One unit: what it answered last, to what was sent when. `old`: that was another text of the lesson; `unended`:
    received too long ago.
    """

    unit: str
    site: str
    state: State = "never"
    sent_ms: int = 0
    detail: str = ""
    old: bool = False
    unended: bool = False


def deliveries(
    views: Queries, machine: str, lesson: str, file: str, sites: Sequence[str], now_ms: int
) -> list[Delivery]:
    """Return the delivery of a lesson to each unit of these sites (all without any), by site and unit."""
    head, name = f'{{"machine":{json.dumps(machine)},', json.dumps(f"id = {json.dumps(lesson)}")[1:-1]
    rows = views.rows(
        "SELECT unit, args, state, detail, sent_ms, expires_at FROM commands WHERE name = 'lesson.put' ORDER BY sent_ms"
    )
    last = {row["unit"]: row for row in rows if row["args"].startswith(head) and name in row["args"]}
    found = []
    for unit in views.known_units(tuple(sites)):
        row = last.get(unit.unit)
        if row is None:
            found.append(Delivery(unit.unit, unit.site))
            continue
        state: State = "expired" if row["state"] == "sent" and row["expires_at"] < now_ms else row["state"]
        unended = is_unended(row["state"], row["sent_ms"], now_ms)
        old = json.loads(row["args"]).get("file") != file
        found.append(Delivery(unit.unit, unit.site, state, row["sent_ms"], row["detail"], old, unended))
    return sorted(found, key=lambda one: (one.site, one.unit))


def is_unended(state: str, sent_ms: int, now_ms: int) -> bool:
    """Return whether a command was received too long ago to be still under way."""
    return state == "received" and now_ms - sent_ms > UNENDED_MS


def by_site(found: Sequence[Delivery]) -> dict[str, Counter[str]]:
    """Count by site how many units are in which state; *unended* apart."""
    sums: dict[str, Counter[str]] = {}
    for one in found:
        sums.setdefault(one.site, Counter())["unended" if one.unended else one.state] += 1
    return sums
