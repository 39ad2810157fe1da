"""paho's client with its costs taken out: it decodes what paho decodes, loses no byte however they come, and
acknowledges many at once.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt import _packet as theirs
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.mqtt import BrokerLink, MqttMessage
from kiosk_firmware.wire.mqtt_client import AHEAD, Malformed, parse_publish
from tests.wire.rig import wait

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200)
VERSIONS = {True: MQTTProtocolVersion.MQTTv5, False: MQTTProtocolVersion.MQTTv311}


def length(size: int) -> bytes:
    """A remaining length as MQTT writes it."""
    found = bytearray()
    while True:
        size, part = divmod(size, 128)
        found.append(part | 0x80 if size else part)
        if not size:
            return bytes(found)


@st.composite
def bodies(draw) -> tuple[int, bytes, bool]:
    """The first byte and the body of a PUBLISH, now and then with properties, as any broker may send."""
    five, qos = draw(st.booleans()), draw(st.sampled_from((0, 1)))
    topic = draw(TEXT.filter(bool)).encode()
    body = struct.pack("!H", len(topic)) + topic + (struct.pack("!H", draw(st.integers(1, 65535))) if qos else b"")
    if five:
        said = Properties(PacketTypes.PUBLISH)
        if draw(st.booleans()):
            said.UserProperty = [("k", draw(TEXT))]
        if draw(st.booleans()):
            said.MessageExpiryInterval = 7
        body += said.pack()
    return 0x30 | qos << 1 | draw(st.booleans()), body + draw(st.binary(max_size=200)), five


@given(bodies())
def test_it_decodes_what_paho_decodes(packet):
    head, body, five = packet
    ours, paho = parse_publish(head, bytearray(body), five), theirs.decode_publish(head, body, VERSIONS[five])
    assert (ours.topic.encode(), ours.payload, ours.mid) == (paho.topic, paho.payload, paho.mid)
    assert (ours.qos, ours.retained) == (paho.qos, paho.retain)


@given(st.integers(0x30, 0x33), st.binary(max_size=40), st.booleans())
def test_whatever_comes_is_a_publish_or_malformed_and_nothing_else(head, body, five):
    try:
        found = parse_publish(head, body, five)
    except Malformed:
        return
    assert found.topic
    assert len(found.payload) < len(body)


class Listener:
    """A broker as far as one connection needs it: it says what it is told to, in pieces of any size."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.heard: list[MqttMessage] = []
        self.link = BrokerLink(
            BrokerSettings(port=self._server.getsockname()[1], retry_s=0.1),
            "u-1",
            ("x",),
            self.heard.append,
            manual_ack=True,
        )
        self.peer = self.welcomed()

    def welcomed(self) -> socket.socket:
        self._server.setblocking(False)
        peer: list[socket.socket] = []

        def come() -> bool:
            self.link.turn(0.01)
            try:
                peer.append(self._server.accept()[0])
            except BlockingIOError:
                return bool(peer)
            return True

        wait(come, "the client to connect")
        peer[0].sendall(b"\x20\x03\x00\x00\x00")
        wait(lambda: self.link.turn(0.01) or self.link.up, "the connection to stand")
        return peer[0]

    def close(self) -> None:
        self.link.close()
        self.peer.close()
        self._server.close()


def said(mid: int, payload: bytes) -> bytes:
    body = b"\x00\x01x" + struct.pack("!H", mid) + b"\x00" + payload
    return b"\x32" + length(len(body)) + body


@pytest.fixture
def listener() -> Iterator[Listener]:
    with closing(Listener()) as made:
        yield made


@pytest.mark.parametrize("piece", [1, 7, 1000, 10 * AHEAD])
def test_no_byte_is_lost_however_they_come(listener, piece):
    count, size = (60, 30) if piece < 1000 else (150, 900)
    listener.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    wanted = [bytes([mid % 251]) * (size + mid) for mid in range(1, count)]
    wire = b"".join(said(mid, payload) for mid, payload in enumerate(wanted, 1))
    left = memoryview(wire)
    while left:
        left = left[listener.peer.send(left[:piece]) :]
        listener.link.turn(0)
    wait(lambda: listener.link.turn(0.01) or len(listener.heard) == len(wanted), "every message")
    assert [message.payload for message in listener.heard] == wanted
    listener.link.settle(*listener.heard)
    pubacks = b"".join(struct.pack("!BBH", 0x40, 2, mid) for mid in range(1, count))
    got = b""
    listener.peer.settimeout(20)
    while len(got) < len(pubacks) or not got.endswith(pubacks):  # before them came CONNECT and SUBSCRIBE
        got += listener.peer.recv(65_536)


def test_half_a_message_dies_with_its_connection(listener):
    whole = said(1, b"a message cut in the middle")
    listener.peer.sendall(said(5, b"whole") + whole[:-3])
    wait(lambda: listener.link.turn(0.01) or listener.heard, "the whole one")
    old = listener.heard.pop()
    listener.peer.close()
    wait(lambda: listener.link.turn(0.01) or not listener.link.up, "the end to be noticed")
    listener.peer = listener.welcomed()
    listener.peer.sendall(said(9, b"the next life"))
    wait(lambda: listener.link.turn(0.01) or listener.heard, "the next one")
    assert [message.payload for message in listener.heard] == [b"the next life"]
    listener.link.settle(old, *listener.heard)
    listener.peer.settimeout(20)
    got = b""
    while not got.endswith(b"\x40\x02\x00\x09"):
        got += listener.peer.recv(4096)
    assert b"\x40\x02\x00\x05" not in got, "a number of the last connection is another message's by now"
