"""ccTalk's codec against every vector, noise and fuzz; the host's patience; what acceptors and hoppers mean.

Nothing marks where a ccTalk frame begins, so noise hides what follows it until the line was silent for 50 ms: here
noise and frame are apart by that, and noise without it may lose the frame but never makes another.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.framing.checksums import LocalProtocolError, crc16_xmodem
from hardware.protocols import cctalk
from hardware.protocols import cctalk_money as meaning
from hardware.twins.cctalk import CctalkTwin
from hardware.twins.cctalk_slaves import CoinSlave, HopperSlave, HoppersPart
from tests.hardware.support import Vector, arrivals, vectors

SUMS = vectors("cctalk")
CRCS = vectors("cctalk_crc", keep=lambda v: v.direction != "n/a")
CASES = [(False, v) for v in SUMS] + [(True, v) for v in CRCS]
IDS = [f"{'crc' if crc else 'sum'}:{vector.name}" for crc, vector in CASES]
NOISE = (b"\x00", b"\xff\xaa\x31", b"\x01\x00", b"\x01\x0b\x02\x00", b"\x01\x00\x02\x00", bytes(7))
EVENTS = {v.name: v for v in SUMS}


def whole(crc: bool, *pieces: list[bytes]) -> list[cctalk.Frame]:
    """The frames in *pieces*, each after a silence."""
    codec, now_ms, found = cctalk.Codec(crc), 0, []
    for piece in pieces:
        now_ms += cctalk.GAP_MS
        for part in piece:
            found += codec.receive_data(part, now_ms)
    found += codec.tick(now_ms + cctalk.GAP_MS)
    return [message for message in found if isinstance(message, cctalk.Frame)]


def expected(frames: list[cctalk.Frame], vector: Vector) -> None:
    assert [cctalk.send(frame) for frame in frames] == ([vector.data] if vector.valid else [])


@pytest.mark.parametrize(("crc", "vector"), CASES, ids=IDS)
def test_a_vector_is_read_however_it_arrives(crc: bool, vector: Vector) -> None:
    for pieces in arrivals(vector.data):
        expected(whole(crc, pieces), vector)


@pytest.mark.parametrize(("crc", "vector"), CASES, ids=IDS)
def test_noise_before_and_after_changes_nothing(crc: bool, vector: Vector) -> None:
    for noise in NOISE:
        expected(whole(crc, [noise], [vector.data]), vector)
        expected(whole(crc, [vector.data], [noise]), vector)
        heard = [cctalk.send(frame) for frame in whole(crc, [noise, vector.data]) if frame.dest]  # 0 is nobody
        assert heard in ([], [vector.data]), "noise and a frame made a third thing"


@pytest.mark.parametrize("crc", [False, True])
def test_frames_back_to_back_come_out_in_order(crc: bool) -> None:
    chosen = [vector.data for mode, vector in CASES if mode == crc and vector.valid]
    assert [cctalk.send(frame) for frame in whole(crc, [b"".join(chosen)])] == chosen


def test_one_mode_is_not_the_other() -> None:
    for crc, vector in CASES:
        if vector.valid:
            assert whole(not crc, [vector.data]) == []


@pytest.mark.parametrize("vector", vectors("cctalk_crc", keep=lambda v: v.direction == "n/a"), ids=lambda v: v.name)
def test_crc_values(vector: Vector) -> None:
    assert crc16_xmodem(vector.data) == int(vector.extra["crc16"], 16)


def test_a_check_of_zero() -> None:
    frame = cctalk.Frame(2, 1, 231, bytes([20, 0]))
    assert cctalk.send(frame)[-1] == 0
    assert whole(False, [cctalk.send(frame)]) == [frame]


def test_a_gap_inside_a_frame_ends_it() -> None:
    poll = EVENTS["published/simple_poll"].data
    for cut in range(1, len(poll)):
        assert whole(False, [poll[:cut]], [poll[cut:]]) == []


@pytest.mark.parametrize("crc", [False, True])
@settings(max_examples=80, deadline=None, derandomize=True)
@given(data=st.binary(max_size=700), step=st.integers(1, 40), pause=st.sampled_from([1, 60]))
def test_fuzz_raises_nothing_and_keeps_little(crc: bool, data: bytes, step: int, pause: int) -> None:
    codec, host = cctalk.Codec(crc), cctalk.Host()
    host.command(cctalk.Command(2, cctalk.CREDIT, crc=crc), 0)
    for at in range(0, len(data), step):
        now_ms = at * pause
        codec.receive_data(data[at : at + step], now_ms)
        host.receive_data(data[at : at + step], now_ms)
        host.tick(now_ms)
        assert len(codec._held) + len(host._heard) + len(host._singles) + len(host.data_to_send()) <= 900


def test_no_noise_is_credit() -> None:
    """Random bytes in place of every answer: what looks like an answer by chance is not eleven bytes that make
    sense.
    """
    dice = random.Random(3)
    for turn in range(3000):
        host = cctalk.Host()
        host.command(cctalk.Command(2, cctalk.CREDIT), 0)
        sent = host.data_to_send()
        noise = bytes(dice.choice(b"\x01\x0b\x02\x00\x03\xff\x05") for _ in range(dice.randrange(40)))
        for reply in host.receive_data(sent + noise, 10):
            assert isinstance(reply, cctalk.Reply)
            assert sum(noise[:5]) % 256 == 0 or sum(noise[:16]) % 256 == 0, turn


def test_what_cannot_be_said_is_our_fault() -> None:
    for wrong in (
        lambda: cctalk.send(cctalk.Frame(256, 1, 254)),
        lambda: cctalk.send(cctalk.Frame(2, 1, 254, bytes(256))),
        lambda: cctalk.Host().command(cctalk.Command(1, 254), 0),
    ):
        with pytest.raises(LocalProtocolError):
            wrong()
    host = cctalk.Host()
    host.command(cctalk.Command(2, 254), 0)
    with pytest.raises(LocalProtocolError):
        host.command(cctalk.Command(2, 254), 1)


class TestHost:
    """One question at a time."""

    poll = EVENTS["published/simple_poll"].data
    ack = EVENTS["published/ack"].data

    def asked(self, header: int = 254, **options: Any) -> cctalk.Host:
        host = cctalk.Host()
        host.command(cctalk.Command(2, header, **options), 0)
        assert host.data_to_send()
        return host

    @pytest.mark.parametrize("echo", [b"", poll])
    def test_its_echo_is_taken_away_however_it_arrives(self, echo: bytes) -> None:
        for pieces in arrivals(echo + self.ack):
            host = self.asked()
            replies = [reply for piece in pieces for reply in host.receive_data(piece, 5)]
            assert replies == [cctalk.Reply(2, 254, cctalk.ACK, b"")]
            assert host.echoes == bool(echo)
            assert not host.busy

    def test_its_own_echo_is_no_answer(self) -> None:
        host = self.asked()
        assert host.receive_data(self.poll, 1) == []
        assert host.busy

    def test_it_asks_three_times_and_gives_up(self) -> None:
        host, sent, outcomes, at = self.asked(), [0], [], []
        for now_ms in range(0, 2000, 10):
            outcomes += host.tick(now_ms)
            if host.data_to_send():
                sent.append(now_ms)
            at += [now_ms] if outcomes and not at else []
        assert outcomes == [cctalk.NoReply(2, 254)]
        assert sent == [0, 200, 400]
        assert at == [550]

    def test_after_silence_the_next_question_waits_for_late_answers(self) -> None:
        host = self.asked(tries=1)
        assert host.tick(150) == [cctalk.NoReply(2, 254)]
        host.command(cctalk.Command(2, cctalk.SET_MASTER, b"\x01"), 160)
        assert host.data_to_send() == b""
        assert host.receive_data(self.ack, 200) == [], "a late answer was taken for the next question's"
        host.tick(640)
        assert host.data_to_send() == b""
        host.tick(660)
        assert host.data_to_send()
        assert host.codec.faults.as_dict() == {"stale": 1}

    def test_after_silence_another_slave_need_not_wait_so_long(self) -> None:
        for crc, waits_ms in ((False, cctalk.PAUSE_MS), (True, cctalk.SETTLE_MS)):
            host = self.asked(tries=1, crc=crc)
            assert host.tick(150) == [cctalk.NoReply(2, 254)]
            host.command(cctalk.Command(3, 254, crc=crc), 150)
            host.tick(150 + waits_ms - 1)
            assert host.data_to_send() == b""
            host.tick(150 + waits_ms)
            assert host.data_to_send()

    @pytest.mark.parametrize(
        "wrong",
        [
            EVENTS["published/ack_hopper"].data,  # another address
            EVENTS["derived/events_after_reset"].data,  # eleven bytes for a poll
            EVENTS["published/simple_poll"].data,  # not to us
        ],
    )
    def test_what_cannot_be_the_answer_is_not_believed(self, wrong: bytes) -> None:
        host = self.asked()
        assert host.receive_data(wrong, 5) == []
        assert host.receive_data(self.ack, 6) == [cctalk.Reply(2, 254, cctalk.ACK, b"")]

    def test_addresses(self) -> None:
        twin = CctalkTwin({"a": CoinSlave({1: 100}), "b": HoppersPart({100: HopperSlave(100, 5, [], 7)}, [])})
        host = cctalk.Host()
        host.command(cctalk.Command(0, cctalk.ADDRESS_POLL), 0)
        sent = host.data_to_send()
        assert sent == EVENTS["hopper_published/address_poll"].data
        assert host.receive_data(twin.receive(sent, 1000), 20) == []
        assert host.tick(cctalk.ADDRESSES_MS) == [cctalk.Addresses((2, 7))]

    @pytest.mark.parametrize("voices", [0, 1, 2])
    def test_devices_that_share_an_address_are_heard(self, voices: int) -> None:
        parts = {str(n): CoinSlave({1: 100}, 2, serial=n) for n in range(voices)}
        twin = CctalkTwin({**parts, "other": CoinSlave({1: 100}, 11)})
        host = cctalk.Host()
        host.command(cctalk.Command(2, cctalk.ADDRESS_CLASH), 0)
        assert host.receive_data(twin.receive(host.data_to_send(), 1000), 20) == []
        assert host.tick(cctalk.ADDRESSES_MS) == [cctalk.Clash(2, voices)]
        host.command(cctalk.Command(2, cctalk.POLL), 2000)  # the bus is free again


@pytest.mark.parametrize(
    ("name", "old", "news"),
    [
        ("derived/events_after_reset", None, meaning.News()),
        ("derived/events_after_reset", 7, meaning.News(restarted=True)),
        ("derived/events_after_reset", 0, meaning.News()),
        ("derived/events_ctr_wrap_1", 255, meaning.News((meaning.CoinEvent(3),))),
        ("derived/events_ctr_wrap_1", 0, meaning.News((meaning.CoinEvent(3),))),
        ("derived/events_ctr_wrap_1", 254, meaning.News((meaning.CoinEvent(1), meaning.CoinEvent(3)))),
        ("derived/events_ctr_wrap_1", 1, meaning.News()),
    ],
)
def test_events(name: str, old: int | None, news: meaning.News) -> None:
    events = meaning.decode_events(cctalk.Codec().receive_data(EVENTS[name].data, 0)[0].data)
    assert meaning.news(old, events) == news


@settings(max_examples=300, deadline=None, derandomize=True)
@given(old=st.integers(0, 255), count=st.integers(0, 254))
def test_news_are_what_happened_since(old: int, count: int) -> None:
    slave = CoinSlave({1: 100})
    slave.number = old
    for position in range(count):
        slave.event(1 + position % 16, 0)
    events = meaning.decode_events(slave.answer(cctalk.CREDIT, b""))
    news = meaning.news(old, events)
    wanted = [1 + position % 16 for position in range(count)][-5:]
    assert [event.position for event in news.events] == wanted
    assert (news.lost, news.restarted, news.holes) == (max(0, count - 5), False, False)


@pytest.mark.parametrize(
    ("data", "ms"),
    [
        (b"\x01\xc8", 200),
        (b"\x02\x14", 200),
        (b"\x03\x02", 2000),
        (b"\x04\x01", 60_000),
        (b"\x00\x05", None),
        (b"\x05\x01", None),
        (b"\x02\x00", None),
        (b"\x02", None),
        (b"", None),
    ],
)
def test_polling_priority(data: bytes, ms: int | None) -> None:
    assert meaning.priority_ms(data) == ms


def test_every_code_has_a_word() -> None:
    """The error codes of the specification, 1…40, 128…159 and 253…255, and the self-check's; no word stands twice."""
    words = [meaning.event_name(code) for code in (*range(1, 41), 128, 253, 254, 255)]
    assert len(set(words)) == len(words)
    assert not [word for word in words if word.startswith("code_")]
    assert {meaning.event_name(code) for code in range(128, 160)} == {"coin_inhibited"}
    assert meaning.event_name(77) == "code_77"
    assert set(range(1, 58)) <= set(meaning.SELF_CHECKS)
    assert meaning.RETURNED.isdisjoint(meaning.KEPT)
    assert len(set(cctalk.HEADERS.values())) == len(cctalk.HEADERS)


def test_a_device_answers_the_core_with_lengths_that_a_host_believes() -> None:
    slave = CoinSlave({1: 100})
    for header, lengths in cctalk.LENGTHS.items():
        said = slave.answer(header, b"1234" if header == cctalk.ENTER_PIN else b"\x01" * (header == cctalk.COIN_ID))
        if isinstance(said, bytes):
            assert len(said) in lengths, cctalk.HEADERS[header]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("CN100A", 100_000),
        ("CN010A", 10_000),
        ("CN1K0A", 1_000_000),
        ("CN2.5A", 2500),
        ("CN.50A", 500),
        ("CN5m0A", 5),
        ("......", None),
        ("CNxyzA", None),
        ("CN..5A", None),
    ],
)
def test_coin_identities(text: str, value: int | None) -> None:
    assert meaning.coin_value(text) == value


def test_hoppers_answers() -> None:
    def data(name: str) -> bytes:
        return cctalk.Codec().receive_data(EVENTS[name].data, 0)[0].data

    assert meaning.decode_payout(data("derived/status_paid_5")) == meaning.Payout(3, 0, 5, 0)
    assert meaning.decode_payout(b"\x01\x02") is None
    assert meaning.decode_flags(data("hopper_published/test_hopper_8080")) == {"disabled", "pin_active"}
    assert meaning.decode_flags(data("derived/test_powerup")) == {"power_up"}
    assert meaning.decode_level(b"\x11") == meaning.Level(True, None)
    assert meaning.decode_level(b"\x30") == meaning.Level(False, False)
    assert meaning.decode_events(bytes(10)) is None
    assert meaning.decode_events(bytes([1, 33, *bytes(9)])) is None
    assert meaning.event_name(130) == "coin_inhibited"
