"""The twin of each table of unit.toml: on a serial line of its own, or on pins. (What shares a bus: `cctalk_unit`.)"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hardware.emulators.coins import CoinTwin, NotePulseTwin
from hardware.emulators.crt310 import Crt310Twin
from hardware.emulators.crt591 import Crt591Twin
from hardware.emulators.dg600f import Dg600fTwin, InhibitTwin
from hardware.emulators.dispenser_enq import EnqTwin
from hardware.emulators.escpos import FULL_ROLL, EscposTwin
from hardware.emulators.essp import EsspTwin
from hardware.emulators.gate import GateTwin
from hardware.emulators.keypad import KeypadTwin, SideKeysTwin
from hardware.emulators.locker import LockerTwin
from hardware.emulators.magstripe import MagstripeTwin
from hardware.emulators.panel import ContactsTwin, OutputTwin
from hardware.emulators.pin_twin import PinTwin
from hardware.emulators.pinpad import SerialPadTwin
from hardware.emulators.pn532 import Pn532Twin
from hardware.emulators.scanner import ScannerTwin
from hardware.emulators.sdt import SdtTwin
from hardware.emulators.ssp import DEFAULT_VALUES, SspTwin
from hardware.emulators.tray import LampsTwin, TrayTwin
from hardware.emulators.wiegand import WiegandTwin
from hardware.tables.base import Money, Table
from hardware.tables.cards import Crt310, Crt591, Enq, Magstripe, Pn532, Sdt, Wiegand
from hardware.tables.cash import Tray
from hardware.tables.coins import Dg600fSerial, Pulse
from hardware.tables.gates import Relay
from hardware.tables.lockers import Solenoid
from hardware.tables.notes import EsspNotes, EsspPayout, PulseNotes, Ssp
from hardware.tables.pads import Matrix, SerialPad, SideKeys
from hardware.tables.panel import Buzzer, Contacts, DoorLock, Lamps
from hardware.tables.printers import Escpos
from hardware.tables.scanners import Scanner


def _ssp(table: Ssp | EsspNotes | EsspPayout, money: Money) -> SspTwin:
    values = tuple(fen // 100 for fen in money.notes_fen) or DEFAULT_VALUES
    if isinstance(table, Ssp):
        twin = SspTwin(values, table.address)
    else:
        twin = EsspTwin(values, table.address, int(table.key, 16))
    twin.tickets = dict(money.tickets)
    return twin


SERIAL: dict[type[Table], Callable[[Any, Money], Any]] = {
    Crt310: lambda table, money: Crt310Twin(),
    Pn532: lambda table, money: Pn532Twin(table.cards),
    Sdt: lambda table, money: SdtTwin(),
    Magstripe: lambda table, money: MagstripeTwin(table.dialect),
    Crt591: lambda table, money: Crt591Twin(address=table.address),
    Enq: lambda table, money: EnqTwin(address=table.line_address.encode()),
    Ssp: _ssp,
    EsspNotes: _ssp,
    EsspPayout: _ssp,
    Scanner: lambda table, money: ScannerTwin(table),
    SerialPad: lambda table, money: SerialPadTwin(table),
    Dg600fSerial: lambda table, money: Dg600fTwin(),
    Escpos: lambda table, money: EscposTwin(FULL_ROLL),
}
PINS: dict[type[Table], Callable[[Any, Money], PinTwin]] = {
    Pulse: CoinTwin,
    PulseNotes: NotePulseTwin,
    Wiegand: lambda table, money: WiegandTwin(table),
    Matrix: lambda table, money: KeypadTwin(table),
    Tray: lambda table, money: TrayTwin(table),
    Lamps: lambda table, money: LampsTwin(table),
    Relay: lambda table, money: GateTwin(table),
    Solenoid: lambda table, money: LockerTwin(table),
    Contacts: lambda table, money: ContactsTwin(table),
    Buzzer: lambda table, money: OutputTwin(table),
    DoorLock: lambda table, money: OutputTwin(table),
    SideKeys: lambda table, money: SideKeysTwin(table),
}
LINES: dict[type[Table], Callable[[Any, Any, Any], PinTwin]] = {Dg600fSerial: InhibitTwin}
"""What stands on pins of a device that has its serial line too: of its table, its serial twin, and that twin's lock."""
