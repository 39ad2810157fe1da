"""Decide how many pictures a line bears; pure. Sound is thin and always sent; pictures are what gives way to it.

Two things are heard of a line: what its receiver thinks that it bears of pictures beside the sound (REMB, which follows
the delay), and which share was lost, of pictures or sound. An estimate is never much more than what was sent, so it
says something only where it is less: then the line is full, and the picture gives way, as it does where much is lost;
but, where nothing is lost, by no more than a share every other second, since a busy computer at the other end looks
like a full line.

Otherwise it grows: fast until the line was full once, and slowly near where it was full the last time, since a picture
that keeps trying costs sound. No more is believed of a line than one rung above what was really sent over it: a picture
that hardly moves proves nothing, and would fill the line all at once when it moves. A rung is left upwards only when
there is plenty, since each change of rung costs a whole picture.
"""

from __future__ import annotations

import msgspec

SPARE = 0.9
"""The share of what the line bears that is filled; heads and what is sent again need some."""
MUCH, LITTLE = 0.1, 0.05
NEWEST = 0.3
"""The weight of the last second's loss: a thin picture is five packets a second, of which one is a fifth."""
START, FAST, SLOW = 1.1, 1.08, 1.02
"""Growth a second: before the line was ever full, after, and near where it was."""
GIVES = 0.6
"""The share that is left at least, after one word of a full line."""
NEAR = 0.8, 1.5
"""Shares of what the line bore when it was full: within, it is approached slowly."""
PLENTY = 1.25
STALE_S = 2
"""So long what is heard still means what was sent before the picture gave way: a report a second, and its way."""
TRIED = 0.7
"""Where that share of a rung's bits was sent, the line has borne it. A picture with grain fills any."""
FULL = 0.9
"""An estimate below that share of what was sent says that the line is full: a full one is told at 0.85."""


class Rung(msgspec.Struct, frozen=True):
    """Bits a second for pictures of that height (4:3), so many a second."""

    bps: int
    height: int
    fps: int


RUNGS = (
    Rung(24_000, 120, 3),
    Rung(50_000, 240, 5),
    Rung(90_000, 240, 8),
    Rung(150_000, 240, 15),
    Rung(220_000, 360, 15),
    Rung(350_000, 480, 15),
    Rung(600_000, 480, 20),
    Rung(900_000, 480, 25),
)
FIRST, UNPROVEN = 2, 4
"""The rung that a line begins at, and the highest that it is given whatever was sent over it."""


class Budget(msgspec.Struct, frozen=True):
    """ceiling: for all pictures of the line, bit/s; sent: of them, in each of the last two seconds, the later first;
    full: the ceiling when the line was full, 0: never; lost: the share that is lost, over some seconds; pictures: how
    many streams share it; rung, most: the index of the one in use, and of the highest that this listener is given;
    stale: seconds in which what is heard does not count; said: the last estimate, bit/s.
    """

    ceiling: float = RUNGS[FIRST].bps * PLENTY
    sent: tuple[float, float] = (0.0, 0.0)
    full: float = 0.0
    lost: float = 0.0
    pictures: int = 1
    rung: int = FIRST
    most: int = len(RUNGS) - 1
    stale: int = 0
    said: int = 0


def apply_estimate(budget: Budget, bps: int) -> Budget:
    """Take the receiver's estimate of what the line bears, in bits a second. Where that rises it only follows, by 8 % a
    second at most.
    """
    rises, budget = bps > budget.said, msgspec.structs.replace(budget, said=bps)
    if rises or budget.stale or bps >= FULL * min(budget.sent):  # one second may hold a whole picture
        return budget
    is_full = budget.lost > LITTLE
    ceiling = max(float(RUNGS[0].bps), bps * SPARE, 0.0 if is_full else GIVES * budget.ceiling)
    if ceiling >= budget.ceiling:
        return budget
    return _given_way(budget, ceiling, STALE_S if is_full else 0)


def apply_report(budget: Budget, lost: float, sent: float) -> Budget:
    """Take what was lost in the last second (a share 0..1) and what was sent, bit/s."""
    over = (1 - NEWEST) * budget.lost + NEWEST * lost
    heard = msgspec.structs.replace(budget, lost=over, sent=(sent, budget.sent[0]), stale=max(0, budget.stale - 1))
    if budget.stale:
        return msgspec.structs.replace(heard, lost=0.0)
    if over > MUCH:  # what came is what the line bears
        came = max(heard.sent) * (1 - max(lost, over))
        return _given_way(heard, max(float(RUNGS[0].bps), min(budget.ceiling, came * SPARE)), STALE_S)
    if over > LITTLE:
        return heard
    grown = min(budget.ceiling * _growth(budget), _bearable_rate(budget, max(heard.sent)))
    return _settle_budget(msgspec.structs.replace(heard, ceiling=max(budget.ceiling, grown)))


def _given_way(budget: Budget, ceiling: float, stale: int) -> Budget:
    """Lower the ceiling: the line was full. Estimates count again after two seconds of the new picture, losses after
    `stale`.
    """
    lost = 0.0 if stale else budget.lost
    return _settle_budget(
        msgspec.structs.replace(budget, ceiling=ceiling, full=ceiling, sent=(0.0, 0.0), lost=lost, stale=stale)
    )


def _growth(budget: Budget) -> float:
    low, high = NEAR
    if not budget.full:
        return START
    return SLOW if low * budget.full < budget.ceiling < high * budget.full else FAST


def _bearable_rate(budget: Budget, sent: float) -> float:
    """Return what is believed of the line at most, after so much was sent."""
    filled = sum(rung.bps * TRIED <= sent / budget.pictures for rung in RUNGS)
    rung = RUNGS[min(max(UNPROVEN, filled), len(RUNGS) - 1)]
    return rung.bps * PLENTY * FAST * budget.pictures


def _settle_budget(budget: Budget) -> Budget:
    bps, rung = budget.ceiling / budget.pictures, budget.rung
    while rung > 0 and RUNGS[rung].bps > bps:
        rung -= 1
    while rung < budget.most and RUNGS[rung + 1].bps * PLENTY <= bps:
        rung += 1
    return msgspec.structs.replace(budget, rung=rung)
