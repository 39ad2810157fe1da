"""Parts of the office with a name at the brokers: a site's relay between two of them, and a collector of certain sites.

As in `test_broker_delivery.py`, what is forbidden is proved by delivery: a marker that arrives says that an earlier
word never will.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from kiosk_firmware.office.ingest.collector import Collector
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.pki.main import main as office_main
from kiosk_firmware.office.pki.trust_folder import collector_name
from kiosk_firmware.office.shared_state import OfficeRequest, SharedState
from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.site.relay import SiteRelay
from kiosk_firmware.tools.demo import mosquitto
from kiosk_firmware.unit.agent.main import Agent
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_config import access
from kiosk_firmware.wire.broker_settings import BrokerSettings
from tests.pki.rig import HOST, Office, Speaker, speaking, wait
from tests.wire.rig import Screen, query

pytestmark = pytest.mark.broker
UNIT = "jia-atm-01"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with closing(Office(tmp_path_factory.mktemp("parts"))) as made:
        made.start_broker()
        made.open_desk()
        yield made


def certificate(office: Office, name: str, *more: str) -> None:
    state = str(office.place.folder.parent)
    assert office_main("ca", ["paper", name, "--state", state, "--out", str(office.folder / "papers"), *more]) == 0


def at(office: Office, name: str, port: int = 0) -> BrokerSettings:
    papers = office.folder / "papers"
    own = str(papers / f"{name}.pem"), str(papers / f"{name}.key")
    return BrokerSettings(HOST, port or office.port, str(papers / "root.pem"), *own, retry_s=0.2)


def test_a_relay_may_say_what_its_sites_units_may_and_hear_what_they_would(office):
    """A running broker knows the name at once, without a restart that would end the units' sessions."""
    certificate(office, "relay-jia")
    forged = [
        topics.topic("yi-", UNIT, "evt", "run-ended"),
        topics.topic("jia", UNIT, "cmd", "c-1"),
        topics.topic("jia", UNIT, "ack"),
        topics.CENTRAL,
    ]
    all_ = Speaker(office.collector(), "office-collector", "kiosk/v1/#")
    relay = Speaker(at(office, "relay-jia"), "relay-jia", "kiosk/v1/#")
    with speaking(all_, relay):
        wait(lambda: all_.link.up and relay.link.up, "both")
        for name in forged:
            relay.say(name, "forged")
        relay.say(topics.topic("jia", UNIT, "evt", "run-ended"), "marker")
        wait(lambda: all_.has(topics.topic("jia", UNIT, "evt", "run-ended"), "marker"), "the marker")
        assert not [message for message in all_.heard if message.payload == b"forged"]
        all_.say(topics.topic("yi-", UNIT, "cmd", "c-2"), "another site's")
        all_.say(topics.topic("jia", UNIT, "evt", "run-ended"), "a unit's own word")
        all_.say(topics.topic("jia", UNIT, "cmd", "c-2"), "marker")
        wait(lambda: relay.has(topics.topic("jia", UNIT, "cmd", "c-2"), "marker"), "the marker")
        assert [message.payload for message in relay.heard if message.topic != topics.CENTRAL] == [b"marker"]


def test_a_collector_of_certain_sites_meets_no_other(office):
    certificate(office, "office-collector", "--sites", "jia,bing")
    name = collector_name("jia,bing")
    some = Speaker(at(office, name), name, "kiosk/v1/#")
    with speaking(Speaker(office.collector(), "office-collector", "kiosk/v1/#"), some) as (all_, _):
        wait(lambda: all_.link.up and some.link.up, "both")
        some.say(topics.topic("yi-", UNIT, "cmd", "c-1"), "forged")
        some.say(topics.topic("jia", UNIT, "evt", "run-ended"), "forged")
        some.say(topics.topic("bing", UNIT, "ack"), "marker")
        wait(lambda: all_.has(topics.topic("bing", UNIT, "ack"), "marker"), "the marker")
        assert not [message for message in all_.heard if message.payload == b"forged"]
        all_.say(topics.topic("yi-", UNIT, "evt", "run-ended"), "another site's")
        all_.say(topics.topic("jia", UNIT, "evt", "run-ended"), "marker")
        wait(lambda: some.has(topics.topic("jia", UNIT, "evt", "run-ended"), "marker"), "the marker")
        assert "another site's" not in [message.payload.decode() for message in some.heard]


def test_a_class_board_hears_and_commands_its_own_site_and_takes_part_in_no_call(office):
    certificate(office, "office-board-jia")
    board = Speaker(at(office, "office-board-jia"), "office-board-jia", "kiosk/v1/#")
    command = topics.topic("jia", UNIT, "cmd", "c-1")
    forged = [
        topics.topic("yi-", UNIT, "cmd", "c-1"),
        topics.topic("jia", UNIT, "ack"),
        topics.topic("jia", UNIT, "cfg"),
        topics.topic("jia", UNIT, "call", topics.DOWN),
        topics.topic("jia", UNIT, "evt", "run-ended"),
        topics.CENTRAL,
    ]
    with speaking(Speaker(office.collector(), "office-collector", "kiosk/v1/#"), board) as (all_, _):
        wait(lambda: all_.link.up and board.link.up, "both")
        for name in forged:
            board.say(name, "forged")
        board.say(command, "marker")
        wait(lambda: all_.has(command, "marker"), "the marker")
        assert not [message for message in all_.heard if message.payload == b"forged"]
        all_.say(topics.topic("yi-", UNIT, "status"), "another site's")
        all_.say(topics.topic("jia", UNIT, "call", topics.UP), "a call")
        all_.say(topics.topic("jia", UNIT, "status"), "marker")
        wait(lambda: board.has(topics.topic("jia", UNIT, "status"), "marker"), "the marker")
        assert [message.payload for message in board.heard if message.topic != topics.CENTRAL] == [b"marker"]


def test_the_room_of_calls_hears_and_says_what_visits_need_and_nothing_else(office):
    certificate(office, "office-calls")
    calls = Speaker(at(office, "office-calls"), "office-calls", "kiosk/v1/#")
    up, down = topics.topic("jia", UNIT, "call", topics.UP), topics.topic("jia", UNIT, "call", topics.DOWN)
    with speaking(Speaker(office.collector(), "office-collector", "kiosk/v1/#"), calls) as (all_, _):
        wait(lambda: all_.link.up and calls.link.up, "both")
        for name in (topics.topic("jia", UNIT, "cmd", "c-1"), topics.topic("jia", UNIT, "ack"), up, topics.CENTRAL):
            calls.say(name, "forged")
        calls.say(down, "marker")
        wait(lambda: all_.has(down, "marker"), "the marker")
        assert "forged" not in [message.payload.decode() for message in all_.heard]
        all_.say(topics.topic("jia", UNIT, "evt", "run-ended"), "no call")
        all_.say(up, "marker")
        wait(lambda: calls.has(up, "marker"), "the marker")
        assert [message.payload for message in calls.heard] == [b"marker"]


class Site:
    """A site with a broker of its own, by the office's certificates; unit, relay and collector turned by hand."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.port = mosquitto.free_port()
        state = str(office.place.folder.parent)
        words = ["broker", HOST, "--port", str(self.port), "--listen", HOST, "--site", "jia", "--out", str(folder)]
        assert office_main("ca", [*words, "--state", state]) == 0
        self.broker = mosquitto.start(folder / "mosquitto.conf", self.port)
        self.unit, self.path = office.trusted(UNIT), folder / "office.db"
        told = unit_settings.read_settings(self.unit.toml)
        told = msgspec.structs.replace(told, broker=self.unit.broker(port=self.port))
        self.screen = Screen(self.unit.state)
        self.agent, self.desk = Agent(told, self.unit.state), SharedState()
        self.relay = SiteRelay("jia", at(office, "relay-jia", self.port), at(office, "relay-jia"))
        self.collector = Collector(office.collector(), FactStore(self.path), self.desk)

    def turn(self) -> None:
        self.agent.turn(0.01)
        self.relay.turn()
        self.collector.turn()

    def close(self) -> None:
        self.agent.close()
        self.relay.close()
        self.collector.close()
        self.screen.db.close()
        self.broker.terminate()
        self.broker.wait()


def test_a_site_with_its_own_broker_is_served_with_nothing_but_the_offices_papers(office, tmp_path):
    certificate(office, "relay-jia")
    with closing(Site(office, tmp_path / "site")) as site:
        site.screen.tell("device.back", at="gate")
        upto = "SELECT upto FROM acks WHERE epoch = ?"
        acked = site.unit.state / "agent.db"
        wait(lambda: site.turn() or query(acked, upto, site.screen.epoch) == [(1,)], "the ack to come down")
        site.desk.requests.put(OfficeRequest("command", UNIT, "run.end", {}, 60_000))
        received = "SELECT state FROM commands"
        wait(lambda: site.turn() or query(site.path, received) == [("received",)], "a command down, its answer up")
        assert site.relay.local.denied == site.relay.central.denied == 0
    assert office.place.site().port == office.port, "the fleet's own broker is where it was"


def test_below_the_relay_is_the_office_and_above_it_is_the_units():
    above, below = (access({"relay-jia": ("jia",)}, site) for site in ("", "jia"))
    for wrote, read in ((above, below), (below, above)):
        said = {line.removeprefix("topic write ") for line in wrote.splitlines() if "topic write kiosk/v1/jia" in line}
        heard = {line.removeprefix("topic read ") for line in read.splitlines() if "topic read kiosk/v1/jia" in line}
        assert said == heard
        assert said


@pytest.mark.parametrize(
    "words",
    [
        ["relay-J"],
        ["relay-jia,yi-"],
        ["relay-"],
        ["office-board"],
        ["office-board-"],
        ["office-board-jia,yi-"],
        ["office-collector", "--sites", "jia,"],
    ],
)
def test_wrong_words_say_what_is_allowed(office, words):
    with pytest.raises(ValueError, match="allowed"):
        certificate(office, *words)
