"""Reckon what it costs to give a ticket back or to change it, by the rules of the date.

A rate by the time that is left, rounded to half a yuan (a tail below 0.25 is dropped, from 0.75 on it is a whole one),
at least the minimum, never more than the ticket. Source: the railway's published refund rules (REF1, REF2 of the
reference); the figures there are held by the tests.
"""

from __future__ import annotations

import msgspec


class FeeRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`refund_bp`: (hours left at least, rate in basis points), longest first. `festivals`: first and last day (days
    since 1970) of times in which a changed ticket always costs `festival_changed_bp`. Below `change_near_hours` a
    change goes no later than the ticket's day, below `target_hours` to no other place.
    """

    refund_bp: tuple[tuple[int, int], ...]
    refund_round_fen: int
    refund_min_fen: int
    festivals: tuple[tuple[int, int], ...]
    festival_changed_bp: int
    change_near_hours: int
    target_hours: int


WHOLE_BP = 10_000
"""The floor of a ticket that was changed after its train had left: nothing of it comes back."""


def rate_bp(rules: FeeRules, minutes_left: int, floor_bp: int = 0) -> int:
    """Return the refund rate in basis points, at least `floor_bp`."""
    found = next((bp for hours, bp in rules.refund_bp if minutes_left >= hours * 60), rules.refund_bp[-1][1])
    return max(found, floor_bp)


def fee(rules: FeeRules, fen: int, bp: int) -> int:
    """Return the fee on `fen` at that rate: rounded, at least the minimum, at most `fen`; nothing at rate 0."""
    if not bp or not fen:
        return 0
    step = rules.refund_round_fen * 10_000
    rounded = (fen * bp + step // 2) // step * rules.refund_round_fen
    return min(fen, max(rules.refund_min_fen, rounded))


def refund_fee(rules: FeeRules, fen: int, minutes_left: int, day: int, changed: bool = False, floor_bp: int = 0) -> int:
    """Return the fee for giving back a ticket for `day` that cost `fen`, `minutes_left` before it leaves."""
    festive = changed and any(first <= day <= last for first, last in rules.festivals)
    bp = rules.festival_changed_bp if festive else rate_bp(rules, minutes_left, floor_bp)
    return fee(rules, fen, bp)


def floor_after_change(rules: FeeRules, before_min: int, after_min: int) -> int:
    """Return what a refund costs at least after a change: moved from a time that costs something to a free one, the old
    rate stays; after the departure all of it.
    """
    if before_min <= 0:
        return WHOLE_BP
    return rate_bp(rules, before_min) if not rate_bp(rules, after_min) else 0
