"""Ending the live session of a unit whose trust was taken back.

Mosquitto reads a new revocation list at SIGHUP, which keeps a revoked unit from *coming*, but not from *staying*. So
the office comes in its place: with a certificate in the unit's name that lasts five minutes and is known to nobody, it
takes the session over, and the broker hangs up on whoever had it. First it must be certain that the new list is in
force, else the unit would be back at once: a second, already revoked certificate knocks until it is turned away.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk_firmware.office.pki.certificate_authority import Authority, Revocation
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.wire import certificates, private_keys
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.mqtt import BrokerLink

MINUTES = 5 / (24 * 60)
KNOCKS = 40
KNOCK_S = 0.25


class SessionTerminator:
    """Ends sessions at one broker on this machine (its process id in `pid_file`), reached at `broker`."""

    def __init__(self, authority: Authority, broker: BrokerSettings, pid_file: Path, now_ms: Callable[[], int]) -> None:
        self._authority, self._broker, self._pid, self._now = authority, broker, pid_file, now_ms

    def drop(self, unit: str, revoked: list[Revocation], publish: Callable[[], None]) -> None:
        """Put the list in force and end the unit's session; `publish` lays the list where the broker reads it.

        Raises:
            ValueError: the broker does not run, or does not take the list; says what to do.
        """
        with tempfile.TemporaryDirectory(prefix="kiosk-drop-") as folder:
            canary, usurper = (
                self._certificate(Path(folder), "canary", unit),
                self._certificate(Path(folder), "usurper", unit),
            )
            serial = certificates.bearer(certificates.certificates(Path(canary.cert).read_text())[0]).serial
            self._authority.revoke([*revoked, Revocation(serial, self._now(), unit)], self._now())
            publish()
            self._reload()
            for _ in range(KNOCKS):
                if not self._comes_in(canary, unit):
                    break
                time.sleep(KNOCK_S)
            else:
                raise ValueError("the broker does not take the revocation list: is `crlfile` in its configuration?")
            if not self._comes_in(usurper, unit):
                raise ValueError(f"the session of {unit} could not be ended; restart the broker")

    def _certificate(self, folder: Path, name: str, unit: str) -> BrokerSettings:
        """Return the broker's settings with a certificate in the unit's name, for five minutes."""
        key = private_keys.make_key()
        private_keys.keep(key, folder / f"{name}.key")
        text = self._authority.issue(key.public_key(), unit, "unit", self._now(), days=MINUTES)
        write_whole(folder / f"{name}.pem", text.encode())
        root = str(self._authority.folder / "root.pem")
        cert, own = str(folder / f"{name}.pem"), str(folder / f"{name}.key")
        return msgspec.structs.replace(self._broker, ca=root, cert=cert, key=own)

    def _reload(self) -> None:
        try:
            os.kill(int(self._pid.read_text()), signal.SIGHUP)
        except (OSError, ValueError) as error:
            raise ValueError(f"{self._pid}: the broker could not be told: {error}; systemctl restart it") from error

    def _comes_in(self, certificate: BrokerSettings, unit: str) -> bool:
        """Return whether the broker lets us in with these certificates; it hangs up at once on whoever it does not."""
        link = BrokerLink(certificate, unit, (), lambda message: None)
        deadline = time.monotonic() + 10
        link.turn(0.1)
        while not link.up and link.tries == 0 and time.monotonic() < deadline:
            link.turn(0.1)
        came = link.up
        link.close()
        return came
