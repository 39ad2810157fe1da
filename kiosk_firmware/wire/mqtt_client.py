"""paho's client with what costs a busy receiver most taken out: it reads ahead, takes a publish apart once, and sends
acknowledgements together.

By itself paho waits in `select` before each packet, which knows no file numbered 1024 or more, and reads it in four
system calls, builds a table of everything that MQTT 5 may say for each publish, and sends each acknowledgement in two
calls. A collector spends more on that than on its facts. Three inner functions are replaced here by ones that do the
same, a fourth is handed many acknowledgements at once; what decodes is held against paho's own by a test, so a paho
that changes them is noticed.

Source: MQTT 5.0, 2.1.4 (lengths), 3.3 (PUBLISH), 3.4 (PUBACK: no reason code means success).
"""

from __future__ import annotations

import contextlib
import select
import ssl
import struct
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.exception import MalformedPacket as Malformed

AHEAD = 65_536
"""Bytes read at once: some hundred facts."""
PUBACK = 0x40


class PublishPacket(msgspec.Struct, frozen=True):
    """A PUBLISH packet taken apart; `mid` is 0 with QoS 0."""

    topic: str
    payload: bytes
    mid: int
    qos: int
    retained: bool


def parse_publish(head: int, body: bytes | bytearray, five: bool) -> PublishPacket:
    """Take a PUBLISH apart: its first byte, and what follows the remaining length. Properties are passed over.

    Raises:
        Malformed: a length points beyond the packet, or the topic is empty or no UTF-8.
    """
    try:
        at = 2 + int.from_bytes(body[:2])
        topic, qos, mid = bytes(body[2:at]).decode(), head >> 1 & 3, 0
        if qos:
            mid, at = struct.unpack_from("!H", body, at)[0], at + 2
        if five:
            size, at = _length(body, at)
            at += size
    except (IndexError, UnicodeDecodeError, struct.error) as error:
        raise Malformed(str(error)) from error
    if not topic or at > len(body):
        raise Malformed(f"PUBLISH of {len(body)} bytes, topic {topic!r}")
    return PublishPacket(topic, bytes(body[at:]), mid, qos, bool(head & 1))


def _length(body: bytes | bytearray, at: int) -> tuple[int, int]:
    """Read a variable byte integer; return it, and where it ends."""
    size = shift = 0
    while body[at] & 0x80:
        size |= (body[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
    return size | body[at] << shift, at + 1


def _ready(sock: Any, woken: Any, writes: bool, timeout: float) -> dict[int, int]:
    """Return what of these sockets is ready: file number → events of `poll`."""
    poll = select.poll()
    poll.register(sock, select.POLLIN | (select.POLLOUT if writes else 0))
    if woken is not None:
        poll.register(woken, select.POLLIN)
    return dict(poll.poll(timeout * 1000))


class PahoClient(paho.Client):
    """paho's client; `taken` hears each publish instead of `on_message`."""

    def __init__(
        self, client_id: str, *, taken: Callable[[PublishPacket], None], manual_ack: bool = False, **more: Any
    ) -> None:
        """Take `more` as paho does."""
        super().__init__(CallbackAPIVersion.VERSION2, client_id, manual_ack=manual_ack, **more)
        self._taken, self._by_hand = taken, manual_ack
        self._ahead, self._at = b"", 0
        self.fault: ssl.SSLError | None = None
        """The far end's last word over TLS, which paho makes into "the connection was lost"."""

    def begin(self) -> None:
        """Begin a new connection: what was read ahead was the last one's."""
        self._ahead, self._at = b"", 0
        self.fault = None

    def turn(self, timeout: float) -> MQTTErrorCode:
        """Wait up to `timeout` seconds for bytes, then handle all that came; what paho's `loop` returns."""
        rc = self.loop(0 if self._at < len(self._ahead) else timeout)
        while rc == MQTTErrorCode.MQTT_ERR_SUCCESS and self._at < len(self._ahead) and self.socket() is not None:
            rc = self.loop_read()
        return rc

    def settle(self, mids: Sequence[int]) -> None:
        """Acknowledge publishes of QoS 1 in one write."""
        self._packet_queue(PUBACK, b"".join(struct.pack("!BBH", PUBACK, 2, mid) for mid in mids), mids[-1], 1)

    @property
    def under_way(self) -> int:
        """Publishes of QoS 1 that the broker has not acknowledged."""
        return len(self._out_messages)

    # -- paho's inner functions

    def _loop(self, timeout: float = 1.0) -> MQTTErrorCode:
        """Wait for bytes by `poll`: paho's `select` takes any file numbered 1024 or more for a lost connection."""
        sock, woken = self._sock, self._sockpairR
        if sock is None:
            return MQTTErrorCode.MQTT_ERR_NO_CONN
        pending = sock.pending() if isinstance(sock, ssl.SSLSocket) else 0
        try:
            ready = _ready(sock, woken, self.want_write(), 0 if pending else timeout)
        except (OSError, ValueError):  # closed meanwhile
            return MQTTErrorCode.MQTT_ERR_CONN_LOST
        if woken is not None and woken.fileno() in ready:
            with contextlib.suppress(BlockingIOError):
                woken.recv(10_000)
            ready[sock.fileno()] = ready.get(sock.fileno(), 0) | select.POLLOUT
        events = ready.get(sock.fileno(), 0)
        rc = self.loop_read() if pending or events & ~select.POLLOUT else MQTTErrorCode.MQTT_ERR_SUCCESS
        if rc == MQTTErrorCode.MQTT_ERR_SUCCESS and self._sock is not None and events & select.POLLOUT:
            rc = self.loop_write()
        return self.loop_misc() if rc == MQTTErrorCode.MQTT_ERR_SUCCESS and self._sock is not None else rc

    def _sock_recv(self, bufsize: int) -> bytes:
        if self._at == len(self._ahead):
            try:
                self._ahead, self._at = super()._sock_recv(AHEAD), 0
            except ssl.SSLError as error:
                self.fault = error
                raise
        part = self._ahead[self._at : self._at + bufsize]
        self._at += len(part)
        return part

    def _handle_publish(self) -> MQTTErrorCode:
        five = self.protocol == MQTTProtocolVersion.MQTTv5
        message = parse_publish(self._in_packet["command"], self._in_packet["packet"], five)
        self._taken(message)
        if message.qos and not self._by_hand:
            self.settle([message.mid])
        return MQTTErrorCode.MQTT_ERR_SUCCESS
