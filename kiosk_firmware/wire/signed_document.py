"""A document that says who wrote it: payload, chain, signature, in one JSON file.

Enrolment files, wanted configurations, acceptance sheets and content all travel in this one form, over the broker or
on a USB drive. The payload is kept as the text that was signed, so nothing depends on how JSON is written. `purpose`
is signed with it: an acceptance sheet can never be shown as a configuration.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from kiosk_firmware.wire import certificates as chain
from kiosk_firmware.wire import private_keys
from kiosk_firmware.wire.certificates import Bearer, Role, TrustError

T = TypeVar("T")


class SignedDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: what it is for, the text, the signer's chain (PEM, leaf first), and the signature."""

    purpose: str
    payload: str
    chain: str
    signature: str


def _signed_bytes(purpose: str, payload: str) -> bytes:
    return f"{purpose}\n{payload}".encode()


def seal(purpose: str, payload: msgspec.Struct, key: private_keys.Key, certificates: str) -> bytes:
    """Sign a payload; return the file's bytes."""
    text = msgspec.json.encode(payload).decode()
    return msgspec.json.format(
        msgspec.json.encode(
            SignedDocument(purpose, text, certificates, private_keys.sign(key, _signed_bytes(purpose, text)))
        )
    )


def read_claimed(data: bytes, kind: type[T]) -> T:
    """Return what a file claims to hold; nothing is believed of it.

    Raises:
        msgspec.DecodeError, UnicodeDecodeError: it is no such file.
    """
    return msgspec.json.decode(msgspec.json.decode(data, type=SignedDocument).payload, type=kind)


def open_document(
    data: bytes, purpose: str, kind: type[T], root: str, now_ms: int, role: Role, crl: str = ""
) -> tuple[Bearer, T]:
    """Return who signed, and the payload.

    Raises:
        TrustError: another's, changed, for something else, by somebody of another role, revoked or past its end.
    """
    try:
        file = msgspec.json.decode(data, type=SignedDocument)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TrustError(f"no signed file: {error}") from error
    if file.purpose != purpose:
        raise TrustError(f"this is a {file.purpose!r}: allowed here is {purpose!r}")
    who, leaf = chain.verify_chain(file.chain, root, now_ms, crl)
    if who.role != role:
        raise TrustError(f"signed by {who.name}, a {who.role}: allowed is a {role}")
    if not private_keys.is_signed(chain.public(leaf), file.signature, _signed_bytes(purpose, file.payload)):
        raise TrustError("the signature does not fit: the file was changed")
    try:
        return who, msgspec.json.decode(file.payload, type=kind)
    except msgspec.DecodeError as error:
        raise TrustError(f"{purpose}: {error}") from error
