"""The demo's private folder: the unit's settings, ports, practice cards with their PIN slips.

All of it is kept between starts, so that a second start shows history. What a person changes in `unit.toml` stands;
only the broker's port is moved when somebody else has it. The practice PINs lie in `slips.json`, for the front panel
to show as the paper slips that a centre would hand out; the PIN pad itself keeps keyed hashes only.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from hardware.drivers.practice_pin_store import PinStore, weak
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.hosts.bank import Card
from kiosk_firmware.core.pages import Text
from kiosk_firmware.settings import unit_toml
from kiosk_firmware.settings.unit_toml import UnitSettings
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.tools.demo.mosquitto import free_port
from kiosk_firmware.unit.runtime.run_facts import pseudonym
from kiosk_firmware.unit.shell import practice_cards as slips
from kiosk_firmware.unit.shell.environment import SystemClock
from kiosk_firmware.unit.shell.practice_cards import PracticeCard
from kiosk_firmware.unit.shell.supervisor_lock import SupervisorLock

HOST = "127.0.0.1"
FIRST_PORT = 8080
TRIES = 200
SUPERVISOR = "9900990000000017"
"""The number of the demo's supervisor's card."""
LEARNER = "9900700000000932"
"""The centre card of learner l-000932."""
LONGEST_PATH = 80
"""Of the folder: sockets lie in it, and their paths may have 107 bytes."""


class PlaceError(RuntimeError):
    """The folder or a port cannot be used; the message says which, and why."""


def default_folder() -> Path:
    """Return where the demo keeps its state: under $XDG_STATE_HOME, else ~/.local/state."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".local" / "state") / "kiosk-demo"


class DemoFolder:
    """The folder, held by one demo at a time."""

    def __init__(self, folder: Path) -> None:
        """Make it, private, and lock it. Raises PlaceError."""
        self.folder = folder.expanduser().absolute()
        self.unit_file, self.unit = self.folder / "unit.toml", self.folder / "unit"
        self.ticket = ""
        self.log, self.office, self.broker = (self.folder / name for name in ("log", "office", "broker"))
        if len(os.fsencode(self.folder)) > LONGEST_PATH:
            raise PlaceError(f"{self.folder}: too long a path for sockets; allowed are {LONGEST_PATH} bytes")
        try:
            for path in (self.folder, self.unit, self.log, self.office, self.broker):
                path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
            self._lock: IO[str] = (self.folder / "lock").open("w")
        except OSError as error:
            raise PlaceError(f"{self.folder}: {error}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise PlaceError(f"{self.folder}: another demo runs from this folder; give --state another one") from None

    def ticket_file(self) -> Path:
        """Make a fresh ticket for one life of the office, good once, in a file that only this user reads."""
        self.ticket = secrets.token_urlsafe(18)
        path = self.office / "ticket"
        path.touch(mode=0o600)
        path.write_text(self.ticket, "ascii")
        return path

    def close(self) -> None:
        """Let go of the folder; twice is fine."""
        self._lock.close()

    def unit_settings(self, kind: str) -> UnitSettings:
        """Return the unit's settings, written to `unit.toml` where they are new or the broker's port had to move. A
        file that this version cannot read is put aside.
        """
        held = self._held()
        made = held or _fresh(kind)
        if not held or not _is_free(made.broker.port):
            made = msgspec.structs.replace(made, broker=msgspec.structs.replace(made.broker, port=free_port()))
        made = _shown(made)
        if made != held:
            write_whole(self.unit_file, unit_toml.settings_toml(made).encode())
        return made

    def _held(self) -> UnitSettings | None:
        if not self.unit_file.exists():
            return None
        try:
            return unit_toml.read_settings(self.unit_file)
        except ValueError:
            self.unit_file.replace(self.unit_file.with_suffix(".toml.old"))
            return None

    def learner(self, made: UnitSettings) -> str:
        """Return the pseudonym of the demo's learner, as the office knows them."""
        return pseudonym(unit_toml.site_key(made, self.unit), f"l-{LEARNER[-6:]}")

    def practice_slips(self) -> tuple[PracticeCard, ...]:
        """Return the practice cards with their PINs; made once, and known to the PIN pad."""
        held = {slip.number: slip for slip in slips.read_slips(self.unit)}
        made = tuple(held.get(card.number) or _slip(card) for card in practice_cards())
        learner = PracticeCard(LEARNER, _pin(), "learner", {"zh": "学员卡", "en": "Learner"})
        made += (held.get(LEARNER) or learner, self._supervisors(held.get(SUPERVISOR)))
        store = PinStore(self.unit)
        for slip in made:
            if slip.number not in held or not store.knows(slip.number):
                store.set(slip.number, slip.pin)
        if list(made) != list(held.values()):
            slips.write(self.unit, made)
        return made

    def _supervisors(self, held: PracticeCard | None) -> PracticeCard:
        """Return a supervisor's card and, on its slip, the code: made once, as commissioning would, and known to the
        lock.
        """
        lock = SupervisorLock(self.unit, SystemClock().utc_ms)
        if held is not None and lock.knows("code"):
            return held
        made = PracticeCard(SUPERVISOR, _pin(), "supervisor", {"zh": "值班卡", "en": "Supervisor"})
        lock.set("card", 1, bytearray(made.number.encode()))
        lock.set("code", 1, bytearray(made.pin.encode()))
        return made


def practice_cards() -> tuple[Card, ...]:
    """Return every card of the people who can be practised as, once."""
    people = machine_loader.personas().values()
    return tuple({card.number: card for person in people for card in person.cards}.values())


def _fresh(kind: str) -> UnitSettings:
    """Return the settings of a desk's unit with one of everything, the twins at the other end of its wires."""
    made = unit_toml.check_settings(tomllib.loads(unit_toml.example("demo")), "demo")
    unit = msgspec.structs.replace(made.unit, id="demo-001", site="demo", kind=kind)
    if kind != "all-in-one":
        unit = msgspec.structs.replace(unit, machines=(kind,))
    return msgspec.structs.replace(made, unit=unit)


def _shown(made: UnitSettings) -> UnitSettings:
    """Return the settings with glass pictures always on, as in the demo."""
    return msgspec.structs.replace(made, telemetry=msgspec.structs.replace(made.telemetry, glass_always=True))


def _slip(card: Card) -> PracticeCard:
    return PracticeCard(card.number, _pin(), card.bank, _bank_name(card.bank), card.expires, card.chip)


def _pin() -> str:
    """Return six digits that no bank would call weak."""
    while weak(digits := bytearray(f"{secrets.randbelow(1_000_000):06d}".encode())):
        pass
    return digits.decode()


def _bank_name(bank: str) -> dict[str, str]:
    words = machine_loader.machine_texts("atm", bank if bank in machine_loader.skins("atm") else "")
    return {language: words.write(Text("bank.name"), language) for language in machine_loader.LANGUAGES}


# -- ports -------------------------------------------------------------------------------------------------------------


def office_port(wanted: int | None) -> int:
    """Return the port of the office's pages: the wanted one, else the first free one from 8080. Raises PlaceError."""
    candidates: Iterable[int] = (wanted,) if wanted else range(FIRST_PORT, FIRST_PORT + TRIES)
    found = next(_free(candidates), None)
    if found is None:
        raise PlaceError(f"port {wanted} of {HOST} is taken" if wanted else f"no free port of {HOST} from {FIRST_PORT}")
    return found


def _free(ports: Iterable[int]) -> Iterator[int]:
    return (port for port in ports if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
