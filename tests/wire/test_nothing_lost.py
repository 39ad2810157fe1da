"""Kill anything anywhere: every fact that was committed on the unit is at the office, once."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from kiosk_firmware.office.database.completeness_proof import account, line
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.mqtt import BrokerLink
from tests.wire.rig import Processes, Screen, query, wait

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


def killed_at_random(processes: Processes, folder: Path, kills: int, seed: int) -> tuple[int, str]:
    """Kill whoever comes, `kills` times, while a journal writes on; facts promised, and what the office makes of it."""
    rng, roles = random.Random(seed), ("screen", "agent", "collector", "broker")
    processes.broker()
    (folder / "state").mkdir()
    for role in roles[:3]:
        processes.child(role)
    promised = folder / "promised"
    wait(lambda: promised.exists() and promised.read_text(), "a first fact")
    for n in range(kills):
        role = roles[n % 4] if rng.random() < 0.5 else rng.choice(roles)
        time.sleep(rng.uniform(0, 0.3))  # the moment is what is tried, whichever it is
        processes.kill(role)
        processes.broker() if role == "broker" else processes.child(role)
    processes.stop("screen")
    agent, office = folder / "state" / "agent.db", processes.office
    counter = "SELECT n FROM counter WHERE name = 'seq'"
    (epoch,) = query(folder / "state" / "screen.db", "SELECT value FROM meta WHERE key = 'epoch'")[0]
    ((last,),) = query(folder / "state" / "screen.db", counter)
    upto = "SELECT upto FROM acks WHERE epoch = ?"
    wait(lambda: query(agent, upto, epoch) == [(last,)], f"all {last} facts acknowledged", 120)
    said = [kind for (kind,) in query(office, "SELECT json_extract(data, '$.kind') FROM facts WHERE epoch = ?", epoch)]
    assert set(promised.read_text().split()) <= set(said), "what was durable on the unit is at the office"
    assert len(said) == len(set(said)) == last, "each once"
    (unit,) = account(office, utc_ms())
    assert (unit.lost, unit.wrong, unit.aside) == (0, "", 0)
    return last, line(unit)


def test_killed_anywhere(processes: Processes, tmp_path: Path) -> None:
    killed_at_random(processes, tmp_path, kills=5, seed=1)


@pytest.mark.long
def test_killed_anywhere_two_hundred_times(processes: Processes, tmp_path: Path) -> None:
    facts, said = killed_at_random(processes, tmp_path, kills=200, seed=2)
    print(f"200 kills, {facts} facts: {said}")


@pytest.mark.long
def test_a_broker_that_stands_still_past_the_keep_alive(processes: Processes, tmp_path: Path) -> None:
    """No hang-up tells the agent that nobody is there; only that its ping is not answered."""
    processes.broker()
    screen = Screen(tmp_path / "state")
    processes.child("collector")
    processes.child("agent")
    tell_many(screen, 20)
    wait(lambda: complete(processes, screen, 20), "the first facts")
    processes.signal("broker", signal.SIGSTOP)
    tell_many(screen, 60)
    log = tmp_path / "agent.log"
    wait(lambda: "no connection" in log.read_text(), "the agent to notice", 90)
    processes.signal("broker", signal.SIGCONT)
    judge(processes, screen, 80)


def test_another_client_that_takes_the_session_over(processes: Processes, tmp_path: Path) -> None:
    port = processes.broker()
    screen = Screen(tmp_path / "state")
    processes.child("collector")
    processes.child("agent")
    wait(lambda: query(processes.office, "SELECT online FROM units") == [(1,)], "the unit")
    thief = BrokerLink(
        BrokerSettings(port=port, retry_s=0.2), "jia-atm-01", ("kiosk/v1/jia/jia-atm-01/ack",), lambda message: None
    )
    tell_many(screen, 60)
    wait(lambda: thief.turn(0.02) or thief.up, "the session to be taken")
    tell_many(screen, 60)
    thief.close()
    judge(processes, screen, 120)


def test_a_fact_too_large_for_the_wire_stands_in_the_books_and_blocks_nothing(
    processes: Processes, tmp_path: Path
) -> None:
    processes.broker()
    screen = Screen(tmp_path / "state")
    processes.child("collector")
    processes.child("agent")
    tell_many(screen, 2)
    screen.tell("noise.counted", at="gate", kind="x" * 70_000, count=1)
    tell_many(screen, 2)
    wait(lambda: acknowledged(processes, screen) == 5, "all five")
    told = query(processes.office, "SELECT type FROM facts WHERE epoch = ? ORDER BY seq", screen.epoch)
    kinds = [kind for (kind,) in told]
    assert kinds == ["step.ended", "step.ended", "storage.summarised", "step.ended", "step.ended"]
    (unit,) = account(processes.office, utc_ms())
    assert (unit.lost, unit.wrong) == (1, "")
