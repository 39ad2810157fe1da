"""The twin of a ccTalk bill validator with an escrow and a stacker.

A bill goes from the slot through measuring into escrow, where it waits for ROUTE BILL; nobody's decision for HOLD_MS
gives it back. It is drawn in when its type is not inhibited, the master inhibit is off, it was polled within the last
second and at all since its reset, and nothing stands in the mouth. Power that fails leaves a bill in the path where
`lands` says, and no event tells it, for numbers and events begin anew. Box, mouth and counts outlive everything.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from hardware.protocols import cctalk
from hardware.protocols import cctalk_money as meaning
from hardware.twins.cctalk import NAK, Slave
from hardware.twins.cctalk_slaves import NEGLECTED_MS
from hardware.twins.note_actions import NOTE_ACTS
from hardware.twins.twin_actions import Doing

_CODES = {name: code for code, name in meaning.BILL_EVENTS.items()}


class BillSlave(Slave):
    """The validator. `put_in`, `take_out` and `empty_box` are people's. Its own only slave and part."""

    CATEGORY = b"Bill Validator"
    ACTS: ClassVar[dict[str, Doing]] = NOTE_ACTS
    FAULTS: ClassVar[tuple[str, ...]] = ("power_cycle", "jam", "stacker_out")
    READ_MS, MOVE_MS, HOLD_MS = 150, 200, 10_000

    def __init__(self, bills: dict[int, int], address: int = 40, serial: int = 654_321, crc: bool = False) -> None:
        """Take *bills*: type → fen; identities are told as `CN0001A`, in yuan."""
        super().__init__(address, serial, crc)
        self.bills = dict(bills)
        self.box: list[int] = []
        self.mouth = 0
        self.lands: Literal["mouth", "box"] = "mouth"
        self.jam = False
        self.stacker = True
        self.counters = {"stacked": 0, "returned": 0, "rejected": 0}
        self.fault = 0
        self.reset()

    @property
    def slaves(self) -> tuple[Slave, ...]:
        """Itself."""
        return (self,)

    def reset(self) -> None:
        """Inhibit all, with no events, number 0, no escrow; what lay in the path ends where `lands` says."""
        piece = getattr(self, "_piece", 0)
        self.mask, self.master, self.mode = 0, True, 0
        self.number, self.events = 0, list[tuple[int, int]]()
        self._piece, self._good, self._stage, self._since_ms = 0, True, "idle", 0
        self._polled_ms: int | None = None
        if piece and self.lands == "box":
            self._into_box(piece)
        elif piece:
            self._into_mouth(piece, "returned")

    # -- people and luck ----------------------------------------------------------------------------------------------

    def put_in(self, fen: int, serial: str = "", good: bool = True, now_ms: float = 0) -> bool:
        """Offer a bill; False when the slot does not draw it in."""
        kind = next((kind for kind, worth in self.bills.items() if worth == fen), None)
        if kind is None:
            raise ValueError(f"note of {fen} fen: allowed are {sorted(self.bills.values())}")
        blocked = self._piece or self.mouth or self.jam or not self.stacker or self.fault
        if blocked or not self.is_open or not self.mask >> kind - 1 & 1:
            return False
        self._piece, self._good = fen, good
        self._enter("measuring")
        return True

    @property
    def is_open(self) -> bool:
        """Return whether it draws bills in."""
        polled = self._polled_ms is not None and self.now_ms - self._polled_ms < NEGLECTED_MS
        return self.master and polled and bool(self.mask)

    def take_out(self) -> int | None:
        """Take what stands in the mouth."""
        fen, self.mouth = self.mouth, 0
        return fen or None

    def empty_box(self) -> None:
        """Empty the box, as a technician does."""
        self.box.clear()

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Begin or end one of `FAULTS`."""
        match kind:
            case "power_cycle":
                self.power_cycle()
            case "jam":
                self.jam = on
                self.event(0, _CODES["safe_jam" if on else "jam_cleared"])
            case "stacker_out":
                self.stacker = not on
                self.event(0, _CODES["stacker_removed" if on else "stacker_inserted"])

    def state(self) -> dict[str, Any]:
        """Return stage, what lies in the path, mouth and box (fen), open, counters."""
        return {
            "stage": self._stage,
            "piece": self._piece,
            "mouth": self.mouth,
            "box": list(self.box),
            "open": self.is_open,
            "counters": dict(self.counters),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up box, mouth and counters; what lay in the path as after a power cut."""
        self.box, self.mouth = list(state.get("box", [])), int(state.get("mouth", 0))
        self.counters.update(state.get("counters", {}))
        self._piece = int(state.get("piece", 0))
        self.reset()

    # -- the path -----------------------------------------------------------------------------------------------------

    def event(self, first: int, second: int) -> None:
        """Queue an event that 159 tells."""
        self.number = meaning.next_number(self.number)
        self.events = [(first, second), *self.events][:5]

    def _enter(self, stage: str) -> None:
        self._stage, self._since_ms = stage, self.now_ms

    @property
    def _kind(self) -> int:
        return next(kind for kind, fen in self.bills.items() if fen == self._piece)

    def _into_box(self, fen: int) -> None:
        self.box.append(fen)
        self.counters["stacked"] += 1

    def _into_mouth(self, fen: int, how: str) -> None:
        self.mouth = fen
        self.counters[how] += 1

    def tick(self, now_ms: int) -> None:
        """Move the bill on to where it is by *now_ms*."""
        super().tick(now_ms)
        lasted_ms = now_ms - self._since_ms
        if self.jam:
            return
        match self._stage:
            case "measuring" if lasted_ms >= self.READ_MS:
                self._measured()
            case "escrow" if lasted_ms >= self.HOLD_MS:
                self._enter("returning")
            case "stacking" if lasted_ms >= self.MOVE_MS:
                self.event(self._kind, 0)
                self._into_box(self._piece)
                self._rest()
            case "returning" if lasted_ms >= self.MOVE_MS:
                self.event(0, _CODES["returned"])
                self._into_mouth(self._piece, "returned")
                self._rest()

    def _measured(self) -> None:
        if self._good:
            self._enter("escrow")
            self.event(self._kind, 1)
        else:
            self.event(0, _CODES["invalid"])
            self._into_mouth(self._piece, "rejected")
            self._rest()

    def _rest(self) -> None:
        self._piece = 0
        self._enter("idle")

    # -- the wire -----------------------------------------------------------------------------------------------------

    def answer(self, header: int, data: bytes) -> bytes | tuple[int, bytes] | None:
        """Answer with events, inhibits, identities, the route."""
        match header:
            case cctalk.BILL_CREDIT:
                self._polled_ms = self.now_ms
                told = [*self.events, *[(0, 0)] * 5][:5]
                return bytes([self.number, *(byte for pair in told for byte in pair)])
            case cctalk.ROUTE_BILL if len(data) == 1:
                return self._route(data[0])
            case cctalk.SET_INHIBITS | cctalk.SET_MASTER | cctalk.SET_BILL_MODE:
                return self._set(header, data)
            case cctalk.INHIBITS:
                return self.mask.to_bytes(2, "little")
            case cctalk.MASTER:
                return bytes([self.master])
            case cctalk.BILL_MODE:
                return bytes([self.mode])
            case cctalk.COUNTRY_SCALING if len(data) == 2:
                return b"\x64\x00\x02" if data == b"CN" else bytes(3)
            case cctalk.BILL_ID if len(data) == 1:
                fen = self.bills.get(data[0])
                return b"......." if fen is None else f"CN{fen // 100:04d}A".encode()
            case cctalk.SELF_CHECK:
                return bytes([self.fault])
            case _:
                return super().answer(header, data)

    def _set(self, header: int, data: bytes) -> bytes | None:
        if len(data) != (2 if header == cctalk.SET_INHIBITS else 1):
            return None
        value = int.from_bytes(data, "little")
        if header == cctalk.SET_INHIBITS:
            self.mask = value
        elif header == cctalk.SET_MASTER:
            self.master = bool(value & 1)
        else:
            self.mode = value
        return b""

    def _route(self, where: int) -> bytes | tuple[int, bytes]:
        if self._stage != "escrow":
            return meaning.ROUTE_EMPTY
        if where not in (meaning.ROUTE_BACK, meaning.ROUTE_STACK, meaning.ROUTE_HOLD):
            return NAK
        if self.jam:
            return meaning.ROUTE_FAILED
        self._enter({meaning.ROUTE_BACK: "returning", meaning.ROUTE_STACK: "stacking"}.get(where, "escrow"))
        return b""
