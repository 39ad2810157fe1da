"""The twins' control socket: JSON lines over a UNIX socket, for the front panel, for tests, for a technician's
exercise.

A request is `{"do": …, …}`, with an `id` if the answer shall carry it; the answer is `{"ok": …}`. After `{"do":
"subscribe"}` a client is also sent `{"state": …}` at once and whenever the state has changed. A request that makes no
sense is answered with `error` and never ends the process. The state is kept on disk in `twins.json` beside the
socket.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hardware.drivers.settings import hardware_settings
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import DeviceTables, full_cabinet
from hardware.transport import jsonl_socket
from hardware.twins.unit_twins import Twins

log = logging.getLogger(__name__)

SOCKET, KEPT = "twins.sock", "twins.json"
LOOK_S = 0.05
"""How often the state is compared with what subscribers know."""
SAVE_S = 0.25


class Control:
    """Serves the control socket in the calling thread (`run`) until `stop`."""

    def __init__(self, twins: Twins, path: Path, keep: Path | None = None) -> None:
        """Take `path` of the socket and `keep`, the file that holds the state."""
        self._twins, self._path, self._keep = twins, path, keep
        self._clients = jsonl_socket.Clients(self._answer, patience_s=1.0)
        self._clients.listen(path)
        self._subscribed: set[socket.socket] = set()
        self._told = self._kept = ""
        self._saved_s = 0.0
        self._stop = threading.Event()

    def stop(self) -> None:
        """Let `run` return; from any thread or a signal."""
        self._stop.set()

    def run(self) -> None:
        """Serve; returns after `stop`, with the state saved and the socket gone."""
        while not self._stop.is_set():
            self._clients.turn(LOOK_S)
            self._push()
        self._save(now=True)
        self._clients.close()
        self._path.unlink(missing_ok=True)

    def _answer(self, client: socket.socket, request: dict[str, Any]) -> dict[str, Any]:
        arguments = {name: value for name, value in request.items() if name not in ("do", "id")}
        answer: dict[str, Any]
        try:
            if request.get("do") == "subscribe":
                self._subscribed.add(client)
                answer = {"ok": True, "state": self._twins.state()}
            else:
                answer = self._twins.act(str(request.get("do", "")), arguments)
        except (ValueError, TypeError) as error:
            answer = {"ok": False, "error": str(error)}
        return {**answer, "id": request["id"]} if "id" in request else answer

    def _push(self) -> None:
        state = self._twins.state()
        text = json.dumps(state, ensure_ascii=False)
        if text != self._told:
            self._told = text
            self._subscribed = {client for client in self._subscribed if self._clients.has(client)}
            for client in self._subscribed:
                self._clients.send(client, {"state": state})
        self._save(now=False)

    def _save(self, now: bool) -> None:
        if self._keep is None or (not now and time.monotonic() - self._saved_s < SAVE_S):
            return
        text = _encode_lasting_state(self._twins.state())
        if text != self._kept:
            self._kept, self._saved_s = text, time.monotonic()
            self._twins.save(self._keep)


def _encode_lasting_state(state: dict[str, Any]) -> str:
    """Encode the state without what blinks, as JSON."""
    return json.dumps({name: part for name, part in state.items() if name != "lights"}, ensure_ascii=False)


def read_tables(unit: Path | None) -> tuple[DeviceTables, MoneyChannels]:
    """Read the two tables that twins are made from.

    Raises:
        ValueError: a key or value that is not allowed; names file and key.
    """
    return (full_cabinet(), MoneyChannels()) if unit is None else hardware_settings.read_settings(unit)


def main(name: str, arguments: Sequence[str]) -> int:
    """Run until told to end (SIGTERM, SIGINT); `DEVICE DRIVER --link PATH` is one twin alone (`single.py`).

    Raises:
        ValueError: settings that are not allowed.
    """
    if arguments and not arguments[0].startswith("-"):
        from hardware.twins import single_twin  # most runs are of whole units

        return single_twin.main(name, arguments)
    about = "The twins of a unit's devices; or `DEVICE DRIVER --link PATH`: one of them, alone."
    parser = argparse.ArgumentParser(prog=name, description=about)
    parser.add_argument("--state", type=Path, required=True, help="folder for ptys and sockets")
    parser.add_argument("--unit", type=Path, help="unit.toml; without it one of everything")
    parser.add_argument("--fresh", action="store_true", help="begin with empty boxes")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    devices, money = read_tables(chosen.unit)
    kept = chosen.state / KEPT
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() and not chosen.fresh else {}
    twins = Twins(devices, money, chosen.state, known)
    control = Control(twins, chosen.state / SOCKET, kept)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: control.stop())
    control.run()
    twins.close()
    return 0
