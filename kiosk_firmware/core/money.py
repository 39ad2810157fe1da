"""Money that is practised with, as whole pieces and as whole fen.

Every amount is an integer in fen (1/100 yuan) so that no rounding can lose one. A heap of pieces (notes, tokens) is
`Items`: pairs (value_fen, count), largest value first, no zero counts; so equal heaps are equal tuples and hash alike.
Conservation is checked on both: pieces (where each note lies) and totals (what the ledger says).
"""

from __future__ import annotations

from collections.abc import Iterable

Items = tuple[tuple[int, int], ...]

NONE: Items = ()
NOTE_FROM_FEN = 1_000
"""Pieces from ¥10 up are notes; ¥5, ¥1 and ¥0.5 are tokens (the practice set's own division: `[money]`)."""


def items(*pairs: tuple[int, int]) -> Items:
    """Make a heap from (value_fen, count) pairs in any order; equal values are joined, empty ones dropped."""
    counts: dict[int, int] = {}
    for value_fen, count in pairs:
        counts[value_fen] = counts.get(value_fen, 0) + count
    return tuple(sorted(((v, n) for v, n in counts.items() if n), reverse=True))


def total(heap: Iterable[tuple[int, int]]) -> int:
    """Return what the heap is worth, in fen."""
    return sum(value_fen * count for value_fen, count in heap)


def pieces(heap: Iterable[tuple[int, int]]) -> int:
    """Return how many notes and tokens the heap has."""
    return sum(count for _, count in heap)


def add(left: Items, right: Items) -> Items:
    """Return both heaps together."""
    return items(*left, *right)


def without(heap: Items, gone: Items) -> Items:
    """Return the heap after `gone` was taken from it.

    Raises:
        ValueError: the heap does not hold all of `gone`; money never appears from nowhere.
    """
    rest = items(*heap, *((value_fen, -count) for value_fen, count in gone))
    if any(count < 0 for _, count in rest):
        raise ValueError(f"{gone} is not in {heap}")
    return rest


def holds(heap: Items, wanted: Items) -> bool:
    """Return whether all of `wanted` lies in the heap."""
    have = dict(heap)
    return all(have.get(value_fen, 0) >= count for value_fen, count in wanted)


def make(amount_fen: int, stock: Items) -> Items | None:
    """Return the fewest pieces of `stock` that make exactly `amount_fen`, or None when none do.

    Searches largest value first and steps back where that fails (30 from 20 20 20 10 is 20 + 10, 60 from 50 20 20 20 is
    20 + 20 + 20), so a possible sum is never refused; bounded by the counts in stock.
    """
    if amount_fen == 0:
        return NONE
    if not stock or amount_fen < 0:
        return None
    (value_fen, count), rest = stock[0], stock[1:]
    for n in range(min(count, amount_fen // value_fen), -1, -1):
        made = make(amount_fen - n * value_fen, rest)
        if made is not None:
            return items((value_fen, n), *made)
    return None
