"""What the window decides by figures about a pension: whether it is time, and whether enough was paid."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from kiosk_firmware.kits.counter.state import EPOCH, State
from kiosk_firmware.machines.social_insurance.figures import Rules


def not_yet(rules: Rules, state: State) -> str:
    """Whether the age is not reached; sex and month of birth stand in the ID number (GB 11643-1999)."""
    today = EPOCH + datetime.timedelta(days=state.day)
    born = int(state.owner[6:10]), int(state.owner[10:12])
    due = rules.retires(born, woman=int(state.owner[16]) % 2 == 0)
    return "not_yet" if today.year * 12 + today.month - 1 < due else ""


def too_few(rules: Rules, state: State) -> str:
    """Whether fewer years were paid than somebody who retires this year must have."""
    year = (EPOCH + datetime.timedelta(days=state.day)).year
    paid = 12 * int(dict(state.fields).get("years") or 0)
    return "too_few" if paid < rules.least(year) else ""


JUDGES: Mapping[str, Callable[[Any, State], str]] = {"not_yet": not_yet, "too_few": too_few}
