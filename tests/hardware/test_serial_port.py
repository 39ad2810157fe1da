"""The serial edge: lines that vanish, come back, refuse their settings; and the pty that twins are served on."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest
import serial

from hardware.transport import serial_port
from hardware.transport.serial_port import PortSettings, SerialPort, modem_lines, open_serial
from hardware.twins.pseudo_terminal import serve


class Echo:
    """A twin that says back what it hears, and counts its ticks."""

    def __init__(self) -> None:
        self.ticks = 0
        self.heard = b""

    def receive(self, data: bytes, now_ms: int) -> bytes:
        self.heard += data
        return data

    def tick(self, now_ms: int) -> bytes:
        self.ticks += 1
        return b""

    def state(self) -> dict[str, Any]:
        return {"ticks": self.ticks}


class Heard:
    """What a port's callbacks told, and how to wait for it."""

    def __init__(self) -> None:
        self.data, self.back, self.lost, self.ticks = b"", 0, 0, 0
        self._changed = threading.Condition()

    def settings(self, path: Path) -> SerialPort:
        return SerialPort(PortSettings(str(path)), self._bytes, self._tick, self._back, self._lost)

    def until(self, holds: Any) -> None:
        with self._changed:
            assert self._changed.wait_for(holds, timeout=30), vars(self)

    def _say(self, **more: Any) -> None:
        with self._changed:
            for name, value in more.items():
                setattr(self, name, getattr(self, name) + value)
            self._changed.notify_all()

    def _bytes(self, data: bytes, now_ms: int) -> None:
        self._say(data=data)

    def _tick(self, now_ms: int) -> None:
        self._say(ticks=1)

    def _back(self) -> None:
        self._say(back=1)

    def _lost(self) -> None:
        self._say(lost=1)


def test_bytes_go_out_and_come_in(tmp_path: Path) -> None:
    heard = Heard()
    with serve(Echo(), tmp_path / "line"), heard.settings(tmp_path / "line") as port:
        heard.until(lambda: heard.back == 1)
        everything = bytes(range(256)) * 4
        assert port.write(everything)
        heard.until(lambda: heard.data == everything)
        assert port.health()["bytes_in"] == port.health()["bytes_out"] == 1024


def test_a_cable_out_and_in_again_is_told_once_each(tmp_path: Path) -> None:
    heard = Heard()
    with serve(Echo(), tmp_path / "line") as line, heard.settings(tmp_path / "line") as port:
        for turn in (1, 2):
            heard.until(lambda turn=turn: heard.back == turn)
            line.unplug()
            heard.until(lambda turn=turn: heard.lost == turn)
            assert not port.write(b"into the void")
            ticks = heard.ticks
            heard.until(lambda ticks=ticks: heard.ticks > ticks + 3)  # it goes on ticking without a line
            line.replug()
        heard.until(lambda: heard.back == 3)
        assert port.write(b"x")
        heard.until(lambda: heard.data == b"x")
        assert port.health()["lost"] == 2
        assert port.health()["unsent"] == 2 * len(b"into the void")


def test_a_line_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    heard = Heard()
    with heard.settings(tmp_path / "line") as port:
        heard.until(lambda: heard.ticks > 3)
        assert port.health()["failed_opens"] >= 1
        assert port.health()["error"]
        with serve(Echo(), tmp_path / "line"):
            heard.until(lambda: heard.back == 1)
        heard.until(lambda: heard.lost == 1)


def test_closing_is_fine_at_any_time_and_twice(tmp_path: Path) -> None:
    never = Heard().settings(tmp_path / "none")
    never.close()
    never.close()
    with serve(Echo(), tmp_path / "line") as line:
        port = Heard().settings(tmp_path / "line")
        port.start()
        port.start()
        port.close()
        port.close()
        assert not port.write(b"x")
        line.close()
    assert not os.path.lexists(tmp_path / "line")


def test_a_pty_has_no_modem_lines_and_takes_any_frame(tmp_path: Path) -> None:
    with serve(Echo(), tmp_path / "line"):
        for settings in (
            PortSettings(str(tmp_path / "line"), 9600, stop_bits=2),
            PortSettings(str(tmp_path / "line"), 115_200),
            PortSettings(str(tmp_path / "line"), 9600, 7, "E"),
            PortSettings(str(tmp_path / "line"), 9600, 8, "O"),
        ):
            for _ in range(2):
                with open_serial(settings) as line:
                    assert modem_lines(line) == {}


def test_only_a_pty_is_opened_otherwise_than_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refuse(settings: PortSettings, bits: int, parity: str) -> serial.Serial:
        asked.append((settings.path, bits, parity))
        raise OSError(errno.EINVAL, "no such frame")

    monkeypatch.setattr(serial_port, "_open", refuse)
    for path, tries in (("/dev/ttyUSB0", 1), ("/dev/pts/9999", 2)):
        asked.clear()
        with pytest.raises(OSError, match="no such frame"):
            open_serial(PortSettings(path, 9600, 7, "E"))
        assert asked == [(path, 7, "E"), (path, 8, "N")][:tries]
