"""`python -m hardware.emulators --state DIR [--unit unit.toml]`: all twins of a unit in a process of their own.

Serial twins stand on ptys at the names that unit.toml gives their ports, in DIR; the twins on pins join DIR/pins.sock
as soon as the application listens there; DIR/twins.sock is the control socket. Ends on SIGTERM or SIGINT, keeping the
state in DIR/twins.json, where `--fresh` ignores what an earlier process kept. Without `--unit` there is one of
everything. Exit codes: 0 ended, 2 wrong use.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from hardware.emulators.host import Control
from hardware.emulators.twins import Twins
from hardware.settings import Devices, Money, full_cabinet

SOCKET, KEPT = "twins.sock", "twins.json"


def read(unit: Path | None) -> tuple[Devices, Money]:
    """The two tables that twins are made from.

    Raises:
        ValueError: a key or value that is not allowed; names file and key.
    """
    if unit is None:
        return full_cabinet(), Money()
    try:
        tables: dict[str, Any] = tomllib.loads(unit.read_text(encoding="utf-8"))
        return msgspec.convert(tables.get("devices", {}), Devices), msgspec.convert(tables.get("money", {}), Money)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"{unit}: {error}") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to end."""
    parser = argparse.ArgumentParser(prog="hardware.emulators", description="The twins of a unit's devices.")
    parser.add_argument("--state", type=Path, required=True, help="folder for ptys and sockets")
    parser.add_argument("--unit", type=Path, help="unit.toml; without it one of everything")
    parser.add_argument("--fresh", action="store_true", help="begin with empty boxes")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        devices, money = read(chosen.unit)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    twins = Twins(devices, money, chosen.state)
    kept = chosen.state / KEPT
    if kept.exists() and not chosen.fresh:
        twins.restore(json.loads(kept.read_text(encoding="utf-8")))
    control = Control(twins, chosen.state / SOCKET, kept)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: control.stop())
    control.run()
    twins.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
