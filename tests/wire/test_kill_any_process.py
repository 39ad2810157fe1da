"""Kill screen, agent, broker, collector, PostgreSQL and the visit process, whichever comes: no fact is lost, none
counts twice, no fen is wrong, and no second of a visit's talk is gone.

The screen hands out money all the while, its devices outlive it (`paying`), and a visit that the power parted waits for
its other side. In the end the office's rows are held against what each process promised and each device did.
"""

from __future__ import annotations

import json
import pickle
import random
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from deploy.office.temporary_postgres import Cluster, ClusterError
from kiosk_firmware.core import money
from kiosk_firmware.office.database.completeness_proof import account, line
from kiosk_firmware.office.database.connection import reader
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.visit.wire import messages as m
from kiosk_firmware.visit.wire import paths, talk_time_log
from kiosk_firmware.wire import private_keys, topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.mqtt import BrokerLink
from tests.unit.runtime.payback_rig import accepted, judged, paybacks
from tests.wire.paying import UNIT, Ending
from tests.wire.rig import Processes, query, wait

pytestmark = pytest.mark.broker
ROLES = ("screen", "agent", "broker", "collector", "postgres", "visit")
VISIT, LEFT_MS, ENOUGH_S = "HJ000001", 1_234_000, 100_000
WORLDS = (("atm", "withdraw"), ("rail", "buy, in cash"), ("metro-ticket", "one ticket, in cash"))


class Whole:
    """All processes of one unit and its office, over real lines."""

    def __init__(self, folder: Path, processes: Processes, cluster: Cluster, url: str) -> None:
        self.folder, self.processes, self.cluster, self.url = folder, processes, cluster, url
        self.state = folder / "state"
        self.calls = self.state / paths.FOLDER
        self.calls.mkdir(parents=True)
        (folder / "cases").write_bytes(pickle.dumps([case for world in WORLDS for case in paybacks(*world)]))
        (folder / "unit.toml").write_text(f'[unit]\nid = "{UNIT}"\nsite = "jia"\nkind = "visit"\n')
        self.told: list[m.StatusReport] = []
        processes.broker()
        self.invitation = b""
        office = BrokerSettings(port=processes.port, retry_s=0.2)
        self.office = BrokerLink(
            office, "office-calls", (self._topic("up"),), self._hear, on_up=lambda _: self._ask_again()
        )
        self.start("collector")
        self.start("agent")
        self._invite()
        self.start("visit")
        self.start("screen")

    def _topic(self, leaf: str) -> str:
        return topics.topic("jia", UNIT, "call", leaf)

    def _hear(self, message: Any) -> None:
        if isinstance(word := m.decode_up(message.payload), m.StatusReport):
            self.told.append(word)

    def _ask_again(self) -> None:
        """Invite anew, as the office does whenever the broker is there again: it may have missed what was said."""
        if self.invitation:
            self.office.publish(self._topic("down"), self.invitation)

    def hears(self, condition: Any, what: str) -> None:
        """Wait for it with the office's ear at the line."""
        wait(lambda: self.office.turn(0.01) or condition(), what, 120)

    def _invite(self) -> None:
        """The visit talked before and was parted; the agent writes down what the office says of it."""
        begins_ms = utc_ms()
        rules = m.CallRules(rests_s=ENOUGH_S, back_s=ENOUGH_S)
        pem = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        word = m.Invited(
            visit=VISIT,
            begins_ms=begins_ms,
            learner="0" * 16,
            language="zh",
            people=1,
            rules=rules,
            ice=(),
            seal=private_keys.make_key().public_key().public_bytes(*pem).decode(),
            token="t-1",
        )
        before = talk_time_log.TalkTime(begins_ms, LEFT_MS, ENOUGH_S * 1000)
        talk_time_log.keep(self.calls, VISIT, before)
        self.invitation = m.ENCODE(word)
        invited = self.calls / f"{VISIT}{paths.INVITED}"
        while not invited.exists():
            self.office.publish(self._topic("down"), self.invitation)
            self.hears(lambda: True, "the line")
            time.sleep(0.1)

    def start(self, role: str) -> None:
        match role:
            case "broker":
                self.processes.broker()
            case "postgres":
                self.cluster.restart()
            case "collector":
                self.processes.child("collector", where=self.url)
            case "agent":
                self.processes.child("agent")
            case "screen":
                command = "tests.wire.paying", str(self.folder), str(self.folder / "cases"), "1"
                self.processes.module("screen", *command)
            case "visit":
                (self.calls / paths.START).write_text(VISIT)
                where = "--unit", str(self.folder / "unit.toml"), "--state", str(self.state)
                self.processes.module("visit", "kiosk_firmware.cli", "visit", *where)

    def kill(self, role: str) -> None:
        """It has not died by itself; now it does."""
        if role == "postgres":
            self.cluster.kill()
            return
        assert not self.processes.died(role), (self.folder / f"{role}.log").read_text()[-3000:]
        self.processes.kill(role)

    def end_visit(self) -> None:
        """The learner ends it at the screen."""
        path = self.calls / paths.SCREEN

        def said() -> bool:
            with suppress(OSError), closing(socket.socket(socket.AF_UNIX)) as line:  # or it is over
                line.connect(str(path))
                line.sendall(m.ENCODE(m.Said("end")) + b"\n")
            left = talk_time_log.read_talk_time(self.calls, VISIT)
            return bool(left and left.end)

        wait(said, "the visit to end")

    def facts(self) -> list[dict[str, Any]]:
        with closing(reader(self.url)) as db:
            rows = db.execute("SELECT seq, data FROM facts WHERE unit = ? ORDER BY seq", (UNIT,)).fetchall()
        return [json.loads(row["data"]) for row in rows]


@pytest.fixture
def url() -> Iterator[tuple[Cluster, str]]:
    """A PostgreSQL of this test alone, since it is killed."""
    try:
        cluster = Cluster()
    except ClusterError as error:
        pytest.skip(str(error))
    yield cluster, cluster.url("mixed")
    cluster.close()


def killed(folder: Path, processes: Processes, cluster: Cluster, url: str, kills: int, seed: int) -> str:
    """Kill `kills` times, each role as often as any; what was counted, where all of it holds."""
    dice = random.Random(seed)
    whole = Whole(folder, processes, cluster, url)
    wait(lambda: any((folder / "runs").glob("*")), "a first run")
    order = [role for _ in range(-(-kills // len(ROLES))) for role in ROLES][:kills]
    dice.shuffle(order)
    for role in (*order, "broker"):  # it forgets that the office listens, just as the visit ends
        whole.office.turn(dice.uniform(0, 0.4))  # the moment is what is tried, whichever it is
        whole.kill(role)
        whole.start(role)
    whole.end_visit()
    processes.stop("screen")
    return _judge_all(whole, len(order) + 1)


def _judge_all(whole: Whole, kills: int) -> str:
    facts = _at_the_office(whole)
    promised = (whole.folder / "promised").read_text().split()
    kinds = [fact["kind"] for fact in facts if fact.get("at") == "gate"]
    assert set(promised) <= set(kinds), "what was durable on the unit is at the office"
    assert len(kinds) == len(set(kinds)), "each once"
    (unit,) = account(whole.url, utc_ms())
    assert (unit.lost, unit.wrong, unit.aside, unit.under_way) == (0, "", 0, 0)
    runs, fen = _money(whole.folder, facts)
    assert min(runs, fen) > 0, "money came out"
    whole.hears(lambda: any(one.phase == "over" for one in whole.told), "the office to hear that the visit is over")
    assert {one.left_ms for one in whole.told} == {LEFT_MS}, "nobody talked, so no second of talk is gone"
    assert {one.end for one in whole.told if one.phase == "over"} == {"unit"}
    return f"{kills} kills, {len(promised)} promised facts, {runs} runs, {fen} fen: {line(unit)}"


def _at_the_office(whole: Whole) -> list[dict[str, Any]]:
    screen, agent = whole.state / "screen.db", whole.state / "agent.db"
    (epoch,) = query(screen, "SELECT value FROM meta WHERE key = 'epoch'")[0]
    ((last,),) = query(screen, "SELECT n FROM counter WHERE name = 'seq'")
    upto = "SELECT upto FROM acks WHERE epoch = ?"
    whole.hears(lambda: query(agent, upto, epoch) == [(last,)], f"all {last} facts acknowledged")
    return whole.facts()


def _money(folder: Path, facts: list[dict[str, Any]]) -> tuple[int, int]:
    """Hold each run's devices against what the office was told of it; runs, and fen that came out in all."""
    runs, unheard, fen = 0, 0, 0
    for path in sorted((folder / "runs").iterdir()):
        ended: Ending = pickle.loads(path.read_bytes())
        mine = [fact for fact in facts if fact.get("run") == ended.run]
        told = sum(fact["fen"] for fact in mine if fact.get("what") == "presented")
        out, runs, fen = money.total(ended.far.out), runs + 1, fen + told
        if ended.world is None:
            assert told <= out, f"{ended.run}: {out} fen came out, {told} were told"
            unheard += money.pieces(money.without(ended.far.fallen, accepted(mine)))
        else:
            unheard += money.pieces(judged(ended.far, ended.case.loaded(), ended.world, mine))
    told_unheard = sum(fact["count"] for fact in facts if fact.get("kind") == "unheard")
    assert unheard == told_unheard, f"{unheard} tokens fell unheard, {told_unheard} were told"
    return runs, fen


def test_killed_anywhere(tmp_path: Path, processes: Processes, url: tuple[Cluster, str]) -> None:
    killed(tmp_path, processes, *url, kills=12, seed=1)


@pytest.mark.long
def test_killed_anywhere_five_hundred_times(tmp_path: Path, processes: Processes, url: tuple[Cluster, str]) -> None:
    print(killed(tmp_path, processes, *url, kills=504, seed=2))
