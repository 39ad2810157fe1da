"""Twenty units at once: every one is who it should be, and a person's minutes fit into an afternoon."""

from __future__ import annotations

import msgspec

from deploy.bench.unit_commissioning import HANDS, HOURS, UNITS, simulated, software


def test_twenty_units_come_in_each_as_itself(tmp_path):
    *_, trusted = software(tmp_path, UNITS)
    assert trusted == UNITS
    papers = {path.read_bytes() for path in tmp_path.glob("units/*/trust/unit.pem")}
    assert len(papers) == UNITS, "no two have a key or a name in common"
    assert (tmp_path / "files" / "labels.html").read_text().count("<svg") == UNITS


def test_one_person_is_done_in_an_afternoon():
    assert simulated(UNITS, once_s=10, each_s=5) <= HOURS


def test_the_simulation_counts_every_minute_of_hands():
    """Nobody is in two places: it takes at least as long as the hands alone, and longer with slower ones."""
    alone = HANDS.once + UNITS * (HANDS.load + HANDS.card + HANDS.cables + HANDS.glass + HANDS.test + HANDS.ticks)
    alone += UNITS // HANDS.faulty * HANDS.remedy
    whole = simulated(UNITS, 0, 0) * 60
    assert alone <= whole
    assert simulated(UNITS, 0, 0, msgspec.structs.replace(HANDS, cables=HANDS.cables + 1)) * 60 >= whole + UNITS - 1
