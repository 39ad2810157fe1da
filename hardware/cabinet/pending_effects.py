"""Effects that wait for their answer: numbered on the wire, with a time limit, answered once.

A machine uses one word per purpose ("eject") again and again. On the way to a driver it gets a number ("eject~17"),
so that an answer that comes after its time limit is never taken for the answer to a newer effect.
"""

from __future__ import annotations

import threading

import msgspec

from kiosk_firmware.core.effects import AnyEffect, AskHost, Dispense, OpenGate, PrintDocument, ReadPin
from kiosk_firmware.core.events import AnyEvent
from kiosk_firmware.core.hosts.bank import PayAsked

MARK = "~"
LIMITS_MS: dict[type, int] = {
    ReadPin: 600_000,
    PrintDocument: 45_000,
    Dispense: 60_000,
    OpenGate: 300_000,
    AskHost: 60_000,
}
"""Longer than any driver's own; a driver that keeps silent beyond it is broken. In a gate somebody may stand long."""
OTHER_MS = 30_000


PHONE_MS = 600_000
"""A person pays; the page's own time-out ends it."""


def _phone_pays(effect: AnyEffect) -> PayAsked | None:
    """Return what a phone is asked to pay by this effect; None for every other."""
    ask = effect.ask if isinstance(effect, AskHost) else None
    return ask if isinstance(ask, PayAsked) and ask.card == "phone" else None


def _limit(effect: AnyEffect) -> int:
    return PHONE_MS if _phone_pays(effect) else LIMITS_MS.get(type(effect), OTHER_MS)


class OpenEffect(msgspec.Struct, frozen=True):
    """An effect as the machine said it, its word on the wire, and until when it may take."""

    effect: AnyEffect
    wire_ref: str
    until_ms: float


class OpenEffects:
    """All that are open. `late` counts answers that came when nobody waited any more."""

    def __init__(self) -> None:
        self.late = 0
        self._lock = threading.Lock()
        self._number = 0
        self._waiting: dict[str, OpenEffect] = {}

    def open(self, effect: AnyEffect, now_ms: float, limit_ms: float | None = None) -> AnyEffect:
        """Begin to wait; returns the effect with its word on the wire."""
        limit_ms = _limit(effect) if limit_ms is None else limit_ms
        with self._lock:
            self._number += 1
            wire_ref = f"{effect.ref}{MARK}{self._number}"
            self._waiting[wire_ref] = OpenEffect(effect, wire_ref, now_ms + limit_ms)
        return msgspec.structs.replace(effect, ref=wire_ref)

    def find(self, at: str, ref: str) -> OpenEffect | None:
        """Return what is open at this device under the machine's word."""
        with self._lock:
            return next((w for w in self._waiting.values() if (w.effect.at, w.effect.ref) == (at, ref)), None)

    def by_phone(self, order: int, fen: int | None) -> AskHost | None:
        """Return the open ask, under its reference on the wire, that a phone's payment of that order (and sum, if
        given) answers.
        """
        with self._lock:
            for waiting in self._waiting.values():
                effect, ask = waiting.effect, _phone_pays(waiting.effect)
                if isinstance(effect, AskHost) and ask and ask.id == order and fen in (None, ask.fen):
                    return msgspec.structs.replace(effect, ref=waiting.wire_ref)
        return None

    def due(self) -> tuple[int, int] | None:
        """Order and sum that a phone is waited for to pay; None where there is none."""
        with self._lock:
            found = [ask for waiting in self._waiting.values() if (ask := _phone_pays(waiting.effect))]
        return (found[0].id, found[0].fen) if found else None

    def waiting(self, wire_ref: str) -> OpenEffect | None:
        """Return what is open under that word on the wire."""
        with self._lock:
            return self._waiting.get(wire_ref)

    def answered(self, event: AnyEvent) -> AnyEvent | None:
        """Return the event with the machine's reference in place of the wire's; None where nobody waits for it. Others
        pass as is.
        """
        wire_ref = getattr(event, "ref", None)
        if not isinstance(wire_ref, str) or MARK not in wire_ref:
            return event
        with self._lock:
            waiting = self._waiting.pop(wire_ref, None)
            if waiting is None:
                self.late += 1
                return None
        return msgspec.structs.replace(event, ref=waiting.effect.ref)

    def drop(self, wire_ref: str) -> OpenEffect | None:
        """Stop waiting for it."""
        with self._lock:
            return self._waiting.pop(wire_ref, None)

    def overdue(self, now_ms: float) -> list[OpenEffect]:
        """Return the effects whose time is over; they are not open any more."""
        with self._lock:
            over = [w for w in self._waiting.values() if w.until_ms <= now_ms]
            for waiting in over:
                del self._waiting[waiting.wire_ref]
            return over

    def next_ms(self) -> float | None:
        """Return when the next one is overdue."""
        with self._lock:
            return min((w.until_ms for w in self._waiting.values()), default=None)
