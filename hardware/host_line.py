"""The line to the simulated host: the engine's world answers what a machine asks, after as long as a real one takes.

An ask that waits for a person (a code on the glass that a phone pays) stays open until `phone` tells that it was paid;
then the host is asked again under the word `PAID`, and says whether the payment went through.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from hardware.later import Later
from hardware.open_effects import OpenEffects
from kiosk_firmware.core.effects import AskHost
from kiosk_firmware.core.events import AnyEvent, HostAnswered
from kiosk_firmware.core.hosts.bank import PAID

log = logging.getLogger(__name__)
Answers = Callable[[AskHost], HostAnswered | None]
"""The host: its word, or None where the ask waits for a person."""


class HostLine:
    """See the file's head. `answers` is set by who simulates the host."""

    def __init__(self, open_: OpenEffects, later: Later, said: Callable[[AnyEvent], None]) -> None:
        """Nobody answers yet. `said`: where the host's word goes."""
        self.answers: Answers | None = None
        self._open, self._later, self._said = open_, later, said

    def ask(self, wire: AskHost, after_ms: float) -> None:
        """Put the ask to the host; its answer comes later."""
        self._later.after(after_ms, lambda: self._tell(wire))

    def phone(self, order: int, fen: int | None = None) -> bool:
        """A practice phone paid the code of that order; False where no page waits for it (any more)."""
        wire = self._open.by_phone(order, fen)
        if wire is None:
            return False
        self._later.after(0, lambda: self._tell(wire, PAID))
        return True

    def _tell(self, wire: AskHost, word: str = "") -> None:
        if (event := self._hosted(wire, word)) is not None:
            self._said(event)

    def _hosted(self, wire: AskHost, word: str) -> AnyEvent | None:
        """The host's word; None where it waits for a person."""
        waiting = self._open.waiting(wire.ref)
        if self.answers is None or waiting is None:
            return HostAnswered(wire.at, wire.ref, "offline", wire.ask, "hardwareError")
        try:
            said = self.answers(msgspec.structs.replace(wire, ref=word or waiting.effect.ref))
        except Exception:  # a host that trips must look like a host that is down, not stop the unit
            log.exception("the simulated host failed")
            return HostAnswered(wire.at, wire.ref, "offline", wire.ask, "hardwareError")
        return None if said is None else HostAnswered(wire.at, wire.ref, said.verdict, said.ask, said.completion)
