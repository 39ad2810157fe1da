"""The enrolment desk behind the broker: certificates that are due are renewed where their units already speak.

Nothing but renewal is answered here: a code or the waiting room is for whoever has no certificate, and so no way to
the broker. The grant leaves the site's key out, since whoever listens in the office's name need not have it.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from kiosk_firmware.office.pki.enrolment_desk import EnrolmentDesk
from kiosk_firmware.office.pki.trust_folder import TrustFolder
from kiosk_firmware.wire import certificates, message_bounds
from kiosk_firmware.wire.enrolment_messages import ASKED, ENCODE, Answer, Apply, Ask, Grant, Refused

log = logging.getLogger(__name__)


class Renewals:
    """Answers for units; opened at the first question, in the thread that asks."""

    def __init__(self, state: Path) -> None:
        """Take `state`, the office's folder; an office without an authority refuses."""
        self._place = TrustFolder(state)
        self._desk: EnrolmentDesk | None = None

    def answer(self, unit: str, data: bytes) -> bytes:
        """Return what the desk says to a unit's message. Never raises for any message."""
        try:
            ask: Ask = message_bounds.decode(data, ASKED)
            if isinstance(ask, Apply):
                _must_renew(ask, unit)
            self._desk = self._desk or self._place.desk()
            answer: Answer = self._desk.answer(ask, unit)
        except (ValueError, OSError, msgspec.DecodeError) as error:
            log.warning("renewal of %s: %s", unit, error)
            answer = Refused(str(error)[:300])
        return ENCODE(msgspec.structs.replace(answer, site_key="") if isinstance(answer, Grant) else answer)


def _must_renew(ask: Apply, unit: str) -> None:
    """Check an application. Raises ValueError: it is no renewal, or of another unit."""
    name = certificates.bearer(certificates.certificates(ask.certificate)[0]).name if ask.certificate else ""
    if name != unit:
        raise ValueError(f"over the broker {unit} renews its own certificate and nothing else")
