"""The ccTalk wires of a unit as unit.toml lists them: one twin a port, with every device that shares it as a part."""

from __future__ import annotations

from typing import Any

from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.coins import CctalkCoins, CctalkHoppers
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.notes import CctalkBills
from hardware.twins.cctalk import CctalkDevice, CctalkTwin
from hardware.twins.cctalk_bills import BillSlave
from hardware.twins.cctalk_slaves import CoinSlave, HopperSlave, HoppersPart
from hardware.twins.pseudo_terminal import ServedTwin


def wires(devices: DeviceTables, money: MoneyChannels) -> dict[str, CctalkTwin]:
    """Make a twin for each bus, by its port as unit.toml names it."""
    parts: dict[str, dict[str, CctalkDevice]] = {}
    for name, table in devices.named():
        if isinstance(table, CctalkCoins):
            parts.setdefault(table.port, {})[name] = _coins(table, money)
        elif isinstance(table, CctalkHoppers):
            parts.setdefault(table.port, {})[name] = _hoppers(table)
        elif isinstance(table, CctalkBills):
            parts.setdefault(table.port, {})[name] = _bills(table, money)
    for shared in parts.values():
        coins, hoppers = shared.get("coin_acceptor"), shared.get("coin_dispenser")
        if isinstance(coins, CoinSlave) and isinstance(hoppers, HoppersPart):
            coins.fell = hoppers.feed
    return {port: CctalkTwin(shared) for port, shared in parts.items()}


def part(name: str, served: ServedTwin) -> Any:
    """Return the twin of one logical device, whether it has its line alone or shares it."""
    parts = getattr(served.twin, "parts", {})
    return parts.get(name, served.twin)


def _coins(table: CctalkCoins, money: MoneyChannels) -> CoinSlave:
    coins = {int(position): fen for position, fen in table.coins.items()}
    known = coins or {position: fen // table.unit_fen for position, fen in enumerate(money.tokens_fen, 1)}
    return CoinSlave(known, table.address, crc=table.crc)


def _bills(table: CctalkBills, money: MoneyChannels) -> BillSlave:
    bills = {int(kind): fen for kind, fen in table.bills.items()} or dict(
        enumerate(money.notes_fen or (1_000, 2_000, 5_000, 10_000), 1)
    )
    return BillSlave(bills, table.address, crc=table.crc)


def _hoppers(table: CctalkHoppers) -> HoppersPart:
    cup: list[int] = []
    slaves = {
        int(fen): HopperSlave(int(fen), one.stock, cup, one.address, security=one.security, crc=table.crc)
        for fen, one in table.hoppers.items()
    }
    return HoppersPart(slaves, cup, frozenset(int(fen) for fen, one in table.hoppers.items() if one.fed))
