"""`kiosk devices replay FILE`: our driver against the far end that was recorded, and what differs.

The theory. A recording is read as exchanges: what the host said, and all that the device said until the host spoke
again, with the pauses. The far end stands on a pty and answers each of the driver's questions with the next recorded
exchange that begins with the same bytes; after the last one the search begins anew, since hosts poll. A question that
the recording does not have is answered with silence and reported; so is what was recorded and never asked. Hidden rows
(a PIN, a card that is no practice card's) cannot be played and are counted.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from hardware.decoders.wire_decoders import WireDecoder
from hardware.diagnostics.cli.device_access import own
from hardware.diagnostics.cli.monitor import FORMAT
from hardware.diagnostics.live_socket import driver_of
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.twins.pseudo_terminal import serve
from kiosk_firmware.core.events import AnyEvent

LONGEST_PAUSE_MS = 3000
QUIET_S = 2.0
"""The replay ends when nothing new was asked for so long."""
LIMIT_S = 120.0


class RecordedExchange(msgspec.Struct):
    """One exchange of a recording: what the host said, its words, and what followed: (pause in ms, bytes)."""

    asked: bytes
    words: str
    said: list[tuple[int, bytes]]
    played: int = 0


class LineRecording(msgspec.Struct, frozen=True):
    """A recording of one line: the devices on it as unit.toml has them, who was enabled, and the exchanges in order."""

    devices: dict[str, dict[str, Any]]
    enabled: tuple[str, ...]
    exchanges: list[RecordedExchange]
    hidden: int


def read_recording(file: Path) -> list[LineRecording]:
    """Read a recording, split by the unit's serial lines. Raises ValueError for a file that is none; names it and the
    line.
    """
    try:
        head, *rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        if head.get("format") != FORMAT:
            raise ValueError(f"format {head.get('format')!r}: allowed is {FORMAT}")
        lines = sorted({tuple(row["at"]) for row in rows})
        return [_line(head, names, [row for row in rows if tuple(row["at"]) == names]) for names in lines]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{file}: no recording of wires: {error}") from error


def _line(head: dict[str, Any], names: tuple[str, ...], rows: list[dict[str, Any]]) -> LineRecording:
    exchanges: list[RecordedExchange] = []
    last_ms = rows[0]["ms"]
    for row in rows:
        if "hex" not in row:
            continue
        data, pause_ms = bytes.fromhex(row["hex"]), min(int(row["ms"]) - last_ms, LONGEST_PAUSE_MS)
        last_ms = int(row["ms"])
        if row["host"]:
            exchanges.append(RecordedExchange(data, "; ".join(row["words"]), []))
        elif exchanges:
            exchanges[-1].said.append((pause_ms, data))
    devices = {name: head["devices"][name] for name in names}
    enabled = tuple(name for name in names if name in head["enabled"])
    return LineRecording(devices, enabled, exchanges, sum("hex" not in row for row in rows))


class ReplayedDevice:
    """The twin that plays a recording. `strange`: questions that it does not have, in words."""

    def __init__(self, recording: LineRecording, reader: WireDecoder) -> None:
        self.strange: list[str] = []
        self.new_s = time.monotonic()
        self._exchanges, self._reader = recording.exchanges, reader
        self._next = 0
        self._heard = b""
        self._due: list[tuple[int, bytes]] = []

    def receive(self, data: bytes, now_ms: int) -> bytes:
        """Take the driver's bytes; return the answer that was recorded."""
        self._heard += data
        order = [*range(self._next, len(self._exchanges)), *range(self._next)]
        for at in order:
            if self._exchanges[at].asked == self._heard:
                self._play(at, now_ms)
                return self.tick(now_ms)
        if not any(one.asked.startswith(self._heard) for one in self._exchanges):
            said = [word for one in self._reader.heard(self._heard, True, now_ms) for word in one.words]
            self._note(", ".join(said) or self._heard.hex(" "))
            self._heard = b""
        return self.tick(now_ms)

    def tick(self, now_ms: int) -> bytes:
        """Return what is due by now."""
        out = b""
        while self._due and self._due[0][0] <= now_ms:
            out += self._due.pop(0)[1]
        return out

    def state(self) -> dict[str, Any]:
        """Return how many exchanges were played."""
        return {"played": sum(one.played > 0 for one in self._exchanges)}

    def _play(self, at: int, now_ms: int) -> None:
        one, self._heard, self._next = self._exchanges[at], b"", at + 1
        self.new_s = self.new_s if one.played else time.monotonic()
        one.played += 1
        due_ms = now_ms
        for pause_ms, data in one.said:
            due_ms += pause_ms
            self._due.append((due_ms, data))

    def _note(self, words: str) -> None:
        if words not in self.strange:
            self.strange.append(words)
            self.new_s = time.monotonic()


def replay_recording(file: Path) -> Iterator[tuple[str, bool]]:
    """Yield lines to read, each with whether it is a difference. Raises ValueError as `read`."""
    for recording in read_recording(file):
        yield from _played(recording)


def _played(recording: LineRecording) -> Iterator[tuple[str, bool]]:
    names = "+".join(recording.devices)
    devices = msgspec.convert(recording.devices, DeviceTables)
    table = next(table for name, table in devices.named() if name in recording.devices)
    far = ReplayedDevice(recording, WireDecoder(driver_of(table), *recording.devices))
    events: list[AnyEvent] = []
    with tempfile.TemporaryDirectory(prefix="kiosk-replay-") as folder:
        port = Path(folder) / Path(table.port).name  # type: ignore[attr-defined]
        moved = {name: {**table, "port": str(port)} for name, table in recording.devices.items()}
        devices = msgspec.convert(moved, DeviceTables)
        with serve(far, port), own(devices, MoneyChannels(), Path(folder), heard=events.append) as parts:
            for name in recording.enabled:
                parts.drivers[name].enable(True)  # type: ignore[index]
            _until_quiet(far)
            ready = all(parts.ready(name) for name in recording.devices)  # type: ignore[arg-type]
    played, whole = far.state()["played"], len(recording.exchanges)
    yield f"{names}: {played} of {whole} recorded exchanges played, {recording.hidden} rows hidden", False
    yield from ((f"{names}: told {msgspec.json.encode(event).decode()}", False) for event in events)
    yield from ((f"{names}: differs: our driver says what was not recorded: {words}", True) for words in far.strange)
    never = dict.fromkeys(one.words for one in recording.exchanges if not one.played)
    yield from ((f"{names}: recorded and not asked by our driver: {words}", False) for words in never)
    if not ready:
        yield f"{names}: differs: our driver did not get ready", True


def _until_quiet(far: ReplayedDevice) -> None:
    end = time.monotonic() + LIMIT_S
    pause = threading.Event()
    while time.monotonic() < min(end, far.new_s + QUIET_S):
        pause.wait(0.1)
