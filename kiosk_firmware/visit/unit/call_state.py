"""The course of a visit, pure: what happened in, how it stands out. `now` is monotonic ms; nothing here waits.

Whoever keeps a course gives it what happens and a `Ticked` now and then, and tells the ends when `call_status` differs.

    waiting ──both there, signed──► ready ──heard──► talking ◄──heard── cut
       └─────── late ───────┐        └── late        │  └── nothing heard ──┘ back_s later: over (line)
                            └────────────────────► over ◄── time, one of the ends, an officer

A visit that a power cut parted begins as `cut`, with what was left. While nobody looks, nobody knows whether they talk:
of a longer pause between two looks only `UNSEEN_MS` count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kiosk_firmware.visit.unit import visit_timer as clocks
from kiosk_firmware.visit.unit.visit_timer import VisitTimer
from kiosk_firmware.visit.wire.messages import CallRules, Ending, Notice, Phase

STANDS_MS: Mapping[Notice, int] = {
    "five_left": 20_000,
    "one_left": 20_000,
    "warned": 20_000,
    "teacher_called": 20_000,
    "heard_again": 5_000,
    "line_back": 5_000,
    "moving_again": 3_000,
}
"""How long a notice stands that is no condition."""

UNSEEN_MS = 2_500
"""The most that passes between two looks. They come ten times a second; after a longer pause the process stood still,
and the line with it. As much as a line may be silent before it counts as cut.
"""

Muteable = Literal["unit", "station"]


class Signed(msgspec.Struct, frozen=True):
    """The learner has signed the undertaking."""


class StationHere(msgspec.Struct, frozen=True):
    """The other side is there (has signed), or not any more."""

    here: bool


class Heard(msgspec.Struct, frozen=True):
    """Sound or picture comes from the station (`up`), or has not come for too long."""

    up: bool


class Moving(msgspec.Struct, frozen=True):
    """The station's picture moves, or stands."""

    moving: bool


class Warned(msgspec.Struct, frozen=True):
    """An officer warns both."""


class Muted(msgspec.Struct, frozen=True):
    """An officer mutes an end, or lets it be heard again."""

    end: Muteable
    muted: bool


class TeacherCalled(msgspec.Struct, frozen=True):
    """The learner asked for somebody."""


class Ended(msgspec.Struct, frozen=True):
    """The end of the call."""

    by: Ending


class Ticked(msgspec.Struct, frozen=True):
    """Time has passed."""


Happened = Signed | StationHere | Heard | Moving | Warned | Muted | TeacherCalled | Ended | Ticked


class CallStatus(msgspec.Struct, frozen=True):
    """The state of the call, for the other ends and the screen."""

    phase: Phase
    left_ms: int
    running: bool
    notice: Notice
    end: Ending
    muted: tuple[Muteable, ...] = ()


class CallState(msgspec.Struct, frozen=True):
    """late_at, cut_at: monotonic ms; begun: they have talked; note, note_until: what stands for a while."""

    rules: CallRules
    clock: VisitTimer
    late_at: int
    phase: Phase = "waiting"
    begun: bool = False
    signed: bool = False
    station: bool = False
    moving: bool = True
    muted: frozenset[Muteable] = frozenset()
    cut_at: int = 0
    note: Notice = ""
    note_until: int = 0
    end: Ending = ""


def open_call(rules: CallRules, now: int, late_at: int, left_ms: int) -> CallState:
    """Open a visit that has not begun. `late_at`: monotonic ms, when it is waived."""
    return CallState(rules, VisitTimer(left_ms, rules.rests_s * 1000, now), late_at)


def resume_call(rules: CallRules, now: int, left_ms: int, rest_ms: int) -> CallState:
    """Resume a visit that was cut off by the power: as after a cut line. The learner has signed it before."""
    clock = VisitTimer(left_ms, rest_ms, now, "resting" if rules.rests_s else "running")
    return CallState(rules, clock, now, "cut", begun=True, signed=True, cut_at=now)


def update(course: CallState, happened: Happened, now: int) -> CallState:
    """Return the course after what happened; one that is over stays as it is."""
    if course.phase == "over":
        return course
    course = _pass_time(_leave_out_pause(course, now), now)
    return _arrival_state(_apply_event(course, happened, now)) if course.phase != "over" else course


def _apply_event(course: CallState, happened: Happened, now: int) -> CallState:
    change = msgspec.structs.replace
    match happened:
        case Signed():
            return change(course, signed=True)
        case StationHere(here):
            return change(course, station=here)
        case Heard(up):
            return _talks(course, now) if up else _is_cut(course, now)
        case Moving(moving):
            return _moves(course, moving, now)
        case Warned():
            return _add_note(course, "warned", now)
        case Muted(end, muted):
            after = change(course, muted=course.muted | {end} if muted else course.muted - {end})
            return after if after.muted or not course.muted else _add_note(after, "heard_again", now)
        case TeacherCalled():
            return _add_note(course, "teacher_called", now)
        case Ended(by):
            return _over(course, by, now)
        case Ticked():
            return course


def _leave_out_pause(course: CallState, now: int) -> CallState:
    """Let what nobody looked at be no time of the visit, neither of talk nor of a cut."""
    unseen = now - course.clock.at_ms - UNSEEN_MS
    if unseen <= 0:
        return course
    clock = msgspec.structs.replace(course.clock, at_ms=course.clock.at_ms + unseen)
    return msgspec.structs.replace(course, clock=clock, cut_at=course.cut_at + unseen)


def _pass_time(course: CallState, now: int) -> CallState:
    """Return what time alone does."""
    clock = clocks.timer_at(course.clock, now)
    warning = clocks.warning_between(course.clock, clock)
    course = msgspec.structs.replace(course, clock=clock)
    if not course.begun and now >= course.late_at:
        return _over(course, "line" if course.phase == "ready" else "late", now)
    if course.begun and clock.left_ms == 0:
        return _over(course, "time", now)
    if course.phase == "cut" and now - course.cut_at >= course.rules.back_s * 1000:
        return _over(course, "line", now)
    return _add_note(course, warning, now) if warning else course


def _arrival_state(course: CallState) -> CallState:
    """Move between waiting and ready, as long as nobody has talked."""
    if course.phase not in ("waiting", "ready"):
        return course
    return msgspec.structs.replace(course, phase="ready" if course.signed and course.station else "waiting")


def _talks(course: CallState, now: int) -> CallState:
    if course.phase == "talking" or not course.signed:
        return course
    after = msgspec.structs.replace(
        course, phase="talking", begun=True, station=True, clock=clocks.set_going(course.clock, now, "running")
    )
    return _add_note(after, "line_back", now) if course.begun else after


def _is_cut(course: CallState, now: int) -> CallState:
    if course.phase != "talking":
        return course
    how: clocks.Going = "resting" if course.rules.rests_s else "running"
    clock = clocks.set_going(course.clock, now, how)
    return msgspec.structs.replace(course, phase="cut", clock=clock, cut_at=now, note="", moving=True)


def _moves(course: CallState, moving: bool, now: int) -> CallState:
    if course.phase != "talking" or moving == course.moving:
        return course
    after = msgspec.structs.replace(course, moving=moving)
    return _add_note(after, "moving_again", now) if moving else after


def _add_note(course: CallState, note: Notice, now: int) -> CallState:
    return msgspec.structs.replace(course, note=note, note_until=now + STANDS_MS[note])


def _over(course: CallState, by: Ending, now: int) -> CallState:
    clock = clocks.set_going(course.clock, now, "held")
    return msgspec.structs.replace(course, phase="over", end=by, clock=clock, note="", muted=frozenset())


def notice(course: CallState) -> Notice:
    """Return what is to be read: what stands for a while, else what lasts."""
    if course.phase == "over":
        return ""
    if course.note and course.clock.at_ms < course.note_until:
        return course.note
    if course.phase == "cut":
        return "line_cut"
    if course.muted:
        return "muted"
    return "" if course.moving or course.phase != "talking" else "frozen"


def call_status(course: CallState) -> CallStatus:
    """Return how it stands, at the moment of the last update."""
    clock, muted = course.clock, tuple(sorted(course.muted))
    return CallStatus(course.phase, clock.left_ms, clocks.is_running(clock), notice(course), course.end, muted)
