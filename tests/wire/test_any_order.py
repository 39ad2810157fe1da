"""Unit and office with the wire taken apart: in whatever order, each fact counts once or is accounted for.

Both sides are the real ones, journal, agent and store, in this process; only the wire between them is a list, so that
messages can be lost, doubled and late. Deaths are real in what they leave: what was not committed is gone.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from kiosk_firmware.office.database.completeness_proof import account
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.agent.main import Agent
from kiosk_firmware.unit.runtime import retention
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import Batch
from kiosk_firmware.wire.mqtt import MqttMessage
from tests.wire.rig import settings as unit_settings

NOW = utc_ms()
"""The office's clock stands until all comes to rest; the unit's jumps."""


class Wire:
    """Where the agent's connection would be: what it says is kept, nothing is answered by itself."""

    up, denied, reconnects, tries = True, 0, 1, 0

    def __init__(self) -> None:
        self.said: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> bool:
        self.said.append((topic, payload))
        return True

    def turn(self, timeout: float) -> None: ...
    def settle(self, *messages: MqttMessage) -> None: ...
    def close(self, last: object = None) -> None: ...


class Whole(RuleBasedStateMachine):
    """The unit, the office, and what lies between."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="order-"))
        self.state, self.saved = self.folder / "state", self.folder / "saved"
        self.now, self.office_ms = [NOW], NOW
        self.told = 0
        self.store = FactStore(self.folder / "office.db")
        self.up_way: list[IncomingMessage] = []
        self.down_way: list[MqttMessage] = []
        self.put_back: set[int] = set()
        """Facts that a broken or an older file does not have any more."""
        self.evicted: set[int] = set()
        self.never: set[int] = set()
        """Facts that were submitted and never committed."""
        self.rotten = False
        """A file broke or was put back, and with it perhaps what it said of evictions."""
        self._open_unit()

    def _open_unit(self) -> None:
        self.state.mkdir(exist_ok=True)
        self.journal = Journal(
            self.state / "screen.db",
            "jia-atm-01",
            agent_db=self.state / "agent.db",
            patience_ms=0,
            utc_ms=lambda: self.now[0],
            stamp=lambda: f"synced 0123abcd {self.now[0] - NOW + 10**9}",
        )
        self.journal.commit_now()
        self._open_agent()

    def _open_agent(self) -> None:
        self.agent = Agent(unit_settings(1, window=7, resend_s=30.0, rate=1e6), self.state)
        self.agent.link = self.wire = Wire()

    # -- the unit

    @rule(count=st.integers(1, 4), prio=st.integers(0, 2), commits=st.booleans())
    def put(self, count: int, prio: int, commits: bool) -> None:
        facts = []
        for _ in range(count):
            self.told += 1
            facts.append(RunFact("noise.counted", {"at": "gate", "kind": "x", "count": self.told}, prio))
        self.journal.submit(Batch(self.now[0], facts=tuple(facts)))
        if commits:
            self.journal.commit_now()

    @rule()
    def screen_works(self) -> None:
        """Commit, let go of what is too old by a clock that jumped, and of what is acknowledged; obey the office."""
        self.journal.commit_now()
        before = self._held()
        self.journal._age()
        self.journal.commit_now()
        self.evicted |= before - self._held()
        self.journal.tidy()
        inbox = sqlite3.connect(self.state / "agent.db")
        rows = inbox.execute("SELECT args FROM inbox WHERE name = 'epoch.renew'").fetchall()
        inbox.close()
        for (args,) in rows:
            wish = json.loads(args)
            if wish["epoch"] == self.journal.epoch:
                self.journal.renew(wish["start"])

    @rule()
    def send(self) -> None:
        self.agent._send(0.0 + 10**9)
        self.up_way += [IncomingMessage(topic, wire, self.office_ms) for topic, wire in self.wire.said]
        self.wire.said.clear()

    @rule()
    def agent_dies(self) -> None:
        self.agent.db.close()
        self._open_agent()

    @rule()
    def screen_dies(self) -> None:
        waiting = [fact for queued in self.journal._queue for fact in queued.batch.facts]
        self.never |= {fact.data["count"] for fact in waiting if fact.type == "noise.counted"}  # promised to nobody
        self.journal._queue.clear()
        self.journal.close()
        self.agent.db.close()
        self._open_unit()

    @rule(surplus=st.integers(1, 400))
    def too_full(self, surplus: int) -> None:
        self.journal.commit_now()
        before = self._held()
        self.journal._evicting(lambda db: retention.evict(db, surplus))
        self.journal.commit_now()
        self.evicted |= before - self._held()

    @rule(read_only=st.booleans())
    def disk_refuses(self, read_only: bool) -> None:
        """Full, or read-only, for one commit; what was submitted waits."""
        self.journal.commit_now()
        before, told = self._held(), self.told
        db = self.journal._db
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute("PRAGMA query_only=ON" if read_only else f"PRAGMA max_page_count={pages}")
        self.put(3, 1, True)
        db.execute("PRAGMA query_only=OFF")
        db.execute("PRAGMA max_page_count=1000000")
        self.journal.commit_now()
        self.evicted |= (before | set(range(told + 1, self.told + 1))) - self._held()

    @rule(by=st.sampled_from([-(10**9), 10**9, 5000]))
    def clock_jumps(self, by: int) -> None:
        self.now[0] += by

    @rule(where=st.integers(0, 2**16))
    def card_rots(self, where: int) -> None:
        """A page of the screen's file is garbage at the next start."""
        self.journal.commit_now()
        self.journal._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.journal.close()
        self.agent.db.close()
        before, self.rotten = self._held(), True
        path = self.state / "screen.db"
        pages = path.stat().st_size // 4096
        with path.open("r+b") as file:
            file.seek(4096 * (where % pages))
            file.write(b"\xff" * 4096)
        self._open_unit()
        self.put_back |= before - self._held()

    @rule()
    def card_is_copied(self) -> None:
        self.journal.commit_now()
        self.journal._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.agent.db._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.rmtree(self.saved, ignore_errors=True)
        shutil.copytree(self.state, self.saved)

    @precondition(lambda self: self.saved.exists())
    @rule()
    def copy_is_put_back(self) -> None:
        """The unit lives on from an older copy of itself; what it had been sent meanwhile reaches it first."""
        self.journal.commit_now()
        before, self.rotten = self._held(), True
        self.journal.close()
        self.agent.db.close()
        shutil.rmtree(self.state)
        shutil.copytree(self.saved, self.state)
        self._open_unit()
        self.put_back |= before - self._held()
        self.send()
        self.hear(len(self.down_way), False)
        self.screen_works()

    # -- the wire and the office

    @rule(count=st.integers(1, 9), last_first=st.booleans(), twice=st.booleans())
    def arrive(self, count: int, last_first: bool, twice: bool) -> None:
        batch, self.up_way = self.up_way[:count], self.up_way[count:]
        if twice:
            self.up_way += batch
        if batch:
            self._apply(batch[::-1] if last_first else batch)

    def _apply(self, batch: list[IncomingMessage]) -> None:
        for answer in self.store.apply(batch).answers:
            self.down_way.append(MqttMessage(answer.topic, answer.payload))

    @rule(count=st.integers(1, 5))
    def lost_on_the_way(self, count: int) -> None:
        """A broker died with what it had; the agent meets a new session."""
        del self.up_way[:count], self.down_way[:count]
        self.agent._up(session_present=False)
        self.wire.said.clear()

    @rule(count=st.integers(1, 5), twice=st.booleans())
    def hear(self, count: int, twice: bool) -> None:
        messages, self.down_way = self.down_way[:count], self.down_way[count:]
        for message in messages * (2 if twice else 1):
            self.agent._hear(message)
        self.wire.said.clear()

    @rule()
    def office_dies(self) -> None:
        self.store.close()
        self.store = FactStore(self.folder / "office.db")

    # -- what must hold

    def _held(self) -> set[int]:
        db = sqlite3.connect(self.state / "screen.db")
        try:
            return {
                json.loads(data)["count"]
                for (data,) in db.execute("SELECT data FROM facts WHERE type = 'noise.counted'")
            }
        except sqlite3.DatabaseError:
            return set()
        finally:
            db.close()

    def _office(self) -> list[tuple[str, str, int, str]]:
        db = sqlite3.connect(self.folder / "office.db")
        rows = db.execute("SELECT epoch, type, seq, data FROM facts").fetchall()
        db.close()
        return rows

    def teardown(self) -> None:
        try:
            self._come_to_rest()
            self._judge()
        finally:
            self.journal.close()
            self.agent.db.close()
            self.store.close()
            shutil.rmtree(self.folder)

    def _come_to_rest(self) -> None:
        """A good network and time enough: a unit that lost an order by an older copy is told again within the hour."""
        for _ in range(400):
            self.office_ms += 60_000
            self.screen_works()
            self.agent._up(session_present=False)
            self.wire.said.clear()
            self.send()
            busy = bool(self.up_way or self.down_way)
            if self.up_way:
                batch, self.up_way = self.up_way, []
                self._apply(batch)
            self.hear(len(self.down_way), False)
            if not busy and not self._held():
                return
        raise AssertionError(f"the unit still holds {sorted(self._held())}")

    def _judge(self) -> None:
        rows = self._office()
        counted = Counter(json.loads(data)["count"] for _, kind, _, data in rows if kind == "noise.counted")
        assert max(counted.values(), default=1) == 1, "counted twice"
        summaries = [json.loads(data) for _, kind, _, data in rows if kind == "storage.summarised"]
        missing = set(range(1, self.told + 1)) - counted.keys() - self.never - self.put_back
        assert missing <= self.evicted
        if not self.rotten:
            assert len(missing) <= sum(one["count"] for one in summaries), (missing, summaries)
        for unit in account(self.folder / "office.db", NOW):
            assert unit.wrong == "", unit


def run(examples: int, steps: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=checks,
        phases=[Phase.generate],  # an example is a minute's work to read and an hour's to shrink
    )
    run_state_machine_as_test(Whole, settings=how)


def test_an_older_copy_that_has_given_as_many_numbers_loses_nothing() -> None:
    """What was on its way from the file before it is acknowledged under numbers that mean other facts now."""
    whole = Whole()
    whole.card_is_copied()
    whole.put(3, 0, True)
    whole.send()
    whole.copy_is_put_back()
    whole.put(4, 0, True)
    whole.arrive(9, False, False)
    whole.hear(9, False)
    whole.screen_works()
    whole.teardown()


def test_a_fact_that_was_given_anothers_number_counts_once_from_each_older_copy() -> None:
    """Two copies hold it under that number, and each is numbered anew by itself: neither tells the other's name."""
    whole = Whole()
    whole.card_is_copied()
    whole.put(1, 0, True)
    whole.send()
    whole.copy_is_put_back()
    whole.put(1, 0, True)
    whole.card_is_copied()
    for _ in range(2):
        whole.arrive(9, False, False)
        whole.hear(9, False)
        whole.screen_works()
        whole.send()
    whole.copy_is_put_back()
    whole.teardown()


def test_an_older_copy_that_gave_no_number_yet_loses_nothing() -> None:
    """A card that was copied when its unit was new: what is on its way is acknowledged before its first fact."""
    whole = Whole()
    whole.card_is_copied()
    whole.put(1, 0, True)
    whole.send()
    whole.arrive(9, False, False)
    whole.copy_is_put_back()
    whole.put(1, 0, True)
    whole.teardown()


def test_each_fact_counts_once_in_any_order() -> None:
    run(15, 25)


@pytest.mark.long
def test_each_fact_counts_once_in_any_order_at_length() -> None:
    run(600, 60)
