"""The reference boards, as `deploy/unit/boards.toml` lists them: serial ports, header, and which pins a unit may take.

A port of the board takes two pins; a device on such a pin is a conflict that no test of a device would explain. Ports
on USB adapters take none.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from hardware.drivers.settings import hardware_settings
from hardware.drivers.settings.hardware_settings import DeviceTables

FILE = Path(__file__).parents[2] / "deploy" / "unit" / "boards.toml"
MODEL = Path("/proc/device-tree/model")


class Uart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A serial port of the board: the overlay that enables it, its device, its pins (BCM)."""

    overlay: str
    name: str
    tx: int
    rx: int


class BoardModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A board: how its kernel calls itself (`model` begins so), its USB sockets, the supply that it wants."""

    title: str
    model: str
    usb: int
    amps: float
    differences: tuple[str, ...]
    uart: tuple[Uart, ...]


class PinHeader(msgspec.Struct, frozen=True):
    """The 40 pins: BCM number → place, and the places of power."""

    place: dict[int, int]
    power_3v3: tuple[int, ...]
    power_5v: tuple[int, ...]
    ground: tuple[int, ...]


class Clash(msgspec.Struct, frozen=True):
    """A pin that a device and a serial port of the board both want; `key` of unit.toml, BCM number, device file."""

    key: str
    pin: int
    port: str


@cache
def boards() -> dict[str, BoardModel]:
    """Return the boards by id. Raises ValueError: the file is wrong; names it and the key."""
    try:
        return msgspec.convert(_file()["board"], dict[str, BoardModel])
    except (msgspec.ValidationError, KeyError) as error:
        raise ValueError(f"{FILE.name}: {error}") from error


@cache
def header() -> PinHeader:
    """Return the header, which both boards have alike."""
    rows = _file()["header"]
    place = {int(name): int(value) for name, value in rows.items() if name.isdecimal()}
    return PinHeader(place, *(tuple(rows[name]) for name in ("power_3v3", "power_5v", "ground")))


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def this(model: Path = MODEL) -> str:
    """Return the id of the board that this runs on; "" for none of them."""
    try:
        name = model.read_text(errors="replace")
    except OSError:
        return ""
    return next((id_ for id_, board in boards().items() if name.startswith(board.model)), "")


def clashes(devices: DeviceTables, board: BoardModel) -> tuple[Clash, ...]:
    """Return the pins that are wanted twice because a device sits on one of the board's own serial ports."""
    ports = {str(getattr(table, "port", "")) for _, table in devices.named()}
    taken = {pin: uart.name for uart in board.uart if uart.name in ports for pin in (uart.tx, uart.rx)}
    return tuple(Clash(key, pin, taken[pin]) for key, pin in hardware_settings.pins(devices) if pin in taken)
