"""unit.toml as the certificate says: who the unit is, and where its broker is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.settings.unit_toml import UnitSettings
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import READABLE, shared_folder
from kiosk_firmware.unit.identity.unit_identity import UnitIdentity, UnitTrust

KINDS = Path(__file__).parents[3] / "deploy" / "unit"
BLANK = "commission"
"""Stands in the state folder while the unit is to be set up on the glass (`unit.shell.environment.BLANK`)."""


def adopt(unit: Path, state: Path, member: UnitTrust, identity: UnitIdentity) -> None:
    """Write who we are and where the broker is into unit.toml, and whose time we take; nothing where it says so.

    A unit without a file gets its kind's, and is set up on the glass at the next start.

    Raises:
        ValueError: the file is wrong; names file, key, value, what is allowed.
    """
    member.take_time_from(identity.broker.host)
    if unit.exists():
        held = unit_settings.read_settings(unit)
    else:
        held = template(identity.kind)
        write_whole(shared_folder(state) / BLANK, b"", READABLE)
    made = adopt_identity(held, member, identity)
    if made != held or not unit.exists():
        write_whole(unit.resolve(), unit_settings.settings_toml(made).encode(), 0o644)


def adopt_identity(held: UnitSettings, member: UnitTrust, identity: UnitIdentity) -> UnitSettings:
    """Return the settings with name, site and broker of the certificate."""
    return msgspec.structs.replace(
        held,
        unit=msgspec.structs.replace(held.unit, id=identity.unit, site=identity.site),
        broker=msgspec.structs.replace(
            held.broker,
            host=identity.broker.host,
            port=identity.broker.port,
            ca=str(member.root_file),
            cert=str(member.certificate),
            key="",
            username="",
            password="",
        ),
    )


def template(kind: str) -> UnitSettings:
    """Return the settings that a unit of a kind begins with. Raises ValueError: there is none; says which there are."""
    path = KINDS / kind / "unit.toml"
    if path.exists():
        return unit_settings.read_settings(path)
    if kind == "all-in-one":
        return unit_settings.check_settings(tomllib.loads(unit_settings.example(kind)), kind)
    known = sorted([*(path.parent.name for path in KINDS.glob("*/unit.toml")), "all-in-one"])
    raise ValueError(f"kind {kind!r}: allowed are {', '.join(known)}")
