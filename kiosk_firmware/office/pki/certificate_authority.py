"""The office's certificate authority: an offline root signs one issuing certificate, which signs everything else.

The root's key is written to a USB drive, encrypted, and lies in a safe: it is needed again when the issuing
certificate ends or was lost. What the office keeps: `root.pem`, `issuing.pem`, `issuing.key`, `crl.pem`, and the
signer's `signer.pem`, `signer.key`. Names and roles come from the caller alone, never from a request. Validity begins
a day early, since a unit's clock may be behind.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.wire import certificates as chain
from kiosk_firmware.wire import private_keys, revocation_list
from kiosk_firmware.wire.certificates import Role

DAY_MS = 24 * 3600 * 1000
ROOT_DAYS, ISSUING_DAYS = 20 * 365, 5 * 365
DAYS: dict[Role, int] = {"unit": 365, "broker": 2 * 365, "office": 2 * 365, "signer": 2 * 365}
CRL_DAYS = 400
"""Long: it is fetched from the office's own disk, and a list that ends in the night would shut out the whole fleet."""
_HASH = hashes.SHA256()


class Revocation(NamedTuple):
    """A certificate that was taken back: its serial in hexadecimal, when (UTC ms), whose it was."""

    serial: str
    at_ms: int
    name: str


def moment(now_ms: int) -> dt.datetime:
    """Return UTC ms as a certificate has it: whole seconds."""
    return dt.datetime.fromtimestamp(now_ms // 1000, dt.UTC)


def _subject(name: str, role: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, role),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _usage(ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, now_ms: int, days: float
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment(now_ms - DAY_MS))
        .not_valid_after(moment(now_ms + round(days * DAY_MS)))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
    )


def _authority(
    name: str, key: private_keys.Key, above: x509.Certificate | None, signer: private_keys.Key, now_ms: int
) -> x509.Certificate:
    """Sign a CA's certificate: the root's own (`above` None), or the issuing one below it."""
    subject = _subject(name, "authority")
    days, depth = (ISSUING_DAYS, 0) if above else (ROOT_DAYS, 1)
    made = _builder(subject, above.subject if above else subject, key.public_key(), now_ms, days)
    made = made.add_extension(x509.BasicConstraints(True, depth), True).add_extension(_usage(True), True)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return made.add_extension(authority, False).sign(signer, _HASH)


def found_authority(state: Path, drive: Path, passphrase: str, now_ms: int) -> Authority:
    """Found a fleet's authority: the root on `drive`, the rest in `state`.

    Raises:
        ValueError: there is one already, the USB drive lies within the state folder, or the passphrase is short.
    """
    if (state / "root.pem").exists():
        raise ValueError(f"{state / 'root.pem'}: there is an authority already")
    if drive.resolve().is_relative_to(state.resolve()) or len(passphrase) < 8:
        raise ValueError("the root's key needs a passphrase of 8 characters or more, and a stick outside the office")
    key = private_keys.make_key()
    top = _authority("root", key, None, key, now_ms)
    private_keys.keep(key, drive / "root.key", passphrase)
    for folder in (drive, state):
        write_whole(folder / "root.pem", chain.pem(top).encode(), 0o644)
    return _issue_issuing(state, top, key, now_ms)


def renew_issuing(state: Path, drive: Path, passphrase: str, now_ms: int) -> Authority:
    """Sign a new issuing certificate by the root on `drive`. Raises ValueError: not this office's root, or no
    passphrase.
    """
    key = private_keys.load(drive / "root.key", passphrase)
    top = chain.certificates((state / "root.pem").read_text())[0]
    if private_keys.fingerprint(chain.public(top)) != private_keys.fingerprint(key.public_key()):
        raise ValueError(f"{drive / 'root.key'}: another office's root")
    return _issue_issuing(state, top, key, now_ms)


def _issue_issuing(state: Path, top: x509.Certificate, key: private_keys.Key, now_ms: int) -> Authority:
    own = private_keys.make_key()
    private_keys.keep(own, state / "issuing.key")
    issuing = _authority("issuing", own, top, key, now_ms)
    write_whole(state / "issuing.pem", chain.pem(issuing).encode(), 0o644)
    made = Authority(state)
    made.revoke((), now_ms)
    signer = private_keys.make_key()
    private_keys.keep(signer, state / "signer.key")
    text = made.issue(signer.public_key(), "office-signer", "signer", now_ms)
    write_whole(state / "signer.pem", text.encode(), 0o644)
    return made


class Authority:
    """The issuing half, as the office has it every day."""

    def __init__(self, state: Path) -> None:
        """Read the authority in a folder.

        Raises:
            ValueError: there is none; says what to do.
        """
        if not (state / "issuing.pem").exists():
            raise ValueError(f"{state}: no authority; found one with `kiosk office ca init`")
        self.folder, self.crl_file = state, state / "crl.pem"
        self.root = (state / "root.pem").read_text()
        self.issuing = (state / "issuing.pem").read_text()
        self._certificate = chain.certificates(self.issuing)[0]
        self._key = private_keys.load(state / "issuing.key")

    @property
    def crl(self) -> str:
        """The revocation list, PEM."""
        return self.crl_file.read_text()

    def issue(
        self,
        public: ec.EllipticCurvePublicKey,
        name: str,
        role: Role,
        now_ms: int,
        *,
        days: float = 0,
        hosts: Iterable[str] = (),
    ) -> str:
        """Issue a certificate with its chain (PEM): leaf, then issuing. `hosts`: names or addresses of a server."""
        made = _builder(_subject(name, role), self._certificate.subject, public, now_ms, days or DAYS[role])
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if role == "broker" else ExtendedKeyUsageOID.CLIENT_AUTH
        made = (
            made.add_extension(x509.BasicConstraints(False, None), True)
            .add_extension(_usage(False), True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False)
        )
        if names := [_host(one) for one in hosts]:
            made = made.add_extension(x509.SubjectAlternativeName(names), False)
        return chain.pem(made.sign(self._key, _HASH)) + self.issuing

    def revoke(self, certificates: Iterable[Revocation], now_ms: int) -> str:
        """Publish a list of all revoked certificates; its number is above the last one's, whatever the clock says."""
        last = revocation_list.number(x509.load_pem_x509_crl(self.crl.encode())) if self.crl_file.exists() else 0
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._certificate.subject)
            .last_update(moment(now_ms - DAY_MS))
            .next_update(moment(now_ms + CRL_DAYS * DAY_MS))
            .add_extension(x509.CRLNumber(max(now_ms, last + 1)), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False)
        )
        for serial, at_ms, name in certificates:
            one = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(moment(at_ms))
            whose = x509.UnrecognizedExtension(revocation_list.BEARER, name.encode())
            made = made.add_revoked_certificate(one.add_extension(whose, False).build())
        text = made.sign(self._key, _HASH).public_bytes(serialization.Encoding.PEM)
        write_whole(self.crl_file, text, 0o644)
        return text.decode()


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
