"""The twin of a note recycler on eSSP: an SSP validator that keeps notes in a store and pays them out again.

Keys are agreed as the host proposes; what has to do with the store must be sealed, the rest may be. A note of a value
that is routed to the store lies in it afterwards, another one in the box. A payout moves note after note from the store
into the transport and out of the mouth, where it lies until somebody takes it (`out`). Power that fails meanwhile
leaves the note in the transport where `lands` says: let out, in the box, or in the store again; how much had come out
is told afterwards until it is acknowledged. Keys and whether it may pay are forgotten; store, box and routes are not.
"""

from __future__ import annotations

import secrets
from typing import Any, ClassVar, Literal

from hardware.protocols import essp, ssp, ssp_money
from hardware.twins.note_actions import NOTE_ACTS, PracticeNote
from hardware.twins.ssp import DEFAULT_VALUES, SspTwin
from hardware.twins.twin_actions import Answer, Doing, act_answer
from kiosk_firmware.core import money

COUNTRY = "CNY"
_SEALED_ONLY = frozenset(
    {ssp.PAYOUT, ssp.PAYOUT_PIECES, ssp.FLOAT, ssp.EMPTY, ssp.SET_ROUTE, ssp.ENABLE_PAYOUT, ssp.HALT}
)


def _take_cash(twin: EsspTwin, _: dict[str, Any], __: float) -> Answer:
    taken = twin.take_cash()
    return act_answer(taken, "nothing lies there", fen=sum(taken), notes=taken)


class EsspTwin(SspTwin):
    """The recycler. Besides a validator's acts, `take_cash` is the person's."""

    ACTS: ClassVar[dict[str, Doing]] = {**NOTE_ACTS, "take_cash": _take_cash}
    FAULTS: ClassVar[tuple[str, ...]] = (*SspTwin.FAULTS, "payout_jam")
    UNIT = 6
    PAY_MS = 300

    def __init__(self, values: tuple[int, ...] = DEFAULT_VALUES, address: int = 0, key: int = essp.FACTORY_KEY) -> None:
        self.values = values
        self.store: dict[int, int] = {}
        self.routes: dict[int, int] = {value * 100: 0 for value in values}
        self.out: list[int] = []
        self.lands: Literal["out", "box", "store"] = "out"
        self.payout_jam = False
        self._key = key
        self._owed_payout = b""
        self._moved_ms = 0
        self._end_job()
        super().__init__(values, address)
        self.counters |= {"stored": 0, "dispensed": 0, "transferred": 0, "orders": 0}

    def _end_job(self) -> None:
        self._job: list[int] = []
        self._transit: int | None = None
        self._asked_fen = self._paid_fen = 0

    def _power_up(self) -> None:
        super()._power_up()
        self._letters: essp.Letters | None = None
        self._numbers: dict[int, int] = {}
        self._is_sealed = self._pays = False

    # -- people and luck ----------------------------------------------------------------------------------------------

    def put_in(self, fen: int, serial: str = "", good: bool = True, now_ms: float = 0) -> bool:
        """Insert a note by its channel where it has one, else a barcode ticket."""
        if fen // 100 in self.values and not serial:
            return self.insert_note(fen // 100, good)
        return super().put_in(fen, serial, good)

    def take_cash(self) -> list[int]:
        """Take what was paid."""
        taken, self.out = self.out, []
        return taken

    def _insert(self, piece: PracticeNote) -> bool:
        return not self._asked_fen and not self._owed_payout and super()._insert(piece)

    def power_cycle(self) -> None:
        """Cut the power as a validator's; a payout that was under way ends."""
        super().power_cycle()
        if self._asked_fen:
            told = b"" if self._transit is None else self._land(self._transit)
            rows = ((self._paid_fen, COUNTRY), (self._asked_fen, COUNTRY))
            self._owed_payout = ssp_money.encode_values("incomplete_payout", *rows) + told
            self._end_job()

    def _land(self, fen: int) -> bytes:
        """Return where the note in the transport ends, as the event that tells it."""
        if self.lands == "out":
            self.out.append(fen)
            self.counters["dispensed"] += 1
        elif self.lands == "store":
            self.store[fen] = self.store.get(fen, 0) + 1
        else:
            self.box.append(PracticeNote(self.values.index(fen // 100) + 1))
            self.counters["transferred"] += 1
        name = {"out": "dispensed_at_reset", "store": "stored_at_reset", "box": "stacked_at_reset"}[self.lands]
        return bytes([ssp_money.CODES[name]]) + ssp_money.amount_of(fen, COUNTRY)

    def state(self) -> dict[str, Any]:
        """Return a validator's state, with the store (fen as text), what lies before the mouth, whether it
        is paying.
        """
        store = {str(fen): count for fen, count in sorted(self.store.items())}
        return {**super().state(), "store": store, "out": list(self.out), "paying": bool(self._asked_fen)}

    def restore(self, state: dict[str, Any]) -> None:
        """Restore a validator's state, with the store and what lies before the mouth."""
        super().restore(state)
        self.store = {int(fen): int(count) for fen, count in state.get("store", {}).items()}
        self.out = list(state.get("out", []))

    # -- the path -----------------------------------------------------------------------------------------------------

    def _put_away(self, piece: PracticeNote) -> bytes:
        fen = 0 if piece.ticket else self.values[piece.channel - 1] * 100
        if not fen or self.routes[fen] or not self._pays:
            return super()._put_away(piece)
        self.store[fen] = self.store.get(fen, 0) + 1
        self.counters["stored"] += 1
        self._last_reject = 0
        return bytes([ssp_money.CODES["note_stored"]])

    def tick(self, now_ms: int) -> bytes:
        """Move the path and the store's transport on to *now_ms*; return the bytes to send."""
        out = super().tick(now_ms)
        while self._asked_fen and not self.payout_jam and now_ms - self._moved_ms >= self.PAY_MS // 2:
            self._moved_ms += self.PAY_MS // 2
            self._move()
        if self.payout_jam:
            self._moved_ms = now_ms
        return out

    def _move(self) -> None:
        if self._transit is not None:
            self.out.append(self._transit)
            self._paid_fen += self._transit
            self._transit = None
            self.counters["dispensed"] += 1
        elif self._job:
            self._transit = self._job.pop(0)
            self.store[self._transit] -= 1
        if not self._job and self._transit is None:
            self._finish("dispensed")

    def _finish(self, how: str) -> None:
        self._owed_payout = ssp_money.encode_values(how, (self._paid_fen, COUNTRY))
        self._end_job()

    # -- the wire -----------------------------------------------------------------------------------------------------

    def _run(self, data: bytes) -> bytes:
        if data[0] != ssp.SEALED:
            self._is_sealed = False
            return self._answered(data)
        if (letters := self._letters) is None:
            return bytes([ssp.NO_KEY])
        if not (plain := letters.heard(data)):
            return b""
        self._is_sealed = True
        said = self._answered(plain)
        return letters.answer(said) if letters is self._letters else b""

    def _answered(self, data: bytes) -> bytes:
        command, rest = data[0], data[1:]
        if command in _SEALED_ONLY and not self._is_sealed:
            return bytes([ssp.NO_KEY])
        match command:
            case essp.GENERATOR | essp.MODULUS | essp.KEY_EXCHANGE:
                return self._agree(command, rest)
            case ssp.SET_ROUTE | ssp.ROUTE | ssp.ENABLE_PAYOUT | ssp.DISABLE_PAYOUT | ssp.LEVELS | ssp.LEVEL:
                return self._store_says(command, rest)
            case ssp.PAYOUT | ssp.PAYOUT_PIECES | ssp.FLOAT | ssp.EMPTY | ssp.HALT:
                return self._pay_out_command(command, rest)
            case _:
                return super()._run(data)

    def _agree(self, command: int, rest: bytes) -> bytes:
        number = int.from_bytes(rest, "little")
        if len(rest) != 8:
            return bytes([ssp.WRONG_PARAMETERS])
        if command != essp.KEY_EXCHANGE:
            self._numbers[command] = number
            return bytes([ssp.OK if essp.is_prime(number) else ssp.OUT_OF_RANGE])
        generator, modulus = self._numbers.get(essp.GENERATOR), self._numbers.get(essp.MODULUS)
        if generator is None or modulus is None:
            return bytes([ssp.CANNOT])
        secret = 2 + secrets.randbelow(1 << 31)
        self._letters = essp.Letters(essp.key_bytes(pow(number, secret, modulus), self._key))
        return bytes([ssp.OK]) + pow(generator, secret, modulus).to_bytes(8, "little")

    def _store_says(self, command: int, rest: bytes) -> bytes:
        ok, fen = bytes([ssp.OK]), int.from_bytes(rest[-7:-3], "little")
        if command in (ssp.SET_ROUTE, ssp.ROUTE, ssp.LEVEL) and (fen not in self.routes or rest[-3:] != b"CNY"):
            return bytes([ssp.OUT_OF_RANGE])
        match command:
            case ssp.SET_ROUTE if len(rest) == 8 and rest[0] < 2:
                self.routes[fen] = rest[0]
                return ok
            case ssp.ROUTE:
                return ok + bytes([self.routes[fen]])
            case ssp.LEVEL:
                return ok + self.store.get(fen, 0).to_bytes(2, "little")
            case ssp.LEVELS:
                return ok + ssp_money.pieces_of(((fen, self.store.get(fen, 0)) for fen in self.routes), COUNTRY)
            case ssp.ENABLE_PAYOUT | ssp.DISABLE_PAYOUT:
                self._pays = command == ssp.ENABLE_PAYOUT
                return ok
            case _:
                return bytes([ssp.WRONG_PARAMETERS])

    def _pay_out_command(self, command: int, rest: bytes) -> bytes:
        if command == ssp.HALT:
            return self._halt()
        if self._asked_fen or self._stage != "idle" or self._owed_payout:
            return bytes([ssp.CANNOT, 3])
        if not self._pays:
            return bytes([ssp.CANNOT, 4])
        match command:
            case ssp.EMPTY:
                return self._to_box(money.items(*self.store.items()), "emptied")
            case ssp.FLOAT:
                return self._float(rest)
            case ssp.PAYOUT:
                return self._pay(money.make(int.from_bytes(rest[:4], "little"), self._held), rest)
            case _:
                return self._pay(_pieces(rest), rest)

    @property
    def _held(self) -> money.Items:
        return money.items(*self.store.items())

    def _pay(self, items: money.Items | None, rest: bytes) -> bytes:
        if items is None:
            return bytes([ssp.CANNOT, 0 if money.total(self._held) < int.from_bytes(rest[:4], "little") else 1])
        if not items or rest[-1] not in (ssp_money.TEST, ssp_money.REAL):
            return bytes([ssp.OUT_OF_RANGE])
        if not money.holds(self._held, items):
            return bytes([ssp.CANNOT, 0])
        if rest[-1] == ssp_money.REAL:
            self.counters["orders"] += 1
            self._job = [fen for fen, count in items for _ in range(count)]
            self._asked_fen, self._moved_ms = money.total(items), self._now_ms
        return bytes([ssp.OK])

    def _float(self, rest: bytes) -> bytes:
        """Keep so much in the store; what is more goes into the box."""
        if len(rest) != 12:
            return bytes([ssp.WRONG_PARAMETERS])
        kept = money.make(int.from_bytes(rest[4:8], "little"), self._held)
        if kept is None:
            return bytes([ssp.CANNOT, 1])
        if rest[-1] != ssp_money.REAL:
            return bytes([ssp.OK])
        return self._to_box(money.without(self._held, kept), "floated")

    def _to_box(self, items: money.Items, told: str) -> bytes:
        for fen, count in items:
            self.store[fen] -= count
            self.box += [PracticeNote(self.values.index(fen // 100) + 1)] * count
            self.counters["transferred"] += count
        values = told == "floated"
        rows = ((money.total(self._held), COUNTRY),)
        self._owed_payout = ssp_money.encode_values(told, *rows) if values else bytes([ssp_money.CODES[told]])
        return bytes([ssp.OK])

    def _halt(self) -> bytes:
        if self._asked_fen:
            if self._transit is not None:
                self.store[self._transit] += 1
            self._finish("halted")
        return bytes([ssp.OK])

    def _event_ack(self) -> bytes:
        if self._owed or not self._owed_payout:
            return super()._event_ack()
        self._owed_payout = b""
        return bytes([ssp.OK])

    def _poll(self, with_ack: bool) -> bytes:
        said = super()._poll(with_ack) + self._owed_payout
        if not with_ack:
            self._owed_payout = b""
        if self._asked_fen:
            name = "jammed" if self.payout_jam else "dispensing"
            said += ssp_money.encode_values(name, (self._paid_fen, COUNTRY))
        return said


def _pieces(rest: bytes) -> money.Items | None:
    """Parse the denominations of PAYOUT BY DENOMINATION; None when they do not fit together."""
    if not rest or len(rest) != 2 + 9 * rest[0]:
        return None
    rows = [rest[at : at + 9] for at in range(1, 1 + 9 * rest[0], 9)]
    return money.items(*((int.from_bytes(row[2:6], "little"), int.from_bytes(row[:2], "little")) for row in rows))
