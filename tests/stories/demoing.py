"""A whole demo as tests drive it: its process, the office over HTTP, the twins by socket, the glass by the hand."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from hardware.twins.control_client import TwinControlClient
from kiosk_firmware.tools.demo.mosquitto import free_port
from kiosk_firmware.unit.shell import practice_cards

DEADLINE_S = 60.0


def wait(condition, what, deadline_s=DEADLINE_S):
    """What the condition gives, once it gives something; the deadline is generous, only a hang should reach it."""
    until = time.monotonic() + deadline_s
    while not (found := condition()):
        assert time.monotonic() < until, f"waited {deadline_s} s for {what() if callable(what) else what}"
        time.sleep(0.03)
    return found


def processes_of(folder: Path) -> dict[int, str]:
    """Every living process whose command line names the folder, except this one."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                ended = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
            except OSError:
                continue
            if str(folder) in words and not ended:
                found[int(entry.name)] = words
    return found


class Demo:
    """One start of the demo from a folder."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.folder, self.port = folder, free_port()
        self.url, self._hand = f"http://127.0.0.1:{self.port}", folder / "hand.sock"
        command = [sys.executable, "-P", "-m", "kiosk_firmware.cli", "demo", "--no-window", "--state", str(folder)]
        command += ["--port", str(self.port), "--hand", str(self._hand), *more]
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self.said = folder.with_suffix(".said")
        with self.said.open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)

    def log(self) -> str:
        """What the demo and its children said last, for a failing test."""
        texts = [self.said.read_text(), *(p.read_text()[-800:] for p in sorted((self.folder / "log").glob("*.log")))]
        return "\n".join(texts)

    def page(self, path: str) -> bytes:
        """A page of the office, for whoever came in by what the demo printed; empty while it does not answer."""
        try:
            with self._opener.open(self.url + path, timeout=10) as answer:
                found = answer.read()
            if answer.url.endswith("/login"):
                enter = re.findall(rf"{self.url}/enter/\S+", self.said.read_text())
                self._opener.open(enter[-1], timeout=10).close() if enter else None
                return b""
            return found
        except (urllib.error.URLError, OSError):
            return b""

    def touch(self, unit: str, x: float, y: float) -> None:
        """Touch the demo's window on the page of its unit, as a mouse in a browser does."""
        word = re.search(rb'data-csrf="([^"]+)"', self.page(unit))[1].decode()
        for kind in ("down", "up"):
            body = urllib.parse.urlencode({"kind": kind, "x": x, "y": y, "csrf": word}).encode()
            self._opener.open(f"{self.url}/demo/touch", body, timeout=10).close()

    def twins(self) -> TwinControlClient:
        return TwinControlClient(self.folder / "unit" / "twins.sock", wait_s=DEADLINE_S)

    def pin(self, card: str) -> str:
        """What the slip says that came with the card."""
        return next(slip.pin for slip in practice_cards.read_slips(self.folder / "unit") if slip.number == card)

    def hand(self, **words) -> dict:
        """Press, type or look; empty while the glass does not answer."""
        with socket.socket(socket.AF_UNIX) as end:
            end.settimeout(15)
            try:
                end.connect(str(self._hand))
                end.sendall(json.dumps(words).encode() + b"\n")
                line = end.makefile().readline()
            except OSError:
                return {}
            return json.loads(line) if line else {}

    def at(self, step: str) -> dict:
        """Wait until the page of that step stands."""

        def look():
            seen = self.hand()
            page = seen.get("page") or {}
            return seen if page.get("step", "").split("#")[0] == step else None

        return wait(look, lambda: f"page {step}; {self.hand()}\n{self.log()}")

    def tap(self, step: str, key: str) -> None:
        """On the page of that step press a key, as soon as the page takes touches."""
        seen = self.at(step)

        def pressed():
            now = self.hand()
            here = (now.get("page") or {}).get("step")
            return here != seen["page"]["step"] or (self.hand(tap=key).get("pressed") and None)

        wait(pressed, lambda: f"{key} on {step} to lead on; {self.hand()}")

    def end(self, number=signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)
