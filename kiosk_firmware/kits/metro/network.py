"""The network: lines, stations, and how far it is from one to another.

Made from `network.toml` (by deploy/generate_metro_network.py), whose rows are texts because hundreds of TOML tables
take long to read. A fare goes by the shortest way over rails, not by the way a person took: two gates know where one
went in and where one came out, and nothing in between.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Literal

import msgspec

Pattern = Literal["solid", "stripes", "dots", "dashes", "double", "zigzag", "ring"]


class LineFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `[[line]]` table; a stop is "code metres-to-the-next"."""

    number: str
    colour: str
    pattern: Pattern
    stops: tuple[str, ...]
    ring: bool = False


class NetworkFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `network.toml`; a station is "code name pinyin", a hyphen between the words of the pinyin."""

    stations: tuple[str, ...]
    line: tuple[LineFile, ...]

    def place_names(self) -> Iterator[tuple[str, str]]:
        """Yield every station's name, and in Latin letters as it is shown; a speaker who lends a voice says them."""
        return ((one.name, one.latin) for one in Network(self).stations.values())


class Station(msgspec.Struct, frozen=True):
    """A station: code, name, the pinyin it is searched by, the numbers of its lines."""

    code: str
    name: str
    pinyin: str
    lines: tuple[str, ...]
    latin: str
    """The name in Latin letters, as it is shown."""


class MetroLine(msgspec.Struct, frozen=True):
    """A line: number, colour ("#RRGGBB"), pattern, the codes of its stops in order; `ring`: it closes."""

    number: str
    colour: str
    pattern: Pattern
    stops: tuple[str, ...]
    ring: bool


class Network:
    """Stations by code, lines by number, and the distance between any two stations; only read."""

    def __init__(self, file: NetworkFile) -> None:
        """Read the network. Raises ValueError for a stop that is no station; names line and stop."""
        rows = [row.split(" ") for row in file.stations]
        known = {code for code, _, _ in rows}
        self.lines = {line.number: _line(line, known) for line in file.line}
        calls = {code: tuple(n for n, line in self.lines.items() if code in line.stops) for code in known}
        self.stations = {code: _station(code, name, pinyin, calls[code]) for code, name, pinyin in rows}
        self._next = _neighbours(file)
        self._from: dict[str, dict[str, int]] = {}

    def metres(self, start: str, end: str) -> int:
        """Return the metres of the shortest way between two stations by their codes. Raises KeyError for one that there
        is not.
        """
        a, b = sorted((start, end))
        if a not in self._from:
            self._from[a] = self._distances(a)
        return self._from[a][b]

    def _distances(self, start: str) -> dict[str, int]:
        """Return the shortest ways from one station in metres, by Dijkstra."""
        found: dict[str, int] = {}
        queue = [(0, start)]
        while queue:
            far, code = heapq.heappop(queue)
            if code in found:
                continue
            found[code] = far
            for after, metres in self._next[code]:
                heapq.heappush(queue, (far + metres, after))
        return found


def _station(code: str, name: str, pinyin: str, lines: tuple[str, ...]) -> Station:
    words = pinyin.split("-")
    return Station(code, name, "".join(words), lines, " ".join(map(str.capitalize, words)))


def _line(line: LineFile, known: set[str]) -> MetroLine:
    stops = tuple(stop.split(" ")[0] for stop in line.stops)
    if strange := [code for code in stops if code not in known]:
        raise ValueError(f"line {line.number}: stops {', '.join(strange)}: allowed are codes of stations")
    return MetroLine(line.number, line.colour, line.pattern, stops, line.ring)


def _neighbours(file: NetworkFile) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {row.split(" ")[0]: [] for row in file.stations}
    for line in file.line:
        stops = [(code, int(metres)) for code, metres in (stop.split(" ") for stop in line.stops)]
        ends = stops[1:] + (stops[:1] if line.ring else [])
        for (code, metres), (after, _) in zip(stops, ends, strict=False):
            found[code].append((after, metres))
            found[after].append((code, metres))
    return found
