"""A recording, sealed as it is written: only the office's private key opens it, and a torn end costs the end alone.

A file holds one part or more, since a visit that a power cut parted goes on in a new one. A part is a head and chunks:

    head    `KVS1`, the point of a key that lived for this part alone (P-256, 65 bytes), the data key wrapped (48 bytes)
    chunk   length u32 (its highest bit: the last of its part), then AES-256-GCM of that chunk

The data key is wrapped by what both keys agree on (ECDH, HKDF-SHA256, AES-256-GCM) and is forgotten with the process.
A chunk's nonce is its number; the visit's number, and whether it is the last one, are authenticated with it: chunks
cannot be moved, swapped, or left out, nor a visit's file be taken for another's. What is missing at the end is told.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from types import TracebackType

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk_firmware.system.durable_files import sync
from kiosk_firmware.system.state_folders import AGENT_READABLE

MAGIC = b"KVS1"
POINT, KEY, TAG = 65, 32, 16
HEAD = len(MAGIC) + POINT + KEY + TAG
LENGTH = struct.Struct(">I")
LAST = 1 << 31
CHUNK = 65_536
"""More than so many bytes do not wait for `flush`."""
_NO_NONCE = bytes(12)  # each wrapping key is used once


class RecordingPart(msgspec.Struct, frozen=True):
    """A part of a recording between two cuts; `whole`: it was closed in order."""

    data: bytes
    whole: bool


class Sealer:
    """A file to write into. What `flush` has returned for outlives a power cut."""

    def __init__(self, path: Path, visit: str, seal: str) -> None:
        """Begin a part, after what a cut left in the file. `seal`: the office's public key, PEM.

        Raises:
            ValueError: the PEM holds no P-256 key.
            OSError: the file cannot be written.
        """
        key = AESGCM.generate_key(256)
        head = MAGIC + _wrap_key(key, _public(seal), visit)
        self._cipher, self._visit, self._number, self._waiting = AESGCM(key), visit, 0, bytearray()
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        os.fchmod(self._file.fileno(), AGENT_READABLE)
        self._file.seek(_sound_length(self._file.read()))
        self._file.truncate()
        self._file.write(head)
        self._sync()
        sync(path.parent)  # its name, too: a cut may come before anything else is written in that folder

    def write(self, data: bytes) -> int:
        """Take it; a full chunk is sealed at once."""
        self._waiting += data
        if len(self._waiting) >= CHUNK:
            self._seal()
        return len(data)

    def flush(self) -> None:
        """Seal what waits, down to the disk."""
        if self._waiting:
            self._seal()
        self._sync()

    def close(self) -> None:
        """End the part in order; twice is fine."""
        if not self._file.closed:
            self._seal(last=True)
            self._sync()
            self._file.close()

    def _seal(self, last: bool = False) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number), bytes(self._waiting), _bound_data(self._visit, last))
        self._file.write(LENGTH.pack(len(sealed) | (LAST if last else 0)) + sealed)
        self._number += 1
        self._waiting.clear()

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def __enter__(self) -> Sealer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()


def open_recording(sealed: bytes, key: ec.EllipticCurvePrivateKey, visit: str) -> tuple[RecordingPart, ...]:
    """Open the parts of a file with the office's private key.

    Raises:
        ValueError: no such file, another key, another visit, or a chunk that was changed.
    """
    parts, at = [], 0
    while at < len(sealed):
        part, at = _part(sealed, at, key, visit)
        parts += [part] if part is not None else []
    return tuple(parts)


def _part(sealed: bytes, at: int, key: ec.EllipticCurvePrivateKey, visit: str) -> tuple[RecordingPart | None, int]:
    """Open the part that begins there; return it and where the next one begins; None where a cut left half a head."""
    head = sealed[at : at + HEAD]
    if not head.startswith(MAGIC[: len(head)]):
        raise ValueError(f"visit {visit}: no sealed recording at byte {at}")
    if len(head) < HEAD:
        return None, len(sealed)
    cipher, at, data = AESGCM(_unwrap_key(head[len(MAGIC) :], key, visit)), at + HEAD, bytearray()
    for number, (start, end, last) in enumerate(_chunks(sealed, at)):
        data += _unseal_chunk(cipher, number, sealed[start:end], visit, last)
        at = end
        if last:
            return RecordingPart(bytes(data), True), at
    is_next = sealed.startswith(MAGIC, at)
    return RecordingPart(bytes(data), False), at if is_next else len(sealed)


def _chunks(sealed: bytes, at: int) -> list[tuple[int, int, bool]]:
    """Return where the whole chunks of a part lie: start, end, whether it is the last one."""
    found = []
    while at + LENGTH.size <= len(sealed) and not sealed.startswith(MAGIC, at):
        (length,) = LENGTH.unpack_from(sealed, at)
        start, end = at + LENGTH.size, at + LENGTH.size + (length & ~LAST)
        if end > len(sealed):
            break
        found.append((start, end, bool(length & LAST)))
        at = end
        if length & LAST:
            break
    return found


def _sound_length(sealed: bytes) -> int:
    """Return the length up to where the file is heads and whole chunks: what a cut tore off behind is nothing."""
    at = 0
    while sealed.startswith(MAGIC, at) and at + HEAD <= len(sealed):
        chunks = _chunks(sealed, at + HEAD)
        at = chunks[-1][1] if chunks else at + HEAD
    return at


def _unseal_chunk(cipher: AESGCM, number: int, chunk: bytes, visit: str, last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(number), chunk, _bound_data(visit, last))
    except InvalidTag:
        raise ValueError(f"visit {visit}: chunk {number} of the recording was changed") from None


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound_data(visit: str, last: bool) -> bytes:
    return visit.encode() + (b" last" if last else b" more")


# -- the data key ------------------------------------------------------------------------------------------------------


def _public(seal: str) -> ec.EllipticCurvePublicKey:
    try:
        key = serialization.load_pem_public_key(seal.encode())
    except ValueError as error:
        raise ValueError(f"seal: no public key: {error}") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("seal: allowed is a P-256 key")
    return key


def _wrap_key(key: bytes, office: ec.EllipticCurvePublicKey, visit: str) -> bytes:
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return point + AESGCM(_agree_key(own, office, visit)).encrypt(_NO_NONCE, key, point)


def _unwrap_key(wrapped: bytes, office: ec.EllipticCurvePrivateKey, visit: str) -> bytes:
    point = wrapped[:POINT]
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        return AESGCM(_agree_key(office, public, visit)).decrypt(_NO_NONCE, wrapped[POINT:], point)
    except (InvalidTag, ValueError):
        raise ValueError(f"visit {visit}: this key does not open the recording") from None


def _agree_key(own: ec.EllipticCurvePrivateKey, other: ec.EllipticCurvePublicKey, visit: str) -> bytes:
    info = b"kiosk visit recording " + visit.encode()
    return HKDF(hashes.SHA256(), KEY, None, info).derive(own.exchange(ec.ECDH(), other))
