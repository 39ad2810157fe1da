"""The host's half of a serial PIN pad: commands out, answers and pressed keys in. One row a model.

The theory. All pads are used alike: they are told to send every key as it is pressed, for the glass shows how many
digits stand, and to keep still again. What differs is in `MODELS`:

- ``idtech`` answers "get all keys" (75 46 28) with ``06 key``, and "cancel" (75 46 09) always, which is how it is seen
  to be there;
- ``gz`` and ``epp`` answer every command, also those that they do not know; the command that opens their keys is in the
  maker's sheet and stands in unit.toml (without one they send keys from power-on). A key is one byte in an ok frame;
- ``hcc960`` answers nothing: ESC M lets keys through as single bytes.

Commands may be said again when nothing is heard: none of them moves or counts anything. Sources: as in
``pinpad_serial`` and ``pinpad_hcc960``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from hardware.framing.exchange import Exchange, NoAnswer
from hardware.protocols import pinpad_hcc960, pinpad_serial
from hardware.transport.secret_bytes import SecretBytes

ASCII_KEYS = {**{code: chr(code) for code in b"0123456789"}, 0x0D: "E", 0x08: "C", 0x1B: "X"}
IDTECH_KEYS = {**{code: chr(code) for code in b"0123456789"}, ord("E"): "E", ord("B"): "C", ord("C"): "X"}
IDTECH_ALL_KEYS, IDTECH_CANCEL = b"\x75\x46\x28", b"\x75\x46\x09"
ESC_KEYS = b"\x1bM"
VERSION = b"h"
"""GZ pads tell their version; what does not know the command says so, which tells as much: somebody is there."""


class PinpadModel(NamedTuple):
    """The way a pad model is used: the bodies of its commands (empty: it has none), whether *open* is answered (all
    others are), and the status of a frame that is a key.
    """

    open: bytes = b""
    close: bytes = b""
    ping: bytes = b""
    opens_answered: bool = True
    key_code: int = -1
    keys: dict[int, str] = ASCII_KEYS
    each: bool = False
    """A key ends the key mode; it is opened again after each."""


MODELS = {
    "gz": PinpadModel(ping=VERSION, key_code=pinpad_serial.GZ_OK),
    "epp": PinpadModel(ping=VERSION, key_code=0x04),
    "idtech": PinpadModel(
        open=IDTECH_ALL_KEYS,
        close=IDTECH_CANCEL,
        ping=IDTECH_CANCEL,
        opens_answered=False,
        each=True,
        key_code=pinpad_serial.IDTECH_OK,
        keys=IDTECH_KEYS,
    ),
    "hcc960": PinpadModel(open=ESC_KEYS, opens_answered=False),
}


class Pressed(msgspec.Struct, frozen=True):
    """A key went down: a digit, E, C or X, masked."""

    key: SecretBytes

    @property
    def name(self) -> str:
        """The key, for the entry alone."""
        return self.key.reveal().decode()


class PadAnswer(msgspec.Struct, frozen=True):
    """The pad took the command (*ok*), or said what is wrong; any answer shows that it is there."""

    ok: bool
    reason: str = ""


Outcome = Pressed | PadAnswer


class PadHost(Exchange[Any, Outcome]):
    """One exchange at a time, and keys at any time."""

    def __init__(self, name: str) -> None:
        self.model = MODELS[name]
        self._name = name
        super().__init__(pinpad_hcc960.Codec() if name == "hcc960" else pinpad_serial.Codec(name))

    def tell(self, body: bytes) -> None:
        """Say what is not answered."""
        self._out += self._frame(body)

    def _frame(self, body: bytes) -> bytes:
        if self._name == "hcc960":
            return body
        return pinpad_serial.send(pinpad_serial.Frame(self._name, body[0], SecretBytes(body[1:])))

    def _take(self, message: Any, now_ms: int) -> list[Outcome | NoAnswer]:
        match message:
            case pinpad_hcc960.Key("digit", digit):
                return [Pressed(digit)]
            case pinpad_hcc960.Key(name):
                return [Pressed(SecretBytes(b"E" if name == "enter" else b"C"))]
            case pinpad_serial.Frame():
                return self._framed(message)
            case _:
                return []  # counted by the codec; the command is said again

    def _framed(self, frame: pinpad_serial.Frame) -> list[Outcome | NoAnswer]:
        key = self.model.keys.get(frame.data.reveal()[0]) if len(frame.data) == 1 else None
        if key is not None and frame.code == self.model.key_code:
            return [Pressed(SecretBytes(key.encode()))]
        answer = pinpad_serial.answer(frame)
        said = PadAnswer(answer.ok, answer.reason)
        return self._done(said) if self.busy else [said]
