"""Mend the time of facts where a unit's clock was wrong: told by its boot's clock, which only runs.

A fact's stamp names the boot and the time since. As soon as one fact of a boot was written with a synchronised clock,
the difference of the two clocks is known, and the instants told in that boot by a clock that was not are mended: a
fact's, and its run's. What was told stays in the fact's digest, so a mended fact is still known when it
comes again.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.office.database.connection import Database
from kiosk_firmware.office.learning.learning_sums import LearningSums
from kiosk_firmware.wire import message_bounds
from kiosk_firmware.wire.envelope import Fact, ReceivedFact

MENDED = "mended"
"""The quality of an instant that the office has set right."""


class ClockRepair:
    """The books of boots, on the store's own connection and within its transaction."""

    def __init__(self, db: Database) -> None:
        self._db, self._sums = db, LearningSums(db)
        self._offsets: dict[tuple[str, str], int | None] = {}
        self._new: list[tuple[str, str, int]] = []

    def forget_all(self) -> None:
        """Forget what is in memory: the transaction failed."""
        self._offsets, self._new = {}, []

    def right(self, heard: ReceivedFact, heard_ms: int) -> tuple[Fact, str]:
        """Return the fact with the instant that is believed, and the quality of that. An instant that cannot be, before
        1970 or days ahead, is guessed: it is the one at which the fact was heard.
        """
        fact, timeq = self._mend(heard, heard_ms)
        if message_bounds.instant(fact.at_ms, heard_ms) is None:
            return msgspec.structs.replace(fact, at_ms=heard_ms), "guess"
        return fact, timeq

    def _mend(self, heard: ReceivedFact, heard_ms: int) -> tuple[Fact, str]:
        fact, stamp = heard.fact, heard.fact.stamp
        if stamp is None:
            return fact, heard.timeq
        offset = self._offset(heard.unit, stamp.boot)
        if heard.timeq == "synced":
            if offset is None and message_bounds.instant(fact.at_ms, heard_ms) is not None:
                self._keep(heard.unit, stamp.boot, fact.at_ms - stamp.up_ms)
            return fact, heard.timeq
        if offset is None:
            return fact, heard.timeq
        return msgspec.structs.replace(fact, at_ms=stamp.up_ms + offset), MENDED

    def _offset(self, unit: str, boot: str) -> int | None:
        if (unit, boot) not in self._offsets:
            asked = "SELECT offset_ms FROM boots WHERE unit = ? AND boot = ?"
            row = self._db.execute(asked, (unit, boot)).fetchone()
            self._offsets[unit, boot] = None if row is None else int(row[0])
        return self._offsets[unit, boot]

    def _keep(self, unit: str, boot: str, offset: int) -> None:
        self._offsets[unit, boot] = offset
        self._db.execute("INSERT INTO boots(unit, boot, offset_ms) VALUES(?, ?, ?)", (unit, boot, offset))
        self._new.append((unit, boot, offset))

    def mend(self) -> None:
        """Set right what was told earlier in the boots that are known since this batch; its facts are written."""
        for unit, boot, offset in self._new:
            wrong = "unit = ? AND boot = ? AND timeq IN ('guess', 'rtc')"
            began = self._db.execute(
                f"SELECT epoch, seq, up_ms FROM facts WHERE {wrong} AND type = 'run.started'", (unit, boot)
            ).fetchall()
            done = self._db.execute(
                f"UPDATE facts SET at_ms = up_ms + ?, timeq = '{MENDED}' WHERE {wrong}", (offset, unit, boot)
            )
            if done.rowcount:
                self._mend_runs([(up_ms + offset, unit, f"{epoch}-{seq}") for epoch, seq, up_ms in began])
        self._new = []

    def _mend_runs(self, began: list[tuple[int, str, str]]) -> None:
        """Mend the runs that these facts began: a run bears that fact's instant, and lasted as long as its unit's other
        clock said.
        """
        ended = "ended_ms = CASE WHEN ended_ms > 0 THEN ? + ms ELSE 0 END"
        rows = [(at_ms, at_ms, unit, run) for at_ms, unit, run in began]
        with self._sums.changed([(unit, run) for _, unit, run in began]):
            self._db.executemany(f"UPDATE runs SET started_ms = ?, {ended} WHERE unit = ? AND run = ?", rows)
