"""The twins' cores, told the time by the test: what the drivers' tests would take too long for, or cannot see."""

from __future__ import annotations

import random
from typing import Any

import pytest

from hardware.protocols import crt310, pn532, ssp, ssp_money
from hardware.twins.crt310 import Crt310Twin, TwinCard
from hardware.twins.escpos import EscposTwin
from hardware.twins.pn532 import Pn532Twin, TwinTag
from hardware.twins.ssp import SspTwin
from tests.hardware.support import vectors


class SspBench:
    """A validator and a host that speaks whole packets to it, with the clock in hand."""

    def __init__(self) -> None:
        self.twin = SspTwin()
        self.codec = ssp.Codec()
        self.now_ms, self.seq = 0, 0

    def say(self, *data: int, seq: int | None = None) -> bytes:
        """Send a command and return the answer's data."""
        self.seq = self.seq ^ 1 if seq is None else seq
        raw = self.twin.receive(ssp.send(ssp.Packet(self.seq, 0, bytes(data))), self.now_ms)
        (packet,) = self.codec.receive_data(raw, self.now_ms)
        assert isinstance(packet, ssp.Packet)
        assert packet.seq == self.seq
        return packet.data

    def events(self, command: int = ssp.POLL_ACK) -> list[str]:
        """Names of the events of a poll."""
        events, rest = ssp_money.decode_events(self.say(command)[1:])
        assert rest == b""
        return [event.name for event in events]

    def later(self, ms: int) -> None:
        """Let *ms* pass in ticks of 10."""
        for _ in range(0, ms, 10):
            self.now_ms += 10
            self.twin.tick(self.now_ms)

    def ready(self) -> SspBench:
        """Enabled for notes and tickets, with the reset told."""
        self.say(ssp.SYNC)
        both = (ssp.SET_BARCODE_INHIBIT, 0xFC)
        for command in ((ssp.HOST_PROTOCOL, 6), (ssp.INHIBITS, 0xFF, 0xFF), both, (ssp.ENABLE,)):
            assert self.say(*command)[0] == ssp.OK
        assert "reset" in self.events()
        return self


def test_in_escrow_the_next_poll_accepts_and_hold_keeps() -> None:
    bench = SspBench().ready()
    assert bench.twin.insert_note(20)
    assert bench.events() == ["read"]
    bench.later(200)
    assert bench.say(ssp.POLL)[1:] == bytes([ssp_money.CODES["read"], 4])
    for _ in range(5):
        bench.later(5000)
        assert bench.say(ssp.HOLD) == bytes([ssp.OK])
    assert bench.twin.state()["stage"] == "escrow"
    assert bench.events() == ["stacking"]
    bench.later(300)
    assert bench.events() == ["credit", "stacked"]
    assert bench.events() == ["credit"], "repeated until it is acknowledged"
    assert bench.say(ssp.EVENT_ACK) == bytes([ssp.OK])
    assert bench.say(ssp.EVENT_ACK) == bytes([ssp.CANNOT])
    assert bench.events() == []
    assert bench.twin.state()["box"] == [20]


def test_a_note_nobody_decides_about_comes_back_after_ten_seconds() -> None:
    bench = SspBench().ready()
    bench.twin.insert_note(20)
    bench.later(200)
    assert bench.events() == ["read"]
    for _ in range(9):
        bench.later(1000)
        bench.say(ssp.LAST_REJECT)
    assert bench.twin.state()["stage"] == "escrow"
    bench.later(1500)
    assert bench.events() == ["rejected"]
    assert ssp_money.REJECT_REASONS[bench.say(ssp.LAST_REJECT)[1]] == "escrow_timeout"
    assert bench.twin.state()["mouth"] == 20
    assert not bench.twin.insert_note(20)
    bench.twin.take_note()
    assert bench.twin.insert_note(20)


def test_a_validator_that_nobody_speaks_to_switches_itself_off() -> None:
    bench = SspBench().ready()
    bench.later(SspTwin.DEAF_MS + 10)
    assert not bench.twin.insert_note(20)
    assert "disabled" in bench.events()


def test_the_same_sequence_bit_repeats_the_answer_without_acting() -> None:
    bench = SspBench().ready()
    bench.twin.insert_note(20)
    bench.later(200)
    first = bench.say(ssp.POLL_ACK)
    for _ in range(3):
        assert bench.say(ssp.POLL_ACK, seq=bench.seq) == first
    assert bench.twin.state()["stage"] == "escrow", "a repeated poll accepted the note"
    bench.say(ssp.SYNC, seq=1)
    bench.say(ssp.SYNC, seq=1)
    assert bench.say(ssp.HOLD, seq=1) == bytes([ssp.OK]), "SYNC forgets what was said before"


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ({"value": 20, "good": False}, "length"),
        ({"text": "123"}, "barcode_scan"),
        ({"text": "100001234500000000", "good": False}, "barcode_scan"),
    ],
)
def test_why_a_piece_was_refused(note: dict[str, Any], reason: str) -> None:
    bench = SspBench().ready()
    assert bench.twin.insert_ticket(**note) if "text" in note else bench.twin.insert_note(**note)
    bench.later(400)
    assert "rejected" in bench.events()
    assert ssp_money.REJECT_REASONS[bench.say(ssp.LAST_REJECT)[1]] == reason


@pytest.mark.parametrize(
    ("barcodes", "mask", "ticket", "note"),
    [
        (0xFE, 0xFF, False, True),
        (0xFD, 0xFF, True, False),
        (0xFC, 0x00, True, False),
        (0xFC, 0xFF, True, True),
    ],
)
def test_inhibits(barcodes: int, mask: int, ticket: bool, note: bool) -> None:
    for insert, taken in (("ticket", ticket), ("note", note)):
        bench = SspBench().ready()
        bench.say(ssp.INHIBITS, mask, mask)
        bench.say(ssp.SET_BARCODE_INHIBIT, barcodes)
        assert bench.twin.insert_ticket("100001234500000000") if insert == "ticket" else bench.twin.insert_note(100)
        bench.later(200)
        assert (bench.twin.state()["stage"] == "escrow") is taken


def test_a_ticket_says_what_it_is_in_escrow_and_after() -> None:
    bench = SspBench().ready()
    bench.twin.insert_ticket("100001234500000000")
    bench.later(200)
    assert bench.events() == ["ticket"]
    assert ssp_money.decode_ticket(bench.say(ssp.BARCODE_DATA)[1:]) == ssp_money.Ticket("escrow", "100001234500000000")
    bench.events()
    bench.later(300)
    assert bench.events() == ["ticket_ack", "stacked"]
    assert ssp_money.decode_ticket(bench.say(ssp.BARCODE_DATA)[1:]) == ssp_money.Ticket("stacked", "100001234500000000")


@pytest.mark.parametrize("protocol", [5, 6, 8])
def test_what_it_says_of_itself(protocol: int) -> None:
    bench = SspBench()
    assert bench.say(ssp.HOST_PROTOCOL, protocol) == bytes([ssp.OK])
    assert bench.say(ssp.HOST_PROTOCOL, 99) == bytes([ssp.FAIL])
    setup = ssp_money.decode_setup(bench.say(ssp.SETUP)[1:])
    countries = ("CNY",) * 6 if protocol >= 6 else ()
    assert setup == ssp_money.Setup(0, "0100", "CNY", (1, 5, 10, 20, 50, 100), protocol, 100, countries)
    assert bench.say(0xEE) == bytes([ssp.UNKNOWN])
    assert bench.say(ssp.INHIBITS, 1) == bytes([ssp.WRONG_PARAMETERS])


# -- the card reader ---------------------------------------------------------------------------------------------------


def crt(twin: Crt310Twin, body: bytes) -> bytes:
    """One whole exchange; the answer's body."""
    assert twin.receive(crt310.send(crt310.Frame(body)), 0) == bytes([crt310.ACK])
    (frame,) = crt310.Codec().receive_data(twin.receive(bytes([crt310.ENQ]), 0), 0)
    assert isinstance(frame, crt310.Frame)
    return frame.body


def test_a_repeated_enquiry_does_not_act_again() -> None:
    twin = Crt310Twin()
    crt(twin, crt310.ENTRY_OPEN)
    twin.insert_card(TwinCard("99001"))
    assert crt(twin, crt310.MOVE_CAPTURE) == crt310.MOVE_CAPTURE + b"Y"
    again = twin.receive(bytes([crt310.ENQ]), 0)
    assert again == crt310.send(crt310.Frame(crt310.MOVE_CAPTURE + b"Y"))
    assert twin.state()["captured"] == ["99001"]
    assert crt(twin, crt310.MOVE_CAPTURE) == crt310.MOVE_CAPTURE + b"E"


def test_a_frame_that_is_cancelled_is_not_carried_out() -> None:
    twin = Crt310Twin()
    crt(twin, crt310.ENTRY_OPEN)
    twin.insert_card(TwinCard("99001"))
    twin.receive(crt310.send(crt310.Frame(crt310.MOVE_CAPTURE)), 0)
    assert twin.receive(bytes([crt310.EOT]), 0) == bytes([crt310.EOT])
    assert twin.receive(bytes([crt310.ENQ]), 0) == b""
    assert twin.state()["position"] == "ic"


CRT_COMMANDS = vectors("crt310", keep=lambda v: v.name.startswith("command/"))


@pytest.mark.parametrize("vector", CRT_COMMANDS, ids=lambda v: v.name)
def test_the_reader_takes_every_command_of_the_vectors(vector: Any) -> None:
    twin = Crt310Twin()
    assert twin.receive(vector.data, 0) == bytes([crt310.ACK])
    (frame,) = crt310.Codec().receive_data(twin.receive(bytes([crt310.ENQ]), 0), 0)
    assert isinstance(frame, crt310.Frame)
    assert frame.body[0] == 0x4E or frame.body[:2] == vector.data[3:5]


def test_a_broken_frame_is_refused_at_once() -> None:
    bad = next(v for v in vectors("crt310") if not v.valid)
    assert Crt310Twin().receive(bad.data, 0) == bytes([crt310.NAK])


# -- all of them -------------------------------------------------------------------------------------------------------


PN_COMMANDS = vectors("pn532_hsu", keep=lambda v: v.name.startswith("command/"))


@pytest.mark.parametrize("vector", PN_COMMANDS, ids=lambda v: v.name)
def test_the_chip_acknowledges_every_command_that_real_hosts_sent(vector: Any) -> None:
    twin = Pn532Twin()
    twin.tap(TwinTag(bytes.fromhex("deadbeef")))
    messages = pn532.Codec().receive_data(twin.receive(vector.data, 0), 0)
    assert messages[0] == pn532.Ack()
    reply = messages[1]
    assert isinstance(reply, pn532.Frame)
    assert reply.data[0] == vector.data[6] + 1


def test_the_chips_answers_are_those_of_the_vectors() -> None:
    named = {vector.name: vector.data for vector in vectors("pn532_hsu")}
    twin = Pn532Twin()
    assert twin.receive(named["command/in_list_passive_106a"], 0).endswith(named["reply/no_target"])
    twin.tap(TwinTag(bytes.fromhex("deadbeef")))
    assert twin.receive(named["command/in_list_passive_106a"], 0).endswith(named["reply/target_mifare_1k"])
    assert twin.receive(named["command/mifare_auth_bad"], 0).endswith(named["reply/auth_error"])
    assert twin.receive(named["command/diagnose_line"], 0).endswith(named["reply/diagnose_line_ok"])
    assert twin.receive(b"\x00\x00\xff\xff\x00\x00", 0) == named["reply/diagnose_line_ok"]


@pytest.mark.parametrize("make", [Crt310Twin, Pn532Twin, SspTwin, EscposTwin])
def test_no_twin_is_upset_by_noise(make: type) -> None:
    dice = random.Random(3)
    twin = make()
    before = twin.state()
    for now_ms in range(0, 3000, 10):
        twin.receive(dice.randbytes(dice.randrange(50)), now_ms)
        twin.tick(now_ms)
    if make is not EscposTwin:  # a printer prints noise
        assert twin.state() == before
