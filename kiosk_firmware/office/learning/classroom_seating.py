"""Keep where the units of a room stand, as its teacher sees it: seats in rows, some of them free.

The plan is the room's, not a person's: whoever teaches there sees it. Units that have no seat follow behind.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kiosk_firmware.office.accounts import audit
from kiosk_firmware.office.accounts.accounts import SignedInUser
from kiosk_firmware.office.accounts.people_db import PeopleDb

COLUMNS = range(2, 9)
"""How many seats a row may have."""
USUAL = 4
MOST = 400
"""Seats of a room."""
FREE = ""


class SeatPlan(msgspec.Struct, frozen=True):
    """Seats row by row, each a unit's id or free; `columns` of 0: nobody has arranged the room."""

    columns: int = 0
    seats: tuple[str, ...] = ()

    def of(self, units: Sequence[str]) -> SeatPlan:
        """Return the plan of these units: each once, those without a seat behind, no empty row at the end."""
        there = set(units)
        kept = [unit if unit in there else FREE for unit in self.seats]
        taken = set(kept)
        whole = [*kept, *(unit for unit in sorted(there) if unit not in taken)]
        while whole and whole[-1] == FREE:
            whole.pop()
        return SeatPlan(self.columns or USUAL, tuple(whole))


class SeatPlans:
    """The plans, in the pages' own database."""

    def __init__(self, db: PeopleDb) -> None:
        self._db = db

    def of(self, site: str) -> SeatPlan:
        """Return the site's plan."""
        rows = self._db.rows("SELECT columns, seats FROM seat_plans WHERE site = ?", site)
        return SeatPlan(rows[0]["columns"], tuple(rows[0]["seats"].split(","))) if rows else SeatPlan()

    def keep(self, person: SignedInUser, site: str, plan: SeatPlan, now_ms: int) -> None:
        """Keep a site's plan; without seats, forget it."""
        with self._db.change() as db:
            db.execute("DELETE FROM seat_plans WHERE site = ?", (site,))
            if plan.seats:
                row = (site, plan.columns, ",".join(plan.seats))
                db.execute("INSERT INTO seat_plans(site, columns, seats) VALUES(?, ?, ?)", row)
            audit.add(db, now_ms, person.name, "seats.kept", site, "")


def plan_of(columns: int, seats: str, units: Sequence[str]) -> SeatPlan:
    """Return the plan that a form says: ids with commas between, an empty one is a free seat.

    Raises:
        ValueError: a unit is not of the room, or sits twice; too many columns or seats.
    """
    said = seats.split(",") if seats else []
    if columns not in COLUMNS or len(said) > MOST:
        raise ValueError(f"columns = {columns}: allowed are {COLUMNS[0]} to {COLUMNS[-1]}, and {MOST} seats")
    own = [unit for unit in said if unit != FREE]
    wrong = next((unit for unit in own if unit not in units or own.count(unit) > 1), None)
    if wrong is not None:
        raise ValueError(f"seats: {wrong!r}: allowed is each unit of the room, once")
    return SeatPlan(columns, tuple(said))
