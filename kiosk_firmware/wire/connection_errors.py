"""Tell the kinds of trouble that keep two computers apart from each other.

OpenSSL and the kernel say it in their own words (`CERTIFICATE_VERIFY_FAILED`, `[Errno 111]`), which help nobody who
stands before a unit. Their words stay in the log; people read the sentence of `error_texts`.

Source: openssl/x509_vfy.h (verify codes), RFC 8446, 6.2 (alerts: what the far end says of our certificate).
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl

from kiosk_firmware.wire.error_texts import Kind

_VERIFIED: dict[int, Kind] = {9: "early", 10: "ended", 62: "misnamed", 64: "misnamed"}
"""X509_V_ERR_CERT_NOT_YET_VALID, CERT_HAS_EXPIRED, HOSTNAME_MISMATCH, IP_ADDRESS_MISMATCH."""
_ALERTS: dict[str, Kind] = {"CERTIFICATE_REVOKED": "revoked", "CERTIFICATE_EXPIRED": "expired"}
_UNWELCOME = ("UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN", "CERTIFICATE_REQUIRED", "ACCESS_DENIED")
_NUMBERS: dict[int, Kind] = {
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "silent",
    errno.ENETUNREACH: "unrouted",
    errno.EHOSTUNREACH: "unrouted",
    errno.ENOENT: "lacking",
}


def kind_of(error: BaseException) -> Kind:
    """Return what kind of trouble it was."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _VERIFIED.get(error.verify_code, "stranger")
    if isinstance(error, ssl.SSLError):
        return _alert(error.reason or "")
    if isinstance(error, socket.gaierror):
        return "unnamed"
    if isinstance(error, TimeoutError):
        return "silent"
    if isinstance(error, (ConnectionResetError, BrokenPipeError, http.client.HTTPException)):
        return "dropped"
    return _NUMBERS.get(error.errno or 0, "other") if isinstance(error, OSError) else "other"


def _alert(reason: str) -> Kind:
    """Return what the far end said of our certificate; how the word begins differs between releases of OpenSSL."""
    for word, kind in _ALERTS.items():
        if reason.endswith(word):
            return kind
    if reason.endswith(_UNWELCOME):
        return "unwelcome"
    return "dropped" if reason == "UNEXPECTED_EOF_WHILE_READING" else "other"
