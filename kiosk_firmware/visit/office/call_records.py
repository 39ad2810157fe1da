"""The call of each visit, as far as the office must know it after a crash: who has signed, how it stands, how it ended.

The unit tells, the office writes down; the same word heard twice is one word. What an end means for the visit is one
table: a cut line is nobody's fault, so it uses up no month and what was left is offered again (by policy); a breach
suspends; who came too late has waived it.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Callable
from typing import Literal, get_args

import msgspec

from kiosk_firmware.core.hosts.visit import Breach, Standing
from kiosk_firmware.visit.domain.calendar import month_after, months_on
from kiosk_firmware.visit.office.appointments import (
    Appointment,
    StoredRequest,
    VisitStore,
    day_and_minute,
    slot_taken_error,
)
from kiosk_firmware.visit.office.policy import MINUTE_MS, VisitPolicy
from kiosk_firmware.visit.office.visits_db import VisitRefusedError
from kiosk_firmware.visit.wire.messages import StatusReport

INVITE_MS = 12 * 3_600_000
"""So long before it begins the unit hears of a visit."""
STRAY_MS = 3_600_000
"""A visit of which nothing was heard for so long after it should have been over is closed as cut off by the line."""
TOKEN_MS = 60_000
SESSIONS = 1000
"""Of one line at most; a browser that tries every three seconds needs an hour for so many."""
HERE: tuple[Standing, ...] = ("approved", "waiting", "signing", "meeting")
BREACHES: tuple[str, ...] = get_args(Breach)
Whose = Literal["station", "officer"]


class Call(msgspec.Struct, frozen=True):
    """A call's row; see `visits.sql`. Instants UTC ms, 0: not yet."""

    request: int
    accepted_ms: int = 0
    unit_signed_ms: int = 0
    station_signed_ms: int = 0
    begun_ms: int = 0
    over_ms: int = 0
    told_ms: int = 0
    phase: str = ""
    left_ms: int = -1
    ending: str = ""
    owed: str = ""

    @property
    def both_signed(self) -> bool:
        """Return whether nobody can be late any more."""
        return bool(self.unit_signed_ms and self.station_signed_ms)


class CallRecords:
    """On the store's file. `now_ms`: UTC."""

    def __init__(self, store: VisitStore, policy: VisitPolicy, now_ms: Callable[[], int]) -> None:
        """Take up what stood before a restart."""
        self._store, self._db, self._policy, self._now_ms = store, store.db, policy, now_ms

    # -- tokens -------------------------------------------------------------------------------------------------------

    def mint(self, request: int, whose: Whose) -> tuple[str, int]:
        """Make a token that opens that end's line to the visit, once, within a minute; and the number below the
        sessions of that line, which no other line shares.
        """
        token, now = secrets.token_urlsafe(24), self._now_ms()
        with self._db.change() as db:
            db.execute("DELETE FROM tokens WHERE request = ? AND used_ms = 0 AND until_ms < ?", (request, now))
            made = db.execute(
                "INSERT INTO tokens(hash, request, whose, until_ms) VALUES(?, ?, ?, ?)",
                (_hash(token), request, whose, now + TOKEN_MS),
            )
        return token, int(made.lastrowid or 0) * SESSIONS

    def redeem(self, token: str) -> tuple[StoredRequest, Whose]:
        """Return whose it is, for which visit; from now on it is worth nothing.

        Raises:
            RefusedError: it is none, was used, or its minute is over.
        """
        now = self._now_ms()
        with self._db.change() as db:
            found = db.execute(
                "UPDATE tokens SET used_ms = ? WHERE hash = ? AND used_ms = 0 AND until_ms >= ?"
                " RETURNING request, whose",
                (now, _hash(token), now),
            ).fetchone()
        if found is None:
            raise VisitRefusedError("the token is none, was used already, or is too old", "token")
        return self._store.one(found["request"]), found["whose"]

    # -- what becomes of it -------------------------------------------------------------------------------------------

    def call(self, request: int) -> Call:
        """Return how the call stands."""
        rows = self._db.rows(f"SELECT {', '.join(Call.__struct_fields__)} FROM calls WHERE request = ?", request)
        return Call(**dict(rows[0])) if rows else Call(request)

    def accepted(self, request: int) -> None:
        """Note that the unit knows of the visit."""
        if not self.call(request).accepted_ms:
            self._set(request, accepted_ms=self._now_ms())

    def may_sign(self, one: Appointment) -> str:
        """Return why nobody may sign in now, a key of `visits.no`; "": they may."""
        now = self._now_ms()
        if now < one.begins_ms - self._policy.early_min * MINUTE_MS:
            return "early"
        return "late" if now > one.begins_ms + self._policy.late_min * MINUTE_MS else ""

    def signed(self, kept: StoredRequest, end: Literal["unit", "station"], who: str) -> None:
        """Note that an end has signed in and undertaken to keep the rules. A second time says nothing new.

        Raises:
            RefusedError: the visit is in no state for it.
        """
        column = f"{end}_signed_ms"
        with self._db.change():
            if getattr(self.call(kept.id), column):
                return
            kept = self._store.one(kept.id)
            if kept.case.state == "approved":
                kept = self._store.move(who, kept.id, "approved", "tell")
            if kept.case.state == "waiting":
                kept = self._store.move(who, kept.id, "waiting", "arrive")
            if kept.case.state not in ("signing", "meeting"):
                raise VisitRefusedError(f"the visit is {kept.case.state}", "by_now", state=kept.case.state)
            self._set(kept.id, **{column: self._now_ms()})
            self._store.note(kept.id, who, f"signed.{end}")

    def told(self, kept: StoredRequest, word: StatusReport) -> bool:
        """Take the unit's report on how it stands. What comes after the end changes nothing. False: nobody has signed
        in there since the visit was given its place, so the word is of an earlier one.
        """
        with self._db.change():
            call = self.call(kept.id)
            if not call.unit_signed_ms:
                return False
            if call.over_ms:
                return True
            left = word.left_ms if word.phase != "over" or call.begun_ms else -1
            self._set(kept.id, phase=word.phase, left_ms=left, told_ms=self._now_ms())
            if word.phase in ("talking", "cut") and not call.begun_ms:
                self._begin(kept)
            if {word.phase, call.phase} == {"talking", "cut"}:
                self._store.note(kept.id, "unit", "call.cut" if word.phase == "cut" else "call.resumed")
            if word.phase == "over":
                self._over(self._store.one(kept.id), word.end or "unit", word.left_ms)
        return True

    def _begin(self, kept: StoredRequest) -> None:
        if self._store.one(kept.id).case.state == "signing":
            self._store.move("unit", kept.id, "signing", "meet")
        self._set(kept.id, begun_ms=self._now_ms())

    def _over(self, kept: StoredRequest, ending: str, left_ms: int, who: str = "unit") -> None:
        """Apply what the end means. Before it began it lapses; that counts for the month unless the line was to
        blame.
        """
        met, day = kept.case.state == "meeting", kept.case.request.day
        blameless = ending == "line" and self._policy.rest_again
        rest = left_ms // 1000 if blameless and met and left_ms >= self._policy.rest_least_s * 1000 else 0
        counts = not blameless or (met and not rest)
        free = self._suspension_day(kept, ending) or (month_after(day) if counts else 0)
        if not met and kept.case.state == "approved":
            kept = self._store.move(who, kept.id, "approved", "tell")
        if kept.case.state not in ("waiting", "signing", "meeting"):
            return
        move = ("stop" if ending in (*BREACHES, "officer") else "end") if met else "lapse"
        appointment = self._store.appointment(kept.id)
        self._store.move(who, kept.id, kept.case.state, move, ending, free)  # type: ignore[arg-type]
        with self._db.change() as db:
            db.execute("UPDATE requests SET counts = ?, rest_s = ? WHERE id = ?", (int(counts), rest, kept.id))
            if met:
                due = self._now_ms() + self._policy.review_days * 24 * 3_600_000
                db.execute("INSERT OR IGNORE INTO reviews(request, due_ms) VALUES(?, ?)", (kept.id, due))
        owed = f"{appointment.unit} {ending}" if appointment and who != "unit" else ""
        self._set(kept.id, over_ms=self._now_ms(), ending=ending, phase="over", owed=owed)

    def _suspension_day(self, kept: StoredRequest, ending: str) -> int:
        """Suspend for a breach; return the first day that may be asked for again, or 0."""
        months = dict(self._policy.suspend_months).get(ending, 0)
        return self.suspend(kept, months) if months else 0

    def suspend(self, kept: StoredRequest, months: int) -> int:
        """Allow no visits of that person for so many months after this one; return the first day that may be asked for
        again.
        """
        until = months_on(kept.case.request.day, months)
        with self._db.change() as db:
            db.execute(
                "INSERT INTO suspensions(person, until_day) VALUES(?, ?) ON CONFLICT(person) DO UPDATE"
                " SET until_day = max(until_day, excluded.until_day)",
                (kept.person, until),
            )
        return until

    def rebook(
        self, who: str, kept: StoredRequest, seen: Standing, unit: str, station: str, at: tuple[int, int], reason: str
    ) -> StoredRequest:
        """Give a visit that nobody has signed in for another time or place. The unit that knew of the earlier one must
        hear so, also where it is the same one at another time.

        Raises:
            RefusedError: as `VisitStore.rebook`.
        """
        with self._db.change(slot_taken_error(unit, station)):
            was, now = self._store.rebook(who, kept.id, seen, unit, station, at, reason)
            if (was.unit, was.begins_ms) != (now.unit, now.begins_ms):
                self._set(kept.id, accepted_ms=0, owed=f"{was.unit} moved")
        return self._store.one(kept.id)

    def withdraw(self, kept: StoredRequest, one: Appointment, reason: str) -> None:
        """Note a visit that was taken back: the unit that knew of it must hear so."""
        self._set(kept.id, owed=f"{one.unit} {reason}")

    def paid(self, request: int) -> None:
        """Note that the message owed to the unit has gone out."""
        self._set(request, owed="")

    def owed(self) -> list[tuple[StoredRequest, str, str]]:
        """Return the visits whose unit must still hear that they will not be: the visit, the unit, why."""
        rows = self._db.rows("SELECT request, owed FROM calls WHERE owed <> ''")
        return [(self._store.one(row["request"]), *row["owed"].split(" ", 1)) for row in rows]

    def standing(self) -> list[tuple[StoredRequest, Appointment, Call]]:
        """Return the visits that are near or going on."""
        now = self._now_ms()
        day, _ = day_and_minute(now)
        found = []
        for one in self._store.calendar(day - 1, day + 1):
            kept = self._store.one(one.request)
            if kept.case.state in HERE and one.begins_ms - INVITE_MS <= now:
                found.append((kept, one, self.call(kept.id)))
        return found

    def lapse(self) -> list[StoredRequest]:
        """Close what time has closed: nobody came, or nothing was heard any more. Those that it closed."""
        now, closed = self._now_ms(), []
        for kept, one, call in self.standing():
            late = now > one.begins_ms + (self._policy.late_min + 1) * MINUTE_MS  # the unit's own word comes first
            end_ms = one.begins_ms + (self._policy.late_min + self._policy.minutes) * MINUTE_MS + STRAY_MS
            if not call.both_signed and late and kept.case.state != "meeting":
                self._close(kept, "late", 0)
            elif now > end_ms and now > call.told_ms + STRAY_MS:
                self._close(kept, "line", max(0, call.left_ms))
            else:
                continue
            closed.append(self._store.one(kept.id))
        return closed

    def _close(self, kept: StoredRequest, ending: str, left_ms: int) -> None:
        with self._db.change():
            self._over(kept, ending, left_ms, "office")

    def _set(self, request: int, **columns: int | str) -> None:
        with self._db.change() as db:
            db.execute("INSERT OR IGNORE INTO calls(request) VALUES(?)", (request,))
            marks = ", ".join(f"{name} = ?" for name in columns)
            db.execute(f"UPDATE calls SET {marks} WHERE request = ?", (*columns.values(), request))

    # -- listening afterwards -----------------------------------------------------------------------------------------

    def overdue(self) -> list[tuple[str, str]]:
        """Return (site, number) of visits of all sites that nobody has listened to within their days."""
        rows = self._db.rows(
            "SELECT site, number FROM reviews JOIN requests ON id = request WHERE at_ms = 0 AND due_ms < ?",
            self._now_ms(),
        )
        return [(row["site"], row["number"]) for row in rows]

    def unheard(self, site: str) -> list[sqlite3.Row]:
        """Return the visits of the site that nobody has listened to: number, due_ms; the most urgent first."""
        return self._db.rows(
            "SELECT number, due_ms FROM reviews JOIN requests ON id = request WHERE at_ms = 0 AND site = ?"
            " ORDER BY due_ms",
            site,
        )

    def review(self, request: int) -> sqlite3.Row | None:
        """Return who listened to it when and what they found; None: there is nothing to listen to."""
        rows = self._db.rows("SELECT due_ms, who, at_ms, found FROM reviews WHERE request = ?", request)
        return rows[0] if rows else None

    def reviewed(self, who: str, kept: StoredRequest, found: str) -> None:
        """Record that somebody has listened to it; `found`: a breach, or "" for none. It suspends as if it had been
        seen live.

        Raises:
            RefusedError: somebody has before; or there is nothing to listen to.
        """
        if found and found not in BREACHES:
            raise VisitRefusedError(f"found = {found!r}: allowed are {', '.join(BREACHES)} or nothing", "move")
        with self._db.change() as db:
            done = db.execute(
                "UPDATE reviews SET who = ?, at_ms = ?, found = ? WHERE request = ? AND at_ms = 0",
                (who, self._now_ms(), found, kept.id),
            )
            if done.rowcount == 0:
                raise VisitRefusedError("somebody has listened to it already", "reviewed")
            self._store.note(kept.id, who, "reviewed", found)
            if until := self._suspension_day(kept, found):
                db.execute("UPDATE requests SET next_day = max(next_day, ?) WHERE id = ?", (until, kept.id))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
