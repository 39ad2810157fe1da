"""The twin of a magnetic stripe reader: a person draws a practice card through it, too fast, the wrong way, or well.

An MSR605 reads only when it was told to, and once. A stripe may be worn: then track 2 cannot be read, or nothing.
"""

from __future__ import annotations

from typing import Any, ClassVar

from hardware.protocols import magstripe
from hardware.protocols.magstripe import Dialect, Swipe
from hardware.twins.serial_twin import WireFaults
from hardware.twins.twin_actions import Answer, Doing, act_answer

MARKS = magstripe.STX + magstripe.ESC + magstripe.ETX


def tracks_of(number: str, expires: str = "3012", chip: bool = False, name: str = "LIANXI/KA") -> tuple[str, str]:
    """Return tracks 1 and 2 of a practice card, as they stand on its stripe."""
    data = f"{expires}{'201' if chip else '101'}0000000000"
    tracks = f"%B{number}^{name}^{data}?", f";{number}={data[:17]}?"
    forms = (magstripe.SEVEN, magstripe.FIVE)
    return tuple(magstripe.text_of(magstripe.bits_of(text), form) for text, form in zip(tracks, forms, strict=True))  # type: ignore[return-value]


def _swipe(twin: MagstripeTwin, args: dict[str, Any], _: float) -> Answer:
    tracks = tracks_of(str(args["card"]), str(args.get("expires", "3012")), bool(args.get("chip", False)))
    return act_answer(twin.swipe(tracks), "the reader does not read now")


class MagstripeTwin:
    """The reader. ``swipe`` is the person's; a worn stripe is bad luck."""

    ACTS: ClassVar[dict[str, Doing]] = {"swipe_card": _swipe}
    FAULTS: ClassVar[tuple[str, ...]] = ("worn", "worn_track_2")

    def __init__(self, dialect: Dialect = "lines", marks: bool = True) -> None:
        """Set up the reader; `marks` False: a MagTek reader that puts no STX, ESC and ETX around what it says, and
        knows no letter.
        """
        self.wire = WireFaults()
        self.counters = {"swipes": 0, "told": 0}
        self._dialect: Dialect = dialect
        self._marks = marks
        self._codec = magstripe.Commands()
        self._reads = dialect != "msr605"
        self._worn: set[str] = set()
        self._said: list[Swipe] = []

    def swipe(self, tracks: tuple[str, str]) -> bool:
        """Draw a card through; False where the reader does not read now."""
        self.counters["swipes"] += 1
        if not self._reads:
            return False
        first = "" if "worn" in self._worn else tracks[0]
        second = "" if self._worn else tracks[1]
        self._said += self._told(first, second)
        self._reads = self._dialect != "msr605"
        return True

    def _told(self, first: str, second: str) -> list[Swipe]:
        match self._dialect:
            case "lines":
                return [Swipe("lines", (track or mark + "E?",)) for track, mark in ((first, "%"), (second, ";"))]
            case "magtek":
                return [Swipe("magtek", (first or "%E?", second or ";E?"), "1"), Swipe("magtek", (), "0")]
            case "msr605":
                bad = not (first and second)
                return [Swipe("msr605", (first or "+", second or "+", "+"), "1" if bad else "0")]

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Wear out the next cards, or make them new again."""
        (self._worn.add if on else self._worn.discard)(kind)

    def state(self) -> dict[str, Any]:
        """Return whether it reads now, and counters."""
        return {"reads": self._reads, "counters": dict(self.counters)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up the counters that an earlier process kept."""
        self.counters.update(state.get("counters", {}))

    def receive(self, data: bytes, now_ms: int) -> bytes:
        """Take letters from the host; nothing is answered."""
        for message in self._codec.receive_data(self.wire.hear(data), now_ms):
            if isinstance(message, magstripe.Command) and self._dialect == "msr605":
                self._reads = message.letter == magstripe.READ
        return self.tick(now_ms)

    def tick(self, now_ms: int) -> bytes:
        """Return what was swiped, and late answers."""
        self._codec.tick(now_ms)
        out = self.wire.due(now_ms)
        for swipe in self._said:
            said = magstripe.send(swipe)
            out += self.wire.spoil(said if self._marks else said.strip(MARKS), now_ms)
            self.counters["told"] += 1
        self._said.clear()
        return out
