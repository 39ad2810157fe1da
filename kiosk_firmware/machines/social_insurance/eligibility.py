"""Decide what the window decides by figures about a pension (whether it is time, whether enough was paid), and what it
works out: a month's payment at a base of one's own.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from kiosk_firmware.kits.counter.state import EPOCH, State
from kiosk_firmware.machines.social_insurance.dated_figures import Rules


def not_yet(rules: Rules, state: State) -> str:
    """Return whether the age is not reached; sex and month of birth stand in the ID number (GB 11643-1999)."""
    today = EPOCH + datetime.timedelta(days=state.day)
    born = int(state.owner[6:10]), int(state.owner[10:12])
    due = rules.retires(born, woman=int(state.owner[16]) % 2 == 0)
    return "not_yet" if today.year * 12 + today.month - 1 < due else ""


def too_few(rules: Rules, state: State) -> str:
    """Return whether fewer years were paid than somebody who retires this year must have."""
    year = (EPOCH + datetime.timedelta(days=state.day)).year
    paid = 12 * int(dict(state.fields).get("years") or 0)
    return "too_few" if paid < rules.least(year) else ""


def monthly(rules: Rules, state: State) -> Mapping[str, int]:
    """Return what the base on the form (yuan) costs a month, and how much of it is one's own."""
    base_fen = 100 * int(dict(state.fields).get("wage") or 0)
    return {"base_fen": base_fen, "month_fen": rules.pay(base_fen), "month_own_fen": rules.own(base_fen)}


JUDGES: Mapping[str, Callable[[Any, State], str]] = {"not_yet": not_yet, "too_few": too_few}
WORKINGS: Mapping[str, Callable[[Any, State], Mapping[str, int]]] = {"monthly": monthly}
