"""Do what a person does at a note slot, by name, for every twin that has one.

Such a twin offers `put_in(fen, serial, good, now_ms)`, which says whether the slot drew the note in and raises
ValueError for a value that it does not know, and `take_out()`, which gives the value of what stood in the slot (0:
nobody knows), or None where nothing did.
"""

from __future__ import annotations

from typing import Any

import msgspec

from hardware.twins.twin_actions import Answer, Doing, act_answer


class PracticeNote(msgspec.Struct, frozen=True):
    """A practice note: by *channel* (1…), or a barcode *ticket*; *good* False cannot be validated."""

    channel: int = 0
    ticket: str = ""
    good: bool = True

    @staticmethod
    def named(name: str | int, values: tuple[int, ...]) -> PracticeNote:
        """Return the piece that `name` stands for: a ticket's text, or a note's value."""
        return PracticeNote(0, name) if isinstance(name, str) else PracticeNote(values.index(name) + 1)

    def name(self, values: tuple[int, ...]) -> str | int:
        """Return its ticket's text, or its channel's value."""
        return self.ticket or values[self.channel - 1]


def _note(twin: Any, args: dict[str, Any], now_ms: float) -> Answer:
    """Insert a practice note of `fen`; with `good` False it cannot be read."""
    drawn = twin.put_in(int(args["fen"]), str(args.get("serial", "")), bool(args.get("good", True)), now_ms)
    return act_answer(drawn, "the slot does not draw the note in")


def _take(twin: Any, _: dict[str, Any], __: float) -> Answer:
    fen = twin.take_out()
    return act_answer(fen is not None, "no note stands in the slot", fen=fen)


NOTE_ACTS: dict[str, Doing] = {"note": _note, "take_note": _take}
