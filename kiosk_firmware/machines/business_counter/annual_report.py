"""The figures of a business counter, and the one judgement that needs the calendar: when a yearly report is taken.

The report of a year is handed in from 1 January to 30 June of the next (shared reference, section b6). Who is late is
noted as abnormal, hands it in afterwards and asks to be taken off the list: late is not the end.
"""

from __future__ import annotations

import datetime

from kiosk_firmware.kits.counter.state import EPOCH, CounterRules, State


class Rules(CounterRules, frozen=True):
    """A business counter's own figures: days, months, fen. Sources stand in rulepack.toml."""

    name_days: int
    review_days: int
    mend_days: int
    permit_days: int
    seal_fen: int
    trade_chars: int
    report_from_month: int
    report_to_month: int
    free_month_fen: int
    sales_most_fen: int


def in_season(rules: Rules, state: State) -> str:
    """Return "" in the months of the yearly report, otherwise "report_closed"."""
    month = (EPOCH + datetime.timedelta(days=state.day)).month
    return "" if rules.report_from_month <= month <= rules.report_to_month else "report_closed"


JUDGES = {"in_season": in_season}
