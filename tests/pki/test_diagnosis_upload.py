"""A diagnostic bundle asked for over the wire: by a command, brought by certificate, opened by the office."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
from contextlib import closing
from pathlib import Path

import pytest

from kiosk_firmware.office.pki import diagnosis_store, diagnostic_tickets
from kiosk_firmware.office.pki.diagnosis_store import DiagnosisStore
from kiosk_firmware.office.pki.enrolment_server import listen
from kiosk_firmware.office.pki.trust_folder import now_ms
from kiosk_firmware.office.process.main import main as office_main
from kiosk_firmware.office.rollouts import download_server
from kiosk_firmware.office.rollouts.bundle_store import BundleStore
from kiosk_firmware.unit.agent import diagnostic_bundle, diagnostic_upload
from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.unit.agent.command_inbox import CommandInbox
from kiosk_firmware.unit.agent.diagnostic_upload import DiagnosticUpload
from kiosk_firmware.unit.agent.file_download import open_line
from kiosk_firmware.unit.identity.unit_identity import UnitTrust
from kiosk_firmware.wire import diagnostic_messages as d
from kiosk_firmware.wire.messages import ENCODE, Command
from tests.pki.rig import HOST, wait
from tests.pki.test_diagnosis import FILES, LEARNER, SECRETS, Site


class Wire(Site):
    """A unit on which a learner has practised, and the office's door for files, by TLS on loopback."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.place.set_up_broker([HOST], 8883, folder / "broker", HOST)
        self.store = DiagnosisStore(folder / "office")
        self.server = download_server.server(BundleStore(folder / "office"), self.place)
        listening = listen(HOST, 0)
        self.address = f"{HOST}:{listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listening]})
        self._thread.start()
        wait(lambda: self.server.started, "the door")
        self.db = AgentDb(self.state / "agent.db", "jia-atm-01")
        self.upload = DiagnosticUpload(self.toml, self.state)
        self.inbox = CommandInbox(self.db, now_ms, later={"diagnose": self.upload.start})

    def close(self) -> None:
        self.db.close()
        self.server.should_exit = True
        self._thread.join()

    def order(self, ticket: str | None = None, address: str = "") -> str:
        """What the collector sends for the page's button; the command's id."""
        args = {"ticket": ticket or self.store.ask("jia-atm-01"), "address": address or self.address}
        command = Command(f"d-{secrets.token_hex(4)}", "diagnose", args, now_ms() + 600_000)
        assert self.inbox.take(command.id, ENCODE(command)).state == "received"
        return command.id

    def ended(self, command: str) -> dict:
        """What the unit told of a command, as soon as it has."""

        def told() -> list[dict]:
            self.upload.turn()
            rows = self.db._db.execute("SELECT data FROM facts WHERE type = 'command.ended' ORDER BY seq")
            return [one for (data,) in rows if (one := json.loads(data))["id"] == command]

        wait(lambda: bool(told()), command)
        (one,) = told()
        return one

    def sealed(self) -> tuple[str, bytes]:
        """A bundle for a ticket that was asked for, and has not been brought."""
        ticket = self.store.ask("jia-atm-01")
        made = diagnostic_bundle.make(self.settings, self.state, ticket.encode(), self.stick)
        (asked,) = self.store.folder.glob("*.asked")
        return asked.stem, made.read_bytes()

    def put(self, number: str, offset: int, data: bytes, last: bool) -> tuple[int, dict]:
        with closing(open_line(UnitTrust(self.state), self.address)) as line:
            line.request("PUT", f"/diagnoses/{number}?offset={offset}&last={str(last).lower()}", data)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")


@pytest.fixture
def wire(tmp_path: Path):
    made = Wire(tmp_path)
    yield made
    made.close()


def test_what_the_office_asks_for_is_brought_and_opened_and_nothing_of_a_learner_is_in_it(wire, tmp_path, monkeypatch):
    monkeypatch.setattr(d, "PIECE_BYTES", 1000)
    assert wire.ended(wire.order()) | {"id": ""} == {"id": "", "name": "diagnose", "ok": True, "detail": ""}
    (one,) = wire.store.bundles("jia-atm-01")
    path = wire.store.path("jia-atm-01", one.number)
    assert path.stat().st_size == one.size > 2 * d.PIECE_BYTES, "in more than one piece"
    words = ["diagnose", "open", str(path), "--to", str(tmp_path / "seen"), "--state", str(tmp_path / "office")]
    assert office_main("office", words) == 0
    folder = tmp_path / "seen" / "jia-atm-01"
    files = {str(one.relative_to(folder)): one.read_text() for one in folder.rglob("*") if one.is_file()}
    assert set(files) == FILES
    whole = " ".join(f"{name} {text}" for name, text in files.items())
    assert not [one for one in (*LEARNER, *SECRETS) if one in whole]
    assert not list(wire.store.folder.glob("*.asked")), "asked once, brought once"


def test_a_command_that_cannot_be_obeyed_ends_with_why(wire):
    other = diagnostic_tickets.make_ticket(wire.place, "jia-atm-01", 1)
    for ticket, address, why in (
        (wire.place.seal("another purpose", other).decode(), "", "allowed here is 'diagnostics ticket'"),
        (wire.place.seal(d.TICKET, other).decode(), "", "the office says 404"),
        (None, f"{HOST}:1", "refused"),
    ):
        told = wire.ended(wire.order(ticket, address))
        assert not told["ok"]
        assert why in told["detail"]
    assert not wire.store.bundles("jia-atm-01")


def test_the_same_command_twice_brings_one_bundle(wire):
    args = {"ticket": wire.store.ask("jia-atm-01"), "address": wire.address}
    command = Command("d-again", "diagnose", args, now_ms() + 600_000)
    for _ in range(2):
        assert wire.inbox.take(command.id, ENCODE(command)).state == "received"
    assert wire.ended("d-again")["ok"]
    wire.inbox.take(command.id, ENCODE(command))
    wire.upload.turn()
    assert wire.upload._job is None
    assert len(wire.store.bundles("jia-atm-01")) == 1


def test_a_cut_goes_on_where_it_was(wire):
    number, data = wire.sealed()
    assert wire.put(number, 0, data[:700], False) == (200, {"have": 700})
    assert wire.put(number, 0, data[:900], False) == (200, {"have": 700}), "what is there is not taken again"
    diagnostic_upload.send(UnitTrust(wire.state), wire.address, number, data)
    assert wire.store.path("jia-atm-01", number).read_bytes() == data


def test_nothing_is_taken_that_was_not_asked_for_or_is_not_that_units(wire, monkeypatch):
    number, data = wire.sealed()
    assert wire.put("0123456789abcdef", 0, data, True)[0] == 404
    assert wire.put("..", 0, data, True)[0] in (404, 405)
    changed = bytearray(data)
    changed[-40] ^= 1
    assert wire.put(number, 0, bytes(changed), True)[0] == 400
    assert not list(wire.store.folder.glob("*.part")), "nothing of it is left"
    other = diagnostic_tickets.ticket(wire.place, "jia-atm-01", wire.stick, 1).read_bytes()
    foreign = diagnostic_bundle.make(wire.settings, wire.state, other, wire.stick).read_bytes()
    assert "asked was jia-atm-01" in wire.put(number, 0, foreign, True)[1]["detail"], "for another ticket"
    assert wire.put(number, 0, bytes(d.PIECE_BYTES + 1), False)[0] == 413
    monkeypatch.setattr(d, "MOST_BYTES", 100)
    assert wire.put(number, 0, data, True)[0] == 400
    late = now_ms() + 2 * diagnostic_tickets.HOUR_MS
    monkeypatch.setattr(diagnosis_store, "now_ms", lambda: late)
    assert wire.put(number, 0, data[:10], True)[0] == 404, "past its end"
    assert not wire.store.bundles("jia-atm-01")


def test_whoever_has_no_certificate_of_the_office_brings_nothing(wire):
    number, data = wire.sealed()
    stranger = http.client.HTTPSConnection(*wire.address.split(":"), timeout=5)
    with closing(stranger) as line, pytest.raises((OSError, http.client.HTTPException)):
        line.request("PUT", f"/diagnoses/{number}?offset=0&last=true", data)
