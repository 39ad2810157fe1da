"""A whole office of trust on loopback: authority, the shipped broker, the enrolment desk over HTTPS; and units."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from pathlib import Path

import msgspec

from kiosk_firmware.office.pki import batch_enrolment, certificate_authority, enrolment_server
from kiosk_firmware.office.pki.trust_folder import DESK, TrustFolder, now_ms
from kiosk_firmware.tools.demo import mosquitto
from kiosk_firmware.unit.enrolment import main
from kiosk_firmware.unit.identity.unit_identity import UnitTrust
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.mqtt import BrokerLink, MqttMessage

HOST = "127.0.0.1"
SECRET = "correct horse"


def wait(condition, what: str, patience_s: float = 60.0) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {patience_s} s for {what}"
        time.sleep(0.02)


class Office:
    """Founded, with a broker that does not run yet and a desk that does not listen yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = TrustFolder(folder / "office")
        certificate_authority.found_authority(self.place.folder, folder / "stick", SECRET, now_ms())
        self.port = mosquitto.free_port()
        self.place.set_up_broker([HOST], self.port, folder / "broker", HOST)
        self.place.certificate("office-collector", folder / "papers")
        self.place.certificate(DESK, self.place.folder)
        self.desk = self.place.desk()
        self.register = self.desk.register
        self._broker: subprocess.Popen[bytes] | None = None
        self._server = enrolment_server.server(
            self.desk, self.place.folder / f"{DESK}.pem", self.place.folder / f"{DESK}.key"
        )
        self._thread: threading.Thread | None = None
        self.address = ""

    def start_broker(self) -> None:
        self._broker = mosquitto.start(self.folder / "broker" / "mosquitto.conf", self.port)

    def open_desk(self) -> None:
        listening = enrolment_server.listen(HOST, 0)
        self.address = f"{HOST}:{listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]})
        self._thread.start()
        wait(lambda: self._server.started, "the desk")

    def file(self, unit: str, *, replaces: bool = False) -> Path:
        known = self.register.expect(unit, "jia", "atm", now_ms())
        return batch_enrolment.file(self.place, self.register, known, self.folder / "files", self.address, 24, replaces)

    def unit(self, name: str) -> Unit:
        return Unit(self.folder / "units" / name)

    def trusted(self, name: str) -> Unit:
        """A unit that came in with a file."""
        unit = self.unit(name)
        assert unit.run("file", str(self.file(name))) == 0
        return unit

    def collector(self) -> BrokerSettings:
        papers = self.folder / "papers"
        return BrokerSettings(
            HOST,
            self.port,
            str(papers / "root.pem"),
            str(papers / "office-collector.pem"),
            str(papers / "office-collector.key"),
            retry_s=0.2,
        )

    def close(self) -> None:
        self._server.should_exit = True
        if self._thread:
            self._thread.join()
        if self._broker:
            self._broker.terminate()
            self._broker.wait()
        self.register.close()


class Unit:
    """A unit's two folders, and the command on it."""

    def __init__(self, folder: Path) -> None:
        self.toml, self.state = folder / "etc" / "unit.toml", folder / "state"
        self.member = UnitTrust(self.state)

    def run(self, *words: str) -> int:
        return main.main("enrol", [*words, "--unit", str(self.toml), "--state", str(self.state)])

    def broker(self, **changed: object) -> BrokerSettings:
        identity = self.member.identity()
        assert identity is not None
        made = BrokerSettings(
            identity.broker.host,
            identity.broker.port,
            str(self.member.root_file),
            str(self.member.certificate),
            retry_s=0.2,
        )
        return msgspec.structs.replace(made, **changed)


class Speaker:
    """A client that writes down what it hears, turned by a thread of its own."""

    def __init__(self, at: BrokerSettings, client_id: str, *filters: str) -> None:
        self.heard: list[MqttMessage] = []
        self.link = BrokerLink(at, client_id, filters, self.heard.append)
        self._over = threading.Event()
        self._to_say: list[tuple[str, bytes]] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.is_set():
            self.link.turn(0.02)
            while self.link.up and self._to_say:
                self.link.publish(*self._to_say.pop(0))
        self.link.close()

    def say(self, topic: str, text: str) -> None:
        self._to_say.append((topic, text.encode()))

    def has(self, topic: str, text: str) -> bool:
        return any(one.topic == topic and one.payload == text.encode() for one in list(self.heard))

    def close(self) -> None:
        self._over.set()
        self._thread.join()


@contextlib.contextmanager
def speaking(*speakers: Speaker):
    try:
        yield speakers
    finally:
        for one in speakers:
            one.close()
