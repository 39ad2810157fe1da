"""`kiosk lessons check [MACHINE]` and `kiosk rulepack check [MACHINE]`: is what authors wrote fit for learners?

What is wrong comes as lines "file: lesson or pack: key = value: what is allowed", and the exit code is 1. What is right
is listed too: how many steps each lesson takes on each skin, and until when each pack may be trusted.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Sequence

from kiosk_firmware import catalogue
from kiosk_firmware.authors import lessons, packs


def main(name: str, arguments: Sequence[str]) -> int:
    """`name` is `lessons` or `rulepack`; see the file's head. Returns 0, or 1 where something is wanting.

    Raises:
        LookupError: there is no such machine.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="say what is wrong and what is right")
    check.add_argument("machine", nargs="?", help="default: all machines")
    if name == "rulepack":
        check.add_argument("--on", type=datetime.date.fromisoformat, metavar="DATE", help="as if it were that day")
    chosen = parser.parse_args(arguments)
    wanted = [catalogue.entry(chosen.machine)] if chosen.machine else list(catalogue.describe())
    wrong: list[str] = []
    for entry in wanted:
        wrong += check_lessons(entry.id) if name == "lessons" else check_packs(entry.id, chosen.on)
    for line in wrong:
        print(f"✗ {line}")
    print(f"{len(wrong)} wanting" if wrong else "all is well")
    return 1 if wrong else 0


def check_lessons(machine: str) -> list[str]:
    """Print what each lesson takes; returns what is wrong. A lesson that is wrongly written is not tried."""
    wrong = lessons.written_wrong(machine)
    if wrong:
        return wrong
    for trial in lessons.trials(machine):
        told = f"{trial.steps} steps, {trial.acts} acts" if trial.steps else "no way"
        print(f"  {machine} · {trial.skin} · level {trial.level} · {trial.lesson}: {told}", flush=True)
        wrong += trial.wrong
    return wrong


def check_packs(machine: str, on: datetime.date | None) -> list[str]:
    """Print how long each pack may be trusted; returns what is wrong. `on`: the day it is (default: today)."""
    today = on or datetime.datetime.now(catalogue.UTC8).date()
    for pack in catalogue.packs(machine).pack:
        print(f"  {machine} · {pack.id}: checked on {pack.checked_on}, to be reviewed by {pack.review_by}")
    return packs.wrong(machine, today)
