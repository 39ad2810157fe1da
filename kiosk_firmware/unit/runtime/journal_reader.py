"""Reading `screen.db`: open runs, their events, what is owed, learners' records. Never writes, never waits for the
writer.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec

from kiosk_firmware.core.events import AnyEvent
from kiosk_firmware.unit.coach.progress import RunRecord, decode
from kiosk_firmware.unit.runtime import liabilities as owed
from kiosk_firmware.unit.runtime.run import Coached, JournalHeader, Leaving, Prompted, Slipped
from kiosk_firmware.unit.runtime.screen_db import reader
from kiosk_firmware.unit.runtime.slot_totals import CustodySum
from kiosk_firmware.unit.runtime.transition_batch import AppliedCommand


class OpenRun(msgspec.Struct, frozen=True):
    """A run that a crash left open: its id, header (as stored), and when its last event was committed (UTC ms)."""

    run: str
    header: str
    started_ms: int
    last_ms: int

    def decoded(self) -> JournalHeader | None:
        """Decode the header, or return None where other code wrote one that this code cannot read."""
        try:
            return msgspec.json.decode(self.header, type=JournalHeader)
        except msgspec.ValidationError:
            return None


def open_run(path: Path) -> OpenRun | None:
    """Return the newest run without an end, or None."""
    with closing(reader(path)) as db:
        row = db.execute(
            "SELECT run, header, started_ms, (SELECT max(at_ms) FROM journal j WHERE j.run = r.run) FROM runs r "
            "WHERE ended IS NULL ORDER BY started_ms DESC, rowid DESC LIMIT 1"
        ).fetchone()
    return OpenRun(row[0], row[1], row[2], row[3] or row[2]) if row else None


def events(path: Path, run: str) -> tuple[tuple[int, AnyEvent | Prompted | Slipped | Coached | Leaving], ...]:
    """Return a run's journal as (at_ms, event), in order.

    Raises:
        msgspec.ValidationError: written by other code, or broken.
    """
    decoder = msgspec.json.Decoder(AnyEvent | Prompted | Slipped | Coached | Leaving)
    with closing(reader(path)) as db:
        rows = db.execute("SELECT at_ms, event FROM journal WHERE run=? ORDER BY n", (run,)).fetchall()
    return tuple((at_ms, decoder.decode(event)) for at_ms, event in rows)


def liabilities(path: Path) -> owed.Liabilities:
    """Return what the unit owes, as last committed."""
    with closing(reader(path)) as db:
        return owed.from_rows(db.execute("SELECT at, what FROM liabilities").fetchall())


def begun_commands(path: Path) -> tuple[AppliedCommand, ...]:
    """Return the commands that began and did not end."""
    with closing(reader(path)) as db:
        rows = db.execute("SELECT id, name, expires_at FROM obeyed WHERE ended = 0 ORDER BY rowid").fetchall()
    return tuple(AppliedCommand(*row) for row in rows)


def custody(path: Path) -> dict[str, CustodySum]:
    """Return what went through the slots since ever, by what it is."""
    with closing(reader(path)) as db:
        rows = db.execute("SELECT what, n, place, at_ms FROM custody").fetchall()
    return {row[0]: CustodySum(*row) for row in rows}


def records(path: Path, learner: str) -> tuple[RunRecord, ...]:
    """Return all records of a learner (by pseudonym), oldest first; rows that this code cannot read are passed over."""
    found = []
    with closing(reader(path)) as db:
        for (data,) in db.execute("SELECT data FROM records WHERE learner=?", (learner,)):
            try:
                found.append(decode(data))
            except msgspec.ValidationError:  # a later version's record came back from the office
                continue
    return tuple(sorted(found, key=lambda record: (record.started_ms, record.run)))
