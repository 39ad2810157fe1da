"""How much picture a line bears, pure, in rungs. Sound is thin and always sent; pictures are what gives way to it.

Two things are heard of a line: what its receiver thinks that it bears of pictures beside the sound (REMB, which follows
the delay), and which share of them was lost. An estimate is never much more than what was sent, so it says something
only where it is less: then the line is full, and the picture gives way, as it does where much is lost; but by no more
than a share every other second, since a busy computer at the other end looks like a full line. Otherwise it grows, and
slowly near where the line was full the last time: a picture that keeps trying costs sound. A rung is left upwards only
when there is plenty, since each change of rung costs a whole picture.
"""

from __future__ import annotations

import msgspec

SPARE = 0.9
"""The share of what the line bears that is filled; heads and what is sent again need some."""
MUCH, LITTLE = 0.1, 0.05
NEWEST = 0.3
"""The weight of the last second's loss: a thin picture is five packets a second, of which one is a fifth."""
FAST, SLOW = 1.08, 1.02
"""Growth a second."""
GIVES = 0.6
"""The share that is left at least, after one word of a full line."""
NEAR = 0.8, 1.5
"""Shares of what the line bore when it was full: within, it is approached slowly."""
PLENTY = 1.25
FULL = 0.9
"""An estimate below that share of what was sent says that the line is full: a full one is told at 0.85."""


class Rung(msgspec.Struct, frozen=True):
    """Bits a second for pictures of that height (4:3), so many a second."""

    bps: int
    height: int
    fps: int


RUNGS = (
    Rung(24_000, 120, 3), Rung(50_000, 240, 5), Rung(90_000, 240, 8), Rung(150_000, 240, 12), Rung(220_000, 360, 12),
    Rung(350_000, 480, 15), Rung(600_000, 480, 20), Rung(900_000, 480, 25),
)  # fmt: skip
FIRST = 4
MOST_BPS = RUNGS[-1].bps * PLENTY * FAST


class Budget(msgspec.Struct, frozen=True):
    """ceiling: for all pictures of the line, bit/s; sent: of them, in each of the last two seconds, the later first;
    full: the ceiling when the line was full, 0: never; lost: the share that is lost, over some seconds; pictures: how
    many streams share it; rung, most: the index of the one in use, and of the highest that this listener is given.
    """

    ceiling: float = RUNGS[FIRST].bps * PLENTY
    sent: tuple[float, float] = (0.0, 0.0)
    full: float = 0.0
    lost: float = 0.0
    pictures: int = 1
    rung: int = FIRST
    most: int = len(RUNGS) - 1


def estimated(budget: Budget, bps: int) -> Budget:
    """The receiver thinks that the line bears so much."""
    if bps >= FULL * min(budget.sent):  # one second may hold a whole picture
        return budget
    ceiling = max(float(RUNGS[0].bps), bps * SPARE, GIVES * budget.ceiling)
    if ceiling >= budget.ceiling:
        return budget
    heard_out = 0.0, 0.0  # what comes now may still mean what was sent before
    return _settled(msgspec.structs.replace(budget, ceiling=ceiling, full=ceiling, sent=heard_out))


def reported(budget: Budget, lost: float, sent: float) -> Budget:
    """In the last second that share was lost (0..1) and so much was sent, bit/s."""
    ceiling, full, lost = budget.ceiling, budget.full, (1 - NEWEST) * budget.lost + NEWEST * lost
    if lost > MUCH:  # what came is what the line bears
        ceiling = full = min(ceiling, sent * (1 - lost) * SPARE)
    elif lost <= LITTLE:
        low, high = NEAR
        ceiling *= SLOW if low * full < ceiling < high * full else FAST
    least, most = float(RUNGS[0].bps), MOST_BPS * budget.pictures
    ceiling = min(most, max(least, ceiling))
    full = max(least, full) if full else 0.0
    sent_last = sent, budget.sent[0]
    return _settled(msgspec.structs.replace(budget, ceiling=ceiling, full=full, lost=lost, sent=sent_last))


def _settled(budget: Budget) -> Budget:
    bps, rung = budget.ceiling / budget.pictures, budget.rung
    while rung > 0 and RUNGS[rung].bps > bps:
        rung -= 1
    while rung < budget.most and RUNGS[rung + 1].bps * PLENTY <= bps:
        rung += 1
    return msgspec.structs.replace(budget, rung=rung)
