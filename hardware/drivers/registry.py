"""Make the driver of a `[devices.<logical>]` table; each driver's module is imported only when a unit has such a
device.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from pathlib import Path
from typing import Any

import msgspec

from hardware.drivers.settings import (
    cards,
    cash_dispensers,
    coins,
    gates,
    lockers,
    mdb,
    notes,
    pin_pads,
    printers,
    scanners,
    unit_fixtures,
)
from hardware.drivers.settings.base import MoneyChannels, Table
from kiosk_firmware.core.events import AnyEvent, Device
from kiosk_firmware.core.media import Media
from kiosk_firmware.core.pages import Text


class DriverContext(msgspec.Struct, frozen=True):
    """The surroundings that a driver is made from, besides its table: which logical device it is, where events go, the
    clock, money, the state folder, the pin factory, the run's words, the buses that several drivers share, by port, who
    overhears serial lines, who hears of the cabinet's own contacts, and the key of the centre cards' secrets.
    """

    at: Device
    post: Callable[[AnyEvent], None]
    clock: Callable[[], int]
    money: MoneyChannels
    state: Path
    pins: Callable[[], Any]
    write: Callable[[Text], str]
    buses: dict[str, Any]
    tap: Callable[[str, bytes, bool], None] | None = None
    contact: Callable[[str, bool], None] = lambda name, on: None
    card_key: bytes = b""

    def port(self, path: str, baud: int, stop_bits: int = 1) -> Any:
        """Return the serial port's settings, as `hardware.transport.serial_port` wants them."""
        from hardware.transport.serial_port import PortSettings  # brings pyserial

        name = path if "/" in path or path.startswith("usb:") else str(self.state / path)
        return PortSettings(name, baud, stop_bits=stop_bits, tap=self.tap, label=path)

    def bus(self, path: str, baud: int) -> Any:
        """Return the ccTalk bus behind a port; the first call makes it."""
        from hardware.drivers.cctalk_bus import Bus

        if path not in self.buses:
            self.buses[path] = Bus(self.port(path, baud), self.clock)
        return self.buses[path]


def _recycler(table: notes.EsspNotes | notes.EsspPayout, context: DriverContext, **options: Any) -> Any:
    """Return the device behind the table's port; the role that is made first makes it."""
    from hardware.drivers.recycler_essp import RecyclerEssp  # brings AES when it meets its device

    if table.port not in context.buses:
        context.buses[table.port] = RecyclerEssp(
            context.port(table.port, table.baud, stop_bits=2),
            context.post,
            context.clock,
            key=int(table.key, 16),
            memory=context.state / "recycler.json",
            address=table.address,
            **options,
        )
    return context.buses[table.port]


def _changer(table: mdb.MdbCoins | mdb.MdbTubeSettings, context: DriverContext) -> Any:
    """Return the changer behind the table's port; the role that is made first makes it."""
    from hardware.drivers.mdb_payout import PayingChanger

    if table.port not in context.buses:
        context.buses[table.port] = PayingChanger(
            context.port(table.port, table.baud),
            context.post,
            context.clock,
            tokens_fen=context.money.tokens_fen,
            memory=context.state / "changer.json",
        )
    return context.buses[table.port]


@singledispatch
def make_driver(table: Table, context: DriverContext) -> Any:
    """Return the driver of that table, not started; None for a device that the cabinet plays itself.

    Raises:
        ValueError, OSError: what the driver's wire raises.
    """
    return None


@make_driver.register
def _crt310(table: cards.Crt310, context: DriverContext) -> Any:
    """Make a reader that holds, ejects and retains."""
    from hardware.drivers.card_crt310_holding import HoldingCrt310

    return HoldingCrt310(context.port(table.port, table.baud), context.post, context.clock)


@make_driver.register
def _pn532(table: cards.Pn532, context: DriverContext) -> Any:
    """Make a card reader that only sees, which the cabinet completes; or an ID reader, which need do no more."""
    driver = _tag_reader(table, context)
    if context.card_key:
        from hardware.drivers.card_secret import CardSecrets

        driver.keep_secrets(CardSecrets(context.card_key), table.secret_sector)
    return driver


def _tag_reader(table: cards.Pn532, context: DriverContext) -> Any:
    port, tags = context.port(table.port, table.baud), {uid: Media(number) for uid, number in table.cards.items()}
    if context.at == "id_reader":
        from hardware.drivers.id_pn532 import IdPn532

        return IdPn532(port, context.post, context.clock, tags=tags)
    if table.purse_sector:
        from hardware.drivers.card_stored_value import PursePn532

        key = bytes.fromhex(table.purse_key)
        return PursePn532(port, context.post, context.clock, context.at, tags, sector=table.purse_sector, key=key)
    from hardware.drivers.card_pn532 import CardPn532

    return CardPn532(port, context.post, context.clock, context.at, tags)


@make_driver.register
def _sdt(table: cards.Sdt, context: DriverContext) -> Any:
    """Make a reader that reports practice numbers only."""
    from hardware.drivers.id_sdt import IdSdt

    return IdSdt(context.port(table.port, table.baud), context.post, context.clock, person=table.person)


@make_driver.register
def _crt591(table: cards.Crt591, context: DriverContext) -> Any:
    """Make a dispenser that counts what it dispenses."""
    from hardware.drivers.dispenser_crt591 import DispenserCrt591

    return DispenserCrt591(
        context.port(table.port, table.baud),
        context.post,
        context.clock,
        memory=context.state / "dispenser.json",
        address=table.address,
    )


@make_driver.register
def _enq(table: cards.Enq, context: DriverContext) -> Any:
    """Make a dispenser that counts what it dispenses."""
    from hardware.drivers.dispenser_enq import DispenserEnq

    return DispenserEnq(
        context.port(table.port, table.baud),
        context.post,
        context.clock,
        memory=context.state / "dispenser.json",
        address=table.line_address,
    )


@make_driver.register
def _magstripe(table: cards.Magstripe, context: DriverContext) -> Any:
    """Make a reader that only sees; the cabinet completes it."""
    from hardware.drivers.card_magstripe import CardMagstripe

    return CardMagstripe(context.port(table.port, table.baud), context.post, context.clock, context.at, table.dialect)


@make_driver.register
def _wiegand(table: cards.Wiegand, context: DriverContext) -> Any:
    """Make a reader that only sees; the cabinet completes it."""
    from hardware.drivers.card_wiegand import CardWiegand

    cards = {said: Media(number) for said, number in table.cards.items()}
    return CardWiegand(table, context.post, context.pins(), context.at, cards)


@make_driver.register
def _pcsc(table: cards.Pcsc, context: DriverContext) -> Any:
    """Make a reader that only reads; the cabinet completes it. Raises ValueError where pyscard is not installed."""
    from hardware.drivers.card_pcsc import CardPcsc

    try:
        return CardPcsc(table.reader, context.post, context.at)
    except ImportError as error:
        raise ValueError(f"driver = 'pcsc' needs pyscard ({error}): install training-kiosk[unit,pcsc]") from error


@make_driver.register
def _tray(table: cash_dispensers.Tray, context: DriverContext) -> Any:
    """Make a tray that a person empties."""
    from hardware.drivers.cash_tray import CashTray

    return CashTray(table, context.post, context.pins(), context.state / "tray.json")


@make_driver.register
def _pulse(table: coins.Pulse, context: DriverContext) -> Any:
    """Make an acceptor that counts pulses."""
    from hardware.drivers.coins_pulse import CoinsPulse

    return CoinsPulse(table, context.money, context.post, context.pins(), context.state / "coins.json")


@make_driver.register
def _dg600f_serial(table: coins.Dg600fSerial, context: DriverContext) -> Any:
    """Make an acceptor that reports each coin once."""
    from hardware.drivers.coins_serial import CoinsSerial

    port = context.port(table.port, table.baud)
    memory = context.state / "coins-serial.json"
    return CoinsSerial(table, port, context.money, context.post, context.pins(), context.clock, memory)


@make_driver.register
def _cctalk_coins(table: coins.CctalkCoins, context: DriverContext) -> Any:
    """Make an acceptor that numbers its events."""
    from hardware.drivers.coins_cctalk import CoinsCctalk

    return CoinsCctalk(
        context.bus(table.port, table.baud),
        context.post,
        context.clock,
        tokens_fen=context.money.tokens_fen,
        unit_fen=table.unit_fen,
        coins={int(position): fen for position, fen in table.coins.items()},
        address=table.address,
        crc=table.crc,
        memory=context.state / "coins-cctalk.json",
    )


@make_driver.register
def _cctalk_hoppers(table: coins.CctalkHoppers, context: DriverContext) -> Any:
    """Make hoppers that count what they pay."""
    from hardware.drivers.change_hopper import ChangeHopper

    hoppers = {int(fen): hopper for fen, hopper in table.hoppers.items()}
    return ChangeHopper(
        context.bus(table.port, table.baud),
        hoppers,
        context.post,
        context.clock,
        most=table.most,
        crc=table.crc,
        memory=context.state / "hoppers.json",
    )


@make_driver.register
def _relay(table: gates.RelayGate, context: DriverContext) -> Any:
    """Make a gate that lets one person through and never closes on one."""
    from hardware.drivers.gate_relay import GateRelay

    return GateRelay(table, context.post, context.pins())


@make_driver.register
def _solenoid(table: lockers.Solenoid, context: DriverContext) -> Any:
    """Make a locker that reports whether its door really opened, and when it is shut."""
    from hardware.drivers.locker_solenoid import LockerSolenoid

    return LockerSolenoid(table, context.post, context.pins())


@make_driver.register
def _mdb_coins(table: mdb.MdbCoins, context: DriverContext) -> Any:
    """Make a slot whose tokens go into tubes or box."""
    from hardware.drivers.mdb_roles import MdbSlot

    changer = _changer(table, context)
    changer.coins = {int(kind): fen for kind, fen in table.coins.items()}
    return MdbSlot(changer, context.at)


@make_driver.register
def _mdb_tubes(table: mdb.MdbTubeSettings, context: DriverContext) -> Any:
    """Make tubes that count what they pay."""
    from hardware.drivers.mdb_roles import MdbTubes as Tubes

    return Tubes(_changer(table, context), context.at)


@make_driver.register
def _ssp(table: notes.Ssp, context: DriverContext) -> Any:
    """Make a validator that holds a note in escrow."""
    from hardware.drivers.notes_ssp import NotesSsp

    return NotesSsp(
        context.port(table.port, table.baud, stop_bits=2),
        context.post,
        context.clock,
        tickets=context.money.tickets,
        currency=bool(context.money.notes_fen),
        address=table.address,
        digits=table.ticket_digits,
    )


@make_driver.register
def _essp_notes(table: notes.EsspNotes, context: DriverContext) -> Any:
    """Make a validator that holds a note in escrow and keeps notes to pay with."""
    device = _recycler(
        table,
        context,
        tickets=context.money.tickets,
        currency=bool(context.money.notes_fen),
        digits=table.ticket_digits,
    )
    device.roles.add(context.at)
    return device


@make_driver.register
def _essp_payout(table: notes.EsspPayout, context: DriverContext) -> Any:
    """Make a dispenser that pays with what was taken in."""
    from hardware.drivers.payout_essp import Payout

    device = _recycler(table, context, tickets={})
    device.pays(table.recycled, table.most)
    return Payout(device)


@make_driver.register
def _cctalk_bills(table: notes.CctalkBills, context: DriverContext) -> Any:
    """Make a validator that holds a bill in escrow."""
    from hardware.drivers.notes_cctalk import NotesCctalk

    return NotesCctalk(
        context.bus(table.port, table.baud),
        context.post,
        context.clock,
        notes_fen=context.money.notes_fen,
        country=table.country,
        bills={int(kind): fen for kind, fen in table.bills.items()},
        address=table.address,
        crc=table.crc,
        memory=context.state / "notes-cctalk.json",
    )


@make_driver.register
def _pulse_notes(table: notes.PulseNotes, context: DriverContext) -> Any:
    """Make an acceptor that counts pulses; what is in its box counts as held until it is decided."""
    from hardware.drivers.notes_pulse import NotesPulse

    return NotesPulse(table, context.money, context.post, context.pins(), context.state / "notes-pulse.json")


@make_driver.register
def _matrix(table: pin_pads.Matrix, context: DriverContext) -> Any:
    """Make a pad that keeps the digits to itself."""
    from hardware.drivers.pinpad_matrix import PinPadMatrix

    return PinPadMatrix(table, context.post, context.pins(), context.state)


@make_driver.register
def _serial_pad(table: pin_pads.SerialPad, context: DriverContext) -> Any:
    """Make a pad that keeps the digits to itself."""
    from hardware.drivers.pinpad_serial import PinPadSerial

    return PinPadSerial(table, context.port(table.port, table.baud), context.post, context.state, context.clock)


@make_driver.register
def _contacts(table: unit_fixtures.CabinetContacts, context: DriverContext) -> Any:
    """Make contacts that tell when they change."""
    from hardware.drivers.cabinet_contacts import PanelContacts

    return PanelContacts(table, context.contact, context.pins())


@make_driver.register
def _buzzer(table: unit_fixtures.BuzzerLine, context: DriverContext) -> Any:
    """Make a buzzer with two tones."""
    from hardware.drivers.buzzer_and_lock import Buzzer as Sounds

    return Sounds(table, context.pins())


@make_driver.register
def _door_lock(table: unit_fixtures.DoorLockLine, context: DriverContext) -> Any:
    """Make a lock that shuts by itself."""
    from hardware.drivers.buzzer_and_lock import DoorLock as Opens

    return Opens(table, context.pins())


@make_driver.register
def _escpos(table: printers.Escpos, context: DriverContext) -> Any:
    """Make a printer that reports its paper, cover and cutter."""
    from hardware.drivers.printer_escpos import PrinterEscpos

    columns = printers.COLUMNS[table.profile] if table.columns is None else table.columns
    return PrinterEscpos(
        context.port(table.port, table.baud),
        context.post,
        context.clock,
        context.at,
        context.write,
        columns,
        table.line_ms,
        table.automatic,
    )


@make_driver.register
def _scanner(table: scanners.ScannerSettings, context: DriverContext) -> Any:
    """Make a scanner that looks while the page waits on it."""
    from hardware.drivers.scanner import BarcodeScanner

    return BarcodeScanner(table, context.port(table.port, table.baud), context.post, context.clock)
