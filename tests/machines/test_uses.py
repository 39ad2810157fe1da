"""The catalogue names the devices that a machine really waits on: units are fitted out by it, faults offered by it."""

from __future__ import annotations

import pytest

from kiosk_firmware import catalogue
from kiosk_firmware.core.play import Play
from kiosk_firmware.core.walk import Walker


@pytest.mark.parametrize("line", catalogue.describe(), ids=lambda line: line.id)
def test_a_machine_uses_what_its_pages_wait_on(line: catalogue.Entry) -> None:
    met: set[str] = set()
    for walk in catalogue.walks(line.id):
        loaded = catalogue.load(line.id, walk.skin, changes=walk.changes)
        walker = Walker(Play(loaded.machine, loaded.world), walk.values, limit=1500, menu=walk.menu, faults=())
        walker.walk(catalogue.started(walk.persona, walk.now), most_findings=1)
        met |= {at for now in walker.parents for at in loaded.machine.view(now.state).at}
        met |= {effect.at for now in walker.parents for effect, _ in now.open}
    assert met <= set(line.uses)
    assert set(line.needs) <= set(line.uses)
    assert set(line.uses) - met <= {"coin_acceptor", "coin_dispenser"}, "named, and never waited on"
