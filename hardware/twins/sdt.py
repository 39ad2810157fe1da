"""The twin of an SDT ID-card reader: a flat surface on which a person lays a card, and from which they lift it.

The cards are of fictional people, and the photo is bytes of no meaning. A card is found, selected, read, in this
order; once read it is not found again before it was lifted, as on most makers' readers (`finds_again`: the others').
"""

from __future__ import annotations

from typing import Any, ClassVar

from hardware.protocols import id_card_text, sdt
from hardware.protocols.id_card_text import Person
from hardware.twins.serial_twin import FramedTwin, WireFaults
from hardware.twins.twin_actions import Answer, Doing, act_answer

PHOTO = bytes((n * 37 + n // 7) & 0xFF for n in range(1024))
SAM = bytes.fromhex("05030102") + bytes(12)


def fictional(number: str = "519901198802140030", name: str = "张明", ends: str = "") -> Person:
    """Make a citizen's card with that number; sex and birth follow from it."""
    return Person(
        "citizen",
        name,
        "1" if int(number[16]) % 2 else "2",
        "01",
        number[6:14],
        number,
        "20200615",
        ends,
        "示例省示例市示例路1号",
        "示例市公安局",
    )


def _lay(twin: SdtTwin, args: dict[str, Any], _: float) -> Answer:
    given = {key: str(args[key]) for key in ("name", "ends") if key in args}
    return act_answer(twin.lay(fictional(str(args["number"]), **given)), "a card lies there already")


def _lift(twin: SdtTwin, _: dict[str, Any], __: float) -> Answer:
    person = twin.lift()
    return act_answer(person, "no card lies there", number=person.number if person else "")


class SdtTwin(FramedTwin):
    """The reader. ``lay`` and ``lift`` are the person's; an unreadable card and a reader that fails are bad luck."""

    ACTS: ClassVar[dict[str, Doing]] = {"lay_card": _lay, "lift_card": _lift}
    FAULTS: ClassVar[tuple[str, ...]] = ("unreadable", "self_test")

    def __init__(self, finds_again: bool = False) -> None:
        self.wire = WireFaults()
        self.counters = {"laid": 0, "lifted": 0, "found": 0, "read": 0, "looks": 0}
        self.finds_again = finds_again
        self._bad: set[str] = set()
        self._codec = sdt.Codec()
        self._card: Person | None = None
        self._step = "none"  # none, found, selected, read

    # -- what a person does -------------------------------------------------------------------------------------------

    def lay(self, card: Person) -> bool:
        """Lay *card* on the reader; False when one lies there."""
        if self._card is not None:
            return False
        self._card, self._step = card, "none"
        self.counters["laid"] += 1
        return True

    def lift(self) -> Person | None:
        """Take the card up again; None when none lies there."""
        card, self._card, self._step = self._card, None, "none"
        self.counters["lifted"] += card is not None
        return card

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Break the card's antenna or the reader's self-test, or mend it."""
        (self._bad.add if on else self._bad.discard)(kind)

    def state(self) -> dict[str, Any]:
        """Return number and name of the card that lies there, and counters."""
        card = self._card
        return {
            "number": card.number if card else None,
            "name": card.name if card else None,
            "counters": dict(self.counters),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what an earlier process kept: a card goes on lying there."""
        self.counters.update(state.get("counters", {}))
        if state.get("number"):
            self._card = fictional(str(state["number"]), str(state.get("name") or "张明"))

    # -- the wire -----------------------------------------------------------------------------------------------------

    def _take(self, message: sdt.Message, now_ms: int) -> bytes:
        if isinstance(message, sdt.Broken):
            status, data = 0x11 if message.reason == "length" else 0x10, b""
        elif "self_test" in self._bad:
            status, data = 0x60, b""
        else:
            status, data = self._run(message.body[:2])
        return self.wire.spoil(sdt.send(sdt.Frame(bytes([0, 0, status]) + data)), now_ms)

    def _run(self, command: bytes) -> tuple[int, bytes]:
        match command:
            case sdt.STATUS | sdt.RESET:
                return sdt.OK, b""
            case sdt.SAM_ID:
                return sdt.OK, SAM
            case sdt.FIND:
                return self._find()
            case sdt.SELECT:
                return self._select()
            case sdt.READ:
                return self._read()
            case sdt.READ_NEW:
                return (sdt.NO_DATA if self._step in ("selected", "read") else 0x41), b""
            case _ if command[:1] == b"\x60" and command[1] <= 4:
                return sdt.OK, b""
            case _:
                return 0x21, b""

    def _find(self) -> tuple[int, bytes]:
        self.counters["looks"] += 1
        if self._card is None or (self._step == "read" and not self.finds_again):
            return sdt.NOT_FOUND, b""
        self._step = "found"
        self.counters["found"] += 1
        return sdt.FOUND, bytes(4)

    def _select(self) -> tuple[int, bytes]:
        if self._step != "found":
            return sdt.NOT_SELECTED, b""
        self._step = "selected"
        return sdt.OK, bytes(8)

    def _read(self) -> tuple[int, bytes]:
        if self._card is None or self._step not in ("selected", "read") or "unreadable" in self._bad:
            return 0x41, b""
        self._step = "read"
        self.counters["read"] += 1
        return sdt.OK, sdt.base_message(id_card_text.encode(self._card), PHOTO)
