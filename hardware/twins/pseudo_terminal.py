"""A twin on a pseudo terminal: what looks to a driver like a serial port with a device behind it.

``serve`` opens a pty, makes a symlink to it under a name that stays the same, and runs the twin in a thread: bytes
from the host go to ``twin.receive``, time to ``twin.tick``. ``unplug`` closes the pty (the host's next read fails, as
when a USB cable is pulled) and ``replug`` opens another one at the same name; the twin itself goes on living in
between, for a real device keeps the card when its cable is out. Ptys do not limit speed; with *baud* the answers are
let out at that rate.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hardware.twins.serial_twin import Twin

TICK_S = 0.02
"""How often a twin is told the time when its line is quiet."""


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class ServedTwin:
    """A twin that is being served. ``path`` is what a driver opens; ``lock`` guards the twin; ``with`` and close()
    twice work.
    """

    def __init__(self, twin: Twin, link: Path | str | None = None, baud: int | None = None) -> None:
        self.twin = twin
        self.lock = threading.RLock()
        self.heard: Callable[[bytes, bool], None] = lambda data, from_host: None
        """Overhears the wire: what the host said (True) and what the twin answered (False)."""
        self._link = Path(link) if link is not None else None
        self._byte_s = 10 / baud if baud else 0.0
        self._master = -1
        self._slave = -1
        self._name = ""
        self._stopping = threading.Event()
        self.replug()
        self._thread = threading.Thread(target=self._run, name="twin", daemon=True)
        self._thread.start()

    @property
    def path(self) -> str:
        """The symlink when there is one, else the pty's own name."""
        return str(self._link) if self._link is not None else self._name

    def __enter__(self) -> ServedTwin:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def hold(self) -> Iterator[Twin]:
        """Yield the twin, with its thread kept out, for the panel's acts."""
        with self.lock:
            yield self.twin

    def unplug(self) -> None:
        """Pull the cable: the pty is closed and its name vanishes."""
        with self.lock:
            for descriptor in (self._master, self._slave):
                if descriptor >= 0:
                    os.close(descriptor)
            self._master = self._slave = -1
            if self._link is not None:
                with contextlib.suppress(FileNotFoundError):
                    self._link.unlink()

    def replug(self) -> None:
        """Put the cable in again: a new pty at the same name. Does nothing when it is in."""
        with self.lock:
            if self._master >= 0 or self._stopping.is_set():
                return
            self._master, self._slave = os.openpty()
            tty.setraw(self._slave)
            os.set_blocking(self._master, False)
            self._name = os.ttyname(self._slave)
            if self._link is not None:
                # The new link replaces the old in one step: a host that looks meanwhile never finds half a name.
                spare = self._link.with_name(self._link.name + ".new")
                with contextlib.suppress(FileNotFoundError):
                    spare.unlink()
                spare.symlink_to(self._name)
                spare.replace(self._link)

    def close(self) -> None:
        """Stop serving and remove the name."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._thread.join(timeout=5)
        self.unplug()

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self.lock:
                master = self._master
            if master < 0:
                self._guarded(lambda: self.twin.tick(_now_ms()))
                self._stopping.wait(TICK_S)
                continue
            try:
                readable, _, _ = select.select([master], [], [], TICK_S)
            except (OSError, ValueError):
                continue  # unplugged between the look and the wait
            data = self._read(master) if readable else b""
            self._guarded(lambda data=data: self._answer(data))  # type: ignore[misc]

    def _answer(self, data: bytes) -> bytes:
        now_ms = _now_ms()
        if not data:
            return self.twin.tick(now_ms)
        self.heard(data, True)
        return self.twin.receive(data, now_ms)

    def _guarded(self, work: Callable[[], bytes]) -> None:
        with self.lock:
            out = work()
            master = self._master
        if out and master >= 0:
            self.heard(out, False)
            self._write(master, out)

    def _read(self, master: int) -> bytes:
        with self.lock:
            if master != self._master:
                return b""
            try:
                return os.read(master, 4096)
            except BlockingIOError:
                return b""
            except OSError as error:
                if error.errno != errno.EIO:  # EIO: no host has it open
                    raise
                return b""

    def _write(self, master: int, data: bytes) -> None:
        if self._byte_s:
            self._stopping.wait(len(data) * self._byte_s)
        with self.lock:
            if master != self._master:
                return
            # A host that does not read lets the pty fill up; a real wire would lose the bytes too.
            with contextlib.suppress(BlockingIOError):
                os.write(master, data)


def serve(twin: Twin, link: Path | str | None = None, baud: int | None = None) -> ServedTwin:
    """Serve *twin* on a pty, with a symlink to it at *link*; *baud* slows its answers to that rate."""
    return ServedTwin(twin, link, baud)
