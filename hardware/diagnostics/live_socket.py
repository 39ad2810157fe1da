"""The technician's socket of a running unit: what is said on its serial lines, live, and a few questions.

The theory. The unit holds its ports, so whoever wants to see a wire asks the unit. JSON lines over a UNIX socket in the
state folder, for this user only: `{"do": "watch", "at": [names]}` (none: all; `"reopen": true`: their lines are opened
anew, to hear the set-up) is answered by a line for each thing that an end says, `{"do": …}` by one line. Codecs are
loaded and wires are overheard only while somebody watches. What is secret never enters the socket
(`hardware.decoders.wire_decoders`). A watcher that does not read is dropped: the unit waits for nobody.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardware.drivers.driver_thread import monotonic_ms
from hardware.drivers.settings.base import Table
from hardware.transport import jsonl_socket

if TYPE_CHECKING:
    from hardware.decoders.wire_decoders import DecodedLine, WireDecoder

log = logging.getLogger(__name__)

SOCKET = "devices.sock"
HELD = 4096
"""Things said that wait for the tap's thread; older ones are lost, and counted."""
LOOK_S = 0.25

Question = Callable[[dict[str, Any]], dict[str, Any]]


class LiveSocket:
    """Serves the socket. `overhear` is for the ports (see `PortSettings.tap`); close twice is fine."""

    def __init__(self, path: Path, tables: Mapping[str, Table], questions: Mapping[str, Question]) -> None:
        """Take `tables`, the unit's devices, and `questions`, word → what answers it."""
        self.missed = 0
        self._path, self._questions = path, dict(questions)
        self._lines = lines_of(tables)
        self._readers: dict[str, WireDecoder] = {}
        self._said: deque[tuple[str, bytes, bool, int]] = deque(maxlen=HELD)
        self._clients = jsonl_socket.Clients(self._answer, patience_s=0.5)
        self._watching: dict[socket.socket, frozenset[str]] = {}
        self._wake_read, self._wake_write = socket.socketpair()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="tap", daemon=True)

    def overhear(self, label: str, data: bytes, host: bool) -> None:
        """Queue a port's bytes for those who watch; costs next to nothing while nobody does."""
        if not self._watching:
            return
        self.missed += len(self._said) == HELD
        self._said.append((label, data, host, int(monotonic_ms())))
        self._wake()

    def start(self) -> None:
        """Listen. A socket that cannot be had is logged: the unit goes on without a tap."""
        try:
            self._clients.listen(self._path)
        except OSError as error:
            log.warning("no technician's socket at %s: %s", self._path, error)
            return
        self._clients.also(self._wake_read)
        self._thread.start()

    def close(self) -> None:
        """End, and remove the socket."""
        if self._stopping:
            return
        self._stopping = True
        if self._thread.is_alive():
            self._wake()
            self._thread.join(timeout=5)
            self._path.unlink(missing_ok=True)
        self._clients.close()
        for end in (self._wake_read, self._wake_write):
            end.close()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._wake_write.send(b"\0", socket.MSG_DONTWAIT)

    # -- the tap's thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            self._clients.turn(LOOK_S if self._watching else None)
            self._tell()

    def _answer(self, client: socket.socket, request: dict[str, Any]) -> dict[str, Any]:
        word = str(request.get("do", ""))
        if word == "watch":
            known = {name for names, _ in self._lines.values() for name in names}
            wanted = {str(name) for name in request.get("at", ())}
            if wanted - known:
                return {"ok": False, "error": f"device {min(wanted - known)!r}: on serial lines are {_list(known)}"}
            self._watching[client] = frozenset(wanted or known)
            for name in sorted(wanted or known) if request.get("reopen") else ():
                with contextlib.suppress(ValueError):
                    self._questions["reopen"]({"at": name})
            return {"ok": True, "lines": {port: [*names] for port, (names, _) in self._lines.items()}}
        if word not in self._questions:
            return {"ok": False, "error": f"{word!r}: allowed are {_list({'watch', *self._questions})}"}
        try:
            return {"ok": True, **self._questions[word](request)}
        except (KeyError, ValueError) as error:
            return {"ok": False, "error": f"{word}: {error}"}

    def _tell(self) -> None:
        while self._said:
            label, data, host, ms = self._said.popleft()
            for said in self._reader(label).heard(data, host, ms):
                self._send_all(label, said)
        for label, reader in self._readers.items():
            for said in reader.tick(int(monotonic_ms())):
                self._send_all(label, said)

    def _reader(self, label: str) -> WireDecoder:
        if label not in self._readers:
            from hardware.decoders.wire_decoders import WireDecoder  # brings all codecs

            names, driver = self._lines[label]
            self._readers[label] = WireDecoder(driver, *names)
        return self._readers[label]

    def _send_all(self, label: str, said: DecodedLine) -> None:
        names = self._lines[label][0]
        for client, wanted in list(self._watching.items()):
            if not self._clients.has(client):
                del self._watching[client]
            elif wanted & {*names}:
                self._clients.send(client, row(names, said))


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def driver_of(table: Table) -> str:
    """Return the name that unit.toml has for a table's driver."""
    return str(type(table).__struct_config__.tag)


def lines_of(tables: Mapping[str, Table]) -> dict[str, tuple[tuple[str, ...], str]]:
    """Return the serial lines of a unit: port as unit.toml names it → the devices on it, and how it is read."""
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    for name, table in tables.items():
        if port := getattr(table, "port", ""):
            names, driver = found.get(port, ((), driver_of(table)))
            found[port] = ((*names, name), driver)
    return found


def row(names: tuple[str, ...], said: DecodedLine) -> dict[str, Any]:
    """Return a decoded line as a row of the socket and of recordings."""
    shown: dict[str, Any] = {"hidden": said.hidden} if said.hidden else {"hex": said.data.hex()}
    if said.private:
        shown["private"] = True
    return {"at": [*names], "ms": said.ms, "host": said.host, "words": [*said.words], **shown}
