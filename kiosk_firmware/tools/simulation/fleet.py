"""`kiosk simulate`: many units in one process, each with its own journal and its own agent, over real MQTT.

Nothing of the way to the office is imitated: facts are committed by the unit's journal, sent by its agent, let go of
when the office says so. What is imitated are people (`tools.simulation.learners`), who practise on the real machines
without a screen. Their runs have the purpose *simulated*, which no report counts. Units are named after their site, so
two simulations of different sites share an office. Where one process may not have so many files open, there are more of
them. `--history` writes a past instead (`tools.simulation.history`).
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import signal
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.tools.simulation import history
from kiosk_firmware.tools.simulation.history import STEP_MS, run_facts, weeks_of
from kiosk_firmware.tools.simulation.learners import Course, Learner, read_profiles
from kiosk_firmware.unit.agent.main import Agent, version
from kiosk_firmware.unit.coach.progress import RunRecord
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import Batch
from kiosk_firmware.wire import event_clock
from kiosk_firmware.wire.broker_settings import BrokerSettings, Telemetry

FILES_A_UNIT, OWN_FILES = 12, 100
"""Files and sockets that a unit has open at most, its own databases above all; and what a process has besides."""
LESSONS = (("atm", "withdraw-100"), ("atm", "balance"))


class AgentUnitTable(msgspec.Struct, frozen=True):
    """The part of `[unit]` that an agent reads."""

    id: str
    site: str
    kind: str = "atm"


class AgentSettings(msgspec.Struct, frozen=True):
    """The part of `unit.toml` that an agent reads."""

    unit: AgentUnitTable
    broker: BrokerSettings
    telemetry: Telemetry = Telemetry()


class SimulatedUnit:
    """One unit and whoever practises there."""

    def __init__(self, settings: AgentSettings, state: Path, seed: int) -> None:
        """Make the unit's files; the network comes with the first turn."""
        name = settings.unit.id
        state.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(state / "screen.db", name, agent_db=state / "agent.db", stamp=event_clock.current_stamp)
        self.agent = Agent(settings, state)
        self._dice, self._seed, self._number = random.Random(seed), seed, 0
        self._learner = Learner(read_profiles().likely, seed, coached=True)
        self._records: list[RunRecord] = []
        machines = sorted({machine for machine, _ in LESSONS})
        kind = settings.unit.kind
        told: dict[str, object] = {"fw": version(), "kind": kind, "machines": machines, "devices": [], "missing": []}
        self._commit([RunFact("unit.started", told)])

    def practise(self, courses: Sequence[Course]) -> None:
        """Practise one run, told as the screen tells it."""
        course = self._dice.choice(courses)
        run, now = self.journal.next_run(), utc_ms()
        record = self._learner.run(course, self._number, now, self._records, retest=False)
        self._number += 1
        self._records = [*self._records[-19:], record]
        self._commit(run_facts(record, run, f"{self._seed:016x}", "simulated", STEP_MS))

    def _commit(self, facts: Sequence[RunFact]) -> None:
        self.journal.submit(Batch(utc_ms(), facts=tuple(facts)))
        self.journal.commit_now()

    def turn(self) -> None:
        """Move bytes for a moment; let go of what is acknowledged."""
        self.agent.turn(0)

    def waiting(self) -> int:
        """Return the number of facts that the office has not acknowledged."""
        return sum(lane.backlog()[0] for lane in self.agent.lanes)

    def close(self) -> None:
        """Say goodbye in order."""
        self.agent.close()
        self.journal.close()


def courses() -> list[Course]:
    """Return what is practised: each lesson in its machine's first skin."""
    found = []
    for machine, wanted in LESSONS:
        lesson = next(one for one in machine_loader.lessons(machine) if one.id == wanted)
        found.append(Course(machine, lesson, next(iter(machine_loader.skins(machine)))))
    return found


def run(units: Sequence[SimulatedUnit], every_s: float, seconds: float, stop: list[int]) -> int:
    """Practise for so long (0: until stopped), then wait until the office has all; how many runs there were.

    Each unit's next run comes after a random while of `every_s` on average.
    """
    taught, dice, runs = courses(), random.Random(0), 0
    began = time.monotonic()
    due = {n: began + dice.uniform(0, every_s) for n in range(len(units))}
    while not stop:
        now = time.monotonic()
        over = 0 < seconds <= now - began
        if over and not any(unit.waiting() for unit in units):
            break
        for n, unit in enumerate(units):
            if not over and now >= due[n]:
                due[n] = now + dice.expovariate(1 / every_s)
                unit.practise(taught)
                runs += 1
            unit.turn()
        time.sleep(0.01)
    return runs


def shares(units: int, files: int) -> list[range]:
    """Return which units each process has where one may have so many files open: as few processes as can be."""
    count = max(1, -(-units // max(1, (files - OWN_FILES) // FILES_A_UNIT)))
    return [range(units * n // count, units * (n + 1) // count) for n in range(count)]


def _simulate(chosen: argparse.Namespace, numbers: range) -> int:
    """Run these units of what was asked for, until they are through or this process is told to end; how many runs."""
    stop: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda signum, _frame: stop.append(signum))
    host, _, port = chosen.broker.rpartition(":")
    broker = msgspec.convert({"host": host, "port": int(port)}, BrokerSettings)
    with tempfile.TemporaryDirectory(prefix="kiosk-simulate-") as scratch:
        folder = chosen.state or Path(scratch)
        names = ((n, f"{chosen.site}-{n:04d}") for n in numbers)
        units = [
            SimulatedUnit(AgentSettings(AgentUnitTable(name, chosen.site), broker), folder / name, n)
            for n, name in names
        ]
        try:
            return run(units, chosen.every, chosen.seconds, stop)
        finally:
            for unit in units:
                unit.close()


def _simulate_side_by_side(chosen: argparse.Namespace, parts: Sequence[range]) -> int:
    """Run each part in a process of its own, since what may be open is a process's; a signal is handed on."""
    context = multiprocessing.get_context("spawn")
    told = context.SimpleQueue()
    children = [context.Process(target=_simulate_part, args=(chosen, part, told)) for part in parts]

    def hand_on(_signum: int, _frame: object) -> None:
        for child in children:
            child.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, hand_on)
    for child in children:
        child.start()
    for child in children:
        child.join()
    failed = sum(child.exitcode != 0 for child in children)
    if failed:
        raise ValueError(f"{failed} of {len(children)} processes of simulated units failed; see above")
    return sum(told.get() for _ in children)


def _simulate_part(chosen: argparse.Namespace, numbers: range, told: SimpleQueue[int]) -> None:
    _let_open_many_files()
    told.put(_simulate(chosen, numbers))


def _let_open_many_files() -> int:
    """Take all that this user may open, which is how many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def main(name: str, arguments: Sequence[str]) -> int:
    """Run `kiosk simulate --units N --broker HOST:PORT [--site ID] [--every S] [--seconds S] [--state DIR]`, or `kiosk
    simulate --history 52w --units N [--site ID] [--runs N] [--state DIR | --database URL]`.

    Returns:
        The exit code: 0.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="Many units over real MQTT, without screens.")
    parser.add_argument("--units", type=int, default=20, metavar="N")
    parser.add_argument("--broker", default="127.0.0.1:1883", metavar="HOST:PORT")
    parser.add_argument("--site", default="simulated", metavar="ID")
    parser.add_argument("--every", type=float, default=60.0, metavar="S", help="between a unit's runs, on average")
    parser.add_argument("--seconds", type=float, default=0.0, metavar="S", help="then wait for the office and end")
    parser.add_argument("--state", type=Path, metavar="DIR", help="keep the units' files here (default: nowhere)")
    parser.add_argument("--history", type=weeks_of, metavar="WEEKS", help="write a past, 52w, into a sample office")
    parser.add_argument(
        "--runs", type=int, metavar="N", help="of that past (default: one a unit and week, at most 200000)"
    )
    parser.add_argument("--database", metavar="URL", help="the office's PostgreSQL (default: office.db in --state)")
    chosen = parser.parse_args(arguments)
    if chosen.history:
        return history.main(chosen)
    parts = shares(chosen.units, _let_open_many_files())
    runs = _simulate(chosen, parts[0]) if len(parts) == 1 else _simulate_side_by_side(chosen, parts)
    print(f"{chosen.units} units, {runs} runs")
    return 0
