"""A small application in a process of its own, to be killed: `python -m tests.hardware.app_process DIR`.

Reads JSON lines: an effect, {"expect": [...]} or {"found": true}; writes every event as a JSON line, `CabinetFound`
among them.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import msgspec

from hardware.cabinet.cabinet import Cabinet
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import HardwareSettings, full_cabinet
from kiosk_firmware.core.effects import AnyEffect


class Order(msgspec.Struct, omit_defaults=True):
    """What is not an effect."""

    expect: tuple[str, ...] | None = None
    found: bool = False


def main() -> None:
    """Serve until the input ends, or until killed."""
    gate = threading.Lock()

    def post(event):
        with gate:
            sys.stdout.write(msgspec.json.encode(event).decode() + "\n")
            sys.stdout.flush()

    cabinet = Cabinet(HardwareSettings(full_cabinet(quick=True), MoneyChannels(), str(Path(sys.argv[1]))), post)
    cabinet.start()
    cabinet.begin(lambda document: [document.title.key], None, pins_fresh=False)
    for line in sys.stdin:
        if '"type"' in line:
            cabinet.perform(msgspec.json.decode(line, type=AnyEffect))
            continue
        order = msgspec.json.decode(line, type=Order)
        if order.expect is not None:
            cabinet.expect(order.expect)
        if order.found:
            post(cabinet.found())
    cabinet.stop()


if __name__ == "__main__":
    main()
