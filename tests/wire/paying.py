"""A unit that hands out money all day, as a process that may be killed: `tests.wire.paying FOLDER CASES SEED`.

The rules, the engine and the journal are the real ones; the devices are `payback_rig.FarEnd`, which outlives us: what
it did is in a file before anybody of ours hears of it. A life takes up what the one before was torn from. What became
of each run lies in `FOLDER/runs`, for whoever compares it with what the office was told.
"""

from __future__ import annotations

import itertools
import pickle
import random
import secrets
import signal
import sys
import threading
from pathlib import Path
from typing import Any, NamedTuple

from kiosk_firmware.core.events import AnyEvent, CabinetFound
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import Batch
from tests.unit.runtime import payback_rig
from tests.unit.runtime import rig as r

STEP_S = 0.004
UNIT = "jia-atm-01"


class Ending(NamedTuple):
    """A run and its devices; `world`: what the run believed in the end. None: it ended while we were killed."""

    run: str
    case: payback_rig.Payback
    far: payback_rig.FarEnd
    world: Any


class _Clock(r.Clock):
    """Time in steps for the pages, and the real one for facts."""

    def utc_ms(self) -> int:
        return utc_ms()


class _Cabinet(payback_rig.Cabinet):
    """Devices that did something have done it, whatever becomes of us: `kept` writes them down first."""

    kept: Any = staticmethod(lambda: None)

    def found(self) -> CabinetFound:
        found = super().found()
        self.kept()
        return found

    def tick(self) -> None:
        super().tick()
        self.kept()

    def hand(self, event: AnyEvent) -> None:
        super().hand(event)
        self.kept()

    def do(self, effect: Any) -> AnyEvent:
        answer = super().do(effect)
        self.kept()
        return answer


class Paying(payback_rig.Unit):
    """The unit with files of a real one."""

    cabinets = _Cabinet

    def made_journal(self) -> Journal:
        return Journal(self.path, UNIT, agent_db=self.path.parent / "agent.db", utc_ms=utc_ms)


class Day:
    """Runs one after the other, until it is stopped or killed."""

    def __init__(self, folder: Path, cases: list[payback_rig.Payback], seed: int) -> None:
        self.folder, self.cases = folder, cases
        self.dice, self.life, self.number = random.Random(f"{seed} {utc_ms()}"), secrets.token_hex(4), itertools.count()
        (folder / "runs").mkdir(exist_ok=True)
        self.promised = (folder / "promised").open("a", buffering=1)

    def run(self, stop: threading.Event) -> None:
        unit = self._taken_up()
        while not stop.is_set():
            unit = unit or self._begun()
            self._to_its_end(unit, stop)
            unit.journal.close()
            unit = None

    def _unit(self, case: payback_rig.Payback, far: payback_rig.FarEnd) -> Paying:
        unit = Paying(self.folder / "state" / "screen.db", case, far, _Clock())
        unit.cabinet.kept = lambda: self._keep(unit)
        return unit

    def _keep(self, unit: Paying) -> None:
        unit.keep()
        unit.far.done.clear()
        run = unit.run.id if unit.run else ""
        self._write("far", Ending(run, unit.case, unit.far, None))

    def _write(self, name: str, what: Ending) -> None:
        new = self.folder / f"{name}.new"
        new.write_bytes(pickle.dumps(what))
        new.replace(self.folder / name)

    def _taken_up(self) -> Paying | None:
        """The run that the last life was torn from; None where there is none, or it ended with that life."""
        path = self.folder / "far"
        if not path.exists():
            return None
        before: Ending = pickle.loads(path.read_bytes())
        before.far.dies()
        unit = self._unit(before.case, before.far)
        found = unit.engine.unfinished()
        if found is None:
            unit.journal.close()
            if not (self.folder / "runs" / before.run).exists():
                self._write(f"runs/{before.run}", before)
            return None
        assert unit.engine.resume(found, unit.loaded, unit.whose), "not taken up again"
        return unit

    def _begun(self) -> Paying:
        far = payback_rig.FarEnd(recycler=self.dice.random() < 0.5)
        unit = self._unit(self.dice.choice(self.cases), far)
        unit.go()
        far.mishap = self.dice.choice([None, ("jams", 1), ("forgets", 1)])
        return unit

    def _to_its_end(self, unit: Paying, stop: threading.Event) -> None:
        unit.keep()
        while unit.engine.run is not None or not unit.engine.ready:
            self._promise(unit.journal)
            if self.dice.random() < 0.05:
                unit.late()
            unit.step()
            if self.dice.random() < 0.5:
                unit.take()
                self._keep(unit)
            if self.dice.random() < 0.1 and unit.engine.run:
                unit.engine.strip("end")
            unit.clock.now += 900
            stop.wait(STEP_S)
        unit.journal.commit_now()
        self._write(f"runs/{unit.run.id}", Ending(unit.run.id, unit.case, unit.far, unit.run.now.world))

    def _promise(self, journal: Journal) -> None:
        """A fact that is noted where nothing is lost, once the journal says that it is durable."""
        name = f"{self.life}-{next(self.number)}"
        fact = RunFact("noise.counted", {"at": "gate", "kind": name, "count": 1})
        journal.submit(Batch(utc_ms(), facts=(fact,)), lambda durable: self.promised.write(f"{name}\n"))


def main() -> None:
    folder, cases, seed = sys.argv[1:]
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    Day(Path(folder), pickle.loads(Path(cases).read_bytes()), int(seed)).run(stop)


if __name__ == "__main__":
    from tests.wire import paying  # what is pickled here is read elsewhere, where we are not `__main__`

    paying.main()
