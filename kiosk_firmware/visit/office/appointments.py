"""Requests and appointments: one move at a time, each with who made it, and no double booking.

A move goes from the state that its maker saw: whoever comes second is told what it is now, and nothing happens. That
two visits never share a unit or a station is the database's to hold (`visits.sql`), not a look before the write; the
moves themselves are `visit.domain.states`', the same as in practice. What a visit is *about* is in no table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import msgspec

from kiosk_firmware.core.hosts.visit import Standing, VisitCase, VisitRequest
from kiosk_firmware.visit.domain.calendar import date_of
from kiosk_firmware.visit.domain.states import FINAL, MOVES, Move, MoveError, apply_moves
from kiosk_firmware.visit.office.visits_db import VisitRefusedError, VisitsDb

HALF_HOUR_MIN = 30
HALF_HOURS = 48
OFFSET_MS = 8 * 3_600_000
"""Days and minutes are those of UTC+8."""
DAY_MS = 24 * 3_600_000
FREES: tuple[Move, ...] = ("take_back", "lapse")
"""Moves after which unit and station are free again at that time."""
MOVABLE: tuple[Standing, ...] = tuple(state for state, move in MOVES if move == "rebook")
"""In these a visit may be given another time or place."""
OVER = ", ".join(f"'{state}'" for state in ("draft", *FINAL))


class Visitor(msgspec.Struct, frozen=True):
    """A visitor: their number in the judicial office's register, what they say to be, the proof that was seen."""

    relative: str
    kin: str
    proof: str = ""


class StoredRequest(msgspec.Struct, frozen=True):
    """A request as it is kept: its id, whose it is, from which site and station, how far it is. `seconds`: of talk,
    where it is the rest of an earlier visit; `rest_s`: what a cut line left of this one, offered again.
    """

    id: int
    person: str
    site: str
    case: VisitCase
    station: str = ""
    seconds: int = 0
    rest_s: int = 0


class Appointment(msgspec.Struct, frozen=True):
    """The place and time of a visit: the unit inside, the station outside, day and minute."""

    request: int
    unit: str
    station: str
    day: int
    minute: int

    @property
    def begins_ms(self) -> int:
        """The instant (UTC) at which it begins."""
        return self.day * DAY_MS + self.minute * 60_000 - OFFSET_MS

    @property
    def words(self) -> str:
        """For a history: `2026-12-03 09:30 jia-visit-01 sifa-01`."""
        return f"{date_of(self.day)} {self.minute // 60:02d}:{self.minute % 60:02d} {self.unit} {self.station}"


def slot_of(day: int, minute: int) -> int:
    """Return the number of the half hour of a visit.

    Raises:
        RefusedError: visits begin on the half hour.
    """
    if not 0 <= minute < 24 * 60 or minute % HALF_HOUR_MIN:
        raise VisitRefusedError(f"minute = {minute}: a visit begins on the half hour, 0 to 1410", "half_hour")
    return day * HALF_HOURS + minute // HALF_HOUR_MIN


def slot_taken_error(unit: str, station: str) -> VisitRefusedError:
    """Return the error that another visit has one of the two at that time."""
    return VisitRefusedError(f"{unit} or {station} is taken at that time", "taken", unit=unit, station=station)


def day_and_minute(at_ms: int) -> tuple[int, int]:
    """Return the day and the minute of an instant (UTC ms)."""
    day, ms = divmod(at_ms + OFFSET_MS, DAY_MS)
    return day, ms // 60_000


class VisitStore:
    """On the office's file of visits. `now_ms`: UTC."""

    def __init__(self, db: VisitsDb, now_ms: Callable[[], int]) -> None:
        """Take up what stood before a restart."""
        self.db, self._now_ms = db, now_ms

    # -- acts ---------------------------------------------------------------------------------------------------------

    def submit(
        self,
        who: str,
        person: str,
        site: str,
        request: VisitRequest,
        station: str = "",
        comers: tuple[Visitor, ...] = (),
    ) -> StoredRequest:
        """Hand a request in. What an earlier visit's cut line left is what it is for.

        Raises:
            RefusedError: the person has one already; or it does not begin on the half hour.
        """
        slot_of(request.day, request.minute)
        wanted, state = msgspec.json.encode(request).decode(), apply_moves("draft", "submit")
        refused = VisitRefusedError(f"{person} has a request already; it must end or be taken back first", "open")
        with self.db.change(refused) as db:
            number = f"HJ{db.execute('SELECT COALESCE(MAX(id), 0) + 1 FROM requests').fetchone()[0]:06d}"
            made = db.execute(
                "INSERT INTO requests(person, site, station, number, wanted, state, seconds)"
                " VALUES(?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (person, site, station, number, wanted, state, self.rest_of(person)),
            ).fetchone()[0]
            rows = [(made, one.relative, one.kin, one.proof) for one in comers]
            db.executemany("INSERT INTO comers(request, relative, kin, proof) VALUES(?, ?, ?, ?)", rows)
            self.note(made, who, "submit")
        return self.one(made)

    def approve(
        self, who: str, id_: int, unit: str, station: str, at: tuple[int, int] | None = None, reason: str = ""
    ) -> StoredRequest:
        """Approve it for that unit and station, at the day and minute that were asked for, or at others.

        Raises:
            RefusedError: somebody has one of the two then; or it is not to be approved (any more).
        """
        request = self.one(id_).case.request
        day, minute = at or (request.day, request.minute)
        slot = slot_of(day, minute)
        with self.db.change(slot_taken_error(unit, station)) as db:
            self._move(id_, who, "approval", "approve", reason)
            self._set_slot(id_, day, minute)
            db.execute(
                "INSERT INTO appointments(request, unit, station, slot) VALUES(?, ?, ?, ?)", (id_, unit, station, slot)
            )
        return self.one(id_)

    def rebook(
        self, who: str, id_: int, seen: Standing, unit: str, station: str, at: tuple[int, int], reason: str
    ) -> tuple[Appointment, Appointment]:
        """Give an approved visit another place or time, at once or not at all: what it had, and what it has. From where
        to where stands in its history, before the reason.

        Raises:
            RefusedError: somebody has one of the two then; it is where it was; or nothing stands that could be moved.
        """
        was, now = self.appointment(id_), Appointment(id_, unit, station, *at)
        slot = slot_of(*at)
        if was is None:
            raise VisitRefusedError(f"request {id_} has no place that could be moved", "move")
        if now == was:
            raise VisitRefusedError("it is there already", "same")
        with self.db.change(slot_taken_error(unit, station)) as db:
            self._move(id_, who, seen, "rebook", f"{was.words} → {now.words}: {reason}")
            self._set_slot(id_, *at)
            db.execute(
                "UPDATE appointments SET unit = ?, station = ?, slot = ? WHERE request = ?", (unit, station, slot, id_)
            )
        return was, now

    def _set_slot(self, id_: int, day: int, minute: int) -> None:
        """Set the time that was decided; why it once came back is told no more."""
        request = msgspec.structs.replace(self.one(id_).case.request, day=day, minute=minute)
        with self.db.change() as db:
            db.execute(
                "UPDATE requests SET wanted = ?, reason = '' WHERE id = ?", (msgspec.json.encode(request).decode(), id_)
            )

    def move(
        self, who: str, id_: int, seen: Standing, move: Move, reason: str = "", next_day: int = 0
    ) -> StoredRequest:
        """Make any other move, from the state that `who` saw; those that need a place are `approve` and `rebook`.

        Raises:
            RefusedError: it is in another state by now, or the state knows no such move; says which it is.
        """
        if move in ("approve", "rebook", "submit"):
            raise VisitRefusedError(f"{move}: has a way of its own", "move")
        with self.db.change() as db:
            self._move(id_, who, seen, move, reason, next_day)
            if move == "prove":
                db.execute(
                    "INSERT OR REPLACE INTO relatives(person, relative, kin) SELECT person, relative, kin FROM comers"
                    " JOIN requests ON requests.id = request WHERE request = ?",
                    (id_,),
                )
            if move in FREES:
                db.execute("DELETE FROM appointments WHERE request = ?", (id_,))
        return self.one(id_)

    def _move(self, id_: int, who: str, seen: Standing, move: Move, reason: str = "", next_day: int = 0) -> None:
        try:
            after = apply_moves(seen, move)
        except MoveError as error:
            raise VisitRefusedError(str(error), "move") from error
        with self.db.change() as db:
            done = db.execute(
                "UPDATE requests SET state = ?, reason = ?, next_day = ?, signed = signed | ?"
                " WHERE id = ? AND state = ?",
                (after, reason, next_day, int(move == "meet"), id_, seen),
            )
        if done.rowcount == 0:
            now = self.one(id_).case.state
            raise VisitRefusedError(f"request {id_} is {now} by now, not {seen}", "by_now", state=now)
        self.note(id_, who, move, reason)

    def note(self, id_: int, who: str, act: str, reason: str = "") -> None:
        """Write down who did what with a request."""
        with self.db.change() as db:
            db.execute(
                "INSERT INTO acts(at_ms, who, request, move, reason) VALUES(?, ?, ?, ?, ?)",
                (self._now_ms(), who, id_, act, reason),
            )

    # -- looking ------------------------------------------------------------------------------------------------------

    def one(self, id_: int) -> StoredRequest:
        """Return the request with that id. Raises RefusedError: there is none."""
        return self._only("id", id_)

    def by_number(self, number: str) -> StoredRequest:
        """Return the request with the number on the slip. Raises RefusedError: there is none."""
        return self._only("number", number)

    def _only(self, column: str, value: int | str) -> StoredRequest:
        rows = self.db.rows(f"SELECT * FROM requests WHERE {column} = ?", value)
        if not rows:
            raise VisitRefusedError(f"there is no request {value}", "none")
        return _request_of_row(rows[0])

    def queue(self, site: str) -> tuple[StoredRequest, ...]:
        """Return what the site's officer has to look at, oldest first."""
        return self._all("site = ? AND state IN ('submitted', 'kinship', 'approval') ORDER BY id", site)

    def of_station(self, station: str, limit: int) -> tuple[StoredRequest, ...]:
        """Return what was handed in at that station, or is to be there; what something will become of first, then the
        newest.
        """
        here = "station = ? OR id IN (SELECT request FROM appointments WHERE station = ?)"
        return self._all(f"{here} ORDER BY state IN ({OVER}), id DESC LIMIT ?", station, station, limit)

    def of_person(self, person: str) -> tuple[StoredRequest, ...]:
        """Return all of one learner's, newest first."""
        return self._all("person = ? ORDER BY id DESC", person)

    def booked(self, day: int, site: str) -> tuple[tuple[StoredRequest, Appointment], ...]:
        """Return the site's visits of that day, by time; what lapsed is not among them."""
        return tuple((kept, one) for one in self.calendar(day, day) if (kept := self.one(one.request)).site == site)

    def _all(self, where: str, *args: str | int) -> tuple[StoredRequest, ...]:
        return tuple(_request_of_row(row) for row in self.db.rows(f"SELECT * FROM requests WHERE {where}", *args))

    def calendar(self, first: int, last: int) -> tuple[Appointment, ...]:
        """Return all appointments of these days, by time."""
        rows = self.db.rows(
            "SELECT * FROM appointments WHERE slot >= ? AND slot < ? ORDER BY slot, unit",
            first * HALF_HOURS,
            (last + 1) * HALF_HOURS,
        )
        return tuple(_appointment(row) for row in rows)

    def appointment(self, id_: int) -> Appointment | None:
        """Return where and when that request's visit is; None: nowhere."""
        rows = self.db.rows("SELECT * FROM appointments WHERE request = ?", id_)
        return _appointment(rows[0]) if rows else None

    def comers(self, id_: int) -> tuple[Visitor, ...]:
        """Return who comes to it."""
        rows = self.db.rows("SELECT relative, kin, proof FROM comers WHERE request = ? ORDER BY rowid", id_)
        return tuple(Visitor(**dict(row)) for row in rows)

    def acts(self, id_: int) -> tuple[tuple[str, str], ...]:
        """Return who made which moves, oldest first."""
        return tuple((row["who"], row["move"]) for row in self.history(id_))

    def history(self, id_: int) -> list[sqlite3.Row]:
        """Return the moves of a request with instant and reason: at_ms, who, move, reason."""
        return self.db.rows("SELECT at_ms, who, move, reason FROM acts WHERE request = ? ORDER BY id", id_)

    def moves(self, id_: int) -> int:
        """Return how often it was given another time or place: so many slips are void."""
        return len(self.db.rows("SELECT id FROM acts WHERE request = ? AND move = 'rebook'", id_))

    def counts(self, id_: int) -> bool:
        """Return whether it used its month up."""
        return bool(self.db.rows("SELECT counts FROM requests WHERE id = ?", id_)[0]["counts"])

    def rest_of(self, person: str) -> int:
        """Return the seconds that a cut line left of the person's last visit and that no other visit has taken up; 0:
        none.
        """
        rows = self.db.rows(
            "SELECT rest_s FROM requests WHERE person = ? AND state IN ('ended', 'stopped', 'waived')"
            " ORDER BY id DESC LIMIT 1",
            person,
        )
        return int(rows[0]["rest_s"]) if rows else 0


def _appointment(row: sqlite3.Row) -> Appointment:
    day, half = divmod(row["slot"], HALF_HOURS)
    return Appointment(row["request"], row["unit"], row["station"], day, half * HALF_HOUR_MIN)


def _request_of_row(row: sqlite3.Row) -> StoredRequest:
    request = msgspec.json.decode(row["wanted"], type=VisitRequest)
    case = VisitCase(request, row["number"], row["state"], row["reason"], row["next_day"], bool(row["signed"]))
    return StoredRequest(row["id"], row["person"], row["site"], case, row["station"], row["seconds"], row["rest_s"])
