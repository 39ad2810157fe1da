"""The screen process as a unit runs it, with two things added that only a test needs.

It dies as by `kill -9` at a named point (`STORY_DIES_AT`): `before EVENT` when the transition of the n-th such event is
about to be written down, `after EVENT` when it is on the disk and nothing has followed from it yet, `during EFFECT`
when the device has just been told. And SIGUSR1 lets a minute pass at once for everything that the session times, so
that a test need not wait for a person who does not come.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter

from hardware.cabinet import cabinet
from kiosk_firmware.unit.runtime import journal
from kiosk_firmware.unit.shell import environment, main
from screens.input import tap_rules

MINUTE_MS = 60_000
_skipped = [0]
_passed: Counter[str] = Counter()


def at(point: str) -> None:
    """Die here, if this is where."""
    _passed[point] += 1
    if os.environ.get("STORY_DIES_AT") == f"{point} {_passed[point]}":
        os.kill(os.getpid(), signal.SIGKILL)


class Journal(journal.Journal):
    def submit(self, batch, on_commit=None):
        events = [type(event).__name__ for _, event in batch.rows]

        def written(durable):
            for event in events:
                at(f"after {event}")
            if on_commit is not None:
                on_commit(durable)

        for event in events:
            at(f"before {event}")
        return super().submit(batch, written)


class Cabinet(cabinet.Cabinet):
    def perform(self, effect):
        super().perform(effect)
        at(f"during {type(effect).__name__}")


def skip(*_: object) -> None:
    _skipped[0] += MINUTE_MS


if __name__ == "__main__":
    journal.Journal, cabinet.Cabinet = Journal, Cabinet
    tap_rules.FRESH_MS = 40  # the hand never presses what it has not seen
    environment.SystemClock.mono_ms = lambda self: time.monotonic_ns() // 1_000_000 + _skipped[0]
    signal.signal(signal.SIGUSR1, skip)
    sys.exit(main.main("run", sys.argv[1:]))
