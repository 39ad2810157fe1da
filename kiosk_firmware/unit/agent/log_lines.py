"""Log lines: kept beside the databases by each process, read and told by the agent when the office asks.

`screen.log` and `agent.log` are small and turn over by themselves, so a full card is never theirs. A line is masked
before it is *written*: learners' numbers and pseudonyms, codes, card numbers, any long row of digits. They are told on
the topic `log`, stored nowhere at the office.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Literal

from kiosk_firmware.system.state_folders import agent_folder, screen_folder
from kiosk_firmware.wire.messages import ENCODE, LogLines

MOST = 100
LENGTH = 200
"""Characters of a line that are told."""
FILE_BYTES = 128 * 1024
_PRIVATE = re.compile(r"l-\d{6}|(?<![0-9a-f])[0-9a-f]{16,}(?![0-9a-f])|\d{6,}")
Process = Literal["screen", "agent"]


def mask_line(line: str) -> str:
    """Return the line without anything that could be somebody's."""
    return _PRIVATE.sub("…", line)


class MaskingFormatter(logging.Formatter):
    """A line with its instant, and masked; what went wrong in full, a line each."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        instant = self.formatTime(record, "%Y-%m-%d %H:%M:%S")
        return f"{instant} {mask_line(super().format(record))}"


def keep(state: Path, process: Process) -> None:
    """Keep this process's lines in its file from now on; the folder must be there. Nothing if it cannot be written."""
    for other in logging.getLogger().handlers:  # what goes to the system's log, which a technician's shell reads
        other.setFormatter(MaskingFormatter("%(levelname)s %(name)s %(message)s"))
    from logging.handlers import RotatingFileHandler  # it imports sockets and queues, which no first frame needs

    try:
        handler = RotatingFileHandler(
            state / f"{process}.log", maxBytes=FILE_BYTES, backupCount=1, encoding="utf-8", delay=True
        )
    except OSError as error:
        logging.getLogger(__name__).warning("no %s.log: %s", process, error)
        return
    handler.setFormatter(MaskingFormatter("%(levelname)s %(name)s %(message)s"))
    handler.setLevel(logging.INFO)
    # A full disk costs the line and nothing else: said on stderr, which the window turns into log lines, it would never
    # end.
    handler.handleError = lambda record: None  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)


def kept_lines(state: Path, process: Process) -> list[str]:
    """Return all lines of a process, oldest first, also from before the file was turned over."""
    found: list[str] = []
    for path in (state / f"{process}.log.1", state / f"{process}.log"):
        try:
            found += path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
    return [mask_line(line) for line in found]


def last(state: Path, process: Process) -> list[str]:
    """Return the last lines of a process as they are told, oldest first."""
    return [line[:LENGTH] for line in kept_lines(state, process)[-MOST:]]


def is_wrong(line: str) -> bool:
    """Return whether a kept line tells of a warning or worse."""
    return any(f" {level} " in line[:40] for level in ("WARNING", "ERROR", "CRITICAL"))


def message(state: Path, now_ms: int, limit: int) -> bytes:
    """Encode both processes' last lines in at most `limit` bytes; the oldest give way."""
    screen, agent = last(screen_folder(state), "screen"), last(agent_folder(state), "agent")
    while len(words := ENCODE(LogLines(now_ms, screen, agent))) > limit:
        longer = screen if len(screen) >= len(agent) else agent
        del longer[: len(longer) // 4 + 1]
    return words
