"""The line to the simulated host: the engine's world answers what a machine asks, after as long as a real one takes.

An ask that waits for a person (a code on the glass that a phone pays) stays open until `phone` tells that it was paid:
at a desk by the practice phone's socket (`phone_door.py`), elsewhere by another unit's code before the scanner
(`meeting.py`). Then the host is asked again under the word `PAID`, and says whether the payment went through. Codes and
receipts that the host gives are made here, where clock and chance are (`codes.py`).
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

import msgspec

from hardware.cabinet import payment_codes
from hardware.cabinet.delayed_calls import DelayedCalls
from hardware.cabinet.peer_payments import PeerPayment, PeerPayments
from hardware.cabinet.pending_effects import OpenEffects
from hardware.cabinet.phone_payment_socket import door
from hardware.drivers.settings.hardware_settings import HardwareSettings
from hardware.transport.durable_json import DurableJson
from kiosk_firmware.core.effects import AskHost
from kiosk_firmware.core.events import AnyEvent, HostAnswered
from kiosk_firmware.core.hosts.bank import PAID
from kiosk_firmware.system.utc_clock import utc_ms

log = logging.getLogger(__name__)
Answers = Callable[[AskHost], HostAnswered | None]
"""The host: its word, or None where the ask waits for a person."""


def _utc_ms() -> int:
    return utc_ms()


class HostLine:
    """See the file's head. `answers` is set by who simulates the host; `meeting` takes other units' codes."""

    def __init__(
        self,
        settings: HardwareSettings,
        memory: DurableJson,
        open_: OpenEffects,
        later: DelayedCalls,
        said: Callable[[AnyEvent], None],
        on_met: Callable[[PeerPayment], None],
    ) -> None:
        """Begin without anybody who answers. `said`: where the host's word goes."""
        self.answers: Answers | None = None
        self.meeting = PeerPayments(open_.due, self.phone, memory, _utc_ms, on_met)
        self._after_ms = settings.devices.payment_host.answer_ms
        self._open, self._later, self._said = open_, later, said
        self._door = door(settings, self.phone)

    def start(self) -> None:
        """Listen for a desk's practice phone, where there is one."""
        if self._door is not None:
            self._door.start()

    def stop(self) -> None:
        """Listen no more; twice is fine."""
        if self._door is not None:
            self._door.stop()

    def ask(self, wire: AskHost) -> None:
        """Put the ask to the host; its answer comes later."""
        self._later.after(self._after_ms, lambda: self._tell(wire))

    def phone(self, order: int, fen: int | None = None) -> bool:
        """Pay the code of that order by a practice phone; return False where no page waits for it (any more)."""
        wire = self._open.by_phone(order, fen)
        if wire is None:
            return False
        self._later.after(0, lambda: self._tell(wire, PAID))
        return True

    def _tell(self, wire: AskHost, word: str = "") -> None:
        if (event := self._hosted(wire, word)) is not None:
            self._said(event)

    def _hosted(self, wire: AskHost, word: str) -> AnyEvent | None:
        """Return the host's answer; None where it waits for a person."""
        waiting = self._open.waiting(wire.ref)
        if self.answers is None or waiting is None:
            return HostAnswered(wire.at, wire.ref, "offline", wire.ask, "hardwareError")
        try:
            said = self.answers(msgspec.structs.replace(wire, ref=word or waiting.effect.ref))
        except Exception:  # a host that trips must look like a host that is down, not stop the unit
            log.exception("the simulated host failed")
            return HostAnswered(wire.at, wire.ref, "offline", wire.ask, "hardwareError")
        if said is None:
            return None
        ask = payment_codes.stamp_answer(said.ask, _utc_ms(), secrets.randbits(32))
        return HostAnswered(wire.at, wire.ref, said.verdict, ask, said.completion)
