"""The dated figures of the social insurance window, and what follows from them.

A flexible worker pays a share of a base that is chosen between 60 and 300 % of the average wage; a part of it goes to
the personal account. Shares are percent, sums fen a month unless their name says otherwise.
"""

from __future__ import annotations

from kiosk_firmware.kits.counter.state import CounterRules


class Rules(CounterRules, frozen=True):
    """The window's own figures: the average wage a month, shares and bounds in percent, the grades of the resident
    pension a year, fees, days and months. `rise_year`: the first year in which the least time of paying grows, by
    `rise_months` each year up to `most_months`. `delay_year`: the first in which the age of retirement grows (0: not).
    Sources stand in rulepack.toml.
    """

    wage_fen: int
    pay_percent: int
    own_percent: int
    low_percent: int
    high_percent: int
    grade_low_fen: int
    grade_middle_fen: int
    grade_high_fen: int
    card_fen: int
    card_days: int
    least_months: int
    most_months: int
    rise_year: int
    rise_months: int
    man_years: int
    woman_years: int
    delay_year: int
    delay_months: int
    delay_every: int
    benefit_months: int

    @property
    def base_low_fen(self) -> int:
        """The lowest base."""
        return self.wage_fen * self.low_percent // 100

    @property
    def base_high_fen(self) -> int:
        """The highest base."""
        return self.wage_fen * self.high_percent // 100

    @property
    def low_fen(self) -> int:
        """A month at the lowest base."""
        return self.pay(self.base_low_fen)

    @property
    def low_own_fen(self) -> int:
        """Of it, into the personal account."""
        return self.own(self.base_low_fen)

    @property
    def middle_fen(self) -> int:
        """A month at the average wage."""
        return self.pay(self.wage_fen)

    @property
    def middle_own_fen(self) -> int:
        """Of it, into the personal account."""
        return self.own(self.wage_fen)

    @property
    def high_fen(self) -> int:
        """A month at the highest base."""
        return self.pay(self.base_high_fen)

    @property
    def high_own_fen(self) -> int:
        """Of it, into the personal account."""
        return self.own(self.base_high_fen)

    @property
    def least_years(self) -> int:
        """The least time of paying before it begins to grow, in years."""
        return self.least_months // 12

    @property
    def most_years(self) -> int:
        """The least time of paying when it has grown, in years."""
        return self.most_months // 12

    def pay(self, base_fen: int) -> int:
        """Return a month's payment at that base, in fen."""
        return base_fen * self.pay_percent // 100

    def own(self, base_fen: int) -> int:
        """Return its part for the personal account, in fen."""
        return base_fen * self.own_percent // 100

    def least(self, year: int) -> int:
        """Return the months that must have been paid by a person who retires in that year."""
        rises = max(0, year - self.rise_year + 1) if self.rise_year else 0
        return min(self.most_months, self.least_months + rises * self.rise_months)

    def retires(self, born: tuple[int, int], woman: bool) -> int:
        """Return the month of retirement, counted from the year 0, of somebody born in that year and month: for each
        `delay_every` months after the delay began, a month later, and no more than `delay_months`.
        """
        due = born[0] * 12 + born[1] - 1 + 12 * (self.woman_years if woman else self.man_years)
        late = due - 12 * self.delay_year
        if not self.delay_year or late < 0:
            return due
        return due + min(self.delay_months, late // self.delay_every + 1)
