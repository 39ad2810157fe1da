"""The twins of a ccTalk coin acceptor and of hoppers: what they do with tokens, with power cuts, and when neglected.

The acceptor lets a token in when its position is not inhibited, the master inhibit is off, it was polled within the
last second, and was polled at all since its reset; else the token is back in the cup, and that is an event too. A
hopper pays a piece every PAY_MS into an open cup; empty or jammed it gives up after GIVE_UP_MS. Its payout number is
0 after a power cut, while paid and unpaid are kept, unless it is one that `forgets`. Boxes, cups and counts outlive
everything: they are what a test judges by.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hardware.protocols import cctalk
from hardware.protocols import cctalk_money as meaning
from hardware.twins.cctalk import BUSY, NAK, Slave
from hardware.twins.coin_pulse import TOKEN_ACTS, BoxAndCup
from hardware.twins.serial_twin import WireFaults
from hardware.twins.twin_actions import Answer, Doing

NEGLECTED_MS = 1000


class CoinSlave(BoxAndCup, Slave):
    """The acceptor. `token` and `empty_cup` are the person's. Its own only slave and part."""

    CATEGORY = b"Coin Acceptor"
    ACTS: ClassVar[dict[str, Doing]] = TOKEN_ACTS
    FAULTS: ClassVar[tuple[str, ...]] = ("power_cycle", "lever")

    def __init__(self, coins: dict[int, int], address: int = 2, serial: int = 345_678, crc: bool = False) -> None:
        """Take *coins*: position → fen; identities are told as `CN100A`."""
        BoxAndCup.__init__(self)
        Slave.__init__(self, address, serial, crc)
        self.coins = dict(coins)
        self.counters = {"accepted": 0, "refused": 0}
        self.fault = 0
        self.lever = False
        self.tells_mask = True
        """Knows header 230; some acceptors are only told their inhibits."""
        self.fell: Callable[[int], bool] = lambda fen: False
        """Where a token falls that was let in: True when a hopper has it, else it is in the box."""
        self.events: list[tuple[int, int]] = []
        self.number = 0
        self.reset()

    @property
    def slaves(self) -> tuple[Slave, ...]:
        """Itself."""
        return (self,)

    def reset(self) -> None:
        """Inhibit all, with no events, number 0."""
        self.mask, self.master = 0, True
        self.number, self.events = 0, []
        self._polled_ms: int | None = None

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Cut its power and bring it back, or hold the return lever down."""
        if kind == "lever":
            self.lever = on
        else:
            self.power_cycle()

    def open_for(self, fen: int) -> bool:
        """Return whether a token of that value would be let in now."""
        position = self._position(fen)
        polled = self._polled_ms is not None and self.now_ms - self._polled_ms < NEGLECTED_MS
        return self.master and polled and not self.fault and bool(position and self.mask >> position - 1 & 1)

    def token(self, fen: int, now_ms: float = 0) -> bool:
        """Put in a token; False when it falls back into the cup."""
        position = self._position(fen)
        if not self.open_for(fen):
            self.cup.append(fen)
            self.counters["refused"] += 1
            self.event(0, 1 if position is None else 127 + position)
            return False
        self.counters["accepted"] += 1
        if not self.fell(fen):
            self.box.append(fen)
        self.event(position or 0, 0)
        return True

    def event(self, first: int, second: int) -> None:
        """Queue an event that 229 tells: a credit, or 0 and a code."""
        self.number = meaning.next_number(self.number)
        self.events = [(first, second), *self.events][:5]

    def _position(self, fen: int) -> int | None:
        return next((position for position, worth in self.coins.items() if worth == fen), None)

    def state(self) -> dict[str, Any]:
        """Return open, box and cup (fen), counters."""
        is_open = any(self.open_for(fen) for fen in self.coins.values())
        return {"open": is_open, "box": list(self.box), "cup": list(self.cup), "counters": dict(self.counters)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up box, cup and counters."""
        self.take_up(state)
        self.counters.update(state.get("counters", {}))

    def answer(self, header: int, data: bytes) -> bytes | tuple[int, bytes] | None:
        """Answer 229, inhibits, identities, self-check."""
        match header:
            case cctalk.CREDIT:
                self._polled_ms = self.now_ms
                told = [*self.events, *[(0, 0)] * 5][:5]
                return bytes([self.number, *(byte for pair in told for byte in pair)])
            case cctalk.SET_INHIBITS if len(data) == 2:
                self.mask = int.from_bytes(data, "little")
                return b""
            case cctalk.INHIBITS:
                return self.mask.to_bytes(2, "little") if self.tells_mask else None
            case cctalk.SET_MASTER if len(data) == 1:
                self.master = bool(data[0] & 1)
                return b""
            case cctalk.MASTER:
                return bytes([self.master])
            case cctalk.COIN_ID if len(data) == 1:
                fen = self.coins.get(data[0])
                return b"......" if fen is None else f"CN{fen:03d}A".encode()
            case cctalk.SELF_CHECK:
                return bytes([self.fault])
            case cctalk.PRIORITY:
                return bytes([2, 20])
            case cctalk.COIN_STATUS:
                return bytes([self.lever])
            case 226 | 225 | 194 | 193:
                accepted, refused = self.counters["accepted"], self.counters["refused"]
                count = {226: accepted + refused, 225: accepted, 194: refused}.get(header, 0)
                return count.to_bytes(3, "little")
            case _:
                return super().answer(header, data)


class HopperSlave(Slave):
    """One hopper with *pieces* of *fen*; pays into the *cup*."""

    CATEGORY = b"Payout"
    PAY_MS, GIVE_UP_MS = 250, 2000

    def __init__(
        self,
        fen: int,
        pieces: int,
        cup: list[int],
        address: int = 3,
        serial: int = 0,
        security: str = "serial",
        crc: bool = False,
    ) -> None:
        super().__init__(address, serial or 500_000 + address, crc)
        self.fen, self.pieces, self.security = fen, pieces, security
        self.jam = self.forgets = False
        self.counters = {"paid": 0, "orders": 0}
        self.paid = self.unpaid = self.remaining = self.number = 0
        self._cup = cup
        self.reset()

    def reset(self) -> None:
        """Disable it, with number 0; what was not paid is known, unless it is forgotten."""
        self.enabled, self.number = False, 0
        self.unpaid += self.remaining
        self.remaining = 0
        if self.forgets:
            self.paid = self.unpaid = 0
        self.flags = {"power_up"}
        self._since_ms = 0

    def tick(self, now_ms: int) -> None:
        """Pay the pieces that the motor has moved by *now_ms*."""
        super().tick(now_ms)
        while self.remaining and self.pieces and not self.jam and self.now_ms - self._since_ms >= self.PAY_MS:
            self._since_ms += self.PAY_MS
            self.pieces -= 1
            self.remaining -= 1
            self.paid += 1
            self.counters["paid"] += 1
            self._cup.append(self.fen)
        if self.remaining and self.now_ms - self._since_ms >= self.PAY_MS + self.GIVE_UP_MS:
            self._stop("timeout")

    def _stop(self, flag: str = "") -> int:
        left, self.remaining = self.remaining, 0
        self.unpaid = left
        self.flags |= {flag} - {""}
        return left

    def answer(self, header: int, data: bytes) -> bytes | tuple[int, bytes] | None:
        """Enable, dispense, status, test, level, stop."""
        match header:
            case cctalk.ENABLE_HOPPER if len(data) == 1:
                self.enabled = data[0] == cctalk.ENABLE_KEY
                return b""
            case cctalk.DISPENSE:
                return self._dispense(data)
            case cctalk.STATUS:
                return bytes([self.number, self.remaining, self.paid, self.unpaid])
            case cctalk.TEST_HOPPER:
                flags = self.flags | (set() if self.enabled else {"disabled"})
                self.flags = set()
                return sum(1 << meaning.HOPPER_FLAGS.index(flag) for flag in flags).to_bytes(2, "little")
            case cctalk.EMERGENCY_STOP:
                return bytes([self._stop()])
            case cctalk.LEVEL:
                return bytes([0x10 | (self.pieces < 10)])
            case _:
                return super().answer(header, data)

    def _dispense(self, data: bytes) -> bytes | tuple[int, bytes]:
        lock = self.serial.to_bytes(3, "little") if self.security == "serial" else bytes(8)
        if not self.enabled or data[:-1] != lock or not data[-1]:
            return NAK
        if self.remaining:
            return BUSY
        self.counters["orders"] += 1
        self.number = meaning.next_number(self.number)
        self.remaining, self.paid, self.unpaid = data[-1], 0, 0
        self._since_ms = self.now_ms
        return bytes([self.number])


def _take_change(twin: HoppersPart, _: dict[str, Any], __: float) -> Answer:
    return {"ok": True, "tokens": twin.take()}


class HoppersPart:
    """All hoppers and the open cup before them. `take` is the person's."""

    ACTS: ClassVar[dict[str, Doing]] = {"take_change": _take_change}
    FAULTS: ClassVar[tuple[str, ...]] = ("jam", "empty", "power_cycle")

    def __init__(self, hoppers: dict[int, HopperSlave], cup: list[int], fed: frozenset[int] = frozenset()) -> None:
        """Take *fed*: the values whose tokens the acceptor's sorter drops into their hopper."""
        self.hoppers, self.cup, self._fed = hoppers, cup, fed
        self.wire = WireFaults()
        for hopper in hoppers.values():
            hopper.wire = self.wire

    @property
    def slaves(self) -> tuple[HopperSlave, ...]:
        """All hoppers."""
        return tuple(self.hoppers.values())

    def feed(self, fen: int) -> bool:
        """Take a token from the sorter; return False when it goes elsewhere."""
        if fen not in self._fed:
            return False
        self.hoppers[fen].pieces += 1
        return True

    def take(self) -> list[int]:
        """Take what lies in the cup."""
        taken = list(self.cup)
        self.cup.clear()
        return taken

    def set_jam(self, on: bool) -> None:
        """Jam the hoppers, so that nothing comes out, or free them."""
        for hopper in self.slaves:
            hopper.jam = on

    @property
    def empty(self) -> bool:
        """Return whether no piece is left."""
        return not any(hopper.pieces for hopper in self.slaves)

    @empty.setter
    def empty(self, on: bool) -> None:
        for hopper in self.slaves:
            hopper.pieces = 0 if on else 100

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Begin or end one of `FAULTS`."""
        match kind:
            case "jam":
                self.set_jam(on)
            case "empty":
                self.empty = on
            case "power_cycle":
                self.power_cycle()

    def power_cycle(self) -> None:
        """Cut the power of all hoppers and bring it back."""
        for hopper in self.slaves:
            hopper.power_cycle()

    def state(self) -> dict[str, Any]:
        """Return pieces by value (fen as text), the cup (fen), whether something is being paid, counters."""
        counts = [hopper.counters for hopper in self.slaves]
        return {
            "hoppers": {str(fen): hopper.pieces for fen, hopper in self.hoppers.items()},
            "cup": list(self.cup),
            "paying": any(hopper.remaining for hopper in self.slaves),
            "counters": {name: sum(count[name] for count in counts) for name in ("paid", "orders")},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what lies in the hoppers and in the cup."""
        for fen, pieces in state.get("hoppers", {}).items():
            if int(fen) in self.hoppers:
                self.hoppers[int(fen)].pieces = int(pieces)
        self.cup[:] = state.get("cup", [])
        self.slaves[0].counters.update(state.get("counters", {}))
