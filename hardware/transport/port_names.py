"""Name a serial port so that the name stays when tty numbers do not.

The theory. `/dev/ttyUSB0` is whichever adapter was plugged in first. So `port` in unit.toml may say what an adapter
*is*: `usb:serial=A50285BI`, its own number, or `usb:path=1-1.3`, the socket that it is plugged into, for adapters
that have no number (every CH340) or share one. `bound` gives each port the best name that it can have now, `device`
finds the tty behind a name at the moment of opening, again at each plug-in. What pyserial's list tells is all that is
asked; nothing is opened here.
"""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

SERIAL, PATH = "usb:serial=", "usb:path="
ALLOWED = "/dev/…, usb:serial=NUMBER, usb:path=SOCKET (as 1-1.3), or a name in the state folder"
SHORTEST = 6
"""A serial number shorter than this is the same in every adapter of its maker (0001, 12345)."""


class Port(msgspec.Struct, frozen=True):
    """A serial port that the system has: its tty, and what a USB adapter says of itself ("" where it says nothing)."""

    device: str
    serial: str = ""
    path: str = ""
    product: str = ""


def list_ports() -> list[Any]:
    """Return pyserial's rows; imported only where somebody asks for a USB name."""
    from serial.tools.list_ports import comports

    return list(comports())


def ports(rows: Callable[[], Iterable[Any]] | None = None) -> tuple[Port, ...]:
    """Return every serial port of this machine, in the order of names."""
    found = [
        Port(row.device, row.serial_number or "", row.location or "", row.product or row.description or "")
        for row in (rows or list_ports)()
    ]
    return tuple(sorted(found, key=lambda port: port.device))


def bound(known: Iterable[Port]) -> dict[str, str]:
    """Return tty → the name to write into unit.toml: by serial number where that is one adapter's alone, else by
    socket.
    """
    known = tuple(known)
    count = Counter(port.serial for port in known)
    return {port.device: _name(port, count[port.serial] == 1) for port in known}


def _name(port: Port, alone: bool) -> str:
    if alone and len(port.serial) >= SHORTEST:
        return SERIAL + port.serial
    return PATH + port.path if port.path else port.device


def is_usb(name: str) -> bool:
    """Return whether a name is one of an adapter, not of a tty."""
    return name.startswith("usb:")


def sound(name: str) -> bool:
    """Return whether a port may be called so."""
    if not is_usb(name):
        return bool(name)
    return any(name.startswith(start) and len(name) > len(start) for start in (SERIAL, PATH))


def device(name: str, known: Iterable[Port] | None = None) -> str:
    """Return the tty behind a name; other names are returned as they are.

    Raises:
        OSError: nothing with that name is plugged in, or two are.
    """
    if not is_usb(name):
        return name
    _, _, wanted = name.partition("=")
    known = ports() if known is None else tuple(known)
    found = [port for port in known if wanted == (port.serial if name.startswith(SERIAL) else port.path)]
    if len(found) > 1:
        where = ", ".join(PATH + port.path for port in found)
        raise OSError(errno.EEXIST, f"{len(found)} adapters are called {name}; call them {where}")
    if not found:
        raise OSError(errno.ENOENT, "nothing is plugged in that is called so", name)
    return found[0].device
