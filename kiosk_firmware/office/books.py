"""How complete each epoch is, in memory while it is busy and in the database at each commit.

An epoch whose numbers clashed is frozen from the first number that clashed: what comes under it is believed no more,
and its acks stop there, until the unit begins a new epoch.
"""

from __future__ import annotations

import sqlite3

from kiosk_firmware.office.seqs import Seqs
from kiosk_firmware.telemetry.messages import Ack


class Epoch:
    """One epoch's books; `frozen_from` is 0 while its numbers are sound."""

    def __init__(self, seqs: Seqs, frozen_from: int) -> None:
        """Begin with what was written down."""
        self.seqs, self.frozen_from = seqs, frozen_from

    def frozen(self, seq: int) -> bool:
        """Whether nothing under this number is believed any more."""
        return 0 < self.frozen_from <= seq

    def ack(self, epoch: str) -> Ack:
        """What the unit may be told."""
        upto, top, need = self.seqs.ack()
        if self.frozen_from:
            upto, top = min(upto, self.frozen_from - 1), min(top, self.frozen_from - 1)
            need = [seq for seq in need if seq < self.frozen_from]
        return Ack(epoch, upto, top, need)


class Books:
    """The books of all units, on the store's own connection and within its transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Nothing is read yet."""
        self._db = db
        self._epochs: dict[tuple[str, str], Epoch] = {}
        self._changed: set[tuple[str, str]] = set()

    def look(self, unit: str, epoch: str) -> Epoch:
        """The books of an epoch, to read."""
        if (unit, epoch) not in self._epochs:
            self._epochs[unit, epoch] = self._load(unit, epoch)
        return self._epochs[unit, epoch]

    def change(self, unit: str, epoch: str) -> Epoch:
        """The books of an epoch, to change; they are written down with the batch."""
        self._changed.add((unit, epoch))
        return self.look(unit, epoch)

    def forget_all(self) -> None:
        """The transaction failed: what is in memory is not what is written."""
        self._epochs, self._changed = {}, set()

    def _load(self, unit: str, epoch: str) -> Epoch:
        name = (unit, epoch)
        row = self._db.execute(
            "SELECT top, lost, frozen_from FROM epochs WHERE unit = ? AND epoch = ?", name
        ).fetchone()
        if row is None:
            return Epoch(Seqs(), 0)
        holes = self._db.execute("SELECT first, last FROM holes WHERE unit = ? AND epoch = ? ORDER BY first", name)
        return Epoch(Seqs(row[0], holes.fetchall(), row[1]), row[2])

    def write(self, now_ms: int) -> None:
        """Write down what changed."""
        for unit, epoch in self._changed:
            books = self._epochs[unit, epoch]
            seqs = books.seqs
            self._db.execute(
                "INSERT INTO epochs(unit, epoch, upto, top, lost, frozen_from) VALUES(?, ?, ?, ?, ?, ?)"
                " ON CONFLICT(unit, epoch) DO UPDATE SET upto = excluded.upto, top = excluded.top,"
                " lost = excluded.lost, frozen_from = excluded.frozen_from",
                (unit, epoch, seqs.upto, seqs.top, seqs.lost, books.frozen_from),
            )
            self._write_holes(unit, epoch, seqs, now_ms)
        self._changed = set()

    def _write_holes(self, unit: str, epoch: str, seqs: Seqs, now_ms: int) -> None:
        """A hole keeps the instant at which it was first missed."""
        named = "WHERE unit = ? AND epoch = ?"
        known = self._db.execute(
            f"SELECT first, last, since_ms FROM holes {named} ORDER BY first", (unit, epoch)
        ).fetchall()
        if [(first, last) for first, last, _ in known] == seqs.holes:
            return
        self._db.execute(f"DELETE FROM holes {named}", (unit, epoch))
        for first, last in seqs.holes:
            since = min((s for a, b, s in known if a <= last and first <= b), default=now_ms)
            row = (unit, epoch, first, last, since)
            self._db.execute("INSERT INTO holes(unit, epoch, first, last, since_ms) VALUES(?, ?, ?, ?, ?)", row)
