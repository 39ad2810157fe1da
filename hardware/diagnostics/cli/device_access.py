"""Lead a technician's verb to the devices: through the running unit's socket, or, when none runs, by drivers of
its own for as long as the verb lasts.

The theory. A port has one owner. While the unit runs it is the unit, and a verb asks it
(`hardware.diagnostics.live_socket`). Else the verb brings up the same drivers, in a folder of their own so that no
count of the unit's is touched, and with every slot closed: nothing is taken in. Whoever holds a port is named from the
kernel's list of locks.
"""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from hardware.cabinet.unit_devices import Equipment
from hardware.diagnostics.live_socket import SOCKET
from hardware.drivers.settings.base import MoneyChannels, Table
from hardware.drivers.settings.hardware_settings import DeviceTables, HardwareSettings
from hardware.drivers.settings.unit_fixtures import LinkedPins
from hardware.transport import jsonl_socket, port_names
from hardware.transport.serial_port import monotonic_ms


class UnitError(ValueError):
    """The unit, or a port's owner, did not let us; the text says why."""


class WatchedContactChange(msgspec.Struct, frozen=True):
    """A contact of the cabinet has changed: door (open), tamper or presence, and whether it is so."""

    name: str
    on: bool


class UnitConnection:
    """A connection to a unit's technician's socket. `with` closes it."""

    def __init__(self, end: socket.socket) -> None:
        self._end, self._lines = end, jsonl_socket.JsonLines()
        self._end.settimeout(30)

    def __enter__(self) -> UnitConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Ask and have the answer. Raises UnitError for a question that the unit refuses."""
        self._end.sendall(jsonl_socket.line({"do": do, **arguments}))
        answer = next(self._rows(), {"ok": False, "error": "the unit has ended"})
        if not answer.pop("ok", False):
            raise UnitError(str(answer.get("error")))
        return answer

    def watch(self, at: Sequence[str], reopen: bool = False) -> Iterator[dict[str, Any]]:
        """Return what is said on the lines of these devices (none: all), for ever; `reopen`: from their set-up on.

        Raises:
            UnitError: no such device on a serial line.
        """
        self.ask("watch", at=[*at], reopen=reopen)
        self._end.settimeout(None)
        return self._rows()

    def close(self) -> None:
        """Let whoever iterates end; from any thread."""
        with contextlib.suppress(OSError):
            self._end.shutdown(socket.SHUT_RDWR)

    def _rows(self) -> Iterator[dict[str, Any]]:
        with contextlib.suppress(ConnectionError):
            while data := self._end.recv(65536):
                yield from self._lines.receive(data)


def connect_running(state: Path) -> UnitConnection | None:
    """Connect to the running unit of a state folder; None where none runs."""
    end = jsonl_socket.connect(state / SOCKET)
    return None if end is None else UnitConnection(end)


@contextlib.contextmanager
def reach(devices: DeviceTables, money: MoneyChannels, state: Path, at: Sequence[str] = ()) -> Iterator[UnitConnection]:
    """Yield the running unit, or drivers of our own for the devices `at` (none: all).

    Raises:
        UnitError: a port is held by somebody who is no unit.
    """
    if (line := connect_running(state)) is not None:
        with line:
            yield line
        return
    with own(devices, money, state, at) as parts:
        mine = connect_running(parts.state)
        if mine is None:
            raise UnitError("our own drivers cannot be watched: no socket")
        with mine:
            yield mine


@contextlib.contextmanager
def own(
    devices: DeviceTables,
    money: MoneyChannels,
    state: Path,
    at: Sequence[str] = (),
    heard: Callable[[Any], None] = lambda _: None,
    folder: Path | None = None,
) -> Iterator[Equipment]:
    """Yield drivers of our own; `heard` has their events, `WatchedContactChange`, and the index of a pressed side key.
    `folder`: where they keep what they remember (the unit's own: what moves is counted as in life).

    Raises:
        UnitError: somebody holds a port.
    """
    for name, table in devices.named():
        if (not at or name in at) and (port := getattr(table, "port", "")) and (who := holder(tty(port, state))):
            raise UnitError(f"{name}: its port {port} is held by {who}; end that first")
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as spare:
        settings = HardwareSettings(_alone(devices, state, at), money, str(folder.absolute() if folder else spare))
        parts = Equipment(
            settings,
            heard,
            monotonic_ms,
            lambda text: text.key,
            heard,
            lambda name, on: heard(WatchedContactChange(name, on)),
        )
        parts.start()
        try:
            yield parts
        finally:
            parts.stop()


def _alone(devices: DeviceTables, state: Path, at: Sequence[str]) -> DeviceTables:
    """Return these devices alone, with ports and sockets named for a process that stands elsewhere."""
    kept: dict[str, Any] = {}
    for name, table in devices.named():
        wanted = not at or name in at or name in ("pins", "payment_host")
        kept[name] = _placed(table, state) if wanted else None
    return msgspec.structs.replace(devices, **kept)


def _placed(table: Table, state: Path) -> Table:
    if isinstance(table, LinkedPins):
        return msgspec.structs.replace(table, socket=str(state.absolute() / table.socket))
    if port := getattr(table, "port", ""):
        return msgspec.structs.replace(table, port=absolute_port(port, state))
    return table


def absolute_port(port: str, state: Path) -> str:
    """Return a port's name as it holds for every process: twins' names lie in the state folder."""
    return port if "/" in port or port_names.is_usb(port) else str(state.absolute() / port)


def tty(port: str, state: Path) -> str:
    """Return the device file behind a port's name now; "" when nothing is there."""
    try:
        path = os.path.realpath(port_names.device(absolute_port(port, state)))
    except OSError:
        return ""
    return path if os.path.exists(path) else ""


def holder(path: str) -> str:
    """Return who has locked a device file: "process 4711 (kiosk run)"; "" for nobody. Other users' processes are seen
    too.
    """
    try:
        found = os.stat(path)
        locks = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return ""
    wanted = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    for line in locks:
        fields = line.split()
        if len(fields) > 5 and fields[1] == "FLOCK" and fields[5] == wanted:
            return f"process {fields[4]} ({_command(fields[4])})"
    return ""


def _command(pid: str) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "unknown"
    return " ".join(word.decode("utf-8", "replace") for word in words if word)[:80]
