"""Hear a practice phone that says that it paid the code on the glass: a UNIX socket in the state folder, on desks only.

A request is `{"pay": order, "fen": amount}`, the answer `{"ok": true}`, or `{"ok": false}` where no page waits for
that payment any more. What it says is what a person did; whether the bank lets it through is the host's word.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from hardware.drivers.settings.hardware_settings import HardwareSettings
from hardware.transport import jsonl_socket

log = logging.getLogger(__name__)
PATIENCE_S = 5.0


class PhonePaymentSocket:
    """Serves the socket in a thread of its own; stop twice is fine."""

    def __init__(self, path: Path, paid: Callable[[int, int], bool]) -> None:
        """Take `paid(order, fen)`, which is called in that thread; True where a page waited for it."""
        self._path, self._paid = path, paid
        self._server: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="phone", daemon=True)

    def start(self) -> None:
        """Listen. Raises OSError where the socket cannot be made."""
        self._server = jsonl_socket.listen(self._path)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
            self._thread.join(timeout=5)
            self._path.unlink(missing_ok=True)

    def _run(self) -> None:
        while (server := self._server) is not None:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):
                client.settimeout(PATIENCE_S)
                self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        lines = jsonl_socket.JsonLines()
        while data := client.recv(65536):
            for message in lines.receive(data):
                match message:
                    case {"pay": int(order), "fen": int(fen)}:
                        client.sendall(jsonl_socket.line({"ok": self._paid(order, fen)}))
                    case _:
                        client.sendall(
                            jsonl_socket.line({"ok": False, "error": 'allowed is {"pay": order, "fen": fen}'})
                        )


def door(settings: HardwareSettings, paid: Callable[[int, int], bool]) -> PhonePaymentSocket | None:
    """Return the socket for a desk's practice phone, where unit.toml names one."""
    name = settings.devices.payment_host.phone
    return PhonePaymentSocket(Path(settings.state) / name, paid) if name and settings.state else None
