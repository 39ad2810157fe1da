"""A key of one's own: P-256, made where it is used, kept in a file that only its owner reads, and never sent.

What leaves is a request (CSR) that carries the public half and proves that the private one is there. Every signature of
this project is ECDSA over SHA-256, DER, written as hexadecimal digits.
"""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk_firmware.system.durable_files import write_whole

Key = ec.EllipticCurvePrivateKey
_HASH = hashes.SHA256()
UNREADABLE = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.UnsupportedGeneralNameType,
)
"""What reading somebody else's request or certificate may raise."""


def make_key() -> Key:
    """Make a new key."""
    return ec.generate_private_key(ec.SECP256R1())


def keep(key: Key, path: Path, passphrase: str = "") -> None:
    """Write the key as PKCS#8 PEM, mode 0600; encrypted where there is a passphrase."""
    how = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    write_whole(path, key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how))


def load(path: Path, passphrase: str = "") -> Key:
    """Read the key in a file.

    Raises:
        ValueError: no such file, no P-256 key in it, or another passphrase; names the file.
    """
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), passphrase.encode() or None)
    except (OSError, ValueError, TypeError) as error:
        raise ValueError(f"{path}: no key can be read: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError(f"{path}: allowed is a P-256 key")
    return key


def load_or_make_key(path: Path) -> Key:
    """Read the key in a file, made there on first use."""
    if not path.exists():
        keep(make_key(), path)
    return load(path)


def request(key: Key, name: str) -> str:
    """Make a CSR (PEM) for `name`; the office decides what the certificate says in the end."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name or "unnamed")])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, _HASH)
    return made.public_bytes(serialization.Encoding.PEM).decode()


def requested_key(csr: str) -> ec.EllipticCurvePublicKey:
    """Return the public key of a request, which must be signed by its private half.

    Raises:
        ValueError: no request, a wrong signature, another kind of key.
    """
    try:
        parsed = x509.load_pem_x509_csr(csr.encode())
        public, is_by_it = parsed.public_key(), parsed.is_signature_valid
    except UNREADABLE as error:
        raise ValueError(f"csr: allowed is a request in PEM, a P-256 key and SHA-256: {error}") from error
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise ValueError("csr: allowed is a P-256 key")
    if not is_by_it:
        raise ValueError("csr: its signature is not by the key that it names")
    return public


def fingerprint(public: ec.EllipticCurvePublicKey) -> str:
    """Return twenty digits that name a public key, in fours, for two people to compare."""
    digest = hashes.Hash(_HASH)
    digest.update(public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))
    digits = digest.finalize().hex()[:20]
    return "-".join(digits[at : at + 4] for at in range(0, 20, 4))


def sign(key: Key, data: bytes) -> str:
    """Sign `data` (ECDSA, SHA-256); return the signature as hex."""
    return key.sign(data, ec.ECDSA(_HASH)).hex()


def is_signed(public: ec.EllipticCurvePublicKey, signature: str, data: bytes) -> bool:
    """Return whether `signature` is of `data` and by the owner of `public`."""
    try:
        public.verify(bytes.fromhex(signature), data, ec.ECDSA(_HASH))
    except (InvalidSignature, ValueError):
        return False
    return True
