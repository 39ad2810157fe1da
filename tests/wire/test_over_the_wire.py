"""Agent, broker and collector together: refusals, clashes, commands, waiting, an older protocol."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from deploy.office.temporary_rabbitmq import PROGRAM, Rabbit
from kiosk_firmware.office.ingest.collector import Collector
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.shared_state import OfficeRequest, SharedState
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.agent.main import Agent
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.messages import ENCODE, Central, Command
from kiosk_firmware.wire.mqtt import BrokerLink, MqttMessage
from tests.wire.rig import Processes, Screen, query, settings, wait

pytestmark = pytest.mark.broker


class Pair:
    """An agent and a collector, turned by hand in this thread."""

    def __init__(self, folder: Path, port: int, **pace: object) -> None:
        self.state, self.path = folder / "state", folder / "office" / "office.db"
        self.screen = Screen(self.state)
        self.agent = Agent(settings(port, **pace), self.state)
        self.store = FactStore(self.path)
        self.desk = SharedState()
        self.collector = Collector(BrokerSettings(port=port, retry_s=0.3), self.store, self.desk)
        self.other = BrokerLink(BrokerSettings(port=port, retry_s=0.3), "another", ("kiosk/v1/+/+/res/+",), self._hear)
        self.heard: list[MqttMessage] = []

    def _hear(self, message: MqttMessage) -> None:
        self.heard.append(message)

    def until(self, condition, what: str) -> None:
        def turned() -> object:
            self.agent.turn(0.01)
            self.collector.turn()
            self.other.turn(0.01)
            return condition()

        wait(turned, what)

    def office(self, sql: str, *args: object) -> list[tuple]:
        return query(self.path, sql, *args)

    def close(self) -> None:
        self.other.close()
        self.agent.close()
        self.collector.close()
        self.screen.db.close()


@pytest.fixture
def rabbit(tmp_path: Path) -> Iterator[Rabbit]:
    if not PROGRAM.exists():
        pytest.skip("no RabbitMQ here; ./kiosk test --long installs it")
    with closing(Rabbit(tmp_path / "rabbit")) as made:
        yield made


@pytest.fixture(params=["Mosquitto", pytest.param("RabbitMQ", marks=pytest.mark.long)])
def pair(request: pytest.FixtureRequest, processes: Processes, tmp_path: Path) -> Iterator[Pair]:
    """The same code on either broker; each starts empty."""
    port = processes.broker() if request.param == "Mosquitto" else request.getfixturevalue("rabbit").port
    with closing(Pair(tmp_path, port)) as made:
        yield made


def noise(screen: Screen, count: int = 1) -> int:
    return screen.tell("noise.counted", at="coin_acceptor", kind="lone", count=count)


def test_a_denied_publish_is_not_taken_for_stored(processes: Processes, tmp_path: Path) -> None:
    rules = "topic readwrite kiosk/v1/#\ntopic deny kiosk/v1/jia/jia-atm-01/evt/noise-counted\n"
    processes.acl = rules
    pair = Pair(tmp_path, processes.broker())
    noise(pair.screen)
    pair.screen.tell("device.lost", at="pin_pad")
    pair.until(lambda: pair.office("SELECT seq FROM facts") == [(2,)], "the one that is allowed")
    pair.until(lambda: pair.agent.link.denied, "the refusal to be noticed")
    assert pair.agent.db.upto(pair.screen.epoch) == 0
    assert pair.office("SELECT first, last FROM holes") == [(1, 1)]
    pair.agent.close()
    pair.collector.close()
    pair.other.close()
    processes.kill("broker")
    processes.acl = "topic readwrite kiosk/v1/#\n"
    processes.broker()
    again = Agent(settings(processes.port), pair.state)
    pair.agent, pair.store = again, FactStore(pair.path)
    pair.collector = Collector(BrokerSettings(port=processes.port, retry_s=0.3), pair.store, pair.desk)
    pair.until(lambda: again.db.upto(pair.screen.epoch) == 2, "all, once it is allowed")
    pair.close()


def test_a_restored_disk_is_told_to_begin_a_new_epoch(pair: Pair) -> None:
    noise(pair.screen)
    noise(pair.screen, 2)
    pair.until(lambda: pair.agent.db.upto(pair.screen.epoch) == 2, "the first life's facts")
    with pair.screen.db, sqlite3.connect(pair.state / "agent.db") as agent:
        agent.execute("UPDATE acks SET upto = 1")
        pair.screen.db.execute('UPDATE facts SET data = \'{"at":"gate","kind":"x","count":1}\' WHERE seq = 2')
    pair.agent.lanes[0].epoch = ""  # a new life of the agent
    renewals = "SELECT args FROM inbox WHERE name = 'epoch.renew'"
    pair.until(lambda: query(pair.state / "agent.db", renewals), "the command in the screen's inbox")
    args = json.loads(query(pair.state / "agent.db", renewals)[0][0])
    assert args == {"epoch": pair.screen.epoch, "start": 1}
    with pair.screen.db:  # what the screen process does then
        pair.screen.db.execute("UPDATE meta SET value = 'fedcba9876543210' WHERE key = 'epoch'")
        pair.screen.db.execute("DELETE FROM facts WHERE seq < 2")
        pair.screen.db.execute("UPDATE facts SET seq = 1")
    told = (
        "SELECT epoch, seq, json_extract(data, '$.at') FROM facts WHERE type = 'noise.counted'"
        " ORDER BY epoch = 'fedcba9876543210', seq"
    )
    old = pair.screen.epoch
    want = [(old, 1, "coin_acceptor"), (old, 2, "coin_acceptor"), ("fedcba9876543210", 1, "gate")]
    pair.until(lambda: pair.office(told) == want, "both stories, each once")


def test_what_was_lost_on_the_unit_stands_in_the_books(pair: Pair) -> None:
    pair.agent.turn(0.01)
    for n in range(6):
        noise(pair.screen, n)
    with pair.screen.db:
        pair.screen.db.execute("DELETE FROM facts WHERE seq IN (2, 3)")
    pair.until(lambda: pair.agent.db.upto(pair.screen.epoch) == 6, "the books to close")
    assert pair.office("SELECT lost FROM epochs WHERE epoch = ?", pair.screen.epoch) == [(2,)]
    assert pair.office("SELECT first, last FROM gone") == [(2, 3)]


def test_a_command_arrives_once_and_its_end_is_known(pair: Pair) -> None:
    pair.until(lambda: pair.office("SELECT online FROM units") == [(1,)], "the unit")
    pair.desk.requests.put(OfficeRequest("command", "jia-atm-01", "run.end", {"why": "closing"}, 60_000))
    pair.until(lambda: pair.office("SELECT state FROM commands") == [("received",)], "the reply")
    ((id_, name, args),) = query(pair.state / "agent.db", "SELECT id, name, args FROM inbox")
    assert (name, json.loads(args)) == ("run.end", {"why": "closing"})
    (topic,) = [message.topic for message in pair.heard]
    assert topic.endswith(f"/res/{id_}")
    again = Command(id_, "run.end", {"why": "other"}, utc_ms() + 60_000)
    pair.other.publish(topics.topic("jia", "jia-atm-01", "cmd", id_), ENCODE(again))
    pair.until(lambda: len(pair.heard) == 2, "the second reply")
    assert query(pair.state / "agent.db", "SELECT args FROM inbox") == [(args,)]
    pair.screen.tell("command.ended", id=id_, name="run.end", ok=True, detail="")
    pair.until(lambda: pair.office("SELECT state FROM commands") == [("done",)], "its end")


def test_a_command_sent_while_the_unit_was_away_is_kept_for_it(pair: Pair) -> None:
    pair.until(lambda: pair.office("SELECT online FROM units") == [(1,)], "the unit")
    pair.agent.close()
    pair.desk.requests.put(OfficeRequest("command", "jia-atm-01", "run.end", {}, 60_000))
    wait(lambda: pair.collector.turn() or pair.office("SELECT state FROM commands") == [("sent",)], "it to be sent")
    pair.agent = Agent(settings(pair.agent.link._broker.port), pair.state)
    pair.until(lambda: query(pair.state / "agent.db", "SELECT name FROM inbox") == [("run.end",)], "it in the inbox")


def test_while_the_office_is_away_the_unit_waits(pair: Pair) -> None:
    pair.until(lambda: pair.agent._central is True, "the office's word")
    pair.collector.close()
    wait(lambda: pair.agent.turn(0.01) or pair.agent._central is False, "its last word")
    for n in range(10):
        noise(pair.screen, n)
    heard: list[str] = []
    spy = BrokerLink(pair.other._broker, "spy", ("kiosk/v1/+/+/evt/+",), lambda m: heard.append(m.topic))
    wait(lambda: spy.turn(0.01) or spy.up, "the spy")
    pair.other.turn(0.01)
    for _ in range(60):
        pair.agent.turn(0.01)
        spy.turn(0.01)
    assert len(heard) <= 1, "one knock at most, not ten facts"
    spy.publish(topics.CENTRAL, ENCODE(Central(True, 1)), retain=True)
    wait(lambda: pair.agent.turn(0.01) or spy.turn(0.01) or len(heard) >= 10, "all of them, once it is back")
    spy.close()
    pair.store = FactStore(pair.path)
    pair.collector = Collector(pair.other._broker, pair.store, pair.desk)


def test_an_office_that_comes_later_hears_who_is_there_though_nothing_is_retained_for_it(pair: Pair) -> None:
    pair.collector.close()
    heard: list[MqttMessage] = []
    spy = BrokerLink(pair.other._broker, "spy", ("kiosk/v1/+/+/status",), heard.append)
    wait(lambda: pair.agent.turn(0.01) or spy.turn(0.01) or (pair.agent.link.up and spy.up), "unit and spy")
    spy.publish(topics.CENTRAL, ENCODE(Central(False, 1)), retain=True)
    wait(lambda: pair.agent.turn(0.01) or spy.turn(0.01) or pair.agent._central is False, "the office to be away")
    heard.clear()
    spy.publish(topics.CENTRAL, ENCODE(Central(True, 2)), retain=True)
    wait(lambda: pair.agent.turn(0.01) or spy.turn(0.01) or heard, "the unit to say again that it is there")
    assert json.loads(heard[0].payload)["online"] is True
    spy.close()


def test_a_full_office_disk_loses_nothing(pair: Pair) -> None:
    pair.until(lambda: pair.office("SELECT online FROM units") == [(1,)], "the unit")
    lock = sqlite3.connect(pair.path, isolation_level=None)
    pair.store._db.execute("PRAGMA busy_timeout = 50")
    lock.execute("BEGIN IMMEDIATE")
    noise(pair.screen)
    pair.until(lambda: pair.agent._central is False, "the office to say that it cannot store")
    lock.execute("ROLLBACK")
    lock.close()
    pair.until(lambda: pair.agent.db.upto(pair.screen.epoch) == 1, "it to be stored")
    assert pair.agent._central is True or pair.until(lambda: pair.agent._central, "all well again") is None


def test_collectors_share_the_sites_and_not_their_sessions(pair: Pair, tmp_path: Path) -> None:
    pair.collector.close()
    broker, path = pair.other._broker, tmp_path / "shared.db"
    ours = Collector(broker, FactStore(path), SharedState(), site="jia,bing")
    theirs = Collector(broker, FactStore(path), SharedState(), site="yi-,ding")
    pair.collector, pair.path = ours, path
    noise(pair.screen)
    pair.until(lambda: theirs.turn() or pair.agent.db.upto(pair.screen.epoch) == 1, "the unit's own collector")
    assert (ours.stored, theirs.stored) == (pair.office("SELECT count(*) FROM facts")[0][0], 0)
    assert ours.link.reconnects == theirs.link.reconnects == 1, "neither takes the other's session over"
    theirs.close()


def test_two_of_one_name_do_not_fight_and_each_comes_back_by_itself(pair: Pair, caplog) -> None:
    """A copied card, or a collector that was started twice: who is put out says so, waits, and tries again."""
    pair.until(lambda: pair.other.up, "the first one")
    twin = BrokerLink(pair.other._broker, "another", (), lambda message: None)
    with closing(twin):
        pair.until(lambda: twin.turn(0.01) or pair.other.ousted, "the first one to be put out")
        assert not pair.other.up
        assert "another connection has come in this name" in caplog.text
    pair.until(lambda: pair.other.up, "the first one to be back")
    assert not pair.other.ousted


def test_a_handler_that_fails_does_not_end_the_connection(pair: Pair) -> None:
    pair.until(lambda: pair.agent.link.up, "the agent")
    pair.until(lambda: pair.other.up, "another client")
    pair.other.publish(topics.topic("jia", "jia-atm-01", "ack"), b"\xffgarbage")
    pair.other.publish(topics.CENTRAL, b"[]")
    real, pair.agent.db.ack = pair.agent.db.ack, failing
    noise(pair.screen)
    pair.until(lambda: pair.agent.link.faults, "the fault")
    pair.agent.db.ack = real
    pair.until(lambda: pair.agent.db.upto(pair.screen.epoch) == 1, "the next ack")


@pytest.mark.long
def test_a_rabbitmq_that_was_killed_owes_nobody_anything(rabbit: Rabbit, tmp_path: Path) -> None:
    """What it keeps for a collector that was away is there after a kill; what is not, its unit has."""
    with closing(Pair(tmp_path, rabbit.port)) as pair:
        noise(pair.screen)
        pair.until(lambda: pair.agent.db.upto(pair.screen.epoch) == 1, "the chain to stand")
        pair.collector.link.turn = lambda timeout: None  # away without a word: the broker keeps its session
        heard: list[str] = []
        spy = BrokerLink(
            pair.other._broker, "spy", ("kiosk/v1/+/+/evt/+",), lambda message: heard.append(message.topic)
        )
        wait(lambda: spy.turn(0.01) or spy.up, "the spy")
        for n in range(300):
            noise(pair.screen, n)
        wait(lambda: pair.agent.turn(0.01) or spy.turn(0.01) or len(heard) >= 50, "as many as may be under way")
        spy.close()
        rabbit.kill()
        rabbit.start()
        del pair.collector.link.turn
        pair.until(lambda: pair.agent.db.upto(pair.screen.epoch) == 301, "all of them")
        told = "SELECT count(*), count(DISTINCT seq) FROM facts WHERE type = 'noise.counted'"
        assert pair.office(told) == [(301, 301)]


def failing(*_: object) -> None:
    raise sqlite3.OperationalError("database or disk is full")


def test_a_broker_of_the_older_protocol_is_met_with_it(tmp_path: Path) -> None:
    """A listener that hangs up on MQTT 5, as NATS does, and welcomes 3.1.1."""
    import socket

    server = socket.create_server(("127.0.0.1", 0))
    versions: list[int] = []

    def listen() -> None:
        while len(versions) < 2:
            client, _ = server.accept()
            packet = client.recv(1024)
            versions.append(packet[packet.index(b"MQTT") + 4])
            if versions[-1] == 4:
                client.sendall(b"\x20\x02\x00\x00")
                client.recv(1024)
            client.close()

    thread = threading.Thread(target=listen)
    thread.start()
    link = BrokerLink(BrokerSettings(port=server.getsockname()[1], retry_s=0.2), "u-1", ("x",), lambda m: None)
    wait(lambda: link.turn(0.02) or link.up, "a connection")
    assert versions == [5, 4]
    link.close()
    thread.join(10)
    server.close()


def test_settings_say_what_is_allowed() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"port"):
        msgspec.convert({"port": 0}, BrokerSettings)
    with pytest.raises(msgspec.ValidationError, match="colour"):
        msgspec.convert({"colour": "red"}, BrokerSettings)
