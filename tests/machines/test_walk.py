"""Every machine of the catalogue is walked: each small world, with every fault that may strike (or never does).

Held in every situation: no exception, a page, device facts absorbed, no piece or card appears or vanishes, the
ledger sums to zero; at home: booked equals what physically left, slips were given for what was kept. From
everywhere the machine comes home by answers and time-outs alone.
"""

from __future__ import annotations

import pytest

from kiosk_firmware import catalogue
from kiosk_firmware.core.faults import FAULTS
from tests.machines.walking import steps, walked

CASES = [
    pytest.param(line.id, walk, id=f"{line.id}: {walk.name}")
    for line in catalogue.describe()
    for walk in catalogue.walks(line.id)
]


@pytest.mark.parametrize(("machine", "walk"), CASES)
def test_walk(machine: str, walk: catalogue.Walk) -> None:
    """The whole world is walked within 50,000 situations, and nothing is found."""
    outcome = walked(catalogue.load(machine, walk.skin, changes=walk.changes), walk, FAULTS)
    print(f"{machine} {walk.name}: {outcome.situations} situations, {outcome.edges} edges")
    assert not outcome.cut, f"{outcome.situations} situations and no end: make the world smaller"
    assert not outcome.findings, outcome.findings[0].what + "\n" + "\n".join(map(str, outcome.findings[0].way))
    assert outcome.situations > 20, f"hardly anything was walked from {walk.now}"


@pytest.mark.parametrize(("machine", "walk"), CASES)
def test_every_step_has_a_name_for_the_office(machine: str, walk: catalogue.Walk) -> None:
    """Whatever page can stand, the office can say what it is for, in both languages."""
    loaded = catalogue.load(machine, walk.skin, changes=walk.changes)
    names = {language: loaded.words.keys(language) for language in catalogue.LANGUAGES}
    for step in steps(loaded, walk):
        assert all(f"step.{step}" in keys for keys in names.values()), step
