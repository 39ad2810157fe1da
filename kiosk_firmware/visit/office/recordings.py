"""Recordings at the office: each visit's own keys, the sealed file as it comes piece by piece, and its end.

A file is written at the offset that it already has, so a crash costs one piece; it counts as whole only when its hash
is the unit's. It is never opened on disk. When its days are over the private key goes first, then the file: from then
on no copy anywhere can be read, also none that the unit or a backup of the folder still has.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk_firmware.system.durable_files import make_folder, set_aside, sync
from kiosk_firmware.visit.office.visits_db import VisitRefusedError, VisitsDb
from kiosk_firmware.visit.wire.messages import Fetch, Kept, Piece
from kiosk_firmware.visit.wire.recording_encryption import RecordingPart, open_recording

log = logging.getLogger(__name__)
DAY_MS = 24 * 3_600_000
PIECE = 32_768
LIMIT = 2 * 1024**3
"""No recording is longer; what claims to be is not fetched."""


class VisitRecording(msgspec.Struct, frozen=True):
    """A recording's row; see `visits.sql`."""

    request: int
    bytes: int
    sha256: str
    seconds: int
    state: str
    until_ms: int


class Recordings:
    """Those of one office, in a folder beside `visits.db`. `now_ms`: UTC; `keep_days`: how long they are kept."""

    def __init__(self, db: VisitsDb, folder: Path, keep_days: int, now_ms: Callable[[], int]) -> None:
        """Take up what had come before a restart."""
        self._db, self._folder, self._keep_days, self._now_ms = db, folder, keep_days, now_ms
        make_folder(folder, 0o700)
        self._look_over()

    def _look_over(self) -> None:
        """Ask again for what was called whole and is not as long as it was, as far as its unit still has it."""
        for request, number in self._of_state("whole"):
            found, path = self.one(request), self._path(number)
            if found is None or self._have(number) == found.bytes:
                continue
            if path.exists():
                set_aside(path, f"{self._have(number)} bytes, it was whole with {found.bytes}")
            else:
                log.error("%s: the recording is gone; its unit is asked for it again", path)
            self._set_state(request, "coming")

    def _set_state(self, request: int, state: str) -> None:
        with self._db.change() as db:
            db.execute("UPDATE recordings SET state = ? WHERE request = ?", (state, request))

    def seal(self, request: int) -> str:
        """Return the public key of that visit (PEM), made when it is first asked for."""
        with self._db.change() as db:
            found = self._db.rows("SELECT public FROM seals WHERE request = ?", request)
            if found:
                return str(found[0]["public"])
            private, public = _key_pair()
            db.execute("INSERT INTO seals(request, private, public) VALUES(?, ?, ?)", (request, private, public))
        return public

    def one(self, request: int) -> VisitRecording | None:
        """Return the recording of that visit; None: nothing was kept, or it was not told yet."""
        columns = ", ".join(VisitRecording.__struct_fields__)
        rows = self._db.rows(f"SELECT {columns} FROM recordings WHERE request = ?", request)
        return VisitRecording(**dict(rows[0])) if rows else None

    def kept(self, request: int, word: Kept) -> None:
        """Note the unit's report that the recording is ended there."""
        until = self._now_ms() + self._keep_days * DAY_MS
        if not 0 < word.bytes <= LIMIT or not re.fullmatch(r"[0-9a-f]{64}", word.sha256):
            return
        with self._db.change() as db:
            db.execute(
                "INSERT OR IGNORE INTO recordings(request, bytes, sha256, seconds, state, until_ms)"
                " VALUES(?, ?, ?, ?, 'coming', ?)",
                (request, word.bytes, word.sha256, word.seconds, until),
            )

    def wanted(self, request: int, number: str) -> Fetch | None:
        """Return what to ask the unit for next: a piece, or (all is here, or its days are over) that it may go; None:
        nothing.
        """
        found = self.one(request)
        if found is None:
            return None
        if found.state != "coming":
            return Fetch(visit=number, offset=found.bytes, last=True)
        return Fetch(visit=number, offset=self._have(number), length=PIECE)

    def took(self, request: int, piece: Piece) -> bool:
        """Take a piece; whether it was the one that was missing. A whole file whose hash is another begins anew."""
        found = self.one(request)
        if found is None or found.state != "coming" or piece.offset != self._have(piece.visit) or not piece.data:
            return False
        path = self._path(piece.visit)
        if piece.offset + len(piece.data) > found.bytes:
            path.unlink(missing_ok=True)
            return True
        with path.open("ab") as file:
            path.chmod(0o600)
            file.write(piece.data)
        if piece.offset + len(piece.data) == found.bytes:
            self._complete(request, path, found.sha256)
        return True

    def _complete(self, request: int, path: Path, sha256: str) -> None:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != sha256:
            path.unlink()
            return
        sync(path)  # pieces were not, one by one: from here on the unit lets go of its own
        sync(path.parent)
        self._set_state(request, "whole")

    def parts(self, request: int, number: str) -> tuple[RecordingPart, ...]:
        """Return what was said, opened in memory: one film for each time that the unit was switched on.

        Raises:
            RefusedError: it is not here (any more), or cannot be opened.
        """
        found, keys = self.one(request), self._db.rows("SELECT private FROM seals WHERE request = ?", request)
        if found is None or found.state != "whole" or not keys or found.until_ms <= self._now_ms():
            raise VisitRefusedError("there is no recording, or its days are over", "gone")
        key = serialization.load_pem_private_key(keys[0]["private"].encode(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey), "the office made it itself"
        try:
            return open_recording(self._path(number).read_bytes(), key, number)
        except (OSError, ValueError) as error:
            raise VisitRefusedError(str(error), "broken") from error

    def coming(self) -> list[tuple[int, str]]:
        """Return the visits whose recording has not come whole: id and number, oldest first."""
        return self._of_state("coming")

    def _of_state(self, state: str, until_ms: int = 1 << 62) -> list[tuple[int, str]]:
        rows = self._db.rows(
            "SELECT requests.id, number FROM recordings JOIN requests ON requests.id = request"
            " WHERE recordings.state = ? AND until_ms <= ? ORDER BY requests.id",
            state,
            until_ms,
        )
        return [(row["id"], row["number"]) for row in rows]

    def expire(self) -> list[tuple[int, str]]:
        """Let go of what is over: keys, then files. Which visits'."""
        now = self._now_ms()
        over = [*self._of_state("whole", now), *self._of_state("coming", now)]
        for request, number in over:
            with self._db.change() as db:
                db.execute("DELETE FROM seals WHERE request = ?", (request,))
                db.execute("UPDATE recordings SET state = 'gone' WHERE request = ?", (request,))
            self._path(number).unlink(missing_ok=True)
        if over:
            self._db.forget_log()
        return over

    def forget(self, number: str) -> None:
        """Delete the file of a visit that is forgotten; its key goes with its row."""
        self._path(number).unlink(missing_ok=True)

    def _have(self, number: str) -> int:
        path = self._path(number)
        return path.stat().st_size if path.exists() else 0

    def _path(self, number: str) -> Path:
        return self._folder / f"{number}.sealed"


def _key_pair() -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()
