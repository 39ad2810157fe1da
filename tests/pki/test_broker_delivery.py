"""What the shipped broker lets through, proved by delivery: a marker that arrives says that an earlier word never will.

A broker grants a subscription that its access list denies, and confirms a publish that it throws away; only what
arrives counts. Messages of one connection keep their order, so when the second has arrived the first never will.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import socket
import ssl
import tempfile
from pathlib import Path

import msgspec
import pytest

from kiosk_firmware.office.ingest.collector import Collector
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.pki import certificate_authority
from kiosk_firmware.office.pki.main import main as office_main
from kiosk_firmware.office.pki.trust_folder import now_ms
from kiosk_firmware.office.shared_state import SharedState
from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.tools.demo import mosquitto
from kiosk_firmware.unit.agent.main import Agent
from kiosk_firmware.unit.enrolment.main import office_heard
from kiosk_firmware.wire import certificates, private_keys, topics
from tests.pki.rig import HOST, Office, Speaker, speaking, wait
from tests.wire.rig import Screen

pytestmark = pytest.mark.broker
CONNECT = bytes.fromhex("101500044d5154540402003c00096a69612d61746d2d30")
"""MQTT 3.1.1, clean session, client id `jia-atm-0`."""
ME, OTHER = "jia-atm-01", "jia-rail-02"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("fleet"))
    try:
        office.start_broker()
        office.open_desk()
        yield office, office.trusted(ME), office.trusted(OTHER)
    finally:
        office.close()


def topic(unit: str, channel: topics.Channel, leaf: str = "", site: str = "jia") -> str:
    return topics.topic(site, unit, channel, leaf)


def test_unit_writes_its_own_branch_and_no_other(fleet):
    office, me, _ = fleet
    forbidden = [
        topic(OTHER, "evt", "run-ended"),
        topic(OTHER, "status"),
        topic(OTHER, "res", "c-1"),
        topic(OTHER, "cmd", "c-1"),
        topic(ME, "cmd", "c-1"),
        topic(ME, "ack"),
        topics.CENTRAL,
        topic(ME, "evt", "a/b"),
    ]
    with speaking(Speaker(office.collector(), "office-collector", "kiosk/v1/#"), Speaker(me.broker(), ME)) as (
        all_,
        one,
    ):
        wait(lambda: all_.link.up, "the collector")
        for name in forbidden:
            one.say(name, "forged")
        one.say(topic(ME, "evt", "run-ended"), "marker")
        wait(lambda: all_.has(topic(ME, "evt", "run-ended"), "marker"), "the marker")
        assert not [message for message in all_.heard if message.payload == b"forged"]


def test_unit_hears_its_own_branch_and_no_other(fleet):
    office, me, other = fleet
    filters = (
        "kiosk/v1/#",
        topic(OTHER, "cmd", "+"),
        topic(OTHER, "ack"),
        topic(OTHER, "evt", "+"),
        topic(ME, "cmd", "+"),
    )
    spy, witness = Speaker(me.broker(), ME, *filters), Speaker(other.broker(), OTHER, topic(OTHER, "cmd", "+"))
    with speaking(Speaker(office.collector(), "office-collector"), spy, witness) as (all_, _, __):
        wait(lambda: all_.link.up and spy.link.up and witness.link.up, "everybody")
        witness.say(topic(OTHER, "evt", "run-ended"), "secret")
        all_.say(topic(OTHER, "cmd", "c-1"), "secret")
        all_.say(topic(OTHER, "ack"), "secret")
        wait(lambda: witness.has(topic(OTHER, "cmd", "c-1"), "secret"), "the other's command")
        all_.say(topic(ME, "cmd", "c-2"), "marker")
        wait(lambda: spy.has(topic(ME, "cmd", "c-2"), "marker"), "the marker")
        assert not [message for message in spy.heard if message.payload == b"secret"]


def test_another_ones_session_cannot_be_taken_over(fleet):
    """Whatever client id a unit claims, the broker gives it its own name: the other stays connected and is served."""
    office, me, other = fleet
    victim = Speaker(other.broker(), OTHER, topic(OTHER, "cmd", "+"))
    with speaking(Speaker(office.collector(), "office-collector"), victim) as (all_, _):
        wait(lambda: all_.link.up and victim.link.up, "office and victim")
        with speaking(Speaker(me.broker(), OTHER, topic(OTHER, "cmd", "+"))) as (thief,):
            wait(lambda: thief.link.up, "the thief, under another name")
            all_.say(topic(OTHER, "cmd", "c-1"), "for the other")
            wait(lambda: victim.has(topic(OTHER, "cmd", "c-1"), "for the other"), "the victim's command")
            assert not thief.heard
            assert victim.link.reconnects == 1


@pytest.mark.parametrize("certificate", ["none", "own", "foreign"])
def test_nobody_speaks_without_a_certificate_of_the_office(fleet, tmp_path, certificate):
    """None at all, one that somebody made alone, one of another office: the broker hangs up before a word of MQTT."""
    context = ssl.create_default_context(cafile=str(fleet[1].member.root_file))
    if certificate != "none":
        context.load_cert_chain(forged(tmp_path, certificate))
    with socket.create_connection((HOST, fleet[0].port), timeout=30) as plain:
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            with context.wrap_socket(plain, server_hostname=HOST) as line:
                line.sendall(CONNECT)
                assert line.recv(1) == b"", "not a byte of an answer"


def test_the_same_word_is_answered_to_a_unit(fleet):
    """So the hanging up above was for the certificate."""
    context = ssl.create_default_context(cafile=str(fleet[1].member.root_file))
    context.load_cert_chain(fleet[1].member.certificate)
    with socket.create_connection((HOST, fleet[0].port), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname=HOST) as line:
            line.sendall(CONNECT)
            assert line.recv(2) == b"\x20\x02", "CONNACK"


def forged(folder, certificate: str) -> str:
    made = certificate_authority.found_authority(
        folder / "forger", folder / "forgers-stick", "any words at all", now_ms()
    )
    key = private_keys.make_key()
    text = made.issue(key.public_key(), ME, "unit", now_ms())
    path = folder / "forged.pem"
    private_keys.keep(key, path)
    alone = certificates.pem(certificates.certificates(text)[0])
    path.write_bytes(path.read_bytes() + (text if certificate == "foreign" else alone).encode())
    return str(path)


def test_revoked_units_live_session_ends_and_it_does_not_come_back(fleet, capsys):
    office, _, other = fleet
    gone = "jia-gate-03"
    words = ["revoke", gone, "--why", "stolen", "--state", str(office.folder / "office")]
    with speaking(Speaker(office.trusted(gone).broker(), gone), Speaker(other.broker(), OTHER)) as (stolen, kept):
        wait(lambda: stolen.link.up and kept.link.up, "both")
        assert office_main("enrol", words) == 0
        assert "1 certificates revoked, session ended" in capsys.readouterr().out
        wait(lambda: not stolen.link.up and stolen.link.tries > 1, "its end, and that it is turned away")
        assert stolen.link.reconnects == 1
        assert kept.link.reconnects == 1, "nobody else was disturbed"


def test_agent_and_collector_meet_over_their_certificates(fleet, tmp_path):
    """The real two, by unit.toml as enrolment wrote it: a fact goes up, is committed, and is let go of."""
    office, me, _ = fleet
    settings = unit_settings.read_settings(me.toml)
    settings = msgspec.structs.replace(settings, telemetry=msgspec.structs.replace(settings.telemetry, spread_s=0))
    screen = Screen(me.state)
    screen.tell("unit.started", fw="0.1.0", kind="atm", machines=["atm"], devices=[], missing=[])
    agent, collector = (
        Agent(settings, me.state),
        Collector(office.collector(), FactStore(tmp_path / "office.db"), SharedState()),
    )

    def turned() -> bool:
        agent.turn(0.01)
        collector.turn()
        screen.drop_acknowledged()
        return screen.left() == 0

    try:
        wait(turned, "the office's word that it is stored")
        assert collector.stored >= 1
    finally:
        agent.close()
        collector.close()


def test_enrolled_unit_hears_the_office(fleet):
    """The last tick: over its own certificate, the office's word."""
    office, me, _ = fleet
    with speaking(Speaker(office.collector(), "office-collector")) as (all_,):
        wait(lambda: all_.link.up, "the collector")
        all_.link.publish(topics.CENTRAL, b'{"online":true,"ts":1}', retain=True)
        assert office_heard(me.broker(), ME, 60)
        assert not office_heard(msgspec.structs.replace(me.broker(), port=1), ME, 0.2)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
def test_broker_of_root_runs_as_its_own_account(capsys):
    """Mosquitto gives root's rights up before it reads its key; a list that root writes later is read, too."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        office = Office(folder)
        port, out, state = mosquitto.free_port(), folder / "etc" / "kiosk", ["--state", str(folder / "office")]
        assert office_main("ca", ["broker", HOST, "--port", str(port), "--out", str(out), *state]) == 0
        assert "user root" not in (out / "mosquitto.conf").read_text()
        process = mosquitto.start(out / "mosquitto.conf", port)
        try:
            uid = int(re.search(r"^Uid:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text(), re.MULTILINE)[1])
            assert uid == pwd.getpwnam("mosquitto").pw_uid
            assert office_main("ca", ["paper", "relay-jia", "--out", str(folder / "papers"), *state]) == 0
            assert {path.stat().st_uid for path in out.iterdir()} == {uid}
        finally:
            process.terminate()
            process.wait()
            office.close()
