"""The office as a process, with names as the catalogue would give them."""

from __future__ import annotations

import sys

from kiosk_firmware.office.fleet.display_names import DisplayNames
from kiosk_firmware.office.process.server import main

NAMES = DisplayNames(
    machines={"atm": {"zh": "取款机", "en": "Cash machine"}, "rail": {"zh": "火车票", "en": "Railway tickets"}},
    lessons={"atm/withdraw-100": {"zh": "取 100 元", "en": "Take 100 yuan"}},
    sites={"jia": {"zh": "甲监", "en": "Site A"}},
)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], NAMES))
