"""From finger to glass, seen from outside by an X client: no code of the measured program takes part.

XTest presses and releases the mouse button; the client then polls rows of pixels until they change. *Pressed*: the
time from the press until pixels of the key differ from its resting look. *Next page*: from the release until all
watched rows equal what they settled to after the first, unmeasured round, so a half-drawn page does not count.
*Idle*: processor time of the process from /proc while nobody touches anything.

`python -m deploy.bench.latency [--stock] [--rounds N]` measures the glass by itself under an Xvfb of its own; `measure`
does the same for any window on a display.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from Xlib import X, display
from Xlib.ext import xtest

Point = tuple[int, int]
FRESH_S = 0.6
"""Longer than the 400 ms in which a new page takes no touch."""
PATIENCE_S = 10.0
LOOK_S = 0.0003
"""Between two looks: an eye that spins would take a core from the measured program."""


class Latency(msgspec.Struct, frozen=True):
    """Milliseconds at the median and the 95th percentile, and the rounds they come from."""

    pressed_p50: float
    pressed_p95: float
    page_p50: float
    page_p95: float
    rounds: int
    idle_cpu: float
    """Share of one core, 0..1."""


class Eye:
    """One X connection that presses and looks."""

    def __init__(self, name: str) -> None:
        """Connect to display `name`."""
        self._display = display.Display(name)
        self._root: Any = self._display.screen().root
        self._wide = self._display.screen().width_in_pixels

    def press(self, at: Point, down: bool) -> float:
        """Press or release at a point; the moment the server had it."""
        if down:
            xtest.fake_input(self._display, X.MotionNotify, x=at[0], y=at[1])
            self._display.sync()
        xtest.fake_input(self._display, X.ButtonPress if down else X.ButtonRelease, 1)
        self._display.sync()
        return time.perf_counter()

    def spot(self, at: Point) -> bytes:
        """Return a few pixels at a point."""
        return bytes(self._root.get_image(at[0], at[1], 8, 1, X.ZPixmap, 0xFFFFFFFF).data)

    def row(self, y: int) -> bytes:
        """Return one row of the screen's pixels."""
        return bytes(self._root.get_image(0, y, self._wide, 1, X.ZPixmap, 0xFFFFFFFF).data)

    def wait(self, seen: Callable[[], bool]) -> float:
        """Return the moment `seen` becomes true, in seconds.

        Raises:
            TimeoutError: it did not.
        """
        until = time.perf_counter() + PATIENCE_S
        while not seen():
            time.sleep(LOOK_S)
            if time.perf_counter() > until:
                raise TimeoutError("the glass did not change")
        return time.perf_counter()

    def close(self) -> None:
        """End the connection."""
        self._display.close()


def measure(
    name: str, pid: int, forth: Point, back: Point, rounds: int = 40, rows: Sequence[int] = (160, 264, 400, 640)
) -> Latency:
    """Measure a window that fills display `name`: tap `forth` to leave its page, `back` to return."""
    eye = Eye(name)
    idle = idle_share(pid)
    pages: dict[Point, list[bytes]] = {}
    pressed, page = [], []
    for at in range(2 * rounds + 2):
        where = forth if at % 2 == 0 else back
        shown, turned = _tap(eye, where, rows, pages)
        if at >= 2:
            pressed.append(shown)
            page.append(turned)
    eye.close()
    return Latency(*_spread(pressed), *_spread(page), len(pressed), idle)


def turned_ms(
    name: str, forth: Point, back: Point, rounds: int, rows: Sequence[int], pages: dict[Point, list[bytes]]
) -> list[float]:
    """Measure the milliseconds from release until the page behind `forth` is complete, each time; `back` returns.

    `pages` keeps what complete means: where it is known from another process, the first time counts, too.
    """
    eye, found = Eye(name), []
    for at in range(rounds):
        if at:
            _tap(eye, back, rows, pages)
        known = forth in pages
        turned = _tap(eye, forth, rows, pages)[1]
        found += [turned] if known else []
    eye.close()
    return found


def _tap(eye: Eye, where: Point, rows: Sequence[int], pages: dict[Point, list[bytes]]) -> tuple[float, float]:
    """Tap once; return the milliseconds until the pressed look, and until the page that follows."""
    time.sleep(FRESH_S)
    edge = (where[0] - 40, where[1] + 30)
    resting = eye.spot(edge)
    start = eye.press(where, down=True)
    shown = eye.wait(lambda: eye.spot(edge) != resting) - start
    time.sleep(0.08)
    start = eye.press(where, down=False)
    if where in pages:
        wanted = pages[where]
        turned = eye.wait(lambda: all(eye.row(y) == row for y, row in zip(rows, wanted, strict=True))) - start
    else:
        time.sleep(1.0)
        turned = 0.0
        pages[where] = [eye.row(y) for y in rows]
    return shown * 1000, turned * 1000


def _spread(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return round(ordered[len(ordered) // 2], 1), round(ordered[int(len(ordered) * 0.95)], 1)


def idle_share(pid: int, seconds: float = 4.0) -> float:
    """Measure the processor time of a process while it idles, as a share of one core."""
    time.sleep(2.5)
    before, start = _cpu_s(pid), time.perf_counter()
    time.sleep(seconds)
    return round((_cpu_s(pid) - before) / (time.perf_counter() - start), 4)


def _cpu_s(pid: int) -> float:
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def xvfb(width: int = 1280, height: int = 800) -> Iterator[str]:
    """Start an X server of its own on a free display; yield its name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def wait_for_window(name: str) -> None:
    """Wait until the display is no longer black: the first frame stands."""
    eye = Eye(name)
    eye.wait(lambda: any(eye.row(400)))
    eye.close()


def main(arguments: list[str]) -> int:
    """Measure the glass by itself; prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stock", action="store_true", help="Kivy's own loop instead of ours")
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args(arguments)
    with xvfb() as name:
        command = [sys.executable, "-m", "deploy.bench.glass", *(["--stock"] if options.stock else [])]
        glass = subprocess.Popen(command, env={**os.environ, "DISPLAY": name})
        try:
            wait_for_window(name)
            found = measure(name, glass.pid, forth=(150, 264), back=(1100, 624), rounds=options.rounds)
        finally:
            glass.terminate()
            glass.wait()
    print(msgspec.json.encode(found).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
