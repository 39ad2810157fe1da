"""A bored person at the glass for a while: no shell, no other program, no page that nobody gets away from.

Chords, swipes from edges and corners, ten fingers, palms, long presses (`bored.py`); meanwhile plugs are pulled and
pushed, and the power goes in the middle of it, on a unit in service and on a blank one. Cuts at each named point of a
run are `test_kill_process.py`'s.
What a person does to the hardware of the system (consoles, magic keys, sticks) is shut out by `deploy/unit/lockdown`,
which `tests/pki/test_lockdown.py` holds; here it is the program itself that is tried.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk_firmware.unit.identity import status_file
from tests.stories.rig import House
from tests.wire.rig import wait

pytestmark = pytest.mark.glass
SPEAKS = {"espeak-ng", "aplay", "paplay", "pw-play"}
"""What the unit itself may start: its voice."""
NO_PINS = "No module named 'lgpio'"

PLUGS = ("card_reader", "note_acceptor", "receipt_printer", "id_reader")


def offspring(pid: int) -> set[str]:
    """The programs that a process and its children have started and that run now."""
    found: set[str] = set()
    for task in said(lambda: os.listdir(f"/proc/{pid}/task"), []):
        children = Path(f"/proc/{pid}/task/{task}/children")
        for one in said(children.read_text, "").split():
            name = said(Path(f"/proc/{one}/comm").read_text, "").strip()
            found |= ({name} if name else set()) | offspring(int(one))
    return found


def said(ask: Callable[[], Any], nothing: Any) -> Any:
    """What /proc says; `nothing` of whoever has ended meanwhile."""
    try:
        return ask()
    except (FileNotFoundError, ProcessLookupError):
        return nothing


def back(house: House) -> str:
    """Whoever was there walks away; minutes pass."""
    house.minute()
    return house.step()


@pytest.mark.parametrize("seeds", [range(4), pytest.param(range(4, 200), marks=pytest.mark.long)])
def test_bored_person_gets_nowhere(fresh, seeds):
    house = fresh
    house.start_twins()
    house.start_screen(child="vandal")
    seen = set()
    for seed in seeds:
        plug = random.Random(seed).choice(PLUGS)
        house.twins.must("unplug", device=plug)
        assert "page" in house.look(bored=str(seed)), house.log()[-2000:]
        house.twins.must("replug", device=plug)
        seen.add(house.step())
        assert not offspring(house._running["screen"].pid) - SPEAKS
        if seed % 8 == 1:
            house.kill("screen")  # the power, with fingers on the glass
            house.start_screen(child="vandal")
    assert len(seen) > 1, "the fingers reached keys"
    wait(lambda: back(house) == "attract", "the first page", 120)
    assert not house.died("screen")
    assert "Traceback" not in house.log()
    house.look()
    wait(lambda: house.look()["ready"], "the unit to be ready for the next one")


@pytest.fixture
def blank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Nobody has set it up, and its office lets nobody practise before it is trusted."""
    house = House(tmp_path_factory.mktemp("house"))
    status_file.tell(
        house.state, status_file.EnrolmentStatus("waiting", "10000000c0ffee01", "0123", "10.0.0.2:8443", practise=False)
    )
    try:
        house.unit.unlink()
        house.start_screen(child="vandal")
        yield house
    finally:
        house.close()


@pytest.mark.parametrize("seeds", [range(3), pytest.param(range(3, 100), marks=pytest.mark.long)])
def test_bored_person_at_a_blank_unit_makes_it_nothing(blank, seeds):
    """Whatever is pressed: it is not begun with, and goes on; what was typed waits for the office."""
    house = blank
    for seed in seeds:
        assert "page" in house.look(bored=str(seed)), house.log()[-2000:]
        assert house.step().startswith("unit-")
        assert not offspring(house._running["screen"].pid) - SPEAKS
    assert not house.died("screen")
    log = house.log()
    assert log.count("Traceback") == log.count(NO_PINS), "each kind that was tried misses its pins on a desk, no more"
    assert status_file.bars(house.state)
