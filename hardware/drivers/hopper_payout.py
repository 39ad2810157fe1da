"""One order to one hopper, and what its status says has become of it.

The theory. An order (DISPENSE) is written down with the hopper's payout number *before* it is sent, so that whoever
comes after a crash, a pulled cable or a lost answer can ask what became of it, and never has to order again on
suspicion. The number has gone one further: the order was taken, and paid and unpaid are its. The number stands where
it was: it was never heard. The number is 0: the hopper was reset; what it kept in its memory is this order's only if
it adds up to it, and if the order is known to have been taken or the figures are not those from before it.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from hardware.protocols.cctalk_money import Payout, next_number

Verdict = Literal["running", "ended", "untouched", "reset", "foreign"]


class HopperPayout(msgspec.Struct, frozen=True):
    """The order: *asked* pieces of *fen* from the hopper at *address*, whose status was *base*, *paid_before*,
    *unpaid_before*.

    heard: the hopper is known to have taken it. paid: how many pieces were seen to have fallen, at least.
    """

    address: int
    fen: int
    asked: int
    base: int
    paid_before: int
    unpaid_before: int
    heard: bool = False
    paid: int = 0

    def judged(self, status: Payout) -> Verdict:
        """Return what *status* says. `untouched` of a hopper that counts from 0 may be a reset too: its flags tell."""
        if status.counter == next_number(self.base):
            return "running" if status.remaining else "ended"
        if status.counter == self.base:
            return "untouched"
        return "reset" if status.counter == 0 else "foreign"

    def seen(self, status: Payout) -> HopperPayout:
        """Return the order, marked as under way, with the pieces paid so far."""
        return msgspec.structs.replace(self, heard=True, paid=max(self.paid, status.paid))

    def paid_after_reset(self, status: Payout) -> int | None:
        """Return how many pieces fell, by what the hopper remembers across its reset; None where that cannot be
        known.
        """
        adds_up = status.paid + status.unpaid == self.asked and status.paid >= self.paid
        own = self.heard or (status.paid, status.unpaid) != (self.paid_before, self.unpaid_before)
        return status.paid if adds_up and own else None


def order_json(leg: HopperPayout | None) -> Any:
    """Return the order as a JSON value."""
    return None if leg is None else msgspec.to_builtins(leg)


def read_order(value: Any) -> HopperPayout | None:
    """Return the order that was kept, or None."""
    return None if value is None else msgspec.convert(value, HopperPayout)
