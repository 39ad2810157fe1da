"""`kiosk diagnose`: what the office needs to find a fault, sealed so that only the office reads it.

It is given for a ticket that the office signed for this unit and these hours (`kiosk office diagnose ticket`). In it
are the lines of both processes, unit.toml without secrets, the counters of devices, and recordings of wires that carry
nothing of a person. Nothing of a learner is in it: what is not named here does not come along, and lines are masked
again.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from hardware.diagnostics.device_history import FILE
from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.settings.unit_toml import UnitSettings
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import RECORDINGS, agent_folder, screen_folder
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.unit.agent import config_rollout, log_lines
from kiosk_firmware.unit.identity.unit_identity import UnitTrust
from kiosk_firmware.visit.wire.recording_encryption import Sealer
from kiosk_firmware.wire import diagnostic_messages as d
from kiosk_firmware.wire import private_keys, signed_document
from kiosk_firmware.wire.certificates import TrustError

WIRES = frozenset(
    (
        "note_acceptor",
        "coin_acceptor",
        "cash_dispenser",
        "coin_dispenser",
        "ticket_dispenser",
        "gate",
        "parcel_locker",
        "lights",
    )
)
"""Devices whose recordings come along. Readers, pads, scanners and printers speak of people."""
SECRET = ("key", "password", "pin", "cards", "person")
"""Settings that stay here, also as the end of a longer name."""
LEFT_OUT = "left out"
_COUNTED = "SELECT device, week, era, name, n FROM week ORDER BY week, device, name"


def main(name: str, arguments: Sequence[str]) -> int:
    """Run `kiosk diagnose TICKET --out DIR --unit UNIT.toml --state DIR`.

    Returns:
        The exit code: 0 the bundle lies there.

    Raises:
        ValueError: a ticket that is another unit's, another office's, changed or past its end; no certificate yet.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description=__doc__)
    parser.add_argument("ticket", type=Path, metavar="TICKET", help="the office's, *.ticket")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the bundle is put")
    parser.add_argument("--unit", type=Path, required=True, metavar="UNIT.toml")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="the unit's run-time folder")
    chosen = parser.parse_args(arguments)
    settings = unit_settings.read_settings(chosen.unit)
    try:
        made = make(settings, chosen.state, chosen.ticket.read_bytes(), chosen.out)
    except TrustError as error:
        raise TrustError(f"{chosen.ticket.name}: {error}", error.word) from error
    print(f"{made.name}: only the office reads it (kiosk office diagnose open)")
    return 0


def make(settings: UnitSettings, state: Path, ticket: bytes, out: Path) -> Path:
    """Write the bundle that a ticket asks for; where it lies.

    Raises:
        TrustError: the ticket is not for this unit now.
        ValueError: this unit has no certificate, so nobody could know whose the bundle is.
    """
    member, now = UnitTrust(state), now_ms()
    _, asked = signed_document.open_document(
        ticket, d.TICKET, d.DiagnosticTicket, member.root(), now, "signer", member.crl()
    )
    if asked.unit != settings.unit.id:
        raise TrustError(f"this ticket is for unit {asked.unit!r}; allowed here is {settings.unit.id!r}")
    if asked.until_ms < now:
        raise TrustError("this ticket has ended; ask the office for a new one")
    body = _sealed(_packed(settings, state, now), asked)
    told = d.DiagnosticBundle(asked.unit, asked.number, now, hashlib.sha256(body).hexdigest())
    head = signed_document.seal(d.BUNDLE, told, private_keys.load(member.certificate), member.chain())
    path = out / f"{asked.unit}-{now}{d.BUNDLE_TAIL}"
    write_whole(path, msgspec.json.format(head, indent=-1) + b"\n" + body)
    return path


def _sealed(data: bytes, asked: d.DiagnosticTicket) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sealed"
        with Sealer(path, d.sealed_for(asked.unit, asked.number), asked.seal) as sealer:
            sealer.write(data)
        return path.read_bytes()


# -- what is in it -----------------------------------------------------------------------------------------------------


def _packed(settings: UnitSettings, state: Path, now: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in _files(settings, state, now):
            file.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _files(settings: UnitSettings, state: Path, now: int) -> Iterator[tuple[str, bytes]]:
    """Yield each file's name and content: what a unit does not have is left out."""
    yield "unit.json", _json(without_secrets(msgspec.to_builtins(settings)))
    yield "about.json", _json(_about(settings, state, now))
    yield "screen.log", "\n".join(log_lines.kept_lines(screen_folder(state), "screen")).encode()
    yield "agent.log", "\n".join(log_lines.kept_lines(agent_folder(state), "agent")).encode()
    yield "counters.json", _json(_counters(screen_folder(state) / FILE))
    for path in sorted((screen_folder(state) / RECORDINGS).glob("*.jsonl")):
        if path.stem.rpartition("-")[0] in WIRES:
            yield f"recordings/{path.name}", path.read_bytes()


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value))


def _about(settings: UnitSettings, state: Path, now: int) -> dict[str, Any]:
    last = config_rollout.record(state)
    tried = {"version": last.version, "phase": last.phase, "reason": log_lines.mask_line(last.reason)} if last else {}
    return {"unit": settings.unit.id, "site": settings.unit.site, "made_ms": now, "configuration": tried}


def _counters(path: Path) -> list[tuple[Any, ...]]:
    """Return device, week, era, name and count of each row; the file is the screen's and only read."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as file:
        return file.execute(_COUNTED).fetchall()


def without_secrets(value: Any) -> Any:
    """Return settings without keys, passwords, cards and whose card stands for whom; long digits are masked, too."""
    if isinstance(value, dict):
        return {
            name: LEFT_OUT if held and name.rpartition("_")[2] in SECRET else without_secrets(held)
            for name, held in value.items()
        }
    if isinstance(value, list | tuple):
        return [without_secrets(one) for one in value]
    return log_lines.mask_line(value) if isinstance(value, str) else value
