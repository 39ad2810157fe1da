"""A cabin's seats on the glass: sixty keys, each a sign and a word or a name, drawn anew with every part of the cabin.

*First*: from release of the safety question's "no" until all of the first cabin stands, the airline's answer included,
in a process that has drawn no seat before. *Parts*: from release of "middle" until that part of the cabin is complete.
"""

from __future__ import annotations

from collections.abc import Iterator

from deploy.bench.bench_figures import BenchFigure, median, p95
from deploy.bench.whole_unit import UnitUnderTest, wait
from hardware.twins.control_client import TwinControlClient

ME = "519901198802140030"
NO, MIDDLE, FRONT, ROWS = (1096, 638), (996, 120), (820, 120), (110, 190, 270, 350, 430, 510, 590, 660)
"""On the kiosk's skin: "none of it", the keys of two parts of the cabin, and rows of pixels through all of it."""
Pages = dict[tuple[int, int], list[bytes]]


def seats(quick: bool) -> Iterator[BenchFigure]:
    """Measure from release to the complete cabin, again and again and for the first time in a process."""
    pages: Pages = {}
    parts: list[float] = []
    first: list[float] = []
    for _ in range(2 if quick else 5):
        came, turned = _seats(6 if quick else 12, pages)
        first += came
        parts += turned
    note = f"median {median(parts):.3g} ms, {len(parts)} cabins; first in a process {median(first):.3g} ms"
    yield BenchFigure("release → complete cabin p95", round(p95([*parts, *first]), 1), "ms", most=120, note=note)


def _seats(rounds: int, pages: Pages) -> tuple[list[float], list[float]]:
    """Measure milliseconds in a unit of its own: the first cabin, and its parts."""
    from deploy.bench.latency import turned_ms, xvfb

    unit = UnitUnderTest()
    try:
        with xvfb() as display, unit.twins() as twins, unit.screen(display):
            to_question(unit, twins)
            first = turned_ms(display, NO, NO, 1, ROWS, pages)
            unit.at("seats")
            return first, turned_ms(display, MIDDLE, FRONT, rounds, ROWS, pages)
    finally:
        unit.close()


def to_question(unit: UnitUnderTest, twins: TwinControlClient) -> None:
    """Go from the unit's first page, in free practice, to the question about what may not fly."""
    for step, key in (
        ("attract", "attract.start"),
        ("sign-in", "sign.guest"),
        ("touch-1", "touch.skip"),
        ("home", "tile.airport"),
        ("lessons", "lessons.free"),
        ("task", "task.start"),
        ("home", "menu.checkin"),
    ):
        unit.tap(step, key)
    unit.at("ident")
    wait(lambda: twins.do("lay_card", at="id_reader", number=ME)["ok"], "the reader to be free")
    for step, key in (
        ("trips", "trip.K7X2PM"),
        ("flight", "flight.ok"),
        ("people", "people.ok"),
        ("bags", "bags.0"),
    ):
        unit.tap(step, key)
    unit.at("danger")
