"""The office's room of visits: requests, calls and recordings over one file, as pages and calls hold them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from kiosk_firmware.visits.callbook import CallBook
from kiosk_firmware.visits.database import VISITS, VisitsDb
from kiosk_firmware.visits.policy import VisitPolicy
from kiosk_firmware.visits.recordings import Recordings
from kiosk_firmware.visits.store import VisitStore

RECORDINGS = "recordings"


def utc_ms() -> int:
    """UTC ms."""
    return time.time_ns() // 1_000_000


class VisitRoom:
    """All of it, from the folder in which `visits.db` lies."""

    def __init__(self, folder: Path, policy: VisitPolicy, now_ms: Callable[[], int] = utc_ms) -> None:
        """`policy`: what office.toml says; `now_ms`: UTC."""
        self.policy, self.now_ms = policy, now_ms
        self.db = VisitsDb(folder / VISITS)
        self.store = VisitStore(self.db, now_ms)
        self.calls = CallBook(self.store, policy, now_ms)
        self.recordings = Recordings(self.db, folder / RECORDINGS, policy.keep_days, now_ms)

    def close(self) -> None:
        """Close the file; twice is fine."""
        self.db.close()
