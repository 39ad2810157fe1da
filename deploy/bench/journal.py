"""Measure what the unit's memory can take: durable facts a second, and how long money waits for its commit.

Three figures on the disk of `folder`: facts a second when each is its own urgent transaction, facts a second when
many come at once and commit in groups, and the time from `submit` to the writer's word for single urgent batches,
as a card or a note sees it. Ratios between units matter more than the figures: an SD card syncs fifty times slower
than a server.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from kiosk_firmware.core.events import ItemsTaken
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import Batch


class JournalFigures(msgspec.Struct, frozen=True):
    """Facts a second (one by one; in groups), and milliseconds from submit to committed."""

    single_per_s: float
    grouped_per_s: float
    commit_p50_ms: float
    commit_p99_ms: float


def measure(folder: Path, singles: int = 500, grouped: int = 10_000) -> JournalFigures:
    """Measure on the disk that `folder` lies on; leaves nothing behind."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        journal = Journal(Path(scratch) / "screen.db", "bench")
        journal.start()
        try:
            waits = sorted(_one_by_one(journal, singles))
            began = time.perf_counter()
            for n in range(grouped):
                journal.submit(_batch(n, urgent=False))
            journal.flush(600)
            grouped_s = time.perf_counter() - began
        finally:
            journal.close()
    return JournalFigures(
        round(singles / sum(waits), 1),
        round(grouped / grouped_s, 1),
        round(waits[singles // 2] * 1000, 3),
        round(waits[singles * 99 // 100] * 1000, 3),
    )


def _one_by_one(journal: Journal, count: int) -> list[float]:
    """Measure the seconds from submit to committed, one batch after the other."""
    waits = []
    for n in range(count):
        done = threading.Event()
        began = time.perf_counter()
        journal.submit(_batch(n, urgent=True), lambda durable, done=done: done.set())  # type: ignore[misc]
        done.wait(60)
        waits.append(time.perf_counter() - began)
    return waits


def _batch(n: int, urgent: bool) -> Batch:
    fact = RunFact("items.moved", {"run": "bench-1", "at": "cash_dispenser", "what": "taken", "fen": 10_000})
    place = n if urgent else n + 1_000_000
    return Batch(n, "bench-1", ((place, ItemsTaken("cash_dispenser")),), (fact,), urgent=urgent)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `python -m deploy.bench.journal [--folder DIR]`: the figures as JSON."""
    parser = argparse.ArgumentParser(description="Durable facts a second.")
    parser.add_argument("--folder", type=Path, default=Path())
    chosen = parser.parse_args(arguments)
    print(msgspec.json.encode(measure(chosen.folder)).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
