"""`kiosk office diagnose`: tickets for units' diagnostic bundles and for a shell, and opening what they gave.

The key to all bundles is made on first use and never leaves the office's trust folder; a ticket carries its public
half.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import secrets
import zipfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from kiosk_firmware.office.pki.trust_folder import TrustFolder
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.visit.wire.recording_encryption import open_recording
from kiosk_firmware.wire import diagnostic_messages as d
from kiosk_firmware.wire import one_time_codes, private_keys, signed_document
from kiosk_firmware.wire.certificates import TrustError

KEY = "diagnostics.key"
MOST_HOURS = 7 * 24
HOUR_MS = 3_600_000


def main(arguments: Sequence[str]) -> int:
    """Run `kiosk office diagnose ticket UNIT DRIVE`, `… shell UNIT DRIVE`, `… open FILE --to DIR`.

    Returns:
        The exit code: 0 done.

    Raises:
        ValueError: no such unit, no authority yet; a bundle that is no unit's, was changed, or is for another office.
    """
    parser = argparse.ArgumentParser(prog="kiosk office diagnose", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    asks = verbs.add_parser("ticket", help="a ticket for one unit's bundle, onto a USB drive")
    shell = verbs.add_parser("shell", help="a ticket that opens a shell on one unit, once, onto a USB drive")
    for verb in (asks, shell):
        verb.add_argument("unit", metavar="UNIT")
        verb.add_argument("drive", type=Path, metavar="DRIVE", help="the drive's folder")
        verb.add_argument("--hours", type=int, default=72, help=f"how long it is good for, 1 to {MOST_HOURS}")
    shell.add_argument("--minutes", type=int, default=30, help=f"how long it stands open, 1 to {d.MOST_MINUTES}")
    shell.add_argument("--key", type=Path, metavar="FILE.pub", help="by ssh, for this key; else on the unit's console")
    opens = verbs.add_parser("open", help="open a unit's bundle")
    opens.add_argument("file", type=Path, metavar="FILE", help="*.diagnosis")
    opens.add_argument("--to", type=Path, required=True, metavar="DIR", help="the folder for its files")
    for verb in (asks, shell, opens):
        verb.add_argument("--state", type=Path, default=Path("var/office"), metavar="DIR", help="the office's folder")
    chosen = parser.parse_args(arguments)
    place = TrustFolder(chosen.state)
    if chosen.verb == "ticket":
        print(ticket(place, chosen.unit, chosen.drive, chosen.hours).name)
        return 0
    if chosen.verb == "shell":
        path, code = shell_ticket(place, chosen.unit, chosen.drive, chosen.hours, chosen.minutes, chosen.key)
        print(f"{path.name}\ncode: {code}" if code else path.name)
        return 0
    for path in unpack(place, chosen.file, chosen.to):
        print(path)
    return 0


def ticket(place: TrustFolder, unit: str, drive: Path, hours: int) -> Path:
    """Write a ticket for a unit's bundle; where it lies.

    Raises:
        ValueError: the register has no such unit, or it would be good for too long or for no time.
    """
    asked = make_ticket(place, unit, hours)
    path = drive / f"{unit}-{asked.number}{d.TICKET_TAIL}"
    write_whole(path, place.seal(d.TICKET, asked))
    return path


def make_ticket(place: TrustFolder, unit: str, hours: int) -> d.DiagnosticTicket:
    """Return a ticket that nobody has signed yet. Raises ValueError: as `ticket`."""
    _check(place, unit, hours)
    public = private_keys.load_or_make_key(place.folder / KEY).public_key()
    seal = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return d.DiagnosticTicket(unit, secrets.token_hex(8), seal, now_ms() + hours * HOUR_MS)


def shell_ticket(
    place: TrustFolder, unit: str, drive: Path, hours: int, minutes: int, key: Path | None = None
) -> tuple[Path, str]:
    """Write a ticket for a shell; where it lies, and the code that opens it, "" where a key does.

    Raises:
        ValueError: as `ticket`; too many minutes, or a file that is no public key of OpenSSH.
    """
    _check(place, unit, hours)
    if not 1 <= minutes <= d.MOST_MINUTES:
        raise ValueError(f"--minutes {minutes}: allowed are 1 to {d.MOST_MINUTES}")
    code, salt = "" if key else one_time_codes.make_code(), secrets.token_bytes(16)
    asked = d.ShellTicket(
        unit,
        secrets.token_hex(8),
        now_ms() + hours * HOUR_MS,
        minutes,
        public_ssh_key(key) if key else "",
        f"{salt.hex()}:{one_time_codes.hash_code(code, salt)}" if code else "",
    )
    path = drive / f"{unit}-{asked.number}{d.SHELL_TAIL}"
    write_whole(path, place.seal(d.SHELL, asked))
    return path, code


def public_ssh_key(path: Path) -> str:
    """Return the key of a file without its comment. Raises ValueError: it is no public key of OpenSSH."""
    words = path.read_bytes().split()[:2]
    try:
        serialization.load_ssh_public_key(b" ".join(words))
    except (ValueError, UnsupportedAlgorithm) as error:
        allowed = "allowed is a file as ssh-keygen writes it, id_ed25519.pub"
        raise ValueError(f"--key {path}: no public key of OpenSSH; {allowed}") from error
    return b" ".join(words).decode()


def _check(place: TrustFolder, unit: str, hours: int) -> None:
    if not place.site_of(unit):
        raise ValueError(f"UNIT = {unit!r}: the register has no such unit; allowed is one that was enrolled here")
    if not 1 <= hours <= MOST_HOURS:
        raise ValueError(f"--hours {hours}: allowed are 1 to {MOST_HOURS}")


def unpack(place: TrustFolder, path: Path, to: Path) -> list[Path]:
    """Open a bundle that a unit of ours signed; the files that were in it.

    Raises:
        TrustError: it is no unit's of ours, was changed, is too large, or is sealed to another office.
    """
    if path.stat().st_size > d.MOST_BYTES:
        raise TrustError(f"{path.name}: {path.stat().st_size} bytes, allowed are {d.MOST_BYTES}")
    try:
        unit, data = _opened(place, path.read_bytes())
    except ValueError as error:
        raise TrustError(f"{path.name}: {error}") from error
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        if sum(one.file_size for one in file.infolist()) > d.MOST_BYTES:
            raise TrustError(f"{path.name}: it unfolds to more than {d.MOST_BYTES} bytes")
        return [_put(file, name, to / unit) for name in file.namelist()]


def read_head(place: TrustFolder, data: bytes) -> d.DiagnosticBundle:
    """Return what a unit of ours says of its bundle, and that it is whole.

    Raises:
        TrustError: it is no unit's of ours, or was changed.
    """
    head, _, body = data.partition(b"\n")
    authority = place.authority
    who, told = signed_document.open_document(
        head, d.BUNDLE, d.DiagnosticBundle, authority.root, now_ms(), "unit", authority.crl
    )
    if who.name != told.unit:
        raise TrustError(f"signed by {who.name}, about {told.unit}")
    if hashlib.sha256(body).hexdigest() != told.sha256:
        raise TrustError("not what was signed: the file was changed, or copied in part")
    return told


def _opened(place: TrustFolder, data: bytes) -> tuple[str, bytes]:
    told, (_, _, body) = read_head(place, data), data.partition(b"\n")
    try:
        parts = open_recording(body, private_keys.load(place.folder / KEY), d.sealed_for(told.unit, told.number))
    except ValueError:
        raise TrustError(f"this office's {KEY} does not open it; allowed is a bundle for a ticket of it") from None
    return told.unit, b"".join(part.data for part in parts)


def _put(file: zipfile.ZipFile, name: str, folder: Path) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise TrustError(f"{name!r} would lie outside of {folder}")
    write_whole(path, file.read(name))
    return path
