"""A stranger's ID card gets no tick: ✓ means that it happened and was right, and only to have been read is not that."""

from __future__ import annotations

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Media, MediaInserted, MediaTaken
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.search import Search, Ways
from tests.unit.runtime.lives import CASES

STRANGER = Media("519901199001010999", "4012")
READING = sorted(
    {
        (machine, skin)
        for machine, skin, _ in CASES
        if "id_reader" in next(line for line in machine_loader.describe() if line.id == machine).needs
    }
)


def ticks(page):
    return [row for row in page.body.rows if row.mark == "ok"]


def laid(machine, skin, lesson):
    """(page before, page after) of each moment of the coach's way at which a stranger's card is laid on the reader."""
    play, now = open_lesson(machine, skin, lesson)
    ways = Ways(play, lesson)
    for _ in range(40):
        search = Search(ways, now)
        while not search.work(1000):
            pass
        if search.first_act is None:
            return
        act = search.first_act
        if isinstance(act, MediaInserted) and act.at == "id_reader":
            after = play.settle(play.step(now, MediaInserted("id_reader", STRANGER)).after)
            yield play.page(now), play.page(after)
            gone = play.settle(play.step(after, MediaTaken("id_reader")).after)
            yield play.page(now), play.page(gone)
        now = play.settle(play.act(now, act))


@pytest.mark.parametrize(("machine", "skin"), READING)
def test_a_card_that_nobody_has_judged_is_not_ticked(machine, skin, long):
    lessons = [lesson for of, on, lesson in CASES if (of, on) == (machine, skin)]
    seen = 0
    for lesson in lessons if long else lessons[:: max(1, len(lessons) // 3)]:
        for before, after in laid(machine, skin, lesson):
            seen += 1
            found = [row for row in ticks(after) if row not in ticks(before)]
            assert not found, f"{lesson.id} {after.step}: {found}"
    assert seen or (machine, skin) == ("airport", "phone"), "nothing was laid on a reader"
