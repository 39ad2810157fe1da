"""Pictures of the glass for the office: only while somebody watches, after the page changed, at most once a second.

The pixels are read on the glass's own thread (a few ms, at 640 along the longer side, private parts masked); encoding
and writing happen on a thread of their own, which is also the only place that imports PIL, and only once a picture is
wanted.
"""

from __future__ import annotations

import io
import logging
import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path

LIMIT = 48 * 1024
PACE_S = 1.0
log = logging.getLogger(__name__)


class OfficeScreenshots:
    """Writes `glass.jpg` in the run-time folder."""

    def __init__(
        self,
        path: Path,
        pixels: Callable[[int, int], bytes],
        clock: Callable[[], float],
        size: tuple[int, int] = (640, 400),
    ) -> None:
        """Take `pixels(width, height)`, which reads the glass; `clock`, monotonic, in seconds; `size` of a picture."""
        self._size = size
        self._path, self._pixels, self._clock = path, pixels, clock
        self._taken_at = float("-inf")
        self._wanted = False
        self._work: queue.Queue[bytes] = queue.Queue(maxsize=1)
        self._thread: threading.Thread | None = None

    def changed(self) -> None:
        """Ask for a new picture: the glass shows something else."""
        self._wanted = True

    def tick(self, watched: bool) -> None:
        """Take a picture if one is due; call a few times a second on the glass's thread."""
        if not watched:
            self._wanted = True  # whoever begins to watch sees what stands then
            return
        if not self._wanted or self._clock() - self._taken_at < PACE_S or self._work.full():
            return
        self._wanted, self._taken_at = False, self._clock()
        self._work.put_nowait(self._pixels(*self._size))
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="pictures", daemon=True)
            self._thread.start()

    def _write(self) -> None:
        from PIL import Image

        while True:
            picture = Image.frombytes("RGB", self._size, self._work.get())
            fresh = self._path.with_suffix(".new")
            try:
                fresh.write_bytes(jpeg(picture.save))
                os.replace(fresh, self._path)
            except OSError as error:
                log.warning("no picture: %s", error)


def jpeg(save: Callable[..., None]) -> bytes:
    """Encode the JPEG at the best quality that keeps it within 48 KiB."""
    out = io.BytesIO()
    for quality in (70, 50, 30, 15):
        out = io.BytesIO()
        save(out, "JPEG", quality=quality)
        if out.tell() <= LIMIT:
            break
    return out.getvalue()
