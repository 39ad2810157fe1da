"""Remember how long each part of the bench took, so that the next run says how long it will take."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class PartTimes:
    """Seconds by part, in a file that may be lost: one that is missing or no JSON is as none."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._seconds: dict[str, float] = dict(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            self._seconds = {}

    def expected(self, parts: Sequence[str]) -> str:
        """Return a sentence: how long those parts will take, by the last run; what is not known is said."""
        known = [self._seconds[part] for part in parts if part in self._seconds]
        new = [part for part in parts if part not in self._seconds]
        told = f"{len(known)} of {len(parts)} parts took {_minutes(sum(known))} the last time"
        return told + (f"; not measured here yet: {', '.join(new)}" if new else "")

    @contextmanager
    def of(self, part: str) -> Iterator[None]:
        """Measure what is done within, and keep it."""
        begun = time.monotonic()
        yield
        self._seconds[part] = round(time.monotonic() - begun, 1)
        self._file.parent.mkdir(exist_ok=True)
        self._file.write_text(json.dumps(self._seconds, indent=1), encoding="utf-8")


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
