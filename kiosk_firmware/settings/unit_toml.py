"""`unit.toml`: the tables that the rooms declare, joined, read and checked.

Each room says in a struct what it wants to know; here they become one file with one way to complain: file, key,
value, and what is allowed, with the nearest right word where somebody has mistyped. `example` writes a whole file
from the same structs, so what it shows is what is read.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import secrets
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from hardware.drivers.settings import hardware_settings as hardware
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.cards import Crt591, Pn532
from hardware.drivers.settings.gates import RelayGate
from hardware.drivers.settings.hardware_settings import DeviceTables, HardwareSettings
from hardware.drivers.settings.pin_pads import SerialPad
from hardware.drivers.settings.unit_fixtures import Pins, SimulatedHost
from hardware.drivers.settings.visit_media import CountingEarpiece, DrawnCamera, Tone
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core import toml_files
from kiosk_firmware.core.languages import languages
from kiosk_firmware.core.media import PHONE
from kiosk_firmware.core.validation import explain_error, nearest
from kiosk_firmware.settings.session_limits import SessionLimits
from kiosk_firmware.system.durable_files import remove, set_aside, write_whole
from kiosk_firmware.system.state_folders import agent_folder, screen_folder, shared_folder
from kiosk_firmware.wire.broker_settings import BrokerSettings, Telemetry
from screens.media.voice import VoiceSettings

Kind = Literal["atm", "rail", "airport", "metro", "gate", "phone", "counter", "visit", "all-in-one"]
SITE_KEY_LEAST = 16
ID = re.compile(r"[a-z0-9-]{3,32}")


class UnitTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The unit's name and site. `machines`: what it offers (empty: all that its devices can do). `site_key_file`: the
    centre's key that hides learners' numbers, in the state folder; the same file on every unit of a site.
    """

    id: str
    site: str
    kind: Kind = "atm"
    language: Literal["zh", "en"] = "zh"
    machines: tuple[str, ...] = ()
    site_key_file: str = "site.key"


class ScreenTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The panel: pixels, and how far it is turned. One that stands upright then is a telephone: its machines and the
    unit's own pages fill it.
    """

    width: Annotated[int, msgspec.Meta(ge=640, le=7680)] = 1280
    height: Annotated[int, msgspec.Meta(ge=400, le=4320)] = 800
    rotation: Literal[0, 90, 180, 270] = 0
    fullscreen: bool = True
    steady: bool = False
    """Steady touch: repeats within half a second are ignored."""


class UnitSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole `unit.toml`."""

    unit: UnitTable
    screen: ScreenTable = ScreenTable()
    broker: BrokerSettings = BrokerSettings()
    telemetry: Telemetry = Telemetry()
    turn: SessionLimits = SessionLimits()
    voice: VoiceSettings = VoiceSettings()
    money: MoneyChannels = MoneyChannels()
    devices: DeviceTables = DeviceTables()

    def hardware(self, state: Path, site_key: bytes = b"") -> HardwareSettings:
        """Return what the cabinet wants; `state` is the run-time folder, `site_key` that of the cards' secrets."""
        card_key = site_key if self.turn.centre_cards == "secret" else b""
        return HardwareSettings(self.devices, self.money, str(state.resolve()), card_key)


def read_settings(path: Path) -> UnitSettings:
    """Read and check the settings of a unit.

    Raises:
        ValueError: all that is wrong, a line each: file, key, value, what is allowed.
    """
    return check_settings(toml_files.read_written_toml(path), str(path))


def check_settings(tables: dict[str, Any], file: str) -> UnitSettings:
    """Return the settings in decoded tables, checked. Raises ValueError as `read`."""
    try:
        settings = msgspec.convert(tables, UnitSettings)
    except msgspec.ValidationError as error:
        raise ValueError(f"{file}: {explain_error(tables, str(error), UnitSettings)}") from error
    found = list(problems(settings))
    if found:
        raise ValueError("\n".join(f"{file}: {problem}" for problem in found))
    return settings


def problems(settings: UnitSettings) -> Iterator[str]:
    """Yield what types cannot say: "key = value: what is allowed"."""
    for key, value in (("unit.id", settings.unit.id), ("unit.site", settings.unit.site)):
        if not ID.fullmatch(value):
            yield f"{key} = {value!r}: allowed are 3 to 32 of a-z, 0-9 and -"
    known = [entry.id for entry in machine_loader.describe()]
    for machine in settings.unit.machines:
        if machine not in known:
            yield f"unit.machines = {machine!r}: allowed are {', '.join(known)}{nearest(machine, known)}"
    for language in settings.voice.packs:
        if language not in languages():
            yield f"voice.packs = {language!r}: allowed are {', '.join(languages())}"
    yield from hardware.problems(settings.devices, settings.money)
    if settings.turn.centre_cards == "secret":
        yield from _secret_problems(settings.devices)


def _secret_problems(devices: DeviceTables) -> Iterator[str]:
    """Yield why cards cannot carry secrets here."""
    if not isinstance(devices.card_reader, Pn532):
        yield (
            "turn.centre_cards = 'secret': cards are written at a card reader that can (devices.card_reader.driver ="
            " 'pn532'); allowed here is number_only"
        )
    for role, device in devices.named():
        if isinstance(device, Pn532) and device.purse_sector == device.secret_sector:
            yield (
                f"devices.{role}.secret_sector = {device.secret_sector}: the purse is there (purse_sector); allowed is"
                " another one of 1…15"
            )


# -- writing -----------------------------------------------------------------------------------------------------------


def example(kind: str) -> str:
    """Return a whole `unit.toml` for a kind of unit ("demo": twins on this machine instead of real ports and pins).

    Raises:
        ValueError: there is no example of that kind; says which there are.
    """
    if kind not in ("atm", "all-in-one", "demo"):
        raise ValueError(f"kind {kind!r}: allowed are atm, all-in-one, demo")
    devices = hardware.full_cabinet()
    if kind == "demo":
        ident = Pn532("tty-id", cards=practice_tags())
        devices = msgspec.structs.replace(
            devices,
            id_reader=ident,
            ticket_dispenser=Crt591(),
            tap_reader=Pn532("tty-tap", cards={PHONE_TAG: PHONE}, purse_sector=1),
            pin_pad=SerialPad("gz"),
            gate=RelayGate(2, 3, 4, 5, 6, 7, 8, 9),  # a gate stands where the pad had its pins
            camera=DrawnCamera(),
            microphone=Tone(),
            earpiece=CountingEarpiece(),
        )
    else:
        devices = msgspec.structs.replace(devices, pins=Pins(), payment_host=SimulatedHost(), **_real_ports(devices))
    unit = UnitTable("kiosk-001", "site-01", "all-in-one" if kind == "demo" else kind)  # type: ignore[arg-type]
    broker = (
        BrokerSettings() if kind == "demo" else BrokerSettings("broker.example", 8883, "ca.pem", "unit.pem", "unit.key")
    )
    screen = ScreenTable(fullscreen=kind != "demo")
    turn = (
        SessionLimits(minutes=30) if kind == "demo" else SessionLimits()
    )  # whoever looks around at a desk keeps nobody waiting
    return settings_toml(UnitSettings(unit, screen, broker, turn=turn, devices=devices))


PHONE_TAG = "04f0e1d2c3b4a5"
"""The tag that is the practice phone of a desk."""


def practice_tags() -> dict[str, str]:
    """Return a tag for each practice ID, as a desk's twin has them: made-up UIDs (hex) → numbers. On a unit the UIDs
    are those of the tags that were bought.
    """
    import hashlib  # as little at the unit's start as can be

    numbers = {card.number for person in machine_loader.personas().values() for card in person.ids}
    return {f"04{hashlib.sha256(number.encode()).hexdigest()[:12]}": number for number in sorted(numbers)}


def _real_ports(devices: DeviceTables) -> dict[str, Any]:
    wired = [(name, device) for name, device in devices.named() if hasattr(device, "port")]
    ports = list(dict.fromkeys(device.port for _, device in wired))
    return {
        name: msgspec.structs.replace(device, port=f"/dev/ttyUSB{ports.index(device.port)}") for name, device in wired
    }


def settings_toml(settings: UnitSettings) -> str:
    """Write the settings as TOML, each table under the first sentence of what it means."""
    parts = []
    for name in settings.__struct_fields__:
        table = getattr(settings, name)
        if isinstance(table, DeviceTables):
            parts += [_table(f"devices.{role}", device) for role, device in table.named()]
        else:
            parts.append(_table(name, table))
    return "\n".join(parts)


LONGEST = 120
"""Of a line that is written; a longer table gets lines of its own."""


def _table(name: str, struct: msgspec.Struct) -> str:
    about = " ".join((struct.__doc__ or "").split()).replace("`", "")
    lines = [*textwrap.wrap(about, 110, initial_indent="# ", subsequent_indent="# "), f"[{name}]"]
    below = []
    for key, value in msgspec.to_builtins(struct).items():
        line = f"{key} = {_toml(value)}"
        if isinstance(value, dict) and len(line) > LONGEST:
            rows = (f"{_toml(one)} = {_toml(item)}" for one, item in value.items())
            below += [f"\n[{name}.{key}]", *rows]
        elif value is not None:
            lines.append(line)
    return "\n".join([*lines, *below]) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(int(value) if value == int(value) else value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(key)} = {_toml(item)}" for key, item in value.items()) + " }"
    return msgspec.json.encode(str(value)).decode()


def site_key(settings: UnitSettings, state: Path) -> bytes:
    """Return the key that hides learners' numbers. Without the centre's file a key of this unit's own is made, and
    kept. With a damaged one anybody could work the numbers out: one of the unit's own is made anew, the centre's is
    asked for.

    Raises:
        OSError: the file can neither be read nor made.
        ValueError: the centre's key is damaged; says what to do.
    """
    take_site_key(settings, state)
    path = screen_folder(state) / settings.unit.site_key_file
    if path.exists() and (wrong := _wrong_key(path.read_bytes())):
        if (agent_folder(state) / "trust" / "member.json").exists():
            raise ValueError(
                f"{path}: {wrong}. It is the site's: kiosk enrol renew brings it again, or copy it from"
                " another unit of the site"
            )
        set_aside(path, wrong)
    if not path.exists():
        write_whole(path, f"{secrets.token_hex(32)}\n".encode())
    return path.read_bytes().strip()


def take_site_key(settings: UnitSettings, state: Path) -> None:
    """Move the key that enrolment or renewal brought to where only the screen's user reads it; it alone needs it. On a
    full disk it stays where it is until there is room.
    """
    name = settings.unit.site_key_file
    path, came = screen_folder(state) / name, shared_folder(state) / name
    if came == path or came.is_symlink() or not came.exists():  # a link leads an older system to `path` (state.sh)
        return
    with contextlib.suppress(OSError):
        write_whole(path, came.read_bytes())
        remove(came)


def _wrong_key(key: bytes) -> str:
    """Return why it is none, or ""."""
    if len(key.strip()) >= SITE_KEY_LEAST and b"\0" not in key:
        return ""
    return f"{len(key.strip())} bytes, or zeros; allowed are {SITE_KEY_LEAST} characters at least"


def main(name: str, arguments: Sequence[str]) -> int:
    """Run `kiosk config check FILE` (0 right, 1 wrong) and `kiosk config example KIND`."""
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="Check or show a unit.toml.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="say what is wrong with a file").add_argument("file", type=Path)
    commands.add_parser("example", help="print a whole file").add_argument("kind")
    chosen = parser.parse_args(arguments)
    if chosen.command == "example":
        print(example(chosen.kind), end="")
        return 0
    try:
        settings = read_settings(chosen.file)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{chosen.file}: unit {settings.unit.id} of site {settings.unit.site} is right")
    return 0
