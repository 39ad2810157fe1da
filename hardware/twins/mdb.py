"""The twin of an MDB changer and its adapter: text lines on one pty, a coin slot and tubes behind them.

The changer lets a token in when its type is enabled and it was polled within the last two seconds; the token goes into
its tube while there is room, else into the box, and is told at the next poll, once. DISPENSE drops a coin every PAY_MS
into the open cup; jammed, it stops and the tubes show what came. Tubes, box, cup and counts outlive everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.mdb import MdbCoins, MdbTubeSettings
from hardware.protocols import mdb_changer as changer
from hardware.protocols import mdb_qibixx as text
from hardware.twins.coin_pulse import TOKEN_ACTS
from hardware.twins.serial_twin import WireFaults
from hardware.twins.twin_actions import Answer, Doing

NEGLECTED_MS = 2000
TUBE = 40
"""Coins that a tube holds."""
SCALE_FEN = 50
STATES = {word: code for code, word in changer.STATUS.items()}


class ChangerTwin:
    """Adapter and changer. `token` is the person's; `coins`: type → fen, each a multiple of SCALE_FEN."""

    PAY_MS = 200

    def __init__(self, coins: Mapping[int, int], pieces: int = 20) -> None:
        """Set up with *pieces* in each tube."""
        self.coins = dict(coins)
        self.tubes = dict.fromkeys(coins, pieces)
        self.box: list[int] = []
        self.cup: list[int] = []
        self.fallen: list[int] = []
        self.counters = {"accepted": 0, "refused": 0, "paid": 0, "orders": 0}
        self.wire = WireFaults()
        self.jam = self.dead = False
        self.mask = 0
        self._told: list[bytes] = []
        self._paying: tuple[int, int] = (0, 0)
        self._since_ms = self.now_ms = 0
        self._polled_ms = -NEGLECTED_MS
        self._codec = text.Codec()
        self.parts: dict[str, SlotPart | TubesPart] = {}

    # -- what people and bad luck do ----------------------------------------------------------------------------------

    def open_for(self, fen: int) -> bool:
        """Return whether a token of that value would be let in now."""
        kind = self._kind(fen)
        polled = self.now_ms - self._polled_ms < NEGLECTED_MS
        return polled and kind is not None and bool(self.mask >> kind & 1)

    def token(self, fen: int) -> bool:
        """Put in a token; False when it falls back into the return cup."""
        kind = self._kind(fen)
        if kind is None or not self.open_for(fen):
            self.fallen.append(fen)
            self.counters["refused"] += 1
            self._told += [b"\x21"] if kind is None else []
            return False
        self.counters["accepted"] += 1
        if in_tube := self.tubes[kind] < TUBE:
            self.tubes[kind] += 1
        else:
            self.box.append(fen)
        self._told.append(bytes([0x40 | in_tube << 4 | kind, self.tubes[kind]]))
        return True

    def power_cycle(self) -> None:
        """Cut the power and bring it back: what was not told yet is lost, and so is what it was told."""
        self.mask, self._told, self._paying = 0, [bytes([STATES["reset"]])], (0, 0)

    def say(self, word: str) -> None:
        """Queue a status for the next poll."""
        self._told.append(bytes([STATES[word]]))

    def _kind(self, fen: int) -> int | None:
        return next((kind for kind, worth in self.coins.items() if worth == fen), None)

    # -- the wire -----------------------------------------------------------------------------------------------------

    @property
    def paying(self) -> int:
        """Coins that are still to come."""
        return self._paying[1]

    def receive(self, data: bytes, now_ms: int) -> bytes:
        """Take lines from the host; return what the adapter says."""
        out = self.tick(now_ms)
        for message in self._codec.receive_data(self.wire.hear(data), now_ms):
            if isinstance(message, text.Line) and (said := self._answer(message)):
                out += self.wire.spoil(text.send(text.Line(*said)), now_ms)
        return out

    def tick(self, now_ms: int) -> bytes:
        """Time passed; coins fall."""
        self.now_ms = now_ms
        kind, left = self._paying
        while left and not self.jam and self.tubes[kind] and now_ms - self._since_ms >= self.PAY_MS:
            self._since_ms += self.PAY_MS
            self.tubes[kind] -= 1
            left -= 1
            self.counters["paid"] += 1
            self.cup.append(self.coins[kind])
        if left and now_ms - self._since_ms >= 5 * self.PAY_MS:
            left = 0
            self.say("tube_jam")
        self._paying = (kind, left)
        return self.wire.due(now_ms)

    def _answer(self, line: text.Line) -> tuple[str, tuple[str, ...]] | None:
        match line.letter, line.fields:
            case "V", ():
                return "v", ("4.0.2.0", "twin")
            case "M", ("1",):
                return "m", ("ACK",)
            case "R", (command, *data):
                said = None if self.dead else self._peripheral(int(command, 16), bytes.fromhex("".join(data)))
                return "p", ("NACK" if said is None else said.hex().upper() or "ACK",)
            case _:
                return None

    def _peripheral(self, command: int, data: bytes) -> bytes | None:
        """Return the changer's block; empty for ACK, None where it does not answer."""
        match command:
            case changer.RESET:
                self.power_cycle()
            case changer.POLL:
                return self._poll()
            case changer.SETUP:
                credit = bytes(self.coins.get(kind, 0) // SCALE_FEN for kind in range(changer.TYPES))
                routing = sum(1 << kind for kind in self.tubes).to_bytes(2, "big")
                return bytes([3, 0x11, 0x56, SCALE_FEN // 10, 1]) + routing + credit
            case changer.TUBES:
                full = sum(1 << kind for kind, count in self.tubes.items() if count >= TUBE)
                return full.to_bytes(2, "big") + bytes(self.tubes.get(kind, 0) for kind in range(changer.TYPES))
            case changer.COIN_TYPE if len(data) == 4:
                self.mask = int.from_bytes(data[:2], "big")
            case changer.DISPENSE if len(data) == 1:
                return self._dispense(data[0] & 0x0F, data[0] >> 4)
            case changer.EXPANSION if data == b"\x00":
                return b"TWN" + b"000000345678" + b"CHANGER-1   " + b"\x01\x00" + bytes(4)
            case _:
                return None
        return b""

    def _poll(self) -> bytes:
        self._polled_ms = self.now_ms
        told, self._told = self._told[:8], self._told[8:]
        return b"".join(told) + (bytes([STATES["payout_busy"]]) if self.paying else b"")

    def _dispense(self, kind: int, count: int) -> bytes | None:
        if self.paying or kind not in self.tubes:
            return None
        self.counters["orders"] += 1
        self._paying, self._since_ms = (kind, count), self.now_ms
        return b""

    def state(self) -> dict[str, Any]:
        """Return every part's state by name."""
        return {name: part.state() for name, part in self.parts.items()}


class SlotPart:
    """The coin slot of the changer."""

    ACTS: ClassVar[dict[str, Doing]] = TOKEN_ACTS
    FAULTS: ClassVar[tuple[str, ...]] = ("power_cycle", "off_the_bus")

    def __init__(self, twin: ChangerTwin) -> None:
        self.twin, self.wire = twin, twin.wire

    def token(self, fen: int, now_ms: float = 0) -> bool:
        """Put in a token."""
        return self.twin.token(fen)

    def empty_cup(self) -> list[int]:
        """Take what fell back."""
        tokens, self.twin.fallen = self.twin.fallen, []
        return tokens

    def empty_box(self) -> None:
        """Empty the box, as a technician does."""
        self.twin.box.clear()

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Cut its power, or take the changer off the adapter's bus."""
        if kind == "power_cycle":
            self.twin.power_cycle()
        else:
            self.twin.dead = on

    def state(self) -> dict[str, Any]:
        """Return open, what lies in box, tubes (fen) and return cup, counters."""
        twin = self.twin
        counters = {name: twin.counters[name] for name in ("accepted", "refused")}
        is_open = any(twin.open_for(fen) for fen in twin.coins.values())
        return {"open": is_open, "box": list(twin.box), "cup": list(twin.fallen), "counters": counters}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up box, cup and counters."""
        self.twin.box, self.twin.fallen = list(state.get("box", [])), list(state.get("cup", []))
        self.twin.counters.update(state.get("counters", {}))


def _take_change(part: TubesPart, _: dict[str, Any], __: float) -> Answer:
    return {"ok": True, "tokens": part.take()}


class TubesPart:
    """The tubes and the open cup before them."""

    ACTS: ClassVar[dict[str, Doing]] = {"take_change": _take_change}
    FAULTS: ClassVar[tuple[str, ...]] = ("jam", "empty")

    def __init__(self, twin: ChangerTwin) -> None:
        self.twin, self.wire = twin, twin.wire

    def take(self) -> list[int]:
        """Take what lies in the cup."""
        taken, self.twin.cup = self.twin.cup, []
        return taken

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Jam the tubes, or empty them."""
        if kind == "jam":
            self.twin.jam = on
        else:
            self.twin.tubes = dict.fromkeys(self.twin.tubes, 0 if on else 20)

    def state(self) -> dict[str, Any]:
        """Return pieces by value (fen as text), the cup (fen), whether something is being paid, counters."""
        twin = self.twin
        return {
            "tubes": {str(twin.coins[kind]): count for kind, count in twin.tubes.items()},
            "cup": list(twin.cup),
            "paying": bool(twin.paying),
            "counters": {name: twin.counters[name] for name in ("paid", "orders")},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what lies in tubes and cup."""
        tubes = state.get("tubes", {})
        self.twin.tubes.update(
            {kind: int(tubes.get(str(fen), self.twin.tubes[kind])) for kind, fen in self.twin.coins.items()}
        )
        self.twin.cup = list(state.get("cup", []))
        self.twin.counters.update(state.get("counters", {}))


def wires(devices: DeviceTables, money: MoneyChannels) -> dict[str, ChangerTwin]:
    """Make a twin for each changer, by its port as unit.toml names it."""
    found: dict[str, ChangerTwin] = {}
    for name, table in devices.named():
        if isinstance(table, MdbCoins | MdbTubeSettings):
            told = {int(kind): fen for kind, fen in getattr(table, "coins", {}).items()}
            twin = found.setdefault(table.port, ChangerTwin(told or dict(enumerate(money.tokens_fen))))
            twin.parts[name] = SlotPart(twin) if isinstance(table, MdbCoins) else TubesPart(twin)
    return found
