"""A unit's certificate, renewed over the broker by the agent, once two thirds of its life are over.

    Apply ──► Challenge ──► Prove ──► Grant        on `trust/ask` and `trust/answer`, the messages of
    `wire.enrolment_messages`

Only renewal travels this way: who asks has a certificate already, and the broker let it in by it. An answer that is
lost is asked for anew an hour later with the same key. What came of it is seen by the file `unit.pem`, which changes
whole; the agent then begins a new life with it.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk_firmware.system.state_folders import agent_folder

log = logging.getLogger(__name__)
EVERY_S = 3600.0
"""Between two looks at the certificate, and two tries."""


class CertificateRenewal:
    """One unit's; `say` publishes a message to the office."""

    def __init__(
        self, unit: str, state: Path, say: Callable[[bytes], object], now_ms: Callable[[], int], rng: random.Random
    ) -> None:
        """Plan the first look within the first quarter of an hour, so that a fleet does not ask at once."""
        self._unit, self._state, self._say, self._now_ms = unit, state, say, now_ms
        self._next = rng.uniform(0, EVERY_S / 4)
        self._began: float | None = None
        self._asking = False

    def turn(self, now: float) -> None:
        """Look where it is time to; `now` in seconds of a monotonic clock."""
        if self._began is None:
            self._began = now
        if now - self._began >= self._next:
            self._next = now - self._began + EVERY_S
            self.look()

    def look(self) -> None:
        """Ask for a new certificate if one is due; nothing on a unit without one."""
        if not (agent_folder(self._state) / "trust" / "unit.pem").exists():
            return
        from kiosk_firmware.unit.identity.unit_identity import UnitTrust, board_serial
        from kiosk_firmware.wire import certificates  # what it needs weighs much, and most agents never renew
        from kiosk_firmware.wire.enrolment_messages import ENCODE

        member = UnitTrust(self._state)
        try:
            if not certificates.renewal_due(member.leaf(), self._now_ms()):
                return
            self._asking = True
            self._say(ENCODE(member.apply(self._unit, renew=True, serial=board_serial())))
        except (ValueError, OSError) as error:
            log.error("the certificate cannot be renewed: %s", error)

    def heard(self, data: bytes) -> None:
        """Handle the office's next message of a renewal. One that nobody asked for, or that is not for us, changes
        nothing.
        """
        if not self._asking:
            return
        from kiosk_firmware.unit.identity.unit_identity import UnitTrust
        from kiosk_firmware.wire.enrolment_messages import ANSWERED, ENCODE, Challenge, Grant, Refused

        member = UnitTrust(self._state)
        try:
            answer = ANSWERED.decode(data)
            if isinstance(answer, Challenge):
                self._say(ENCODE(member.prove(answer, renew=True)))
                return
            self._asking = False
            if isinstance(answer, Grant):
                member.accept(answer, self._now_ms())
                log.info("a new certificate, until %s", member.leaf().not_valid_after_utc)
            elif isinstance(answer, Refused):
                log.error("no new certificate: %s", answer.reason)
        except (ValueError, OSError, msgspec.DecodeError) as error:
            log.error("the certificate was not renewed: %s", error)
