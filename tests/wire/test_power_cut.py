"""The power goes at any write of any commit: what was said to be stored is stored, on the unit and at the office.

The journal and the office's store run on a disk that forgets what was not synced. The same without syncing loses, so
the disk does bite.
"""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

import pytest

from kiosk_firmware.office.database import connection as office_database
from kiosk_firmware.office.ingest import fact_store as office_store
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from kiosk_firmware.unit.runtime import screen_db
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import Batch
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.envelope import Fact as Told
from kiosk_firmware.wire.envelope import encode
from tests.wire.disk import Connection, Disk

EPOCH, PATH = "0123456789abcdef", Path("/unit/screen.db")
STEPS = 500
"""Writes and syncs of a run: some dozens of commits, and checkpoints between them."""
names = itertools.count()
Cut = tuple[dict[str, bytes], int]
"""What the disk held, and up to which number had been promised by then."""


class Cutter:
    """Takes cuts at random moments of what a side does."""

    def __init__(self, disk: Disk, seed: int, count: int) -> None:
        self.rng, self.promised, self.cuts = random.Random(seed), 0, list[Cut]()
        moments = {disk.count + self.rng.randrange(1, STEPS) for _ in range(count)}
        self.last = disk.count + STEPS
        share = self.rng.choice([0.0, 0.5, 0.9])

        def at_each(step: int) -> None:
            if step in moments:
                self.cuts.append((disk.cut(self.rng, share), self.promised))

        disk.at_each = at_each


def unit_runs(disk: Disk, seed: int, count: int) -> list[Cut]:
    book = Journal(PATH, "u-1", patience_ms=0)
    cutter, told = Cutter(disk, seed, count), 0
    while disk.count < cutter.last:
        size = cutter.rng.randrange(1, 4)
        bulk = "y" * cutter.rng.randrange(900)
        facts = tuple(RunFact("noise.counted", {"n": told + n, "x": bulk}) for n in range(1, size + 1))
        told += size

        def promised(durable: bool, upto: int = told) -> None:
            assert durable
            cutter.promised = upto

        book.submit(Batch(1000, run=f"r-{told}", header=b"{}", facts=facts), promised)
        if cutter.rng.random() < 0.7:
            book.commit_now()
    book.close()
    return cutter.cuts


def unit_knows(epoch: str) -> int:
    """Up to which number the unit has all after a cut; its file must be sound and its epoch the same."""
    book = Journal(PATH, "u-1", patience_ms=0)
    assert book._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    rows = book._db.execute("SELECT seq, data FROM facts ORDER BY seq").fetchall()
    assert [seq for seq, _ in rows] == [json.loads(data)["n"] for _, data in rows] == list(range(1, len(rows) + 1))
    assert book.found.last_seq == len(rows)
    runs = book._db.execute("SELECT count(*) FROM runs").fetchone()[0]
    assert runs <= len(rows), "a transition is there whole or not at all"
    assert not rows or not epoch or book.epoch == epoch
    book.close()
    return len(rows)


def office_runs(disk: Disk, seed: int, count: int) -> list[Cut]:
    store = FactStore(Path("/office/office.db"))
    cutter, told = Cutter(disk, seed, count), 0
    while disk.count < cutter.last:
        size = cutter.rng.randrange(1, 30)
        store.apply([arrived(told + n) for n in range(1, size + 1)])
        told += size
        cutter.promised = told  # the ack goes out now
    store.close()
    return cutter.cuts


def arrived(seq: int) -> IncomingMessage:
    data = b'{"run":"r-1","step":"pin","prompt":0,"slips":0,"ms":5000}'
    wire = encode("jia", "u-1", Told(EPOCH, seq, 1000 + seq, "step.ended", data), "synced")
    return IncomingMessage(topics.topic("jia", "u-1", "evt", "step-ended"), wire, 1000)


def office_knows(_: str) -> int:
    store = FactStore(Path("/office/office.db"))
    assert store._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    (count,) = store._db.execute("SELECT count(*) FROM facts").fetchone()
    steps = store._db.execute("SELECT coalesce(sum(steps), 0) FROM runs").fetchone()
    assert steps == (count,), "facts and sums are one transaction"
    upto = store._db.execute("SELECT coalesce(max(upto), 0) FROM epochs").fetchone()
    assert upto == (count,)
    store.close()
    return int(count)


def prepared(disk: Disk, monkeypatch: pytest.MonkeyPatch, synchronous: str) -> None:
    """Both sides open their files on the disk."""

    def unit(path: Path) -> Connection:
        return Connection(disk, path, synchronous)

    def office(path: Path) -> Connection:
        made = Connection(disk, path, synchronous)
        made.execute(office_database._script("facts_sqlite") + office_database._script("schema"))
        office_database.migrate(made, office_database.STEPS)
        return made

    monkeypatch.setattr(screen_db, "connect", unit)
    monkeypatch.setattr(office_store, "connect", office)
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: None)


def lost(
    side: str, monkeypatch: pytest.MonkeyPatch, seed: int, count: int, synchronous: str = "FULL"
) -> tuple[int, int]:
    """How many cuts were taken, and after how many of them something promised was not there."""
    disk = Disk(f"cut-{next(names)}")
    prepared(disk, monkeypatch, synchronous)
    run, knows = (unit_runs, unit_knows) if side == "unit" else (office_runs, office_knows)
    cuts = run(disk, seed, count)
    missing = 0
    for files, promised in cuts:
        disk.become(files)
        try:
            missing += knows("") < promised
        except Exception:
            if synchronous == "FULL":
                raise
            missing += 1  # not even a sound file
    disk.unregister()
    return len(cuts), missing


@pytest.mark.parametrize("side", ["unit", "office"])
def test_what_was_promised_is_there_after_three_hundred_cuts(side: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 0
    for seed in itertools.count():
        cuts, missing = lost(side, monkeypatch, seed, 20)
        taken += cuts
        assert missing == 0, seed
        if taken >= 300:
            return


@pytest.mark.parametrize("side", ["unit", "office"])
def test_the_disk_does_bite(side: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, missing = lost(side, monkeypatch, 7, 25, synchronous="OFF")
    assert missing > 0
