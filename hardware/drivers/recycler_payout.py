"""One order to a note recycler, and what its events and its levels say has become of it.

The theory. An order is written down, with how many notes of each value lay in the payout store, before it is given. So
whoever comes after a crash, a pulled cable or a lost answer asks what became of it, and never orders again on
suspicion. Two things are known afterwards: the device tells how much *money* has come out (while it pays, at the end,
and, when power failed, after it is back), and its levels tell which *notes* have left the store. What came out is the
notes that have left and are worth what was told; the rest of them went into the cash box. Where no end was ever told,
what was told last is the least that came out, and the difference is unknown.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from hardware.protocols.ssp_money import Event
from hardware.transport.durable_json import DurableJson
from kiosk_firmware.core import money
from kiosk_firmware.core.money import NONE, Items

ENDINGS = frozenset({"dispensed", "halted", "timeout", "payout_error", "incomplete_payout"})
"""Events after which no note comes any more; they carry what came."""
BUSY = frozenset({"dispensing", "jammed", "held_in_bezel", "initialising", "jam_recovery", "reset"})
"""Events of a device that is still at it."""


class PayoutOutcome(msgspec.Struct, frozen=True):
    """The outcome of a payout: what came out, and how much (fen) left the store without being seen."""

    came: Items
    unknown_fen: int


class RecyclerPayout(msgspec.Struct, frozen=True):
    """*items* were asked for when *before* lay in the store. told_fen: what the device said has come out; reset_fen:
    the note that it let out when power came back; ended: the event that ended it; accepted: the device said yes.
    """

    items: Items
    before: Items
    told_fen: int = 0
    reset_fen: int = 0
    ended: str = ""
    accepted: bool = False

    def heard(self, event: Event) -> RecyclerPayout:
        """Return the order after *event*."""
        if event.name == "dispensed_at_reset" and event.values:
            return msgspec.structs.replace(self, reset_fen=event.values[0][0])
        if event.name not in ENDINGS | {"dispensing", "jammed"}:
            return self
        told = max(self.told_fen, event.values[0][0] if event.values else 0)
        ended = event.name if event.name in ENDINGS else self.ended
        return msgspec.structs.replace(self, told_fen=told, ended=ended, accepted=True)

    def settled(self, after: Items) -> PayoutOutcome:
        """Return what became of it, when *after* lies in the store and the device is at rest."""
        now = dict(after)
        gone = money.items(*((fen, max(0, count - now.get(fen, 0))) for fen, count in self.before))
        worth, told = money.total(gone), self.told_fen
        if worth == told + self.reset_fen or (not self.ended and gone == self.items):
            told = worth
        came = money.make(told, gone)
        known = NONE if came is None else came
        unsure = max(worth, told) if came is None or not self.ended else told
        return PayoutOutcome(known, unsure - money.total(known))


class PayoutRecord:
    """The record that must outlive the process: the order, the store's levels, what was paid and does not count as
    taken.
    """

    def __init__(self, path: Path | None) -> None:
        self._memory = DurableJson(path)
        kept = self._memory.get("order")
        self.order: RecyclerPayout | None = None if kept is None else msgspec.convert(kept, RecyclerPayout)

    @property
    def stock(self) -> Items:
        """Return what lies in the payout store, as the device said last."""
        return _items(self._memory.get("levels", []))

    @property
    def tray(self) -> Items:
        """Return what was paid and does not count as taken yet."""
        return _items(self._memory.get("tray", []))

    @property
    def counters(self) -> dict[str, int]:
        """presented, taken, retracted: how often; paid_fen: what ever came out; unknown_fen: what nobody knows of."""
        names = ("presented", "taken", "retracted", "paid_fen", "unknown_fen")
        return {name: int(self._memory.get(name, 0)) for name in names}

    def report(self) -> dict[str, Any]:
        """Return all of it, as JSON values."""
        order = None if self.order is None else msgspec.to_builtins(self.order)
        return {"stock": list(self.stock), "tray": list(self.tray), "order": order, **self.counters}

    def keep(self, order: RecyclerPayout | None) -> None:
        """Keep an order that is given, has changed, or (None) was refused."""
        if order != self.order:
            self.order = order
            self._memory.keep(order=None if order is None else msgspec.to_builtins(order))

    def levels(self, held: Items) -> None:
        """Take what lies in the store now."""
        if held != self.stock:
            self._memory.keep(levels=held)

    def settle(self, settled: PayoutOutcome) -> None:
        """Close the order: book what came, in one step with forgetting it."""
        counts, self.order = self.counters, None
        self._memory.keep(
            order=None,
            tray=money.add(self.tray, settled.came),
            presented=counts["presented"] + bool(settled.came),
            unknown_fen=counts["unknown_fen"] + settled.unknown_fen,
            paid_fen=counts["paid_fen"] + money.total(settled.came),
        )

    def take(self) -> Items:
        """Count what was paid as taken, and return it."""
        return self._gone("taken")

    def retract(self) -> Items:
        """Count what was paid as put into the box, and return it."""
        return self._gone("retracted")

    def _gone(self, how: str) -> Items:
        items = self.tray
        if items:
            self._memory.keep(tray=NONE, **{how: self.counters[how] + 1})
        return items


def _items(pairs: Any) -> Items:
    return money.items(*((int(value), int(count)) for value, count in pairs))
