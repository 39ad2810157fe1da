"""Dated rules: limits, fees and fares age fast, so each set carries where it is from and until when to trust it.

`rulepack.toml` holds `[[pack]]` tables; the one that counts is the latest whose `valid_from` is not after the run's
date. Packs are whole: there is no merging, so what a pack says is all that it says.
"""

from __future__ import annotations

import datetime
from typing import Generic, TypeVar

import msgspec

R = TypeVar("R")


class Pack(msgspec.Struct, Generic[R], frozen=True, forbid_unknown_fields=True):
    """One dated set of `rules` (the machine's own frozen struct). Its id is `valid_from` as text."""

    valid_from: datetime.date
    source: str
    checked_on: datetime.date
    review_by: datetime.date
    rules: R

    @property
    def id(self) -> str:
        """The name that journal and records carry."""
        return self.valid_from.isoformat()


class Packs(msgspec.Struct, Generic[R], frozen=True, forbid_unknown_fields=True):
    """A whole `rulepack.toml`."""

    pack: tuple[Pack[R], ...]


def valid_on(packs: Packs[R], date: datetime.date) -> Pack[R]:
    """Return the pack that counts on `date`.

    Raises:
        LookupError: the date lies before every pack.
    """
    valid = [pack for pack in packs.pack if pack.valid_from <= date]
    if not valid:
        first = min(pack.valid_from for pack in packs.pack)
        raise LookupError(f"no rule pack is valid on {date}; the first begins on {first}")
    return max(valid, key=lambda pack: pack.valid_from)


def overdue(packs: Packs[R], today: datetime.date) -> tuple[str, ...]:
    """Return the ids of packs that should have been reviewed by today; told to teacher and office, never to
    a learner.
    """
    return tuple(pack.id for pack in packs.pack if pack.review_by < today)
