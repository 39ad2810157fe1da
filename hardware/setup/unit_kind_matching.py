"""Match found devices to the parts of a kind of unit: pure, from what answered to what unit.toml will say.

The kind's template says which parts there are and with which drivers. Whoever answered takes the part that wants
exactly its driver, else one that can do with it. Two that could both be the same part are never chosen between: a
person unplugs one. What cannot be asked who it is (pins, text scanners) stays as the template has it; if one such part
is left and one port where nobody answers, they belong together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from hardware.drivers.settings.base import Table
from hardware.drivers.settings.hardware_settings import MEDIA, DeviceTables
from hardware.setup import port_probing
from hardware.setup.port_probing import ProbedDevice
from hardware.setup.unit_toml_proposal import drivers

State = Literal["waiting", "found", "double", "pins", "given"]
NOT_PARTS = ("payment_host", "pins", *MEDIA)


class MatchedPart(msgspec.Struct, frozen=True):
    """A part of the unit: found at a port; on pins; given (its port stands in the template, nobody can ask it); waiting
    to be plugged in; or double: `ports` are all that answered.
    """

    role: str
    driver: str
    state: State
    ports: tuple[str, ...] = ()
    name: str = ""
    pins: tuple[int, ...] = ()


class KindMatch(msgspec.Struct, frozen=True):
    """`devices`: the template with every found part in its place; `extra`: who answered and is no part of this kind."""

    devices: DeviceTables
    parts: tuple[MatchedPart, ...]
    extra: tuple[str, ...] = ()


def match_ports(template: DeviceTables, found: Mapping[str, Sequence[ProbedDevice]]) -> KindMatch:
    """Place what answered (a port's lasting name → who answered there)."""
    asked = {probe.driver for probe in port_probing.PROBES}
    answers = [(port, one) for port, all_ in found.items() for one in all_]
    wanted = {role: table for role, table in template.named() if role not in NOT_PARTS}
    places = _places(wanted, answers)
    devices, parts = template, list[MatchedPart]()
    for role, table in wanted.items():
        mine = places.get(role, [])
        part = _part(role, table, mine, asked)
        parts.append(part)
        if part.state == "found":
            devices = msgspec.structs.replace(devices, **{role: _fill_table(table, role, mine)})
    parts, devices = _silent(parts, devices, [port for port, all_ in found.items() if not all_])
    used = {id(one) for mine in places.values() for _, one in mine}
    extra = tuple(f"{port}: {one.words}" for port, one in answers if id(one) not in used)
    return KindMatch(devices, tuple(parts), extra)


def _silent(
    parts: list[MatchedPart], devices: DeviceTables, ports: list[str]
) -> tuple[list[MatchedPart], DeviceTables]:
    """Place the one part that cannot be asked at the one port that says nothing; with more of either nobody
    can tell.
    """
    given = [part for part in parts if part.state == "given"]
    if len(given) != 1 or len(ports) != 1:
        return parts, devices
    table = msgspec.structs.replace(getattr(devices, given[0].role), port=ports[0])
    placed = msgspec.structs.replace(given[0], ports=(ports[0],))
    return [placed if part is given[0] else part for part in parts], msgspec.structs.replace(
        devices, **{given[0].role: table}
    )


def without(template: DeviceTables, roles: Iterable[str]) -> DeviceTables:
    """Return the template without the parts that this unit does not have."""
    return msgspec.structs.replace(template, **dict.fromkeys(roles))


Answer = tuple[str, ProbedDevice]


def _places(wanted: Mapping[str, Table], answers: list[Answer]) -> dict[str, list[Answer]]:
    """Return role → the answers that could be it. The template's own driver goes first; then whatever the role can do
    with.
    """
    left, places = list(answers), dict[str, list[Answer]]()
    for exact in (True, False):
        for driver in dict.fromkeys(one.driver for _, one in left):
            mine = [answer for answer in left if answer[1].driver == driver]
            roles = [role for role in wanted if role not in places and _can(role, wanted[role], driver, mine, exact)]
            for role, group in _share_answers(roles, mine):
                places[role] = group
                left = [answer for answer in left if answer not in group]
    return places


def _can(role: str, table: Table, driver: str, mine: list[Answer], exact: bool) -> bool:
    if any(one.address for _, one in mine) and not any(one.role == role for _, one in mine):
        return False  # on a bus each says what it is
    return _tag(table) == driver if exact else driver in drivers(role) and bool(getattr(table, "port", ""))


def _share_answers(roles: list[str], mine: list[Answer]) -> Iterator[tuple[str, list[Answer]]]:
    """Share answers of one driver among the roles that want it: by what they say they are on a bus, else one each, in
    the order of ports; more than there are roles: the last role has them all, and is double.
    """
    if any(one.address for _, one in mine):
        for role in roles:
            yield role, [answer for answer in mine if answer[1].role == role]
        return
    for at, role in enumerate(roles[: len(mine)]):
        last = at == len(roles) - 1
        yield role, mine[at:] if last else mine[at : at + 1]


def _part(role: str, table: Table, mine: list[Answer], asked: set[str]) -> MatchedPart:
    driver, pins = _tag(table), tuple(pin for _, pin in table.wired())
    ports = tuple(dict.fromkeys(port for port, _ in mine))
    if not hasattr(table, "port"):
        return MatchedPart(role, driver, "pins", pins=pins)
    if not mine:
        return MatchedPart(role, driver, "waiting" if driver in asked else "given", (str(table.port),), pins=pins)
    first = mine[0][1]
    bus = len(ports) == 1
    name = " ".join(part for part in (first.maker, first.model, first.firmware) if part)
    return MatchedPart(role, first.driver, "found" if bus else "double", ports, name, pins)


def _fill_table(table: Table, role: str, mine: list[Answer]) -> Table:
    """Return the part's table with what was found out; another driver than the template's brings its own defaults."""
    port, one = mine[0]
    told: dict[str, Any] = {"port": port, "baud": one.baud}
    if one.address and hasattr(table, "address"):
        told["address"] = one.address
    if _tag(table) == one.driver:
        return msgspec.structs.replace(table, **told)
    field = next(field for field in msgspec.structs.fields(DeviceTables) if field.name == role)
    made: Table = msgspec.convert({"driver": one.driver, **told}, field.type)
    return made


def _tag(table: Table) -> str:
    return str(type(table).__struct_config__.tag)
