"""The screen process: window, devices, journal; no network.

`kiosk run --unit UNIT.toml --state DIR` opens the glass and takes the wires; without such a file, or while its office
wants it trusted first, it is set up on the glass (`commissioning`). `--offscreen` needs no display;
`--panel` puts the front panel of the twins beside the glass (a desk, the demo); `--hand` lets tests press keys by
name. Exit code 70 asks whoever watches (systemd, the demo) to start it again at once.

What the first frame does not need comes after it: devices are opened while the first page already stands.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.system.state_folders import screen_folder, shared_folder
from kiosk_firmware.unit.agent import config_rollout, log_lines
from kiosk_firmware.unit.identity import status_file
from kiosk_firmware.unit.shell.environment import BLANK
from kiosk_firmware.unit.shell.window import ScreenWindow


def main(name: str, arguments: Sequence[str]) -> int:
    """See the file's head. Returns the unit's exit code.

    Raises:
        ValueError: unit.toml is wrong; says file, key, value, what is allowed.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="The screen process of this unit.")
    parser.add_argument("--unit", type=Path, required=True, metavar="UNIT.toml")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="what must outlive the process")
    parser.add_argument("--offscreen", action="store_true", help="no display: draw where only pictures see it")
    parser.add_argument("--panel", action="store_true", help="the twins' front panel beside the glass")
    parser.add_argument("--hand", type=Path, metavar="SOCKET", help="let tests press keys by name")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the glass, 1.0 = 1280x800")
    parser.add_argument("--template", type=Path, metavar="FILE", help="a unit.toml to set a blank unit up like")
    parser.add_argument("--ports", type=Path, metavar="DIR", help="set up with the twins' ports in DIR, as on a desk")
    parser.add_argument("--run", type=Path, metavar="DIR", help="in memory: a visit's pictures (default: STATE/calls)")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s", stream=sys.stderr)
    for noisy in ("kivy", "escpos", "PIL"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    chosen.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    log_lines.keep(screen_folder(chosen.state), "screen")
    config_rollout.begin(chosen.unit, chosen.state)
    if not chosen.unit.exists() or (shared_folder(chosen.state) / BLANK).exists() or status_file.bars(chosen.state):
        from kiosk_firmware.unit.shell.commissioning_window import (
            CommissioningWindow,  # a unit in service never needs it
        )

        return CommissioningWindow(chosen).run()
    return ScreenWindow(unit_settings.read_settings(chosen.unit), chosen).run()
