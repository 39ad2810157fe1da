"""A blank unit on a desk: kind, parts, number, code; what was found is written, and the unit starts with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kiosk_firmware.settings import unit_toml
from kiosk_firmware.unit.shell.supervisor_lock import SupervisorLock
from tests.stories.rig import GoneError, House
from tests.wire.rig import wait

pytestmark = pytest.mark.glass
CODE = "246813"


@pytest.fixture
def blank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Twins on their ptys, and a screen process that finds no unit.toml."""
    house = House(tmp_path_factory.mktemp("house"))
    try:
        house.start_twins()
        yield house
    finally:
        house.close()


def start(house: House, unit: Path) -> None:
    hand = house.state / "hand.sock"
    hand.unlink(missing_ok=True)
    house.spawn(
        "screen",
        "tests.stories.child",
        "--unit",
        str(unit),
        "--state",
        str(house.state),
        "--offscreen",
        "--hand",
        str(hand),
        "--template",
        str(house.unit),
        "--ports",
        str(house.state),
    )
    wait(lambda: house._reached(hand), "the hand's socket")


def rows(house: House) -> dict[str, tuple[str, str]]:
    """Device → (mark, words) of the parts' page."""
    found = house.look()["page"]["body"].get("rows", [])
    return {
        row["label"]["key"]: (row.get("mark", ""), (row.get("value") or {}).get("key", "").removeprefix("unit.part."))
        for row in found
    }


def looked(house: House) -> dict[str, tuple[str, str]]:
    """Until all is found and tried; the rows."""
    house._until(lambda seen: seen["page"]["step"].startswith("unit-parts") and len(seen["page"]["keys"]) == 3, "parts")
    return rows(house)


def type_code(house: House, digits: str, step: str) -> None:
    """Six digits on the page of that step; the sixth leads away."""
    house.wait_step(step)
    for count, digit in enumerate(digits, 1):
        wait(lambda d=digit, n=count: _pressed(house, d, n, step), f"digit {count} to be taken")


def _pressed(house: House, digit: str, count: int, step: str) -> bool:
    page = house.look()["page"]
    if not page["step"].startswith(f"{step}#") or page["body"].get("digits", 0) == count % 6 != 0:
        return True
    if count == 6 and page["body"].get("digits", 0) == 0:
        return True  # refused: the page begins anew
    house.look(tap=f"digit.{digit}")
    return False


def _begun(house: House) -> bool:
    with suppress(GoneError):
        house.look(tap="unit.begin")
    return house.died("screen")


def test_plug_find_test_write_and_start(blank: House) -> None:
    house, unit = blank, blank.folder / "new" / "unit.toml"
    house.twins.must("unplug", device="receipt_printer")
    start(house, unit)
    house.tap("kind.all-in-one")
    found = looked(house)
    assert found["device.receipt_printer"] == ("warn", "waiting")
    assert found["device.card_reader"] == found["device.note_acceptor"] == ("ok", "works")
    assert found["device.pin_pad"] == ("ok", "pins_work")
    house.tap("unit.next")  # a part is missing: sure?
    house.wait_step("unit-sure")
    house.tap("unit.back")
    house.twins.must("replug", device="receipt_printer")
    house._press_until("unit.look", lambda: looked(house)["device.receipt_printer"] == ("ok", "works"))
    house.tap("unit.next")
    house.wait_step("unit-number")
    house.type("007")
    house.tap("unit.next")
    type_code(house, CODE, "unit-code")
    house.wait_step("unit-code-again")
    type_code(house, "975310", "unit-code-again")
    house.wait_line("unit.code.differs")
    type_code(house, CODE, "unit-code")
    house.wait_step("unit-code-again")
    type_code(house, CODE, "unit-code-again")
    house.wait_step("unit-done")
    wait(lambda: _begun(house), "the process to end")
    assert house._running["screen"].wait() == 70
    made, template = unit_toml.read_settings(unit), unit_toml.read_settings(house.unit)
    assert made.unit.id == "all-in-one-007"
    assert {name for name, _ in made.devices.named()} == {name for name, _ in template.devices.named()}
    assert unit_toml.settings_toml(made) == unit.read_text(encoding="utf-8")
    start(house, unit)
    house.wait_step("attract")
    assert SupervisorLock(house.state, lambda: 0).judge("code", bytearray(CODE.encode())).who == 1
    assert CODE not in house.log() + unit.read_text(encoding="utf-8")


@pytest.mark.long
def test_a_port_that_says_nothing_is_no_part(blank: House) -> None:
    house = blank
    (house.state / "tty-silent").symlink_to("/dev/null")
    start(house, house.folder / "unit-3.toml")
    house.tap("kind.all-in-one")
    assert "warn" not in {mark for mark, _ in looked(house).values()}
