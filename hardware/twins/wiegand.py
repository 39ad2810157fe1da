"""The twin of a Wiegand reader: a person holds a card to it, and it pulses the number on two lines.

What goes wrong on such lines can be had too: an extra pulse, both lines shorted, a parity that is not right.
"""

from __future__ import annotations

from typing import Any, ClassVar

from hardware.drivers.settings.cards import Wiegand
from hardware.protocols import wiegand
from hardware.twins.gpio_twin import Act, Drive, PinTwin
from hardware.twins.twin_actions import Answer, Doing, act_answer


def _tap(twin: WiegandTwin, args: dict[str, Any], now_ms: float) -> Answer:
    facility, _, card = str(args["card"]).partition(":")
    twin.tap(wiegand.Number(int(args.get("width", 26)), int(facility), int(card)), now_ms)
    return act_answer(True, "")


class WiegandTwin(PinTwin):
    """The reader. `tap` is the person's."""

    ACTS: ClassVar[dict[str, Doing]] = {"tap_card": _tap}
    FAULTS: ClassVar[tuple[str, ...]] = ("glitch", "short", "parity")

    def __init__(self, settings: Wiegand) -> None:
        super().__init__()
        self.counters = {"taps": 0}
        self._pins = (settings.d0, settings.d1)
        self._reverse = settings.reverse
        self._bad = ""
        self._free_ms = 0.0

    def standing(self) -> list[Act]:
        """Return both lines at rest, as acts."""
        return [Drive(pin, 1) for pin in self._pins]

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Report the next cards wrongly in that way, or well again."""
        self._bad = kind if on else ""

    def state(self) -> dict[str, Any]:
        """Return what is wrong with it, and counters."""
        return {"bad": self._bad, "counters": dict(self.counters)}

    def tap(self, number: wiegand.Number, now_ms: float) -> None:
        """Hold a card to the reader."""
        self.counters["taps"] += 1
        bits = wiegand.bits_of(self._turned(number) if self._reverse else number)
        if self._bad == "parity":
            bits = bits[:-1] + ("0" if bits[-1] == "1" else "1")
        elif self._bad == "glitch":
            bits += "1"
        begin = max(now_ms, self._free_ms)
        for at_ms, line, level in wiegand.edges(bits):
            for pin in self._pins if self._bad == "short" else (self._pins[line],):
                self.plan(begin + at_ms, Drive(pin, level))
        self._free_ms = begin + len(bits) * wiegand.APART_MS + 2 * wiegand.SILENCE_MS

    @staticmethod
    def _turned(number: wiegand.Number) -> wiegand.Number:
        """Return the number with its bytes the other way round, as some readers send it."""
        size = (number.width - 2) // 8
        value = int.from_bytes(number.value.to_bytes(size, "big"), "little")
        return wiegand.Number(number.width, value >> 16, value & 0xFFFF)
