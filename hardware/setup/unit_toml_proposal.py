"""From what answered at which port to the tables of unit.toml: a proposal for a person to read, not a decision.

The theory. Each port has a name that stays (`naming.bound`) and somebody who answered (`probing`). The first device of
a role takes it; another of the same kind takes another role that its driver can serve (a second PN532 reads ID cards)
or is left over, and said. Addresses on a bus are written down; what no probe can know (what a hopper pays) is a remark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.setup.port_probing import ProbedDevice


class UnitTomlProposal(msgspec.Struct, frozen=True):
    """*tables*: role → what unit.toml would say; *remarks*: what a person must see to."""

    tables: dict[str, dict[str, Any]]
    remarks: tuple[str, ...] = ()

    def toml(self) -> str:
        """Return the tables as they would stand in the file."""
        return "\n".join(table_toml(role, table) for role, table in self.tables.items())


def propose_tables(found: Mapping[str, Iterable[ProbedDevice]]) -> UnitTomlProposal:
    """Propose tables for *found*: a port's lasting name → who answered there."""
    tables: dict[str, dict[str, Any]] = {}
    remarks: list[str] = []
    for port, identities in found.items():
        for one in identities:
            role = next((role for role in _roles(one) if _free(role, one, port, tables)), None)
            if role is None:
                remarks.append(f"{port}: {one.words}; every place for such a device is taken")
                continue
            tables[role] = _table(one, port, tables.get(role, {}))
            if role == "coin_dispenser" and one.driver == "cctalk":
                remarks.append(f"{role}: say in `hoppers` what the hopper at address {one.address} pays, fen")
    return UnitTomlProposal(tables, tuple(dict.fromkeys(remarks)))


def drivers(role: str) -> tuple[str, ...]:
    """Return the drivers that a role may have."""
    field = next((one for one in msgspec.structs.fields(DeviceTables) if one.name == role), None)
    kinds = msgspec.inspect.type_info(field.type) if field is not None else None
    members = kinds.types if isinstance(kinds, msgspec.inspect.UnionType) else (kinds,)
    return tuple(str(kind.tag) for kind in members if isinstance(kind, msgspec.inspect.StructType))


def _roles(one: ProbedDevice) -> Iterator[str]:
    yield one.role
    for role in DeviceTables.__struct_fields__:
        if role != one.role and one.driver in drivers(role) and not one.address:
            yield role


def _free(role: str, one: ProbedDevice, port: str, tables: Mapping[str, dict[str, Any]]) -> bool:
    if one.driver not in drivers(role):
        return False
    return role not in tables or (role == "coin_dispenser" and tables[role]["port"] == port)


def _table(one: ProbedDevice, port: str, before: dict[str, Any]) -> dict[str, Any]:
    table: dict[str, Any] = {"driver": one.driver, "port": port, "baud": one.baud}
    if one.role == "coin_dispenser" and one.driver == "cctalk":
        known = before.get("hoppers", {})
        return {**table, "hoppers": {**known, str(100 * 5 ** len(known)): {"address": one.address}}}
    return {**table, **one.settings, **({"address": one.address} if one.address else {})}


def table_toml(role: str, table: Mapping[str, Any]) -> str:
    """Write a device's table as it would stand in unit.toml."""
    rows = (f"{key} = {_value(value)}" for key, value in table.items())
    return "\n".join((f"[devices.{role}]", *rows)) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    return msgspec.json.encode(value).decode()


def _key(key: str) -> str:
    return key if key.isidentifier() else f'"{key}"'
