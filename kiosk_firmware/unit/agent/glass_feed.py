"""Pictures of the glass: published only while somebody watches, when they changed, at most once a second.

The screen process writes the newest picture, private parts masked, to `glass.jpg` in the run-time folder while an
unexpired `watch` stands (always in the demo). A picture from before the watch is not sent: what was seen then is not
seen now.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from kiosk_firmware.system.utc_clock import ahead_ms

LIMIT = 48 * 1024
PACE_S = 1.0
SLACK_MS = 50
"""A file's time is the kernel's coarse clock, some ms behind the one that dates a watch."""


class GlassWatch(msgspec.Struct, frozen=True):
    """A watch that stands: its id, and since when (UTC ms)."""

    id: str
    since_ms: int


class GlassFeed:
    """The part of the picture file that is to be sent."""

    def __init__(self, path: Path, always: bool) -> None:
        """Take `always`: no watch is needed, and a new one gets the picture that stands."""
        self._path, self._always = path, always
        self._sent_mark: tuple[int, int] = (0, 0)
        self._sent_at = float("-inf")
        self._since_ms = 0
        self._seen_watch = ""

    def due(self, watch: GlassWatch | None, now: float) -> bytes | None:
        """Return the JPEG to send now, or None. `now` in seconds of a monotonic clock."""
        self._follow(watch)
        if (watch is None and not self._always) or now - self._sent_at < PACE_S:
            return None
        try:
            found = self._path.stat()
            mark = (found.st_mtime_ns, found.st_size)
            if (
                mark == self._sent_mark
                or found.st_size > LIMIT
                or found.st_mtime_ns // 1_000_000 + ahead_ms() < self._since_ms - SLACK_MS
            ):
                return None
            picture = self._path.read_bytes()
        except OSError:
            return None  # not there, or just being replaced
        if not picture.startswith(b"\xff\xd8") or len(picture) > LIMIT:
            return None
        self._sent_mark, self._sent_at = mark, now
        return picture

    def _follow(self, watch: GlassWatch | None) -> None:
        """Follow a watch: one that follows another without a gap goes on from it; a new watcher of the demo gets what
        stands.
        """
        if watch is None:
            self._since_ms, self._seen_watch = 0, ""
        elif not self._seen_watch:
            self._since_ms = 0 if self._always else watch.since_ms
        if watch is not None and watch.id != self._seen_watch:
            self._seen_watch = watch.id
            if self._always:
                self._sent_mark = (0, 0)
