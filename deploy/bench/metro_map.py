"""The metro's glass on a whole unit: from release to the complete page, for the schema of all lines, for one line's
stations and for the gate's sign, again and again and the first time in a fresh process.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from deploy.bench.bench_figures import BenchFigure, median, p95
from deploy.bench.whole_unit import UnitUnderTest

LINE, BACK = (1000, 242), (114, 644)
"""Line 1 beside the map, and on its stations the way back to the map."""
ROWS = (170, 264, 330, 400, 470, 540, 640)
"""Rows of pixels through all of a page."""
EXIT, ENTRY = (300, 624), (980, 624)
"""At the gate: to the side where one leaves, and there back to the other."""
GATE_ROWS = (170, 230, 300, 380, 460, 540, 620)
Pages = dict[tuple[int, int], list[bytes]]


def maps(quick: bool) -> Iterator[BenchFigure]:
    """Measure the network of seven lines and 132 stations; the gate's other side."""
    rounds, fresh = (12, 2) if quick else (40, 5)
    for name, turned in (
        ("map", partial(_turned, BACK)),
        ("line's stations", partial(_turned, LINE)),
        ("gate's sign", _signs),
    ):
        pages: Pages = {}
        warm = turned(rounds, pages)
        cold = [ms for _ in range(fresh) for ms in turned(1, pages)]
        note = f"median {median(warm):.3g} ms, {len(warm)} pages; first in a process {median(cold):.3g} ms"
        value = round(p95([*warm, *cold]), 1)
        yield BenchFigure(f"release → complete {name} p95", value, "ms", most=120, note=note)


def _turned(forth: tuple[int, int], rounds: int, pages: Pages) -> list[float]:
    """Measure milliseconds in a unit of its own."""
    from deploy.bench.latency import turned_ms, xvfb

    unit = UnitUnderTest("metro", "metro-ticket")
    try:
        with xvfb() as display, unit.twins(), unit.screen(display):
            unit.tap("home", "menu.ticket")
            if forth == BACK:
                unit.tap("lines", "line.1")
            unit.at("stations" if forth == BACK else "lines")
            found = turned_ms(display, forth, LINE if forth == BACK else BACK, rounds, ROWS, pages)
            unit.at("lines" if forth == BACK else "stations")
            return found
    finally:
        unit.close()


def _signs(rounds: int, pages: Pages) -> list[float]:
    """Measure the milliseconds from the gate's first page to that of the other side, in a unit of its own."""
    from deploy.bench.latency import turned_ms, xvfb

    unit = UnitUnderTest("metro", "metro-gate")
    try:
        with xvfb() as display, unit.twins(), unit.screen(display):
            unit.at("home")
            found = turned_ms(display, EXIT, ENTRY, rounds, GATE_ROWS, pages)
            unit.at("side")
            return found
    finally:
        unit.close()
