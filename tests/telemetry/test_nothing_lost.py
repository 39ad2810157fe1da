"""Kill anything anywhere: every fact that was committed on the unit is at the office, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.telemetry.rig import Processes, Screen, query, wait

pytestmark = pytest.mark.broker
AGENT_POINTS = ("read", "published", "ack-heard", "ack-stored")
COLLECTOR_POINTS = ("received", "committed", "settled", "answered")


def told(processes: Processes, epoch: str) -> list[int]:
    rows = query(processes.office, "SELECT seq FROM facts WHERE epoch = ? ORDER BY seq", epoch)
    return [seq for (seq,) in rows]


def complete(processes: Processes, screen: Screen, count: int) -> bool:
    return told(processes, screen.epoch) == list(range(1, count + 1))


def acknowledged(processes: Processes, screen: Screen) -> int:
    rows = query(processes.folder / "state" / "agent.db", "SELECT upto FROM acks WHERE epoch = ?", screen.epoch)
    return rows[0][0] if rows else 0


def tell_many(screen: Screen, count: int) -> None:
    for _ in range(count):
        screen.tell("step.ended", run="r-1", step="pin", prompt=0, slips=0, ms=5)


def judge(processes: Processes, screen: Screen, count: int) -> None:
    wait(lambda: complete(processes, screen, count), f"all {count} facts at the office")
    wait(lambda: acknowledged(processes, screen) == count, "the last acknowledgement")
    assert query(processes.office, "SELECT count(*) FROM holes")[0] == (0,)
    assert query(processes.office, "SELECT coalesce(sum(lost), 0) FROM epochs")[0] == (0,)
    assert query(processes.office, "SELECT count(*) FROM quarantine")[0] == (0,)
    assert query(processes.office, "SELECT steps FROM runs")[0] == (count,)


@pytest.mark.parametrize("name", ["agent", "collector"])
def test_killed_at_each_named_point(processes: Processes, tmp_path: Path, name: str) -> None:
    processes.broker()
    screen, told_so_far = Screen(tmp_path / "state"), 0
    other = "collector" if name == "agent" else "agent"
    processes.child(other)
    for point in AGENT_POINTS if name == "agent" else COLLECTOR_POINTS:
        tell_many(screen, 60)
        told_so_far += 60
        processes.child(name, point, 2 if point in ("read", "published") else 1)
        wait(lambda: processes.died(name), f"{name} to die at {point}")
    processes.child(name)
    judge(processes, screen, told_so_far)
    screen.drop_acknowledged()
    assert screen.left() == 0


def test_broker_killed_in_the_middle(processes: Processes, tmp_path: Path) -> None:
    processes.broker()
    screen, told_so_far = Screen(tmp_path / "state"), 0
    processes.child("collector")
    processes.child("agent")
    for _ in range(4):
        tell_many(screen, 60)
        told_so_far += 60
        wait(lambda: told(processes, screen.epoch), "a first fact")
        processes.kill("broker")
        tell_many(screen, 20)
        told_so_far += 20
        processes.broker()
    judge(processes, screen, told_so_far)


def test_agent_stopped_in_order_leaves_no_will_and_says_offline(processes: Processes, tmp_path: Path) -> None:
    processes.broker()
    Screen(tmp_path / "state")
    processes.child("collector")
    processes.child("agent")
    wait(lambda: query(processes.office, "SELECT online FROM units") == [(1,)], "online")
    assert processes.stop("agent") == 0
    wait(lambda: query(processes.office, "SELECT online FROM units") == [(0,)], "offline")


def test_killed_agent_is_offline_by_its_will(processes: Processes, tmp_path: Path) -> None:
    processes.broker()
    screen = Screen(tmp_path / "state")
    screen.open_run("r-1", "atm")
    processes.child("collector")
    processes.child("agent")
    online = "SELECT online, machine, run FROM units"
    wait(lambda: query(processes.office, online) == [(1, "atm", "r-1")], "online, with its run")
    processes.kill("agent")
    wait(lambda: query(processes.office, online) == [(0, "", "")], "the will")
    processes.child("agent")
    wait(lambda: query(processes.office, online) == [(1, "atm", "r-1")], "online again")
