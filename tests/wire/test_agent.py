"""The unit's side alone: what is sent when, what releases it, what a command does, when a picture goes."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.system.utc_clock import AHEAD
from kiosk_firmware.tools.demo.mosquitto import free_port
from kiosk_firmware.unit.agent import agent_db
from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.unit.agent.command_inbox import CommandInbox
from kiosk_firmware.unit.agent.glass_feed import GlassFeed, GlassWatch
from kiosk_firmware.unit.agent.main import Agent
from kiosk_firmware.unit.agent.spool import Bucket, FactsFile, Lane, ranges
from kiosk_firmware.unit.runtime import retention, screen_db
from kiosk_firmware.wire import event_clock
from kiosk_firmware.wire.envelope import EnvelopeError, Fact, decode, digest, encode, instant, milliseconds, wire_form
from kiosk_firmware.wire.event_clock import Stamp
from kiosk_firmware.wire.message_bounds import MOST_SEQ
from kiosk_firmware.wire.messages import ENCODE, Ack, Command
from kiosk_firmware.wire.topics import parse, topic
from tests.wire.rig import Screen, query
from tests.wire.rig import settings as wire_settings

EPOCH = "0123456789abcdef"


def lane(screen: Screen, upto: dict[str, int], window: int = 5) -> Lane:
    return Lane(FactsFile(screen.state / "screen.db"), lambda epoch: upto.get(epoch, 0), window, 30, random.Random(1))


@pytest.fixture
def screen(tmp_path: Path) -> Screen:
    made = Screen(tmp_path)
    for n in range(12):
        made.tell("step.ended", run="r", step="s", prompt=0, slips=0, ms=n)
    return made


def seqs(facts: list[Fact]) -> list[int]:
    return [fact.seq for fact in facts]


def test_window_then_ack_then_more(screen: Screen) -> None:
    sender = lane(screen, {})
    assert seqs(sender.due(0, 100)) == [1, 2, 3, 4, 5]
    assert sender.due(1, 100) == []
    sender.heard(Ack(screen.epoch, 2, 5, [3]), 1)
    assert seqs(sender.due(1.5, 100)) == [6, 7, 8, 9], "4 and 5 are released although 3 is missing"
    assert seqs(sender.due(2.1, 100)) == [3], "what the office needs goes again soon"


def test_without_an_ack_all_goes_again_later_and_later(screen: Screen) -> None:
    sender = lane(screen, {})
    sender.due(0, 100)
    assert sender.due(23, 100) == []
    assert sorted(seqs(sender.due(37, 100))) == [1, 2, 3, 4, 5]
    assert sender.due(37 + 47, 100) == []
    assert sorted(seqs(sender.due(37 + 73, 100))) == [1, 2, 3, 4, 5]


def test_a_new_life_goes_on_from_what_is_acknowledged(screen: Screen) -> None:
    assert seqs(lane(screen, {screen.epoch: 9}).due(0, 100)) == [10, 11, 12]


def test_what_is_gone_is_declared_but_not_while_the_file_cannot_be_read(screen: Screen) -> None:
    sender = lane(screen, {}, window=20)
    sender.due(0, 100)
    sender.heard(Ack(screen.epoch, 0, 12, []), 1)
    with screen.db:
        screen.db.execute("DELETE FROM facts WHERE seq BETWEEN 3 AND 6 OR seq = 9")
    (screen.state / "screen.db").rename(screen.state / "away.db")
    assert sender.heard(Ack(screen.epoch, 0, 12, list(range(1, 13))), 2) == [], "an unreadable file proves nothing"
    (screen.state / "away.db").rename(screen.state / "screen.db")
    assert sender.heard(Ack(screen.epoch, 0, 12, list(range(1, 13))), 3) == [(3, 6), (9, 9)]
    assert seqs(sender.due(3, 100)) == [1, 2, 7, 8, 10, 11, 12]


def test_a_renewed_epoch_is_sent_from_its_start(screen: Screen) -> None:
    sender = lane(screen, {})
    sender.due(0, 100)
    with screen.db:
        screen.db.execute("UPDATE meta SET value = ? WHERE key = 'epoch'", (EPOCH,))
    facts = sender.due(1, 100)
    assert [(fact.epoch, fact.seq) for fact in facts] == [(EPOCH, n) for n in range(1, 6)]


@given(st.sets(st.integers(1, 60)))
def test_ranges_hold_exactly_their_numbers(numbers: set[int]) -> None:
    out = ranges(sorted(numbers))
    assert {n for first, last in out for n in range(first, last + 1)} == numbers
    assert all(b[0] > a[1] + 1 for a, b in pairwise(out))


def test_bucket_bursts_and_refills() -> None:
    bucket = Bucket(rate=20, burst=50, now=0)
    assert bucket.room(0) == 50
    bucket.take(50)
    assert bucket.room(0.5) == 10
    assert bucket.room(100) == 50


data = st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=30) | st.booleans(), max_size=6)


@settings(max_examples=60)
@given(st.integers(1, MOST_SEQ), st.integers(0, 4 * 10**12), data)
def test_envelope_comes_back_as_it_went(seq: int, at_ms: int, said: dict[str, object]) -> None:
    fact = Fact(EPOCH, seq, at_ms, "run.ended", ENCODE(said))
    heard = decode(encode("jia", "jia-atm-01", fact, "rtc"))
    assert (heard.fact, heard.site, heard.unit) == (fact, "jia", "jia-atm-01")
    assert milliseconds(instant(at_ms)) == at_ms


@settings(max_examples=150)
@given(
    st.binary(max_size=200)
    | st.integers(0, 400).map(lambda n: encode("jia", "u-1", Fact(EPOCH, 1, 0, "a.b", b"{}"), "rtc")[:n])
)
def test_bytes_that_are_no_envelope_say_so(wire: bytes) -> None:
    whole = encode("jia", "u-1", Fact(EPOCH, 1, 0, "a.b", b"{}"), "rtc")
    if wire != whole:
        with pytest.raises(EnvelopeError):
            decode(wire)


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["kiosk", "v1", "jia", "u-1", "evt", "x", "", "+", "status"])).map("/".join)
)
def test_only_our_topics_are_taken_apart(name: str) -> None:
    address = parse(name)
    if address is not None:
        assert topic(address.site, address.unit, address.channel, address.leaf) == name


def command(name: str, id_: str = "c-1", **args: object) -> bytes:
    return ENCODE(Command(id_, name, args, expires_at=2000))


def test_a_command_is_written_once_and_not_after_its_date(tmp_path: Path) -> None:
    db, now = AgentDb(tmp_path / "agent.db", "u-1"), [1000]
    inbox = CommandInbox(db, lambda: now[0])
    assert [inbox.take("c-1", command("run.end")).state for _ in range(3)] == ["received"] * 3
    assert query(tmp_path / "agent.db", "SELECT id, name FROM inbox") == [("c-1", "run.end")]
    now[0] = 2000
    assert inbox.take("c-2", command("run.end", "c-2")).state == "expired"
    assert query(tmp_path / "agent.db", "SELECT count(*) FROM inbox") == [(1,)]
    for bad in (b"", b"[]", command("run.end", "c-9"), command("Bad name", "c-3"), b"x" * 60_000):
        assert inbox.take("c-3", bad).state == "refused"


def test_the_agent_renews_its_own_epoch_once(tmp_path: Path) -> None:
    db = AgentDb(tmp_path / "agent.db", "u-1")
    for n in range(4):
        db.add("noise.counted", {"at": "coin_acceptor", "kind": "lone", "count": n}, 1)
    old, inbox = db.epoch(), CommandInbox(db, lambda: 1000)
    for _ in range(2):
        assert inbox.take("c-1", command("epoch.renew", epoch=old, start=3)).state == "received"
    assert db.epoch() != old
    rows = query(tmp_path / "agent.db", "SELECT seq, type FROM facts ORDER BY seq")
    assert rows == [(1, "noise.counted"), (2, "noise.counted"), (3, "command.ended")]
    other = CommandInbox(db, lambda: 1000).take("c-2", command("epoch.renew", "c-2", epoch=EPOCH, start=3))
    assert other.state == "received"
    assert query(tmp_path / "agent.db", "SELECT id FROM inbox") == [("c-2",)], (
        "another's epoch is the screen's to renew"
    )


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    path.write_bytes(b"this is no database, however long it may be" * 200)
    db = AgentDb(path, "u-1")
    db.ack(EPOCH, 5)
    db.ack(EPOCH, 3)
    assert db.upto(EPOCH) == 5, "an acknowledgement never goes back"
    assert len(list(tmp_path.glob("agent.db.corrupt-*"))) == 1
    assert query(path, "SELECT type FROM facts") == [("storage.salvaged",)]


def test_a_row_that_a_later_table_refuses_is_no_damage(tmp_path: Path) -> None:
    """Its pages are sound: neither of a unit's files is set aside for it."""
    path = tmp_path / "agent.db"
    AgentDb(path, "u-1").close()
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            "CREATE TABLE earlier(word TEXT); INSERT INTO earlier VALUES (NULL); PRAGMA writable_schema = ON;"
            "UPDATE sqlite_master SET sql = 'CREATE TABLE earlier(word TEXT NOT NULL)' WHERE name = 'earlier';"
        )
    assert query(path, "PRAGMA quick_check") == [("NULL value in earlier.word",)]
    AgentDb(path, "u-1").close()
    assert not list(tmp_path.glob("agent.db.corrupt-*"))
    assert screen_db.is_sound(path)


def test_what_a_damaged_file_still_tells_is_kept_with_its_names(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    db = AgentDb(path, "u-1")
    for n in range(300):
        db.add("noise.counted", {"at": "coin_acceptor", "kind": "lone" * 20, "count": n}, 1)
    db.ack(EPOCH, 5)
    old = db.epoch()
    db._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size - 4096)
        file.write(b"\xff" * 4096)
    db = AgentDb(path, "u-1")
    assert db.epoch() != old
    assert db.upto(EPOCH) == 5
    rows = query(path, "SELECT seq, was, json_extract(data, '$.count') FROM facts WHERE type = 'noise.counted'")
    assert len(rows) > 100
    assert rows == [(n, f"{old}-{n}", n - 1) for n in range(1, len(rows) + 1)]
    (told,) = query(path, "SELECT data FROM facts WHERE type = 'storage.salvaged'")
    assert json.loads(told[0])["last"] == 300
    db.close()


def test_how_full_the_room_for_facts_is_once_it_may_be_half(screen: Screen) -> None:
    """By the journal's own measure, which is what evicts; until then nobody pays for a look at each row."""
    for n in range(200):
        screen.tell("noise.counted", at="coin_acceptor", kind="lone", count=n)
    screen.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file, told = FactsFile(screen.state / "screen.db"), retention.size(screen.db)
    assert file.full(told) == 1.0
    assert file.full(told * 2 // 3) == pytest.approx(1.5, abs=0.01)
    assert file.full(1 << 30) == 0.0
    assert FactsFile(screen.state / "nothing.db").full(1) == 0.0
    file.close()


def test_the_agents_own_facts_have_bounds_and_say_what_went(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_db, "LIMIT_BYTES", 5000)
    db = AgentDb(tmp_path / "agent.db", "u-1")
    for n in range(100):
        db.add("device.lost" if n % 10 == 0 else "health.summarised", {"n": n}, 1)
    db.trim(2)
    kinds = dict(query(tmp_path / "agent.db", "SELECT type, count(*) FROM facts GROUP BY type"))
    assert kinds["device.lost"] == 10
    ((told,),) = query(tmp_path / "agent.db", "SELECT data FROM facts WHERE type = 'storage.summarised'")
    assert json.loads(told)["count"] == 90 - kinds.get("health.summarised", 0) > 0
    db.trim(3)
    assert query(tmp_path / "agent.db", "SELECT count(*) FROM facts WHERE type = 'storage.summarised'") == [(1,)]
    db.close()


def test_a_clock_that_is_set_is_noticed_once_and_steering_is_not() -> None:
    wall, up = [1_000_000], [10]
    watch = event_clock.WallClockWatch(lambda: wall[0], lambda: up[0])
    wall[0] += 60_400
    up[0] += 60_000
    assert watch.jumped() == 0
    wall[0] -= 3_600_000
    assert watch.jumped() == -3_599_600
    assert watch.jumped() == 0


@given(
    st.sampled_from(["synced", "rtc", "guess"]), st.from_regex(r"([0-9a-f]{8})?", fullmatch=True), st.integers(0, 2**40)
)
def test_a_stamp_comes_back_as_it_was_written(quality: event_clock.Quality, boot: str, up_ms: int) -> None:
    made = event_clock.Stamp(quality, boot, up_ms)
    assert event_clock.read_stamp(str(made)) == made


@given(st.sampled_from(["synced", "rtc", "guess"]), st.sampled_from(["synced", "rtc", "guess"]))
def test_a_system_that_names_no_boot_still_says_how_far_its_clock_could_be_trusted_then(then, now) -> None:
    told = Fact(
        "0123456789abcdef", 1, 1_700_000_000_000, "device.back", b'{"at":"gate"}', event_clock.Stamp(then, "", 5)
    )
    wire = encode("jia", "jia-atm-01", told, now)
    assert decode(wire).timeq == then
    assert not {"boot", "upms"} & set(json.loads(wire))


def test_glass_goes_only_while_watched_when_changed_once_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(AHEAD, "0")  # the file's time is set by hand
    path = tmp_path / "glass.jpg"
    path.write_bytes(b"\xff\xd8one")
    glass, watch = GlassFeed(path, always=False), GlassWatch("w-1", since_ms=10_000)
    os.utime(path, ns=(0, 9_000 * 10**6))
    assert glass.due(None, 0) is None
    assert glass.due(watch, 1) is None, "from before the watch"
    os.utime(path, ns=(0, 11_000 * 10**6))
    assert glass.due(watch, 2) == b"\xff\xd8one"
    path.write_bytes(b"\xff\xd8two")
    os.utime(path, ns=(0, 12_000 * 10**6))
    assert glass.due(watch, 2.5) is None, "too soon"
    assert glass.due(GlassWatch("w-2", 11_500), 3.1) == b"\xff\xd8two", "a watch that follows goes on"
    assert glass.due(watch, 5) is None, "unchanged"
    path.write_bytes(b"\xff\xd8" + b"x" * 50_000)
    assert glass.due(watch, 7) is None, "too large"


def test_a_fault_that_stays_is_logged_once_and_then_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A part fails in each of ten turns a second: the log is for people, and for hours."""
    (tmp_path / "update").write_text("no folder, so nothing can be written in it")
    agent = Agent(wire_settings(free_port()), tmp_path)
    try:
        for _ in range(50):
            agent.turn(0)
        told = [one for one in caplog.messages if one.startswith("update:")]
        assert len(told) == 1
        agent._faults.failed("update", NotADirectoryError(told[0].removeprefix("update: ")), time.monotonic() + 601)
        assert "50 times more" in caplog.messages[-1]
        (tmp_path / "update").unlink()
        agent.turn(0)
        agent.turn(0)
        assert [one for one in caplog.messages if one.startswith("update: well again")]
    finally:
        agent.close()


@pytest.mark.parametrize("stamp", [Stamp("rtc", "0123abcd", 2**40 + 1), Stamp("rtc", "no boot", 5)])
def test_a_fact_whose_boots_clock_is_absurd_is_told_all_the_same(stamp: Stamp) -> None:
    """A clock laid over the system's shows decades since the start; each fact went as lost."""
    fact = Fact("0" * 15 + "1", 7, 1_796_270_000_000, "run.ended", b'{"ms":5}', stamp)
    kind, wire = wire_form("jia", "jia-atm-01", fact, "guess")
    heard = decode(wire)
    assert (kind, heard.fact.type, heard.fact.data) == ("run.ended", "run.ended", fact.data)
    assert (heard.timeq, heard.fact.stamp, heard.digest) == ("rtc", None, digest(fact))
