"""The network as a page draws it: `chart.toml`, joined with the lines of `network.toml`."""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.pages import Track
from kiosk_firmware.kits.metro.network import Network, NetworkFile


class ChartFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `chart.toml`: corners of lines by number, places of stations by code; a corner is "x y"."""

    way: dict[str, tuple[str, ...]]
    spot: dict[str, str]


class Data(msgspec.Struct, frozen=True):
    """The machine's data files."""

    network: NetworkFile
    chart: ChartFile


def tracks(network: Network, chart: ChartFile) -> tuple[Track, ...]:
    """Return the lines with their courses; a line that the chart does not have is drawn nowhere but on its key."""
    return tuple(
        Track(line.number, line.colour, line.pattern, line.stops, tuple(map(_corner, chart.way.get(line.number, ()))))
        for line in network.lines.values()
    )


def spot(chart: ChartFile, code: str) -> tuple[int, ...]:
    """Return where on the field a station lies; empty for one that is not on it."""
    return _corner(chart.spot[code]) if code in chart.spot else ()


def _corner(text: str) -> tuple[int, int]:
    x, y = text.split(" ")
    return int(x), int(y)
