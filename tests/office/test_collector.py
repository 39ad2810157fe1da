"""The collector's whole door: whatever one unit says, another one is acknowledged, and nothing is met for ever."""

from __future__ import annotations

import json
import logging
import random
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from kiosk_firmware.office.database.completeness_proof import account
from kiosk_firmware.office.database.connection import Where, connect
from kiosk_firmware.office.ingest import collector as collector_module
from kiosk_firmware.office.ingest.collector import PATIENCE, Collector
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from kiosk_firmware.office.pki.renewals import Renewals
from kiosk_firmware.office.shared_state import SharedState
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.mqtt import BrokerLink, MqttMessage
from tests.office.hostile import of_unit
from tests.office.test_fact_store import fact, where
from tests.wire.rig import Processes, query, wait

__all__ = ["where"]
EPOCH = "00000000000000aa"
NOW = 1_795_511_854_930
CHUNK = 20


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


POISON = {
    channel: (tail, b'{"unheard_of":' + nested(1200) + b"}")
    for channel, tail in (
        ("evt", "evt/run-ended"),
        ("res", "res/c-1"),
        ("cfg", "cfg/reported"),
        ("now", "now"),
        ("log", "log"),
        ("status", "status"),
        ("health", "health"),
        ("trust", "trust/ask"),
        ("glass", "glass"),
    )
}


class Line:
    """A unit's own connection, as some other program would make it; it hears acknowledgements."""

    def __init__(self, port: int, site: str, unit: str) -> None:
        self.upto: dict[str, int] = {}
        self.link = BrokerLink(
            BrokerSettings(port=port), f"{unit}-line", (topics.topic(site, unit, "ack"),), self._hear
        )
        wait(self._turned, "the unit's connection")

    def _turned(self) -> bool:
        self.link.turn(0.01)
        return self.link.up

    def _hear(self, message: MqttMessage) -> None:
        said = json.loads(message.payload)
        self.upto[said["epoch"]] = said["upto"]

    def say(self, topic: str, payload: bytes) -> None:
        self.link.publish(topic, payload)
        wait(lambda: self.link.turn(0.005) or not self.link.under_way, "the broker")

    def acknowledged(self, seq: int) -> bool:
        self.link.turn(0.01)
        return seq in self.upto.values()


class Rig:
    """A broker, a collector in a thread of its own, a unit that is well and one that is not."""

    def __init__(self, folder: Path) -> None:
        self.processes = Processes(folder)
        self.port = self.processes.broker()
        self.path = folder / "office.db"
        self.start()
        self.well, self.ill = Line(self.port, "jia", "jia-atm-01"), Line(self.port, "yi4", "yi4-atm-01")
        self.seq = 0

    def start(self) -> None:
        self.stop, self.ready, self.desk = threading.Event(), threading.Event(), SharedState()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        self.ready.wait(20)
        wait(lambda: self.collector.link.up, "the collector")

    def _run(self) -> None:
        """In its thread, since a connection to SQLite is one thread's."""
        renew = Renewals(self.path.parent).answer
        self.collector = Collector(BrokerSettings(port=self.port), FactStore(self.path), self.desk, renew=renew)
        self.ready.set()
        self.collector.run(self.stop)

    def end(self) -> None:
        self.stop.set()
        self.thread.join(20)

    def is_well(self) -> None:
        """The unit that is well tells a fact, and is acknowledged."""
        self.seq += 1
        one = fact(self.seq, unit="jia-atm-01")
        self.well.say(one.topic, one.payload)
        wait(lambda: self.well.acknowledged(self.seq), f"the acknowledgement of {self.seq}", 20)

    def close(self) -> None:
        self.end()
        for line in (self.well, self.ill):
            line.link.close()
        self.processes.close()


@pytest.fixture
def rig(tmp_path):
    made = Rig(tmp_path)
    yield made
    made.close()


@pytest.mark.broker
@pytest.mark.parametrize("name", POISON)
def test_one_units_nested_message_stops_nobody_and_is_met_once(rig: Rig, name, caplog):
    tail, payload = POISON[name]
    rig.is_well()
    with caplog.at_level(logging.ERROR):
        rig.ill.say(f"kiosk/v1/yi4/yi4-atm-01/{tail}", payload)
        rig.is_well()
    assert "a turn of the collector failed" not in caplog.text
    assert rig.collector.link.faults == 0
    kept = query(rig.path, "SELECT count(*) FROM quarantine")
    rig.end()
    rig.start()
    rig.is_well()
    assert query(rig.path, "SELECT count(*) FROM quarantine") == kept


@pytest.mark.broker
@pytest.mark.parametrize("seed", range(3))
def test_whatever_one_unit_says_another_one_is_acknowledged(rig: Rig, long, seed, caplog):
    rng = random.Random(seed)
    with caplog.at_level(logging.ERROR):
        for _ in range(100 if long else 12):
            for _ in range(CHUNK):
                rig.ill.say(*of_unit(rng, "yi4", "yi4-atm-01", EPOCH, NOW))
            rig.is_well()
    assert "a turn of the collector failed" not in caplog.text
    assert rig.collector.link.faults == 0
    assert query(rig.path, "SELECT upto, top, lost FROM epochs WHERE unit = 'jia-atm-01'") == [(rig.seq, rig.seq, 0)]


@pytest.mark.parametrize("seed", range(4))
def test_no_message_of_a_unit_fails_a_batch_for_the_others(where, long, seed):
    """The same without a broker, on both databases: each hostile message between two good ones of another unit."""
    rng, store = random.Random(seed), FactStore(where)
    collector = Collector(BrokerSettings(), store, SharedState())
    for sequence in range(1, 1000 if long else 120):
        topic, payload = of_unit(rng, "yi4", "yi4-atm-01", EPOCH, NOW)
        outcome = collector._stored([fact(sequence, unit="jia-atm-01"), IncomingMessage(topic, payload, NOW)])
        said = [json.loads(one.payload) for one in outcome.answers if "/jia-atm-01/ack" in one.topic]
        assert said[-1]["upto"] == sequence, (topic, payload[:300])
    store.close()


@pytest.mark.parametrize("error", [RuntimeError("nobody foresaw this"), RecursionError(), MemoryError(), KeyError("x")])
def test_a_fact_that_cannot_be_folded_is_kept_aside_under_its_number_and_acknowledged(where, monkeypatch, error):
    store = FactStore(where)
    collector, fold = Collector(BrokerSettings(), store, SharedState()), store._fold

    def folded(heard, *more):
        if heard.unit == "yi4-atm-01":
            raise error
        fold(heard, *more)

    monkeypatch.setattr(store, "_fold", folded)
    good, bad = fact(1, unit="jia-atm-01"), fact(1, site="yi4", unit="yi4-atm-01")
    outcome = collector._stored([bad, good])
    acks = {one.topic.split("/")[3]: json.loads(one.payload)["upto"] for one in outcome.answers}
    assert acks == {"yi4-atm-01": 1, "jia-atm-01": 1}
    store.close()
    (row,) = query_where(where, "SELECT unit, reason FROM quarantine")
    assert row[0] == "yi4-atm-01"
    assert row[1].startswith("fact:")
    assert [one.wrong for one in account(where, NOW)] == ["", ""]


def test_while_the_database_refuses_nothing_is_settled_and_the_collector_stands_still(tmp_path, monkeypatch):
    store, moved = FactStore(tmp_path / "office.db"), []
    collector = Collector(BrokerSettings(port=1), store, SharedState(), moved=lambda: moved.append(True))
    collector.turn()
    assert moved, "with nothing to do it moves"

    def refused(*_, **__):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(collector_module, "LATE_S", 0.0)
    monkeypatch.setattr(store, "apply", refused)
    monkeypatch.setattr(store, "set_aside", refused)
    one = fact(1, unit="jia-atm-01")
    collector._hear(MqttMessage(one.topic, one.payload, 7, 1))
    moved.clear()
    for _ in range(PATIENCE + 3):
        collector._blocked_until = 0.0
        collector.turn()
    assert not moved
    assert len(collector._batch) == 1, "kept, however often it was refused"
    monkeypatch.undo()
    collector._blocked_until = 0.0
    collector._flush()
    collector.turn()
    assert collector.stored == 1
    store.close()


def query_where(where: Where, sql: str) -> list[tuple]:
    with closing(connect(where)) as db:
        return [tuple(row) for row in db.execute(sql).fetchall()]
