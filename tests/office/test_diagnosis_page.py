"""A unit's page asks for a diagnostic bundle and gives what came, to whoever serves units there."""

from __future__ import annotations

import msgspec
import pytest

from kiosk_firmware.office.pki import certificate_authority
from kiosk_firmware.office.pki.diagnosis_store import Brought, DiagnosisRequest, DiagnosisStore
from kiosk_firmware.office.pki.trust_folder import TrustFolder, now_ms
from kiosk_firmware.office.pki.unit_register import Register
from kiosk_firmware.office.rollouts.bundle_store import BundleStore
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.wire import diagnostic_messages as d
from tests.office.pages import Office, cheap

__all__ = ["cheap"]
UNIT, NUMBER = "jia-atm-01", "0123456789abcdef"


@pytest.fixture
def office(tmp_path, cheap):
    made = Office(tmp_path)
    place = TrustFolder(tmp_path)
    certificate_authority.found_authority(place.folder, tmp_path / "root", "correct horse", now_ms())
    Register(place.folder / "trust.db").expect(UNIT, "jia", "atm", now_ms())
    made.unit(UNIT)
    made.frame.bundles, made.frame.diagnoses = BundleStore(tmp_path), DiagnosisStore(tmp_path)
    made.frame.bundles.served("10.3.0.2:8444")
    yield made
    made.close()


def test_the_button_asks_the_unit_with_a_ticket_and_says_who_asked(office, tmp_path):
    visitor = office.come("li-technician", "technician", ("jia",))
    assert '<option value="diagnose">要诊断包</option>' in visitor.get(f"/units/{UNIT}/care").text
    assert visitor.post(f"/units/{UNIT}/command", order="diagnose", why="投币口").status_code == 204
    (asked,) = office.requests()
    assert (asked.unit, asked.name, asked.args["address"]) == (UNIT, "diagnose", "10.3.0.2:8444")
    assert d.TICKET in asked.args["ticket"]
    (path,) = (tmp_path / "diagnoses").glob("*.asked")
    assert msgspec.json.decode(path.read_bytes(), type=DiagnosisRequest).unit == UNIT
    (row,) = office.people.db.rows("SELECT who, act, about FROM audit WHERE act = 'diagnose'")
    assert tuple(row) == ("li-technician", "diagnose", UNIT)


def test_without_an_address_to_bring_it_to_it_says_what_to_run(office):
    office.frame.bundles = None
    answer = office.come("li-technician", "technician", ("jia",)).post(
        f"/units/{UNIT}/command", order="diagnose", why="w"
    )
    assert answer.status_code == 400
    assert "kiosk office update serve" in answer.text
    assert not office.requests()


def test_what_came_is_given_as_it_was_sealed_to_who_serves_units_there(office, tmp_path):
    folder = tmp_path / "diagnoses"
    write_whole(folder / f"{NUMBER}.diagnosis", b"sealed")
    write_whole(folder / UNIT / NUMBER, msgspec.json.encode(Brought(NUMBER, now_ms(), 6)))
    office.unit("yi-atm-01", "yi")
    link = f"/units/{UNIT}/diagnoses/{NUMBER}"
    for role, site, code in (("technician", "jia", 200), ("technician", "yi", 404), ("viewer", "jia", 403)):
        visitor = office.come(f"{site}-{role}", role, (site,))
        answer = visitor.get(link)
        assert answer.status_code == code, (role, site)
        assert (b"sealed" in answer.content) == (code == 200)
        page = visitor.get(f"/units/{UNIT}/care")
        assert (link in page.text) == (code == 200)
        assert visitor.get(f"/units/yi-atm-01/diagnoses/{NUMBER}").status_code in (403, 404), "another unit's"
    technician = office.come("jia-third", "technician", ("jia",))
    assert technician.get(f"/units/{UNIT}/diagnoses/0000000000000000").status_code == 404
    assert technician.get(f"/units/{UNIT}/diagnoses/..%2Ftrust").status_code == 404
    (row,) = office.people.db.rows("SELECT who, act, about FROM audit WHERE act = 'diagnose.taken'")
    assert tuple(row) == ("jia-technician", "diagnose.taken", UNIT)
