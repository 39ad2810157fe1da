"""The NFC pad as ID reader, against its twin over a pty: laid, told when asked, lifted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from hardware.drivers.id_pn532 import IdPn532
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.cards import Pn532
from hardware.drivers.settings.hardware_settings import DeviceTables, problems
from hardware.drivers.settings.unit_fixtures import LinkedPins, SimulatedHost
from hardware.twins.pn532 import Pn532Twin
from kiosk_firmware.core.events import DeviceBack, DeviceLost, Media, MediaInserted, MediaInvalid, MediaTaken
from tests.hardware.pin_rig import CARD, CabinetRig
from tests.hardware.wired import Wired

OURS, HERS, STRANGE = "04a1b2c3d4e5f6", "04ffeeddccbbaa", "deadbeef"
NUMBERS = {OURS: "519901198802140030", HERS: "519901197604050013"}


class QuickPad(IdPn532):
    """The driver with shorter patience."""

    POLL_MS, GRACE_MS = 30, 1200


make: Callable[..., QuickPad] = partial(
    QuickPad, at="id_reader", tags={uid: Media(number) for uid, number in NUMBERS.items()}
)
Pad = Wired[Pn532Twin, QuickPad]


@pytest.fixture
def pad(tmp_path: Path) -> Iterator[Pad]:
    with Wired(Pn532Twin(NUMBERS), make, tmp_path / "id") as wired:
        wired.until(lambda: wired.driver.health()["ready"])
        yield wired


def lay(pad: Pad, uid: str) -> None:
    with pad.served.lock:
        pad.twin.ACTS["tap_tag"](pad.twin, {"uid": uid}, 0)
    pad.until(lambda: pad.driver.found() == (NUMBERS.get(uid, ""), "exit"))


def lift(pad: Pad) -> None:
    with pad.served.lock:
        pad.twin.remove()
    pad.until(lambda: pad.driver.found() == ("", "none"))


def told(pad: Pad) -> list[object]:
    return [event for event in pad.events if not isinstance(event, DeviceLost | DeviceBack)]


def inserted(uid: str) -> MediaInserted:
    return MediaInserted("id_reader", Media(NUMBERS[uid]))


TAKEN = MediaTaken("id_reader")


def test_a_card_laid_too_early_is_told_when_it_is_asked_for_and_lifted_when_it_was_told(pad: Pad) -> None:
    lay(pad, OURS)
    lift(pad)
    lay(pad, OURS)
    assert told(pad) == []
    pad.driver.enable(True)
    pad.until(lambda: told(pad) == [inserted(OURS)])
    pad.driver.enable(False)
    lift(pad)
    pad.until(lambda: told(pad) == [inserted(OURS), TAKEN])


def test_one_card_in_place_of_another_is_two_things(pad: Pad) -> None:
    pad.driver.enable(True)
    lay(pad, OURS)
    lay(pad, HERS)
    pad.until(lambda: told(pad) == [inserted(OURS), TAKEN, inserted(HERS)])


def test_a_card_that_says_nothing_here_cannot_be_read(pad: Pad) -> None:
    pad.driver.enable(True)
    lay(pad, STRANGE)
    lift(pad)
    pad.until(lambda: told(pad) == [MediaInvalid("id_reader", "foreign"), TAKEN])
    assert STRANGE not in str(pad.driver.health())


def test_a_new_run_asks_anew_and_one_taken_up_again_does_not(pad: Pad) -> None:
    pad.driver.enable(True)
    lay(pad, OURS)
    pad.driver.begin(True)
    looks = pad.state()["counters"]["lists"]
    pad.until(lambda: pad.state()["counters"]["lists"] > looks + 2)
    assert told(pad) == [inserted(OURS)]
    pad.driver.begin(False)
    pad.until(lambda: told(pad) == [inserted(OURS)] * 2)


def test_a_card_lifted_while_the_cable_is_out(pad: Pad) -> None:
    pad.driver.enable(True)
    lay(pad, OURS)
    pad.served.unplug()
    pad.heard(DeviceLost)
    with pad.served.lock:
        pad.twin.remove()
    pad.served.replug()
    pad.until(lambda: told(pad) == [inserted(OURS), TAKEN])


def test_two_readers_on_two_ports(tmp_path: Path) -> None:
    devices = DeviceTables(
        card_reader=Pn532(cards={"04a1b2c3": CARD}),
        id_reader=Pn532(port="tty-id", cards=NUMBERS),
        payment_host=SimulatedHost(answer_ms=0),
        pins=LinkedPins(),
    )
    assert problems(devices, MoneyChannels()) == []
    with CabinetRig(tmp_path, devices) as unit:
        unit.cabinet.begin(lambda document: [], None, True)
        unit.must("lay_card", at="id_reader", number=NUMBERS[OURS])
        assert not unit.twins.act("lay_card", {"at": "id_reader", "number": NUMBERS[HERS]})["ok"]
        unit.cabinet.expect(("id_reader", "card_reader"))
        assert unit.heard(MediaInserted) == inserted(OURS)
        unit.must("tap_tag", at="card_reader", number=CARD)
        assert unit.heard(MediaInserted, 2).at == "card_reader"
        assert (unit.cabinet.found().ident, unit.cabinet.found().number) == (NUMBERS[OURS], CARD)
        assert unit.must("lift_card", at="id_reader")["number"] == NUMBERS[OURS]
        assert unit.heard(MediaTaken) == TAKEN
        unit.must("lay_card", at="id_reader", number="510000199001010000")
        assert unit.heard(MediaInvalid) == MediaInvalid("id_reader", "foreign")
        assert [row["at"] for row in unit.cabinet.self_test() if row["ok"]] == ["card_reader", "id_reader"]


def test_a_uid_that_no_tag_has_is_refused() -> None:
    devices = DeviceTables(id_reader=Pn532(cards={"04a1b2c": CARD}))
    assert problems(devices, MoneyChannels()) == [
        "devices.id_reader.cards = '04a1b2c': allowed are UIDs of 4 to 10 bytes, two hex digits each"
    ]
