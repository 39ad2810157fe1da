"""Keep how complete each epoch is, in memory while it is busy and in the database at each commit.

An epoch whose numbers clashed is frozen from the first number that clashed: what comes under it is believed no more,
and its acks stop there, until the unit begins a new epoch.

What is in memory may be old where two collectors met the same unit (sites were shared out anew): writing down then
fails as a whole, and the batch is taken again from what is written.
"""

from __future__ import annotations

import sqlite3

from kiosk_firmware.office.database.connection import Database
from kiosk_firmware.office.ingest.sequence_ranges import Range, SequenceRanges
from kiosk_firmware.wire.messages import Ack

MOST = 50_000
"""Epochs kept in memory; beyond, all are forgotten and read again when they are needed."""
_INSERT = (
    "WITH told(unit, epoch, upto, top, lost, frozen_from) AS ({rows}) INSERT INTO"
    " epochs(unit, epoch, upto, top, lost, frozen_from) SELECT unit, epoch, upto, top, lost, frozen_from FROM told"
)
_UPDATE = (
    "WITH told(upto, top, lost, frozen_from, unit, epoch, was_top, was_upto, was_lost) AS ({rows}) UPDATE epochs SET"
    " upto = told.upto, top = told.top, lost = told.lost, frozen_from = told.frozen_from FROM told"
    " WHERE epochs.unit = told.unit AND epochs.epoch = told.epoch AND epochs.top = told.was_top"
    " AND epochs.upto = told.was_upto AND epochs.lost = told.was_lost"
)


class Epoch:
    """One epoch's books; `frozen_from` is 0 while its numbers are sound."""

    def __init__(self, seqs: SequenceRanges, frozen_from: int, new: bool) -> None:
        """Begin with what was written down; `new`: nothing was."""
        self.seqs, self.frozen_from, self.new = seqs, frozen_from, new
        self.written = self._written_ranges()

    def _written_ranges(self) -> tuple[int, int, int, list[Range]]:
        return self.seqs.top, self.seqs.upto, self.seqs.lost, list(self.seqs.holes)

    def settle(self) -> None:
        """Take what is in memory as what is written."""
        self.written, self.new = self._written_ranges(), False

    def frozen(self, seq: int) -> bool:
        """Return whether nothing under this number is believed any more."""
        return 0 < self.frozen_from <= seq

    def ack(self, epoch: str) -> Ack:
        """Return what the unit may be told."""
        upto, top, need = self.seqs.ack()
        if self.frozen_from:
            upto, top = min(upto, self.frozen_from - 1), min(top, self.frozen_from - 1)
            need = [seq for seq in need if seq < self.frozen_from]
        return Ack(epoch, upto, top, need)


class EpochCompleteness:
    """The books of all units, on the store's own connection and within its transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._epochs: dict[tuple[str, str], Epoch] = {}
        self._changed: set[tuple[str, str]] = set()

    def look(self, unit: str, epoch: str) -> Epoch:
        """Return the books of an epoch, to read."""
        if (unit, epoch) not in self._epochs:
            self._epochs[unit, epoch] = self._load(unit, epoch)
        return self._epochs[unit, epoch]

    def change(self, unit: str, epoch: str) -> Epoch:
        """Return the books of an epoch, to change; they are written down with the batch."""
        self._changed.add((unit, epoch))
        return self.look(unit, epoch)

    def forget_all(self) -> None:
        """Forget what is in memory: the transaction failed, so it is not what is written."""
        self._epochs, self._changed = {}, set()

    def settle(self) -> None:
        """Take over the changes: the transaction is committed."""
        for name in self._changed:
            self._epochs[name].settle()
        self._changed = set()
        if len(self._epochs) > MOST:
            self._epochs = {}

    def _load(self, unit: str, epoch: str) -> Epoch:
        name = (unit, epoch)
        row = self._db.execute(
            "SELECT top, lost, frozen_from FROM epochs WHERE unit = ? AND epoch = ?", name
        ).fetchone()
        if row is None:
            return Epoch(SequenceRanges(), 0, new=True)
        holes = self._db.execute("SELECT first, last FROM holes WHERE unit = ? AND epoch = ? ORDER BY first", name)
        return Epoch(
            SequenceRanges(row[0], [(first, last) for first, last in holes.fetchall()], row[1]), row[2], new=False
        )

    def write(self, now_ms: int) -> None:
        """Write down what changed.

        Raises:
            sqlite3.IntegrityError: somebody else wrote meanwhile.
        """
        changed = [(unit, epoch, self._epochs[unit, epoch]) for unit, epoch in sorted(self._changed)]
        self._db.merge(_INSERT, [(unit, epoch, *_figures(books)) for unit, epoch, books in changed if books.new])
        known = [(*_figures(books), unit, epoch, *_was(books)) for unit, epoch, books in changed if not books.new]
        if self._db.merge(_UPDATE, known) != len(known):
            raise sqlite3.IntegrityError("another collector writes the books of one of these units")
        for unit, epoch, books in changed:
            if books.seqs.holes != books.written[3]:
                self._write_holes(unit, epoch, books.seqs, now_ms)

    def _write_holes(self, unit: str, epoch: str, seqs: SequenceRanges, now_ms: int) -> None:
        """Write the holes of an epoch; each keeps the instant at which it was first missed."""
        named = "WHERE unit = ? AND epoch = ?"
        known = self._db.execute(
            f"SELECT first, last, since_ms FROM holes {named} ORDER BY first", (unit, epoch)
        ).fetchall()
        self._db.execute(f"DELETE FROM holes {named}", (unit, epoch))
        rows = []
        for first, last in seqs.holes:
            since = min((s for a, b, s in known if a <= last and first <= b), default=now_ms)
            rows.append((unit, epoch, first, last, since))
        self._db.executemany("INSERT INTO holes(unit, epoch, first, last, since_ms) VALUES(?, ?, ?, ?, ?)", rows)


def _figures(books: Epoch) -> tuple[int, int, int, int]:
    return books.seqs.upto, books.seqs.top, books.seqs.lost, books.frozen_from


def _was(books: Epoch) -> tuple[int, int, int]:
    top, upto, lost, _ = books.written
    return top, upto, lost
