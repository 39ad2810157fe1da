"""`kiosk bench [--json] [--quick]`: speed and weight, beside a bare Kivy window with one button in the same run.

What misses its target is marked and told; it is never an error, since a busy machine proves nothing. What cannot be
measured here (no X server, a part that is not installed) says so. Nothing else should run meanwhile. Each part is
printed as it ends; with `--json` one object a line, a figure each, and at last the machine. How long each part took is
kept in build/, so that the next run says how long it will take.
Exit codes: 0 measured, 2 wrong use.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from deploy.bench.bench_figures import BenchFigure, table, try_measure
from deploy.bench.part_times import PartTimes

TIMES = Path(__file__).parents[2] / "build" / "bench-seconds.json"
Measure = Callable[[], Iterable[BenchFigure]]


def main(name: str, arguments: Sequence[str]) -> int:
    """See the file's head."""
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="Speed and weight.")
    parser.add_argument("--json", action="store_true", help="a figure a line, as JSON, on standard output")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: a look, not a measure")
    parser.add_argument("--folder", type=Path, default=Path(), metavar="DIR", help="measure durability on its disk")
    parser.add_argument("--only", choices=[title for title, _ in plan(True, Path())], metavar="PART", action="append")
    parser.add_argument("--learning", action="store_true", help="only simulated learners, coached or not")
    chosen = parser.parse_args(arguments)
    if chosen.learning:
        return _learning(chosen.quick)
    parts = [part for part in plan(chosen.quick, chosen.folder) if not chosen.only or part[0] in chosen.only]
    times = PartTimes(TIMES.with_stem(f"{TIMES.stem}-quick") if chosen.quick else TIMES)
    print(times.expected([title for title, _ in parts]), file=sys.stderr, flush=True)
    figures: list[BenchFigure] = []
    for title, measure in parts:
        print(f"{title} …", file=sys.stderr, flush=True)
        with times.of(title):
            found = try_measure(title, measure)
        figures += found
        print(lines(title, found) if chosen.json else table(found), flush=True)
    print(json.dumps({"machine": machine()}) if chosen.json else summary(figures))
    return 0


def _learning(quick: bool) -> int:
    from deploy.bench import learning

    for line in learning.grid_lines(learning.measure(5 if quick else 25)):
        print(line, flush=True)
    return 0


def plan(quick: bool, folder: Path) -> tuple[tuple[str, Measure], ...]:
    """Return what is measured, in order. Each part imports what it needs, so that a missing piece is that part's
    own.
    """
    from functools import partial

    return (
        ("rules", partial(_part, "deploy.bench.machine_rules", ("update_us",))),
        ("walks", partial(_part, "deploy.bench.machine_rules", ("walks",), quick)),
        ("hints", partial(_part, "deploy.bench.machine_rules", ("hints",), quick)),
        ("glass", partial(_part, "deploy.bench.whole_unit", ("first_frames", "after_runs", "reaction"), quick)),
        ("draining", partial(_part, "deploy.bench.spool_drain", ("draining",), quick)),
        ("lists", partial(_part, "deploy.bench.whole_unit", ("lists",), quick)),
        ("maps", partial(_part, "deploy.bench.metro_map", ("maps",), quick)),
        ("seats", partial(_part, "deploy.bench.seat_map", ("seats",), quick)),
        ("cabinet", partial(_part, "deploy.bench.cabinet", ("polling", "cards", "tokens", "glass"), quick)),
        ("readers", partial(_part, "deploy.bench.card_readers", ("readers",), quick)),
        ("visit", partial(_part, "deploy.bench.video_visit", ("visit", "taps"), quick)),
        ("calls", partial(_part, "deploy.bench.visit_signalling", ("calls",), quick)),
        ("journal", partial(_journal, folder, quick)),
        ("office", partial(_office, quick)),
        ("store", partial(_part, "deploy.bench.office_store", ("stores", "quiet", "sealed"), quick)),
        ("fleet", partial(_fleet, quick)),
        ("office-pages", partial(_pages, folder, quick)),
        ("office-pages-postgres", partial(_part, "deploy.bench.office_pages", ("budgets_in_postgres",), quick)),
        ("afternoon", partial(_part, "deploy.bench.unit_commissioning", ("afternoon",), quick)),
    )


def _part(module: str, functions: Sequence[str], *words: bool) -> Iterator[BenchFigure]:
    loaded = importlib.import_module(module)
    for function in functions:
        yield from try_measure(function.replace("_", " "), lambda function=function: getattr(loaded, function)(*words))  # type: ignore[misc]


def _journal(folder: Path, quick: bool) -> Iterator[BenchFigure]:
    from deploy.bench import journal

    found = journal.measure(folder, *((100, 2000) if quick else (500, 10_000)))
    yield BenchFigure("durable facts, many at once", found.grouped_per_s, "/s")
    yield BenchFigure("durable facts, each by itself", found.single_per_s, "/s", note="money, cards, paper")
    note = f"median {found.commit_p50_ms} ms"
    yield BenchFigure("submit → committed p99, urgent", found.commit_p99_ms, "ms", note=note)


def _fleet(quick: bool) -> Iterator[BenchFigure]:
    """Measure the fleet page of a nation, as the server spends on it."""
    from deploy.bench import fleet

    found = fleet.measure(5_000 if quick else fleet.UNITS)
    yield BenchFigure("office: fleet page, median of answers", found["page"], "ms", most=None if quick else 100)
    yield BenchFigure("office: fleet table, filtered", found["part"], "ms")


def _pages(folder: Path, quick: bool) -> Iterator[BenchFigure]:
    from deploy.bench import office_pages

    yield from office_pages.budgets(folder, quick)


def _office(quick: bool) -> Iterator[BenchFigure]:
    """Publish → committed at the office, over a broker of its own, into either database."""
    from deploy.office.temporary_postgres import Cluster, ClusterError

    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as scratch:
        yield from _chain("SQLite", Path(scratch), Path(scratch) / "office.db", quick, 20_000)
    try:
        cluster = Cluster()
    except ClusterError as error:
        yield BenchFigure("office: publish → committed, PostgreSQL", why=str(error))
        return
    with closing(cluster), tempfile.TemporaryDirectory(prefix="kiosk-bench-") as scratch:
        yield from _chain("PostgreSQL", Path(scratch), cluster.url("bench"), quick, 25_000)


def _chain(name: str, folder: Path, where: Path | str, quick: bool, least: float) -> Iterator[BenchFigure]:
    from deploy.bench import office

    found = office.measure(folder, where, *((3_000, 200, 300.0) if quick else (30_000, 20_000, 5_000.0)))
    late, note, most = found["commit_p99_ms"], f"median {found['commit_p50_ms']} ms", None if quick else 50
    yield BenchFigure(f"office: publish → committed p99, 5,000/s, {name}", late, "ms", most=most, note=note)
    yield BenchFigure(f"office: rows under load, one publisher, {name}", found["rows_per_s"], "/s")
    least_ = None if quick else least
    note = f"{found['drained_us']} µs of the collector's processor each"
    yield BenchFigure(f"office: a backlog drained, {name}", found["drained_per_s"], "/s", least=least_, note=note)


def summary(figures: Sequence[BenchFigure]) -> str:
    """Return what misses its target, in words."""
    missed = [figure.name for figure in figures if figure.misses]
    unknown = [figure.name for figure in figures if figure.value is None]
    aimed = [figure for figure in figures if figure.value is not None and (figure.most or figure.least)]
    lines = [f"{len(aimed) - len(missed)} of {len(aimed)} targets reached on {machine()}"]
    lines += [f"missed: {', '.join(missed)}"] if missed else []
    lines += [f"not measured: {', '.join(unknown)}"] if unknown else []
    return "\n".join(lines)


def machine() -> str:
    """Return what it was measured on."""
    load = os.getloadavg()[0]
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f}"


def lines(part: str, figures: Sequence[BenchFigure]) -> str:
    """Return a line of JSON for each figure: its fields, its part, and whether it misses its target."""
    rows = ({"part": part, **msgspec.to_builtins(figure), "misses": figure.misses} for figure in figures)
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
