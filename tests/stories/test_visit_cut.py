"""The power of a unit is cut in the middle of a visit: agent, screen and visit process die at once, and come back as
at a start.

Nobody is let in without the card, nobody signs twice, and no second of the dark counts as talk.
"""

from __future__ import annotations

import pytest

from kiosk_firmware.visit.wire import messages as m
from kiosk_firmware.visit.wire import paths
from tests.stories.test_visit_talk import family, moves, talking
from tests.stories.test_visit_unit import VISIT, office, port, unit

pytestmark = [pytest.mark.glass, pytest.mark.broker, pytest.mark.long]
__all__ = ["family", "office", "port", "unit"]


def test_after_the_dark_the_card_is_enough_and_the_talk_goes_on(unit, office, family):
    talking(unit, office, family)
    before = office.hears(m.StatusReport, phase="talking")
    for name in ("agent", "screen", "roof"):
        unit.kill(name)
    family.hang_up()
    unit.start_agent()
    unit.start_screen()
    unit.wait_line("visiting.today.now")
    assert not (unit.state / paths.FOLDER / paths.START).exists(), "nobody is there yet"
    unit.hold_card()
    unit.start_visit_process()
    cut = office.hears(m.StatusReport, phase="cut")
    assert cut.left_ms <= before.left_ms + 3_000, "what is left is written down every other second"
    unit.wait_title("visiting.title.cut")
    office.say(m.Peer(visit=VISIT, end="station", here=True))
    family.call(office, 2)
    after = office.hears(m.StatusReport, phase="talking")
    assert before.left_ms - after.left_ms < 30_000, "the dark is not counted"
    unit.wait_title("visiting.title.talking")
    moves(unit, family)
    unit.tap("visit.end")
    unit.tap("visit.stop")
    office.hears(m.StatusReport, phase="over", end="unit")
    unit.wait_step("visit-over")
