"""A revocation list that somebody fetched: whether it is our office's and newer than the one here, and whom it adds.

Each entry says whose certificate it was, in an extension of our own that every other reader passes over: a broker needs
serial numbers, whoever ends live sessions needs names.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from kiosk_firmware.wire import certificates
from kiosk_firmware.wire.certificates import TrustError

BEARER = x509.ObjectIdentifier("2.25.15380771321262932570313506764351085860")
"""Whose certificate it was, ASCII. The arc 2.25 is everybody's who has a UUID (ITU-T X.667)."""


def bearer(entry: x509.RevokedCertificate) -> str:
    """Return whose certificate an entry is about, "" where its list did not say."""
    try:
        found = entry.extensions.get_extension_for_oid(BEARER).value
    except x509.ExtensionNotFound:
        return ""
    return found.value.decode("ascii", "replace") if isinstance(found, x509.UnrecognizedExtension) else ""


def number(listed: x509.CertificateRevocationList) -> int:
    """Return which list this is; a later one has a higher number."""
    return listed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def added_names(text: str, held: str, issuing: str, root: str, now_ms: int) -> frozenset[str] | None:
    """Return the names that a list adds to the one that is held, None where it is that very one. All texts are PEM.

    Raises:
        TrustError: it is no list, another office's, changed, past its end, or older than the held one.
    """
    below, top = certificates.certificates(issuing)[0], certificates.certificates(root)[0]
    try:
        below.verify_directly_issued_by(top)
        listed, old = (x509.load_pem_x509_crl(one.encode()) for one in (text, held))
        new, last = number(listed), number(old)
        ours = listed.is_signature_valid(certificates.public(below))
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound) as error:
        raise TrustError(f"no revocation list under this root: {error}") from error
    if not ours:
        raise TrustError("the revocation list is not signed by the issuing certificate that this broker has")
    if listed.next_update_utc is None or certificates.ms(listed.next_update_utc) < now_ms:
        raise TrustError("the revocation list has ended")
    if new < last:
        raise TrustError(f"the revocation list is number {new}, older than the one here, {last}")
    before = {one.serial_number for one in old}
    return None if new == last else frozenset(bearer(one) for one in listed if one.serial_number not in before) - {""}
