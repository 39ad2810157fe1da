"""What unit.toml says about devices and money: `[devices.<logical>]` and `[money]`.

Each driver has one struct, told apart by `driver`; a role that is absent has no device. Checked whole by msgspec
(types, unknown keys), then by `problems` for what types cannot say: a pin used twice, a token that would give a lone
pulse. Pins are BCM numbers. Ports are device files; a name without a slash lies in the unit's state folder (the
twins' names).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec

Gpio = Annotated[int, msgspec.Meta(ge=0, le=27)]
Ms = Annotated[int, msgspec.Meta(ge=0, le=600_000)]
Fen = Annotated[int, msgspec.Meta(ge=1)]


class Device(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="driver"):
    """Base of all `[devices.<logical>]` tables."""


class Crt310(Device, frozen=True, tag="crt310"):
    """Motorised card reader on a serial `port`, at `baud`."""

    port: str = "tty-card"
    baud: int = 9600


class Pn532(Device, frozen=True, tag="pn532"):
    """NFC reader on a serial `port`: sees cards, cannot hold, eject or retain them. `cards`: tag UID (hex) → number."""

    port: str = "tty-nfc"
    baud: int = 115_200
    cards: dict[str, str] = {}


class Ssp(Device, frozen=True, tag="ssp"):
    """Note validator on a serial `port`; practice notes are barcode tickets, valued by `[money] tickets`."""

    port: str = "tty-notes"
    baud: int = 9600
    address: int = 0


class Escpos(Device, frozen=True, tag="escpos"):
    """Receipt printer on a serial `port`; `columns` half-width characters a line, which takes `line_ms`."""

    port: str = "tty-printer"
    baud: int = 9600
    columns: int = 48
    line_ms: Ms = 40


class Pulse(Device, frozen=True, tag="pulse"):
    """Pulse coin acceptor. `pin` counts, `inhibit_pin` refuses tokens while it is not driven active.

    `enabled_level` is the inhibit output's level that lets tokens in; it must be the one that a dead process does not
    give (wire a pull the other way). `inhibit` "power": a relay cuts the 12 V (CH-92x), so the acceptor is deaf for a
    while after. `idle` 1: line high at rest. `width_ms`: nominal pulse width (20, 50, 100; DG600F 25, 45, 65, 100).
    """

    pin: Gpio
    inhibit_pin: Gpio
    enabled_level: Literal[0, 1] = 1
    inhibit: Literal["power", "line"] = "power"
    idle: Literal[0, 1] = 1
    width_ms: Annotated[int, msgspec.Meta(ge=20, le=300)] = 50
    train_gap_ms: Ms = 250
    stuck_ms: Ms = 1000
    deaf_ms: Ms = 1000


class CctalkCoins(Device, frozen=True, tag="cctalk"):
    """ccTalk coin acceptor at `address` on the bus `port`, which hoppers may share.

    `coins`: position 1…16 (as text) → fen; empty: the acceptor's own identities (CN100A), whose unit is worth
    `unit_fen`. Only the values of `[money] tokens_fen` are let in. `crc`: it speaks in CRC mode.
    """

    port: str = "tty-cctalk"
    baud: int = 9600
    address: Annotated[int, msgspec.Meta(ge=2, le=255)] = 2
    coins: dict[str, Fen] = {}
    unit_fen: Fen = 1
    crc: bool = False


class Hopper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One hopper at `address`. `stock`: pieces in it at first. `fed`: the acceptor's sorter drops its tokens into it.
    `security`: what its firmware wants before the count, its `serial` number or eight `zeros`.
    """

    address: Annotated[int, msgspec.Meta(ge=2, le=255)] = 3
    stock: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 200
    fed: bool = False
    security: Literal["serial", "zeros"] = "serial"


class CctalkHoppers(Device, frozen=True, tag="cctalk"):
    """ccTalk hoppers on the bus `port`, which the acceptor may share: they pay tokens into an open cup.

    `hoppers`: fen (as text) → where it is on the bus (`address`), the pieces in it at first (`stock`), whether the
    acceptor's sorter drops its tokens into it (`fed`), and what its firmware wants (`security`: serial, zeros).
    `most`: pieces a time. `crc`: they speak in CRC mode.
    """

    port: str = "tty-cctalk"
    baud: int = 9600
    hoppers: Annotated[dict[str, Hopper], msgspec.Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: {"100": Hopper()}
    )
    most: Annotated[int, msgspec.Meta(ge=1, le=255)] = 100
    crc: bool = False


class Matrix(Device, frozen=True, tag="matrix"):
    """PIN pad as a GPIO matrix. `keys` has one text a row: digits, E = 确认, C = 更正, X = 取消, - = no key."""

    rows: tuple[Gpio, ...]
    columns: tuple[Gpio, ...]
    keys: tuple[str, ...] = ("123X", "456C", "789-", "-0-E")
    debounce_ms: Ms = 30
    scan_ms: Ms = 10


class Tray(Device, frozen=True, tag="tray"):
    """Cash tray: a lock at `lock_pin` and a light barrier at `beam_pin`.

    It is unlocked while the lock's line is at `unlocked_level`, the one that a dead process does not give.
    `beam_clear` is the line's level while light passes; the other level, also of a cut wire, means broken.
    `count_ms`: how long counting takes (realistic: 1500). `stock`: what lies ready, fen (as text) → notes. `most`:
    notes a time.
    """

    lock_pin: Gpio
    beam_pin: Gpio
    unlocked_level: Literal[0, 1] = 1
    beam_clear: Literal[0, 1] = 0
    count_ms: Ms = 1500
    settle_ms: Ms = 300
    stock: dict[str, int] = msgspec.field(default_factory=lambda: {"10000": 60})
    most: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    refill: bool = True
    """Each run begins with the full stock (the teacher puts the practice notes back)."""


class Lamps(Device, frozen=True, tag="lamps"):
    """A lamp by each slot, by logical device, and the one that calls the teacher."""

    slots: dict[str, Gpio] = {}
    teacher: Gpio | None = None


class SideKeys(Device, frozen=True, tag="side_keys"):
    """Eight keys beside the glass: four on the left from the top, then four on the right; closed = low."""

    pins: Annotated[tuple[Gpio, ...], msgspec.Meta(min_length=8, max_length=8)]
    debounce_ms: Ms = 25


class Host(Device, frozen=True, tag="simulated"):
    """The host behind a line: simulated; answers after `answer_ms`."""

    answer_ms: Ms = 900


class Pins(Device, frozen=True, tag="lgpio"):
    """The pins of this Raspberry Pi."""


class LinkedPins(Device, frozen=True, tag="linked"):
    """Mock pins, driven by the twins through a UNIX socket `socket` in the state folder. Never on a unit."""

    socket: str = "pins.sock"


class Devices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All `[devices.<logical>]` tables."""

    card_reader: Crt310 | Pn532 | None = None
    note_acceptor: Ssp | None = None
    coin_acceptor: Pulse | CctalkCoins | None = None
    coin_dispenser: CctalkHoppers | None = None
    pin_pad: Matrix | None = None
    cash_dispenser: Tray | None = None
    receipt_printer: Escpos | None = None
    payment_host: Host = Host()
    lights: Lamps | None = None
    side_keys: SideKeys | None = None
    pins: Pins | LinkedPins = Pins()

    def named(self) -> Iterator[tuple[str, Device]]:
        """Every device that the unit has, with its logical name."""
        for name in self.__struct_fields__:
            if (device := getattr(self, name)) is not None:
                yield name, device


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[money]`: what practice tokens and notes are worth.

    A token is worth pulses × `token_unit_fen`; only the values in `tokens_fen` are credited. `tickets`: the first
    characters of a practice note's barcode → fen. `notes_fen`: the channels of a validator that reads real notes, in
    its order; empty: none.
    """

    token_unit_fen: Fen = 50
    tokens_fen: tuple[Fen, ...] = (100, 500)
    tickets: dict[str, Fen] = msgspec.field(
        default_factory=lambda: {"10000": 10_000, "05000": 5_000, "02000": 2_000, "01000": 1_000}
    )
    notes_fen: tuple[Fen, ...] = ()


class HardwareSettings(msgspec.Struct, frozen=True):
    """Both tables, and the folder where drivers keep what must outlive the process (`state`, an absolute path)."""

    devices: Devices = Devices()
    money: Money = Money()
    state: str = ""


def problems(devices: Devices, money: Money) -> list[str]:
    """What types cannot say: "key = value: what is allowed"; empty is good."""
    found: list[str] = []
    used = Counter(pin for _, pin in pins(devices))
    for key, pin in pins(devices):
        if used[pin] > 1:
            found.append(f"{key} = {pin}: each pin once; this one is used {used[pin]} times")
    unit_fen = money.token_unit_fen
    found += [
        f"money.tokens_fen = {fen}: allowed are multiples of token_unit_fen = {unit_fen}, at least two pulses a token"
        for fen in money.tokens_fen
        if fen % unit_fen or fen // unit_fen < 2
    ]
    found += _bus_problems(devices)
    return found + [text for name, device in devices.named() for text in _device_problems(f"devices.{name}", device)]


def on_bus(device: Device) -> bool:
    """Whether the device's port is a bus that others may share."""
    return isinstance(device, CctalkCoins | CctalkHoppers)


def _bus_problems(devices: Devices) -> Iterator[str]:
    """A bus has one speed, and each address on it once."""
    bauds: dict[str, int] = {}
    addresses: dict[tuple[str, int], str] = {}
    for name, device in devices.named():
        if not isinstance(device, CctalkCoins | CctalkHoppers):
            continue
        if bauds.setdefault(device.port, device.baud) != device.baud:
            yield f"devices.{name}.baud = {device.baud}: allowed is {bauds[device.port]}, as others on {device.port!r}"
        for key, address in bus_addresses(device):
            other = addresses.setdefault((device.port, address), f"devices.{name}.{key}")
            if other != f"devices.{name}.{key}":
                yield f"devices.{name}.{key} = {address}: each address once on a bus; {other} has it already"


def bus_addresses(device: CctalkCoins | CctalkHoppers) -> list[tuple[str, int]]:
    """The addresses of a device on a bus, with their keys."""
    if isinstance(device, CctalkCoins):
        return [("address", device.address)]
    return [(f"hoppers.{fen}.address", hopper.address) for fen, hopper in device.hoppers.items()]


def _device_problems(name: str, device: Device) -> Iterator[str]:
    if isinstance(device, Matrix):
        wanted = (len(device.rows), len(device.columns))
        if len(device.keys) != wanted[0] or any(len(row) != wanted[1] for row in device.keys):
            yield f"{name}.keys = {list(device.keys)}: allowed are {wanted[0]} texts of {wanted[1]} characters each"
        missing = set("0123456789EC") - set("".join(device.keys))
        if missing:
            yield f"{name}.keys = {list(device.keys)}: lacks {''.join(sorted(missing))}"
    if isinstance(device, Tray):
        for value in device.stock:
            if not value.isdecimal() or int(value) < 1:
                yield f"{name}.stock = {value!r}: allowed are values in fen"
    if isinstance(device, CctalkCoins):
        for position in device.coins:
            if not position.isdecimal() or not 1 <= int(position) <= 16:
                yield f"{name}.coins = {position!r}: allowed are positions 1 to 16"
    if isinstance(device, CctalkHoppers):
        for value in device.hoppers:
            if not value.isdecimal() or int(value) < 1:
                yield f"{name}.hoppers = {value!r}: allowed are values in fen"
    if isinstance(device, Pulse) and device.width_ms * 3 >= device.stuck_ms:
        yield f"{name}.stuck_ms = {device.stuck_ms}: allowed is more than three widths ({device.width_ms * 3})"


def pins(devices: Devices) -> list[tuple[str, int]]:
    """Every pin in use, as (key, BCM number)."""
    found: list[tuple[str, int]] = []
    for name, device in devices.named():
        for key, value in msgspec.structs.asdict(device).items():
            found += [(f"devices.{name}.{key}", pin) for pin in _pins_of(key, value)]
    return found


def _pins_of(key: str, value: Any) -> list[int]:
    if key in ("pin", "inhibit_pin", "lock_pin", "beam_pin", "teacher"):
        return [value] if value is not None else []
    if key in ("rows", "columns", "pins") and isinstance(value, tuple):  # a printer's columns are no pins
        return list(value)
    if key == "slots":
        return list(value.values())
    return []


def full_cabinet(quick: bool = False) -> Devices:
    """One of everything on linked pins: a desk's cabinet, and the tests'. `quick`: without pauses for realism."""
    return Devices(
        card_reader=Crt310(), note_acceptor=Ssp(),
        coin_acceptor=Pulse(pin=17, inhibit_pin=27, deaf_ms=100 if quick else 1000),
        pin_pad=Matrix(rows=(2, 3, 4, 5), columns=(6, 7, 8, 9)),
        cash_dispenser=Tray(lock_pin=10, beam_pin=11, count_ms=0 if quick else 1500, settle_ms=300),
        coin_dispenser=CctalkHoppers(),
        receipt_printer=Escpos(line_ms=1 if quick else 40, baud=115_200 if quick else 9600),
        payment_host=Host(answer_ms=0 if quick else 900),
        lights=Lamps(
            slots={
                "card_reader": 12, "note_acceptor": 13, "coin_acceptor": 16, "cash_dispenser": 18,
                "receipt_printer": 19,
            },
            teacher=1,
        ),
        side_keys=SideKeys(pins=(20, 21, 22, 23, 24, 25, 26, 0)),
        pins=LinkedPins(),
    )
