"""`kiosk devices compare`, `accept`, `note`, `history`: what devices have done, and what was done to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from hardware.diagnostics import degradation
from hardware.diagnostics.cli.device_access import UnitError, connect_running
from hardware.diagnostics.device_history import FILE, UTC8, History, HistoryEntry
from hardware.drivers.settings.hardware_settings import DeviceTables
from kiosk_firmware.system.utc_clock import utc_ms


def _history(state: Path) -> History:
    """Return the history file, with what a running unit has counted up to now."""
    if not state.is_dir():
        raise UnitError(f"--state {state}: no such folder")
    if (line := connect_running(state)) is not None:
        with line:
            line.ask("save")
    return History(state / FILE)


def compare_counts(state: Path, since: str) -> Iterator[str]:
    """Yield what got worse since the acceptance, or since a date. Raises UnitError where there is nothing to compare
    with.
    """
    history = _history(state)
    if since == "acceptance":
        accepted = history.accepted()
        if accepted is None:
            raise UnitError("nothing was accepted yet: `kiosk devices accept` does that")
        era, from_ms = accepted
        now, before = history.counts(era=era), history.counts(era=era - 1)
    else:
        day = _day(since)
        from_ms = int((datetime(day.year, day.month, day.day, tzinfo=UTC) - UTC8).timestamp() * 1000)
        now, before = history.counts(since=day), history.counts(until=day)
    yield f"since {shown_day(from_ms)}:"
    yield from degradation.degradation_sentences(now, before)
    yield from (log_entry_line(entry) for entry in history.log(from_ms))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnitError(f"--since {text!r}: allowed are acceptance and a date as 2026-11-02") from None


def shown_day(at_ms: int) -> str:
    """Return the day of an instant in practised time, as YYYY-MM-DD."""
    return (datetime.fromtimestamp(at_ms / 1000, UTC) + UTC8).strftime("%Y-%m-%d")


def log_entry_line(entry: HistoryEntry) -> str:
    """Return an entry of the log as one line."""
    return f"  {shown_day(entry.at_ms)} {entry.device or 'all'}: {entry.text}"


def accept_baseline(state: Path) -> Iterator[str]:
    """Make what was counted so far the baseline."""
    history = _history(state)
    last = history.accepted()
    counts = history.counts(era=last[0] if last else 0)
    history.accept(utc_ms())
    yield f"accepted with what {len(counts)} devices have done: {', '.join(sorted(counts)) or 'nothing yet'}"


def note_service(state: Path, devices: DeviceTables, device: str, text: str) -> Iterator[str]:
    """Write a line into a device's log. Raises UnitError for a device that the unit does not have."""
    known = [name for name, _ in devices.named()]
    if device not in known:
        raise UnitError(f"device {device!r}: allowed are {', '.join(known)}")
    _history(state).note(device, text, utc_ms())
    yield f"{device}: noted"


def history_lines(state: Path, device: str) -> Iterator[str]:
    """Yield the counts of a device's weeks, then its log, as lines."""
    history = _history(state)
    for week, counts in history.weeks(device).items():
        yield f"{week}  {', '.join(f'{name} {n}' for name, n in sorted(counts.items()) if n)}"
    yield from (log_entry_line(entry) for entry in history.log() if entry.device in (device, ""))
