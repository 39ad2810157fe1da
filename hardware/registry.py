"""Which driver class stands behind a `[devices.<logical>]` table. Each is imported only when a unit has such a
device.

A maker gets the table and a `Kit`, and returns a driver that is not started yet. Absent roles and stand-ins have no
maker.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec

from hardware.settings import CctalkCoins, CctalkHoppers, Crt310, Device, Escpos, Matrix, Money, Pn532, Pulse, Ssp, Tray
from kiosk_firmware.core.effects import AnyEffect
from kiosk_firmware.core.events import AnyEvent, Media
from kiosk_firmware.core.pages import Text


class Driver(Protocol):
    """What the cabinet asks of every driver. All calls may come from any thread and none blocks."""

    CAN: frozenset[str]

    def start(self) -> None:
        """Take the wire and begin; raises where there is none."""

    def stop(self) -> None:
        """Let it go; twice is fine."""

    def perform(self, effect: AnyEffect) -> None:
        """Begin the effect; one event with its ref follows."""

    def enable(self, on: bool) -> None:
        """Whether the page waits on this device."""

    def health(self) -> dict[str, Any]:
        """Counters and state, as JSON values."""


class Kit(msgspec.Struct, frozen=True):
    """What makers need: where events go, the clock, money, the state folder, the pin factory, the run's words, and
    the buses that several drivers share, by port.
    """

    post: Callable[[AnyEvent], None]
    clock: Callable[[], int]
    money: Money
    state: Path
    pins: Callable[[], Any]
    write: Callable[[Text], str]
    buses: dict[str, Any] = msgspec.field(default_factory=dict)


def _port(path: str, kit: Kit, baud: int, stop_bits: int = 1) -> Any:
    from hardware.ports import PortSettings  # brings pyserial

    return PortSettings(path if "/" in path else str(kit.state / path), baud, stop_bits=stop_bits)


def _crt310(device: Crt310, kit: Kit) -> Any:
    from hardware.devices.card_holding import HoldingCrt310

    return HoldingCrt310(_port(device.port, kit, device.baud), kit.post, kit.clock)


def _pn532(device: Pn532, kit: Kit) -> Any:
    from hardware.devices.card_pn532 import CardPn532

    tags = {uid: Media(number) for uid, number in device.cards.items()}
    return CardPn532(_port(device.port, kit, device.baud), kit.post, kit.clock, tags=tags)


def _ssp(device: Ssp, kit: Kit) -> Any:
    from hardware.devices.notes_ssp import NotesSsp

    return NotesSsp(
        _port(device.port, kit, device.baud, stop_bits=2), kit.post, kit.clock, tickets=kit.money.tickets,
        currency=bool(kit.money.notes_fen), address=device.address,
    )


def _escpos(device: Escpos, kit: Kit) -> Any:
    from hardware.devices.printer_escpos import PrinterEscpos

    port = _port(device.port, kit, device.baud)
    return PrinterEscpos(
        port, kit.post, kit.clock, render=kit.write, columns=device.columns, line_ms=device.line_ms
    )


def _pulse(device: Pulse, kit: Kit) -> Any:
    from hardware.devices.coins_pulse import CoinsPulse

    return CoinsPulse(device, kit.money, kit.post, kit.pins(), kit.state / "coins.json")


def _bus(device: CctalkCoins | CctalkHoppers, kit: Kit) -> Any:
    from hardware.devices.cctalk_bus import Bus

    if device.port not in kit.buses:
        kit.buses[device.port] = Bus(_port(device.port, kit, device.baud), kit.clock)
    return kit.buses[device.port]


def _cctalk_coins(device: CctalkCoins, kit: Kit) -> Any:
    from hardware.devices.coins_cctalk import CoinsCctalk

    return CoinsCctalk(
        _bus(device, kit), kit.post, kit.clock, tokens_fen=kit.money.tokens_fen, unit_fen=device.unit_fen,
        coins={int(position): fen for position, fen in device.coins.items()}, address=device.address,
        crc=device.crc, memory=kit.state / "coins-cctalk.json",
    )


def _cctalk_hoppers(device: CctalkHoppers, kit: Kit) -> Any:
    from hardware.devices.change_hopper import ChangeHopper

    hoppers = {int(fen): hopper for fen, hopper in device.hoppers.items()}
    return ChangeHopper(
        _bus(device, kit), hoppers, kit.post, kit.clock, most=device.most, crc=device.crc,
        memory=kit.state / "hoppers.json",
    )


def _matrix(device: Matrix, kit: Kit) -> Any:
    from hardware.devices.pinpad_matrix import PinPadMatrix

    return PinPadMatrix(device, kit.post, kit.pins(), kit.state)


def _tray(device: Tray, kit: Kit) -> Any:
    from hardware.devices.tray import CashTray

    return CashTray(device, kit.post, kit.pins(), kit.state / "tray.json")


MAKERS: dict[type[Device], Callable[[Any, Kit], Any]] = {
    Crt310: _crt310, Pn532: _pn532, Ssp: _ssp, Escpos: _escpos, Pulse: _pulse, Matrix: _matrix, Tray: _tray,
    CctalkCoins: _cctalk_coins, CctalkHoppers: _cctalk_hoppers,
}


def make(device: Device, kit: Kit) -> Driver | None:
    """The driver for this table, not started; None for a stand-in. Raises what the driver's wire raises."""
    maker = MAKERS.get(type(device))
    driver: Driver | None = maker(device, kit) if maker else None
    return driver
