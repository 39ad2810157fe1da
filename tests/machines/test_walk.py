"""Every machine of the catalogue is walked: each small world, with each fault that may strike (or never does).

Held in every situation: no exception, a page, device facts absorbed, no piece or card appears or vanishes, the
ledger sums to zero; at home: booked equals what physically left, slips were given for what was kept. From
everywhere the machine comes home by answers and time-outs alone.
"""

from __future__ import annotations

import pytest

from kiosk_firmware import catalogue
from kiosk_firmware.core.events import Fault
from kiosk_firmware.core.faults import FAULTS
from tests.machines.walking import walked

CASES = [
    pytest.param(line.id, walk, fault, id=f"{line.id}: {walk.name}: {fault or 'no fault'}")
    for line in catalogue.describe()
    for walk in catalogue.walks(line.id)
    for fault in FAULTS
]


@pytest.mark.parametrize(("machine", "walk", "fault"), CASES)
def test_walk(machine: str, walk: catalogue.Walk, fault: Fault | None) -> None:
    """The whole world is walked within 50,000 situations, and nothing is found."""
    outcome = walked(catalogue.load(machine, walk.skin, changes=changes(walk)), walk, fault)
    print(f"{machine} {walk.name} {fault}: {outcome.situations} situations, {outcome.edges} edges")
    assert not outcome.cut, f"{outcome.situations} situations and no end: make the world smaller"
    assert not outcome.findings, outcome.findings[0].what + "\n" + "\n".join(map(str, outcome.findings[0].way))
    assert outcome.situations > 20, f"hardly anything was walked from {walk.now}"


def changes(walk: catalogue.Walk) -> dict[str, dict[str, object]]:
    """What the small world replaces in rules, profile and data."""
    return {"rules": walk.rules, "profile": walk.profile, "data": walk.data}
