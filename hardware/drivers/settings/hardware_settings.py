"""Define what unit.toml says about devices and money: `[devices.<logical>]` and `[money]`.

Each driver has one struct in `hardware/drivers/settings`, told apart by `driver`; a role that is absent has no device.
Checked whole by msgspec (types, unknown keys), then by `problems` for what types cannot say: a pin used twice, a token
that would give a lone pulse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from hardware.drivers.settings.base import MoneyChannels, Table
from hardware.drivers.settings.cards import Crt310, Crt591, Enq, Magstripe, Pcsc, Pn532, Sdt, Wiegand
from hardware.drivers.settings.cash_dispensers import Tray
from hardware.drivers.settings.coins import CctalkCoins, CctalkHoppers, Dg600fSerial, Hopper, Pulse
from hardware.drivers.settings.gates import RelayGate
from hardware.drivers.settings.lockers import Solenoid
from hardware.drivers.settings.mdb import MdbCoins, MdbTubeSettings
from hardware.drivers.settings.notes import CctalkBills, EsspNotes, EsspPayout, PulseNotes, Ssp
from hardware.drivers.settings.pin_pads import Matrix, SerialPad, SideKeyMatrix, SideKeys
from hardware.drivers.settings.printers import Escpos
from hardware.drivers.settings.scanners import ScannerSettings
from hardware.drivers.settings.unit_fixtures import (
    BuzzerLine,
    CabinetContacts,
    DoorLockLine,
    Lamps,
    LinkedPins,
    Pins,
    SimulatedHost,
)
from hardware.drivers.settings.visit_media import CountingEarpiece, DrawnCamera, Earpiece, Microphone, Tone, V4l2Camera
from hardware.transport import port_names
from kiosk_firmware.core import toml_files
from kiosk_firmware.core.validation import explain_error

MEDIA = ("camera", "microphone", "earpiece")
"""What the visit's own process opens, and only while a visit stands: no device of the cabinet."""


class DeviceTables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All `[devices.<logical>]` tables. `tap_reader`: a pad that a practice phone is held to; beside a card reader that
    takes cards in it is for metro cards, too, and machines know both as `card_reader` then.
    """

    card_reader: Crt310 | Pn532 | Magstripe | Wiegand | Pcsc | None = None
    tap_reader: Pn532 | None = None
    id_reader: Pn532 | Sdt | None = None
    note_acceptor: Ssp | EsspNotes | CctalkBills | PulseNotes | None = None
    coin_acceptor: Pulse | Dg600fSerial | CctalkCoins | MdbCoins | None = None
    coin_dispenser: CctalkHoppers | MdbTubeSettings | None = None
    pin_pad: Matrix | SerialPad | None = None
    cash_dispenser: Tray | EsspPayout | None = None
    receipt_printer: Escpos | None = None
    ticket_dispenser: Crt591 | Enq | None = None
    barcode_scanner: ScannerSettings | None = None
    gate: RelayGate | None = None
    parcel_locker: Solenoid | None = None
    camera: V4l2Camera | DrawnCamera | None = None
    microphone: Microphone | Tone | None = None
    earpiece: Earpiece | CountingEarpiece | None = None
    payment_host: SimulatedHost = SimulatedHost()
    lights: Lamps | None = None
    side_keys: SideKeys | SideKeyMatrix | None = None
    contacts: CabinetContacts | None = None
    buzzer: BuzzerLine | None = None
    door_lock: DoorLockLine | None = None
    pins: Pins | LinkedPins = Pins()

    def named(self) -> Iterator[tuple[str, Table]]:
        """Yield every device that the unit has, with its logical name."""
        for name in self.__struct_fields__:
            if (device := getattr(self, name)) is not None:
                yield name, device


class HardwareSettings(msgspec.Struct, frozen=True):
    """Both tables, the folder where drivers keep what must outlive the process (`state`, an absolute path), and the key
    that the secrets of centre cards are made of; empty: a card's number is enough.
    """

    devices: DeviceTables = DeviceTables()
    money: MoneyChannels = MoneyChannels()
    state: str = ""
    card_key: bytes = b""

    def __repr__(self) -> str:
        return f"HardwareSettings({self.state!r})"


def read_settings(unit: Path) -> tuple[DeviceTables, MoneyChannels]:
    """Read and check the two tables of a unit.toml that hardware knows.

    Raises:
        ValueError: a file, key or value that is not allowed; names it.
    """
    tables = toml_files.read_written_toml(unit)
    try:
        own = msgspec.convert(tables, _Own)
    except msgspec.ValidationError as error:
        raise ValueError(f"{unit}: {explain_error(tables, str(error), _Own)}") from error
    if found := problems(own.devices, own.money):
        raise ValueError("\n".join(f"{unit}: {problem}" for problem in found))
    return own.devices, own.money


class _Own(msgspec.Struct, frozen=True):
    """Of the whole file, what is read here."""

    devices: DeviceTables = DeviceTables()
    money: MoneyChannels = MoneyChannels()


def problems(devices: DeviceTables, money: MoneyChannels) -> list[str]:
    """Return what types cannot say: "key = value: what is allowed"; empty is good."""
    found: list[str] = []
    used = Counter(pin for _, pin in pins(devices))
    for key, pin in pins(devices):
        if used[pin] > 1:
            found.append(f"{key} = {pin}: each pin once; this one is used {used[pin]} times")
    found += [text for _, device in devices.named() for text in device.priced(money)]
    found += _port_problems(devices)
    if devices.tap_reader is not None and not isinstance(devices.card_reader, Crt310 | None):
        found.append("devices.tap_reader: allowed alone, or beside devices.card_reader with driver = 'crt310'")
    return found + [f"devices.{name}.{text}" for name, device in devices.named() for text in device.problems()]


def pins(devices: DeviceTables) -> list[tuple[str, int]]:
    """Return every pin in use, as (key, BCM number)."""
    return [(f"devices.{name}.{key}", pin) for name, device in devices.named() for key, pin in device.wired()]


def _port_problems(devices: DeviceTables) -> Iterator[str]:
    """Yield problems of ports: a port has one device, or it is a bus, which has one speed, and each address once."""
    first: dict[str, str] = {}
    addresses: dict[tuple[str, int], str] = {}
    for name, device in devices.named():
        if not (port := getattr(device, "port", "")):
            continue
        if not port_names.sound(port):
            yield f"devices.{name}.port = {port!r}: allowed are {port_names.ALLOWED}"
        other = getattr(devices, first.setdefault(port, name))
        if other is not device and not other.shares(device):
            yield f"devices.{name}.port = {port!r}: each port once; devices.{first[port]} has it already"
        elif device.baud != other.baud:  # type: ignore[attr-defined]
            yield f"devices.{name}.baud = {device.baud}: allowed is {other.baud}, as others on {port!r}"  # type: ignore[attr-defined]
        for key, address in device.addresses():
            whose = addresses.setdefault((port, address), f"devices.{name}.{key}")
            if whose != f"devices.{name}.{key}":
                yield f"devices.{name}.{key} = {address}: each address once on a bus; {whose} has it already"


def full_cabinet(quick: bool = False) -> DeviceTables:
    """Return one of everything on linked pins: a desk's cabinet, and the tests'. `quick`: without pauses
    for realism.
    """
    return DeviceTables(
        card_reader=Crt310(),
        id_reader=Pn532(port="tty-id"),
        note_acceptor=Ssp(),
        coin_acceptor=Pulse(pin=17, inhibit_pin=27, deaf_ms=100 if quick else 1000),
        pin_pad=Matrix(rows=(2, 3, 4, 5), columns=(6, 7, 8, 9)),
        cash_dispenser=Tray(lock_pin=10, beam_pin=11, count_ms=0 if quick else 1500, settle_ms=300),
        coin_dispenser=CctalkHoppers(hoppers={"100": Hopper(3), "500": Hopper(4, stock=100)}),
        receipt_printer=Escpos(line_ms=1 if quick else 40, baud=115_200 if quick else 9600),
        payment_host=SimulatedHost(answer_ms=0 if quick else 900, phone="phone.sock"),
        lights=Lamps(
            slots={
                "card_reader": 12,
                "note_acceptor": 13,
                "coin_acceptor": 16,
                "cash_dispenser": 18,
                "receipt_printer": 19,
                "id_reader": 14,
                "coin_dispenser": 15,
            },
            teacher=26,
        ),
        side_keys=SideKeyMatrix(rows=(20, 21), columns=(22, 23, 24, 25)),
        pins=LinkedPins(),
    )
