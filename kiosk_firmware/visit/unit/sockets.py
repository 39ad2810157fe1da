"""The two UNIX sockets of the visit process, JSON lines both: the agent's, to which it goes, and the screen's, who
comes.

Neither may be missed: an agent that restarts is met again within a second and hears what waited for it; a screen that
restarts is told at once how it stands. What cannot be read is the other side's fault: noted, dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.visit.wire.messages import ENCODE, Down, Said, Shown, StatusReport, Up, decode_down

log = logging.getLogger(__name__)

LONGEST = 1 << 20
AGAIN_S = 1.0
SCREEN_MODE = 0o660
"""The screen is another user of the same group."""
WAITING = 200
"""Words that wait for an agent; the oldest go first."""


class AgentLine:
    """To the agent's socket. `heard` hears each message of the office; `met` is called whenever an agent is there: what
    was said to one that died may be lost.
    """

    def __init__(self, path: Path, heard: Callable[[Down], None], met: Callable[[], None]) -> None:
        self._path, self._heard, self._met = path, heard, met
        self._waiting: deque[Up] = deque(maxlen=WAITING)
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self._sent = asyncio.Event()

    def start(self) -> None:
        """Meet the agent, now and whenever it is there again."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def say(self, message: Up) -> None:
        """Say something to the office. Of how it stands only the last word waits."""
        if isinstance(message, StatusReport) and self._waiting and isinstance(self._waiting[-1], StatusReport):
            self._waiting.pop()
        self._waiting.append(message)
        self._sent.clear()
        self._flush()

    def _flush(self) -> None:
        if self._writer is None:
            return
        while self._waiting:
            self._writer.write(ENCODE(self._waiting.popleft()) + b"\n")
        self._sent.set()

    async def _run(self) -> None:
        while True:
            with suppress(OSError, ValueError):  # not there, gone, or a line without an end
                reader, self._writer = await asyncio.open_unix_connection(self._path, limit=LONGEST)
                self._flush()
                self._met()
                await _each(reader, decode_down, self._heard)
            self._writer = None
            await asyncio.sleep(AGAIN_S)

    async def close(self, seconds: float) -> None:
        """Say what waits, if it can be said within that time, and hang up."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._sent.wait() if self._waiting else asyncio.sleep(0), seconds)
        if self._task is not None:
            self._task.cancel()
        if self._writer is not None:
            with suppress(OSError):
                await self._writer.drain()
            self._writer.close()


class ScreenLine:
    """The socket at which the screen is met. `said` hears the learner's wishes."""

    def __init__(self, path: Path, said: Callable[[Said], None]) -> None:
        self._path, self._said = path, said
        self._screens: set[asyncio.StreamWriter] = set()
        self._meetings: set[asyncio.Task[None]] = set()
        self._last: Shown | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; a file that a dead process left is replaced."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._met, self._path, limit=LONGEST)
        self._path.chmod(SCREEN_MODE)

    def show(self, shown: Shown) -> None:
        """Send how it stands, to whoever is there, and to whoever comes."""
        self._last = shown
        for screen in self._screens:
            screen.write(ENCODE(shown) + b"\n")

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        meeting = asyncio.current_task()
        assert meeting is not None
        self._meetings.add(meeting)
        meeting.add_done_callback(self._meetings.discard)
        self._screens.add(writer)
        if self._last is not None:
            writer.write(ENCODE(self._last) + b"\n")
        try:
            with suppress(OSError, ValueError):
                await _each(reader, msgspec.json.Decoder(Said).decode, self._said)
        finally:
            self._screens.discard(writer)
            writer.close()

    async def close(self) -> None:
        """Meet nobody any more."""
        if self._server is not None:
            self._server.close()
        for screen in tuple(self._screens):
            with suppress(OSError):
                await screen.drain()
            screen.close()
        if self._meetings:  # they end by themselves now that nothing comes any more
            await asyncio.wait(self._meetings, timeout=AGAIN_S)
        self._path.unlink(missing_ok=True)


async def _each(reader: asyncio.StreamReader, decode: Callable[[bytes], Any], hear: Callable[[Any], None]) -> None:
    """Hear every line until the end."""
    async for line in reader:
        try:
            message = decode(line)
        except msgspec.MsgspecError as error:
            log.warning("a line that cannot be read: %s", error)
            continue
        hear(message)
