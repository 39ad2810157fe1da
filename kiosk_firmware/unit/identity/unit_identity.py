"""A unit's own trust: one folder, and the steps from nothing to a certificate, to the next one, and back to nothing.

| file | what |
|---|---|
| `root.pem` | the office that this unit believes; once that has enrolled it, never replaced but by `wipe` |
| `next.key` | a key that asks for its certificate |
| `next.name` | the unit as which it asked on a USB drive: it asks as no other until the office has answered |
| `unit.pem` | key and chain in use, one file (mode 0600), so that both change at once |
| `office.sources` | whose time this unit takes, a line of chrony's (`wire.time_source`) |
| `crl.pem`, `member.json` | the revocation list as last heard; who we are and where the broker is |

A power cut between any two steps leaves a unit that is what it was, or what it was to become.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
from cryptography import x509

from kiosk_firmware.storage.folder_erasure import erase
from kiosk_firmware.system.durable_files import exclusive_lock, write_whole
from kiosk_firmware.system.state_folders import READABLE, READABLE_FOLDER, agent_folder, shared_folder
from kiosk_firmware.wire import certificates, private_keys, signed_document, time_source
from kiosk_firmware.wire.certificates import TrustError
from kiosk_firmware.wire.enrolment_messages import PURPOSE, Apply, BrokerAddress, Challenge, EnrolmentFile, Grant, Prove


class UnitIdentity(msgspec.Struct, frozen=True):
    """The unit's identity since the grant."""

    unit: str
    site: str
    kind: str
    broker: BrokerAddress
    desk: str = ""


class UnitTrust:
    """The folder `trust` in a unit's state folder."""

    def __init__(self, state: Path) -> None:
        """Take the state folder; nothing is read or made yet."""
        self.folder = agent_folder(state) / "trust"
        self.certificate = self.folder / "unit.pem"
        self.root_file = self.folder / "root.pem"
        self._next = self.folder / "next.key"
        self._name = self.folder / "next.name"
        self._state = state

    # -- what is known

    def identity(self) -> UnitIdentity | None:
        """Return who we are, or None before the first grant."""
        path = self.folder / "member.json"
        return msgspec.json.decode(path.read_bytes(), type=UnitIdentity) if path.exists() else None

    def leaf(self) -> x509.Certificate:
        """Return our certificate. Raises TrustError: there is none."""
        return certificates.certificates(self.chain())[0]

    def chain(self) -> str:
        """Return our certificate with the issuing one, PEM. Raises TrustError: there is none."""
        if not self.certificate.exists():
            raise TrustError("this unit has no certificate yet; see kiosk enrol --help")
        text = self.certificate.read_text()
        return text[text.index("-----BEGIN CERTIFICATE") :]

    def fingerprint(self) -> str:
        """Return the digits of the key that asks, or of the one in use."""
        path = self._next if self._next.exists() or not self.certificate.exists() else self.certificate
        return private_keys.fingerprint(
            (private_keys.load_or_make_key(path) if path == self._next else private_keys.load(path)).public_key()
        )

    @property
    def asked(self) -> str:
        """The unit as which we asked on a USB drive that has not come back, "" none."""
        return self._name.read_text() if self._name.exists() else ""

    def root(self) -> str:
        """Return the root certificate of the office that we believe. Raises TrustError: none yet."""
        if not self.root_file.exists():
            raise TrustError("this unit knows no office yet: an enrolment file brings its root, or --root FILE")
        return self.root_file.read_text()

    def crl(self) -> str:
        """Return the revocation list as it was heard last, "" before the first."""
        path = self.folder / "crl.pem"
        return path.read_text() if path.exists() else ""

    def believe(self, root: str) -> None:
        """Take an office's root for ours: for good once it has given a certificate, until then the last one brought.

        Raises:
            TrustError: another office has enrolled this unit.
        """
        if self._is_enrolled() and self.root().strip() != root.strip():
            raise TrustError("another office's root; this unit must be wiped first: kiosk enrol wipe", "foreign")
        certificates.certificates(root)
        write_whole(self.root_file, root.encode(), 0o644)

    def take_time_from(self, host: str, port: int = time_source.PORT) -> None:
        """Name the office at that host as the only source of time (kiosk-time.service shows it to chronyd)."""
        path, line = self.folder / time_source.SOURCE, time_source.source(host, port).encode()
        if not path.exists() or path.read_bytes() != line:
            write_whole(path, line, 0o644)

    def _is_enrolled(self) -> bool:
        """Return whether an office has given this unit a certificate, be that lost meanwhile."""
        return (self.folder / "member.json").exists()

    # -- coming in

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Let one process at a time ask for a certificate: the service, or what a USB drive has started."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with exclusive_lock(self.folder / "lock"):
            yield

    def read_file(self, path: Path, now_ms: int) -> EnrolmentFile:
        """Read an enrolment file, whose root we believe from now on.

        It introduces the office itself: whoever brings the USB drive is who we trust, once. A unit that an office has
        enrolled takes only that office's files; one that was shown a wrong office's file first is not lost to it.

        Raises:
            TrustError: changed, another office's, or too old; or this key has asked on a USB drive as another unit.
        """
        try:
            data = path.read_bytes()
            claimed = signed_document.read_claimed(data, EnrolmentFile)
        except OSError as error:
            raise TrustError(f"{path}: {error.strerror}") from error
        except msgspec.DecodeError as error:
            raise TrustError(f"{path}: no enrolment file; allowed is one of `kiosk office enrol batch`") from error
        root = self.root() if self._is_enrolled() else claimed.root
        try:
            _, file = signed_document.open_document(data, PURPOSE, EnrolmentFile, root, now_ms, "signer")
        except TrustError as error:
            raise TrustError(f"{path.name}: {error}", error.word) from error
        if file.expires_ms < now_ms:
            raise TrustError(f"{path.name} has ended; ask the office for a new one")
        if self.asked not in ("", file.unit):
            raise TrustError(
                f"{path.name}: this board has asked to be {self.asked}, and the office has not answered; allowed is "
                f"the stick with its answer, another file for {self.asked}, or a code typed on the glass"
            )
        self.believe(file.root)
        return file

    def carried(self, unit: str) -> None:
        """Keep the name in an application that leaves on a USB drive. An answer may come in a week: until then the key
        has one name.
        """
        write_whole(self._name, unit.encode())

    def refused(self) -> None:
        """Drop that name: the office has said no to it, so another one is free to be asked for."""
        self._name.unlink(missing_ok=True)

    def apply(self, unit: str, *, code: str = "", renew: bool = False, serial: str = "", version: str = "") -> Apply:
        """Make the application; its key is made now, or is still there from a try that was interrupted."""
        key = private_keys.load_or_make_key(self._next)
        return Apply(private_keys.request(key, unit), unit, code, self.chain() if renew else "", serial, version)

    def prove(self, challenge: Challenge, renew: bool = False) -> Prove:
        """Sign the challenge."""
        nonce = challenge.nonce.encode()
        former = private_keys.sign(private_keys.load(self.certificate), nonce) if renew else ""
        return Prove(challenge.ticket, private_keys.sign(private_keys.load(self._next), nonce), former)

    def accept(self, grant: Grant, now_ms: int, desk: str = "") -> UnitIdentity:
        """Become what the grant says, after looking whether it is for us and from our office.

        Raises:
            TrustError: it is not.
        """
        who, leaf = certificates.verify_chain(grant.certificate, self.root(), max(now_ms, grant.now_ms))
        key = private_keys.load(self._next)
        if private_keys.fingerprint(certificates.public(leaf)) != private_keys.fingerprint(key.public_key()):
            raise TrustError("the certificate is for another key")
        if who.role != "unit" or who.name != grant.unit:
            raise TrustError(f"the certificate is for {who.role} {who.name}, the grant for unit {grant.unit}")
        known = self.identity()
        identity = UnitIdentity(grant.unit, grant.site, grant.kind, grant.broker, desk or (known.desk if known else ""))
        if grant.site_key:  # a renewal over the broker does not carry it: the unit has it
            write_whole(shared_folder(self._state) / "site.key", f"{grant.site_key}\n".encode(), READABLE)
        write_whole(self.folder / "crl.pem", grant.crl.encode(), 0o644)
        write_whole(self.folder / "member.json", msgspec.json.encode(identity), READABLE)
        self.folder.chmod(READABLE_FOLDER)  # the screen reads who we are; each key in it is 0600
        write_whole(self.certificate, self._next.read_bytes() + grant.certificate.encode())
        self._next.unlink()
        self._name.unlink(missing_ok=True)
        return identity

    # -- going out

    def wipe(self) -> list[str]:
        """Forget who we were and whatever was practised here; what is left is a blank unit. Names of what went.

        Files are overwritten first. On an SD card that promises little without encryption at rest
        (deploy/SECURITY.md), so the office revokes the certificate. No link is followed: root does this in a folder of
        the kiosk's user.
        """
        return erase(self._state)


def board_serial(tree: Path = Path("/sys/firmware/devicetree/base/serial-number")) -> str:
    """Return the board's number, or one of this machine that is no secret."""
    try:
        return tree.read_text().strip("\0\n ")
    except (OSError, UnicodeDecodeError):
        pass
    try:
        machine = Path("/etc/machine-id").read_text().strip()
    except OSError:
        return ""
    return hashlib.sha256(f"training-kiosk {machine}".encode()).hexdigest()[:16]
