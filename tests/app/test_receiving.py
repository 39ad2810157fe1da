"""New content on a running unit: there for whoever comes next, never within a turn or a run."""

from __future__ import annotations

import msgspec
import pytest

from kiosk_firmware import catalogue, sites
from kiosk_firmware.app.receiving import Receiving
from kiosk_firmware.core.pages import Text
from kiosk_firmware.trust.messages import Content
from tests.app.rig import House
from tests.trust.test_content import LESSON

NOW_MS = 1_790_000_000_000


class Voice:
    """Hears which recordings it is brought."""

    def bring(self, packs):
        self.packs = packs


def arrives(folder, version: int) -> None:
    """As `content install` leaves it, after it has looked at the signature."""
    from kiosk_firmware.content import unpack

    key = min(catalogue.words("atm").keys("zh"))
    lesson = ("atm", LESSON.format(n=version * 100))
    content = Content(version, (lesson,), texts=(("atm", "zh", f'{key} = "第{version}版"'),))
    unpack(content, folder / sites.FOLDER / str(version), NOW_MS)
    (folder / "new").write_bytes(msgspec.json.encode(sites.Number(version)))
    (folder / "new").rename(folder / sites.NUMBER)


@pytest.fixture(autouse=True)
def own_content():
    """What a test took up is no other test's."""
    yield
    catalogue.content(None)


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def offered(house: House) -> set[str]:
    return {task.id for tile in house.unit.lobby.shelf.tiles for task in tile.tasks}


def look(house: House, receiving: Receiving) -> bool:
    """As the window's clock does."""
    due = receiving.due(house.unit)
    if due:
        house.unit.shelve()
        house.unit.show()
    house.settle()
    return due


def test_taken_up_between_two_turns_and_never_within_one(house):
    voice = Voice()
    receiving = Receiving(house.folder, voice)
    key = min(catalogue.words("atm").keys("zh"))
    assert (look(house, receiving), voice.packs) == (False, {})
    arrives(house.folder, 1)
    assert look(house, receiving)
    assert "take-100" in offered(house)
    assert catalogue.words("atm").write(Text(key), "zh") == "第1版"
    assert not look(house, receiving), "once"

    house.tap("attract.start")
    house.tap("sign.guest")
    arrives(house.folder, 2)
    assert not look(house, receiving), "somebody is there"
    assert "take-200" not in offered(house)
    house.wait(30 * 60_000, 10_000)
    assert not house.unit.sitting.learner, "nobody was there for half an hour"
    assert look(house, receiving)
    assert "take-200" in offered(house)
    assert "take-100" not in offered(house)
    assert catalogue.words("atm").write(Text(key), "zh") == "第2版"


def test_what_was_there_at_the_start_is_there(tmp_path):
    arrives(tmp_path, 3)
    Receiving(tmp_path, Voice())
    house = House(tmp_path)
    assert "take-300" in offered(house)
