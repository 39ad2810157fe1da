"""The twin of a PIN pad on a serial line: gz, epp, idtech or hcc960, as its table says.

A finger presses keys; the pad sends them while its keys are open, each as its model does. Which key it was is nowhere
in the twin's state, for the same reason as in the driver. A pad that has a maker's command to open its keys keeps still
until it heard it; one without sends from power-on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hardware.drivers.settings.pin_pads import SerialPad
from hardware.protocols import pinpad_hcc960, pinpad_serial
from hardware.transport.secret_bytes import SecretBytes
from hardware.twins.serial_twin import WireFaults
from hardware.twins.twin_actions import Answer, Doing, act_answer

NAMES = {"enter": "E", "clear": "C", "cancel": "X"}
_ASCII = {"E": b"\r", "C": b"\x08", "X": b"\x1b"}
_IDTECH = {"E": b"E", "C": b"B", "X": b"C"}
_ALL_KEYS, _CANCEL, _CANCELED = b"\x46\x28", b"\x46\x09", b"\x18\x00"


def _press(twin: SerialPadTwin, args: dict[str, Any], _: float) -> Answer:
    return act_answer(twin.press(str(args["key"])), "the pad's keys are not open")


class SerialPadTwin:
    """The pad. Keys: "0".."9", "enter", "clear", "cancel" (hcc960 has none)."""

    ACTS: ClassVar[dict[str, Doing]] = {"pin_key": _press}
    FAULTS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, settings: SerialPad) -> None:
        self.wire = WireFaults()
        self.counters = {"pressed": 0, "commands": 0, "opened": 0}
        self._model = settings.model
        self._opening, self._closing = bytes.fromhex(settings.opening), bytes.fromhex(settings.closing)
        hears: dict[str, Callable[[], Any]] = {"hcc960": lambda: pinpad_hcc960.Codec(pad=True)}
        self._codec = hears.get(self._model, lambda: pinpad_serial.Codec(self._model))()
        self._open = self._model in ("gz", "epp") and not self._opening
        self._out = b""

    def press(self, key: str) -> bool:
        """Press a key; False when the pad does not send keys now. ValueError for a key that the pad does not have."""
        name = NAMES.get(key, key)
        if name not in {*"0123456789", *NAMES.values()} or (name == "X" and self._model == "hcc960"):
            raise ValueError(f"no key {key!r}: allowed are 0..9, {', '.join(NAMES)} (hcc960 has no cancel)")
        self.counters["pressed"] += 1
        if self._open:
            self._out += self._sent(name)
        was, self._open = self._open, self._open and self._model != "idtech"  # it tells one key, then asks to be asked
        return was

    def state(self) -> dict[str, Any]:
        """Return whether keys are sent, and how many were pressed; never which."""
        return {"open": self._open, "counters": dict(self.counters)}

    def receive(self, data: bytes, now_ms: int) -> bytes:
        """Take bytes from the host; return answers and keys."""
        out = self.tick(now_ms)
        for message in self._codec.receive_data(self.wire.hear(data), now_ms):
            out += self.wire.spoil(self._take(message), now_ms)
        return out

    def tick(self, now_ms: int) -> bytes:
        """Return the keys that were pressed, and late answers."""
        self._codec.tick(now_ms)
        out, self._out = self._out, b""
        return self.wire.spoil(out, now_ms, spoilable=self._model != "hcc960") + self.wire.due(now_ms)

    def _sent(self, name: str) -> bytes:
        if self._model == "hcc960":
            return _ASCII.get(name, name.encode())
        code = {"gz": pinpad_serial.GZ_OK, "epp": 0x04, "idtech": pinpad_serial.IDTECH_OK}[self._model]
        table = _IDTECH if self._model == "idtech" else _ASCII
        return self._frame(code, table.get(name, name.encode()))

    def _frame(self, code: int, data: bytes = b"") -> bytes:
        return pinpad_serial.send(pinpad_serial.Frame(self._model, code, SecretBytes(data)))

    def _take(self, message: Any) -> bytes:
        if not isinstance(message, (pinpad_serial.Frame, pinpad_hcc960.Command)):
            return b""
        self.counters["commands"] += 1
        if isinstance(message, pinpad_hcc960.Command):
            self._set(message.name == "keys")
            return b""
        body = bytes([message.code]) + message.data.reveal()
        return self._idtech(body) if self._model == "idtech" else self._plain(body)

    def _set(self, is_open: bool) -> None:
        self.counters["opened"] += is_open and not self._open
        self._open = is_open

    def _idtech(self, body: bytes) -> bytes:
        if body[1:] == _ALL_KEYS:
            self._set(True)
            return b""
        if body[1:] == _CANCEL:
            self._set(False)
            return self._frame(pinpad_serial.IDTECH_REFUSED, _CANCELED)
        return self._frame(pinpad_serial.IDTECH_REFUSED)

    def _plain(self, body: bytes) -> bytes:
        known = {self._opening: True, self._closing: False} if self._opening else {}
        if body in known:
            self._set(known[body])
            return self._frame(pinpad_serial.GZ_OK if self._model == "gz" else 0x04)
        return self._frame(pinpad_serial.GZ_REFUSED, b"\xe1") if self._model == "gz" else self._frame(0xE0)
