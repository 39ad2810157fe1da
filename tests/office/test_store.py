"""The office's books: once each, complete or known not to be, and nothing believed that should not be."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.office.seqs import Seqs
from kiosk_firmware.office.store import Arrived, Outcome, Store
from kiosk_firmware.office.views import Views
from kiosk_firmware.telemetry import topics
from kiosk_firmware.telemetry.envelope import Fact, encode
from kiosk_firmware.telemetry.messages import ENCODE, Status

EPOCH, OTHER = "0123456789abcdef", "fedcba9876543210"
NOW = 1_795_511_854_930


def fact(
    seq: int,
    type_: str = "noise.counted",
    within: str = EPOCH,
    /,
    *,
    site: str = "jia",
    unit: str = "u-1",
    **data: object,
) -> Arrived:
    data = data or {"at": "coin_acceptor", "kind": "lone", "count": seq}
    wire = encode(site, unit, Fact(within, seq, NOW + seq, type_, json.dumps(data).encode()), "synced")
    return Arrived(topics.topic(site, unit, "evt", topics.fact_leaf(type_)), wire, NOW)


@pytest.fixture
def store(tmp_path: Path):
    made = Store(tmp_path / "office.db")
    yield made
    made.close()


def rows(tmp_path: Path, sql: str) -> list[tuple]:
    db = sqlite3.connect(tmp_path / "office.db")
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def test_where_people_fail_is_summed_up_by_kind_once(store, tmp_path):
    def step(seq: int, name: str, **kinds: int) -> Arrived:
        return fact(seq, "step.ended", run="r-1", step=name, prompt=0, slips=0, ms=5, kinds=kinds)

    store.apply([step(1, "menu", dead_key=2, hesitation=1), step(2, "pin", wrong_pin=1), step(3, "menu", dead_key=1)])
    store.apply([step(3, "menu", dead_key=1), step(4, "menu", hesitation=1), step(5, "home")])
    assert rows(tmp_path, "SELECT run, step, kind, count FROM slips ORDER BY step, kind") == [
        ("r-1", "menu", "dead_key", 3), ("r-1", "menu", "hesitation", 2), ("r-1", "pin", "wrong_pin", 1)
    ]


def said(outcome: Outcome, channel: str) -> list[dict]:
    return [json.loads(a.payload) for a in outcome.answers if topics.parse(a.topic).channel == channel]


def test_an_ack_names_what_is_missing(store, tmp_path):
    assert said(store.apply([fact(1), fact(2), fact(5)]), "ack") == [
        {"epoch": EPOCH, "upto": 2, "top": 5, "need": [3, 4]}
    ]
    assert rows(tmp_path, "SELECT first, last FROM holes") == [(3, 4)]
    assert said(store.apply([fact(4), fact(3)]), "ack") == [{"epoch": EPOCH, "upto": 5, "top": 5, "need": []}]
    assert rows(tmp_path, "SELECT first, last FROM holes") == []


def test_the_same_again_is_answered_and_not_counted(store, tmp_path):
    store.apply([fact(1), fact(1)])
    outcome = store.apply([fact(1)])
    assert outcome.stored == 0
    assert said(outcome, "ack")[0]["upto"] == 1
    assert rows(tmp_path, "SELECT count(*) FROM facts") == [(1,)]
    assert rows(tmp_path, "SELECT count(*) FROM quarantine") == [(0,)]


def test_the_same_number_with_other_words_freezes_the_epoch(store, tmp_path):
    store.apply([fact(1), fact(2)])
    other = fact(2, at="pin_pad", kind="bounce", count=9)
    outcome = store.apply([fact(1), other, fact(3)])
    assert said(outcome, "ack") == [{"epoch": EPOCH, "upto": 1, "top": 1, "need": []}], (
        "nothing from the clash on is acknowledged"
    )
    (command,) = said(outcome, "cmd")
    assert (command["name"], command["args"]) == ("epoch.renew", {"epoch": EPOCH, "start": 1})
    assert rows(tmp_path, "SELECT seq FROM facts ORDER BY seq") == [(1,), (2,)], (
        "the first word stands, and 3 is not counted twice later"
    )
    assert rows(tmp_path, "SELECT reason, seq FROM quarantine ORDER BY seq") == [("clash", 2), ("clash", 3)]
    assert rows(tmp_path, "SELECT kind FROM alerts WHERE closed_ms = 0") == [("clash",)]
    assert said(store.apply([other]), "cmd") == [], "told once"
    ended = fact(3, "command.ended", OTHER, id=command["id"], name="epoch.renew", ok=True, detail="")
    store.apply([fact(1, "device.back", OTHER, at="pin_pad"), fact(2, "device.back", OTHER, at="gate"), ended])
    assert rows(tmp_path, "SELECT count(*) FROM alerts WHERE closed_ms = 0") == [(0,)]
    assert rows(tmp_path, "SELECT state FROM commands") == [("done",)]


def test_a_clash_survives_a_restart_of_the_office(store, tmp_path):
    store.apply([fact(1), fact(2)])
    store.apply([fact(2, at="pin_pad", kind="bounce", count=9)])
    again = Store(tmp_path / "office.db")
    outcome = again.apply([fact(3)])
    again.close()
    assert said(outcome, "ack")[0]["top"] == 1
    assert outcome.stored == 0


@pytest.mark.parametrize(
    "poison",
    [
        fact(2, "moon.risen", x=1),
        fact(2, "device.lost", at=5),
        Arrived(fact(2).topic, fact(2).payload.replace(b".v1", b".v9"), NOW),
    ],
)
def test_what_is_not_understood_is_kept_aside_and_does_not_block(store, tmp_path, poison):
    for _ in range(2):
        outcome = store.apply([fact(1), poison, fact(3)])
    assert said(outcome, "ack")[0] == {"epoch": EPOCH, "upto": 3, "top": 3, "need": []}
    assert rows(tmp_path, "SELECT count(*) FROM quarantine") == [(1,)]
    assert rows(tmp_path, "SELECT kind FROM alerts") == [("unknown",)]


def test_an_open_door_is_an_alert_until_it_is_shut_and_a_touched_cabinet_until_it_was_seen_to(store, tmp_path):
    standing = "SELECT kind FROM alerts WHERE closed_ms = 0 ORDER BY kind"
    opened = [fact(n, "contact.changed", contact=what, on=True) for n, what in enumerate(("door", "tamper"), 1)]
    store.apply(opened)
    assert rows(tmp_path, standing) == [("door",), ("tamper",)]
    store.apply([fact(n, "contact.changed", contact=what, on=False) for n, what in enumerate(("door", "tamper"), 3)])
    assert rows(tmp_path, standing) == [("tamper",)]


@pytest.mark.parametrize("payload", [b"", b"{}", b"\xff\xd8", b"[" * 5000, b'{"specversion":"1.0"}'])
def test_garbage_is_kept_aside_unanswered(store, tmp_path, payload):
    for tail in ("evt/run-ended", "status", "health", "res/c-1"):
        assert store.apply([Arrived(f"kiosk/v1/jia/u-1/{tail}", payload, NOW)]).answers == []
    assert rows(tmp_path, "SELECT count(*) FROM quarantine") == [(4,)]


def test_another_site_is_not_believed(store, tmp_path):
    store.apply([fact(1)])
    outcome = store.apply([fact(2, site="yi-")])
    assert outcome.answers == []
    lying = Arrived(fact(2).topic, fact(2, unit="u-2").payload, NOW)
    assert store.apply([lying]).answers == []
    assert rows(tmp_path, "SELECT count(*) FROM facts") == [(1,)]
    assert rows(tmp_path, "SELECT kind, about FROM alerts ORDER BY kind") == [("site", "yi-"), ("source", "jia/u-2")]
    assert rows(tmp_path, "SELECT unit, site FROM units") == [("u-1", "jia")]


def test_what_the_unit_gave_up_is_lost_with_proof(store, tmp_path):
    store.apply([fact(1), fact(6)])
    store.apply([fact(7, "storage.summarised", first=2, last=5, count=4)])
    assert rows(tmp_path, "SELECT upto, top, lost FROM epochs") == [(7, 7, 4)]
    assert rows(tmp_path, "SELECT first, last FROM gone") == [(2, 5)]
    counters = Views(tmp_path / "office.db").counters(NOW)
    assert (counters.lost, counters.under_way, counters.checked) == (4, 0, 7)
    store.apply([fact(3)])
    assert rows(tmp_path, "SELECT lost FROM epochs") == [(3,)], "one of them arrived after all"


def test_survivors_of_an_eviction_are_still_waited_for(store, tmp_path):
    store.apply([fact(1), fact(6)])
    outcome = store.apply([fact(7, "storage.summarised", first=2, last=5, count=3)])
    assert said(outcome, "ack")[0]["need"] == [2, 3, 4, 5], "acknowledging them would delete the survivor"


def test_one_agent_may_account_for_the_other_files_epoch(store, tmp_path):
    store.apply([fact(3)])
    outcome = store.apply([fact(1, "storage.summarised", OTHER, first=1, last=2, count=2, epoch=EPOCH)])
    acks = {ack["epoch"]: ack["upto"] for ack in said(outcome, "ack")}
    assert acks == {EPOCH: 3, OTHER: 1}


def status(online: bool, sid: str, seq: int) -> Arrived:
    return Arrived("kiosk/v1/jia/u-1/status", ENCODE(Status(online, sid, seq, "0.1.0", NOW, "atm")), NOW)


def test_a_late_will_of_an_earlier_life_is_no_news(store, tmp_path):
    online = "SELECT online FROM units"
    store.apply([status(True, "a", 1)])
    store.apply([status(True, "b", 1), status(False, "a", 0)])
    assert rows(tmp_path, online) == [(1,)]
    store.apply([status(False, "b", 0)])
    assert rows(tmp_path, online) == [(0,)]
    store.apply([status(True, "b", 2)])
    assert rows(tmp_path, online) == [(1,)]


def test_a_failed_batch_leaves_nothing_behind(store, tmp_path):
    store.apply([fact(1)])
    broken = Arrived(fact(3).topic, fact(3).payload, 2**70)
    with pytest.raises((sqlite3.Error, OverflowError)):
        store.apply([fact(2), broken])
    assert rows(tmp_path, "SELECT count(*) FROM facts") == [(1,)]
    assert said(store.apply([fact(2)]), "ack")[0] == {"epoch": EPOCH, "upto": 2, "top": 2, "need": []}


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=60), st.data())
def test_books_of_numbers_agree_with_a_set(steps, data):
    books, here, gone = Seqs(), set(), set()
    for seq, forget in steps:
        last = data.draw(st.integers(seq, 30)) if forget else seq
        if forget:
            fresh = set(range(seq, last + 1)) - here - gone
            assert books.forget(seq, last) == len(fresh)
            gone |= fresh
        elif not books.seen(seq):
            books.hear(seq)
            here.add(seq)
    top = max(here | gone, default=0)
    missing = set(range(1, top + 1)) - here - gone
    upto, acked, need = books.ack()
    assert (acked, set(need), books.lost) == (top, missing, len(gone))
    assert upto == (min(missing) - 1 if missing else top)
    assert all(books.seen(n) == (n in here | gone) for n in range(1, 35))


def test_an_ack_with_too_many_holes_stops_where_its_list_does():
    books = Seqs()
    for seq in range(2, 4004, 2):
        books.hear(seq)
    upto, top, need = books.ack()
    assert (upto, len(need), top) == (0, 1000, 2000)
