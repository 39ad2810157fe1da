"""What the office may change on a unit over the broker: its configuration and its certificate, by signed words only."""

from __future__ import annotations

import socket
import sqlite3
import ssl

import msgspec
import pytest

from kiosk_firmware.office.ingest.collector import Collector
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.pki.renewals import Renewals
from kiosk_firmware.office.pki.trust_folder import now_ms
from kiosk_firmware.office.shared_state import OfficeRequest, SharedState
from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.unit.agent import config_rollout
from kiosk_firmware.unit.agent.main import Agent
from kiosk_firmware.wire import certificates, private_keys
from kiosk_firmware.wire.enrolment_messages import ANSWERED, ENCODE, Apply, Refused
from tests.pki.rig import Office, wait

pytestmark = pytest.mark.broker
UNIT = "jia-atm-01"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    made = Office(tmp_path_factory.mktemp("office"))
    made.start_broker()
    made.open_desk()
    yield made
    made.close()


class Pair:
    """One unit's agent and the collector, turned together; the agent begins a new life where it has to."""

    def __init__(self, office: Office, name: str, folder) -> None:
        self.office, self.unit, self.books = office, office.trusted(name), folder / "office.db"
        (self.unit.state / "commission").unlink()
        self.desk = SharedState()
        self.collector = Collector(
            office.collector(), FactStore(self.books), self.desk, renew=Renewals(office.folder / "office").answer
        )
        self.lives = 0
        self.live()

    def live(self) -> None:
        held = unit_settings.read_settings(self.unit.toml)
        brisk = msgspec.structs.replace(held.telemetry, spread_s=0)
        self.agent = Agent(msgspec.structs.replace(held, telemetry=brisk), self.unit.state, unit=self.unit.toml)
        self.lives += 1

    def turn(self) -> None:
        self.agent.turn(0.01)
        self.collector.turn()
        if self.agent.is_outdated:
            self.agent.close()
            self.live()

    def until(self, sql: str, row: tuple[object, ...]) -> None:
        def there() -> bool:
            self.turn()
            db = sqlite3.connect(f"file:{self.books}?mode=ro", uri=True)
            try:
                return db.execute(f"{sql} WHERE unit = ?", (self.agent.link._client_id,)).fetchone() == row
            finally:
                db.close()

        wait(there, f"{sql}: {row}")

    def want(self, version: int, toml: str) -> None:
        document = self.office.place.wanted(self.unit.member.identity().unit, version, toml).decode()
        args = {"version": version, "toml": toml, "document": document}
        self.desk.requests.put(OfficeRequest("config", self.unit.member.identity().unit, args=args))

    def close(self) -> None:
        self.agent.close()
        self.collector.close()


@pytest.fixture
def pair(office, tmp_path, request):
    made = Pair(office, f"jia-atm-{abs(hash(request.node.name)) % 9000 + 100}", tmp_path)
    yield made
    made.close()


REPORTED = "SELECT version, phase FROM reported"


def changed(pair: Pair, minutes: int) -> str:
    held = unit_settings.read_settings(pair.unit.toml)
    return unit_settings.settings_toml(
        msgspec.structs.replace(held, turn=msgspec.structs.replace(held.turn, minutes=minutes))
    )


def test_wanted_configuration_is_tried_kept_and_reported(pair):
    pair.until(REPORTED, (0, "none"))
    pair.want(1, changed(pair, 7))
    pair.until(REPORTED, (1, "trial"))
    db = sqlite3.connect(pair.unit.state / "agent.db")
    assert db.execute("SELECT name FROM inbox").fetchall() == [("restart",)], "the screen starts anew between two runs"
    db.close()
    config_rollout.begin(pair.unit.toml, pair.unit.state)
    wait(lambda: pair.turn() or pair.lives == 2, "the agent's life with the new file")
    config_rollout.settle_trial(pair.unit.state)
    pair.until(REPORTED, (1, "kept"))
    pair.until("SELECT toml LIKE '%minutes = 7%' FROM reported", (1,))


def test_a_refusal_says_why_and_a_file_that_makes_ill_is_undone(pair):
    before = pair.unit.toml.read_text()
    pair.until(REPORTED, (0, "none"))
    pair.want(3, before.replace('kind = "atm"', 'kind = "bank"'))
    pair.until(REPORTED, (3, "refused"))
    pair.until("SELECT reason LIKE '%unit.kind = ''bank''%' FROM reported", (1,))
    elsewhere = before.replace('host = "127.0.0.1"', 'host = "10.0.0.1"')
    assert elsewhere != before
    pair.want(4, elsewhere)
    pair.until("SELECT reason LIKE 'broker.host%' FROM reported", (1,))
    pair.want(5, changed(pair, 9))
    pair.until(REPORTED, (5, "trial"))
    for _ in range(config_rollout.STARTS + 1):
        config_rollout.begin(pair.unit.toml, pair.unit.state)
    pair.until(REPORTED, (5, "undone"))
    assert pair.unit.toml.read_text() == before


def test_what_follows_a_trial_comes_back_to_what_was_before_both(pair):
    before = pair.unit.toml.read_text()
    pair.until(REPORTED, (0, "none"))
    for version in (1, 2):
        pair.want(version, changed(pair, 6 + version))
        pair.until(REPORTED, (version, "trial"))
        config_rollout.begin(pair.unit.toml, pair.unit.state)
    for _ in range(config_rollout.STARTS):
        config_rollout.begin(pair.unit.toml, pair.unit.state)
    assert pair.unit.toml.read_text() == before


def test_a_unit_that_was_away_hears_it_when_it_comes_back(pair):
    pair.until(REPORTED, (0, "none"))
    pair.agent.close()
    pair.want(1, changed(pair, 7))
    wait(lambda: pair.collector.turn() or pair.desk.requests.empty(), "the office's word")
    pair.live()
    pair.until(REPORTED, (1, "trial"))


def test_a_certificate_that_is_due_is_renewed_over_the_broker(pair, office):
    name = pair.unit.member.identity().unit
    key = private_keys.load(pair.unit.member.certificate)
    old = now_ms() - 400 * 86_400_000
    text = office.place.authority.issue(key.public_key(), name, "unit", old, days=500)
    office.register.given(
        certificates.bearer(certificates.certificates(text)[0]), pair.unit.member.fingerprint(), text, old, None
    )
    site_key = (pair.unit.state / "site.key").read_text()
    pair.agent.close()
    certificate = pair.unit.member.certificate
    certificate.write_bytes(
        certificate.read_bytes()[: certificate.read_bytes().index(b"-----BEGIN CERT")] + text.encode()
    )
    pair.live()
    assert certificates.renewal_due(pair.unit.member.leaf(), now_ms())
    wait(lambda: pair.turn() or pair.agent.link.up, "the broker")
    pair.agent._renewing.look()
    wait(lambda: pair.turn() or not certificates.renewal_due(pair.unit.member.leaf(), now_ms()), "a new certificate")
    lives = pair.lives
    wait(lambda: pair.turn() or (pair.lives > min(lives, 2) and pair.agent.link.up), "a life with it")
    assert (pair.unit.state / "site.key").read_text() == site_key


def test_over_the_broker_nobody_becomes_another_or_comes_in_by_a_code(office):
    renewals, me = Renewals(office.folder / "office"), office.trusted("jia-atm-50")
    csr = private_keys.request(private_keys.make_key(), "jia-atm-51")
    asks = (Apply(csr, "jia-atm-51", code="ABCD"), Apply(csr, "jia-atm-51", certificate=me.member.chain()), Apply(csr))
    for ask in asks:
        assert isinstance(ANSWERED.decode(renewals.answer("jia-atm-51", ENCODE(ask))), Refused)
    assert isinstance(ANSWERED.decode(renewals.answer("jia-atm-51", b"no message")), Refused)


def test_log_lines_come_when_they_are_asked_for(pair):
    name = pair.agent.link._client_id
    pair.until(REPORTED, (0, "none"))
    (pair.unit.state / "screen.log").write_text("2026-11-26 a learner l-104233 sat down\n")
    pair.desk.requests.put(OfficeRequest("command", name, "log.lines", {}, 60_000))
    wait(lambda: pair.turn() or pair.desk.lines(name), "the lines")
    told = pair.desk.lines(name)
    assert told is not None
    assert told.screen == ["2026-11-26 a learner … sat down"]
    pair.until("SELECT state FROM commands", ("done",))


def test_the_desk_speaks_nothing_older_than_tls_1_3(office):
    office.open_desk()
    host, port = office.address.split(":")
    context = ssl.create_default_context(cafile=str(office.place.folder / "root.pem"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection((host, int(port)), timeout=10) as line, pytest.raises(ssl.SSLError):
        context.wrap_socket(line, server_hostname=host)
