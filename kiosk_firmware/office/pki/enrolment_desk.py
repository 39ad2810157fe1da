"""The enrolment desk: Apply → Challenge, Waiting or Refused; Prove → Grant or Refused.

Four reasons make a unit somebody: a one-time code, an operator who admitted it, a certificate that is to be renewed, or
a grant that it was given already and whose answer was lost. All end in the same challenge and the same grant. A ticket
lives in memory for two minutes; whoever was interrupted applies again.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable

import msgspec

from kiosk_firmware.office.pki.certificate_authority import Authority
from kiosk_firmware.office.pki.unit_register import EnrolmentCode, Register, RegisteredUnit
from kiosk_firmware.wire import certificates, private_keys
from kiosk_firmware.wire.enrolment_messages import (
    Answer,
    Apply,
    Ask,
    BrokerAddress,
    Challenge,
    Grant,
    Prove,
    Refused,
    Waiting,
)

TICKET_MS = 120_000
TICKETS = 1000


class _Open(msgspec.Struct, frozen=True):
    """An application under way: who it is to be, by which code, and the former certificate's chain of a renewal."""

    apply: Apply
    unit: RegisteredUnit
    nonce: str
    until_ms: int
    code: EnrolmentCode | None = None
    former: str = ""


class _ReasonError(ValueError):
    """A refusal's reason: its name in `messages.WHY`, and in words for the technician."""

    def __init__(self, word: str, reason: str) -> None:
        super().__init__(reason)
        self.word = word


def _refusal(error: Exception) -> Refused:
    return Refused(str(error), getattr(error, "word", ""))


class EnrolmentDesk:
    """One desk; `revoked` is called after certificates were taken back and the list was published."""

    def __init__(
        self,
        authority: Authority,
        register: Register,
        broker: BrokerAddress,
        now_ms: Callable[[], int],
        revoked: Callable[[str], None] = lambda unit: None,
    ) -> None:
        self._authority, self.register, self._broker, self._now = authority, register, broker, now_ms
        self._revoked = revoked
        self._open: dict[str, _Open] = {}
        self._lock = threading.Lock()

    def answer(self, ask: Ask, peer: str) -> Answer:
        """Return what the desk says to a message from an address (or from a USB drive)."""
        with self._lock:
            try:
                return self._apply(ask, peer) if isinstance(ask, Apply) else self._prove(ask)
            except (ValueError, LookupError) as error:
                self.register.refused(self._now(), peer, str(error))
                return _refusal(error)

    def carried(self, ask: Apply) -> Answer:
        """Answer an application that came on a USB drive, in one walk: its code is spent at once. The request's own
        signature proves that the key exists; who carried it is the technician.
        """
        with self._lock:
            try:
                fingerprint = private_keys.fingerprint(private_keys.requested_key(ask.csr))
                unit, code, _ = self._by_code(ask, fingerprint, "stick")
                return self._grant(_Open(ask, unit, "", 0, code), fingerprint)
            except (ValueError, LookupError) as error:
                return _refusal(error)

    # -- applying

    def _apply(self, ask: Apply, peer: str) -> Answer:
        fingerprint = private_keys.fingerprint(private_keys.requested_key(ask.csr))
        if ask.certificate:
            return self._challenge(ask, *self._find_renewing_unit(ask))
        if ask.code:
            return self._challenge(ask, *self._by_code(ask, fingerprint, peer))
        admitted = self.register.wait(fingerprint, ask.unit, ask.serial, ask.version, peer, self._now())
        if not admitted:
            return Waiting(fingerprint)
        return self._challenge(ask, self._free(self.register.unit(admitted), fingerprint), None, "")

    def _by_code(self, ask: Apply, fingerprint: str, peer: str) -> tuple[RegisteredUnit, EnrolmentCode | None, str]:
        now = self._now()
        if self.register.is_barred(peer, now):
            raise _ReasonError("barred", "too many wrong codes; please wait a minute")
        code = self.register.find_code(ask.code)
        if code is None:
            self.register.missed(peer, now)
            raise _ReasonError("unknown", "no such code; ask the office for a new one")
        unit = self.register.unit(code.unit)
        if ask.unit and ask.unit != unit.id:
            raise _ReasonError("other", f"this code is for unit {unit.id}, not for {ask.unit}")
        if code.fingerprint == fingerprint and self.register.certificate(unit.id, fingerprint):
            return unit, None, ""  # the answer was lost on the way: the same key gets the same grant
        if code.fingerprint:
            raise _ReasonError("used", "this code was used already; ask the office for a new one")
        if code.expires_ms < now:
            raise _ReasonError("ended", "this code has ended; ask the office for a new one")
        return unit if code.replaces else self._free(unit, fingerprint), code, ""

    def _free(self, unit: RegisteredUnit, fingerprint: str) -> RegisteredUnit:
        """Return the unit, if no other board is it."""
        if unit.state == "retired":
            raise _ReasonError("retired", f"unit {unit.id} was retired")
        if self.register.certificate(unit.id, fingerprint) or not self.register.standing(unit.id, self._now()):
            return unit
        hint = f"for a new board: kiosk office enrol replace {unit.id}"
        raise _ReasonError("taken", f"unit {unit.id} has a certificate already; {hint}")

    def _find_renewing_unit(self, ask: Apply) -> tuple[RegisteredUnit, EnrolmentCode | None, str]:
        who, leaf = certificates.verify_chain(ask.certificate, self._authority.root, self._now())
        if who.role != "unit" or self.register.is_revoked(who.serial):
            raise _ReasonError("revoked", f"the certificate of {who.name} was revoked")
        if not certificates.renewal_due(leaf, self._now()):
            raise _ReasonError("", f"the certificate of {who.name} is not due for renewal yet")
        return self.register.unit(who.name), None, ask.certificate

    def _challenge(self, ask: Apply, unit: RegisteredUnit, code: EnrolmentCode | None, former: str) -> Challenge:
        now = self._now()
        self._open = {name: one for name, one in self._open.items() if one.until_ms > now}
        if len(self._open) >= TICKETS:
            raise _ReasonError("busy", "too many units at once; please try again in a minute")
        ticket, nonce = secrets.token_hex(16), secrets.token_hex(32)
        self._open[ticket] = _Open(ask, unit, nonce, now + TICKET_MS, code, former)
        return Challenge(ticket, nonce)

    # -- proving

    def _prove(self, ask: Prove) -> Answer:
        opened = self._open.pop(ask.ticket, None)
        if opened is None or opened.until_ms < self._now():
            raise _ReasonError("late", "that took too long; please apply again")
        public = private_keys.requested_key(opened.apply.csr)
        if not private_keys.is_signed(public, ask.signature, opened.nonce.encode()):
            raise _ReasonError("", "the challenge was not signed with the key of the request")
        if opened.former:
            old = certificates.public(certificates.certificates(opened.former)[0])
            if not private_keys.is_signed(old, ask.former, opened.nonce.encode()):
                raise _ReasonError("", "the challenge was not signed with the former key")
        return self._grant(opened, private_keys.fingerprint(public))

    def _grant(self, opened: _Open, fingerprint: str) -> Grant:
        unit, now = opened.unit, self._now()
        held = self.register.holder(fingerprint, now)
        if held not in ("", unit.id):
            raise _ReasonError("named", f"this board is unit {held} already; take its file, or revoke {held} first")
        text = self.register.certificate(unit.id, fingerprint)
        if not text or opened.former:
            text = self._authority.issue(private_keys.requested_key(opened.apply.csr), unit.id, "unit", now)
            self.register.given(
                certificates.bearer(certificates.certificates(text)[0]), fingerprint, text, now, opened.code
            )
            self.register.log(now, "renewed" if opened.former else "enrolled", unit.id, fingerprint)
        if opened.code is not None and opened.code.replaces:
            self._publish_or_log(unit.id)
        return Grant(
            unit.id,
            unit.site,
            unit.kind,
            text,
            self._authority.root,
            self._authority.crl,
            self._broker,
            self.register.site_key(unit.site),
            now,
        )

    def _publish_or_log(self, unit: str) -> None:
        """Publish the revocation list, or log why not: the new board has its certificate, and somebody must look after
        the old one's session.
        """
        try:
            self.publish(unit)
        except ValueError as error:
            self.register.log(self._now(), "not dropped", unit, str(error))

    # -- taking back

    def revoke(self, unit: str, why: str, *, retire: bool = True) -> int:
        """Take a unit's trust back: list published, live session dropped. How many certificates stood."""
        self.register.unit(unit)
        stood = self.register.revoke(unit, self._now())
        if retire:
            self.register.retire(unit, self._now())
        self.register.log(self._now(), "revoked", unit, why)
        self.publish(unit)
        return stood

    def publish(self, unit: str) -> None:
        """Write the revocation list anew and let the broker know whom it concerns."""
        self._authority.revoke(self.register.revoked(), self._now())
        self._revoked(unit)

    @property
    def crl(self) -> str:
        """The revocation list as it was published, PEM."""
        return self._authority.crl
