"""The twin of each table of unit.toml: on a serial line of its own, or on pins. What shares a bus: `cctalk_unit`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hardware.drivers.settings.base import MoneyChannels, Table
from hardware.drivers.settings.cards import Crt310, Crt591, Enq, Magstripe, Pn532, Sdt, Wiegand
from hardware.drivers.settings.cash_dispensers import Tray
from hardware.drivers.settings.coins import Dg600fSerial, Pulse
from hardware.drivers.settings.gates import RelayGate
from hardware.drivers.settings.lockers import Solenoid
from hardware.drivers.settings.notes import EsspNotes, EsspPayout, PulseNotes, Ssp
from hardware.drivers.settings.pin_pads import Matrix, SerialPad, SideKeyMatrix, SideKeys
from hardware.drivers.settings.printers import Escpos
from hardware.drivers.settings.scanners import ScannerSettings
from hardware.drivers.settings.unit_fixtures import BuzzerLine, CabinetContacts, DoorLockLine, Lamps
from hardware.twins.cabinet_contacts import ContactsTwin, OutputTwin
from hardware.twins.cash_tray_and_lamps import LampsTwin, TrayTwin
from hardware.twins.coin_pulse import CoinTwin, NotePulseTwin
from hardware.twins.crt310 import Crt310Twin
from hardware.twins.crt591 import Crt591Twin
from hardware.twins.dg600f import Dg600fTwin, InhibitTwin
from hardware.twins.dispenser_enq import EnqTwin
from hardware.twins.escpos import FULL_ROLL, EscposTwin
from hardware.twins.essp import EsspTwin
from hardware.twins.gate import GateTwin
from hardware.twins.gpio_twin import PinTwin
from hardware.twins.keypad import KeypadTwin, SideKeyMatrixTwin, SideKeysTwin
from hardware.twins.locker import LockerTwin
from hardware.twins.magstripe import MagstripeTwin
from hardware.twins.pinpad import SerialPadTwin
from hardware.twins.pn532 import Pn532Twin
from hardware.twins.scanner import ScannerTwin
from hardware.twins.sdt import SdtTwin
from hardware.twins.ssp import DEFAULT_VALUES, SspTwin
from hardware.twins.wiegand import WiegandTwin


def _ssp(table: Ssp | EsspNotes | EsspPayout, money: MoneyChannels) -> SspTwin:
    values = tuple(fen // 100 for fen in money.notes_fen) or DEFAULT_VALUES
    if isinstance(table, Ssp):
        twin = SspTwin(values, table.address)
    else:
        twin = EsspTwin(values, table.address, int(table.key, 16))
    twin.tickets = dict(money.tickets)
    return twin


SERIAL: dict[type[Table], Callable[[Any, MoneyChannels], Any]] = {
    Crt310: lambda table, money: Crt310Twin(),
    Pn532: lambda table, money: Pn532Twin(table.cards),
    Sdt: lambda table, money: SdtTwin(),
    Magstripe: lambda table, money: MagstripeTwin(table.dialect),
    Crt591: lambda table, money: Crt591Twin(address=table.address),
    Enq: lambda table, money: EnqTwin(address=table.line_address.encode()),
    Ssp: _ssp,
    EsspNotes: _ssp,
    EsspPayout: _ssp,
    ScannerSettings: lambda table, money: ScannerTwin(table),
    SerialPad: lambda table, money: SerialPadTwin(table),
    Dg600fSerial: lambda table, money: Dg600fTwin(),
    Escpos: lambda table, money: EscposTwin(FULL_ROLL),
}
PINS: dict[type[Table], Callable[[Any, MoneyChannels], PinTwin]] = {
    Pulse: CoinTwin,
    PulseNotes: NotePulseTwin,
    Wiegand: lambda table, money: WiegandTwin(table),
    Matrix: lambda table, money: KeypadTwin(table),
    Tray: lambda table, money: TrayTwin(table),
    Lamps: lambda table, money: LampsTwin(table),
    RelayGate: lambda table, money: GateTwin(table),
    Solenoid: lambda table, money: LockerTwin(table),
    CabinetContacts: lambda table, money: ContactsTwin(table),
    BuzzerLine: lambda table, money: OutputTwin(table),
    DoorLockLine: lambda table, money: OutputTwin(table),
    SideKeys: lambda table, money: SideKeysTwin(table),
    SideKeyMatrix: lambda table, money: SideKeyMatrixTwin(table),
}
LINES: dict[type[Table], Callable[[Any, Any, Any], PinTwin]] = {Dg600fSerial: InhibitTwin}
"""What stands on pins of a device that has its serial line too: of its table, its serial twin, and that twin's lock."""
