"""The twin of a PN532 on its serial line, with tags that a person holds to it and takes away.

The chip knows at most two tags at once, here one; it can list it, release it, and hand commands through to it. What a
tag holds is its own (`mifare_card.py`), wherever it is held to next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from hardware.protocols import pn532, stored_value_card
from hardware.protocols.mifare import CONTEXT, FORMAT, REFUSED, SIZE, TIMEOUT
from hardware.twins.mifare_card import Gone, MifareCard
from hardware.twins.serial_twin import FramedTwin, WireFaults
from hardware.twins.twin_actions import Answer, Doing, act_answer

STRANGE = "0bad0bad"
"""A tag that no unit.toml names."""


class TwinTag(msgspec.Struct, frozen=True):
    """A practice tag of type A: 4- or 7-byte *uid*, its *sens_res* and *sel_res* (defaults: MIFARE Classic 1K)."""

    uid: bytes
    sens_res: int = 0x0004
    sel_res: int = 0x08


def _tap(twin: Pn532Twin, args: dict[str, Any], _: float) -> Answer:
    uid = str(args["uid"]) if "uid" in args else twin.uid_of(str(args["number"]))
    if uid and len(uid) not in (8, 14, 20):
        raise ValueError(f"uid = {uid!r}: allowed are 4, 7 or 10 bytes in hex digits")
    if uid:
        twin.tap(TwinTag(bytes.fromhex(uid)))
    return act_answer(uid, "no tag stands for that number here")


def _remove(twin: Pn532Twin, _: dict[str, Any], __: float) -> Answer:
    twin.remove()
    return {"ok": True}


def _encode(twin: Pn532Twin, args: dict[str, Any], _: float) -> Answer:
    """Return what a card office does: a purse with a balance and a journey on the tag, wherever it lies."""
    uid = bytes.fromhex(str(args["uid"]) if "uid" in args else twin.uid_of(str(args["number"])))
    if uid:
        at = 4 * int(args.get("sector", 1))
        twin.memory(uid).blocks[at : at + 2] = stored_value_card.fresh(uid, int(args["fen"]), str(args.get("trip", "")))
    return act_answer(uid.hex(), "no tag stands for that number here")


def _lay(twin: Pn532Twin, args: dict[str, Any], _: float) -> Answer:
    """Lay a card as on an ID reader: one at a time, and a number that no tag stands for is somebody else's tag."""
    free = twin.state()["uid"] is None
    if free:
        twin.tap(TwinTag(bytes.fromhex(twin.uid_of(str(args["number"])) or STRANGE)))
    return act_answer(free, "a card lies there already")


def _lift(twin: Pn532Twin, _: dict[str, Any], __: float) -> Answer:
    found = twin.state()
    twin.remove()
    return act_answer(found["uid"], "no card lies there", number=found["number"])


class Pn532Twin(FramedTwin):
    """The reader. ``tap`` and ``remove`` are the person's. *cards*: the tags that lie beside it, UID (hex) → number."""

    ACTS: ClassVar[dict[str, Doing]] = {
        "tap_tag": _tap,
        "remove_tag": _remove,
        "encode_tag": _encode,
        "lay_card": _lay,
        "lift_card": _lift,
    }
    FAULTS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, cards: Mapping[str, str] | None = None) -> None:
        self.wire = WireFaults()
        self._cards = {uid.lower(): number for uid, number in (cards or {}).items()}
        self.counters = {"taps": 0, "lists": 0, "commands": 0}
        self._codec = pn532.Codec()
        self._tag: TwinTag | None = None
        self._listed = False
        self._memories: dict[str, MifareCard] = {}
        self._last = b""

    # -- what a person does -------------------------------------------------------------------------------------------

    def tap(self, tag: TwinTag) -> None:
        """Hold *tag* to the reader (in place of another one)."""
        self._tag, self._listed = tag, False
        self.counters["taps"] += 1

    def remove(self) -> None:
        """Take the tag away."""
        self._tag, self._listed = None, False

    def uid_of(self, number: str) -> str:
        """Return the UID of the tag that stands for *number*; "" for none."""
        return next((uid for uid, card in self._cards.items() if card == number), "")

    def memory(self, uid: bytes) -> MifareCard:
        """Return what the tag with that UID holds, in the field or out of it."""
        return self._memories.setdefault(uid.hex(), MifareCard(uid))

    def state(self) -> dict[str, Any]:
        """Return uid of the tag in the field (hex) or None, the number that it stands for, counters, and the memories
        (hex) of tags that were ever written.
        """
        uid = self._tag.uid.hex() if self._tag else None
        held = {uid: b"".join(card.blocks).hex() for uid, card in self._memories.items() if card.written}
        return {
            "uid": uid,
            "number": self._cards.get(uid or "", ""),
            "counters": dict(self.counters),
            "memories": held,
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Take up what an earlier process kept: what lay there lies there."""
        if isinstance(uid := kept.get("uid"), str):
            self.tap(TwinTag(bytes.fromhex(uid)))
        self.counters.update(kept.get("counters", {}))
        for uid, held in kept.get("memories", {}).items():
            data = bytes.fromhex(held)
            self._memories[uid] = MifareCard(
                bytes.fromhex(uid), [data[at : at + SIZE] for at in range(0, len(data), SIZE)]
            )

    # -- the wire -----------------------------------------------------------------------------------------------------

    def _take(self, message: pn532.Message, now_ms: int) -> bytes:
        match message:
            case pn532.Frame(tfi, data) if tfi == pn532.HOST and data:
                self.counters["commands"] += 1
                self._last = self._reply(data)
                ack = self.wire.spoil(pn532.send(pn532.Ack()), now_ms, spoilable=False)
                return ack + self._spoiled(now_ms)
            case pn532.Nack():
                return self._spoiled(now_ms)
            case _:
                return b""

    def _spoiled(self, now_ms: int) -> bytes:
        """Return the last reply's bytes; a spoiled one has its sum wrong, which stands before the closing zero."""
        if not self._last:
            return b""
        return self.wire.spoil(self._last[:-1], now_ms) + b"\x00" * (not self.wire.silent)

    def _reply(self, data: bytes) -> bytes:
        answer = self._run(data[0], data[1:])
        if answer is None:
            return pn532.send(pn532.Frame(pn532.ERROR, b""))
        return pn532.send(pn532.Frame(pn532.CHIP, bytes([data[0] + 1]) + answer))

    def _run(self, command: int, data: bytes) -> bytes | None:
        match command:
            case pn532.FIRMWARE:
                return b"\x32\x01\x06\x07"
            case pn532.DIAGNOSE:
                return data if data[:1] == b"\x00" else b"\x00"
            case pn532.READ_REGISTER:
                return bytes(len(data) // 2)
            case pn532.SAM_CONFIG | pn532.SET_PARAMETERS | pn532.RF_CONFIG | pn532.WRITE_REGISTER | pn532.SET_BAUD:
                return b""
            case pn532.POWER_DOWN:
                return b"\x00"
            case pn532.LIST_TARGETS:
                return self._list(data)
            case pn532.RELEASE | pn532.DESELECT:
                self._listed = False
                return b"\x00"
            case pn532.DATA_EXCHANGE:
                return self._exchange(data)
            case _:
                return None

    def _list(self, data: bytes) -> bytes | None:
        if len(data) < 2:
            return None
        self.counters["lists"] += 1
        wanted = data[2:]  # some hosts ask for one UID
        if self._tag is None or data[1] != 0x00 or (wanted and not wanted.endswith(self._tag.uid)):
            return b"\x00"
        self._listed, tag = True, self._tag
        self.memory(tag.uid).found()
        return b"\x01\x01" + tag.sens_res.to_bytes(2, "big") + bytes([tag.sel_res, len(tag.uid)]) + tag.uid

    def _exchange(self, data: bytes) -> bytes:
        if len(data) < 2:
            return bytes([FORMAT])
        if not self._listed:
            return bytes([CONTEXT])
        if self._tag is None:
            return bytes([TIMEOUT])
        try:
            answer = self.memory(self._tag.uid).command(data[1:])
        except Gone:
            self.remove()
            return bytes([TIMEOUT])
        if answer == bytes([REFUSED]):
            self._listed = False  # a real card falls silent after a refusal
        return answer
