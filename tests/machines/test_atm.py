"""The cash machine's fee, held to its source: nothing, ¥4 in the same city, ¥4 and 0.5 % (at most ¥50) from another."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.machines.atm.rules_withdraw import fee

OWN, OTHER, FAR = "9900550000005528", "9900660000001234", "9900440000003366"
CASES = [(OWN, 2000, 0), (OTHER, 2000, 400), (FAR, 100, 450), (FAR, 600, 700), (FAR, 9100, 4950), (FAR, 9200, 5000)]


@pytest.mark.parametrize(("card", "yuan", "fen"), [*CASES, (FAR, 9300, 5000)])
def test_a_withdrawal_costs_what_the_source_says(card: str, yuan: int, fen: int) -> None:
    machine: Any = machine_loader.load("atm", "rongjiang").machine
    assert fee(machine.terms, card, yuan * 100) == fen
