"""The twin of a DG600F in its RS-232 mode: a slot, a box and a return cup; its port only speaks, a line refuses.

A token that is let in falls into the box and is said once, in three bytes. The inhibit line is a pin of the
application's and reaches the slot through `InhibitTwin`; where nobody drives it the slot refuses, as with the switch
SW4 ON. Somebody who has only the port can bridge the line by hand (`bridge`).
"""

from __future__ import annotations

from collections import deque
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from hardware.drivers.settings.coins import Dg600fSerial
from hardware.protocols import coin_serial
from hardware.twins.coin_pulse import APART_MS, FALL_MS, TOKEN_ACTS, BoxAndCup
from hardware.twins.gpio_twin import PinTwin
from hardware.twins.serial_twin import WireFaults
from hardware.twins.twin_actions import Answer, Doing


def _bridge(twin: Dg600fTwin, args: dict[str, Any], _: float) -> Answer:
    twin.open = bool(args.get("on", True))
    return {"ok": True}


class Dg600fTwin(BoxAndCup):
    """The acceptor. `token`, `empty_cup` are the person's; `bridge` lets tokens in without the inhibit line."""

    ACTS: ClassVar[dict[str, Doing]] = {**TOKEN_ACTS, "bridge": _bridge}
    FAULTS: ClassVar[tuple[str, ...]] = ("noise", "cut", "echo")

    def __init__(self) -> None:
        super().__init__()
        self.wire = WireFaults()
        self.open = False
        self.counters = {"accepted": 0, "refused": 0}
        self._spoilt = ""
        self._coming: deque[tuple[float, bytes]] = deque()
        self._free_ms = 0.0

    def token(self, fen: int, now_ms: float) -> bool:
        """Put in a token; False when it falls back into the cup. ValueError for a value that no message can carry."""
        if fen % coin_serial.UNIT_FEN or not 0 < fen // coin_serial.UNIT_FEN <= coin_serial.MAX_VALUE:
            raise ValueError(f"token of {fen} fen: allowed are 10 to 1600 in steps of 10")
        if not self.open:
            self.cup.append(fen)
            self.counters["refused"] += 1
            return False
        self.box.append(fen)
        self.counters["accepted"] += 1
        said = coin_serial.send(coin_serial.Coin(fen // coin_serial.UNIT_FEN))
        at_ms = max(now_ms + FALL_MS, self._free_ms)
        self._free_ms = at_ms + APART_MS
        self._coming.append((at_ms, self._as_it_comes(said)))
        return True

    def _as_it_comes(self, said: bytes) -> bytes:
        kind, self._spoilt = self._spoilt, ""
        return {"cut": said[:2], "echo": said * 2}.get(kind, said)

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Send noise now; or cut the next message off, or send it twice."""
        if kind == "noise":
            self.wire.noise = b"\xaa\x00\xff\xaa\xa1" if on else b""
        else:
            self._spoilt = kind if on else ""

    def state(self) -> dict[str, Any]:
        """Return open, box and cup (fen), counters."""
        return {"open": self.open, "box": list(self.box), "cup": list(self.cup), "counters": dict(self.counters)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up box, cup and counters."""
        self.take_up(state)
        self.counters.update(state.get("counters", {}))

    def receive(self, data: bytes, now_ms: int) -> bytes:
        """Ignore *data* and return what is due to be sent by now."""
        return self.tick(now_ms)

    def tick(self, now_ms: int) -> bytes:
        """Time passed; returns what it says."""
        out = self.wire.due(now_ms)
        while self._coming and self._coming[0][0] <= now_ms:
            out += self.wire.spoil(self._coming.popleft()[1], now_ms)
        return out


class InhibitTwin(PinTwin):
    """The inhibit line of an acceptor that has its port elsewhere; `held` keeps that twin's thread away."""

    def __init__(self, settings: Dg600fSerial, twin: Dg600fTwin, held: AbstractContextManager[Any]) -> None:
        super().__init__()
        self._settings, self._twin, self._held = settings, twin, held

    def watches(self) -> tuple[int, ...]:
        """Return the inhibit output's pin."""
        return (self._settings.inhibit_pin,)

    def heard(self, pin: int, level: int | None, now_ms: float) -> None:
        """Take the inhibit output's level; a line that nobody drives refuses."""
        with self._held:
            self._twin.open = level == self._settings.enabled_level
