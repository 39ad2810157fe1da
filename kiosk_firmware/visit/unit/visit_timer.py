"""The half hour of a visit, pure: how much is left, on a clock that only goes forward.

It is held until both talk, runs while they do, and rests while the line is cut, for as long as the rules let it rest in
all; a line that is cut for longer costs the rest of the time. Times are ms; `now` is monotonic.
"""

from __future__ import annotations

from typing import Literal

import msgspec

FIVE_MS, ONE_MS = 5 * 60_000, 60_000
Going = Literal["held", "running", "resting"]


class VisitTimer(msgspec.Struct, frozen=True):
    """left_ms: of talk, at `at_ms`; rest_ms: how long it may still rest; going: what it does since."""

    left_ms: int
    rest_ms: int
    at_ms: int = 0
    going: Going = "held"


def timer_at(clock: VisitTimer, now: int) -> VisitTimer:
    """Return the same clock, read at `now`. A `now` before the last one is the last one."""
    passed = max(0, now - clock.at_ms)
    rested = min(passed, clock.rest_ms) if clock.going == "resting" else 0
    spent = 0 if clock.going == "held" else passed - rested
    return VisitTimer(max(0, clock.left_ms - spent), clock.rest_ms - rested, clock.at_ms + passed, clock.going)


def set_going(clock: VisitTimer, now: int, how: Going) -> VisitTimer:
    """Set what the clock does from `now` on."""
    return msgspec.structs.replace(timer_at(clock, now), going=how)


def is_running(clock: VisitTimer) -> bool:
    """Return whether time is being spent, at the moment that it was read at."""
    return clock.left_ms > 0 and (clock.going == "running" or (clock.going == "resting" and clock.rest_ms == 0))


def warning_between(before: VisitTimer, after: VisitTimer) -> Literal["", "five_left", "one_left"]:
    """Return what is to be said when the clock goes from the one to the other; the later of two."""
    if before.left_ms > ONE_MS >= after.left_ms:
        return "one_left"
    return "five_left" if before.left_ms > FIVE_MS >= after.left_ms else ""
