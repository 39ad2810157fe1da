"""The office's trust on disk: `STATE/trust` holds the authority, the register and where the broker is."""

from __future__ import annotations

import hashlib
import os
import signal
from pathlib import Path

import msgspec

from kiosk_firmware.office.pki.certificate_authority import Authority
from kiosk_firmware.office.pki.enrolment_desk import EnrolmentDesk
from kiosk_firmware.office.pki.session_termination import SessionTerminator
from kiosk_firmware.office.pki.unit_register import Register, registered_site
from kiosk_firmware.system.durable_files import exclusive_lock, make_folder, write_whole
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.wire import broker_config, enrolment_messages, private_keys, signed_document
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.certificates import Role

DESK = "office-desk"
"""The enrolment desk, a server."""


def collector_name(site: str) -> str:
    """Return the name of a collector's connection: the same at each start, another for other sites."""
    if site == "+":
        return "office-collector"
    ids = ",".join(sorted(one.strip() for one in site.split(",")))
    return f"office-collector-{hashlib.blake2b(ids.encode(), digest_size=4).hexdigest()}"


class FleetBroker(msgspec.Struct, frozen=True):
    """The address of the fleet's broker: as the units reach it, where the office finds its configuration, and its
    pid.
    """

    host: str
    port: int
    folder: str
    pid_file: str


class TrustFolder:
    """Everything under one folder, opened when it is asked for."""

    def __init__(self, state: Path) -> None:
        self.folder = state / "trust"

    @property
    def authority(self) -> Authority:
        """Raises ValueError: none was founded."""
        return Authority(self.folder)

    def site(self) -> FleetBroker:
        """Read the fleet's broker. Raises ValueError: no broker was set up yet."""
        path = self.folder / "broker.json"
        if not path.exists():
            raise ValueError(f"{path}: no broker yet; make its papers with `kiosk office ca broker HOST`")
        return msgspec.json.decode(path.read_bytes(), type=FleetBroker)

    def set_up_broker(self, hosts: list[str], port: int, out: Path, listen: str = "", below: str = "") -> FleetBroker:
        """Write certificate, key, access list and configuration of the broker into `out`; where it is, into our folder.

        `below`: it is that site's own broker, under its relay; ours stays where it is.
        """
        authority, key = self.authority, private_keys.make_key()
        make_folder(out)  # else the key's own folders are made for nobody else's eyes
        text = authority.issue(key.public_key(), "broker", "broker", now_ms(), hosts=[*hosts, "127.0.0.1"])
        private_keys.keep(key, out / "broker.key")
        write_whole(out / "broker.pem", text.encode(), 0o644)
        write_whole(out / "ca.pem", (authority.issuing + authority.root).encode(), 0o644)
        made = FleetBroker(hosts[0], port, str(out.resolve()), str(out.resolve() / "broker.pid"))
        self.publish_list(made)
        broker_config.write(out, port, listen, self.parts(), below)
        if not below:
            write_whole(self.folder / "broker.json", msgspec.json.encode(made))
        return made

    def parts(self) -> dict[str, tuple[str, ...]]:
        """Return the collectors of certain sites and relays that were given certificates, with their sites."""
        path = self.folder / "parts.json"
        return msgspec.json.decode(path.read_bytes(), type=dict[str, tuple[str, ...]]) if path.exists() else {}

    def part(self, name: str, sites: tuple[str, ...], out: Path) -> bool:
        """Write the certificate for a part that is there for certain sites, and its place in the broker's access list.

        Returns:
            Whether the broker was told; else it knows the part from its next start on.

        Raises:
            ValueError: there is no authority or no broker yet.
        """
        made = self.site()
        self.certificate(name, out)
        parts = {**self.parts(), name: sites}
        write_whole(self.folder / "parts.json", msgspec.json.encode(parts))
        broker_config.write_access(Path(made.folder), parts)
        try:
            os.kill(int(Path(made.pid_file).read_text()), signal.SIGHUP)
        except (OSError, ValueError):
            return False
        return True

    def publish_list(self, made: FleetBroker) -> None:
        """Write the revocation list where the broker reads it."""
        broker_config.write_list(Path(made.folder), self.authority.crl)

    def certificate(self, name: str, out: Path) -> None:
        """Write key and chain of a client of the office (the collector, the enrolment desk as a server)."""
        authority, key = self.authority, private_keys.make_key()
        hosts = [self.site().host, "127.0.0.1"] if name == DESK else []
        role: Role = "broker" if hosts else "office"
        private_keys.keep(key, out / f"{name}.key")
        text = authority.issue(key.public_key(), name, role, now_ms(), hosts=hosts)
        write_whole(out / f"{name}.pem", text.encode(), 0o644)
        write_whole(out / "root.pem", authority.root.encode(), 0o644)

    def desk_papers(self) -> tuple[Path, Path]:
        """Return the desk's certificate and key, which the update server shows too; whoever comes first makes them.

        Raises:
            ValueError: there is no authority or no broker yet.
        """
        certificate, key = self.folder / f"{DESK}.pem", self.folder / f"{DESK}.key"
        with exclusive_lock(self.folder / "desk.lock"):  # desk and update server start together
            if not certificate.exists():
                self.certificate(DESK, self.folder)
        return certificate, key

    def seal(self, purpose: str, payload: msgspec.Struct) -> bytes:
        """Sign a document as the office. Raises ValueError: there is no authority yet."""
        key, text = private_keys.load(self.folder / "signer.key"), (self.folder / "signer.pem").read_text()
        return signed_document.seal(purpose, payload, key, text)

    def wanted(self, unit: str, version: int, toml: str) -> bytes:
        """Sign a configuration. Raises ValueError as `seal`."""
        return self.seal(enrolment_messages.WANTED, enrolment_messages.WantedConfig(unit, version, toml))

    def seal_update(self, update: enrolment_messages.Update) -> bytes:
        """Sign a command for a new version. Raises ValueError as `seal`."""
        return self.seal(enrolment_messages.UPDATE, update)

    def site_of(self, unit: str) -> str:
        """Return the site of a unit by the register, "" where it knows none."""
        return registered_site(self.folder / "trust.db", unit)

    def desk(self) -> EnrolmentDesk:
        """Return the desk with its register. Raises ValueError: authority or broker is missing."""
        made, register = self.site(), Register(self.folder / "trust.db")
        dropper = SessionTerminator(self.authority, BrokerSettings("127.0.0.1", made.port), Path(made.pid_file), now_ms)

        def revoked(unit: str) -> None:
            self.publish_list(made)
            dropper.drop(unit, register.revoked(), lambda: self.publish_list(made))

        return EnrolmentDesk(
            self.authority, register, enrolment_messages.BrokerAddress(made.host, made.port), now_ms, revoked
        )
