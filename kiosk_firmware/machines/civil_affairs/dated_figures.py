"""The dated figures of the civil affairs window."""

from __future__ import annotations

from kiosk_firmware.kits.counter.state import CounterRules


class Rules(CounterRules, frozen=True):
    """Sums in fen, days, months, years of age; `line_fen`: the local subsistence line, a person and month;
    `marriage_book`: 1 where a marriage needs the household book and is registered at home only. Sources stand in
    rulepack.toml.
    """

    urgent_fen: int
    urgent_days: int
    line_fen: int
    notice_days: int
    allowance_days: int
    transitional_months: int
    transitional_days: int
    man_years: int
    woman_years: int
    marriage_book: int
