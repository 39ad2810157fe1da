"""Describe a kind's loom: supplies, fuses, grounds, connectors, and wires with colour and cross-section.

Pins come from unit.toml and boards.toml; power, and what stands between a pin and its part, from parts.toml. `text` is
a WireViz harness (`loom.yml`), which WireViz draws (`loom.svg`) and counts (`loom.bom.tsv`); `table` is the list that
one ticks wire by wire (`loom.md`). Colours are IEC 60757's, fuses have IEC 60127's values and say how thick a wire is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import msgspec

from deploy.unit.unit_kinds import KindPart, parts
from hardware.setup import reference_boards

FUSES = (0.5, 1.0, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3)
"""Slow-blow fuses that are easy to have, A."""
MARGIN = 1.25
"""A fuse is the next one above the peak by so much; a supply gives the sum of its peaks by so much."""
GAUGES = ((1.0, 0.25), (3.15, 0.5), (5.0, 0.75), (6.3, 1.0))
"""Up to that fuse (A) a copper wire of that cross-section (mm²)."""
SIGNAL_MM2, GROUND_MM2 = 0.14, 0.5
SUPPLY_COLOUR = {5: "RD", 12: "YE", 24: "VT"}
SIGNAL_COLOURS = ("WH", "BN", "GN", "BU", "GY", "PK", "TQ", "OG")
LEGEND = (
    "WH 白 · BN 棕 · GN 绿 · BU 蓝 · GY 灰 · PK 粉 · TQ 青 · OG 橙 · "
    "RD 红 (5 V) · YE 黄 (12 V) · VT 紫 (24 V) · BK 黑 (0 V)"
)
LENGTH_M = 0.5
"""Of each piece; a PIN pad's cable may not be longer."""

End = tuple[str, tuple[str, ...]]
"""A connector and its terminals, in the order of the wires."""


class Connector(msgspec.Struct, frozen=True):
    """A connector with its terminals; `subtype` says how it plugs, or the role of the part."""

    type: str
    pins: tuple[str, ...]
    subtype: str = ""


class Cable(msgspec.Struct, frozen=True):
    """Wires from one end to the other: a colour a wire; `mm2` 0 for a cable that is bought whole."""

    name: str
    colours: tuple[str, ...]
    mm2: float
    one: End
    other: End


class Loom(msgspec.Struct, frozen=True):
    """All connectors by name, and the cables between them."""

    connectors: dict[str, Connector]
    cables: tuple[Cable, ...]


def loom(kind: str) -> Loom:
    """Return the loom of a kind."""
    found = [part for part in parts(kind) if part.pins or part.port or part.about.power]
    volts = sorted({volts for part in found for volts, _ in part.about.power})
    connectors = {"J1": _header(found), "USB": _usb(found)} | {f"PS{at}": _supply(found, at) for at in volts}
    cables: list[Cable] = []
    grounds = cycle(reference_boards.header().ground)
    for number, part in enumerate(found, 1):
        connectors[f"X{number}"] = Connector(f"{part.about.zh} {part.about.en}", _terminals(part), part.role)
        if part.pins:
            cables.append(_signals(number, part, grounds))
        if part.port:
            cables.append(Cable(f"U{number}", ("",), 0, ("USB", (part.port,)), (f"X{number}", ("data",))))
        for at, amps in part.about.power:
            connectors[f"F{number}_{at}"] = Connector(f"Fuse {fuse_a(amps):g} A, slow 慢断保险丝", ("in", "out"))
            cables += _power(number, at, gauge_mm2(fuse_a(amps)))
    if volts:
        connectors["T0"] = Connector("Terminal block 0 V 零伏端子排", (*(f"0 V of {at} V" for at in volts), "GND"))
        cables += [_ground(at) for at in volts]
        cables.append(Cable("G0", ("BK",), GROUND_MM2, ("T0", ("GND",)), ("J1", (f"GND ({next(grounds)})",))))
    return Loom(connectors, tuple(cables))


def fuse_a(peak_a: float) -> float:
    """Return the fuse for a peak. Raises ValueError: it is above what the loom carries."""
    for fuse in FUSES:
        if fuse >= peak_a * MARGIN:
            return fuse
    raise ValueError(f"power: {peak_a:g} A: allowed are up to {FUSES[-1] / MARGIN:g} A")


def gauge_mm2(fuse: float) -> float:
    """Return the cross-section that such a fuse protects."""
    return next(mm2 for most, mm2 in GAUGES if fuse <= most)


def supply_a(found: list[KindPart], volts: int) -> float:
    """Return what the supply of that voltage must give: the sum of the peaks with MARGIN, rounded up to an ampere."""
    return float(-(-sum(amps for part in found for at, amps in part.about.power if at == volts) * MARGIN // 1))


def _header(found: list[KindPart]) -> Connector:
    pins = [_place(pin) for part in found for _, pin in part.pins]
    grounds = [f"GND ({place})" for place in reference_boards.header().ground]
    return Connector("Raspberry Pi 40-pin header 主板排针", (*pins, *grounds), "2.54 mm, female 母头")


def _place(pin: int) -> str:
    return f"GPIO{pin} ({reference_boards.header().place[pin]})"


def _usb(found: list[KindPart]) -> Connector:
    return Connector("USB, adapters USB 口和转接器", tuple(dict.fromkeys(part.port for part in found if part.port)))


def _supply(found: list[KindPart], volts: int) -> Connector:
    return Connector(f"Supply {volts} V, {supply_a(found, volts):g} A 电源", (f"+{volts} V", "0 V"))


def _terminals(part: KindPart) -> tuple[str, ...]:
    signals = [_terminal(part, at) for at in range(len(part.pins))]
    power = [name for volts, _ in part.about.power for name in (f"+{volts} V", f"0 V of {volts} V")]
    return (*signals, *(["GND"] if signals and not _is_matrix(part) else []), *(["data"] if part.port else []), *power)


def _is_matrix(part: KindPart) -> bool:
    """Return whether the part is a matrix: rows and columns need no ground."""
    return {key for key, _ in part.pins} == {"rows", "columns"}


def _terminal(part: KindPart, at: int) -> str:
    """Return the part's terminal for its pin number `at`: the setting's key (counted if there are more), what is
    between.
    """
    keys = [key for key, _ in part.pins]
    key = keys[at]
    name = f"{key} {keys[: at + 1].count(key)}" if keys.count(key) > 1 else key
    via = part.about.via.get(key) or part.about.via.get(key.split(".")[0])
    return f"{name}, via {via}" if via else name


def _signals(number: int, part: KindPart, grounds: Iterator[int]) -> Cable:
    """Return the cable of the part's signals, and the next ground where it needs one."""
    pins, colours = [_place(pin) for _, pin in part.pins], [*islice(cycle(SIGNAL_COLOURS), len(part.pins))]
    ground = [] if _is_matrix(part) else [f"GND ({next(grounds)})"]
    here, colours = (*pins, *ground), [*colours, *(["BK"] if ground else [])]
    return Cable(f"W{number}", tuple(colours), SIGNAL_MM2, ("J1", here), (f"X{number}", _terminals(part)[: len(here)]))


def _power(number: int, volts: int, mm2: float) -> list[Cable]:
    """Return the cables from the supply through the part's own fuse, and back."""
    supply, fuse, part, colour = f"PS{volts}", f"F{number}_{volts}", f"X{number}", (SUPPLY_COLOUR[volts],)
    return [
        Cable(f"P{number}_{volts}", colour, mm2, (supply, (f"+{volts} V",)), (fuse, ("in",))),
        Cable(f"Q{number}_{volts}", colour, mm2, (fuse, ("out",)), (part, (f"+{volts} V",))),
        Cable(f"R{number}_{volts}", ("BK",), mm2, (supply, ("0 V",)), (part, (f"0 V of {volts} V",))),
    ]


def _ground(volts: int) -> Cable:
    """Return the cable of the supply's 0 V, which meets the board's ground in one place."""
    return Cable(f"G{volts}", ("BK",), GROUND_MM2, (f"PS{volts}", ("0 V",)), ("T0", (f"0 V of {volts} V",)))


def text(kind: str) -> str:
    """Return the WireViz harness: JSON, which is YAML too, with a list a line."""
    made = loom(kind)
    harness = {
        "metadata": {"title": f"{kind}: loom 线束"},
        "connectors": {name: _connector_fields(it) for name, it in made.connectors.items() if it.pins},
        "cables": {it.name: _cable_fields(it) for it in made.cables},
        "connections": [_connection(it) for it in made.cables],
    }
    lines = json.dumps(harness, ensure_ascii=False, indent=1)
    return re.sub(r"\[([^][{}]*)\]", lambda row: "[" + " ".join(row[1].split()) + "]", lines) + "\n"


def _connector_fields(it: Connector) -> dict[str, Any]:
    subtype = {"subtype": it.subtype} if it.subtype else {}
    return {"type": it.type, **subtype, "pinlabels": list(it.pins)}


def _cable_fields(it: Cable) -> dict[str, Any]:
    if not it.mm2:
        return {"type": "USB or RS-232", "wirecount": len(it.colours)}
    return {"colors": list(it.colours), "gauge": f"{it.mm2:g} mm2", "length": LENGTH_M}


def _connection(it: Cable) -> list[dict[str, list[Any]]]:
    numbers = list(range(1, len(it.colours) + 1))
    return [{it.one[0]: list(it.one[1])}, {it.name: numbers}, {it.other[0]: list(it.other[1])}]


def digest(kind: str) -> str:
    """Return what a drawing of today's harness carries."""
    return hashlib.sha256(text(kind).encode()).hexdigest()


def table(kind: str) -> str:
    """Return the list of wires, to be ticked one by one: supplies first, then part by part."""
    return "\n".join(_table_lines(kind)) + "\n"


def _table_lines(kind: str) -> Iterator[str]:
    made = loom(kind)
    yield f"# {kind}: 接线表 wire list\n"
    yield "Written by `python -m deploy.unit` from `unit.toml`, `parts.toml` and `boards.toml`; do not edit.\n"
    yield "一根一根接，接好一根打一个勾。先不通电；全部打勾后，先只接主板的 5.1 V 电源，再接其他电源。\n"
    yield "Wire by wire, a tick each. No power yet; with all ticked, connect the board's 5.1 V first, then the rest.\n"
    yield f"颜色 colours: {LEGEND}\n\n## 接插件和保险丝 Connectors and fuses\n"
    yield "| name | what 是什么 | plug or role 插头或部件 |\n|---|---|---|"
    yield from (f"| {name} | {it.type} | {it.subtype} |" for name, it in made.connectors.items())
    yield "\n## 线 Wires\n\n| ✓ | wire 线 | colour 颜色 | mm² | from 从 | to 到 |\n|---|---|---|---|---|---|"
    for cable in made.cables:
        rows = zip(cable.colours, cable.one[1], cable.other[1], strict=True)
        for number, (colour, one, other) in enumerate(rows, 1):
            what = f"{cable.name}.{number} | {colour} | {cable.mm2:g}" if cable.mm2 else f"{cable.name} | USB | "
            yield f"| | {what} | {cable.one[0]}: {one} | {cable.other[0]}: {other} |"
