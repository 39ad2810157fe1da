"""The office's room of calls as a unit meets it: the other end of a broker."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.visit.wire import messages as m
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.mqtt import BrokerLink, MqttMessage
from tests.wire.rig import wait


class Office:
    """The room of calls at the other end of the broker."""

    def __init__(self, port: int) -> None:
        self.heard: list[m.Up] = []
        self._down = topics.topic("jia", "jia-atm-01", "call", topics.DOWN)
        self._link = BrokerLink(
            BrokerSettings(port=port, retry_s=0.3), "office-calls", topics.call_filters(), self._hear
        )
        wait(lambda: self.turn() or self._link.up, "the office at its broker")

    def _hear(self, message: MqttMessage) -> None:
        self.heard.append(m.decode_up(message.payload))

    def turn(self) -> None:
        self._link.turn(0.02)

    def say(self, word: m.Down) -> None:
        self._link.publish(self._down, m.ENCODE(word))

    def newest(self, kind: type[Any], **fields: object) -> Any:
        """The newest word of that kind, where it says so."""
        self.turn()
        found = [one for one in self.heard if isinstance(one, kind)]
        return found[-1] if found and all(getattr(found[-1], k) == v for k, v in fields.items()) else None

    def hears(self, kind: type[Any], **fields: object) -> Any:
        """Wait until the newest word of that kind says so."""
        wait(lambda: self.newest(kind, **fields) is not None, f"{kind.__name__} {fields}; heard were {self.heard[-5:]}")
        return self.newest(kind, **fields)

    def close(self) -> None:
        self._link.close()
