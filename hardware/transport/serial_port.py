"""The serial edge: one port, one thread, and everything a cable can do to it.

The theory. All of a driver's work happens in its port's thread: the thread waits for bytes, hands them on, and ticks
a few dozen times a second, also while the cable is out. So drivers need no locks of their own, and a driver that
waits for an answer can always give up in time. A port that vanishes (EIO, no such file) is reported lost once, tried
again with a growing pause, and reported back once. Nothing here raises into a driver.

Pseudo terminals differ from real lines in two ways (Linux forces CS8 without parity on them): reading modem lines
raises ENOTTY, and opening with 7 bits or parity raises EINVAL. The first is swallowed; after the second a pty, and
never a real line, is opened again as 8N, with a warning in the log.

A port may be named by what it is (`hardware.transport.port_names`); the tty is looked up at each opening, so an adapter
that comes back under another number is found. An open line can be lent for a moment (`lend`), and what is said on it
can be overheard (`PortSettings.tap`).
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import termios
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import serial

from hardware.transport import port_names

log = logging.getLogger(__name__)

TICK_MS = 50
"""Bytes and effects wake the thread at once; ticks only serve time-outs and the next poll, and each costs CPU."""
FIRST_PAUSE_MS, LAST_PAUSE_MS = 50, 2000


def monotonic_ms() -> int:
    """Return milliseconds of the monotonic clock: for spans, never for dates."""
    return time.monotonic_ns() // 1_000_000


class PortSettings(msgspec.Struct, frozen=True):
    """A serial line: *path* (a device file, or a name as in `hardware.transport.port_names`), *baud*, and its frame.

    *tap* overhears: it is called with *label*, the bytes, and whether the host said them; it must be quick.
    """

    path: str
    baud: int = 9600
    bits: int = 8
    parity: str = "N"
    stop_bits: int = 1
    tap: Callable[[str, bytes, bool], None] | None = None
    label: str = ""


def open_serial(settings: PortSettings) -> serial.Serial:
    """Open the line. Raises OSError (SerialException is one) when that fails, whatever the system's reason."""
    settings = msgspec.structs.replace(settings, path=port_names.device(settings.path))
    try:
        return _open(settings, settings.bits, settings.parity)
    except (OSError, termios.error) as error:
        if error.args[:1] != (errno.EINVAL,) and getattr(error, "errno", None) != errno.EINVAL:
            raise OSError(*error.args) from error
        if not os.path.realpath(settings.path).startswith("/dev/pts/"):
            raise OSError(*error.args) from error
    log.warning("%s is a pseudo terminal: opened as 8N instead of %d%s", settings.path, settings.bits, settings.parity)
    try:
        return _open(settings, 8, "N")
    except termios.error as error:
        raise OSError(*error.args) from error


def _open(settings: PortSettings, bits: int, parity: str) -> serial.Serial:
    return serial.Serial(
        settings.path,
        settings.baud,
        bytesize=bits,
        parity=parity,
        stopbits=settings.stop_bits,
        timeout=TICK_MS / 1000,
        write_timeout=1.0,
        exclusive=True,
    )


def modem_lines(line: serial.Serial) -> dict[str, bool]:
    """Return CTS, DSR and CD as far as the line has them; empty on a pty."""
    try:
        return {"cts": bool(line.cts), "dsr": bool(line.dsr), "cd": bool(line.cd)}
    except OSError as error:
        if error.errno in (errno.ENOTTY, errno.EINVAL):
            return {}
        raise


class SerialPort:
    """A line that is kept open. The four callbacks run in its thread.

    on_bytes(data, now_ms), on_tick(now_ms) about every 50 ms, on_back() when it has been opened, on_lost() when it
    broke. ``with`` starts and stops it; close() twice is fine; close() from a callback does not wait for the thread.
    """

    def __init__(
        self,
        settings: PortSettings,
        on_bytes: Callable[[bytes, int], None],
        on_tick: Callable[[int], None] = lambda now_ms: None,
        on_back: Callable[[], None] = lambda: None,
        on_lost: Callable[[], None] = lambda: None,
        clock: Callable[[], int] = monotonic_ms,
    ) -> None:
        self._settings, self._clock = settings, clock
        self._on_bytes, self._on_tick, self._on_back, self._on_lost = on_bytes, on_tick, on_back, on_lost
        self._line: serial.Serial | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._broken = False
        self._thread: threading.Thread | None = None
        self._borrower: Callable[[serial.Serial], None] | None = None
        self._counts = {"opened": 0, "lost": 0, "failed_opens": 0, "bytes_in": 0, "bytes_out": 0, "unsent": 0}
        self._last_error = ""

    def __enter__(self) -> SerialPort:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Begin; returns at once, on_back tells when the line is open. Starting twice is fine."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"port {self._settings.path}", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End the thread and close the line."""
        self._stopping.set()
        self.wake()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=5)

    def wake(self) -> None:
        """Let the thread tick now; from any thread."""
        self._woken.set()
        with self._lock:
            if self._line is not None:
                with contextlib.suppress(OSError, AttributeError, TypeError):  # it may be closing this instant
                    self._line.cancel_read()

    def write(self, data: bytes) -> bool:
        """Write *data* whole, from any thread. False when the line is out, and then nothing can be assumed to be
        sent.
        """
        if not data:
            return True
        with self._lock:
            line = self._line
            if line is None:
                self._counts["unsent"] += len(data)
                return False
            try:
                line.write(data)
            except (OSError, termios.error) as error:
                self._note(error)
                self._broken = True
                return False
            self._counts["bytes_out"] += len(data)
        self._overhear(data, host=True)
        return True

    def lend(self, work: Callable[[serial.Serial], None]) -> bool:
        """Let *work* have the open line once, in the port's thread, while the driver hears nothing; False without one.

        It may write, read and change the speed, and must put everything back; OSError from it: the line broke.
        """
        if self._line is None:
            return False
        self._borrower = work
        self.wake()
        return True

    def reopen(self) -> None:
        """Close the line and open it anew, as if its cable had been out."""
        self._broken = self._line is not None
        self.wake()

    def health(self) -> dict[str, Any]:
        """Return path, tty, open, the counters, and the last error as text."""
        line = self._line
        tty = line.port if line is not None else ""
        seen = {"path": self._settings.path, "tty": tty, "open": line is not None, "error": self._last_error}
        return {**seen, **self._counts}

    def _overhear(self, data: bytes, host: bool) -> None:
        if self._settings.tap is not None:
            self._settings.tap(self._settings.label, data, host)

    def _note(self, error: Exception) -> None:
        self._last_error = f"{type(error).__name__}: {error}"

    def _run(self) -> None:
        pause_ms = FIRST_PAUSE_MS
        while not self._stopping.is_set():
            if self._line is None and not self._try_open():
                self._idle(pause_ms)
                pause_ms = min(2 * pause_ms, LAST_PAUSE_MS)
                continue
            pause_ms = FIRST_PAUSE_MS
            self._turn()
        self._drop()

    def _try_open(self) -> bool:
        try:
            line = open_serial(self._settings)
        except OSError as error:
            self._counts["failed_opens"] += 1
            self._note(error)
            return False
        with self._lock:
            self._line, self._broken = line, False
        self._counts["opened"] += 1
        self._on_back()
        return True

    def _idle(self, pause_ms: int) -> None:
        """Tick through a pause; drivers answer their effects also while the cable is out."""
        until_ms = monotonic_ms() + pause_ms
        while not self._stopping.is_set():
            self._on_tick(self._clock())
            left_ms = until_ms - monotonic_ms()
            if left_ms <= 0:
                return
            self._woken.wait(min(TICK_MS, left_ms) / 1000)
            self._woken.clear()

    def _turn(self) -> None:
        line, borrower, self._borrower = self._line, self._borrower, None
        assert line is not None
        try:
            if borrower is not None:
                borrower(line)
                line.reset_input_buffer()
            data = line.read(1)
            if data:
                data += line.read(line.in_waiting)
        except (OSError, termios.error, TypeError) as error:  # TypeError: pyserial's way to meet a closed descriptor
            self._note(error)
            self._broken = True
            data = b""
        self._woken.clear()
        if data:
            self._counts["bytes_in"] += len(data)
            self._overhear(data, host=False)
            self._on_bytes(data, self._clock())
        if self._broken:
            self._drop()
            self._counts["lost"] += 1
            self._on_lost()
        self._on_tick(self._clock())

    def _drop(self) -> None:
        with self._lock:
            line, self._line = self._line, None
        if line is not None:
            with contextlib.suppress(OSError, termios.error):
                line.close()
