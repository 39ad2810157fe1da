"""The unit's memory: whole or not at all, in order, without holes, on a disk that is full, broken or copied."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.core.events import ItemsTaken
from kiosk_firmware.unit.runtime import retention
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.screen_db import prepare
from kiosk_firmware.unit.runtime.transition_batch import Batch


def journal(path, **fields):
    return Journal(path, "k0001", **fields)


def batch(count=1, prio=1, size=10, **fields):
    return Batch(1000, facts=tuple(RunFact("noise.counted", {"at": "x" * size}, prio) for _ in range(count)), **fields)


def read(path, query):
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


def seqs(path):
    return [seq for (seq,) in read(path, "SELECT seq FROM facts ORDER BY seq")]


def test_nothing_is_there_before_the_commit_and_all_after(tmp_path):
    path = tmp_path / "screen.db"
    told = []
    book = journal(path)
    book.submit(
        batch(2, run="r", rows=((0, ItemsTaken("cash_dispenser")),), header=b"{}", owed=(("card_reader", "{}"),)),
        told.append,
    )
    assert (seqs(path), told) == ([], [])
    book.commit_now()
    assert (seqs(path), told) == ([1, 2], [True])
    assert len(read(path, "SELECT * FROM journal")) == len(read(path, "SELECT * FROM liabilities")) == 1
    book.close()


def test_a_batch_that_fails_leaves_nothing_of_itself(tmp_path):
    path = tmp_path / "screen.db"
    book = journal(path)
    told = []
    book.submit(batch(1, run="r", header=b"{}"))
    twice = batch(1, run="r", header=b"{}", rows=((0, ItemsTaken("cash_dispenser")),))
    book.submit(twice, told.append)
    book.commit_now()
    assert "UNIQUE" in book.trouble
    assert (seqs(path), told, read(path, "SELECT * FROM runs")) == ([], [], [])
    book.commit_now()  # the row that was there stays; everything else is kept, and the unit goes on
    assert (seqs(path), told, book.trouble) == ([1, 2], [True], "")
    assert len(read(path, "SELECT * FROM journal")) == 1
    book.close()


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=12), st.integers(0, 12))
@settings(max_examples=30, deadline=None)
def test_numbers_are_gapless_wherever_the_process_dies(tmp_path_factory, plan, died):
    path = tmp_path_factory.mktemp("db") / "screen.db"
    book = journal(path)
    for number, (count, commits) in enumerate(plan):
        if number == died:
            book._queue.clear()  # the power goes: what was only submitted is gone
            book.close()
            book = journal(path)
        book.submit(batch(count))
        if commits:
            book.commit_now()
    book.commit_now()
    found = seqs(path)
    assert found == list(range(1, len(found) + 1))
    book.close()


def test_the_writer_groups_but_money_goes_at_once(tmp_path):
    path = tmp_path / "screen.db"
    book = journal(path, group_ms=60_000)
    done = threading.Event()
    book.start()
    book.submit(batch())
    assert not book._is_due()
    book.submit(batch(urgent=True), lambda durable: done.set())
    assert done.wait(30)
    assert seqs(path) == [1, 2]  # the one that waited went along
    book.submit(batch())
    book.close()
    assert seqs(path) == [1, 2, 3]


def test_a_group_waits_no_longer_than_it_may(tmp_path):
    path = tmp_path / "screen.db"
    book = journal(path, group_ms=10)
    done = threading.Event()
    book.start()
    book.submit(batch(), lambda durable: done.set())
    assert done.wait(30)
    assert book.flush()
    book.close()


CHILD = """
import sys
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import Batch
from kiosk_firmware.unit.runtime.journal import Journal
from pathlib import Path
book = Journal(Path(sys.argv[1]), "k0001", group_ms=1)
book.start()
for n in range(100000):
    fact = RunFact("step.ended", {"n": n})
    book.submit(Batch(n, facts=(fact,), urgent=n % 7 == 0), lambda durable, n=n: print(n, flush=True))
    if n % 20 == 19:
        book.flush()
"""


def test_kill_9_loses_nothing_that_was_said_to_be_committed(tmp_path):
    path = tmp_path / "screen.db"
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True)
    said = [int(child.stdout.readline()) for _ in range(200)]
    os.kill(child.pid, signal.SIGKILL)
    said += [int(line) for line in child.stdout.read().split("\n")[:-1] if line]
    child.wait()
    child.stdout.close()
    stored = [json.loads(data)["n"] for (data,) in read(path, "SELECT data FROM facts ORDER BY seq")]
    assert set(said) <= set(stored)
    assert stored == list(range(len(stored)))
    book = journal(path)
    assert book.found.last_seq == len(stored)
    book.close()


def filled(path, count=400):
    book = journal(path)
    for n in range(count):
        header = b'{"pad": "' + b"x" * 300 + b'"}'
        book.submit(Batch(n, run=f"r{n}", header=header, facts=(RunFact("run.started", {"n": n}),)))
    book.commit_now()
    epoch = book.epoch
    book._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    book.close()
    return epoch


def test_a_broken_file_is_set_aside_and_its_rows_saved_under_a_new_epoch(tmp_path):
    path = tmp_path / "screen.db"
    epoch = filled(path)
    with path.open("r+b") as file:
        size = path.stat().st_size
        file.seek(size // 2)
        file.write(b"\xff" * 8192)
    book = journal(path)
    assert book.epoch != epoch
    assert book.found.salvaged > 300
    found = seqs(path)
    assert found == list(range(1, len(found) + 1))
    assert book.found.last_seq == len(found)
    assert len(list(tmp_path.glob("screen.db.corrupt-*"))) >= 1
    book.submit(batch())
    book.commit_now()
    assert seqs(path)[-1] == len(found) + 1
    told = json.loads(read(path, "SELECT data FROM facts WHERE type='storage.salvaged'")[0][0])
    assert told == {"file": "screen", "saved": book.found.salvaged, "epoch": epoch, "last": 400}
    names = read(path, "SELECT was, json_extract(data, '$.n') FROM facts WHERE type = 'run.started'")
    assert all(was == f"{epoch}-{n + 1}" for was, n in names), "each fact keeps the name that it had"
    book.close()


@pytest.mark.parametrize("junk", [b"", b"not a database at all" * 100])
def test_a_file_that_is_no_database_never_stops_the_unit(tmp_path, junk):
    path = tmp_path / "screen.db"
    path.write_bytes(junk)
    book = journal(path)
    book.submit(batch())
    book.commit_now()
    assert seqs(path) == [1, 2], "it is told"
    assert read(path, "SELECT type FROM facts WHERE seq = 1") == [("storage.salvaged",)]
    assert len(list(tmp_path.glob("screen.db.corrupt-*"))) == 1
    book.close()


def test_a_copied_card_gets_its_own_epoch(tmp_path):
    path = tmp_path / "screen.db"
    first = prepare(path, "k0001", 0, "machine-a")
    assert prepare(path, "k0001", 0, "machine-a").epoch == first.epoch
    assert prepare(path, "k0001", 0, "machine-b").epoch != first.epoch


def acks(path, epoch, upto):
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE IF NOT EXISTS acks(epoch TEXT PRIMARY KEY, upto INTEGER NOT NULL)")
        db.execute("INSERT OR REPLACE INTO acks VALUES (?,?)", (epoch, upto))
        db.commit()


def test_only_what_the_office_has_committed_leaves(tmp_path):
    path, agent = tmp_path / "screen.db", tmp_path / "agent.db"
    book = journal(path, agent_db=agent)
    book.submit(batch(5))
    book.commit_now()
    book.tidy()
    assert len(seqs(path)) == 5
    acks(agent, "another-epoch", 5)
    book.tidy()
    assert len(seqs(path)) == 5
    acks(agent, book.epoch, 3)
    book.tidy()
    assert seqs(path) == [4, 5]
    book.submit(batch())
    book.commit_now()
    assert seqs(path) == [4, 5, 6]  # numbers go on
    book.close()


def test_a_new_epoch_numbers_what_is_held_anew(tmp_path):
    path, agent = tmp_path / "screen.db", tmp_path / "agent.db"
    book = journal(path, agent_db=agent)
    book.submit(batch(5))
    book.commit_now()
    acks(agent, book.epoch, 2)
    book.tidy()
    old = book.epoch
    assert book.renew() != old
    assert seqs(path) == [1, 2, 3]
    assert read(path, "SELECT was FROM facts ORDER BY seq") == [(f"{old}-{n}",) for n in (3, 4, 5)]
    book.submit(batch())
    book.commit_now()
    assert seqs(path) == [1, 2, 3, 4]
    assert book.next_run() == f"{book.epoch}-5"
    book.close()
    again = journal(path)
    assert again.epoch == book.epoch
    again.close()


def test_a_new_epoch_leaves_out_what_the_office_has_committed(tmp_path):
    path = tmp_path / "screen.db"
    book = journal(path)
    book.submit(batch(5))
    book.commit_now()
    book.renew(4)  # 1 to 3 are committed there, but our own look at the acks has not happened yet
    assert seqs(path) == [1, 2]
    book.close()


def test_too_many_facts_lose_the_least_important_and_say_so(tmp_path):
    path = tmp_path / "screen.db"
    book = journal(path, limit_bytes=20_000)
    for prio in (2, 1, 0) * 30:
        book.submit(batch(1, prio, size=300))
    book.commit_now()
    book.tidy()
    book.commit_now()
    left = read(path, "SELECT prio, count(*) FROM facts WHERE type != 'storage.summarised' GROUP BY prio")
    counts = dict(left)
    assert counts[2] == 30
    assert counts.get(0, 0) == 0
    assert counts[1] < 30
    (data,) = read(path, "SELECT data FROM facts WHERE type='storage.summarised'")[0]
    told = json.loads(data)
    assert told["count"] == 90 - sum(counts.values())
    assert told["first"] <= 3
    assert book.status()["share"] <= 100
    assert seqs(path)[-1] == 91
    book.close()


def test_a_full_disk_keeps_what_was_submitted_and_writes_it_when_there_is_room(tmp_path):
    path = tmp_path / "screen.db"
    told = []
    book = journal(path, patience_ms=0)
    book._db.execute("PRAGMA max_page_count=40")
    for n in range(200):
        book.submit(batch(1, 0, size=2000), lambda durable, n=n: told.append((n, durable)))
        book.commit_now()
    assert "full" in book.trouble or any(read(path, "SELECT 1 FROM facts WHERE type='storage.summarised'"))
    book._db.execute("PRAGMA max_page_count=100000")
    book.commit_now()
    book.commit_now()
    assert book.trouble == ""
    assert sorted(n for n, _ in told) == list(range(200))  # everybody was told, once
    found = seqs(path)
    summaries = [json.loads(d) for (d,) in read(path, "SELECT data FROM facts WHERE type='storage.summarised'")]
    gone = {seq for s in summaries if s["count"] for seq in range(s["first"], s["last"] + 1)}
    assert set(found) | gone == set(range(1, found[-1] + 1))  # every number is there or accounted for
    book.close()


def test_events_of_old_runs_are_forgotten_records_are_not(tmp_path):
    path = tmp_path / "screen.db"
    book = journal(path)
    for n in range(5):
        book.submit(
            Batch(n, f"r{n}", ((0, ItemsTaken("cash_dispenser")),), header=b"{}", ended="done", record=("me", b"{}"))
        )
    book.commit_now()
    book._db.execute("BEGIN")
    retention.forget_runs(book._db, keep=2)
    book._db.execute("COMMIT")
    assert [run for (run,) in read(path, "SELECT run FROM journal")] == ["r3", "r4"]
    assert len(read(path, "SELECT * FROM records")) == 5
    book.close()


def test_a_disk_that_became_read_only_keeps_what_was_submitted(tmp_path):
    path = tmp_path / "screen.db"
    book = journal(path, patience_ms=0)
    book._db.execute("PRAGMA query_only=ON")
    told = []
    for _ in range(3):
        book.submit(batch(), told.append)
        book.commit_now()
    assert "readonly" in book.trouble
    assert told == [False] * 3, "nobody waits for a disk for ever"
    assert seqs(path) == []
    book._db.execute("PRAGMA query_only=OFF")
    book.commit_now()
    assert (seqs(path), book.trouble) == ([1, 2, 3], "")
    book.close()


def test_what_people_did_is_let_go_of_last_and_it_shows(tmp_path):
    path = tmp_path / "screen.db"
    book = journal(path, limit_bytes=10_000)
    book.submit(batch(20, 1, size=300))
    book.commit_now()
    book.tidy()
    book.commit_now()
    assert not book.status()["refused"]
    book.submit(batch(60, 2, size=300))
    book.commit_now()
    book.tidy()
    book.commit_now()
    assert book.status()["refused"]
    acks(tmp_path / "agent.db", book.epoch, seqs(path)[-1])
    book._agent_db = tmp_path / "agent.db"
    book.tidy()
    assert not book.status()["refused"], "the office has taken it: there is room again"
    book.close()


def test_old_noise_and_use_go_but_only_by_a_clock_that_is_right(tmp_path):
    path, day, quality = tmp_path / "screen.db", 24 * 3600 * 1000, ["guess"]
    book = journal(path, utc_ms=lambda: 1000 * day, stamp=lambda: f"{quality[0]} 0123abcd 5")
    for age, prio in ((500, 0), (20, 0), (500, 1), (300, 1), (500, 2)):
        book.submit(Batch((1000 - age) * day, facts=(RunFact("noise.counted", {}, prio),)))
    book.commit_now()
    book.tidy()
    book.commit_now()
    assert seqs(path) == [1, 2, 3, 4, 5]
    quality[0] = "synced"
    for _ in range(2):
        book.tidy()
        book.commit_now()
    assert seqs(path) == [2, 4, 5, 6]
    told = json.loads(read(path, "SELECT data FROM facts WHERE seq = 6")[0][0])
    assert told == {"first": 1, "last": 3, "count": 2, "epoch": book.epoch}
    book.close()
