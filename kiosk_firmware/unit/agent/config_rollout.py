"""The configuration that the office wants: signed, numbered, tried, taken back where the unit does not come up with it.

    refused ◄── take ──► trial ──(three starts without a healthy minute)──► undone: unit.toml as it was
                           └────(healthy)──► kept

`take` looks before it touches anything: the office's signature, this unit's name, a number above every earlier one (no
going back to an old file), and every rule of unit.toml. While on trial the record holds both texts, so that a power cut
between any two writes leaves one of the two, whole, and it is known which. `begin` is called at each start of the
screen, `settle_trial` when its watchdog was fed long enough. `kiosk config` also has `check`, `example` (settings.py).
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from kiosk_firmware.core import toml_files
from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.system.durable_files import set_aside, write_whole
from kiosk_firmware.system.state_folders import READABLE, shared_folder
from kiosk_firmware.system.utc_clock import utc_ms

RECORD = "wanted.json"
STARTS = 3
"""Starts that a configuration on trial has."""


class RolloutRecord(msgspec.Struct, frozen=True):
    """The result of the last configuration. `former` is unit.toml as it was before."""

    version: int
    phase: Literal["trial", "kept", "undone"]
    toml: str = ""
    former: str = ""
    starts: int = 0
    reason: str = ""


def record(state: Path) -> RolloutRecord | None:
    """Return what became of the last one, None where there never was one. A damaged record is set aside: unit.toml
    itself is whole, and what was on trial stays as it is.
    """
    path = shared_folder(state) / RECORD
    try:
        return msgspec.json.decode(path.read_bytes(), type=RolloutRecord)
    except msgspec.DecodeError as error:
        with contextlib.suppress(FileNotFoundError):  # screen and agent may find it at once
            set_aside(path, str(error))
    except FileNotFoundError:
        pass
    return None


def _write(state: Path, made: RolloutRecord) -> None:
    write_whole(shared_folder(state) / RECORD, msgspec.json.encode(made), READABLE)


def number(data: bytes) -> int:
    """Return the number that a file claims, 0 where it claims none; nothing is believed of it."""
    from kiosk_firmware.wire import signed_document
    from kiosk_firmware.wire.enrolment_messages import WantedConfig

    try:
        return signed_document.read_claimed(data, WantedConfig).version
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 0


def take(data: bytes, unit: Path, state: Path, now_ms: int) -> int:
    """Put a wanted configuration on trial; it counts from the next start. Returns its number.

    Raises:
        ValueError: refused; says why. Nothing was changed.
    """
    from kiosk_firmware.unit.identity.unit_identity import UnitTrust
    from kiosk_firmware.wire import (
        signed_document,  # what a signature needs weighs much, and no ordinary start needs it
    )
    from kiosk_firmware.wire.enrolment_messages import WANTED, WantedConfig

    member = UnitTrust(state)
    _, wanted = signed_document.open_document(data, WANTED, WantedConfig, member.root(), now_ms, "signer", member.crl())
    identity, last = member.identity(), record(state)
    if identity is None or wanted.unit != identity.unit:
        raise ValueError(f"unit = {wanted.unit!r}: this is {identity.unit if identity else 'nobody yet'}")
    if last is not None and wanted.version <= last.version:
        raise ValueError(f"version = {wanted.version}: allowed is one above {last.version}")
    made = unit_settings.check_settings(toml_files.parse_toml(wanted.toml, "unit.toml"), "unit.toml")
    if (made.unit.id, made.unit.site) != (identity.unit, identity.site):
        said = f"unit.id = {made.unit.id!r}, unit.site = {made.unit.site!r}"
        raise ValueError(f"{said}: allowed is what the certificate says")
    held = unit_settings.read_settings(unit)
    if made.broker != held.broker:
        raise ValueError(f"broker.host = {made.broker.host!r}: allowed is what enrolment wrote, {held.broker.host!r}")
    is_on_trial = last is not None and last.phase == "trial" and last.starts > 0
    former = last.former if last is not None and is_on_trial else unit.read_text(encoding="utf-8")
    _write(state, RolloutRecord(wanted.version, "trial", wanted.toml, former))
    return wanted.version


def begin(unit: Path, state: Path) -> None:
    """Begin at a start, before unit.toml is read: what is on trial is in force, or has had its starts and is undone."""
    last = record(state)
    if last is None or last.phase == "kept" or not unit.exists():
        return
    if last.phase == "trial" and last.starts >= STARTS:
        last = msgspec.structs.replace(last, phase="undone", reason="the unit did not come up healthy with it")
        _write(state, last)
    elif last.phase == "trial":
        last = msgspec.structs.replace(last, starts=last.starts + 1)
        _write(state, last)
    text = last.toml if last.phase == "trial" else last.former
    if text and unit.read_text(encoding="utf-8") != text:
        write_whole(unit.resolve(), text.encode(), READABLE)
    if last.phase == "undone" and text:
        _write(state, msgspec.structs.replace(last, toml="", former=""))


def settle_trial(state: Path) -> None:
    """Keep what is on trial: the unit is healthy."""
    last = record(state)
    if last is not None and last.phase == "trial" and last.starts:
        _write(state, RolloutRecord(last.version, "kept"))


def main(name: str, arguments: Sequence[str]) -> int:
    """Run `kiosk config check FILE | example KIND | apply FILE | state`. Returns 0 done, 1 found wanting."""
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="Check, show or try a unit.toml.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("check", help="say what is wrong with a file").add_argument("file")
    verbs.add_parser("example", help="print a whole file").add_argument("kind")
    apply = verbs.add_parser("apply", help="try one that the office signed, from the next start on")
    apply.add_argument("file", type=Path)
    for one in (apply, verbs.add_parser("state", help="what became of the last one")):
        one.add_argument("--unit", type=Path, default=Path("/var/lib/kiosk/unit.toml"), metavar="UNIT.toml")
        one.add_argument("--state", type=Path, default=Path("/var/lib/kiosk/state"), metavar="DIR")
    chosen = parser.parse_args(arguments)
    if chosen.verb in ("check", "example"):
        return unit_settings.main(name, arguments)
    if chosen.verb == "state":
        last = record(chosen.state)
        print(f"version {last.version}: {last.phase} {last.reason}".rstrip() if last else "none was ever wanted")
        return 0
    try:
        version = take(chosen.file.read_bytes(), chosen.unit, chosen.state, utc_ms())
    except (ValueError, OSError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        print(f"refused: {chosen.file}: {said}", file=sys.stderr)
        return 1
    print(f"version {version} is tried from the next start on")
    return 0
