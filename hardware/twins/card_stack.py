"""The mechanics of a card dispenser, whatever its wire: a stack, a reading place, a slot, and a box for what was left.

A card is known by the UID of its chip, so that it can be held to a reader afterwards. It moves only when the device is
told to; in the slot a person may take it, or leave it. A jam keeps every card where it is.
"""

from __future__ import annotations

from typing import Any, ClassVar

from hardware.twins.serial_twin import WireFaults
from hardware.twins.twin_actions import Answer, Doing, act_answer

FULL = 50
LOW = 5


def _take(twin: CardStack, _: dict[str, Any], __: float) -> Answer:
    card = twin.take()
    return act_answer(card, "no card stands in the slot", uid=card)


def _load(twin: CardStack, args: dict[str, Any], _: float) -> Answer:
    twin.load(int(args.get("count", FULL)))
    return {"ok": True, "cards": len(twin.stack)}


class CardStack:
    """Base of the dispensers' twins. ``take`` is the person's, ``load`` and ``empty_box`` the technician's."""

    ACTS: ClassVar[dict[str, Doing]] = {"take_dispensed": _take, "load_cards": _load}
    FAULTS: ClassVar[tuple[str, ...]] = ("jam",)

    def __init__(self, cards: int = FULL) -> None:
        self.wire = WireFaults()
        self.jam = False
        self.counters = {"dispensed": 0, "taken": 0, "captured": 0, "loaded": 0}
        self.stack: list[str] = []
        self.place, self.card = "none", ""
        self.box: list[str] = []
        self.load(cards)

    def load(self, count: int) -> None:
        """Put that many new cards under the others."""
        first = self.counters["loaded"]
        self.stack += [f"08{number:06x}" for number in range(first, first + count)]
        self.counters["loaded"] += count

    def take(self) -> str:
        """Take the card out of the slot; its UID, empty when none stands there."""
        if self.place != "gate":
            return ""
        card, self.card, self.place = self.card, "", "none"
        self.counters["taken"] += 1
        return card

    def empty_box(self) -> None:
        """Empty the box, as a technician does."""
        self.box.clear()

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Jam the card, or free it."""
        self.jam = on

    def state(self) -> dict[str, Any]:
        """Return how many cards lie in the stack, where a card is and which, the box, counters."""
        return {
            "stack": len(self.stack),
            "place": self.place,
            "card": self.card or None,
            "box": list(self.box),
            "jam": self.jam,
            "counters": dict(self.counters),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what an earlier process kept."""
        self.counters.update(state.get("counters", {}))
        self.place, self.card = str(state.get("place", "none")), str(state.get("card") or "")
        self.box = [str(card) for card in state.get("box", [])]
        count = int(state.get("stack", len(self.stack)))
        self.stack = [f"08{number:06x}" for number in range(self.counters["loaded"] - count, self.counters["loaded"])]

    # -- what the device is told --------------------------------------------------------------------------------------

    def bring(self) -> str:
        """Bring the next card to the reading place; return "" or the reason (jam, empty, occupied)."""
        if self.place != "none":
            return "occupied" if self.place == "gate" else ""
        if not self.stack:
            return "empty"
        if self.jam:
            return "jam"
        self.card, self.place = self.stack.pop(0), "inside"
        return ""

    def offer(self) -> str:
        """Bring the card from the reading place to the slot; return "" or the reason (jam, empty)."""
        if self.place == "none":
            return "empty"
        if self.jam:
            return "jam"
        if self.place == "inside":
            self.place = "gate"
            self.counters["dispensed"] += 1
        return ""

    def capture(self) -> str:
        """Move the card that is there into the box; return "" or the reason (jam, empty)."""
        if self.place == "none":
            return "empty"
        if self.jam:
            return "jam"
        self.box.append(self.card)
        self.card, self.place = "", "none"
        self.counters["captured"] += 1
        return ""
