"""Money: no piece is ever made or lost, and a sum that can be made is made."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.core import money

VALUES = st.sampled_from((50, 100, 500, 1000, 2000, 5000, 10_000))
HEAPS = st.lists(st.tuples(VALUES, st.integers(0, 4)), max_size=5).map(lambda pairs: money.items(*pairs))


@given(HEAPS)
def test_equal_heaps_are_equal_tuples(heap):
    assert money.items(*reversed(heap)) == heap
    assert [value for value, _ in heap] == sorted({value for value, _ in heap}, reverse=True)
    assert all(count > 0 for _, count in heap)


@given(HEAPS, HEAPS)
def test_what_is_added_can_be_taken_away_again(left, right):
    both = money.add(left, right)
    assert money.total(both) == money.total(left) + money.total(right)
    assert money.pieces(both) == money.pieces(left) + money.pieces(right)
    assert money.without(both, right) == left
    assert money.holds(both, left)


@given(HEAPS, HEAPS)
def test_nothing_is_taken_that_is_not_there(heap, gone):
    if money.holds(heap, gone):
        assert money.add(money.without(heap, gone), gone) == heap
    else:
        with pytest.raises(ValueError, match="is not in"):
            money.without(heap, gone)


def makes(stock, amount_fen):
    """By trying everything: the fewest pieces that make the amount, or None."""
    ways = product(*(range(count + 1) for _, count in stock))
    values = [value for value, _ in stock]
    exact = [way for way in ways if money.total(zip(values, way, strict=True)) == amount_fen]
    return min(map(sum, exact), default=None)


@given(HEAPS.filter(lambda heap: money.pieces(heap) <= 9), st.integers(0, 400).map(lambda n: n * 50))
def test_a_possible_sum_is_always_made_and_exactly(stock, amount_fen):
    made = money.make(amount_fen, stock)
    if makes(stock, amount_fen) is None:
        assert made is None
    else:
        assert money.total(made) == amount_fen
        assert money.holds(stock, made)


@pytest.mark.parametrize(
    ("amount", "stock", "made"),
    [
        (60, ((50, 1), (20, 3)), ((20, 3),)),
        (30, ((20, 3), (10, 1)), ((20, 1), (10, 1))),
        (0, ((20, 3),), ()),
        (-10, ((10, 1),), None),
        (10, (), None),
        (30, ((20, 2),), None),
    ],
)
def test_made_by_stepping_back(amount, stock, made):
    assert money.make(amount, stock) == made
