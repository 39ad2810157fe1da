"""A real agent or collector process that kills itself, as by `kill -9`, at a named point."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from pathlib import Path

from tests.telemetry.rig import settings


def crash(point: str, count: int):
    left = [count]

    def at(name: str) -> None:
        if name == point:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return at


def main() -> None:
    name, folder, port, point, count = sys.argv[1:]
    logging.basicConfig(level=logging.INFO)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    ours = settings(int(port))
    if name == "collector":
        from kiosk_firmware.office.collector import collect
        from kiosk_firmware.office.desk import Desk

        collect(ours.broker, Path(folder) / "office" / "office.db", Desk(), stop, crash(point, int(count)))
    else:
        from kiosk_firmware.agent import Agent

        agent = Agent(ours, Path(folder) / "state", crash(point, int(count)))
        while not stop.is_set():
            agent.turn()
        agent.close()


if __name__ == "__main__":
    main()
