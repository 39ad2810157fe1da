"""The office's books: once each, complete or known not to be, and nothing believed that should not be."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from itertools import permutations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.core.certificate_code import check_code
from kiosk_firmware.office.database.completeness_proof import account
from kiosk_firmware.office.database.connection import Where, connect
from kiosk_firmware.office.database.queries import Queries
from kiosk_firmware.office.database.sql_dialect import month_of
from kiosk_firmware.office.ingest.fact_store import BatchOutcome, FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from kiosk_firmware.office.ingest.sequence_ranges import SequenceRanges
from kiosk_firmware.office.learning.certificate_lookup import find_proctored_run
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.envelope import Fact, decode, encode
from kiosk_firmware.wire.event_clock import Stamp
from kiosk_firmware.wire.messages import ENCODE, Status

EPOCH, OTHER = "0123456789abcdef", "fedcba9876543210"
NOW = 1_795_511_854_930
NOISE = ("noise.counted", b'{"at": "coin_acceptor", "kind": "lone", "count": 2}')


def fact(
    seq: int,
    type_: str = "noise.counted",
    within: str = EPOCH,
    /,
    *,
    site: str = "jia",
    unit: str = "u-1",
    **data: object,
) -> IncomingMessage:
    data = data or {"at": "coin_acceptor", "kind": "lone", "count": seq}
    wire = encode(site, unit, Fact(within, seq, NOW + seq, type_, json.dumps(data).encode()), "synced")
    return IncomingMessage(topics.topic(site, unit, "evt", topics.fact_leaf(type_)), wire, NOW)


@pytest.fixture(params=["sqlite", "postgres"])
def where(request, tmp_path) -> Where:
    """An empty database of either kind."""
    return tmp_path / "office.db" if request.param == "sqlite" else request.getfixturevalue("postgres")


@pytest.fixture
def store(where):
    made = FactStore(where)
    yield made
    made.close()


def rows(where: Where, sql: str) -> list[tuple]:
    with closing(connect(where)) as db:
        return [tuple(row) for row in db.execute(sql).fetchall()]


def said(outcome: BatchOutcome, channel: str) -> list[dict]:
    return [json.loads(a.payload) for a in outcome.answers if topics.parse(a.topic).channel == channel]


def ack(last: IncomingMessage, top: int, *need: int) -> dict:
    """All up to `last` is here; its words are named, since a number may be given twice."""
    heard = decode(last.payload)
    return {"epoch": EPOCH, "upto": heard.fact.seq, "top": top, "need": list(need), "digest": heard.digest}


def test_an_ack_names_what_is_missing(store, where):
    assert said(store.apply([fact(1), fact(2), fact(5)]), "ack") == [ack(fact(2), 5, 3, 4)]
    assert rows(where, "SELECT first, last FROM holes") == [(3, 4)]
    assert said(store.apply([fact(4), fact(3)]), "ack") == [ack(fact(5), 5)]
    assert rows(where, "SELECT first, last FROM holes") == []


def test_the_same_again_is_answered_and_not_counted(store, where):
    store.apply([fact(1), fact(1)])
    outcome = store.apply([fact(1)])
    assert outcome.stored == 0
    assert said(outcome, "ack")[0]["upto"] == 1
    assert rows(where, "SELECT count(*) FROM facts") == [(1,)]
    assert rows(where, "SELECT count(*) FROM quarantine") == [(0,)]


def test_the_same_number_with_other_words_freezes_the_epoch(store, where):
    store.apply([fact(1), fact(2)])
    other = fact(2, at="pin_pad", kind="bounce", count=9)
    outcome = store.apply([fact(1), other, fact(3)])
    assert said(outcome, "ack") == [ack(fact(1), 1)], "nothing from the clash on is acknowledged"
    (command,) = said(outcome, "cmd")
    assert (command["name"], command["args"]) == ("epoch.renew", {"epoch": EPOCH, "start": 1})
    assert rows(where, "SELECT seq FROM facts ORDER BY seq") == [(1,), (2,)], (
        "the first word stands, and 3 is not counted twice later"
    )
    assert rows(where, "SELECT reason, seq FROM quarantine ORDER BY seq") == [("clash", 2), ("clash", 3)]
    assert rows(where, "SELECT kind FROM alerts WHERE closed_ms = 0") == [("clash",)]
    assert said(store.apply([other]), "cmd") == [], "told once"
    ended = fact(3, "command.ended", OTHER, id=command["id"], name="epoch.renew", ok=True, detail="")
    store.apply([fact(1, "device.back", OTHER, at="pin_pad"), fact(2, "device.back", OTHER, at="gate"), ended])
    assert rows(where, "SELECT count(*) FROM alerts WHERE closed_ms = 0") == [(0,)]
    assert rows(where, "SELECT state FROM commands") == [("done",)]


def test_a_renewal_that_the_wrong_twin_obeyed_is_asked_again_but_not_all_the_time(store, where):
    store.apply([fact(1), fact(2)])
    other = fact(2, at="pin_pad", kind="bounce", count=9)

    def asked(seconds):
        return said(store.apply([msgspec.structs.replace(other, heard_ms=NOW + seconds * 1000)]), "cmd")

    (command,) = asked(0)
    ended = {"id": command["id"], "name": "epoch.renew", "ok": True, "detail": ""}
    store.apply([fact(1, "command.ended", OTHER, **ended)])
    assert asked(1) == [], "what was under way when it obeyed is no new clash"
    (again,) = asked(61)
    assert again["id"] != command["id"]
    assert asked(62) == [], "asked once a minute at most"
    assert rows(where, "SELECT count(*) FROM alerts WHERE kind = 'clash' AND closed_ms = 0") == [(1,)]


def test_a_clash_survives_a_restart_of_the_office(store, where):
    store.apply([fact(1), fact(2)])
    store.apply([fact(2, at="pin_pad", kind="bounce", count=9)])
    again = FactStore(where)
    outcome = again.apply([fact(3)])
    again.close()
    assert said(outcome, "ack")[0]["top"] == 1
    assert outcome.stored == 0


@pytest.mark.parametrize(
    "poison",
    [
        fact(2, "moon.risen", x=1),
        fact(2, "device.lost", at=5),
        IncomingMessage(fact(2).topic, fact(2).payload.replace(b".v1", b".v9"), NOW),
    ],
)
def test_what_is_not_understood_is_kept_aside_and_does_not_block(store, where, poison):
    for _ in range(2):
        outcome = store.apply([fact(1), poison, fact(3)])
    assert said(outcome, "ack")[0] == ack(fact(3), 3)
    assert rows(where, "SELECT count(*) FROM quarantine") == [(1,)]
    assert rows(where, "SELECT kind FROM alerts") == [("unknown",)]


def test_an_open_door_is_an_alert_until_it_is_shut_and_a_touched_cabinet_until_it_was_seen_to(store, where):
    standing = "SELECT kind FROM alerts WHERE closed_ms = 0 ORDER BY kind"
    opened = [fact(n, "contact.changed", contact=what, on=True) for n, what in enumerate(("door", "tamper"), 1)]
    store.apply(opened)
    assert rows(where, standing) == [("door",), ("tamper",)]
    store.apply([fact(n, "contact.changed", contact=what, on=False) for n, what in enumerate(("door", "tamper"), 3)])
    assert rows(where, standing) == [("tamper",)]


@pytest.mark.parametrize("payload", [b"", b"{}", b"\xff\xd8", b"[" * 5000, b'{"specversion":"1.0"}'])
def test_garbage_is_kept_aside_unanswered(store, where, payload):
    for tail in ("evt/run-ended", "status", "health", "res/c-1"):
        assert store.apply([IncomingMessage(f"kiosk/v1/jia/u-1/{tail}", payload, NOW)]).answers == []
    assert rows(where, "SELECT count(*) FROM quarantine") == [(4,)]
    told = "SELECT kind, about FROM alerts WHERE closed_ms = 0 ORDER BY about"
    assert rows(where, told) == [("malformed", channel) for channel in ("evt", "health", "res", "status")]


def test_a_file_that_broke_is_an_alert_until_a_person_has_seen_to_the_card(store, where):
    store.apply([fact(1, "storage.salvaged", file="screen", saved=40, epoch=OTHER, last=41), fact(2)])
    standing = "SELECT kind, about FROM alerts WHERE closed_ms = 0"
    assert rows(where, standing) == [("salvaged", "screen")]
    store.dismiss("u-1", "salvaged", "screen", NOW)
    assert rows(where, standing) == []


def test_another_site_is_not_believed(store, where):
    store.apply([fact(1)])
    outcome = store.apply([fact(2, site="yi-")])
    assert outcome.answers == []
    lying = IncomingMessage(fact(2).topic, fact(2, unit="u-2").payload, NOW)
    assert store.apply([lying]).answers == []
    assert rows(where, "SELECT count(*) FROM facts") == [(1,)]
    assert rows(where, "SELECT kind, about FROM alerts ORDER BY kind") == [("site", "yi-"), ("source", "jia/u-2")]
    assert rows(where, "SELECT unit, site FROM units") == [("u-1", "jia")]


def test_what_the_unit_gave_up_is_lost_with_proof(store, where):
    store.apply([fact(1), fact(6)])
    store.apply([fact(7, "storage.summarised", first=2, last=5, count=4)])
    assert rows(where, "SELECT upto, top, lost FROM epochs") == [(7, 7, 4)]
    assert rows(where, "SELECT first, last FROM gone") == [(2, 5)]
    counters = Queries(where).counters(NOW)
    assert (counters.lost, counters.under_way, counters.checked) == (4, 0, 7)
    store.apply([fact(3)])
    assert rows(where, "SELECT lost FROM epochs") == [(3,)], "one of them arrived after all"


def test_survivors_of_an_eviction_are_still_waited_for(store, where):
    store.apply([fact(1), fact(6)])
    outcome = store.apply([fact(7, "storage.summarised", first=2, last=5, count=3)])
    assert said(outcome, "ack")[0]["need"] == [2, 3, 4, 5], "acknowledging them would delete the survivor"


def test_one_agent_may_account_for_the_other_files_epoch(store, where):
    store.apply([fact(3)])
    outcome = store.apply([fact(1, "storage.summarised", OTHER, first=1, last=2, count=2, epoch=EPOCH)])
    acks = {ack["epoch"]: ack["upto"] for ack in said(outcome, "ack")}
    assert acks == {EPOCH: 3, OTHER: 1}


def status(online: bool, sid: str, seq: int) -> IncomingMessage:
    return IncomingMessage("kiosk/v1/jia/u-1/status", ENCODE(Status(online, sid, seq, "0.1.0", NOW, "atm")), NOW)


def test_a_late_will_of_an_earlier_life_is_no_news(store, where):
    online = "SELECT online FROM units"
    store.apply([status(True, "a", 1)])
    store.apply([status(True, "b", 1), status(False, "a", 0)])
    assert rows(where, online) == [(1,)]
    store.apply([status(False, "b", 0)])
    assert rows(where, online) == [(0,)]
    store.apply([status(True, "b", 2)])
    assert rows(where, online) == [(1,)]


def test_a_failed_batch_leaves_nothing_behind(store, where):
    store.apply([fact(1)])
    broken = IncomingMessage(fact(3).topic, fact(3).payload, 2**70)
    with pytest.raises((sqlite3.Error, OverflowError)):
        store.apply([fact(2), broken])
    assert rows(where, "SELECT count(*) FROM facts") == [(1,)]
    assert said(store.apply([fact(2)]), "ack")[0] == ack(fact(2), 2)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=60), st.data())
def test_books_of_numbers_agree_with_a_set(steps, data):
    books, here, gone = SequenceRanges(), set(), set()
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
    books = SequenceRanges()
    for seq in range(2, 4004, 2):
        books.hear(seq)
    upto, top, need = books.ack()
    assert (upto, len(need), top) == (0, 1000, 2000)


def test_a_fact_that_comes_again_under_another_epoch_counts_once_whichever_comes_first(store, where):
    was = f"{EPOCH}-2"
    first = fact(2)
    again = IncomingMessage(first.topic, encode("jia", "u-1", Fact(OTHER, 1, NOW + 2, *NOISE, was=was), "synced"), NOW)
    for batches in ([fact(1), first], [again]), ([again, first],):
        for batch in batches:
            store.apply(list(batch))
    assert rows(where, "SELECT epoch, seq FROM facts ORDER BY seq") == [(EPOCH, 1), (EPOCH, 2)]
    assert [(one.told, one.stored, one.wrong) for one in account(where, NOW)] == [(2, 2, "")]


def test_the_new_name_first_closes_the_old_ones_hole(store, where):
    again = encode("jia", "u-1", Fact(OTHER, 1, NOW + 2, *NOISE, was=f"{EPOCH}-2"), "synced")
    store.apply([fact(1), fact(3), IncomingMessage(fact(1).topic, again, NOW)])
    assert rows(where, "SELECT count(*) FROM holes") == [(0,)], "number 2 came under another name"
    assert store.apply([fact(2)]).stored == 0, "and is known when it comes after all"
    assert [(one.told, one.stored, one.wrong) for one in account(where, NOW)] == [(3, 3, "")]


def test_a_fact_that_was_given_anothers_number_counts_once_under_all_its_names_in_any_order(store, where):
    """An older copy gave number 1 again; copies of either file were numbered anew, each by itself."""
    orders = list(permutations([("a", 0), ("b", 0), ("c", 1), ("d", 1)]))
    for n, order in enumerate(orders * 2):
        unit, site = f"u-{n}", "jia"
        told = [
            Fact(f"{n:015x}{end}", 1, NOW + words, *NOISE, was="" if end == "a" else f"{n:015x}a-1")
            for end, words in order
        ]
        topic = topics.topic(site, unit, "evt", topics.fact_leaf(NOISE[0]))
        sent = [IncomingMessage(topic, encode(site, unit, one, "synced"), NOW) for one in told]
        for batch in [sent] if n < len(orders) else [[one] for one in sent]:
            store.apply(batch)
    kept = rows(where, "SELECT unit, at_ms FROM facts ORDER BY unit, at_ms")
    assert kept == [(unit, NOW + n) for unit in sorted(f"u-{n}" for n in range(2 * len(orders))) for n in (0, 1)]
    assert [one.unit for one in account(where, NOW) if one.wrong] == []


def test_instants_of_a_boot_are_mended_once_its_clock_is_right(store, where):
    def told(seq: int, type_: str, quality: str, at_ms: int, up_ms: int, **data: object) -> IncomingMessage:
        made = Fact(EPOCH, seq, at_ms, type_, json.dumps(data).encode(), Stamp(quality, "0123abcd", up_ms))
        topic = topics.topic("jia", "u-1", "evt", topics.fact_leaf(type_))
        return IncomingMessage(topic, encode("jia", "u-1", made, "guess"), NOW)

    run = {"run": f"{EPOCH}-1", "machine": "atm", "skin": "s", "lesson": "", "learner": "guest", "purpose": "practice"}
    end = {**run, "outcome": "done", "ms": 4000, "slips": 0, "prompt_max": 0, "facts": {}}
    began = told(1, "run.started", "guess", 1000, 60_000, pack="p", **run)
    store.apply([began, told(2, "run.ended", "guess", 5000, 64_000, **end)])
    assert rows(where, "SELECT started_ms, ended_ms FROM runs") == [(1000, 5000)]
    right = told(3, "device.back", "synced", NOW, 100_000, at="gate")
    store.apply([right, told(4, "device.back", "guess", 7, 101_000, at="gate")])
    assert rows(where, "SELECT started_ms, ended_ms FROM runs") == [(NOW - 40_000, NOW - 36_000)]
    want = [(NOW - 40_000, "mended"), (NOW - 36_000, "mended"), (NOW, "synced"), (NOW + 1000, "mended")]
    assert rows(where, "SELECT at_ms, timeq FROM facts ORDER BY seq") == want
    assert store.apply([began]).stored == 0, "what was told stays in its digest"


def test_two_collectors_that_meet_one_unit_count_once(store, where):
    """Sites were shared out anew while messages were under way."""
    other = FactStore(where)
    try:
        store.apply([fact(1), fact(2)])
        other.apply([fact(3)])
        for _ in range(2):  # what the first has in memory is old now: it fails as a whole once, and is taken again
            try:
                store.apply([fact(3), fact(4)])
                break
            except sqlite3.IntegrityError:
                continue
        assert rows(where, "SELECT seq FROM facts ORDER BY seq") == [(1,), (2,), (3,), (4,)]
        assert account(where, NOW)[0].wrong == ""
    finally:
        other.close()


def test_a_month_is_a_table_of_its_own(postgres):
    with closing(FactStore(postgres)) as store:
        _, november, december = month_of(NOW)
        heard = {1: november, 2: december - 1, 3: december}
        store.apply([IncomingMessage(fact(n).topic, fact(n).payload, at_ms) for n, at_ms in heard.items()])
        assert store.apply([fact(3)]).stored == 0, "a name is given once, whatever the month"
    tables = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'facts'::regclass ORDER BY 1"
    assert rows(postgres, tables) == [("facts_2026_11",), ("facts_2026_12",)]


def test_a_database_that_was_killed_loses_no_acknowledged_fact(postgres, cluster):
    with closing(FactStore(postgres)) as store:
        assert said(store.apply([fact(1), fact(2)]), "ack")[0]["upto"] == 2
        cluster.kill()
        with pytest.raises(sqlite3.OperationalError):
            store.apply([fact(3)])
        cluster.restart()
        assert said(store.apply([fact(3)]), "ack")[0]["upto"] == 3, "the connection is opened anew"
    assert rows(postgres, "SELECT seq FROM facts ORDER BY seq") == [(1,), (2,), (3,)]


@given(st.integers(0, 4 * 10**12))
def test_a_month_holds_its_instants(at_ms):
    name, first, after = month_of(at_ms)
    assert first <= at_ms < after
    assert month_of(first) == month_of(after - 1) == (name, first, after)
    assert month_of(after)[1] == after


def test_a_certificates_code_is_found_in_either_database(store, where):
    run = {"run": f"{EPOCH}-1", "machine": "atm", "skin": "s", "lesson": "l", "learner": "guest"}
    end = {**run, "purpose": "proctored", "outcome": "done", "ms": 4000, "slips": 0, "prompt_max": 0, "facts": {}}
    store.apply([fact(1, "run.ended", **end)])
    code = check_code(run["run"], "atm", "s", "l", "done")
    assert find_proctored_run(where, code) == (run["run"], "atm", "s", "l", "done", NOW + 1, "u-1")
    assert find_proctored_run(where, "000000") is None


def test_a_code_that_two_units_took_was_used_twice(store, where):
    """Only the office sees it; one refused, or taken at another site, is no second use; the next good one ends it."""
    twice = "SELECT unit, about, closed_ms > 0 FROM alerts WHERE kind = 'code_twice' ORDER BY unit"

    def met(seq: int, code: str, word: str = "taken", unit: str = "u-1", site: str = "jia") -> IncomingMessage:
        return fact(seq, "code.met", site=site, unit=unit, code=code, kind="own", word=word)

    store.apply([met(1, "a" * 16), met(1, "a" * 16, unit="v-1", site="yi"), met(1, "a" * 16, "old", unit="u-2")])
    assert rows(where, twice) == []
    store.apply([met(2, "a" * 16, unit="u-2")])
    assert rows(where, twice) == [("u-1", "a" * 16, False), ("u-2", "a" * 16, False)]
    store.apply([met(3, "b" * 16, unit="u-2")])
    assert rows(where, twice) == [("u-1", "a" * 16, False), ("u-2", "a" * 16, True)]


def test_an_erased_learner_is_a_guest_also_in_what_comes_late(store, where):
    who = "0123456789abcdef"
    store.apply([fact(1, "sitting.started", learner=who)])
    (answer,) = store.erasing.erase("jia", who, NOW + 10)
    assert who in answer.payload.decode()
    store.apply([fact(2, "sitting.started", learner=who), fact(1, "sitting.started", learner=who)])
    told = rows(where, "SELECT seq, data FROM facts ORDER BY seq")
    assert [(seq, json.loads(data)) for seq, data in told] == [(n, {"learner": "guest"}) for n in (1, 2)]
    assert store.erasing.retire(NOW * 2) == 2
    assert rows(where, "SELECT DISTINCT type, data FROM facts") == [("forgotten", "{}")]


def test_the_offices_file_is_its_owners_alone_also_one_that_an_earlier_release_left_open(tmp_path):
    path = tmp_path / "state" / "office.db"
    connect(path).close()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    path.chmod(0o644)
    db = connect(path)
    db.execute("PRAGMA user_version = 0")
    assert {one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {0o600}
    db.close()


def test_a_units_site_is_the_registers_word_not_its_first_message(tmp_path):
    """Whoever speaks first as a unit of another site moves it nowhere, and one that did before is put right."""
    path = tmp_path / "office.db"
    believed = FactStore(path)
    believed.apply([fact(1, site="yi-")])
    assert believed.site("u-1") == "yi-", "nothing better is known without a register"
    believed.close()
    store = FactStore(path, lambda unit: "jia")
    assert store.apply([fact(2, site="yi-"), fact(1, "noise.counted", OTHER, site="jia")]).stored == 1
    assert store.site("u-1") == "jia"
    store.close()
