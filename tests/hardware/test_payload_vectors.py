"""What messages mean: the payload and status vectors, and the two halves of ESC/POS against each other."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.framing.checksums import LocalProtocolError, crc16_ssp
from hardware.protocols import crt310, escpos, pn532, ssp, ssp_money
from hardware.protocols import escpos_stream as stream
from tests.hardware.support import Vector, arrivals, vectors

ESC = {vector.name: vector for vector in vectors("escpos")}
SSP = {vector.name: vector for vector in vectors("ssp")}


def only(message: list[ssp.Message]) -> bytes:
    """The data of the one packet in *message*, without its F0."""
    (packet,) = message
    assert isinstance(packet, ssp.Packet)
    return packet.data[1:]


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("command/poll_credit1_stacked", [ssp_money.Event("credit", 1), ssp_money.Event("stacked")]),
        ("command/poll_stacking_credit1", [ssp_money.Event("stacking"), ssp_money.Event("credit", 1)]),
        ("event/slave_reset", [ssp_money.Event("reset")]),
        ("event/read_3", [ssp_money.Event("read", 3)]),
        ("event/rejecting", [ssp_money.Event("rejecting")]),
        ("event/unsafe_jam", [ssp_money.Event("unsafe_jam")]),
        ("event/fraud_2", [ssp_money.Event("fraud", 2)]),
        ("event/stacker_full", [ssp_money.Event("stacker_full")]),
        ("event/cleared_cashbox_2", [ssp_money.Event("cleared_to_cashbox", 2)]),
        ("event/channel_disable", [ssp_money.Event("channels_disabled")]),
        ("public_tests/stuffed_reply", [ssp_money.Event("read", 127)]),
        ("public_tests/event_bf_two_currencies", [ssp_money.Event("value_added", 0, ((220, "EUR"), (360, "GBP")))]),
    ],
)
def test_poll_answers_in_packets(name: str, events: list[ssp_money.Event]) -> None:
    assert ssp_money.decode_events(only(ssp.Codec().receive_data(SSP[name].data, 0))) == (events, b"")


@pytest.mark.parametrize(
    ("name", "payout", "events"),
    [
        ("payload/read", False, [ssp_money.Event("read", 1)]),
        ("payload/fraud_payout", True, [ssp_money.Event("fraud", 0, ((2, "USD"), (1, "UAH")))]),
        ("payload/dispensing_v6", False, [ssp_money.Event("dispensing", 0, ((1, "USD"), (5, "UAH")))]),
        (
            "payload/incomplete_payout_v6",
            False,
            [ssp_money.Event("incomplete_payout", 0, ((1, "USD"), (5, "USD"), (2, "UAH"), (7, "UAH")))],
        ),
        ("payload/transferred_v6", False, [ssp_money.Event("transferred", 0, ((1, "USD"),))]),
        ("payload/payout_error_v7", False, [ssp_money.Event("payout_error", 0, ((1, "USD"), (2, "UAH")), 0)]),
        (
            "payload/multi",
            False,
            [
                ssp_money.Event("payout_error", 0, ((1, "USD"), (2, "UAH")), 0),
                ssp_money.Event("smart_emptied", 0, ((1, "USD"), (2, "UAH"))),
                ssp_money.Event("cashbox_replaced"),
            ],
        ),
    ],
)
def test_poll_payloads(name: str, payout: bool, events: list[ssp_money.Event]) -> None:
    assert ssp_money.decode_events(SSP[name].data[1:], payout) == (events, b"")


@pytest.mark.parametrize(
    ("protocol", "answer", "events"),
    [
        (5, "DA64000000EB", [ssp_money.Event("dispensing", 0, ((100, ""),)), ssp_money.Event("stacked")]),
        (5, "DC6400000096000000", [ssp_money.Event("incomplete_payout", 0, ((100, ""), (150, "")))]),
        (5, "C9EB", [ssp_money.Event("transferred"), ssp_money.Event("stacked")]),
        (6, "B101EB", [ssp_money.Event("payout_error", error=1), ssp_money.Event("stacked")]),
        (7, "CEEB", [ssp_money.Event("held_in_bezel"), ssp_money.Event("stacked")]),
        (
            8,
            "CE10270000434E59EB",
            [ssp_money.Event("held_in_bezel", 0, ((10_000, "CNY"),)), ssp_money.Event("stacked")],
        ),
    ],
)
def test_the_same_event_is_longer_in_later_versions(protocol: int, answer: str, events: list[ssp_money.Event]) -> None:
    data = bytes.fromhex(answer)
    assert ssp_money.decode_events(data, protocol=protocol) == (events, b"")
    for cut in range(1, len(data)):
        whole, rest = ssp_money.decode_events(data[:cut], protocol=protocol)
        assert whole == events[: len(whole)]
        assert rest == b"" or data[:cut].endswith(rest)


def test_values_are_said_as_they_are_read() -> None:
    for name, rows in (("dispensed", ((300, "CNY"),)), ("incomplete_float", ((1, "CNY"), (2, "CNY")))):
        assert ssp_money.decode_events(ssp_money.encode_values(name, *rows)) == ([ssp_money.Event(name, 0, rows)], b"")


def test_other_ssp_answers() -> None:
    setup = ssp_money.decode_setup(only(ssp.Codec().receive_data(SSP["command/setup_reply_gbp"].data, 0)))
    assert setup == ssp_money.Setup(0, "0100", "GBP", (5, 10, 20), 5, 0x400000)
    hopper = ssp_money.decode_setup(SSP["payload/setup_hopper_v5"].data[1:])
    assert hopper == ssp_money.Setup(3, "0100", "EUR", (1, 2, 5), 5)
    assert ssp_money.decode_ticket(SSP["payload/barcode_none"].data[1:]) == ssp_money.Ticket("none", "")
    assert ssp_money.decode_ticket(b"\x01\x04990") is None
    short = only(ssp.Codec().receive_data(SSP["ga138_649/channel_values_reply"].data, 0))
    assert ssp_money.decode_channels(short, 5) == (5, 10, 0, 20, 0, 50, 100)
    long = bytes([2, 0, 0]) + b"CNYCNY" + (5).to_bytes(4, "little") + (1000).to_bytes(4, "little")
    assert ssp_money.decode_channels(long, 6) == (5, 1000)
    assert ssp_money.decode_channels(long[:-1], 6) is None
    levels = (
        b"\x02"
        + (7).to_bytes(2, "little")
        + ssp_money.amount_of(5000, "CNY")
        + bytes(2)
        + ssp_money.amount_of(5000, "EUR")
    )
    assert ssp_money.decode_levels(levels, "CNY") == {5000: 7}
    assert ssp_money.decode_levels(levels[:-1], "CNY") is None
    assert crc16_ssp(b"123456789") == 0xAEE7  # the catalogue's check value of CRC-16/CMS


@settings(max_examples=200, deadline=None, derandomize=True)
@given(data=st.binary(max_size=60))
def test_an_event_walk_reads_all_or_says_where_it_stopped(data: bytes) -> None:
    events, rest = ssp_money.decode_events(data)
    assert data.endswith(rest)
    if not data:
        assert events == []
    codes = [ssp_money.CODES[event.name] for event in events]
    at = 0
    for code in codes:  # each event stands where the walk says, in order
        at = data.index(code, at) + 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("status/n1_offline", escpos.Status(offline=True, feeding=False)),
        ("status/n2_paperstop", escpos.Status(cover_open=False, feeding=False, paper_end=True, error=False)),
        (
            "status/n3_cutter",
            escpos.Status(
                cutter_error=True,
                fatal_error=False,
                recoverable_error=False,
                auto_recoverable=False,
            ),
        ),
        (
            "status/n3_autorecover",
            escpos.Status(
                cutter_error=False,
                fatal_error=False,
                recoverable_error=True,
                auto_recoverable=True,
            ),
        ),
        ("status/n4_near_end", escpos.Status(paper_near_end=True, paper_end=False)),
        ("status/n4_near_and_end", escpos.Status(paper_near_end=True, paper_end=True)),
    ],
)
def test_status_bytes(name: str, expected: escpos.Status) -> None:
    codec = escpos.StatusCodec()
    assert codec.receive_data(ESC[name].data, 0) == []  # unasked: never believed
    codec.asked(ESC[name].extra["n"], 0)
    assert codec.receive_data(ESC[name].data, 0) == [expected]


@pytest.mark.parametrize(
    ("name", "offline", "cover", "near", "end"),
    [
        ("status/asb_ok", False, False, False, False),
        ("status/asb_cover", True, True, False, False),
        ("asb/end", True, False, True, True),
    ],
)
def test_automatic_status(name: str, offline: bool, cover: bool, near: bool, end: bool) -> None:
    for pieces in arrivals(ESC[name].data):
        codec = escpos.StatusCodec()
        (status,) = [status for piece in [b"\xff", *pieces] for status in codec.receive_data(piece, 0)]
        found = (status.offline, status.cover_open, status.paper_near_end, status.paper_end)
        assert found == (offline, cover, near, end)


def test_a_status_that_comes_too_late_is_not_the_answer_to_the_next_question() -> None:
    codec = escpos.StatusCodec()
    codec.asked(4, 0)
    assert codec.tick(codec.ANSWER_MS) == 1
    assert codec.receive_data(b"\x7e", codec.ANSWER_MS + 1) == []
    assert codec.faults.as_dict() == {"stale": 1}


ENCODED = [
    ("encode/init", [stream.Init()]),
    ("encode/cut_part", [stream.Feed(6), stream.Cut(False)]),
    ("encode/code128", [stream.Ignored("1d6b")]),
    ("encode/size_3x3", [stream.Style("width", 3), stream.Style("height", 3)]),
    ("encode/buzzer", [stream.Ignored("1b42")]),
    ("encode/panel_off", [stream.Ignored("1b63")]),
    ("encode/qr_model1", [stream.Ignored("1d286b")]),
    ("encode/qr_size7", [stream.Ignored("1d286b")]),
    ("encode/gb_fs_amp", [stream.Ignored("1c26"), *map(stream.Text, "北京西站"), stream.Feed(1)]),
    ("encode/rpe_init", [stream.Init(), stream.Ignored("1c2e"), stream.Ignored("1b4d")]),
    ("status/dle_eot_1", [stream.Query(1)]),
    ("status/dle_eot_3", [stream.Query(3)]),
    ("status/asb_all", [stream.AsbMask(255)]),
]


@pytest.mark.parametrize(("name", "commands"), ENCODED)
def test_what_a_host_sends(name: str, commands: list[stream.Command]) -> None:
    for pieces in arrivals(ESC[name].data):
        reader = stream.Stream()
        assert [command for piece in pieces for command in reader.receive_data(piece)] == commands
        # In step afterwards, whatever it was: the next character is a character.
        assert reader.receive_data(b"\x1c\x2eA")[-1] == stream.Text("A")


def test_our_own_encoding_is_what_the_vectors_say() -> None:
    assert escpos.encode_text("北京西站") == ESC["encode/gb_fs_amp"].data + b"\x1c\x2e"
    assert escpos.encode([], cut=False) == ESC["encode/init"].data
    assert escpos.encode([]).endswith(ESC["encode/cut_part"].data)
    assert ESC["encode/gb_yen"].data in escpos.encode_text("￥5")
    assert escpos.ask(1) == ESC["status/dle_eot_1"].data


@pytest.mark.parametrize("text", ["你好", "，。", "￥", "A中B", "plain", "䶮㐂𠮷", "é", "a\x1b@b\x10\x04\x01"])
def test_every_text_comes_out_as_it_went_in(text: str) -> None:
    data = escpos.encode([escpos.Line(text), escpos.Code("https://example.invalid/单")])
    for step in (1, 2, 3, 7, len(data)):
        reader = stream.Stream()
        commands = [c for at in range(0, len(data), step) for c in reader.receive_data(data[at : at + step])]
        shown = "".join(command.char for command in commands if isinstance(command, stream.Text))
        assert shown == "".join(char for char in text if char >= " ")
        assert stream.Qr("https://example.invalid/单", 6) in commands
        assert not any(isinstance(command, stream.Query) for command in commands)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.binary(max_size=400), step=st.integers(1, 30))
def test_a_printer_is_not_upset_by_anything(data: bytes, step: int) -> None:
    whole = stream.Stream().receive_data(data)
    reader = stream.Stream()
    pieces = [c for at in range(0, len(data), step) for c in reader.receive_data(data[at : at + step])]
    assert pieces == whole


def test_what_cannot_be_said_is_our_fault() -> None:
    for wrong in (
        lambda: crt310.send(crt310.Frame(b"")),
        lambda: crt310.send(crt310.Frame(bytes(513))),
        lambda: crt310.send(crt310.Control(7)),
        lambda: pn532.send(pn532.Frame(pn532.HOST, bytes(265))),
        lambda: ssp.send(ssp.Packet(2, 0, b"\x07")),
        lambda: ssp.send(ssp.Packet(0, 126, b"\x07")),
        lambda: ssp.send(ssp.Packet(0, 0, b"")),
        lambda: escpos.ask(5),
        lambda: escpos.decode_status(4, 0xFF),
    ):
        with pytest.raises(LocalProtocolError):
            wrong()


@pytest.mark.parametrize("vector", vectors("crt310", keep=lambda v: v.name.startswith("reply/")), ids=lambda v: v.name)
def test_crt310_replies(vector: Vector) -> None:
    messages = crt310.Codec().receive_data(vector.data, 0)
    if not vector.valid:
        assert messages == [crt310.Broken("check")]
        return
    (frame,) = messages
    assert isinstance(frame, crt310.Frame)
    status = crt310.decode_status(frame.body[2:])
    meanings = {
        "reply/status_empty": crt310.ReaderStatus("none", True),
        "reply/status_front_hold": crt310.ReaderStatus("front_held", True),
        "reply/status_captured": crt310.ReaderStatus("captured", False),
    }
    if vector.name in meanings:
        assert status == meanings[vector.name]
    if vector.name == "reply/type_none":
        assert crt310.decode_has_chip(frame.body[2:]) is None


def test_crt310_length_that_the_manual_misprints() -> None:
    body = b"\x30\x30CRT 310 V3.0"
    for length in (len(body) + 1, len(body) - 1):
        framed = b"\x02" + length.to_bytes(2, "big") + body + b"\x03"
        check = 0
        for byte in framed:
            check ^= byte
        codec = crt310.Codec()
        messages = codec.receive_data(framed + bytes([check]), 0) + codec.tick(crt310.GAP_MS)
        assert messages == [crt310.Frame(body)]


def test_ssp_repeats_with_the_same_sequence_bit_and_then_gives_up() -> None:
    host = ssp.Host(tries=3)
    host.command(bytes([ssp.POLL]), 0)
    first = host.data_to_send()
    for now_ms in (1000, 2000):
        assert host.tick(now_ms) == []
        assert host.data_to_send() == first
    assert host.tick(3000) == [ssp.NoReply(ssp.POLL)]
    host.command(bytes([ssp.POLL]), 3001)
    assert host.data_to_send() != first


def test_no_noise_ever_is_credit() -> None:
    """A validator's line full of noise, with all the bytes that credit is made of: no reply is ever believed."""
    dice = random.Random(11)
    host = ssp.Host()
    host.command(bytes([ssp.POLL_ACK]), 0)
    alphabet = b"\x7f\x80\x00\x04\xf0\xee\x01\xeb\xd1\x03"
    for now_ms in range(2000):
        noise = bytes(dice.choice(alphabet) for _ in range(40))
        for reply in host.receive_data(noise, now_ms):
            assert not isinstance(reply, ssp.Reply), "a CRC of 16 bits was met by chance; change the seed if so"
