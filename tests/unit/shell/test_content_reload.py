"""New content on a running unit: there for whoever comes next, never within a turn or a run."""

from __future__ import annotations

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader, site_content
from kiosk_firmware.core.pages import Text
from kiosk_firmware.unit.shell.content_reload import ContentReload
from kiosk_firmware.wire.enrolment_messages import Content
from tests.pki.test_content_packs import LESSON
from tests.unit.shell.rig import House

NOW_MS = 1_790_000_000_000


class Voice:
    """Hears which recordings it is brought."""

    def bring(self, packs):
        self.packs = packs


def arrives(folder, version: int) -> None:
    """As `content install` leaves it, after it has looked at the signature."""
    from kiosk_firmware.unit.agent.content_packs import unpack

    key = min(machine_loader.machine_texts("atm").keys("zh"))
    lesson = ("atm", LESSON.format(n=version * 100))
    content = Content(version, (lesson,), texts=(("atm", "zh", f'{key} = "第{version}版"'),))
    unpack(content, folder / site_content.FOLDER / str(version), NOW_MS)
    (folder / "new").write_bytes(msgspec.json.encode(site_content.Number(version)))
    (folder / "new").rename(folder / site_content.NUMBER)


@pytest.fixture(autouse=True)
def own_content():
    """What a test took up is no other test's."""
    yield
    machine_loader.content(None)


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def offered(house: House) -> set[str]:
    return {task.id for tile in house.unit.lobby.offers.tiles for task in tile.tasks}


def look(house: House, receiving: ContentReload) -> bool:
    """As the window's clock does."""
    due = receiving.due(house.unit)
    if due:
        house.unit.shelve()
        house.unit.show()
    house.settle()
    return due


def test_taken_up_between_two_turns_and_never_within_one(house):
    voice = Voice()
    receiving = ContentReload(house.folder, voice)
    key = min(machine_loader.machine_texts("atm").keys("zh"))
    assert (look(house, receiving), voice.packs) == (False, {})
    arrives(house.folder, 1)
    assert look(house, receiving)
    assert "take-100" in offered(house)
    assert machine_loader.machine_texts("atm").write(Text(key), "zh") == "第1版"
    assert not look(house, receiving), "once"

    house.tap("attract.start")
    house.tap("sign.guest")
    house.skip()
    arrives(house.folder, 2)
    assert not look(house, receiving), "somebody is there"
    assert "take-200" not in offered(house)
    house.wait(30 * 60_000, 10_000)
    assert not house.unit.session.learner, "nobody was there for half an hour"
    assert look(house, receiving)
    assert "take-200" in offered(house)
    assert "take-100" not in offered(house)
    assert machine_loader.machine_texts("atm").write(Text(key), "zh") == "第2版"


def test_what_was_there_at_the_start_is_there(tmp_path):
    arrives(tmp_path, 3)
    ContentReload(tmp_path, Voice())
    house = House(tmp_path)
    assert "take-300" in offered(house)
