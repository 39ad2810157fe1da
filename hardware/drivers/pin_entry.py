"""An entry at a PIN pad: the keys that were pressed -> how many digits stand, and what came of them.

The digits live here and nowhere else, in one `bytearray` that is overwritten as soon as it has been compared; no
repr, event or report contains them. Whatever the pad's wire is, its driver hands over one key after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hardware.drivers.practice_pin_store import LENGTH, PinStore, weak
from kiosk_firmware.core.effects import ReadPin
from kiosk_firmware.core.events import AnyEvent, Completion, Device, PinEntered, PinKeyPressed, PinVerdict

ENTER, CLEAR, CANCEL = "E", "C", "X"


class PinPadEntry:
    """Keys are digits, E (确认), C (更正: all digits away) and X (取消)."""

    def __init__(self, at: Device, store: PinStore | Path, post: Callable[[AnyEvent], None]) -> None:
        """Take `store`: the PINs, or the folder that they lie in. `post` hears how many digits stand."""
        self.keys_pressed = 0
        self._at: Device = at
        self._post = post
        self._store = store if isinstance(store, PinStore) else PinStore(store)
        self._effect: ReadPin | None = None
        self._digits = bytearray()
        self._chosen = bytearray()

    def __repr__(self) -> str:
        return f"PinEntry(at={self._at!r})"

    def run(self, fresh: bool) -> None:
        """Begin a run; `fresh` drops the PINs that earlier runs changed."""
        if fresh:
            self._store.fresh()
        wipe(self._chosen)

    @property
    def is_full(self) -> bool:
        """An entry is open and has all its digits."""
        return self._effect is not None and len(self._digits) == LENGTH

    def open(self, effect: ReadPin) -> None:
        """Begin an entry with no digit."""
        self._effect = effect
        if effect.purpose == "choose":
            wipe(self._chosen)
        wipe(self._digits)

    def press(self, key: str) -> PinEntered | None:
        """Press one key; return the effect's answer when that ended the entry. Keys outside an entry mean nothing."""
        if self._effect is None:
            return None
        self.keys_pressed += 1
        if key.isdecimal() and len(self._digits) < LENGTH:
            self._digits.append(ord(key))
            self._post(PinKeyPressed(self._at, len(self._digits)))
        elif key == CLEAR:
            self.restart()
        elif key == CANCEL:
            return self._ended("none", "canceled")
        elif key == ENTER:
            return self._ended(self._judged(self._effect))
        return None

    def restart(self) -> None:
        """Erase all digits, and say so."""
        wipe(self._digits)
        if self._effect is not None:
            self._post(PinKeyPressed(self._at, 0))

    def close(self) -> None:
        """End the entry, however it went; twice is fine."""
        self._effect = None
        wipe(self._digits)

    def forget(self) -> None:
        """Overwrite everything."""
        self.close()
        wipe(self._chosen)

    def _ended(self, verdict: PinVerdict, completion: Completion = "success") -> PinEntered:
        assert self._effect is not None
        answer = PinEntered(self._at, self._effect.ref, verdict, completion)
        self.close()
        return answer

    def _judged(self, effect: ReadPin) -> PinVerdict:
        if len(self._digits) < LENGTH:
            return "short"
        match effect.purpose:
            case "enter":
                return "right" if self._store.right(effect.number, self._digits) else "wrong"
            case "choose":
                return self._choose()
            case "repeat":
                return self._repeat(effect.number)

    def _choose(self) -> PinVerdict:
        if weak(self._digits):
            return "weak"
        self._chosen += self._digits
        return "right"

    def _repeat(self, number: str) -> PinVerdict:
        if not self._chosen or self._digits != self._chosen:
            return "mismatch"
        self._store.change(number, self._digits)
        wipe(self._chosen)
        return "right"


def wipe(secret: bytearray) -> None:
    """Overwrite, then empty."""
    secret[:] = bytes(len(secret))
    secret.clear()
