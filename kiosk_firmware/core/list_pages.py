"""Show a long list a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def list_page(items: Sequence[T], first: int, size: int) -> tuple[Sequence[T], int | None]:
    """Return the items of the page that begins at `first`, and where the next one begins; after the last comes the
    first, and None is no other page.
    """
    after = first + size if first + size < len(items) else 0
    return items[first : first + size], after if len(items) > size else None
