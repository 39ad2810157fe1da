"""A site's own broker hears whom the office no longer trusts: `kiosk relay --desk HOST:PORT --lists FOLDER`.

    the office's desk ── GET /crl.pem, by HTTPS ──► signed under our root? newer? ──► FOLDER/crl.pem, whole ──► SIGHUP
                                                                                 └──► the sessions of whom it adds end

Mosquitto reads the new list at SIGHUP, which keeps a revoked unit from coming and not from staying. Nobody here has a
certificate in its name, so its session is taken over at a listener of the relay's own (`relay.sock`, see
`kiosk_firmware.wire.broker_config`), and held for a while: who is revoked does not come back, a new board of that name
does at once. Whom to end is written down before the list, so that a kill in between ends nobody's session too few.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.wire import revocation_list
from kiosk_firmware.wire.broker_config import SOCKET
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.enrolment_client import Https
from kiosk_firmware.wire.mqtt import BrokerLink

log = logging.getLogger(__name__)
LOOK_S = 60.0
FORCE_S = 1.0
"""Mosquitto takes a list within its next loop, a tenth of a second."""
HOLD_S = 5.0
LIMIT = 16 << 20
"""Bytes of a list, at most: 150,000 certificates."""
PENDING = "dropping.json"


class Lists:
    """The list of one broker on this machine, in a thread of its own, since a desk may be slow to answer."""

    def __init__(self, folder: Path, root: Path, desk: str, look_s: float = LOOK_S) -> None:
        """Take `folder`, the broker's (`kiosk office ca broker HOST --site ID`), and `root`, the office's root.

        Raises:
            ValueError: no such broker's folder, no root, or a wrong desk; names it and what is allowed.
        """
        for path in (folder / "crl.pem", folder / "ca.pem", root):
            if not path.is_file():
                raise ValueError(f"{path}: no such file; allowed is a folder of `kiosk office ca broker --site`")
        self._folder, self._root = folder, root
        self._desk, self._look_s = Https(desk, root), look_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="revocation lists")

    def start(self) -> None:
        """Look now, and then every `look_s` seconds."""
        self._thread.start()

    def close(self) -> None:
        """Look no more; twice is fine."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self.look()
            except (ValueError, OSError) as error:
                log.warning("the revocation list here stays as it was: %s", error)
            self._over.wait(self._look_s)

    def look(self) -> None:
        """Fetch, compare, lay down, put in force, end sessions.

        Raises:
            TrustError, OSError: the list is not taken, the desk or the broker is out of reach; says which.
        """
        held = (self._folder / "crl.pem").read_text("ascii")
        text = self._desk.get("/crl.pem", LIMIT).decode("ascii", "replace")
        names = revocation_list.added_names(
            text,
            held,
            (self._folder / "ca.pem").read_text("ascii"),
            self._root.read_text("ascii"),
            utc_ms(),
        )
        if names is not None:
            self._write_down({*self._pending(), *names})
            write_whole(self._folder / "crl.pem", text.encode(), 0o644)
            log.info("a new revocation list; it adds %s", ", ".join(sorted(names)) or "nobody")
            self._reload()
        if pending := self._pending():
            self._reload()
            self._drop(pending)
            self._write_down(())

    def _pending(self) -> list[str]:
        path = self._folder / PENDING
        return msgspec.json.decode(path.read_bytes(), type=list[str]) if path.exists() else []

    def _write_down(self, names: Iterable[str]) -> None:
        write_whole(self._folder / PENDING, msgspec.json.encode(sorted(names)))

    def _reload(self) -> None:
        path = self._folder / "broker.pid"
        try:
            os.kill(int(path.read_text()), signal.SIGHUP)
        except (OSError, ValueError) as error:
            raise OSError(f"{path}: the broker could not be told: {error}") from error

    def _drop(self, names: Iterable[str]) -> None:
        """Come in each one's place and stay for a while."""
        time.sleep(FORCE_S)
        at = BrokerSettings(host=str(self._folder.resolve() / SOCKET), retry_s=0.2)
        links = {name: BrokerLink(at, name, (), lambda message: None, lasts=False) for name in names}
        until = time.monotonic() + HOLD_S + len(links) / 10
        while time.monotonic() < until:
            for link in links.values():
                link.turn(0.01)
        for name, link in links.items():
            if link.reconnects == 1 and link.up:
                log.info("the session of %s has ended, and it has not come back", name)
            elif link.reconnects:
                log.warning("%s came back: a board with a certificate that stands, or a list not in force", name)
            link.close()
        if not all(link.reconnects for link in links.values()):
            raise OSError(f"{at.host}: the broker's own listener does not answer; make its papers anew")
