"""Log a fault that stays once, and then how often it came: a full disk fails each part ten times a second."""

from __future__ import annotations

import logging

import msgspec

EVERY_S = 600.0
"""A fault that stays is told again so often, with its count."""


class _Standing(msgspec.Struct):
    said: str
    told_at: float
    times: int = 0


class FaultLog:
    """The faults of parts that are tried again and again."""

    def __init__(self, log: logging.Logger) -> None:
        """Take `log`, where they are told."""
        self._log = log
        self._standing: dict[str, _Standing] = {}

    def failed(self, part: str, error: Exception, now: float) -> None:
        """Tell a new fault of a part at once; the same again is counted. `now`: monotonic seconds."""
        before, said = self._standing.get(part), str(error)
        if before is None or before.said != said:
            self._standing[part] = _Standing(said, now)
            self._log.error("%s: %s", part, said)
            return
        before.times += 1
        if now - before.told_at >= EVERY_S:
            self._log.error("%s: %s (%d times more)", part, said, before.times)
            before.told_at, before.times = now, 0

    def went_well(self, part: str) -> None:
        """Log once that a part that failed before does not any more."""
        before = self._standing.pop(part, None)
        if before is not None:
            self._log.warning("%s: well again (%d times more: %s)", part, before.times, before.said)
