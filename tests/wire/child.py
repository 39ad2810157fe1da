"""A real agent or collector that kills itself, as by `kill -9`, at a named point; and a journal that writes on."""

from __future__ import annotations

import itertools
import logging
import os
import secrets
import signal
import sys
import threading
from pathlib import Path

from tests.wire.rig import settings


def crash(point: str, count: int):
    left = [count]

    def at(name: str) -> None:
        if name == point:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return at


def write_on(folder: Path, stop: threading.Event) -> None:
    """The screen's journal under a person who never rests; what was said to be durable is noted in `promised`."""
    from kiosk_firmware.unit.runtime.journal import Journal
    from kiosk_firmware.unit.runtime.run_facts import RunFact
    from kiosk_firmware.unit.runtime.transition_batch import Batch

    life = secrets.token_hex(4)
    state = folder / "state"
    journal = Journal(state / "screen.db", "jia-atm-01", agent_db=state / "agent.db", group_ms=5)
    journal.start()
    with (folder / "promised").open("a", buffering=1) as promised:
        for n in itertools.count():
            fact = RunFact("noise.counted", {"at": "gate", "kind": f"{life}-{n}", "count": n})
            journal.submit(Batch(n, facts=(fact,)), lambda durable, n=n: promised.write(f"{life}-{n}\n"))
            if stop.wait(0.004):
                break
        journal.close()


def main() -> None:
    name, folder, port, point, count, where = sys.argv[1:]
    logging.basicConfig(level=logging.INFO)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    ours = settings(int(port))
    if name == "screen":
        write_on(Path(folder), stop)
        return
    if name == "collector":
        from kiosk_firmware.office.ingest.collector import collect
        from kiosk_firmware.office.shared_state import SharedState

        office = where or Path(folder) / "office" / "office.db"
        collect(ours.broker, office, SharedState(), stop, crash(point, int(count)))
    else:
        from kiosk_firmware.unit.agent.main import Agent

        agent = Agent(ours, Path(folder) / "state", crash(point, int(count)))
        while not stop.is_set():
            agent.turn()
        agent.close()


if __name__ == "__main__":
    main()
