"""Define what a deployment decides about real visits: `[visits]` of office.toml. Everything has a usual value.

    [visits]
    answer_days = 3                       # working days until the answer, then tell_days until the family knows
    weekdays = [1, 3]                     # 0 Monday: when visits are offered
    minutes_of_day = [570, 870]           # from midnight, on the half hour
    keep_days = 90                        # a recording goes after so many days, and its key with it
    turn = ["turn:10.1.0.5:3478?transport=udp"]
    turn_secret_file = "/etc/kiosk/turn.secret"

    [[visits.holidays]]                   # a year that is not shipped (visits/holidays.toml), or in its place
    valid_from = 2027-01-01
    until = 2027-12-31
    source = "the notice, its date, where it was read"
    off = [[2027-01-01, 2027-01-03]]      # first and last day
    worked = [2027-01-09]                 # Saturdays and Sundays

The figures are those that the practice visit has (`machines/visit/rulepack.toml`), with the same meaning and sources.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from kiosk_firmware.visit.domain.calendar import Workdays
from kiosk_firmware.visit.office.public_holidays import HolidayNotice, workdays
from kiosk_firmware.visit.wire.messages import CallRules

MINUTE_MS = 60_000
Days = Annotated[int, msgspec.Meta(ge=0, le=30)]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=240)]
HalfHour = Annotated[int, msgspec.Meta(ge=0, le=1410, multiple_of=30)]
Relay = Annotated[str, msgspec.Meta(pattern=r"^turns?:[\w.:\[\]-]+(\?transport=(udp|tcp))?$")]


class VisitPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table; `visit.domain.decisions.VisitRules` reads its first half."""

    people_most: Annotated[int, msgspec.Meta(ge=1, le=3)] = 3
    answer_days: Days = 3
    tell_days: Days = 2
    early_min: Minutes = 30
    """Minutes before the visit from which both sides may sign in."""
    late_min: Minutes = 15
    """Who has not signed in so many minutes after its beginning has waived it."""
    kin: tuple[str, ...] = ("parent", "spouse", "child", "sibling")
    proofs: tuple[str, ...] = ("hukou", "kinship_proof", "marriage")
    suspend_months: tuple[tuple[str, int], ...] = (("language", 1), ("words", 2), ("phone", 3), ("recording", 3))
    weekdays: Annotated[tuple[Annotated[int, msgspec.Meta(ge=0, le=6)], ...], msgspec.Meta(min_length=1)] = (1, 3)
    minutes_of_day: Annotated[tuple[HalfHour, ...], msgspec.Meta(min_length=1)] = (570, 600, 630, 870, 900, 930)
    offers: Annotated[int, msgspec.Meta(ge=1, le=16)] = 6
    """How many times are offered at once: no more than a page of the family's station holds."""
    holidays: tuple[HolidayNotice, ...] = ()
    """Of years that are not shipped, or where the place has days of its own."""

    minutes: Annotated[int, msgspec.Meta(ge=1, le=30)] = 30
    """Of talk; a visit takes one half hour of unit and station."""
    rests_s: Annotated[int, msgspec.Meta(ge=0, le=1800)] = 300
    """How long a cut line may rest the clock (0: it runs on)."""
    back_s: Annotated[int, msgspec.Meta(ge=10, le=1800)] = 300
    """A cut that lasts longer ends the visit."""
    rest_again: bool = True
    """What a cut line left of a visit is offered again: the month is not used up."""
    rest_least_s: Annotated[int, msgspec.Meta(ge=0, le=1800)] = 60
    """Less than this is not worth another visit."""
    recorded: bool = True
    watched: bool = True
    """An officer may be there unseen. Both are said to both sides before anybody speaks."""
    review_days: Annotated[int, msgspec.Meta(ge=0, le=30)] = 2
    """A visit is listened to within so many days."""
    keep_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 90
    turn: tuple[Relay, ...] = ()
    """Relays within the authority's network; no other address is ever given to anybody."""
    turn_secret_file: str = ""

    @property
    def workdays(self) -> Workdays:
        """By which the days until an answer are counted, and on which no visit is offered."""
        return workdays(self.holidays)

    def rules(self, seconds: int = 0) -> CallRules:
        """Return what the unit keeps; `seconds`: of talk where it is the rest of an earlier visit."""
        return CallRules(
            seconds or self.minutes * 60,
            self.late_min * 60,
            self.rests_s,
            self.back_s,
            self.recorded,
            self.watched,
            self.early_min * 60,
        )
