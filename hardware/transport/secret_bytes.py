"""Bytes that nobody may see: digits that a person pressed, on their way from the wire to the driver's memory.

The theory. A PIN leaks by accident: through a repr in a traceback, a log line, a message turned into JSON. So digits
travel in a type that has no way of being shown: repr and format hide them, JSON and pickle refuse it, and whoever needs
the bytes says so with ``reveal``.
"""

from __future__ import annotations

from typing import NoReturn


class SecretBytes:
    """Some bytes, hidden. Equal to another one that holds the same; its length is no secret."""

    __slots__ = ("_hidden",)

    def __init__(self, hidden: bytes) -> None:
        self._hidden = bytes(hidden)

    def reveal(self) -> bytes:
        """Return the bytes in the clear."""
        return self._hidden

    def __len__(self) -> int:
        return len(self._hidden)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretBytes) and other._hidden == self._hidden

    def __hash__(self) -> int:
        return hash(self._hidden)

    def __repr__(self) -> str:
        return "Masked(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("masked bytes are not to be kept or sent")
