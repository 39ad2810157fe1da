"""A bored person at the glass for a while: no shell, no other program, no page that nobody gets away from.

What a person does to the hardware of the system (consoles, magic keys, sticks) is shut out by `deploy/unit/lockdown`,
which `tests/trust/test_lockdown.py` holds; here it is the program itself that is tried.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.rig import House
from tests.telemetry.rig import wait

pytestmark = pytest.mark.glass
SPEAKS = {"espeak-ng", "aplay", "paplay", "pw-play"}
"""What the unit itself may start: its voice."""


def offspring(pid: int) -> set[str]:
    """The programs that a process and its children have started and that run now."""
    found: set[str] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for one in (task / "children").read_text().split():
            path = Path(f"/proc/{one}/comm")
            if path.exists():
                found |= {path.read_text().strip()} | offspring(int(one))
    return found


def back(house: House) -> str:
    """Whoever was there walks away; minutes pass."""
    house.minute()
    return house.step()


@pytest.mark.parametrize("seeds", [range(4), pytest.param(range(4, 200), marks=pytest.mark.long)])
def test_bored_person_gets_nowhere(fresh, seeds):
    house = fresh
    house.start_twins()
    house.start_screen(child="vandal")
    screen = house._running["screen"].pid
    seen = set()
    for seed in seeds:
        assert "page" in house.look(bored=str(seed)), house.log()[-2000:]
        seen.add(house.step())
        assert not offspring(screen) - SPEAKS
    assert len(seen) > 1, "the fingers reached keys"
    wait(lambda: back(house) == "attract", "the first page", 120)
    assert not house.died("screen")
    assert "Traceback" not in house.log()
    house.look()
    wait(lambda: house.look()["ready"], "the unit to be ready for the next one")
