"""The metro's map on a whole unit: from release to the complete page, for the schema of all lines and for one line's
stations, again and again and the first time in a fresh process.
"""

from __future__ import annotations

from collections.abc import Iterator

from deploy.bench.figures import Figure, median, p95
from deploy.bench.unit import Unit

LINE, BACK = (1000, 242), (114, 644)
"""Line 1 beside the map, and on its stations the way back to the map."""
ROWS = (170, 264, 330, 400, 470, 540, 640)
"""Rows of pixels through all of a page."""
LOBBY = (
    ("attract", "attract.start"), ("sign-in", "sign.guest"), ("home", "tile.metro-ticket"), ("lessons", "lessons.free"),
    ("task", "task.start"),
)
"""To the machine's first page: a metro unit has more than one machine."""
Pages = dict[tuple[int, int], list[bytes]]


def maps(quick: bool) -> Iterator[Figure]:
    """The network of seven lines and 132 stations."""
    rounds, fresh = (12, 2) if quick else (40, 5)
    for name, forth in (("map", BACK), ("line's stations", LINE)):
        pages: Pages = {}
        warm = _turned(rounds, forth, pages)
        cold = [ms for _ in range(fresh) for ms in _turned(1, forth, pages)]
        note = f"median {median(warm):.3g} ms, {len(warm)} pages; first in a process {median(cold):.3g} ms"
        value = round(p95([*warm, *cold]), 1)
        yield Figure(f"release → complete {name} p95", value, "ms", most=120, note=note)


def _turned(rounds: int, forth: tuple[int, int], pages: Pages) -> list[float]:
    """Milliseconds in a unit of its own."""
    from deploy.bench.latency import turned_ms, xvfb

    unit = Unit("metro", "metro-ticket")
    try:
        with xvfb() as display, unit.twins(), unit.screen(display):
            for step, key in (*LOBBY, ("home", "menu.ticket"), *((("lines", "line.1"),) if forth == BACK else ())):
                unit.tap(step, key)
            unit.at("stations" if forth == BACK else "lines")
            found = turned_ms(display, forth, LINE if forth == BACK else BACK, rounds, ROWS, pages)
            unit.at("lines" if forth == BACK else "stations")
            return found
    finally:
        unit.close()
