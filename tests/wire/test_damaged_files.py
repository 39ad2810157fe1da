"""Any two of a unit's files are older, copied, empty, missing or flipped: what the office lacks it counts as lost.

Journal, agent and store are the real ones, on real files; the unit dies in the middle of its work, as by `kill -9`, two
of its files are damaged, and it is started again by its own start-up code.
"""

from __future__ import annotations

import itertools
import json
import random
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from kiosk_firmware.office.database.completeness_proof import LATE_MS, account
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.unit.agent.main import Agent
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import Batch
from kiosk_firmware.wire.mqtt import MqttMessage
from tests.wire.rig import query
from tests.wire.rig import settings as unit_settings
from tests.wire.test_any_order import Wire

NOW = 1_790_000_000_000
FILES = (
    "screen.db",
    "screen.db-wal",
    "screen.mark",
    "marks/screen.mark",
    "agent.db",
    "agent.db-wal",
    "agent.mark",
    "marks/agent.mark",
)
DAMAGES = "older", "copied", "empty", "missing", "flipped"
AGES = 3
Case = tuple[tuple[str, str], tuple[str, str], int, int]
"""Two files, a damage for each, how old what is put back is, and chance. The same file twice: it alone."""
CASES: list[Case] = [
    (pair, damages, age, 0)
    for pair in itertools.combinations_with_replacement(FILES, 2)
    for damages in itertools.product(DAMAGES, repeat=2)
    for age in range(AGES)
    if pair[0] != pair[1] or damages[0] == damages[1]
]
FLIPS: list[Case] = [
    ((name, name), ("flipped", "flipped"), 0, n) for name in FILES if ".db" in name for n in range(250)
]


class Life:
    """A unit and its office; `ever` is what a commit of either process was said to be durable for."""

    def __init__(self, folder: Path, seed: object) -> None:
        self.rng = random.Random(str(seed))
        self.folder, self.state = folder, folder / "state"
        self.state.mkdir()
        self.store, self.office_ms, self.mono = FactStore(folder / "office.db"), NOW, 10.0**6
        self.ever: set[str] = set()
        self.told = 0
        self.open()

    def open(self) -> None:
        self.journal = Journal(
            self.state / "screen.db",
            "jia-atm-01",
            agent_db=self.state / "agent.db",
            patience_ms=0,
            utc_ms=lambda: NOW,
            stamp=lambda: "synced 0123abcd 1000",
        )
        self.journal.commit_now()
        self.agent = Agent(unit_settings(1, window=20, resend_s=30.0, rate=1e6), self.state)
        self.agent.link = self.wire = Wire()

    def close(self) -> None:
        self.journal.close()
        self.agent.close()

    def tell(self, count: int) -> None:
        """Facts of both processes, committed."""
        facts = []
        for _ in range(count):
            self.told += 1
            facts.append(RunFact("noise.counted", {"at": "gate", "kind": "x" * 200, "count": self.told}, self.told % 3))
            self.ever.add(f"screen {self.told}")
        self.journal.submit(Batch(NOW, facts=tuple(facts)))
        self.journal.commit_now()
        self.told += 1
        self.agent.db.add("clock.jumped", {"by_ms": self.told, "quality": "rtc"}, NOW)
        self.ever.add(f"agent {self.told}")

    def work(self, online: bool = True) -> None:
        """What both processes do within a few seconds; online, all that is sent arrives and is answered."""
        self.mono += 10
        self.office_ms += 60_000
        self.agent._look(self.mono)
        self.journal.commit_now()
        self.journal.tidy()
        self.journal.commit_now()
        self._obey()
        if online:
            self._exchange()

    def _obey(self) -> None:
        with closing(sqlite3.connect(self.state / "agent.db")) as inbox:
            rows = inbox.execute("SELECT args FROM inbox WHERE name = 'epoch.renew'").fetchall()
        for (args,) in rows:
            wish = json.loads(args)
            if wish["epoch"] == self.journal.epoch:
                self.journal.renew(wish["start"])

    def _exchange(self) -> None:
        self.wire.said.clear()
        self.agent._up(session_present=False)
        self.agent._send(10.0**9 + self.mono)
        said = [IncomingMessage(topic, wire, self.office_ms) for topic, wire in self.wire.said]
        for answer in self.store.apply(said).answers if said else ():
            self.agent._hear(MqttMessage(answer.topic, answer.payload))

    def waiting(self) -> int:
        return sum(lane.backlog()[0] for lane in self.agent.lanes)

    def rest(self) -> None:
        """A good network and time enough."""
        for _ in range(200):
            self.work()
            if not self.waiting():
                return
        raise AssertionError(f"{self.waiting()} facts never leave")

    def missing(self) -> int:
        """What was durable on the unit and is not at the office; each fact is there once at most."""
        with closing(sqlite3.connect(self.folder / "office.db")) as db:
            told = "SELECT type, data FROM facts WHERE type IN ('noise.counted', 'clock.jumped')"
            rows = [(kind, json.loads(data)) for kind, data in db.execute(told)]
        there = Counter(
            f"screen {data['count']}" if kind == "noise.counted" else f"agent {data['by_ms']}" for kind, data in rows
        )
        assert max(there.values(), default=1) == 1, "counted twice"
        return len(self.ever - there.keys())

    def said(self) -> int:
        """What the office's proof says is lost, ten minutes later."""
        (unit,) = account(self.folder / "office.db", self.office_ms + LATE_MS + 1)
        assert unit.wrong == "", unit
        return unit.lost + unit.aside


def lived(folder: Path, seed: object) -> tuple[Life, list[Path]]:
    """A unit in the middle of its life, dead, and what its files were before, oldest first."""
    life, ages = Life(folder, seed), []
    for n in range(AGES):
        life.tell(life.rng.randrange(3, 30))
        life.work(online=life.rng.random() < 0.7)
        ages.append(Path(shutil.copytree(life.state, folder / f"age-{n}")))
    life.tell(life.rng.randrange(3, 30))
    life.work(online=life.rng.random() < 0.5)
    life.tell(life.rng.randrange(0, 9))
    if life.rng.random() < 0.5:
        life.work(online=False)
    image = Path(shutil.copytree(life.state, folder / "image"))
    life.close()
    shutil.rmtree(life.state)
    image.rename(life.state)
    return life, ages


def damage(life: Life, name: str, how: str, old: Path) -> None:
    path = life.state / name
    if how == "older":
        path.unlink(missing_ok=True)
        if (old / name).exists():
            shutil.copy(old / name, path)
    elif how == "copied":  # another unit's, which never spoke to this office
        shutil.copy(strange(life.folder) / name, path)
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "missing":
        path.unlink(missing_ok=True)
    elif path.exists() and path.stat().st_size:
        held = bytearray(path.read_bytes())
        held[life.rng.randrange(len(held))] ^= 1 << life.rng.randrange(8)
        path.write_bytes(held)


def strange(folder: Path) -> Path:
    """The files of a unit that was commissioned a moment ago and says nothing."""
    other = folder / "other"
    if not other.exists():
        other.mkdir()
        Journal(other / "screen.db", "yi-atm-01", agent_db=other / "agent.db", patience_ms=0).close()
        Agent(unit_settings(1), other).close()
        for name in FILES:
            (other / name).parent.mkdir(exist_ok=True)
            (other / name).touch()
    return other


def judged(folder: Path, case: Case) -> tuple[int, int]:
    """(missing, said) of a case."""
    pair, damages, age, _ = case
    life, ages = lived(folder, case)
    for name, how in zip(pair, damages, strict=True):
        damage(life, name, how, ages[age])
    try:
        life.open()
        life.tell(5)
        life.rest()
        life.tell(40)
        life.rest()
        return life.missing(), life.said()
    finally:
        life.close()
        life.store.close()
        shutil.rmtree(folder)


def silent(tmp_path: Path, cases: list[Case]) -> list[str]:
    """Cases in which facts went without a word, or that ended otherwise than they should."""
    wrong = []
    for case in cases:
        folder = tmp_path / "case"
        folder.mkdir()
        try:
            missing, said = judged(folder, case)
        except Exception as error:
            shutil.rmtree(folder, ignore_errors=True)
            wrong.append(f"{case}: {error!r}")
            continue
        if missing > said:
            wrong.append(f"{case}: {missing} facts are missing, lost: {said}")
    return wrong


@pytest.mark.parametrize("name", ["screen.db", "agent.db"])
def test_a_file_put_back_alone_says_at_once_what_went(tmp_path: Path, name: str) -> None:
    """New facts would bear numbers that are acknowledged, and be let go of unsent."""
    life = Life(tmp_path, name)
    life.tell(9)
    life.work()
    old = Path(shutil.copytree(life.state, tmp_path / "old"))
    life.tell(20)
    life.work()
    life.work()
    life.tell(7)  # durable, and not yet sent
    life.close()
    for end in ("", "-wal", "-shm"):
        (life.state / (name + end)).unlink(missing_ok=True)
        damage(life, name + end, "older", old)
    life.open()
    life.tell(30)
    life.rest()
    (unit,) = account(tmp_path / "office.db", life.office_ms)
    went = 7 if name == "screen.db" else 1
    assert (life.missing(), unit.lost, unit.under_way, unit.wrong) == (went, went, 0, "")
    life.close()
    life.store.close()


def test_a_card_in_another_computer_begins_a_new_epoch(tmp_path: Path) -> None:
    first = AgentDb(tmp_path / "agent.db", "u-1", machine="board-a")
    first.add("clock.jumped", {"by_ms": 1, "quality": "rtc"}, NOW)
    epoch = first.epoch()
    first.close()
    assert AgentDb(tmp_path / "agent.db", "u-1").epoch() == epoch, "a tool that asks for no computer changes nothing"
    assert AgentDb(tmp_path / "agent.db", "u-1", machine="board-a").epoch() == epoch
    other = AgentDb(tmp_path / "agent.db", "u-1", machine="board-b")
    assert other.epoch() != epoch
    assert query(tmp_path / "agent.db", "SELECT seq, type, was FROM facts") == [(1, "clock.jumped", f"{epoch}-1")]
    other.close()


@pytest.mark.parametrize("column", ["data", "type", "was", "at_ms"])
def test_a_fact_that_nobody_could_read_any_more_stands_in_nobodys_way(tmp_path: Path, column: str) -> None:
    life = Life(tmp_path, column)
    life.tell(3)
    broken = 10**16 if column == "at_ms" else b'{"at": "ga\xfe\x00'
    life.journal._db.execute(
        f"UPDATE facts SET {column} = CAST(? AS {'INTEGER' if column == 'at_ms' else 'TEXT'}) WHERE seq = 2", (broken,)
    )
    life.rest()
    (unit,) = account(tmp_path / "office.db", life.office_ms)
    assert (life.missing(), unit.lost, unit.wrong) == (1, 1, "")
    life.close()
    life.store.close()


def test_two_damaged_files_lose_nothing_without_a_word(tmp_path: Path) -> None:
    cases = random.Random(3).sample(CASES, 40) + random.Random(4).sample(FLIPS, 20)
    assert silent(tmp_path, cases) == []


@pytest.mark.long
@pytest.mark.parametrize("name", FILES)
def test_every_pair_age_and_damage_loses_nothing_without_a_word(tmp_path: Path, name: str) -> None:
    cases = [case for case in CASES if case[0][0] == name]
    wrong = silent(tmp_path, cases)
    assert wrong == [], f"{len(wrong)} of {len(cases)}"


@pytest.mark.long
def test_a_flipped_bit_anywhere_loses_nothing_without_a_word(tmp_path: Path) -> None:
    wrong = silent(tmp_path, FLIPS)
    assert wrong == [], f"{len(wrong)} of {len(FLIPS)}"
