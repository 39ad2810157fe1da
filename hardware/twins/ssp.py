"""The twin of an SSP banknote validator with a one-piece escrow and a stacker, reading notes and barcode tickets.

The path of a piece: slot -> measuring -> escrow -> stacking -> box; or back out to the slot, where it stays until a
person takes it. At escrow the *second* poll accepts, HOLD keeps and restarts the ten seconds, REJECT returns. Credit
(EE, or D1 for a ticket) is said when the piece is in the box. Under POLL WITH ACK it is said until it is
acknowledged, and no new piece is taken meanwhile. The box and what stands acknowledged survive a power cut, as they
do in the real unit's memory: a piece that was on its way into the box is in it afterwards (E2), one in escrow comes
out (E1).
"""

from __future__ import annotations

from typing import Any, ClassVar

from hardware.protocols import ssp, ssp_money
from hardware.twins.note_actions import NOTE_ACTS, PracticeNote
from hardware.twins.serial_twin import WireFaults
from hardware.twins.twin_actions import Doing

DEFAULT_VALUES = (1, 5, 10, 20, 50, 100)
_SETS = {
    ssp.SYNC: 0,
    ssp.DISABLE: 0,
    ssp.ENABLE: 0,
    ssp.RESET: 0,
    ssp.INHIBITS: 2,
    ssp.HOST_PROTOCOL: 1,
    ssp.SET_BARCODE_INHIBIT: 1,
}
"""Commands that set something, and how many bytes they have."""
_STATES = {"none": 0, "escrow": 1, "stacked": 2, "rejected": 3}


def _encode_event(name: str, *data: int) -> bytes:
    return bytes([ssp_money.CODES[name], *data])


class SspTwin:
    """The validator. ``insert_note``, ``insert_ticket``, ``take_note``, ``empty_box`` are the person's."""

    ACTS: ClassVar[dict[str, Doing]] = NOTE_ACTS
    FAULTS: ClassVar[tuple[str, ...]] = ("jam", "stacker_full", "cashbox_out", "power_cycle")
    UNIT = 0
    READ_MS, STACK_MS, REJECT_MS, HOLD_MS, DEAF_MS = 150, 200, 150, 10_000, 10_000

    def __init__(self, values: tuple[int, ...] = DEFAULT_VALUES, address: int = 0) -> None:
        self.wire = WireFaults()
        self.jam = False
        self.stacker_full = False
        self.readers = 3
        """Its barcode readers: 0 none, 1 above, 2 below, 3 both."""
        self.digits = 18
        self.repeats_credit = True
        """Knows POLL WITH ACK; older firmware answers F2, and says a credit once."""
        self.channel_values: tuple[int, ...] | None = values
        """What it answers to CHANNEL VALUES; None: it does not know the question."""
        self._box_in = True
        self.box: list[PracticeNote] = []
        self.tickets: dict[str, int] = {}
        self.taken_back: list[str | int] = []
        self.counters = {"stacked": 0, "returned": 0, "rejected": 0, "acknowledged": 0, "repeated": 0}
        self._values, self._address = values, address
        self._codec = ssp.Codec()
        self._mouth: PracticeNote | None = None
        self._owed: bytes = b""
        self._resets = [_encode_event("reset")]
        self._ticket_state, self._ticket_text = "none", ""
        self._last_reject = 0
        self._now_ms = self._heard_ms = 0
        self._power_up()

    def _power_up(self) -> None:
        self._enabled = False
        self._inhibits, self._barcode_inhibit = 0, 0xFE
        self._protocol = 5
        self._seq: int | None = None
        self._answer = b""
        self._piece: PracticeNote | None = None
        self._stage, self._since_ms, self._reported = "idle", 0, False
        self._said: list[bytes] = []

    # -- what a person does -------------------------------------------------------------------------------------------

    def insert_note(self, value: int, good: bool = True) -> bool:
        """Offer a practice note of *value* yuan; False when the slot does not draw it in. ValueError for no such
        note.
        """
        if value not in self._values:
            raise ValueError(f"no note of {value}; allowed {self._values}")
        return self._insert(PracticeNote(self._values.index(value) + 1, "", good))

    def insert_ticket(self, text: str, good: bool = True) -> bool:
        """Offer a barcode ticket; False when the slot does not draw it in."""
        return self._insert(PracticeNote(0, text, good))

    def _insert(self, piece: PracticeNote) -> bool:
        blocked = self._piece or self._mouth or self._owed or self.jam or self.stacker_full
        if blocked or not self._enabled or not self._box_in:
            return False
        self._piece = piece
        self._enter("measuring")
        return True

    def put_in(self, fen: int, serial: str = "", good: bool = True, now_ms: float = 0) -> bool:
        """Offer a practice note: a ticket whose text begins as `tickets` says."""
        start = next((start for start, worth in self.tickets.items() if worth == fen), None)
        if start is None:
            raise ValueError(f"note of {fen} fen: allowed are {sorted(self.tickets.values())}")
        return self.insert_ticket(start + (serial or "1").zfill(self.digits - len(start)), good)

    def take_out(self) -> int | None:
        """Take what stands in the slot; returns its value (fen)."""
        if (piece := self.take_note()) is None:
            return None
        self.taken_back.append(piece.ticket or piece.channel)
        if not piece.ticket:
            return self._values[piece.channel - 1] * 100
        return next((fen for start, fen in self.tickets.items() if piece.ticket.startswith(start)), 0)

    def take_note(self) -> PracticeNote | None:
        """Take what stands in the slot."""
        piece, self._mouth = self._mouth, None
        return piece

    def empty_box(self) -> list[PracticeNote]:
        """Take out what was stacked, as a technician does, and return it."""
        pieces, self.box = self.box, []
        return pieces

    def power_cycle(self) -> None:
        """Cut the power and bring it back; what lay in the path ends where the real unit would put it."""
        piece, stage = self._piece, self._stage
        self._power_up()
        self._resets = [_encode_event("reset")]
        if piece is None:
            return
        if stage == "stacking":
            self._into_box(piece)
            self._owed = _encode_event("cleared_to_cashbox", piece.channel)
        else:
            self._mouth = piece
            self.counters["returned"] += 1
            self._resets.append(_encode_event("cleared_from_front", piece.channel))

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Begin or end one of `FAULTS`."""
        if kind == "power_cycle":
            self.power_cycle()
        elif kind == "cashbox_out":
            self._box_in = not on
            self._said.append(_encode_event("cashbox_removed" if on else "cashbox_replaced"))
        else:
            setattr(self, kind, on)

    def state(self) -> dict[str, Any]:
        """Return stage, what lies in the path, the slot and the box (values or ticket texts), enabled,
        owed, counters.
        """
        return {
            "stage": self._stage,
            "piece": self._piece and self._piece.name(self._values),
            "mouth": self._mouth and self._mouth.name(self._values),
            "box": [piece.name(self._values) for piece in self.box],
            "enabled": self._enabled,
            "owed": bool(self._owed),
            "jam": self.jam,
            "stacker_full": self.stacker_full,
            "taken_back": list(self.taken_back),
            "counters": dict(self.counters),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what an earlier process kept, as after a power cut: what lay in the path ends where the real unit
        would put it.
        """
        self.counters.update(state.get("counters", {}))
        self.taken_back = list(state.get("taken_back", []))
        self.box = [PracticeNote.named(name, self._values) for name in state.get("box", [])]
        self._mouth = PracticeNote.named(state["mouth"], self._values) if state.get("mouth") else None
        if state.get("piece"):
            self._piece, self._stage = PracticeNote.named(state["piece"], self._values), state.get("stage", "escrow")
            self.power_cycle()

    # -- time and the path --------------------------------------------------------------------------------------------

    def _enter(self, stage: str) -> None:
        self._stage, self._since_ms, self._reported = stage, self._now_ms, False

    def tick(self, now_ms: int) -> bytes:
        """Return late answers; move the piece on."""
        self._now_ms = now_ms
        self._codec.tick(now_ms)
        in_stage = now_ms - self._since_ms
        if self._enabled and now_ms - self._heard_ms >= self.DEAF_MS:
            self._enabled = False
            if self._stage in ("measuring", "escrow"):
                self._refuse(0x0C)
        match self._stage:
            case "measuring" if in_stage >= self.READ_MS:
                self._measured()
            case "escrow" if in_stage >= self.HOLD_MS:
                self._refuse(0x13)
            case "stacking" if in_stage >= self.STACK_MS and not self.jam:
                self._stacked()
            case "rejecting" if in_stage >= self.REJECT_MS and not self.jam:
                self._rejected()
        return self.wire.due(now_ms)

    def _measured(self) -> None:
        piece = self._piece
        assert piece is not None
        if not piece.good or (piece.ticket and (len(piece.ticket) != self.digits or not self.readers)):
            self._refuse(0x14 if piece.ticket else 0x01)
        elif piece.ticket and self._barcode_inhibit & 2:
            self._refuse(0x0C)
        elif not piece.ticket and (self._barcode_inhibit & 1 or not self._inhibits >> (piece.channel - 1) & 1):
            self._refuse(0x06)
        else:
            self._enter("escrow")
            if piece.ticket:
                self._ticket_state, self._ticket_text = "escrow", piece.ticket

    def _refuse(self, code: int) -> None:
        self._last_reject = code
        self._enter("rejecting")

    def _rejected(self) -> None:
        piece, self._piece = self._piece, None
        assert piece is not None
        self._mouth = piece
        self.counters["returned" if self._last_reject == 8 else "rejected"] += 1
        if piece.ticket:
            self._ticket_state, self._ticket_text = "rejected", piece.ticket
        self._said.append(_encode_event("rejected"))
        self._enter("idle")

    def _put_away(self, piece: PracticeNote) -> bytes:
        """Put away a piece that has come through the path; return the event that tells where it is."""
        self._into_box(piece)
        return _encode_event("stacked")

    def _into_box(self, piece: PracticeNote) -> None:
        self.box.append(piece)
        self.counters["stacked"] += 1
        self._last_reject = 0
        if piece.ticket:
            self._ticket_state, self._ticket_text = "stacked", piece.ticket

    def _stacked(self) -> None:
        piece, self._piece = self._piece, None
        assert piece is not None
        self._said.append(self._put_away(piece))
        self._owed = _encode_event("ticket_ack") if piece.ticket else _encode_event("credit", piece.channel)
        self._enter("idle")

    # -- the wire -----------------------------------------------------------------------------------------------------

    def receive(self, data: bytes, now_ms: int) -> bytes:
        """Take bytes from the host; return the answers."""
        out = self.tick(now_ms)
        for message in self._codec.receive_data(self.wire.hear(data), now_ms):
            if isinstance(message, ssp.Packet) and message.address == self._address:
                out += self.wire.spoil(self._packet(message), now_ms)
        return out

    def _packet(self, packet: ssp.Packet) -> bytes:
        self._heard_ms = self._now_ms
        command = packet.data[0]
        if command != ssp.SYNC and packet.seq == self._seq:
            self.counters["repeated"] += 1
            return self._answer
        self._seq = None if command == ssp.SYNC else packet.seq
        said = self._run(packet.data)
        self._answer = ssp.send(ssp.Packet(packet.seq, self._address, said)) if said else b""
        return self._answer

    def _run(self, data: bytes) -> bytes:
        command, rest = data[0], data[1:]
        match command:
            case ssp.POLL_ACK | ssp.EVENT_ACK if not self.repeats_credit:
                return bytes([ssp.UNKNOWN])
            case _ if command in _SETS:
                return self._set(command, rest)
            case ssp.SET_BARCODE_CONFIG:
                return bytes([self._look_for(rest)])
            case ssp.POLL | ssp.POLL_ACK:
                return bytes([ssp.OK]) + self._poll(command == ssp.POLL_ACK)
            case ssp.EVENT_ACK:
                return self._event_ack()
            case ssp.HOLD | ssp.REJECT:
                return self._escrow(command)
            case _:
                return self._tell(command)

    def _set(self, command: int, rest: bytes) -> bytes:
        if len(rest) != _SETS[command]:
            return bytes([ssp.WRONG_PARAMETERS])
        if command in (ssp.ENABLE, ssp.DISABLE):
            self._enabled = command == ssp.ENABLE
            if not self._enabled and self._stage in ("measuring", "escrow"):
                self._refuse(0x0C)
        elif command == ssp.INHIBITS:
            self._inhibits = int.from_bytes(rest, "little")
        elif command == ssp.SET_BARCODE_INHIBIT:
            self._barcode_inhibit = rest[0]
        elif command == ssp.HOST_PROTOCOL:
            if not 4 <= rest[0] <= 8:
                return bytes([ssp.FAIL])
            self._protocol = rest[0]
        elif command == ssp.RESET:
            self.power_cycle()
        return bytes([ssp.OK])

    def _look_for(self, rest: bytes) -> int:
        if len(rest) != 3:
            return ssp.WRONG_PARAMETERS
        if not self.readers or rest[0] > self.readers or rest[1] != 1 or not 6 <= rest[2] <= 24:
            return ssp.OUT_OF_RANGE
        self.digits = rest[2]
        return ssp.OK

    def _tell(self, command: int) -> bytes:
        ok = bytes([ssp.OK])
        match command:
            case ssp.SETUP:
                return ok + self._setup()
            case ssp.CHANNEL_VALUES:
                self.counters["asked_values"] = self.counters.get("asked_values", 0) + 1
                known = self.channel_values is not None
                return ok + self._channels(self.channel_values or ()) if known else bytes([ssp.UNKNOWN])
            case ssp.SERIAL:
                return ok + (9_900_001).to_bytes(4, "big")
            case ssp.FIRMWARE:
                return ok + b"NV0009TWIN000100"
            case ssp.DATASET:
                return ok + b"CNY00001"
            case ssp.LAST_REJECT:
                return ok + bytes([self._last_reject])
            case ssp.BARCODE_CONFIG:
                return ok + bytes([self.readers, self.readers, 1, self.digits])
            case ssp.BARCODE_INHIBIT:
                return ok + bytes([self._barcode_inhibit])
            case ssp.BARCODE_DATA:
                text = b"" if self._ticket_state == "none" else self._ticket_text.encode("ascii")
                return ok + bytes([_STATES[self._ticket_state], len(text)]) + text
            case ssp.COUNTERS:
                names = ("stacked", "stored", "dispensed", "transferred", "rejected")
                counts = [self.counters.get(name, 0) for name in names]
                return ok + bytes([5]) + b"".join(count.to_bytes(4, "little") for count in counts)
            case _:
                return bytes([ssp.UNKNOWN])

    def _setup(self) -> bytes:
        count = len(self._values)
        head = bytes([self.UNIT]) + b"0100CNY" + (1).to_bytes(3, "big")
        head += bytes([count]) + bytes(self._values) + bytes([2] * count)
        tail = (100).to_bytes(3, "big") + bytes([self._protocol])
        if self._protocol >= 6:
            tail += b"CNY" * count + b"".join(value.to_bytes(4, "little") for value in self._values)
        return head + tail

    def _channels(self, values: tuple[int, ...]) -> bytes:
        """Return the short bytes, and since version 6 the countries and real values behind them."""
        said = bytes([len(values), *values])
        if self._protocol >= 6:
            said += b"CNY" * len(values) + b"".join(value.to_bytes(4, "little") for value in values)
        return said

    def _escrow(self, command: int) -> bytes:
        if self._stage != "escrow":
            return bytes([ssp.CANNOT])
        if command == ssp.REJECT:
            self._refuse(0x08)
        self._since_ms = self._now_ms
        return bytes([ssp.OK])

    def _event_ack(self) -> bytes:
        if not self._owed:
            return bytes([ssp.CANNOT])
        self._owed = b""
        self.counters["acknowledged"] += 1
        return bytes([ssp.OK])

    def _poll(self, with_ack: bool) -> bytes:
        events = self._resets + self._said
        self._resets, self._said = [], []
        if self._owed:
            events.insert(0, self._owed)
            if not with_ack:
                self._owed = b""
        events += self._stage_events()
        if self.jam:
            events.append(_encode_event("unsafe_jam"))
        if self.stacker_full:
            events.append(_encode_event("stacker_full"))
        if not self._enabled and self._stage == "idle":
            events.append(_encode_event("disabled"))
        return b"".join(events)

    def _stage_events(self) -> list[bytes]:
        piece = self._piece
        match self._stage:
            case "measuring":
                return [_encode_event("read", 0)]
            case "escrow" if self._reported:
                self._enter("stacking")
                return self._stage_events()
            case "escrow" if piece is not None:
                self._reported = True
                return [_encode_event("ticket") if piece.ticket else _encode_event("read", piece.channel)]
            case "stacking":
                return [_encode_event("stacking")]
            case "rejecting":
                return [_encode_event("rejecting")]
            case _:
                return []
