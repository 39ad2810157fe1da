"""Find out what a run left in the learner's hands: only what this run changed by the learner's own act.

Notes are shown where their number is certain: a sum that is not made of the machine's notes shows none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from kiosk_firmware.core.facts import Facts, Hand, has_happened

if TYPE_CHECKING:  # the first page reads nothing of any machine
    from kiosk_firmware.catalogue.machine_list import HeldThing

NOTE = "note_"


def held_pictures(holdings: Iterable[HeldThing], facts: Facts, by: Mapping[str, Hand]) -> tuple[tuple[str, ...], int]:
    """Return pictures, one a piece, and the sum of the notes among them, -1 for none."""
    pictures: list[str] = []
    for one in holdings:
        if by.get(one.fact) == "learner" and not any(has_happened(facts.get(name)) for name in one.unless):
            pictures += [one.picture] * _pieces(one, facts)
    notes = [_fen(name) for name in pictures if name.startswith(NOTE)]
    return tuple(pictures), sum(notes) if notes else -1


def _pieces(one: HeldThing, facts: Facts) -> int:
    """Return how many of it there are."""
    value = facts.get(one.fact, False)
    if one.equal or isinstance(value, bool | str):
        return int(value == one.equal if one.equal else has_happened(value))
    count, rest = divmod(value, _fen(one.picture)) if one.picture.startswith(NOTE) else (value, 0)
    return 0 if rest else max(0, count)


def _fen(note: str) -> int:
    return int(note.removeprefix(NOTE)) * 100
