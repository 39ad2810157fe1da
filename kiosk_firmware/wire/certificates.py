"""Read what a certificate says, and whether it leads to the office's root.

Two steps and no more: leaf ← issuing ← root. The common name is an id (a unit's, `broker`, `office-collector`, …), the
organisational unit its role; both are set by the office alone, whatever a request asked for. A clock that is behind
(a Raspberry Pi may have none of its own) is no reason against a certificate, a clock that is past its end is.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk_firmware.wire.private_keys import UNREADABLE

Role = Literal["unit", "broker", "office", "signer"]
"""A kiosk; the broker and the enrolment desk (TLS servers); a client of the office; who signs documents."""


class TrustError(ValueError):
    """A certificate or a signature does not lead to our root; says which and why. `word`: as `Refused` has it."""

    def __init__(self, reason: str, word: str = "") -> None:
        super().__init__(reason)
        self.word = word


class Bearer(msgspec.Struct, frozen=True):
    """The bearer of a verified certificate, and its end (UTC ms)."""

    name: str
    role: Role
    serial: str
    until_ms: int


def pem(certificate: x509.Certificate) -> str:
    """Encode a certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def certificates(text: str) -> list[x509.Certificate]:
    """Read the certificates of a PEM text, first to last.

    Raises:
        TrustError: there is none.
    """
    try:
        return x509.load_pem_x509_certificates(text.encode())
    except UNREADABLE as error:
        raise TrustError("no certificate can be read: allowed is PEM, from -----BEGIN CERTIFICATE-----") from error


def ms(moment: dt.datetime) -> int:
    """Return an instant in UTC ms."""
    return round(moment.timestamp() * 1000)


def public(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    """Return the P-256 key that it certifies. Raises TrustError for another kind."""
    try:
        found = certificate.public_key()
    except UNREADABLE as error:
        raise TrustError(f"allowed are P-256 keys: {error}") from error
    if not isinstance(found, ec.EllipticCurvePublicKey):
        raise TrustError("allowed are P-256 keys")
    return found


def _subject_value(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    values = certificate.subject.get_attributes_for_oid(oid)
    return str(values[0].value) if len(values) == 1 else ""


def bearer(leaf: x509.Certificate) -> Bearer:
    """Return what a certificate says of its owner; not whether that is true."""
    role = msgspec.convert(_subject_value(leaf, NameOID.ORGANIZATIONAL_UNIT_NAME), Role)
    name = _subject_value(leaf, NameOID.COMMON_NAME)
    return Bearer(name, role, f"{leaf.serial_number:x}", ms(leaf.not_valid_after_utc))


def verify_chain(text: str, root: str, now_ms: int, crl: str = "") -> tuple[Bearer, x509.Certificate]:
    """Return who the first certificate of `text` is, once it is known to lead to `root` (PEM).

    Raises:
        TrustError: it does not, is past its end, or stands in `crl`.
    """
    chain, top = certificates(text), certificates(root)[0]
    if len(chain) != 2:
        raise TrustError(f"{len(chain)} certificates: allowed is a chain of two, the leaf first")
    leaf, issuing = chain
    try:
        issuing.verify_directly_issued_by(top)
        leaf.verify_directly_issued_by(issuing)
        above = issuing.extensions.get_extension_for_class(x509.BasicConstraints).value
        below = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value
        who = bearer(leaf)
    except UNREADABLE as error:
        raise TrustError("not issued by the office that this unit knows", "foreign") from error
    if not above.ca or below.ca:
        raise TrustError("the office's issuing certificate must stand between root and leaf")
    if any(ms(one.not_valid_after_utc) < now_ms for one in (leaf, issuing, top)):
        raise TrustError(f"the certificate of {who.name} has ended")
    if crl and is_revoked(crl, issuing, leaf):
        raise TrustError(f"the certificate of {who.name} was revoked")
    return who, leaf


def is_revoked(crl: str, issuing: x509.Certificate, leaf: x509.Certificate) -> bool:
    """Return whether the list, which must be the issuer's, holds the leaf. Raises TrustError for another's list."""
    listed = x509.load_pem_x509_crl(crl.encode())
    if not listed.is_signature_valid(public(issuing)):
        raise TrustError("the revocation list is another's")
    return listed.get_revoked_certificate_by_serial_number(leaf.serial_number) is not None


def renewal_due(leaf: x509.Certificate, now_ms: int) -> bool:
    """Return whether two thirds of its life are over."""
    begins, ends = ms(leaf.not_valid_before_utc), ms(leaf.not_valid_after_utc)
    return now_ms >= begins + (ends - begins) * 2 // 3
