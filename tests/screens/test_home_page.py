"""However many machines and places there are: six tiles at once, each reached by the arrows, and the first page as soon
as ever.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from kiosk_firmware.core.texts import TextForms, Words
from kiosk_firmware.unit.lobby.phases.lobby import GUEST, Home, InPlace, Lobby, PracticeOffers, Task, Tile
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from kiosk_firmware.unit.lobby.view import view
from screens.stage.skin import lobby as lobby_look
from tests.screens.inspecting import faults

MANY = 20
PLACES = (("town", "counter"), ("street", "metro"))
NAMES = {"zh": ("社区服务中心", "办证、盖章、问讯"), "en": ("Community office", "Papers, stamps, questions")}


def offers() -> PracticeOffers:
    """Twenty machines by themselves, eight of one place, two of another."""
    alone = [Tile(f"alone-{n}", "phone", progress=5 * n, tasks=(Task(f"lesson-{n}"),)) for n in range(MANY)]
    town = [Tile(f"town-{n}", "counter", progress=n, place="town") for n in range(8)]
    street = [Tile(f"street-{n}", "metro", place="street") for n in range(2)]
    return PracticeOffers((*street, *alone, *town), ("alone-3", "lesson-3"), places=PLACES)


def words() -> Words:
    """The lobby's, and a long name for each tile."""
    tiles = {
        name: (
            {language: written[0] for language, written in NAMES.items()},
            {language: written[1] for language, written in NAMES.items()},
        )
        for name in (*(tile.machine for tile in offers().tiles), *(place for place, _ in PLACES))
    }
    lesson = [(language, {"lesson.lesson-3.title": TextForms(name)}) for language, (name, _) in NAMES.items()]
    return lobby_words(tiles).joined(Words(lesson))


def tiles(glass: Any) -> list[str]:
    """The tiles that are on the glass now."""
    return [hot.key.name for hot in glass.stage.hots if hot.key.name.startswith("tile.")]


@pytest.mark.glass
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("phase", "count"), [(Home(), MANY + len(PLACES)), (InPlace("town"), 8)])
def test_every_tile_is_reached_by_the_arrows(glass: Any, phase: Any, count: int, language: str) -> None:
    page = view(Lobby(phase, language=language, learner=GUEST, offers=offers()))
    glass.show(page, words(), language, lobby_look())
    met, looks = tiles(glass), 1
    while glass.stage.tap("scroll.down"):
        assert faults(glass.stage.notes, None) == []
        assert 0 < len(tiles(glass)) <= 6
        met, looks = met + tiles(glass), looks + 1
    assert met == [key.name for key in page.keys if key.name.startswith("tile.")]
    assert len(met) == len(set(met)) == count
    assert looks == -(-count // 6)
    for _ in range(looks - 1):
        assert glass.stage.tap("scroll.up")
    assert tiles(glass) == met[:6]
    glass.frame()
    glass.picture(f"home-many-{page.step}-{language}")


def test_the_first_page_reads_nothing_of_any_machine() -> None:
    """So that a catalogue of twenty starts as fast as one of two."""
    code = """
import sys
opened = []
sys.addaudithook(lambda name, found: opened.append(str(found[0])) if name == "open" else None)
from kiosk_firmware.unit.shell.splash_page import welcome
welcome("zh")
print(*(name for name in (*sys.modules, *opened) if "machines" in name or "catalogue" in name or "kits" in name))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
