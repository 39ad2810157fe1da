"""Figures with their targets: how they are named, judged, and shown. A figure that misses is shown, never an error."""

from __future__ import annotations

import statistics
import traceback
from collections.abc import Callable, Iterable, Sequence

import msgspec


class BenchFigure(msgspec.Struct, frozen=True):
    """One measured value. `most`/`least`: its target, None where there is none. `why`: why there is no value."""

    name: str
    value: float | None = None
    unit: str = ""
    most: float | None = None
    least: float | None = None
    note: str = ""
    why: str = ""

    @property
    def misses(self) -> bool:
        """There is a value and it does not reach its target."""
        if self.value is None:
            return False
        above = self.most is not None and self.value > self.most
        return above or (self.least is not None and self.value < self.least)


def try_measure(name: str, measure: Callable[[], Iterable[BenchFigure]]) -> list[BenchFigure]:
    """Return what `measure` finds; where it fails, one figure of that name that says why."""
    try:
        return list(measure())
    except Exception as error:  # a bench reports what it could measure, whatever is missing or broken elsewhere
        where = traceback.extract_tb(error.__traceback__)[-1]
        told = " ".join(str(error).split()) or "no reason given"
        return [BenchFigure(name, why=f"{type(error).__name__}: {told[:300]} ({where.name})")]


def p95(values: Sequence[float]) -> float:
    """Return the 95th percentile, the higher neighbour where it falls between two."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def table(figures: Iterable[BenchFigure]) -> str:
    """Return lines for people: what reaches its target, what misses it, what was not measured."""
    return "\n".join(_line(figure) for figure in figures)


def _line(figure: BenchFigure) -> str:
    if figure.value is None:
        return f"  ?  {figure.name:<46} not measured: {figure.why}"
    aims = [f"≤ {figure.most:g}"] if figure.most is not None else []
    aims += [f"≥ {figure.least:g}"] if figure.least is not None else []
    mark = "✗" if figure.misses else "✓" if aims else "·"
    value = f"{figure.value:,.4g}" if abs(figure.value) < 1000 else f"{figure.value:,.0f}"
    parts = f"{value} {figure.unit}", f"target {' '.join(aims)}" if aims else "", figure.note
    return f"  {mark}  {figure.name:<46} {'  '.join(part.strip() for part in parts if part.strip())}"
