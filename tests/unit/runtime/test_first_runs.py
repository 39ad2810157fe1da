"""First runs have time: what is to be taken and the gate wait longer than outside, over every machine, and say so."""

from __future__ import annotations

import pytest

from kiosk_firmware.core.lessons import CALM_RUNS
from kiosk_firmware.core.pages import Text
from kiosk_firmware.unit.lobby.texts import lobby_texts
from kiosk_firmware.unit.runtime.run_page import FIRST_PERCENT, QUICK
from tests.unit.runtime.lives import CASES, Life

MACHINES = sorted({case[0] for case in CASES})


def waits(folder, case, **fields):
    """(step, what a hand has outside, what it has here, what the strip says) of each page where one must be quick."""
    life, found = Life(folder, *case, "zh", **fields), []
    for _ in range(60):
        run = life.engine.run
        if run is None:
            break
        page, running = run.page, life.engine.timers.running("page")
        coach = life.engine.glass.helper
        hinted = coach.hint is not None or coach.lost  # a lesson may be to wait, and the coach says so
        quick = any(isinstance(act, QUICK) for act in run.play.acts(run.now, {}))
        if quick and not hinted and page.timer and not page.keys:
            outside = page.timer.hand_ms or page.timer.ms
            found.append((page.step, outside, page.timer.ms, running[1], life.stage.strips[-1].sentence))
        life.follow()
    life.close()
    return found


def cases(machine, long):
    lessons = [case for case in CASES if case[0] == machine]
    return lessons if long else lessons[:: max(1, len(lessons) // 2)]


@pytest.mark.parametrize("machine", MACHINES)
def test_until_three_calm_runs_machines_wait_longer_than_outside_and_say_so(tmp_path, machine, long):
    for at, case in enumerate(cases(machine, long)):
        (folder := tmp_path / str(at)).mkdir()
        for step, outside, ms, here, said in waits(folder, case, practised=CALM_RUNS - 1):
            assert here == ms * FIRST_PERCENT // 100 >= 3 * outside, step
            assert said == lobby_texts().write(Text("coach.longer", (("n", outside // 1000),)), "zh"), step


def test_the_fourth_run_and_whoever_has_time_felt_hear_nothing_of_it(tmp_path):
    case = next(case for case in CASES if case[0] == "atm" and case[2].id == "deposit")
    seen = 0
    for at, fields in enumerate(({"practised": CALM_RUNS}, {"pace": "gentle"}, {"pace": "real"})):
        (folder := tmp_path / str(at)).mkdir()
        for _, outside, ms, here, said in waits(folder, case, **fields):
            seen += 1
            assert here <= 2 * ms
            assert str(outside // 1000) not in said
    assert seen >= 2


def test_machines_where_one_must_be_quick_are_all_seen(tmp_path):
    """The class is not empty: the card slot, the tray and the gate, in the first lesson of a machine."""
    found = set()
    for machine in ("atm", "metro-gate", "rail"):
        (folder := tmp_path / machine).mkdir()
        found |= {step for step, *_ in waits(folder, next(case for case in CASES if case[0] == machine))}
    assert {"take-card", "take-cash", "passing", "take-ident"} <= found
