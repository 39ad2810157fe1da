"""Twenty units at once: every one is who it should be, and a person's minutes fit into an afternoon."""

from __future__ import annotations

import msgspec

from deploy.bench.unit_commissioning import HANDS, HOURS, UNITS, afternoon, simulate_commissioning, software
from kiosk_firmware.office.pki import batch_enrolment
from kiosk_firmware.office.pki.unit_register import RegisteredUnit
from kiosk_firmware.office.settings import OfficeSettings, Operator, Site


def test_twenty_units_come_in_each_as_itself(tmp_path):
    *_, trusted = software(tmp_path, UNITS)
    assert trusted == UNITS
    papers = {path.read_bytes() for path in tmp_path.glob("units/*/trust/unit.pem")}
    assert len(papers) == UNITS, "no two have a key or a name in common"
    assert (tmp_path / "files" / "labels.html").read_text().count("<svg") == UNITS


def test_label_says_the_site_by_name_and_whose_the_unit_is():
    unit = RegisteredUnit("jia-atm-01", "jia", "atm", "", "expected")
    site, operator = Site({"zh": "甲监", "en": "Site A"}), Operator("示例技术中心", "示例路 1 号", "010-0000 0000")
    page = "".join(batch_enrolment.labels([unit], OfficeSettings({"jia": site}, operator)))
    for words in ("甲监", "Site A", "取款机 Cash machine", "示例技术中心", "示例路 1 号", "010-0000 0000"):
        assert words in page


def test_the_afternoons_first_line_says_that_it_is_a_simulation():
    assert "SIMULATION" in next(afternoon(quick=True)).name


def test_one_person_is_done_in_an_afternoon():
    assert simulate_commissioning(UNITS, once_s=10, each_s=5) <= HOURS


def test_the_simulation_counts_every_minute_of_hands():
    """Nobody is in two places: it takes at least as long as the hands alone, and longer with slower ones."""
    alone = HANDS.once + UNITS * (HANDS.load + HANDS.card + HANDS.cables + HANDS.glass + HANDS.test + HANDS.ticks)
    alone += UNITS // HANDS.faulty * HANDS.remedy
    whole = simulate_commissioning(UNITS, 0, 0) * 60
    assert alone <= whole
    assert (
        simulate_commissioning(UNITS, 0, 0, msgspec.structs.replace(HANDS, cables=HANDS.cables + 1)) * 60
        >= whole + UNITS - 1
    )
