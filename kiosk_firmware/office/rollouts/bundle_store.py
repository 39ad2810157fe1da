"""The shelf: `STATE/updates` holds each bundle under its SHA-256, with a line beside it that says what it is.

What comes in is looked at once: a system by RAUC with the makers' keyring, content by the office's own signature.
Units look again, since nothing of this room is believed there. The version stands inside of the file that was signed,
so nobody can give a bundle another one.
"""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
from pathlib import Path
from typing import Literal

import msgspec

from kiosk_firmware.system.durable_files import copy_whole, set_aside, write_whole
from kiosk_firmware.wire import signed_document
from kiosk_firmware.wire.enrolment_messages import CONTENT, Content

log = logging.getLogger(__name__)
AGAIN = "put it there again: kiosk office update add FILE"
Kind = Literal["system", "content"]
FOLDER = "updates"
SERVED = "served.json"
KEYRING = "makers.pem"


class Artefact(msgspec.Struct, frozen=True):
    """One file on the shelf. `size` in bytes, `added_ms` UTC."""

    kind: Kind
    version: str
    size: int
    sha256: str
    added_ms: int


class DownloadAddress(msgspec.Struct, frozen=True):
    """The address at which units download bundles, HOST:PORT."""

    address: str


class BundleStore:
    """The folder in the office's own."""

    def __init__(self, state: Path) -> None:
        self._state, self.folder = state, state / FOLDER

    def all(self) -> tuple[Artefact, ...]:
        """Return what lies there whole, the newest first."""
        found = (self._line(path) for path in self.folder.glob("*.line"))
        return tuple(sorted((one for one in found if one is not None), key=lambda one: -one.added_ms))

    def _line(self, path: Path) -> Artefact | None:
        """Return what a line says, None where it or its file is damaged; that is said."""
        try:
            one = msgspec.json.decode(path.read_bytes(), type=Artefact)
            size = self.path(one.sha256).stat().st_size
        except (msgspec.DecodeError, OSError) as error:
            log.error("%s: %s; %s", path, error, AGAIN)
            return None
        if size != one.size:
            log.error("%s: %d bytes, it was added with %d; %s", self.path(one.sha256), size, one.size, AGAIN)
            return None
        return one

    def verify(self) -> None:
        """Look at every file's hash, and set aside what is damaged. Slow: a system is half a gigabyte."""
        for one in self.all():
            with self.path(one.sha256).open("rb") as data:
                digest = hashlib.file_digest(data, "sha256").hexdigest()
            if digest != one.sha256:
                set_aside(self.path(one.sha256), f"{one.kind} {one.version} has another hash; {AGAIN}")

    def one(self, kind: str, version: str) -> Artefact:
        """Return the artefact of that kind and version, the newest where there are several.

        Raises:
            LookupError: there is none; says which there are.
        """
        found = next((one for one in self.all() if (one.kind, one.version) == (kind, version)), None)
        if found is None:
            there = ", ".join(f"{one.kind} {one.version}" for one in self.all()) or "none, see kiosk office update add"
            raise LookupError(f"{kind} {version}: on the shelf are {there}")
        return found

    def path(self, sha256: str) -> Path:
        """Return where a file of that hash lies, or would."""
        return self.folder / sha256

    def add(self, file: Path, now_ms: int) -> Artefact:
        """Take a bundle or a content file.

        Raises:
            ValueError: it is neither, or not signed by whom it must be.
            OSError: it cannot be read, or there is no room.
        """
        is_system = file.suffix == ".raucb"
        version = self._system(file) if is_system else self._content(file, now_ms)
        with file.open("rb") as data:
            sha256 = hashlib.file_digest(data, "sha256").hexdigest()
        copy_whole(file, self.path(sha256), sha256)
        made = Artefact("system" if is_system else "content", version, file.stat().st_size, sha256, now_ms)
        write_whole(self.folder / f"{sha256}.line", msgspec.json.encode(made), 0o644)
        return made

    def _system(self, file: Path) -> str:
        keyring = self.folder / KEYRING
        if not keyring.exists():
            raise ValueError(f"{keyring}: put the certificate of those who make systems there")
        command = ["rauc", "-C", "keyring:check-purpose=codesign", "info", "--keyring", str(keyring)]
        try:
            done = subprocess.run(
                [*command, "--output-format=json", str(file)], capture_output=True, text=True, timeout=300, check=False
            )
        except FileNotFoundError:
            raise ValueError("rauc is not installed here; on Debian: apt-get install rauc") from None
        if done.returncode:
            raise ValueError(f"{file}: {(done.stderr.strip() or 'RAUC refuses it').splitlines()[-1]}")
        return str(json.loads(done.stdout)["version"])

    def _content(self, file: Path, now_ms: int) -> str:
        root = (self._state / "trust" / "root.pem").read_text()
        _, content = signed_document.open_document(file.read_bytes(), CONTENT, Content, root, now_ms, "signer")
        return str(content.version)

    # -- where units reach it

    @property
    def address(self) -> str:
        """HOST:PORT, or "" while it was never served: then USB drives bring what is ordered."""
        path = self.folder / SERVED
        return msgspec.json.decode(path.read_bytes(), type=DownloadAddress).address if path.exists() else ""

    def served(self, address: str) -> None:
        """Note the address at which units reach it from now on."""
        write_whole(self.folder / SERVED, msgspec.json.encode(DownloadAddress(address)), 0o644)
