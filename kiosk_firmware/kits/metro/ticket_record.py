"""Define the record that a metro ticket carries of its journey: the same record for tokens and stored-value cards, kept
on the card.

Gate, ticket machine and service desk share nothing but the card: where a token was sold and for how much, where one
went in and when. It is written with the balance in one block, so a torn write leaves both as they were.

A trip is text, at most 16 signs: `t` or `c` (token, card), then `s009` where a token was sold, or on a card whose fare
is its holder's `s991` (student) or `s992` (seventy and more), or that holds rides by bus `s993`, which no station is
called; then `>s009` the station of an open entry, then `@25fzk` the minute of that entry, or where there is none, of
the sale (minutes since the practised 2020-01-01, UTC+8, in base 36).
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from kiosk_firmware.core.events import Started
from kiosk_firmware.kits.practice_clock import local_day, local_minute

EPOCH_DAY = 18_262
"""2020-01-01, days since 1970."""
_FORM = re.compile(r"(?P<kind>[tc])(?P<sold>s\d{3})?(?:>(?P<entry>s\d{3}))?(?:@(?P<minute>[1-9a-z][0-9a-z]{0,4}))?")
Holder = Literal["", "student", "senior", "times"]
HOLDERS: dict[str, Holder] = {"s991": "student", "s992": "senior", "s993": "times"}
"""In the place of a station of sale, which a card has none of: whose card it is."""
_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Trip(msgspec.Struct, frozen=True):
    """`token` or a stored-value card; a token's station of sale; the station of the entry that is open ("" none); the
    `minute` of that entry, or of a token's sale, since 2020-01-01 (0: not said).
    """

    token: bool
    sold: str = ""
    entry: str = ""
    minute: int = 0

    @property
    def holder(self) -> Holder:
        """Return whose fare a card pays; "" for everybody's, and for tokens."""
        return "" if self.token else HOLDERS.get(self.sold, "")

    def outside(self) -> Trip:
        """Return the card's record with no entry open."""
        return Trip(self.token, self.sold)

    def text(self) -> str:
        """Return the trip as it stands on the card."""
        inside = f">{self.entry}" if self.entry else ""
        when = f"@{_digits(self.minute)}" if self.minute else ""
        return f"{'t' if self.token else 'c'}{self.sold}{inside}{when}"


def parse_trip(text: str) -> Trip | None:
    """Parse the trip that a card carries; None for one that is no metro ticket."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    minute = int(found["minute"], 36) if found["minute"] else 0
    return Trip(found["kind"] == "t", found["sold"] or "", found["entry"] or "", minute)


def minutes(day: int, minute: int) -> int:
    """Return a practised moment (days since 1970, minute of the day) as a card counts it, in minutes."""
    return (day - EPOCH_DAY) * 1440 + minute


def minute_of(started: Started) -> int:
    """Return the run's practised moment, in a card's minutes."""
    return minutes(local_day(started), local_minute(started))


def _digits(n: int) -> str:
    said = ""
    while n:
        n, rest = divmod(n, 36)
        said = _SIGNS[rest] + said
    return said
