"""The lock of the supervisor's and the technician's side: who may come in, by a code or by a card.

Codes and card numbers stand on the unit only as a slow hash (scrypt) under a key that was made on this unit; there is
no default, and without a code or card nobody comes in. A supervisor is a number. Digits that are typed lie in this
object's memory until they are looked at. Five failures bar the door for ten minutes; the failure is on the disk before
anybody is told, so that neither a restart nor a power cut gives new tries.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

import msgspec

from hardware.drivers.practice_pin_store import weak
from hardware.transport.durable_json import DurableJson
from kiosk_firmware.system.durable_files import secret_key
from kiosk_firmware.system.state_folders import screen_folder

KEY = "staff.key"
CODE = 6
TRIES = 5
BARRED_MS = 10 * 60_000
ERASE = "<"
_COST = 2**14
"""scrypt's n: about a tenth of a second on a Raspberry Pi 4, 16 MB."""
By = Literal["card", "code", "technician"]
"""A supervisor's card or code, or a technician's card."""
CARDS: tuple[By, ...] = ("card", "technician")


class LockVerdict(msgspec.Struct, frozen=True):
    """The result of a try at the lock: `who` came in (0 nobody), `left` tries, and how long the door is barred now."""

    by: By
    who: int = 0
    left: int = TRIES
    barred_ms: int = 0


class SupervisorLock:
    """Two files in `folder`: `staff.key` (32 bytes, 0600) and `staff.json`. Called on one thread, but `judge`."""

    def __init__(self, folder: Path, utc_ms: Callable[[], int]) -> None:
        """Open the lock; the key is made when there is none. With a damaged one goes who may come in: nobody does."""
        self._folder = folder = screen_folder(folder)
        if (folder / KEY).exists():
            secret_key(folder / KEY, folder / "staff.json")
        self._memory = DurableJson(folder / "staff.json")
        self._utc_ms = utc_ms
        self._typed = bytearray()
        self._one = threading.Lock()

    def __repr__(self) -> str:
        return f"Lock({', '.join(f'{len(self._held(by))} {by}s' for by in get_args(By))})"

    def knows(self, by: By) -> bool:
        """Return whether anybody may come in that way."""
        return bool(self._held(by))

    def _held(self, by: By) -> dict[str, str]:
        held: dict[str, str] = self._memory.get(by, {})
        return held

    # -- setting -------------------------------------------------------------------------------------------------------

    def set(self, by: By, who: int, secret: bytearray) -> None:
        """Give supervisor `who` this code or this card (its number's digits), or technician `who` this card; `secret`
        is overwritten.

        Raises:
            ValueError: a code that is no code, or that somebody has already; the message does not repeat it.
        """
        try:
            if by == "code" and not self.fit(secret):
                raise ValueError(f"a supervisor's code is {CODE} digits, and not one that everybody would try")
            mark = self._hash(by, secret)
            if any(self._found(other, secret) for other in CARDS if by in CARDS and other != by):
                raise ValueError(f"this card is somebody else's already: it cannot be a {by}, too")
        finally:
            secret[:] = bytes(len(secret))
        others = {name: held for name, held in self._held(by).items() if name != str(who)}
        if mark in others.values():
            raise ValueError(f"another supervisor has this {by} already")
        self._memory.keep(**{by: {**others, str(who): mark}})

    def fit(self, code: bytearray) -> bool:
        """Return whether this may be a code: six digits, and not some that everybody would try."""
        return len(code) == CODE and code.isdigit() and not weak(code)

    def next_who(self) -> int:
        """Return the number for a new supervisor."""
        return max((int(name) for by in ("code", "card") for name in self._memory.get(by, {})), default=0) + 1

    def next_technician(self) -> int:
        """Return the number for a new technician."""
        return max((int(name) for name in self._held("technician")), default=0) + 1

    def _found(self, by: By, secret: bytearray) -> int:
        """Return whose secret this is, 0 nobody's."""
        held = self._held(by)
        mark = self._hash(by, secret) if held else ""
        return next((int(who) for who, kept in held.items() if hmac.compare_digest(kept, mark)), 0)

    def _hash(self, by: By, secret: bytearray) -> str:
        keyed = hmac.new(secret_key(self._folder / KEY), by.encode() + b":" + secret, hashlib.sha256).digest()
        return hashlib.scrypt(keyed, salt=b"kiosk-supervisor", n=_COST, r=8, p=1, dklen=32).hex()

    # -- trying --------------------------------------------------------------------------------------------------------

    def press(self, value: str) -> int:
        """Press a digit, or the eraser; return how many digits lie here now."""
        if value == ERASE:
            del self._typed[-1:]
        elif value.isdecimal() and len(self._typed) < CODE:
            self._typed += value.encode()
        return len(self._typed)

    def clear(self) -> None:
        """Forget what was typed."""
        self._typed[:] = bytes(len(self._typed))
        self._typed = bytearray()

    def take(self) -> bytearray:
        """Return what was typed, to be looked at; the lock keeps nothing of it."""
        typed, self._typed = self._typed, bytearray()
        return typed

    def barred_ms(self) -> int:
        """Return how long nobody gets in. Where the clock was set back, the bar begins anew and never gets longer."""
        since: int = self._memory.get("barred_ms", 0)
        if not since:
            return 0
        now = self._utc_ms()
        if now < since:
            self._memory.keep(barred_ms=now)
            return BARRED_MS
        return max(0, BARRED_MS - (now - since))

    def owner(self, secret: bytearray) -> int:
        """Return whose card this is (its number's digits, overwritten); 0 nobody's. No try of the door's: cards of all
        kinds are held to a reader. Slow, so call it off the glass's thread.
        """
        who = self._found("card", secret)
        secret[:] = bytes(len(secret))
        return who

    def judge(self, by: By, secret: bytearray) -> LockVerdict:
        """Look at a code or a card's digits (overwritten); slow, so call it off the glass's thread. One at a time: two
        looks at once would count one wrong try for two.
        """
        with self._one:
            return self._judge(by, secret)

    def _judge(self, by: By, secret: bytearray) -> LockVerdict:
        if left_ms := self.barred_ms():
            secret[:] = bytes(len(secret))
            return LockVerdict(by, 0, 0, left_ms)
        ways: tuple[By, ...] = CARDS if by == "card" else (by,)
        found = [(way, who) for way in ways if (who := self._found(way, secret))]
        secret[:] = bytes(len(secret))
        if found:
            self._memory.keep(wrong=0, barred_ms=0)
            return LockVerdict(*found[0])
        wrong = self._memory.get("wrong", 0) + 1
        if wrong < TRIES:
            self._memory.keep(wrong=wrong, barred_ms=0)
            return LockVerdict(by, 0, TRIES - wrong)
        self._memory.keep(wrong=0, barred_ms=self._utc_ms())
        return LockVerdict(by, 0, 0, BARRED_MS)
