"""Keep which numbers are complete: those of one epoch that were heard, as a top and the ranges missing below it.

Numbers begin at 1 and have no gap on the unit, so a missing one is a fact that is on its way, or lost. A range that the
unit declares gone stops being missing and counts as lost; should one of it arrive after all, it is lost no more.
"""

from __future__ import annotations

NEED = 1000
"""How many missing numbers an ack names at most."""
Range = tuple[int, int]


class SequenceRanges:
    """The books of one epoch. Ranges are inclusive, ascending, apart from each other."""

    def __init__(self, top: int = 0, holes: list[Range] | None = None, lost: int = 0) -> None:
        """Begin with what was written down."""
        self.top = top
        self.holes = list(holes or [])
        self.lost = lost

    @property
    def upto(self) -> int:
        """All numbers up to this one are here or accounted for."""
        return self.holes[0][0] - 1 if self.holes else self.top

    def seen(self, seq: int) -> bool:
        """Return whether the number was heard, or declared gone."""
        return seq <= self.top and self._hole(seq) is None

    def _hole(self, seq: int) -> int | None:
        return next((i for i, (first, last) in enumerate(self.holes) if first <= seq <= last), None)

    def hear(self, seq: int) -> None:
        """Note that the fact of this number is here."""
        if seq == self.top + 1:
            self.top = seq
            return
        self.reach(seq)
        self._close(seq, seq)

    def forget(self, first: int, last: int) -> int:
        """Give up numbers that will never come; return how many of them are lost by it."""
        self.reach(last)
        count = self._close(first, last)
        self.lost += count
        return count

    def found(self) -> None:
        """Count one that was declared gone and arrived after all."""
        self.lost = max(0, self.lost - 1)

    def reach(self, seq: int) -> None:
        """Count the numbers up to this one; those not heard are missing."""
        if seq > self.top:
            self.holes.append((self.top + 1, seq))
            self.top = seq

    def _close(self, first: int, last: int) -> int:
        count, left = 0, []
        for a, b in self.holes:
            inside = min(b, last) - max(a, first) + 1
            if inside <= 0:
                left.append((a, b))
                continue
            count += inside
            left += [(x, y) for x, y in ((a, first - 1), (last + 1, b)) if x <= y]
        self.holes = left
        return count

    def ack(self) -> tuple[int, int, list[int]]:
        """Return (upto, top, need) for the unit: all up to `top` is committed except `need`; `top` is cut where `need`
        is full.
        """
        need: list[int] = []
        for first, last in self.holes:
            room = NEED - len(need)
            need += range(first, min(last, first + room - 1) + 1)
            if last - first + 1 > room:
                return self.upto, first + room - 1, need
        return self.upto, self.top, need
