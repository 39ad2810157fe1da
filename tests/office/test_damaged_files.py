"""The office's files when their pages rot, are noise, or are empty: it is said which file, what is wrong, what to do,
and nothing is acknowledged over it.
"""

from __future__ import annotations

import logging
from contextlib import closing

import pytest

from kiosk_firmware import cli
from kiosk_firmware.office.accounts.people_db import PeopleDb
from kiosk_firmware.office.database.connection import connect
from kiosk_firmware.office.database.database_check import DatabaseCheck
from kiosk_firmware.office.ingest import collector as collectors
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.shared_state import SharedState
from kiosk_firmware.tools.demo.mosquitto import free_port
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.mqtt import MqttMessage
from tests.office.test_fact_store import fact

NOISE = bytes(range(1, 256)) * 200


def rot(path, keep=1):
    """Every page but the first `keep` becomes noise, as a dying disk would hand them out."""
    with closing(connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    held = path.read_bytes()
    path.write_bytes(held[: keep * 4096] + b"\xa5" * (len(held) - keep * 4096))


def office_of(path, count):
    store = FactStore(path)
    store.apply([fact(n) for n in range(1, count + 1)])
    return store


@pytest.fixture
def heard(monkeypatch):
    """What a collector settles with its broker, and what it publishes."""
    settled, said = [], []
    monkeypatch.setattr(collectors.BrokerLink, "settle", lambda self, *messages: settled.extend(messages))
    monkeypatch.setattr(collectors.BrokerLink, "publish", lambda self, topic, *_, **__: said.append(topic) or True)
    return settled, said


def tell(collector, *facts):
    for one in facts:
        collector._hear(MqttMessage(one.topic, one.payload, False))
    collector._flush()


def test_rotten_pages_are_found_and_nothing_is_acknowledged_from_then_on(tmp_path, heard):
    settled, said = heard
    path = tmp_path / "office.db"
    office_of(path, 400).close()
    rot(path, keep=60)
    check = DatabaseCheck(path)
    check.look()
    assert check.stalled() == ("database",)
    assert str(path) in check.damage
    sound = tmp_path / "sound.db"  # whatever the store can still write
    collector = collectors.Collector(
        BrokerSettings(port=free_port()), FactStore(sound), SharedState(), damage=lambda: check.damage
    )
    tell(collector, fact(1))
    assert not settled
    assert not [topic for topic in said if topic.endswith("/ack")]
    check.damage = ""
    tell(collector)
    assert len(settled) == 1
    assert [topic for topic in said if topic.endswith("/ack")]


def test_a_page_that_is_met_rotten_is_no_messages_fault(tmp_path, heard):
    """Before, the batch was tried one by one, and each message was let go of and settled."""
    settled, _ = heard
    path = tmp_path / "office.db"
    store = office_of(path, 400)
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store._db.execute("PRAGMA cache_size=1")
    rot(path, keep=8)
    collector = collectors.Collector(BrokerSettings(port=free_port()), store, SharedState())
    for _ in range(2 * collectors.PATIENCE):
        collector._blocked_until = 0.0
        tell(collector, fact(401))
    assert not settled


def test_a_sound_file_is_sound(tmp_path):
    path = tmp_path / "office.db"
    office_of(path, 50).close()
    check = DatabaseCheck(path)
    check.look()
    assert (check.damage, check.stalled()) == ("", ())


@pytest.mark.parametrize("opened", [connect, PeopleDb], ids=["office.db", "people.db"])
def test_noise_is_told_by_its_name_and_stays_as_it_is(tmp_path, opened):
    path = tmp_path / "some.db"
    path.write_bytes(NOISE)
    with pytest.raises(ValueError, match=r"some\.db is damaged .*backup"):
        opened(path)
    assert path.read_bytes() == NOISE


@pytest.mark.parametrize("opened", [connect, PeopleDb], ids=["office.db", "people.db"])
def test_an_empty_file_is_said_and_a_new_one_is_not(tmp_path, caplog, opened):
    with caplog.at_level(logging.ERROR):
        opened(tmp_path / "new.db").close()
        assert not caplog.messages
        (tmp_path / "empty.db").touch()
        opened(tmp_path / "empty.db").close()
    assert "empty.db is empty" in caplog.text


@pytest.mark.parametrize("verb", [["office", "proof"], ["office", "audit"]])
@pytest.mark.parametrize("name", ["office.db", "people.db"])
def test_a_verb_of_the_command_line_ends_in_a_word_and_no_traceback(tmp_path, capsys, verb, name):
    office_of(tmp_path / "office.db", 50).close()
    PeopleDb(tmp_path / "people.db").close()
    (tmp_path / name).write_bytes(NOISE)
    code = cli.main([*verb, "--state", str(tmp_path)])
    mine = (verb[1] == "proof") == (name == "office.db")
    assert (code == 2) == mine
    assert (name in capsys.readouterr().err) == mine


def test_proof_of_rotten_pages_ends_in_a_word(tmp_path, capsys):
    path = tmp_path / "office.db"
    office_of(path, 400).close()
    rot(path, keep=8)
    assert cli.main(["office", "proof", "--state", str(tmp_path)]) == 2
    assert "office.db is damaged" in capsys.readouterr().err
