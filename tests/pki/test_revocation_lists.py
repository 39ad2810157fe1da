"""A site's own broker learns by the relay whom the office no longer trusts; only what the office signed is believed.

Proved by delivery: the revoked unit's words arrived before and do not any more, the others' go on.
"""

from __future__ import annotations

import shutil

import msgspec
import pytest

from kiosk_firmware.office.pki.certificate_authority import Revocation
from kiosk_firmware.office.pki.main import main as office_main
from kiosk_firmware.office.pki.trust_folder import now_ms
from kiosk_firmware.site import revocation_lists
from kiosk_firmware.site.relay import main as relay_main
from kiosk_firmware.site.revocation_lists import PENDING, Lists
from kiosk_firmware.tools.demo import mosquitto
from kiosk_firmware.wire import revocation_list, topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.certificates import TrustError
from tests.pki.rig import HOST, Office, Speaker, Unit, speaking, wait

GONE, STAYS = "jia-gate-03", "jia-atm-01"


class Site:
    """A site's broker by the office's certificates, under a relay that looks for lists; units that speak there."""

    def __init__(self, office: Office) -> None:
        self.office, self.port, self.folder = office, mosquitto.free_port(), office.folder / "b"
        office.place.set_up_broker([HOST], self.port, self.folder, HOST, below="jia")
        words = ["paper", "relay-jia", "--out", str(office.folder / "papers"), "--state", str(office.folder / "office")]
        assert office_main("ca", words) == 0
        self.root = office.folder / "papers" / "root.pem"
        self.process = mosquitto.start(self.folder / "mosquitto.conf", self.port)

    def relay(self) -> Speaker:
        certificate = str(self.office.folder / "papers" / "relay-jia")
        at = BrokerSettings(HOST, self.port, str(self.root), f"{certificate}.pem", f"{certificate}.key", retry_s=0.2)
        return Speaker(at, "relay-jia", "kiosk/v1/#")

    def unit(self, name: str, unit: Unit) -> Speaker:
        return Speaker(unit.broker(port=self.port), name)

    def lists(self) -> Lists:
        return Lists(self.folder, self.root, self.office.address, look_s=0.2)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


@pytest.fixture
def site(office, monkeypatch):
    monkeypatch.setattr(revocation_lists, "HOLD_S", 2.0)
    office.start_broker()
    office.open_desk()
    made = Site(office)
    yield made
    made.close()


def words(name: str) -> str:
    return topics.topic("jia", name, "evt", "run-ended")


def heard(by: Speaker, speaker: Speaker, name: str, text: str) -> None:
    """Said until it arrives, since who listens may only just be coming."""

    def arrived() -> bool:
        speaker.say(words(name), text)
        return by.has(words(name), text)

    wait(arrived, f"{text} of {name}")


@pytest.mark.broker
def test_revoked_unit_is_dropped_at_its_sites_broker_and_the_others_speak_on(site):
    office, lists = site.office, site.lists()
    gone, stays = office.trusted(GONE), office.trusted(STAYS)
    with speaking(site.relay(), site.unit(GONE, gone), site.unit(STAYS, stays)) as (relay, stolen, kept):
        heard(relay, stolen, GONE, "before")
        heard(relay, kept, STAYS, "before")
        revoke = ["revoke", GONE, "--why", "stolen", "--state", str(office.folder / "office")]
        assert office_main("enrol", revoke) == 0
        assert stolen.link.up, "the office ends sessions at its own broker only"
        lists.start()
        try:
            wait(lambda: not stolen.link.up and stolen.link.tries > 1, "its end, and that it is turned away")
            stolen.say(words(GONE), "after")
            wait(lambda: not lists._pending(), "the relay to have looked whether it comes back")
            heard(relay, kept, STAYS, "after")
        finally:
            lists.close()
        assert not relay.has(words(GONE), "after")
        assert stolen.link.reconnects == 1
        assert kept.link.reconnects == relay.link.reconnects == 1, "nobody else was disturbed"
    assert (site.folder / "crl.pem").read_text() == office.desk.crl


@pytest.mark.broker
def test_board_in_an_old_ones_place_is_back_at_once_and_a_kill_in_between_ends_no_session_too_few(site):
    """The list was laid down and the relay killed: the session is ended after all. The new board has the same name."""
    office, lists = site.office, site.lists()
    old = office.trusted(STAYS)
    with speaking(site.unit(STAYS, old)) as (speaker,):
        wait(lambda: speaker.link.up, "the old board")
        new = office.unit("spare")
        assert new.run("file", str(office.file(STAYS, replaces=True))) == 0
        lists._drop = lambda names: (_ for _ in ()).throw(OSError("killed"))
        with pytest.raises(OSError, match="killed"):
            lists.look()
        assert lists._pending() == [STAYS]
        assert speaker.link.up
        again = site.lists()
        again.look()
        assert not (again._pending())
        wait(lambda: not speaker.link.up and speaker.link.tries > 1, "the old board to be turned away")
    with speaking(site.relay(), site.unit(STAYS, new)) as (relay, speaker):
        heard(relay, speaker, STAYS, "new board")


@pytest.mark.broker
def test_own_door_of_the_broker_hears_and_says_nothing(site):
    """Whoever is on the machine and may open it can end sessions, and no more."""
    unit = site.office.trusted(STAYS)
    own = BrokerSettings(host=str(site.folder.resolve() / "relay.sock"), retry_s=0.2)
    listening = site.relay(), site.unit(STAYS, unit), Speaker(own, "somebody", "kiosk/v1/#")
    with speaking(*listening) as (relay, speaker, spy):
        wait(lambda: relay.link.up and spy.link.up, "both")
        spy.say(words(STAYS), "forged")
        spy.say(words("somebody"), "forged")
        heard(relay, speaker, STAYS, "marker")
        assert not [one for one in (*relay.heard, *spy.heard) if one.payload == b"forged"]
        assert not spy.heard


def test_list_is_believed_only_when_it_is_our_offices_whole_and_newer(office, tmp_path):
    made, issuing = office.place.authority, office.place.authority.issuing
    held = made.crl
    newer = made.revoke([Revocation("1f", now_ms(), GONE), Revocation("2f", now_ms(), STAYS)], now_ms())
    newest = made.revoke([Revocation("1f", now_ms(), GONE)], now_ms() - 10**9)

    def added(text: str, against: str = held, now: int = 0) -> frozenset[str] | None:
        return revocation_list.added_names(text, against, issuing, made.root, now or now_ms())

    assert added(newer) == {GONE, STAYS}
    assert added(newer, newer) is None
    assert added(newest, newer) == frozenset(), "newer than the last one, also when the office's clock went back"
    other = Office(tmp_path / "other").place.authority
    middle = len(newer) // 2
    changed = newer[:middle] + ("A" if newer[middle] != "A" else "B") + newer[middle + 1 :]
    for wrong in (other.revoke([], now_ms() + 10**9), changed, newer[:middle], "", other.root):
        with pytest.raises(TrustError):
            added(wrong)
    with pytest.raises(TrustError, match="older"):
        added(held, newer)
    with pytest.raises(TrustError, match="ended"):
        added(newer, now=now_ms() + 500 * 24 * 3600 * 1000)
    with pytest.raises(TrustError):
        revocation_list.added_names(newer, held, other.issuing, made.root, now_ms())


def test_what_is_not_believed_changes_nothing(office, tmp_path):
    """A desk of another office, and a list that was changed on the way to it: the broker's file stays as it was."""
    office.open_desk()
    folder = tmp_path / "b"
    office.place.set_up_broker([HOST], 1, folder, HOST, below="jia")
    before = (folder / "crl.pem").read_bytes()
    other = Office(tmp_path / "other")
    try:
        other.open_desk()
        for desk, root, why in (
            (other.address, office.place.folder / "root.pem", "CERTIFICATE_VERIFY_FAILED"),
            (other.address, other.place.folder / "root.pem", "no revocation list under this root"),
            ("127.0.0.1:9", office.place.folder / "root.pem", "refused"),
        ):
            with pytest.raises((OSError, TrustError), match=why):
                Lists(folder, root, desk).look()
        office.place.authority.revoke([Revocation("1f", now_ms(), GONE)], now_ms())
        with pytest.raises(OSError, match=r"broker\.pid"):
            Lists(folder, office.place.folder / "root.pem", office.address).look()
        assert msgspec.json.decode((folder / PENDING).read_bytes()) == [GONE], "it does not run now; it will be told"
    finally:
        other.close()
    assert (folder / "crl.pem").read_bytes() != before
    shutil.rmtree(folder)
    with pytest.raises(ValueError, match=r"crl\.pem: no such file"):
        Lists(folder, office.place.folder / "root.pem", office.address)


@pytest.mark.parametrize(
    "wrong",
    [
        ["--lists", "/tmp"],
        ["--desk", "127.0.0.1:8443"],
        ["--lists", "/tmp", "--desk", "127.0.0.1:8443"],
    ],
)
def test_half_of_what_a_list_needs_is_refused(wrong):
    with pytest.raises(ValueError, match="go together"):
        relay_main("relay", ["--site", "jia", "--central", "127.0.0.1:1", *wrong])
