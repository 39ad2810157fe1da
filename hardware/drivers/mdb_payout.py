"""Payout from the tubes of an MDB changer: one order at a time, and the tubes say what has come of it.

The theory. DISPENSE is answered by "heard", and nobody ever says what fell. So an order is written down with what lay
in its tube *before* it is given, tokens are refused meanwhile, and once the changer is quiet the tube tells: what is
missing has fallen. That holds whatever happened in between (a lost answer, a pulled cable, a crash of ours), and so
DISPENSE is given again only where the tube stands as it stood and the changer did not say that it had heard. A tube
that shows what cannot be (more than before, or more missing than was asked) makes the order unknown, and so does a
changer that never comes to rest; it is not guessed.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from hardware.drivers.effect_answers import paid_out
from hardware.drivers.mdb_changer import Changer, raw
from hardware.drivers.serial_device import Script, Wait
from hardware.protocols import mdb_changer as changer
from hardware.protocols import mdb_qibixx as text
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AnyEffect, Dispense
from kiosk_firmware.core.events import AnyEvent, Completion, Device, ItemsPresented
from kiosk_firmware.core.money import NONE

FOLLOW_MS, QUIET_POLLS, LOOKS = 100, 3, 10
STALL_MS = 20_000
"""A changer that says "busy" for so long is not waited for."""
TRIES = 3
HERE: Device = "coin_dispenser"


class TubePayout(msgspec.Struct, frozen=True):
    """*asked* coins of *type* (worth *fen*), when *before* of them lay in the tube. heard: it is known to have been."""

    type: int
    fen: int
    asked: int
    before: int
    heard: bool = False

    def paid(self, tube: int) -> int | None:
        """Return what fell, by what lies in the tube at rest; None where that cannot be."""
        fallen = self.before - tube
        return fallen if 0 <= fallen <= self.asked else None


class PayingChanger(Changer):
    """A changer that answers `Dispense` too."""

    EFFECT_MS = 50_000

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        kept = self._memory.get("order")
        self._order: TubePayout | None = None if kept is None else msgspec.convert(kept, TubePayout)
        self._mine = False
        self._paying = ""
        self._came: Counter[int] = Counter()
        self._ending: Completion | None = None
        self._attempts = 0

    @property
    def paid(self) -> dict[str, int]:
        """`paid_<fen>`: coins that ever fell out of the tubes, heard or not; `unknown`: coins of which nobody knows."""
        paid = {int(fen): int(count) for fen, count in self._memory.get("paid", {}).items()}
        counts = {f"paid_{fen}": paid.get(fen, 0) for fen in sorted({*paid, *self._tokens_fen, *self._fen.values()})}
        return {**counts, "unknown": int(self._memory.get("unknown", 0))}

    def health(self) -> dict[str, Any]:
        """Return `Changer.health`, with the open order and what was ever paid."""
        order = None if self._order is None else msgspec.to_builtins(self._order)
        return {**super().health(), "order": order, **self.paid}

    def _urgent(self) -> Script | None:
        if self._order is not None and self._effect is None:
            return self._settle()
        return None if self._effect is not None else super()._urgent()

    def _act(self, effect: AnyEffect) -> Script | None:
        return self._pay(effect) if isinstance(effect, Dispense) else None

    def _pay(self, effect: Dispense) -> Script:
        if self._paying != effect.ref:
            self._paying, self._came, self._ending, self._attempts = effect.ref, Counter(), None, 0
        yield from self._settle()
        if self._on is not False and not self._failed:
            yield from self._switch(False)
        yield from self._drain()
        yield from self._count()
        if not self._failed and not self._came and not self._attempts and not money.holds(self.stock, effect.items):
            self._finish(ItemsPresented(effect.at, effect.ref, NONE, "hardwareError", "notDispensable"))
            return
        for fen, count in effect.items:
            while count > self._came[fen] and self._ending is None and not self._failed:
                yield from self._give(fen, count - self._came[fen])
        if not self._failed:
            self._finish_as(self._ending or "success")
            self._on = None

    def _give(self, fen: int, count: int) -> Script:
        """Give one order, and follow it to its end; `_ending` says when no other may follow."""
        kind = max(
            (kind for kind, worth in self._fen.items() if worth == fen and self._routing >> kind & 1),
            key=lambda kind: self._tubes.counts[kind],
            default=None,
        )
        held = 0 if kind is None else self._tubes.counts[kind]
        self._attempts += 1
        if kind is None or not held or self._attempts > TRIES + count:
            self._ending = "hardwareError"
            return
        asked = min(count, held, changer.MOST)
        self._keep(TubePayout(kind, fen, asked, held), mine=True)
        said = yield raw(changer.DISPENSE, changer.order(kind, asked), acts=True)
        heard = said is not None and (answer := text.peripheral(said)) is not None and answer.ok
        if heard and self._order is not None:
            self._keep(msgspec.structs.replace(self._order, heard=True), mine=True)
        yield from self._settle()

    def _settle(self) -> Script:
        """Wait until the changer is quiet, and let the tube say what became of the order that is written down."""
        if (order := self._order) is None or not self._sound():
            return
        end_ms, quiet = self._clock() + STALL_MS, 0
        while quiet < QUIET_POLLS and self._clock() < end_ms and self._sound():
            events = yield from self._listen()
            working = any(isinstance(event, changer.State) and event.word in changer.WORKING for event in events)
            quiet = 0 if working else quiet + 1
            yield Wait(FOLLOW_MS)
        tube, before = -1, -2
        for _ in range(LOOKS):
            yield from self._count()
            if not self._sound() or tube == before:
                break
            tube, before = self._tubes.counts[order.type], tube
            yield Wait(FOLLOW_MS)
        if self._sound():
            self._close(order, order.paid(tube), quiet >= QUIET_POLLS and tube == before)

    def _sound(self) -> bool:
        """Return whether the script may go on."""
        return not self._failed

    def _keep(self, order: TubePayout, mine: bool) -> None:
        self._order, self._mine = order, mine
        self._memory.keep(order=msgspec.to_builtins(order))

    def _close(self, order: TubePayout, paid: int | None, at_rest: bool) -> None:
        """Close an order: book what fell, in one step with forgetting it."""
        unknown = 0 if paid is not None and at_rest else order.asked - (paid or 0)
        book = dict(self._memory.get("paid", {}))
        book[str(order.fen)] = int(book.get(str(order.fen), 0)) + (paid or 0)
        self._memory.keep(order=None, paid=book, unknown=self.paid["unknown"] + unknown)
        self._order = None
        if not self._mine:
            self._noise["unanswered"] += paid or 0
            return
        self._came[order.fen] += paid or 0
        if unknown:
            self._ending = self._ending or "unknown"
        elif paid != order.asked and (order.heard or paid):
            self._ending = self._ending or "hardwareError"

    def _finish_as(self, completion: Completion) -> None:
        if completion == "unknown" and self._order is None and self._ending is None:
            completion = "hardwareError"  # the time is over, and what fell until then is known
        super()._finish_as(completion)
        self._mine = False

    def _refusal(self, effect: AnyEffect, completion: Completion) -> AnyEvent:
        if not isinstance(effect, Dispense) or effect.ref != self._paying:
            return super()._refusal(effect, completion)
        return paid_out(effect, self._came, completion)
