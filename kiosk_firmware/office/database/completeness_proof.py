"""`kiosk office proof`: that nothing is lost, number by number, from the rows themselves.

A unit numbers its facts from 1 without a gap. So in each epoch, up to the highest number that the office has ever
heard of, every number must be exactly one of: a stored fact, a fact kept aside because this office cannot read it, a
second name of a stored fact, one that the unit declared gone, or one that is missing. The books keep the sums; here
they are counted again from the rows, and any difference is said.

A unit whose file broke or fell behind begins a new epoch, sends what it still has first, then says how far the old
one went (`storage.salvaged`). Once that is here with all before it, what is missing of the old epoch is lost.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.office.database.connection import Database, Where, reader
from kiosk_firmware.office.database.queries import MISSING
from kiosk_firmware.storage.damaged_file import DamagedFileError, is_damage
from kiosk_firmware.system.utc_clock import utc_ms

LATE_MS = 10 * 60 * 1000
"""Missing for longer is lost, until it comes."""
_ENDED = (
    "SELECT facts.unit, facts.data FROM facts JOIN epochs ON epochs.unit = facts.unit AND epochs.epoch = facts.epoch"
    " WHERE facts.type = 'storage.salvaged' AND facts.seq <= epochs.upto"
)
_EPOCHS = "SELECT unit, epoch, top, lost, frozen_from FROM epochs ORDER BY unit, epoch"
_PARTS = {
    "stored": "SELECT unit, epoch, count(*) AS n, max(seq) AS high FROM facts GROUP BY unit, epoch",
    # A fact too large for the wire came as a summary of itself, which names no epoch: its number counts as lost.
    "instead": "SELECT facts.unit, facts.epoch, -count(*) AS n, 0 AS high FROM facts JOIN gone"
    " ON gone.unit = facts.unit AND gone.epoch = facts.epoch AND gone.first = facts.seq AND gone.last = facts.seq"
    " WHERE facts.type = 'storage.summarised' AND facts.data NOT LIKE '%\"epoch\"%' GROUP BY facts.unit, facts.epoch",
    "aside": "SELECT unit, epoch, count(DISTINCT seq) AS n, max(seq) AS high FROM quarantine"
    " WHERE reason LIKE 'fact:%' GROUP BY unit, epoch",
    "named": "SELECT unit, epoch, count(*) AS n, max(seq) AS high FROM aliases GROUP BY unit, epoch",
    "missing": f"SELECT unit, epoch, {MISSING}, max(last) AS high FROM holes GROUP BY unit, epoch",
}


class UnitAccount(msgspec.Struct, frozen=True):
    """One unit: numbers that it gave, and what became of each. `under_way`: missing for less than ten minutes."""

    unit: str
    told: int
    stored: int
    aside: int
    lost: int
    under_way: int
    wrong: str = ""
    """Which epoch's books do not add up; "" they do."""


def account(where: Where, now_ms: int) -> list[UnitAccount]:
    """Return all units by name, counted from the rows."""
    with closing(reader(where)) as db:
        parts = {name: {(row["unit"], row["epoch"]): row for row in db.execute(sql)} for name, sql in _PARTS.items()}
        late = _late(db, now_ms)
        units: dict[str, list[UnitAccount]] = {}
        for row in db.execute(_EPOCHS).fetchall():
            name = row["unit"], row["epoch"]
            units.setdefault(name[0], []).append(_epoch(row, {k: v.get(name) for k, v in parts.items()}, late))
    return [_sum_account(unit, of) for unit, of in units.items()]


def _late(db: Database, now_ms: int) -> Mapping[tuple[str, str], int]:
    """Count the numbers that are missing for too long, or of an epoch that is over."""
    ended = {(row["unit"], json.loads(row["data"]).get("epoch", "")) for row in db.execute(_ENDED).fetchall()}
    late: Counter[tuple[str, str]] = Counter()
    for row in db.execute("SELECT unit, epoch, last - first + 1 AS n, since_ms FROM holes").fetchall():
        if row["since_ms"] < now_ms - LATE_MS or (row["unit"], row["epoch"]) in ended:
            late[row["unit"], row["epoch"]] += int(row["n"])
    return late


def _epoch(
    row: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any] | None], late: Mapping[tuple[str, str], int]
) -> UnitAccount:
    counts = {name: int(part["n"]) if part else 0 for name, part in parts.items()}
    high = max((int(part["high"]) for part in parts.values() if part), default=0)
    top, gone = int(row["top"]), int(row["lost"])
    adds_up = sum(counts.values()) + gone == top and high <= top
    overdue = late.get((row["unit"], row["epoch"]), 0)
    return UnitAccount(
        row["unit"],
        top - counts["named"],
        counts["stored"] + counts["instead"],
        counts["aside"],
        gone + overdue,
        counts["missing"] - overdue,
        "" if adds_up else str(row["epoch"]),
    )


def _sum_account(unit: str, of: Sequence[UnitAccount]) -> UnitAccount:
    return UnitAccount(
        unit,
        sum(one.told for one in of),
        sum(one.stored for one in of),
        sum(one.aside for one in of),
        sum(one.lost for one in of),
        sum(one.under_way for one in of),
        " ".join(one.wrong for one in of if one.wrong),
    )


def whole(of: Sequence[UnitAccount]) -> UnitAccount:
    """Add up these units' accounts."""
    return _sum_account("", of)


def main(arguments: Sequence[str]) -> int:
    """Print a line a unit, and one for all.

    Returns:
        The exit code: 0 nothing is lost and all books add up, 1 otherwise.
    """
    parser = argparse.ArgumentParser(prog="kiosk office proof", description=__doc__)
    parser.add_argument("--state", type=Path, default=Path("var/office"), metavar="DIR", help="the office's folder")
    parser.add_argument("--database", metavar="URL", help="postgresql://… (default: office.db in the folder)")
    chosen = parser.parse_args(arguments)
    path = chosen.state / "office.db"
    if not chosen.database and not path.exists():
        raise LookupError(f"{path}: no office's database")
    told = _read_accounts(chosen.database or path)
    for one in told:
        print(f"{one.unit:<32} {line(one)}")
    all_of = whole(told)
    print(f"{'all':<32} {line(all_of)}")
    return 1 if all_of.lost or all_of.wrong else 0


def _read_accounts(where: Where) -> list[UnitAccount]:
    try:
        return account(where, utc_ms())
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        raise DamagedFileError(Path(where), str(error)) from None


def line(one: UnitAccount) -> str:
    """Return `lost: 0 of 1,234,567` with what else there is to say."""
    more = [f"{n:,} {what}" for n, what in ((one.under_way, "under way"), (one.aside, "kept aside")) if n]
    more += [f"BOOKS DO NOT ADD UP: {one.wrong}"] if one.wrong else []
    return " · ".join([f"lost: {one.lost:,} of {one.told:,}", *more])
