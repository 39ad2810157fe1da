"""Diagnostic bundles that the office asked for over the wire: asked by a command, brought by the unit in pieces.

DIR/diagnoses/NUMBER.asked       a ticket's number: which unit was asked, until when; nothing else is taken
DIR/diagnoses/NUMBER.part        what has come so far
DIR/diagnoses/NUMBER.diagnosis   whole, signed by that unit and sealed to this office (`kiosk office diagnose open`)
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from kiosk_firmware.office.pki import diagnostic_tickets
from kiosk_firmware.office.pki.trust_folder import TrustFolder
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.wire import diagnostic_messages as d

ASKED, PART = ".asked", ".part"
HOURS = 1
"""How long a unit may take."""
_NUMBER = re.compile(r"[0-9a-f]{16}")


class DiagnosisRequest(msgspec.Struct, frozen=True):
    """A unit that was asked, and until when it may answer (UTC ms)."""

    unit: str
    until_ms: int


class Brought(msgspec.Struct, frozen=True):
    """A bundle that lies here: its ticket's number, when it was made (UTC ms), its size."""

    number: str
    made_ms: int
    size: int


class DiagnosisStore:
    """The folder in the office's own."""

    def __init__(self, state: Path) -> None:
        """Read nothing yet; `state`: the office's folder."""
        self._place, self.folder = TrustFolder(state), state / "diagnoses"

    def ask(self, unit: str) -> str:
        """Return a signed ticket for a unit, and remember that it was asked. Raises ValueError: no such unit."""
        asked = diagnostic_tickets.make_ticket(self._place, unit, HOURS)
        self._forget()
        write_whole(self._path(asked.number, ASKED), msgspec.json.encode(DiagnosisRequest(unit, asked.until_ms)))
        return self._place.seal(d.TICKET, asked).decode()

    def _forget(self) -> None:
        for path in self.folder.glob(f"*{ASKED}"):
            if msgspec.json.decode(path.read_bytes(), type=DiagnosisRequest).until_ms < now_ms():
                path.unlink(missing_ok=True)
                path.with_suffix(PART).unlink(missing_ok=True)

    def add_piece(self, number: str, offset: int, data: bytes, is_last: bool) -> int:
        """Take a piece of a bundle; how much of it is here now, which is where the next piece begins.

        Raises:
            LookupError: nobody was asked for it, or not any more.
            ValueError: too large, or, with its last piece, not what the unit that was asked has signed.
        """
        asked, part = self._asked(number), self._path(number, PART)
        have = part.stat().st_size if part.exists() else 0
        if offset != have:
            return have
        if have + len(data) > d.MOST_BYTES:
            part.unlink(missing_ok=True)
            raise ValueError(f"more than {d.MOST_BYTES} bytes")
        with part.open("ab") as file:
            file.write(data)
        if is_last:
            self._keep(asked, number, part)
        return have + len(data)

    def _asked(self, number: str) -> DiagnosisRequest:
        path = self._path(number, ASKED)
        if not path.exists():
            raise LookupError(number)
        asked = msgspec.json.decode(path.read_bytes(), type=DiagnosisRequest)
        if asked.until_ms < now_ms():
            raise LookupError(number)
        return asked

    def _keep(self, asked: DiagnosisRequest, number: str, part: Path) -> None:
        data = part.read_bytes()
        part.unlink()
        told = diagnostic_tickets.read_head(self._place, data)
        if (told.unit, told.number) != (asked.unit, number):
            raise ValueError(f"it is {told.unit}'s, for {told.number}: asked was {asked.unit}, for {number}")
        write_whole(self._path(number, d.BUNDLE_TAIL), data)
        write_whole(self.folder / asked.unit / number, msgspec.json.encode(Brought(number, told.made_ms, len(data))))
        self._path(number, ASKED).unlink()

    def bundles(self, unit: str) -> tuple[Brought, ...]:
        """Return what a unit has brought, the newest first."""
        found = [msgspec.json.decode(path.read_bytes(), type=Brought) for path in (self.folder / unit).glob("*")]
        return tuple(sorted(found, key=lambda one: -one.made_ms))

    def path(self, unit: str, number: str) -> Path:
        """Return where a unit's bundle lies. Raises LookupError: it has brought none of that number."""
        if not _NUMBER.fullmatch(number) or not (self.folder / unit / number).exists():
            raise LookupError(number)
        return self._path(number, d.BUNDLE_TAIL)

    def _path(self, number: str, tail: str) -> Path:
        if not _NUMBER.fullmatch(number):
            raise LookupError(number)
        return self.folder / f"{number}{tail}"
