"""Editing a field on the glass: pure. The stage edits, the machine hears the whole text (`Typed`)."""

from __future__ import annotations

ERASE = "<"
"""The value of a key that takes the last character away."""
LONGEST = 24
"""Characters of a field without a length of its own; a card number has 19."""


def edit_text(text: str, value: str, longest: int = 0) -> str:
    """Return `text` after a key with `value`: the eraser takes the last character, a digit is added while there is
    room.
    """
    if value == ERASE:
        return text[:-1]
    grown = text + value
    return grown if len(grown) <= (longest or LONGEST) else text
