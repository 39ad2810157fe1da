"""Two people for what strikes more than one site: one proposes, another one agrees, and only then it goes.

A proposal that nobody has agreed to within a day is over. Whoever agrees may do the same themselves and is not the one
who proposed; both stand in the audit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from kiosk_firmware.office.accounts import audit
from kiosk_firmware.office.accounts.accounts import SignedInUser
from kiosk_firmware.office.accounts.errors import ActRefusedError
from kiosk_firmware.office.accounts.people_db import PeopleDb

STANDS_MS = 24 * 3_600_000


class PendingApproval(msgspec.Struct, frozen=True):
    """A command that waits: its arguments, the units, how long it stands once it goes, who wants it and why."""

    id: int
    at_ms: int
    who: str
    name: str
    args: dict[str, Any]
    units: tuple[str, ...]
    ttl_ms: int
    reason: str


class Proposals:
    """Those of one office. `now_ms`: UTC."""

    def __init__(self, db: PeopleDb, now_ms: Callable[[], int]) -> None:
        """Take up what stood before a restart."""
        self._db, self._now_ms = db, now_ms

    def ask(
        self, who: SignedInUser, name: str, args: dict[str, Any], units: Sequence[str], ttl_ms: int, why: str
    ) -> None:
        """Write a proposal down."""
        now = self._now_ms()
        with self._db.change() as db:
            db.execute(
                "INSERT INTO proposals(at_ms, who, name, args, units, ttl_ms, reason) VALUES(?, ?, ?, ?, ?, ?, ?)",
                (now, who.name, name, json.dumps(args), " ".join(units), ttl_ms, why),
            )
            audit.add(db, now, who.name, f"proposed {name}", f"{len(units)}: {' '.join(units)}", why)

    def open(self) -> tuple[PendingApproval, ...]:
        """Return what waits, oldest first."""
        rows = self._db.rows(
            "SELECT * FROM proposals WHERE state = 'open' AND at_ms > ? ORDER BY id", self._now_ms() - STANDS_MS
        )
        return tuple(
            PendingApproval(
                row["id"],
                row["at_ms"],
                row["who"],
                row["name"],
                json.loads(row["args"]),
                tuple(row["units"].split()),
                row["ttl_ms"],
                row["reason"],
            )
            for row in rows
        )

    def _made_by(self, name: str) -> str:
        """Return who made that account, or gave it its word, last; "" where nobody is known to have."""
        asked = "SELECT who FROM audit WHERE act = 'account.made' AND about = ? ORDER BY n DESC LIMIT 1"
        return next((str(row["who"]) for row in self._db.rows(asked, name)), "")

    def decide(self, by: SignedInUser, id_: int, yes: bool) -> PendingApproval | None:
        """Decide as the second person; return what may go now, or None.

        Raises:
            RefusedError: there is none, or it is their own and they say yes.
        """
        found = next((one for one in self.open() if one.id == id_), None)
        if found is None:
            raise ActRefusedError("there is no such proposal any more")
        if yes and found.who == by.name:
            raise ActRefusedError("it takes a second person")
        if yes and self._made_by(by.name) == found.who:
            raise ActRefusedError("it takes a second person whose account the first one has not made")
        now = self._now_ms()
        with self._db.change() as db:
            done = db.execute(
                "UPDATE proposals SET state = ?, decided_by = ? WHERE id = ? AND state = 'open'",
                ("sent" if yes else "refused", by.name, id_),
            )
            if done.rowcount == 0:
                raise ActRefusedError("there is no such proposal any more")
            audit.add(db, now, by.name, f"{'agreed to' if yes else 'refused'} {found.name}", str(id_), found.reason)
        return found if yes else None
