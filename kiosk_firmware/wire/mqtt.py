"""The one edge to MQTT: a connection that comes back, on paho used as plain transport.

One thread owns it: `turn` connects when it is time to, moves bytes for a moment and returns; callbacks run inside it.
So no network thread can die unseen, and nothing needs a lock. What paho does not do is done here: reason codes are
read (a denied publish counts as published to paho), the session is kept (`clean_start` False even on the first
connect, else Mosquitto does not store it), pauses between attempts are random, an exception in a handler is logged
and counted and never ends the loop. MQTT 5 first; a broker that knows only 3.1.1 is met with that. Nothing outside
the portable subset is relied on.
"""

from __future__ import annotations

import logging
import random
import socket
import time
from collections.abc import Callable
from typing import Any

import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.connection_errors import kind_of
from kiosk_firmware.wire.error_texts import Kind, terminal_sentence
from kiosk_firmware.wire.mqtt_client import PahoClient, PublishPacket

log = logging.getLogger(__name__)
INFLIGHT = 20
"""Unacknowledged publishes on the wire: no more than any broker's default Receive Maximum, which paho never reads."""
SESSION_S = 14 * 24 * 3600
CONNACK_S = 15.0
TAKEN_OVER = "Session taken over"
"""paho's words for what a broker says to whom it puts out for another of the same name (MQTT 5, reason 0x8E)."""


class MqttMessage(msgspec.Struct, frozen=True):
    """A message that arrived; `mid` and `qos` settle it where the link acknowledges by hand.

    `retained`: it is the broker's memory, not news. `life` numbers the connection it came by.
    """

    topic: str
    payload: bytes
    mid: int = 0
    qos: int = 0
    retained: bool = False
    life: int = 0


class Will(msgspec.Struct, frozen=True):
    """The message that the broker publishes for us, retained, when we fall silent."""

    topic: str
    payload: bytes


class BrokerLink:
    """A connection to the broker under one client id, listening to `filters`."""

    def __init__(
        self,
        broker: BrokerSettings,
        client_id: str,
        filters: tuple[str, ...],
        hear: Callable[[MqttMessage], None],
        *,
        will: Callable[[], Will] | None = None,
        on_up: Callable[[bool], None] = lambda session_present: None,
        manual_ack: bool = False,
        receive_maximum: int = 100,
        rng: random.Random | None = None,
        lasts: bool = True,
        yields: bool = False,
    ) -> None:
        """Prepare; nothing is opened. `on_up` hears whether the broker kept our session; `will` is asked at each
        connect. `lasts`: the broker keeps our session while we are away. `yields`: once another connection has come in
        our name we stay away until `retake`.
        """
        self.up = False
        self.ousted = False
        """Another connection has come in our name, and has our place."""
        self.denied = 0
        """Publishes and subscriptions that the broker refused."""
        self.reconnects = 0
        """Connections so far, this one included."""
        self.faults = 0
        """Exceptions in handlers."""
        self.tries = 0
        """Attempts that failed since the last connection."""
        self.trouble: Kind | None = None
        """Why the last attempt failed, None once a connection stands."""
        self._broker, self._client_id, self._filters = broker, client_id, filters
        self._hear, self._will, self._on_up = hear, will, on_up
        self._manual_ack, self._receive_maximum, self._lasts = manual_ack, receive_maximum, lasts
        self._yields = yields
        self._rng = rng or random.Random()
        self._protocol = MQTTProtocolVersion.MQTTv5
        self._client = self._made()
        self._next_try = 0.0
        self._waiting_since: float | None = None

    # -- the owner's side

    def turn(self, timeout: float) -> None:
        """Connect if it is time to, else move bytes for up to `timeout` seconds."""
        now = time.monotonic()
        if self._client.socket() is None:
            if self.ousted and self._yields:
                time.sleep(timeout)
            elif now >= self._next_try:
                self._connect()
            else:
                time.sleep(min(timeout, self._next_try - now))
            return
        rc = self._client.turn(timeout)
        if rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            fault = self._client.fault
            self._note_loss(str(fault or paho.error_string(rc)), kind_of(fault) if fault else "dropped")
        elif not self.up and self._waiting_since is not None and now - self._waiting_since > CONNACK_S:
            self._note_loss("no CONNACK", "silent")

    def retake(self) -> None:
        """Come back, and take the place from whoever came in our name."""
        self.ousted, self._next_try = False, 0.0

    def publish(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> bool:
        """Hand a message over; False where it was not even queued. What it became is not known here: see the acks."""
        if not self.up:
            return False
        return self._client.publish(topic, payload, qos, retain).rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    def settle(self, *messages: MqttMessage) -> None:
        """Acknowledge messages by hand, once what they carry is safe; in a later connection their numbers are
        others'.
        """
        mids = [message.mid for message in messages if message.qos and message.life == self.reconnects]
        if mids and self.up:
            self._client.settle(mids)

    @property
    def under_way(self) -> int:
        """Publishes that the broker has not acknowledged; of these, a few are on the wire."""
        return self._client.under_way

    def close(self, last: Will | None = None) -> None:
        """Say a last word and disconnect in order, so that no will is sent; twice is fine."""
        if self.up:
            if last:
                self._client.publish(last.topic, last.payload, 1, True)
            deadline = time.monotonic() + 2
            while last and self._client.want_write() and time.monotonic() < deadline:
                self._client.loop(0.05)
            self._client.disconnect()
            self._client.loop(0.05)
        self.up = False

    # -- connecting

    def _made(self) -> PahoClient:
        old = self._protocol == MQTTProtocolVersion.MQTTv311
        client = PahoClient(
            self._client_id,
            taken=self._message,
            manual_ack=self._manual_ack,
            protocol=self._protocol,
            clean_session=not self._lasts if old else None,
            transport="unix" if self._broker.host.startswith("/") else "tcp",
        )
        client.max_inflight_messages_set(INFLIGHT)
        if self._broker.username:
            client.username_pw_set(self._broker.username, self._broker.password or None)
        self._lacking = self._broker.lacking
        if self._broker.ca and not self._lacking:
            client.tls_set(self._broker.ca, self._broker.cert or None, self._broker.key or None)
        client.on_socket_open = _without_delay
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._subscribed
        client.on_publish = self._published
        return client

    def _connect(self) -> None:
        if self._lacking:
            self._client = self._made()  # perhaps they are there by now
        if self._lacking:
            self._note_loss(f"not there yet: {', '.join(self._lacking)}", "lacking")
            return
        if self._will is not None:
            will = self._will()
            self._client.will_set(will.topic, will.payload, 1, True)
        broker = self._broker
        self._client.begin()
        try:
            if self._protocol == MQTTProtocolVersion.MQTTv5:
                self._client.connect(
                    broker.host,
                    broker.port,
                    broker.keepalive_s,
                    clean_start=not self._lasts,
                    properties=self._connect_properties(),
                )
            else:
                self._client.connect(broker.host, broker.port, broker.keepalive_s)
            self._waiting_since = time.monotonic()
        except (OSError, ValueError) as error:  # ValueError: TLS files that do not fit together
            self._note_loss(str(error), kind_of(error))

    def _connect_properties(self) -> Properties:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_S if self._lasts else 0
        properties.ReceiveMaximum = self._receive_maximum
        return properties

    @property
    def sentence(self) -> str:
        """The sentence for a terminal of why there is no connection; "" where there is one or none was tried."""
        where = ", ".join(self._lacking) if self.trouble == "lacking" else f"{self._broker.host}:{self._broker.port}"
        return terminal_sentence(self.trouble, where) if self.trouble else ""

    def _note_loss(self, why: str, kind: Kind) -> None:
        if kind != self.trouble:
            self.trouble = kind
            log.warning("%s: %s", self._client_id, self.sentence.replace("\n", " "))
        if self._waiting_since is not None and not self.up:
            self._other_protocol(why)
        self.up = False
        self._waiting_since = None
        bound = min(self._broker.retry_s, 0.5 * 2 ** min(self.tries, 16))
        self._next_try = time.monotonic() + self._rng.uniform(0.1 * bound, bound)
        self.tries += 1
        log.info("%s: no connection to %s:%s: %s", self._client_id, self._broker.host, self._broker.port, why)

    def _other_protocol(self, why: str) -> None:
        """Choose the other protocol for the next connection: a broker that hangs up on MQTT 5 gets 3.1.1, and the other
        way round.
        """
        old = self._protocol == MQTTProtocolVersion.MQTTv311
        self._protocol = MQTTProtocolVersion.MQTTv5 if old else MQTTProtocolVersion.MQTTv311
        log.info("%s: %s before CONNACK; trying MQTT version %s next", self._client_id, why, int(self._protocol))
        self._client = self._made()

    # -- paho's callbacks; each guarded, since one exception would end the loop

    def _guard(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception:  # any fault of a handler: the connection must outlive it
            self.faults += 1
            log.exception("%s: a handler failed", self._client_id)

    def _connected(self, client: paho.Client, _: Any, flags: paho.ConnectFlags, reason: ReasonCode, __: Any) -> None:
        if reason.is_failure:
            log.warning("%s: refused: %s", self._client_id, reason)
            if str(reason) == "Unsupported protocol version":
                return  # the hang-up that follows switches the version
            self._waiting_since = None
            self.trouble = "unwelcome"
            return
        self.trouble = None
        self._waiting_since, self.tries, self.up, self.ousted = None, 0, True, False
        self.reconnects += 1
        if self._filters:
            client.subscribe([(name, 1) for name in self._filters])
        self._guard(lambda: self._on_up(bool(flags.session_present)))

    def _disconnected(self, client: paho.Client, _: Any, __: Any, reason: ReasonCode, ___: Any) -> None:
        if self.up:
            log.info("%s: disconnected: %s", self._client_id, reason)
        if str(reason) == TAKEN_OVER:
            self._gave_way()

    def _gave_way(self) -> None:
        """Wait, or stay away: two of one name would take the place from each other as fast as they can."""
        log.error(
            "%s: another connection has come in this name and has its place: one certificate, or one name, is for"
            " one computer at a time",
            self._client_id,
        )
        self.up, self.ousted = False, True
        self._next_try = time.monotonic() + self._rng.uniform(0.5, 1.0) * self._broker.retry_s

    def _subscribed(self, client: paho.Client, _: Any, __: int, reasons: list[ReasonCode], ___: Any) -> None:
        for name, reason in zip(self._filters, reasons, strict=False):
            if reason.is_failure:
                self.denied += 1
                log.error("%s: may not listen to %s: %s", self._client_id, name, reason)

    def _published(self, client: paho.Client, _: Any, mid: int, reason: ReasonCode, __: Any) -> None:
        if reason.is_failure:
            self.denied += 1
            log.error("%s: publish %s refused: %s", self._client_id, mid, reason)

    def _message(self, said: PublishPacket) -> None:
        incoming = MqttMessage(said.topic, said.payload, said.mid, said.qos, said.retained, self.reconnects)
        self._guard(lambda: self._hear(incoming))


def _without_delay(client: paho.Client, _: Any, sock: Any) -> None:
    """Let small packets leave at once; else a row of them waits 40 ms for the other side's delayed acknowledgement."""
    if sock.family != socket.AF_UNIX:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
