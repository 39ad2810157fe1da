"""`kiosk devices watch` and `record`: what is said on the wires, as it is said.

A recording is JSON lines: a head that says whose wires they are, then a row for each thing that an end said, with the
time, the bytes and the words. What is secret has a length and no bytes.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import msgspec

from hardware.diagnostics.cli.device_access import UnitConnection, UnitError, connect_running, reach
from hardware.drivers.settings.base import MoneyChannels, Table
from hardware.drivers.settings.hardware_settings import DeviceTables
from kiosk_firmware.system.utc_clock import utc_ms

FORMAT = "kiosk-wires-1"
REMEMBERED = 24
"""Things said that are not shown again while they stand among the last ones: hosts poll."""


def watch_lines(
    devices: DeviceTables, money: MoneyChannels, state: Path, at: Sequence[str], seconds: float, repeats: bool
) -> Iterator[str]:
    """Yield lines to read, until `seconds` are over (0: for ever)."""
    with reach(devices, money, state, at) as line:
        rows = rows_until(line, at, seconds)
        for row in (row for row in rows if row["words"]) if repeats else fresh(rows):
            yield terminal_line(row)


def fresh(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows that say something, without what was said a moment ago."""
    told: deque[str] = deque(maxlen=REMEMBERED)
    for row in rows:
        said = terminal_line(row).split(maxsplit=1)[1]
        if row["words"] and said not in told:
            yield row
        told.append(said)


def terminal_line(row: dict[str, Any]) -> str:
    """Return a row as one line for the terminal."""
    seconds = row["ms"] / 1000
    who = "host  " if row["host"] else "device"
    return f"{seconds:12.3f} {'+'.join(row['at']):<16} {who} {'; '.join(row['words'])}"


def rows_until(
    line: UnitConnection, at: Sequence[str], seconds: float, reopen: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a line until the time is over."""
    timer = threading.Timer(seconds, line.close) if seconds else None
    rows = line.watch(at, reopen)
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        yield from rows
    finally:
        if timer is not None:
            timer.cancel()


def record_line(
    devices: DeviceTables,
    money: MoneyChannels,
    state: Path,
    at: Sequence[str],
    seconds: float,
    out: TextIO,
    reopen: bool,
) -> Iterator[str]:
    """Write a recording. It begins with each device's set-up where the lines are our own, and where those of a running
    unit are opened anew (`reopen`), which loses the devices for a moment.

    Raises:
        UnitError: no device of these is on a serial line.
    """
    wires = {name: table for name, table in devices.named() if getattr(table, "port", "") and (not at or name in at)}
    if not wires:
        raise UnitError(f"nothing to record at {', '.join(at) or 'this unit'}: only serial lines are recorded")
    mine = connect_running(state) is None
    with reach(devices, money, state, at) as line:
        count = -1
        for one in recording_lines(line, wires, seconds, reopen or mine):
            out.write(one + "\n")
            out.flush()
            count += 1
        yield f"{count} rows of {', '.join(wires)}"


def recording_lines(
    line: UnitConnection, wires: Mapping[str, Table], seconds: float, reopen: bool = False
) -> Iterator[str]:
    """Yield a recording's lines: the head, then a row for each message on the wire."""
    health = line.ask("health")["health"]
    head = {
        "format": FORMAT,
        "at_utc_ms": utc_ms(),
        "devices": {name: msgspec.to_builtins(table) for name, table in wires.items()},
        "enabled": [name for name in wires if health.get(name, {}).get("enabled")],
    }
    yield msgspec.json.encode(head).decode()
    for row in rows_until(line, [*wires], seconds, reopen):
        yield msgspec.json.encode(redacted_row(row)).decode()


def redacted_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as it may stand in a file: what may be somebody's own is left out."""
    if not row.get("private"):
        return row
    hidden = len(row["hex"]) // 2
    said = {name: row[name] for name in ("at", "ms", "host")}
    return {**said, "words": [f"{hidden} bytes, not kept"], "hidden": hidden}
