"""Decide what the medical insurance office decides by the calendar: whether the period is open, and whether the release
is so recent that nobody has to wait.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from kiosk_firmware.kits.counter.state import EPOCH, State
from kiosk_firmware.machines.medical_insurance.dated_figures import Rules


def is_closed(rules: Rules, state: State) -> str:
    """Return whether the next year cannot be paid in this month."""
    month = (EPOCH + datetime.timedelta(days=state.day)).month
    return "" if rules.period_from <= month <= rules.period_to else "closed"


def not_spared(rules: Rules, state: State) -> str:
    """Return whether the day of release on the form is ahead, or too long ago to be spared the wait."""
    said = dict(state.fields).get("out", "")
    out = datetime.date(int(said[:4]), int(said[4:6]), int(said[6:]))
    days = state.day - (out - EPOCH).days
    return "ahead" if days < 0 else "too_late" if days > rules.exempt_days else ""


JUDGES: Mapping[str, Callable[[Any, State], str]] = {"closed": is_closed, "not_spared": not_spared}
