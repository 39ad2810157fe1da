"""Send what stands on the glass to the class board: the newest of `now.json`, never queued, never stored.

It is sent when it is new, at most twice a second, and again every few seconds so that a board that has just been opened
knows the room. The office sees by `status` whether the unit is there at all.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from kiosk_firmware.wire.messages import Now

LIMIT = 2048
PACE_S = 0.5
AGAIN_S = 5.0
_DECODE = msgspec.json.Decoder(Now).decode


class ClassBoardFeed:
    """The part of `now.json` that is to be sent."""

    def __init__(self, path: Path) -> None:
        """Take the file, which may not be there yet."""
        self._path = path
        self._mark: tuple[int, int] = (0, 0)
        self._sent_at = float("-inf")

    def due(self, now: float) -> bytes | None:
        """Return the message to send now, or None. `now` in seconds of a monotonic clock."""
        if now - self._sent_at < PACE_S:
            return None
        try:
            found = self._path.stat()
            mark = (found.st_mtime_ns, found.st_ino)
            if mark == self._mark and now - self._sent_at < AGAIN_S:
                return None
            payload = self._path.read_bytes()
            _DECODE(payload)
        except (OSError, msgspec.DecodeError):
            return None  # not there, or just being replaced
        if len(payload) > LIMIT:
            return None
        self._mark, self._sent_at = mark, now
        return payload
