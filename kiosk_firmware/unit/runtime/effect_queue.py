"""Effects on their way out: numbered, and held until what caused them is on the disk.

A machine's `ref` is a word ("eject"); on the wire it gets a number ("eject#17"), so that an answer which belongs to an
earlier run or an earlier effect is known and dropped. Effects that move money, media or paper, or ask the host, wait
for their transition's commit; others leave at once, unless they would overtake one that waits at the same device.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from kiosk_firmware.core.effects import MOVES_VALUE, AnyEffect, Cancel, Effects
from kiosk_firmware.core.events import AnyEvent, Struck


class EffectQueue:
    """The effects of one unit. `perform` is the cabinet's."""

    def __init__(self, perform: Callable[[AnyEffect], None]) -> None:
        """Begin with nothing under way."""
        self._perform = perform
        self._count = 0
        self._open: dict[str, str] = {}
        """Numbered ref by device."""
        self._held: dict[int, list[AnyEffect]] = {}

    def take(self, ticket: int, effects: Effects) -> None:
        """Give each effect its number; send at once what may leave, hold the rest for `ticket`."""
        for effect in effects:
            numbered = self._number(effect)
            if isinstance(effect, MOVES_VALUE) or self._waits_at(effect.at):
                self._held.setdefault(ticket, []).append(numbered)
            else:
                self._perform(numbered)

    def release(self, ticket: int) -> list[AnyEffect]:
        """Send the effects that a committed ticket held; return them."""
        sent = self._held.pop(ticket, [])
        for effect in sent:
            self._perform(effect)
        return sent

    def cancel(self, effect: AnyEffect) -> None:
        """Ask the device to end this open effect early (on the engine's own account)."""
        if effect.at in self._open and not self._waits_at(effect.at):
            self._perform(self._number(Cancel(effect.at, effect.ref)))

    def heard(self, event: AnyEvent) -> AnyEvent | None:
        """Return the event with the machine's own ref; None for an answer that nobody waits for any more."""
        ref = getattr(event, "ref", None)
        if ref is None:
            return event
        if isinstance(event, Struck):
            return msgspec.structs.replace(event, ref=_word(ref))
        at = getattr(event, "at", "")
        if self._open.get(at) != ref:
            return None
        del self._open[at]
        return msgspec.structs.replace(event, ref=_word(ref))

    def _waits_at(self, at: str) -> bool:
        return any(effect.at == at for effects in self._held.values() for effect in effects)

    def _number(self, effect: AnyEffect) -> AnyEffect:
        if isinstance(effect, Cancel):
            return msgspec.structs.replace(effect, ref=self._open.get(effect.at, effect.ref))
        self._count += 1
        self._open[effect.at] = f"{effect.ref}#{self._count}"
        return msgspec.structs.replace(effect, ref=self._open[effect.at])


def _word(ref: str) -> str:
    return ref.split("#", 1)[0]
