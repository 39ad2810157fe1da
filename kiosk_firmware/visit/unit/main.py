"""`kiosk visit --unit UNIT.toml --state DIR [--run DIR]`: real visit, for as long as it lasts.

The screen starts it by the file `calls/start` in the state folder, which holds the visit's number; what the office
said of that visit lies beside it (`calls/<visit>.json`), where the agent put it. Killed or cut off, it is started
again the same way and goes on with what was left. Exit codes: 0 the visit is over, or was left to go on; 2 there is
none.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from collections.abc import Sequence
from pathlib import Path

from kiosk_firmware.settings import unit_toml
from kiosk_firmware.system.state_folders import calls_folder
from kiosk_firmware.visit.unit.visit_process import VisitProcess
from kiosk_firmware.visit.wire import talk_time_log

log = logging.getLogger(__name__)


def main(name: str, arguments: Sequence[str]) -> int:
    """See the file's head.

    Raises:
        ValueError: unit.toml is wrong, or no visit is to begin; says which file, key, value.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="A real visit by video.")
    parser.add_argument("--unit", type=Path, required=True, metavar="UNIT.toml")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="the screen process's folder")
    parser.add_argument("--run", type=Path, metavar="DIR", help="in memory, for pictures on their way to the screen")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    for chatty in ("aioice", "aiortc"):  # each address and each try, of others' networks too
        logging.getLogger(chatty).setLevel(logging.WARNING)
    devices = unit_toml.read_settings(chosen.unit).devices
    folder = calls_folder(chosen.state)
    invited = talk_time_log.read_invitation(folder, talk_time_log.read_start(folder))
    roof = VisitProcess(invited, folder, chosen.run or folder, devices)
    asyncio.run(_run(roof))
    return 0


async def _run(roof: VisitProcess) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, roof.stop)
    log.info("the visit is over: %s", await roof.run() or "it goes on when it is started again")
