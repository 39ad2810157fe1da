"""Generated mutants of money and paper: of every machine each ask, refund and piece one more or less, each paper twice.

Nobody lists them (`money.py`): what a machine does in its small worlds is broken, and a promise must notice.
"""

from __future__ import annotations

import pytest

from kiosk_firmware.catalogue import machine_loader
from tests.mutants import money

FEW = 500
"""In short: situations of each honest walk."""
MACHINES = [line.id for line in machine_loader.describe()]
PRICED = {"atm", "rail", "metro-ticket", "payment", "social"}
"""Where money moves in the first situations already; elsewhere there may be papers only."""


def uncaught(machine: str, walked: int) -> tuple[int, list[str]]:
    """How many mutants there are, and those that no promise notices."""
    found = money.generated(machine, walked)
    missed = [name for name, (make, at) in found.items() if not any(money.caught(make, one) for one in at)]
    return len(found), missed


@pytest.mark.parametrize("machine", MACHINES)
def test_money_and_papers_that_are_wrong_are_noticed(machine: str, long: bool) -> None:
    count, missed = uncaught(machine, money.WALKED if long else FEW)
    print(f"{machine}: {count} mutants, {len(missed)} not caught")
    assert count or machine not in PRICED, "nothing moves any more: the test proves nothing"
    assert not missed
