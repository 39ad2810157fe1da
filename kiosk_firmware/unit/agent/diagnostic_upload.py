"""Make a diagnostic bundle that the office asks for over the wire, and bring it to where updates come from.

The command `diagnose` carries the ticket and the address. Making it and bringing it take seconds or, on a slow line,
minutes: a thread does both, and the command ends with what came of it. The bundle is the same that a USB drive takes
away (`diagnostic_bundle`), made in a process of its own, which judges the ticket.
"""

from __future__ import annotations

import http.client
import json
import logging
import queue
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.unit.agent.file_download import open_line
from kiosk_firmware.unit.identity.unit_identity import UnitTrust
from kiosk_firmware.wire import diagnostic_messages as d
from kiosk_firmware.wire import signed_document

log = logging.getLogger(__name__)
MAKE_S = 300
End = Callable[[str], None]
"""Hears why not, or ""."""


class UploadRequest(msgspec.Struct, frozen=True):
    """The command's arguments: the signed ticket, and HOST:PORT of the office."""

    ticket: str
    address: str


class DiagnosticUpload:
    """One unit's: one at a time."""

    def __init__(self, unit: Path, state: Path) -> None:
        """Take what the bundle is made of: `unit`, unit.toml, and `state`, the run-time folder."""
        self._unit, self._state = unit, state
        self._job: threading.Thread | None = None
        self._done: queue.SimpleQueue[tuple[End, str]] = queue.SimpleQueue()

    def start(self, args: dict[str, Any], end: End) -> None:
        """Begin; `end` is called by a later `turn`."""
        try:
            asked = msgspec.convert(args, UploadRequest)
        except msgspec.ValidationError as error:
            end(str(error))
            return
        if self._job is not None:
            end("a bundle is on its way already")
            return
        self._job = threading.Thread(target=self._work, args=(asked, end), name="diagnose", daemon=True)
        self._job.start()

    def turn(self) -> None:
        """End what is done."""
        while not self._done.empty():
            end, why_not = self._done.get()
            self._job = None
            end(why_not)

    def _work(self, asked: UploadRequest, end: End) -> None:
        try:
            with tempfile.TemporaryDirectory() as folder:
                number, data = self._made(asked, Path(folder))
            send(UnitTrust(self._state), asked.address, number, data)
            self._done.put((end, ""))
        except (ValueError, OSError, http.client.HTTPException, subprocess.SubprocessError) as error:
            self._done.put((end, str(error)[-200:]))
        except Exception as error:  # nobody else hears of it: the command would never end
            log.exception("the diagnostic bundle")
            self._done.put((end, repr(error)[:200]))

    def _made(self, asked: UploadRequest, folder: Path) -> tuple[str, bytes]:
        """Return the ticket's number and the bundle. Raises ValueError: it is not given for this ticket."""
        ticket = folder / f"asked{d.TICKET_TAIL}"
        write_whole(ticket, asked.ticket.encode())
        command = [sys.executable, "-P", "-m", "kiosk_firmware.cli", "diagnose", str(ticket), "--out", str(folder)]
        places = ["--unit", str(self._unit), "--state", str(self._state)]
        done = subprocess.run([*command, *places], capture_output=True, text=True, timeout=MAKE_S, check=False)
        if done.returncode:
            raise ValueError(done.stderr.strip()[-200:])
        (made,) = folder.glob(f"*{d.BUNDLE_TAIL}")
        data = made.read_bytes()
        return signed_document.read_claimed(data.partition(b"\n")[0], d.DiagnosticBundle).number, data


def send(member: UnitTrust, address: str, number: str, data: bytes) -> None:
    """Bring a bundle to HOST:PORT in pieces; what is there already is not sent again.

    Raises:
        OSError: the office cannot be reached, or was cut off.
        ValueError: it does not take it; says why.
    """
    try:
        with closing(open_line(member, address)) as line:
            at = 0
            while at < len(data):
                at = _send_piece(line, number, data, at)
    except (ssl.SSLError, http.client.HTTPException) as error:
        raise OSError(f"{address}: {error}") from error


def _send_piece(line: http.client.HTTPSConnection, number: str, data: bytes, at: int) -> int:
    """Send the piece that begins there; return how much the office has then. Raises ValueError as `send`."""
    piece = data[at : at + d.PIECE_BYTES]
    last = at + len(piece) == len(data)
    line.request("PUT", f"/diagnoses/{number}?offset={at}&last={str(last).lower()}", piece)
    answer = line.getresponse()
    said = answer.read()
    if answer.status != 200:
        raise ValueError(f"the office says {answer.status} {said.decode(errors='replace')[:120]}")
    return int(json.loads(said)["have"])
