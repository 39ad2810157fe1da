"""The dated figures of the medical insurance window, and how long who joins late has to wait.

Who joins outside the collection period waits a fixed time, and longer for each year that was missed; who has just been
released may be spared, by a local rule. Sums in fen, a month unless said otherwise.
"""

from __future__ import annotations

from kiosk_firmware.kits.counter.state import CounterRules


class Rules(CounterRules, frozen=True):
    """The window's own figures. `resident_fen`: a year of the resident scheme; `period_from` and `period_to`: months in
    which the next year is paid; `exempt_days`: after release, joining without a wait (0: no such rule here);
    `wait_months`, one more `year_months` for each missed year, `gap_months` at least after `gap_years` (0: never); the
    employee scheme's share of the base, the average wage and the lowest base in percent. Sources: rulepack.toml.
    """

    resident_fen: int
    period_from: int
    period_to: int
    exempt_days: int
    wait_months: int
    year_months: int
    gap_years: int
    gap_months: int
    wage_fen: int
    low_percent: int
    employee_percent: int
    own_percent: int

    @property
    def wait_none(self) -> int:
        """Months to wait if no year was missed."""
        return self.wait(0)

    @property
    def wait_two(self) -> int:
        """Months to wait after two missed years."""
        return self.wait(2)

    @property
    def wait_four(self) -> int:
        """Months to wait after four missed years."""
        return self.wait(4)

    @property
    def employee_fen(self) -> int:
        """A month of the employee scheme at the lowest base."""
        return self.wage_fen * self.low_percent * self.employee_percent // 10_000

    @property
    def employee_own_fen(self) -> int:
        """Of it, into the personal account."""
        return self.wage_fen * self.low_percent * self.own_percent // 10_000

    def wait(self, missed: int) -> int:
        """Return the months from joining until it pays, for a person who missed so many years."""
        months = self.wait_months + missed * self.year_months
        return max(months, self.gap_months) if self.gap_years and missed >= self.gap_years else months
