"""The twin of a CRT-310: a motorised slot with one card path, a chip contact, a stripe head and a box for kept cards.

A card is put in at the front. With the entry open it is drawn in to the stop position; with the entry closed, or with
another card inside, the slot does not take it. The reader moves cards only when told: to the contacts, out to the
front (where a person may take it, or leave it) or to the box at the rear. It goes on holding the card while the host
is dead. Commands are carried out on ENQ and the answer to a repeated ENQ is the same answer, as on the real reader.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from hardware.protocols import crt310
from hardware.twins.serial_twin import FramedTwin, WireFaults
from hardware.twins.twin_actions import Answer, Doing, act_answer

VERSION = b"CRT 310 V3.0"
_CODES = {name: code for code, name in crt310.POSITIONS.items()}


class TwinCard(msgspec.Struct, frozen=True):
    """A practice card: its *number* (fictional, prefix 9900), *expires* YYMM, whether it has a *chip*, and its
    state.
    """

    number: str
    expires: str = "3012"
    chip: bool = True
    readable: bool = True
    wrong_way: bool = False

    def track2(self) -> str:
        """Track 2 without sentinels: number, ``=``, expiry YYMM, service code (2xx with a chip, 1xx without)."""
        return f"{self.number}={self.expires}{'201' if self.chip else '101'}0000"


def _insert(twin: Crt310Twin, args: dict[str, Any], _: float) -> Answer:
    card = TwinCard(
        str(args["card"]),
        str(args.get("expires", "3012")),
        bool(args.get("chip", True)),
        bool(args.get("readable", True)),
        bool(args.get("wrong_way", False)),
    )
    return act_answer(twin.insert_card(card), "the slot does not take the card")


def _take(twin: Crt310Twin, _: dict[str, Any], __: float) -> Answer:
    card = twin.take_card()
    return act_answer(card, "no card stands in the slot", card=card.number if card else "")


class Crt310Twin(FramedTwin):
    """The reader. ``insert_card``, ``take_card``, ``empty_box`` are the person's; ``jam`` is bad luck."""

    ACTS: ClassVar[dict[str, Doing]] = {"insert_card": _insert, "take_card": _take}
    FAULTS: ClassVar[tuple[str, ...]] = ("jam",)

    def __init__(self) -> None:
        self.wire = WireFaults()
        self.jam = False
        self.counters = {"inserted": 0, "ejected": 0, "taken": 0, "captured": 0, "refused": 0}
        self._codec = crt310.Codec()
        self._card: TwinCard | None = None
        self._position = "none"
        self._box: list[TwinCard] = []
        self._entry_open = False
        self._stop = "ic"
        self._ready: crt310.Frame | None = None
        self._answer = b""

    # -- what a person does -------------------------------------------------------------------------------------------

    def insert_card(self, card: TwinCard) -> bool:
        """Push *card* into the slot. False when the slot does not take it (closed, or a card is there)."""
        if self._card is not None or not self._entry_open:
            self.counters["refused"] += 1
            return False
        self._card, self._position = card, self._stop
        self.counters["inserted"] += 1
        return True

    def take_card(self) -> TwinCard | None:
        """Pull the card out at the front; None when none stands there."""
        if self._position not in ("front", "front_held"):
            return None
        card, self._card, self._position = self._card, None, "none"
        self.counters["taken"] += 1
        return card

    def empty_box(self) -> list[TwinCard]:
        """Take out the kept cards, as a technician does, and return them."""
        cards, self._box = self._box, []
        return cards

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Jam the card, or free it."""
        self.jam = on

    def state(self) -> dict[str, Any]:
        """Return position (none, front, front_held, inside, ic), number and chip of the card there, kept numbers,
        counters.
        """
        return {
            "position": self._position,
            "card": self._card.number if self._card else None,
            "chip": self._card.chip if self._card else None,
            "expires": self._card.expires if self._card else None,
            "captured": [card.number for card in self._box],
            "entry_open": self._entry_open,
            "jam": self.jam,
            "counters": dict(self.counters),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what an earlier process kept: a card does not move when the power fails. Whether it can be read is
        not kept: it can.
        """
        self.counters.update(state.get("counters", {}))
        self._box = [TwinCard(number) for number in state.get("captured", [])]
        if state.get("card"):
            self._card = TwinCard(state["card"], state.get("expires") or "3012", bool(state.get("chip", True)))
            self._position = state.get("position", "inside")

    # -- the wire -----------------------------------------------------------------------------------------------------

    def _take(self, message: crt310.Message, now_ms: int) -> bytes:
        match message:
            case crt310.Frame():
                self._ready, self._answer = message, b""
                return self._control(crt310.ACK, now_ms)
            case crt310.Broken():
                return self._control(crt310.NAK, now_ms)
            case crt310.Control(code) if code == crt310.ENQ:
                return self._enquired(now_ms)
            case crt310.Control(code) if code == crt310.EOT:
                self._ready, self._answer = None, b""
                return self._control(crt310.EOT, now_ms)
            case _:
                return b""

    def _control(self, code: int, now_ms: int) -> bytes:
        return self.wire.spoil(crt310.send(crt310.Control(code)), now_ms, spoilable=False)

    def _enquired(self, now_ms: int) -> bytes:
        if self._ready is not None:
            body, self._ready = self._ready.body, None
            self._answer = crt310.send(crt310.Frame(self._run(body)))
        return self.wire.spoil(self._answer, now_ms)

    # -- the commands -------------------------------------------------------------------------------------------------

    def _run(self, body: bytes) -> bytes:
        match body[0], body[1]:
            case 0x30, 0x30 | 0x31 | 0x32:
                return self._reset(body[:2])
            case 0x31, 0x30:
                return body[:2] + self._status()
            case 0x31, 0x31:
                return body[:2] + self._card_type()
            case 0x2F, front if front in (0x31, 0x32, 0x33, 0x34) and len(body) >= 3:
                self._entry_open = front != 0x31
                return body[:3] + b"Y"
            case 0x2E, stop if 0x30 <= stop <= 0x35:
                self._stop = ("front", "front_held", "inside", "ic", "rear_held", "captured")[stop - 0x30]
                return body[:2] + b"Y"
            case 0x32, where:
                return self._move(body[:2], where)
            case 0x33, 0x30 | 0x31:
                return body[:2] + self._chip_power()
            case 0x45, 0x30 if len(body) >= 4:
                return body[:4] + self._track(body[3])
            case command, _:
                return bytes([0x4E, command, 0x00])

    def _reset(self, command: bytes) -> bytes:
        if self._card is not None and not self.jam and command[1] != 0x30:
            self._move(command, 0x30 if command[1] == 0x31 else 0x33)
        self._entry_open, self._stop = False, "ic"
        return command + VERSION

    def _status(self) -> bytes:
        # A jammed card lies where the reader cannot name: it reports a card of wrong length.
        position = "long" if self.jam and self._card else self._position
        return bytes([_CODES[position], 0x4A if self._entry_open else 0x4E, 0x4E])

    def _card_type(self) -> bytes:
        if self._card is None:
            return b"N0"
        return b"20" if self._chip_answers() else b"00"

    def _chip_answers(self) -> bool:
        card = self._card
        return card is not None and card.chip and card.readable and not card.wrong_way and self._position == "ic"

    def _chip_power(self) -> bytes:
        if self._card is None:
            return b"E"
        if self._position != "ic":
            return b"W"
        return b"Y" if self._chip_answers() else b"N"

    def _track(self, which: int) -> bytes:
        if self._card is None:
            return b"\x1fN\xe5"
        if which != 0x32 or self._card.wrong_way:
            return b"\x1fN\xe5"
        if not self._card.readable:
            return b"\x1fN\xe3"
        return b"\x1fY" + self._card.track2().encode("ascii")

    def _move(self, command: bytes, where: int) -> bytes:
        targets = {0x2E: "inside", 0x2F: "ic", 0x30: "front", 0x31: "front_held", 0x32: "rear_held", 0x33: "captured"}
        if where == 0x34:
            self.jam = False
            return command + b"Y"
        if where not in targets:
            return bytes([0x4E, command[0], 0x01])
        if self._card is None:
            return command + b"E"
        if self.jam:
            return command + b"N"
        if targets[where] == "captured":
            self._box.append(self._card)
            self._card, self._position = None, "none"
            self.counters["captured"] += 1
            return command + b"Y"
        self._position = targets[where]
        self.counters["ejected"] += self._position in ("front", "front_held")
        return command + b"Y"
