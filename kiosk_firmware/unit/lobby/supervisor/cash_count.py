"""The guided count as arithmetic: what should be there, what was counted, what follows.

A count says what lies in the class's own boxes: practice cards, ID cards, tokens and notes by value, printed slips.
What should be there is the last count, changed by what went through the machine's slots since then; so whatever is
missing is missing from the room.
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk_firmware.unit.lobby.phases.supervisor import Item

Counts = Mapping[str, int]
MOST = 9999


def expected_count(last: Counts, moved_then: Counts, moved_now: Counts, what: str) -> int | None:
    """Return how many should be counted: the last count and what the slots gave (+) or took (-) since; None without a
    count.
    """
    if what not in last:
        return None
    return last[what] + moved_now.get(what, 0) - moved_then.get(what, 0)


def start(items: tuple[Item, ...]) -> tuple[int, ...]:
    """Return what the figures stand at before anybody has counted: what should be there."""
    return tuple(max(0, item.expected or 0) for item in items)


def change_figure(counted: tuple[int, ...], at: int, by: int) -> tuple[int, ...]:
    """Change one figure by one, more or less."""
    return tuple(min(MOST, max(0, n + by)) if i == at else n for i, n in enumerate(counted))


def difference(item: Item, count: int) -> int:
    """Return the pieces too many (+) or missing (-); 0 where nobody knows how many there should be."""
    return 0 if item.expected is None else count - item.expected


def count_missing(items: tuple[Item, ...], counted: tuple[int, ...]) -> int:
    """Return how many pieces are missing in all."""
    return sum(max(0, -difference(item, n)) for item, n in zip(items, counted, strict=True))


def complete(items: tuple[Item, ...], counted: tuple[int, ...]) -> bool:
    """Return whether everything is as it should be."""
    return all(difference(item, n) == 0 for item, n in zip(items, counted, strict=True))
