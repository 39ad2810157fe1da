"""The sender: which stored facts go out now. The files are the queue; here is only what is under way.

Only an ack of the office releases a fact: a broker's PUBACK says that a broker heard, not that anything was stored.
Each file of facts is a lane of its own (own epoch, own window). A lane's cursor runs ahead of what is acknowledged by
at most `window` facts under way; one without an ack after `resend_s` goes again, later and later, at random offsets.
What the office needs and the unit has no more is declared gone, so that a loss stands in the books instead of
blocking them.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.storage.high_water_mark import HighWaterMark, text
from kiosk_firmware.storage.read_only import connect, is_at_rest, read_connection
from kiosk_firmware.wire import event_clock
from kiosk_firmware.wire.envelope import Fact, decode, encode
from kiosk_firmware.wire.messages import Ack

FILES = "screen.db", "agent.db"
"""Where a unit's facts lie in its run-time folder."""
_FACT = "SELECT seq, at_ms, type, data, stamp, was FROM facts"
ROW_BYTES = "length(data) + length(type) + 32"
"""What a fact takes in its file, near enough: SQL over a row of `facts`."""
HASTE_S = 2.0
"""A fact that the office misses is sent again at once, unless it left less than this ago."""


class FactsFile:
    """A file of facts, read only; it may not be there yet, and may be replaced by another one while we look."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is opened yet."""
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._inode = 0

    def _open(self) -> sqlite3.Connection | None:
        try:
            inode = self._path.stat().st_ino
        except FileNotFoundError:
            inode = 0
        if inode != self._inode:
            self.close()
            self._inode = inode
        if self._db is None and inode:
            self._db = connect(self._path, 1)
            self._db.text_factory = text
        return self._db

    def _rows(self, sql: str, args: tuple[int | str, ...]) -> tuple[str, list[tuple[Any, ...]]]:
        """Return the epoch and the rows of one consistent moment; ("", []) while there is no such file or table."""
        try:
            if is_at_rest(self._path):
                self.close()
                with read_connection(self._path, 1) as db:
                    db.text_factory = text
                    return _query_epoch(db, sql, args)
            opened = self._open()
            return _query_epoch(opened, sql, args) if opened is not None else ("", [])
        except sqlite3.OperationalError:
            self.close()  # being created, or locked for a moment: the next look sees it
            return "", []

    def after(self, seq: int, limit: int) -> tuple[str, list[Fact]]:
        """Return the epoch, and up to `limit` facts above `seq`, ascending."""
        epoch, rows = self._rows(f"{_FACT} WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))
        return epoch, [_fact(epoch, row) for row in rows]

    def these(self, seqs: Iterable[int]) -> tuple[str, list[Fact]]:
        """Return the epoch, and those of `seqs` that are still here."""
        wanted = f"{_FACT} WHERE seq IN (SELECT value FROM json_each(?))"
        epoch, rows = self._rows(wanted, (msgspec.json.encode(list(seqs)).decode(),))
        return epoch, [_fact(epoch, row) for row in rows]

    def is_older(self, ack: Ack, site: str, unit: str) -> bool | None:
        """Return whether this is an older copy of a file that went on: the office has numbers that it never gave, or,
        where it has given as many meanwhile, the last number that is acknowledged is another fact's here. None where it
        cannot be read now, or was renewed.
        """
        given = self.given()
        still, facts = self.these([ack.upto])
        if not given.epoch == still == ack.epoch:
            return None
        ours = [decode(encode(site, unit, fact, event_clock.quality())).digest for fact in facts]  # as it travels
        return ack.top > given.last or (ack.digest != "" and ours not in ([], [ack.digest]))

    def given(self) -> HighWaterMark:
        """Return how far this file's numbers went; no epoch while it cannot be read."""
        epoch, rows = self._rows("SELECT max(n) FROM counter", ())
        return HighWaterMark(epoch, rows[0][0] or 0) if epoch else HighWaterMark("", 0)

    def backlog(self, seq: int) -> tuple[int, int]:
        """Return how many facts lie above `seq`, and the instant of the oldest (0 without any)."""
        _, rows = self._rows("SELECT count(*), coalesce(min(at_ms), 0) FROM facts WHERE seq > ?", (seq,))
        return (rows[0][0], rows[0][1]) if rows else (0, 0)

    def full(self, limit: int) -> float:
        """Return the share of `limit` bytes that facts take; 0 while the whole file is not half of it, which costs
        nothing.
        """
        try:
            if self._path.stat().st_size * 2 < limit:
                return 0.0
        except OSError:
            return 0.0
        _, rows = self._rows(f"SELECT coalesce(sum({ROW_BYTES}), 0) FROM facts", ())
        return round(rows[0][0] / limit, 3) if rows else 0.0

    def close(self) -> None:
        """Let go of the file; the next look opens it again."""
        if self._db is not None:
            self._db.close()
            self._db = None


def _query_epoch(db: sqlite3.Connection, sql: str, args: tuple[int | str, ...]) -> tuple[str, list[tuple[Any, ...]]]:
    """Return the epoch and the rows of one moment."""
    db.execute("BEGIN")
    try:
        epoch = db.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
        rows = db.execute(sql, args).fetchall()
    finally:
        db.execute("COMMIT")
    return (str(epoch[0]), rows) if epoch else ("", [])


def _fact(epoch: str, row: tuple[Any, ...]) -> Fact:
    seq, at_ms, name, data, stamp, was = row
    others = " ".join(one for one in was.split() if one != f"{epoch}-{seq}")
    return Fact(epoch, seq, at_ms, name, data.encode(), event_clock.read_stamp(stamp), others)


class InFlightBatch(msgspec.Struct):
    """A fact under way: when it left and when it leaves again, in seconds of the caller's clock."""

    fact: Fact
    left: float
    due: float
    tries: int = 0


class Bucket:
    """A token bucket: `rate` a second on average, `burst` at once."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        """Fill the bucket at `now`."""
        self._rate, self._burst = rate, burst
        self._tokens, self._at = burst, now

    def room(self, now: float) -> int:
        """Return how many may go now."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        return int(self._tokens)

    def take(self, count: int) -> None:
        """Spend what `room` offered."""
        self._tokens -= count


class Lane:
    """One file's facts on their way to the office."""

    def __init__(
        self, file: FactsFile, upto: Callable[[str], int], window: int, resend_s: float, rng: random.Random
    ) -> None:
        """Take `upto`, which tells what is acknowledged of an epoch."""
        self.file = file
        self.epoch = ""
        self._upto = upto
        self._window, self._resend_s, self._rng = window, resend_s, rng
        self._flights: dict[int, InFlightBatch] = {}
        self._cursor = 0

    def due(self, now: float, room: int) -> list[Fact]:
        """Return up to `room` facts to send now: late ones first, then new ones as far as the window reaches."""
        self._refresh()
        late = [flight for flight in self._flights.values() if flight.due <= now][:room]
        fresh = min(room - len(late), self._window - len(self._flights))
        epoch, facts = self.file.after(self._cursor, fresh) if fresh > 0 else (self.epoch, [])
        if epoch != self.epoch:
            return []  # renewed between two looks; the next one starts over
        for fact in facts:
            self._cursor = fact.seq
            self._flights[fact.seq] = InFlightBatch(fact, now, now)
        out = late + [self._flights[fact.seq] for fact in facts]
        for flight in out:
            self._launch(flight, now)
        return [flight.fact for flight in out]

    def _refresh(self) -> None:
        epoch, _ = self.file.after(0, 0)
        if epoch and epoch != self.epoch:
            self.epoch, self._flights, self._cursor = epoch, {}, self._upto(epoch)

    def _launch(self, flight: InFlightBatch, now: float) -> None:
        pause = self._resend_s * min(2**flight.tries, 8) * self._rng.uniform(0.8, 1.2)
        flight.left, flight.due, flight.tries = now, now + pause, flight.tries + 1

    def doubt(self, now: float, spread_s: float) -> None:
        """Send all under way again, spread over a while: the broker may have lost what it took."""
        for flight in self._flights.values():
            flight.due = min(flight.due, now + self._rng.uniform(0, spread_s))

    def heard(self, ack: Ack, now: float) -> list[tuple[int, int]]:
        """Release what the office has; returns the ranges it needs and that are not here any more."""
        need = frozenset(ack.need)
        for seq in [seq for seq in self._flights if seq <= ack.upto or (seq <= ack.top and seq not in need)]:
            del self._flights[seq]
        self._cursor = max(self._cursor, ack.upto)
        away = sorted(seq for seq in need if seq not in self._flights and seq <= self._cursor)
        for seq in need & self._flights.keys():
            flight = self._flights[seq]
            flight.due = min(flight.due, max(now, flight.left + HASTE_S))
        return self._fetch(away, now) if away else []

    def _fetch(self, away: list[int], now: float) -> list[tuple[int, int]]:
        """Take needed facts up again; those that a good look does not find are gone."""
        epoch, facts = self.file.these(away)
        if epoch != self.epoch:
            return []  # the file could not be read this moment, or was renewed: that proves nothing
        for fact in facts:
            self._flights[fact.seq] = InFlightBatch(fact, now - HASTE_S, now)
        return ranges(sorted(set(away) - {fact.seq for fact in facts}))

    def backlog(self) -> tuple[int, int]:
        """Return the number of facts not yet acknowledged, and the instant of the oldest."""
        self._refresh()
        return self.file.backlog(self._upto(self.epoch))


def ranges(seqs: Iterable[int]) -> list[tuple[int, int]]:
    """Return ascending numbers as (first, last) runs."""
    out: list[tuple[int, int]] = []
    for seq in seqs:
        if out and out[-1][1] + 1 == seq:
            out[-1] = (out[-1][0], seq)
        else:
            out.append((seq, seq))
    return out
