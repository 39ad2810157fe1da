"""How much picture a line bears, pure: sound has its share first, the picture has the rest, in rungs.

Two things are heard of a line: what its receiver thinks that it bears in all (REMB, which follows the delay), and which
share of the packets was lost. Much loss takes from the picture at once, little gives back slowly. A rung is left
upwards only when there is plenty, so a line that sways does not make the picture jump: each change of rung costs a
whole picture.
"""

from __future__ import annotations

import msgspec

SOUND_BPS = 48_000
"""Opus at 24 kbit/s in 50 packets a second, with their heads."""
SPARE = 0.9
"""The share of the rest that pictures may fill; heads and what is sent again need some."""
MUCH, LITTLE = 0.1, 0.02
RISE = 1.08
PLENTY = 1.25


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


class Budget(msgspec.Struct, frozen=True):
    """estimate: REMB, bit/s; ceiling: what loss leaves for pictures, bit/s; rung: the index of the one in use; most:
    of the highest one that this listener is given.
    """

    estimate: int = 500_000
    ceiling: float = 1_000_000.0
    rung: int = FIRST
    most: int = len(RUNGS) - 1


def estimated(budget: Budget, bps: int) -> Budget:
    """The receiver thinks that the line bears so much in all."""
    return _settled(msgspec.structs.replace(budget, estimate=bps))


def reported(budget: Budget, lost: float) -> Budget:
    """Of what was sent last, that share was lost (0..1). Once a second."""
    ceiling = budget.ceiling
    if lost > MUCH:
        ceiling = min(ceiling, float(RUNGS[budget.rung].bps)) * (1 - lost / 2)
    elif lost <= LITTLE:
        ceiling *= RISE
    most, least = RUNGS[-1].bps * PLENTY * RISE, RUNGS[0].bps
    return _settled(msgspec.structs.replace(budget, ceiling=min(most, max(least, ceiling))))


def picture_bps(budget: Budget) -> float:
    """What there is for pictures."""
    return min(max(0.0, (budget.estimate - SOUND_BPS) * SPARE), budget.ceiling)


def _settled(budget: Budget) -> Budget:
    bps, rung = picture_bps(budget), budget.rung
    while rung > 0 and RUNGS[rung].bps > bps:
        rung -= 1
    while rung < budget.most and RUNGS[rung + 1].bps * PLENTY <= bps:
        rung += 1
    return msgspec.structs.replace(budget, rung=rung)
