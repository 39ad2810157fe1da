"""What the office keeps of visits, `visits.db`: one move at a time, each with who made it, and no double booking.

A move goes from the state that its maker saw: whoever comes second is told what it is now, and nothing happens. That
two visits never share a unit or a station is the database's to hold (`visits.sql`), not a look before the write; the
moves themselves are `kits.visit.states`', the same as in practice. What a visit is *about* is in no table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import msgspec

from kiosk_firmware.core.visiting import Standing, VisitCase, VisitRequest
from kiosk_firmware.kits.visit.states import Move, MoveError, moved

VISITS = "visits.db"
HALF_HOUR_MIN = 30
FREES: tuple[Move, ...] = ("take_back", "lapse")
"""Moves after which unit and station are free again at that time."""


class RefusedError(Exception):
    """It cannot be done; the text says why, for a person."""


class Kept(msgspec.Struct, frozen=True):
    """A request as it is kept: its id, whose it is, from which site, and how far it is."""

    id: int
    person: str
    site: str
    case: VisitCase


class Appointment(msgspec.Struct, frozen=True):
    """Where and when a visit is: the unit inside, the station outside, day and minute."""

    request: int
    unit: str
    station: str
    day: int
    minute: int


def slot_of(day: int, minute: int) -> int:
    """The half hour of a visit.

    Raises:
        RefusedError: visits begin on the half hour.
    """
    if not 0 <= minute < 24 * 60 or minute % HALF_HOUR_MIN:
        raise RefusedError(f"minute = {minute}: a visit begins on the half hour, 0 to 1410")
    return day * 48 + minute // HALF_HOUR_MIN


class VisitStore:
    """One connection to `visits.db`. `now_ms`: UTC."""

    def __init__(self, path: Path, now_ms: Callable[[], int]) -> None:
        """Open or create it, for this user only."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._now_ms = now_ms
        self._db = sqlite3.connect(path, timeout=10, isolation_level=None)
        path.chmod(0o600)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(resources.files("kiosk_firmware.visits").joinpath("visits.sql").read_text("utf-8"))

    def close(self) -> None:
        """Close it; twice is fine."""
        self._db.close()

    # -- acts ---------------------------------------------------------------------------------------------------------

    def submit(self, who: str, person: str, site: str, request: VisitRequest) -> Kept:
        """Hand a request in.

        Raises:
            RefusedError: the person has one already; or it does not begin on the half hour.
        """
        slot_of(request.day, request.minute)
        wanted, state = msgspec.json.encode(request).decode(), moved("draft", "submit")
        with self._change(f"{person} has a request already; it must end or be taken back first") as db:
            number = f"HJ{db.execute('SELECT COALESCE(MAX(id), 0) + 1 FROM requests').fetchone()[0]:06d}"
            made = db.execute(
                "INSERT INTO requests(person, site, number, wanted, state) VALUES(?, ?, ?, ?, ?) RETURNING id",
                (person, site, number, wanted, state),
            ).fetchone()[0]
            self._note(made, who, "submit", "")
        return self.one(made)

    def approve(self, who: str, id_: int, unit: str, station: str) -> Kept:
        """Approve it for that unit and station, at the time that was asked for.

        Raises:
            RefusedError: somebody has one of the two then; or it is not to be approved (any more).
        """
        request = self.one(id_).case.request
        slot = slot_of(request.day, request.minute)
        with self._change(f"{unit} or {station} is taken at that time") as db:
            self._move(id_, who, "approval", "approve")
            db.execute("INSERT INTO appointments(request, unit, station, slot) VALUES(?, ?, ?, ?)",
                       (id_, unit, station, slot))
        return self.one(id_)

    def move(self, who: str, id_: int, seen: Standing, move: Move, reason: str = "", next_day: int = 0) -> Kept:
        """Any other move, from the state that `who` saw; approving needs a place and is `approve`.

        Raises:
            RefusedError: it is in another state by now, or the state knows no such move; says which it is.
        """
        if move in ("approve", "submit"):
            raise RefusedError(f"{move}: has a way of its own")
        with self._change("it cannot be moved") as db:
            self._move(id_, who, seen, move, reason, next_day)
            if move in FREES:
                db.execute("DELETE FROM appointments WHERE request = ?", (id_,))
        return self.one(id_)

    def _move(self, id_: int, who: str, seen: Standing, move: Move, reason: str = "", next_day: int = 0) -> None:
        try:
            after = moved(seen, move)
        except MoveError as error:
            raise RefusedError(str(error)) from error
        done = self._db.execute(
            "UPDATE requests SET state = ?, reason = ?, next_day = ?, signed = signed | ? WHERE id = ? AND state = ?",
            (after, reason, next_day, int(move == "meet"), id_, seen),
        )
        if done.rowcount == 0:
            raise RefusedError(f"request {id_} is {self.one(id_).case.state} by now, not {seen}")
        self._note(id_, who, move, reason)

    def _note(self, id_: int, who: str, move: Move, reason: str) -> None:
        self._db.execute(
            "INSERT INTO acts(at_ms, who, request, move, reason) VALUES(?, ?, ?, ?, ?)",
            (self._now_ms(), who, id_, move, reason),
        )

    @contextmanager
    def _change(self, taken: str) -> Iterator[sqlite3.Connection]:
        """One transaction; what the database does not allow is refused with those words."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except sqlite3.IntegrityError as error:
            self._db.execute("ROLLBACK")
            raise RefusedError(taken) from error
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # -- looking ------------------------------------------------------------------------------------------------------

    def one(self, id_: int) -> Kept:
        """The request with that id. Raises RefusedError: there is none."""
        row = self._db.execute("SELECT * FROM requests WHERE id = ?", (id_,)).fetchone()
        if row is None:
            raise RefusedError(f"there is no request {id_}")
        return _kept(row)

    def queue(self, site: str) -> tuple[Kept, ...]:
        """What the site's officer has to look at, oldest first."""
        rows = self._db.execute(
            "SELECT * FROM requests WHERE site = ? AND state IN ('submitted', 'kinship', 'approval') ORDER BY id",
            (site,),
        )
        return tuple(_kept(row) for row in rows)

    def calendar(self, first: int, last: int) -> tuple[Appointment, ...]:
        """All appointments of these days, by time."""
        rows = self._db.execute(
            "SELECT * FROM appointments WHERE slot >= ? AND slot < ? ORDER BY slot, unit", (first * 48, (last + 1) * 48)
        )
        return tuple(_appointment(row) for row in rows)

    def acts(self, id_: int) -> tuple[tuple[str, str], ...]:
        """Who made which moves, oldest first."""
        rows = self._db.execute("SELECT who, move FROM acts WHERE request = ? ORDER BY id", (id_,))
        return tuple((row["who"], row["move"]) for row in rows)


def _appointment(row: sqlite3.Row) -> Appointment:
    day, half = divmod(row["slot"], 48)
    return Appointment(row["request"], row["unit"], row["station"], day, half * HALF_HOUR_MIN)


def _kept(row: sqlite3.Row) -> Kept:
    request = msgspec.json.decode(row["wanted"], type=VisitRequest)
    case = VisitCase(request, row["number"], row["state"], row["reason"], row["next_day"], bool(row["signed"]))
    return Kept(row["id"], row["person"], row["site"], case)
