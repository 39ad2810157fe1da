"""Every topic against everybody who has a certificate: what each may say and hear, and nothing else, by delivery.

The table is written here, not taken from the access list: a line too many there, or one too few, fails. One speaker
says a word on each topic of three units (its own, a neighbour's, another site's) and the collector of all hears what
was let through; then the collector says one on each and the speaker, which listens to everything, hears its share.
"""

from __future__ import annotations

import pytest

from kiosk_firmware.office.pki.main import main as office_main
from kiosk_firmware.office.pki.trust_folder import collector_name
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from tests.pki.rig import HOST, Office, Speaker, speaking, wait

pytestmark = pytest.mark.broker
ME, NEIGHBOUR, ELSEWHERE = ("jia", "jia-atm-01"), ("jia", "jia-rail-02"), ("yi", "yi-atm-09")
UNITS = ME, NEIGHBOUR, ELSEWHERE
UP = "evt/run-ended", "status", "health", "res/c-1", "glass", "now", "log", "cfg/reported", "trust/ask"
CALL_UP, CALL_DOWN = "call/up", "call/down"
DOWN = "ack", "cmd/c-1", "cfg", "trust/answer"
TAILS = *UP, CALL_UP, *DOWN, CALL_DOWN
MARKER = "marker"
COLLECTOR = collector_name("jia")


def of(units, tails):
    return {f"{topics.ROOT}/{site}/{unit}/{tail}" for site, unit in units for tail in tails}


ALL = of(UNITS, TAILS) | {topics.CENTRAL}
SITE = ME, NEIGHBOUR
SAYS = {
    "jia-atm-01": of([ME], (*UP, CALL_UP)),
    "office-board-jia": of(SITE, ("cmd/c-1",)),
    "relay-jia": of(SITE, (*UP, CALL_UP)),
    COLLECTOR: of(SITE, (*DOWN, CALL_DOWN)) | {topics.CENTRAL},
    "office-calls": of(UNITS, (CALL_DOWN,)),
}
HEARS = {
    "jia-atm-01": of([ME], (*DOWN, CALL_DOWN)) | {topics.CENTRAL},
    "office-board-jia": of(SITE, UP) | {topics.CENTRAL},
    "relay-jia": of(SITE, (*DOWN, CALL_DOWN)) | {topics.CENTRAL},
    COLLECTOR: of(SITE, (*UP, CALL_UP)) | {topics.CENTRAL},
    "office-calls": of(UNITS, (CALL_UP,)) | {topics.CENTRAL},
}
"""That the office is there is no secret. A unit, a class board (a teacher's laptop), a site's relay and collector, and
the room of calls.
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("doors"))
    for name in SAYS:
        if name.startswith(("office", "relay")):
            part = ("office-collector", "--sites", "jia") if name == COLLECTOR else (name,)
            words = ["paper", *part, "--out", str(office.folder / "papers"), "--state", str(office.folder / "office")]
            assert office_main("ca", words) == 0
    office.start_broker()
    office.open_desk()
    yield office, office.trusted(ME[1])
    office.close()


def at(fleet, name: str) -> BrokerSettings:
    office, unit = fleet
    if name == ME[1]:
        return unit.broker()
    papers = office.folder / "papers"
    paths = str(papers / "root.pem"), str(papers / f"{name}.pem"), str(papers / f"{name}.key")
    return BrokerSettings(HOST, office.port, *paths, retry_s=0.2)


@pytest.mark.parametrize("name", SAYS)
def test_each_says_and_hears_its_own_and_nothing_else(fleet, name):
    office, _ = fleet
    everything = *sorted(ALL), "kiosk/v1/#", "#", "$SYS/#"
    one, all_ = (
        Speaker(at(fleet, name), name, *everything),
        Speaker(office.collector(), "office-collector", "kiosk/v1/#"),
    )
    with speaking(one, all_):
        wait(lambda: one.link.up and all_.link.up, "both")
        for topic in sorted(ALL):
            one.say(topic, "said")
        last = min(SAYS[name])
        one.say(last, MARKER)
        wait(lambda: all_.has(last, MARKER), "the marker of what it says")
        assert {heard.topic for heard in all_.heard if heard.payload == b"said"} == SAYS[name]
        for topic in sorted(ALL):
            all_.say(topic, "told")
        last = min(HEARS[name])
        all_.say(last, "end")
        wait(lambda: one.has(last, "end"), "the marker of what it hears")
        assert {heard.topic for heard in one.heard if heard.payload == b"told"} == HEARS[name]
        assert not [heard.topic for heard in one.heard if heard.topic.startswith("$")], "nor of the broker itself"
