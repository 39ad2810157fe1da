"""The host's half of a serial PIN pad: commands out, answers and pressed keys in. One row a model.

The theory. All pads are used alike: they are told to send every key as it is pressed, for the glass shows how many
digits stand, and to keep still again. What differs is in `MODELS`:

- ``idtech`` answers "get all keys" (75 46 28) with ``06 key``, and "cancel" (75 46 09) always, which is how it is seen
  to be there;
- ``gz`` and ``epp`` answer every command, also those that they do not know; the command that opens their keys is in the
  maker's sheet and stands in unit.toml (without one they send keys from power-on). A key is one byte in an ok frame;
- ``hcc960`` answers nothing: ESC M lets keys through as single bytes.

Commands may be said again when nothing is heard: none of them moves or counts anything. A key that comes while an
answer is awaited is kept, masked, until the answer is there. Sources: as in ``pinpad_serial``, ``pinpad_hcc960``.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import msgspec

from hardware.checks import LocalProtocolError
from hardware.exchange import Exchange, NoAnswer
from hardware.masked import Masked
from hardware.protocols import pinpad_hcc960, pinpad_serial

ASCII_KEYS = {**{code: chr(code) for code in b"0123456789"}, 0x0D: "E", 0x08: "C", 0x1B: "X"}
IDTECH_KEYS = {**{code: chr(code) for code in b"0123456789"}, ord("E"): "E", ord("B"): "C", ord("C"): "X"}
IDTECH_ALL_KEYS, IDTECH_CANCEL = b"\x75\x46\x28", b"\x75\x46\x09"
ESC_KEYS = b"\x1bM"
VERSION = b"h"
"""GZ pads tell their version; what does not know the command says so, which tells as much: somebody is there."""


class Model(NamedTuple):
    """How a pad is used: the bodies of its commands (empty: it has none), whether *open* and all others are answered,
    and the status of a frame that is a key.
    """

    open: bytes = b""
    close: bytes = b""
    ping: bytes = b""
    opens_answered: bool = True
    answers: bool = True
    key_code: int = -1
    keys: dict[int, str] = ASCII_KEYS
    each: bool = False
    """A key ends the key mode; it is opened again after each."""


MODELS = {
    "gz": Model(ping=VERSION, key_code=pinpad_serial.GZ_OK),
    "epp": Model(ping=VERSION, key_code=0x04),
    "idtech": Model(
        open=IDTECH_ALL_KEYS, close=IDTECH_CANCEL, ping=IDTECH_CANCEL, opens_answered=False, each=True,
        key_code=pinpad_serial.IDTECH_OK, keys=IDTECH_KEYS,
    ),
    "hcc960": Model(open=ESC_KEYS, opens_answered=False, answers=False),
}


class Pressed(msgspec.Struct, frozen=True):
    """A key went down: a digit, E, C or X, masked."""

    key: Masked

    @property
    def name(self) -> str:
        """The key, for the entry alone."""
        return self.key.reveal().decode()


class Said(msgspec.Struct, frozen=True):
    """The pad took the command (*ok*), or said what is wrong; any answer shows that it is there."""

    ok: bool
    reason: str = ""


Outcome = Pressed | Said


class PadHost(Exchange[Any, Outcome]):
    """One exchange at a time, and keys at any time; an answer within 0 ms means: none is awaited."""

    ACK_MS: ClassVar[int] = 400

    def __init__(self, name: str) -> None:
        self.model = MODELS[name]
        self._name = name
        self._kept: list[Outcome | NoAnswer] = []
        super().__init__(pinpad_hcc960.Codec() if name == "hcc960" else pinpad_serial.Codec(name))

    @property
    def busy(self) -> bool:
        """A command waits for its outcome."""
        return super().busy or bool(self._kept)

    def command(self, body: bytes, now_ms: int, answer_ms: int = 1500) -> None:
        """Open an exchange; with *answer_ms* 0 it is over with the next tick. Raises LocalProtocolError when one is
        open.
        """
        if self.busy:
            raise LocalProtocolError("one exchange at a time")
        if answer_ms:
            super().command(body, now_ms, answer_ms)
        else:
            self._out += self._frame(body)
            self._kept.append(Said(True))

    def keep(self, outcomes: list[Outcome | NoAnswer]) -> None:
        """Hand these out again, when the open exchange has ended."""
        self._kept += outcomes

    def receive_data(self, data: bytes, now_ms: int) -> list[Outcome | NoAnswer]:
        """Bytes from the pad: the outcome when the exchange has ended, then keys."""
        return self._in_order(super().receive_data(data, now_ms))

    def tick(self, now_ms: int) -> list[Outcome | NoAnswer]:
        """Time passed: repeat the command or give up."""
        return self._in_order(super().tick(now_ms))

    def _in_order(self, outcomes: list[Outcome | NoAnswer]) -> list[Outcome | NoAnswer]:
        """Outcomes before keys; keys wait until an open exchange has ended."""
        found = [*self._kept, *outcomes]
        if super().busy:
            self._kept = found
            return []
        self._kept = []
        return sorted(found, key=lambda outcome: isinstance(outcome, Pressed))

    def _frame(self, body: bytes) -> bytes:
        if self._name == "hcc960":
            return body
        return pinpad_serial.send(pinpad_serial.Frame(self._name, body[0], Masked(body[1:])))

    def _take(self, message: Any, now_ms: int) -> list[Outcome | NoAnswer]:
        match message:
            case pinpad_hcc960.Key("digit", digit):
                return [Pressed(digit)]
            case pinpad_hcc960.Key(name):
                return [Pressed(Masked(b"E" if name == "enter" else b"C"))]
            case pinpad_serial.Frame():
                return self._framed(message)
            case _:
                return []  # counted by the codec; the command is said again

    def _framed(self, frame: pinpad_serial.Frame) -> list[Outcome | NoAnswer]:
        key = self.model.keys.get(frame.data.reveal()[0]) if len(frame.data) == 1 else None
        if key is not None and frame.code == self.model.key_code:
            return [Pressed(Masked(key.encode()))]
        answer = pinpad_serial.answer(frame)
        said = Said(answer.ok, answer.reason)
        return self._done(said) if super().busy else [said]
