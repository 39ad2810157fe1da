"""Prove who one speaks with: a key for each visit's process, and the far one's fingerprint, which came by the office.

aiortc lets OpenSSL ask a Python function about the far certificate, only to say yes to any: what counts is compared
afterwards, with the fingerprint of the offer. That function would need memory that is written and run, which a unit's
service may not have (`MemoryDenyWriteExecute`), so nobody is asked here. The unit answers and is therefore the client
of the handshake, whose server always shows its certificate; were none shown, there would be nothing to compare, and
the line fails.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiortc import RTCCertificate, RTCPeerConnection
from aiortc.rtcdtlstransport import SRTPProtectionProfile
from OpenSSL import SSL

CIPHERS = b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305"


class Certificate(RTCCertificate):
    """aiortc's, with a handshake that asks nobody."""

    def _create_ssl_context(self, srtp_profiles: Sequence[SRTPProtectionProfile]) -> SSL.Context:
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_options(SSL.OP_NO_TICKET)
        context.use_certificate(self._cert)
        context.use_privatekey(self._key)
        context.set_cipher_list(CIPHERS)
        context.set_tlsext_use_srtp(b":".join(one.openssl_profile for one in srtp_profiles))
        return context


def lend(pc: RTCPeerConnection) -> None:
    """Let this connection show a key of its own; before it has an offer."""
    pc._RTCPeerConnection__certificates = [Certificate.generateCertificate()]  # type: ignore[attr-defined]
