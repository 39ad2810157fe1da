"""The hub's own connection to the broker, beside the collector's: one thread owns it, and turns the hub's clock."""

from __future__ import annotations

import logging
import queue
import threading
import time
from pathlib import Path

import msgspec

from kiosk_firmware.office.pki.trust_folder import collector_name
from kiosk_firmware.office.visit_calls.invitations import Invitations
from kiosk_firmware.office.visit_calls.signalling_hub import Audit, CallHub
from kiosk_firmware.visit.office.policy import VisitPolicy
from kiosk_firmware.visit.office.service import VisitService
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.mqtt import BrokerLink, MqttMessage

log = logging.getLogger(__name__)
BUSY_S, IDLE_S = 0.01, 0.2
TICK_S = 1.0
WAITING = 1000
"""Words that may wait for a broker that is away; a call does not outlive that, and what lasts is said again."""


class Calls:
    """All that a running office has of real visits: room, hub, and the thread of its line."""

    def __init__(self, broker: BrokerSettings, state: Path, policy: VisitPolicy, audit: Audit, name: str) -> None:
        """Take what the calls work on; nothing runs yet. `name`: of its connection. Raises ValueError: the relay's
        secret is not there.
        """
        self._room = VisitService(state, policy)
        self.hub = CallHub(self._room, Invitations(self._room, state), audit)
        self._line = CallLine(broker, self.hub, name)
        self._thread: threading.Thread | None = None

    @classmethod
    def of(cls, broker: BrokerSettings, state: Path, policy: VisitPolicy, audit: Audit, site: str) -> Calls | None:
        """Return the calls of an office whose collector is for `site`. A broker that wants certificates knows everybody
        by one, so this connection has its own, beside the collector's; None where it has none: no real visits there.
        """
        name = collector_name(site).replace("collector", "calls")
        if broker.cert:
            certificate = Path(broker.cert).with_name(f"{name}.pem")
            if not certificate.exists():
                log.warning("no %s: this office has no real visits (kiosk office ca paper %s)", certificate, name)
                return None
            broker = msgspec.structs.replace(broker, cert=str(certificate), key=str(certificate.with_suffix(".key")))
        return cls(broker, state, policy, audit, name)

    def started(self, stop: threading.Event) -> CallHub:
        """Let it run until `stop`."""
        self._thread = threading.Thread(target=self._line.run, args=(stop,), name="calls")
        self._thread.start()
        return self.hub

    def close(self) -> None:
        """Leave in order, after `stop`."""
        if self._thread is not None:
            self._thread.join()
        self._room.close()


class CallLine:
    """`client_id`: the same at each start, so that the broker keeps what units said meanwhile."""

    def __init__(self, broker: BrokerSettings, hub: CallHub, client_id: str) -> None:
        self._hub = hub
        self._link = BrokerLink(broker, client_id, topics.call_filters(), self._hear, on_up=lambda _: hub.up())
        self._next_tick = 0.0

    def run(self, stop: threading.Event) -> None:
        """Work until `stop`, then leave in order."""
        while not stop.is_set():
            try:
                self.turn()
            except Exception:  # a full disk, or what nobody foresaw: nothing was answered, the units say it again
                log.exception("a turn of the calls' line failed")
                time.sleep(TICK_S)
        self._link.close()

    def turn(self) -> None:
        """Move bytes for a moment, then say what is to be said."""
        self._link.turn(BUSY_S if self._hub.busy else IDLE_S)
        if time.monotonic() >= self._next_tick:
            self._next_tick = time.monotonic() + TICK_S
            self._hub.tick()
        self._say()

    def _hear(self, message: MqttMessage) -> None:
        self._hub.heard(message.topic, message.payload)

    def _say(self) -> None:
        while not self._hub.words.empty() and (self._link.up or self._hub.words.qsize() > WAITING):
            try:
                topic, payload = self._hub.words.get_nowait()
            except queue.Empty:
                return
            self._link.publish(topic, payload)
