"""A note recycler on eSSP: one device at one port takes notes in and pays them out again, so it has two roles.

The theory. What it takes in it does as `NotesSsp`; the notes of values that are *recycled* go into its payout store
instead of the box. Everything after the greeting is sealed (`essp`): keys are agreed anew at each set-up. A payout is
one order (`payout_order.py`): asked first as a test, written down with the levels of the store, given once, then
followed by polls until the device says how it ended and its levels say which notes it was. It is never given again:
the protocol repeats a command that was not heard without acting twice, and whatever outlasts that is asked about.

Notes leave through the mouth one by one, and one that has left cannot be pulled in again: what was paid counts as
taken a little after the page has begun to wait for it, and a retract is done by a person, who is asked to put the
notes into the box (the cabinet says so).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec

from hardware.drivers.effect_answers import answer, paid_out
from hardware.drivers.notes_ssp import NotesSsp
from hardware.drivers.recycler_payout import BUSY, PayoutRecord, RecyclerPayout
from hardware.drivers.serial_device import DeviceCommand, Script, Wait
from hardware.protocols import essp, ssp, ssp_money
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AnyEffect, Cancel, Dispense, Retract
from kiosk_firmware.core.events import (
    AnyEvent,
    Completion,
    Device,
    DeviceBack,
    DeviceLost,
    ItemsPresented,
    ItemsRetracted,
    ItemsTaken,
)
from kiosk_firmware.core.money import NONE, Items

FOLLOW_MS = 200
QUIET_MS = 2000
"""A device that says nothing of an order that it did not acknowledge, for so long, never heard it."""
STALL_MS = 20_000
"""A payout in which nothing comes out for so long is halted: somebody does not take the note, or it is stuck."""
PAY_MS = 50_000
TAKEN_MS = 1500
_LEVELS_CHANGE = frozenset(
    {
        "note_stored",
        "stacked",
        "transferred",
        "emptied",
        "smart_emptied",
        "floated",
        "reset",
        "stored_at_reset",
        "stacked_at_reset",
        "dispensed_at_reset",
        "value_added",
    }
)


class RecyclerEssp(NotesSsp):
    """The device, and the note acceptor's driver; the cash dispenser's is `payout_essp.Payout`."""

    FLAGS: ClassVar[frozenset[str]] = NotesSsp.FLAGS | {"jammed", "payout_out_of_service", "float_removed"}

    def __init__(
        self,
        port: PortSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        *,
        key: int = essp.FACTORY_KEY,
        memory: Path | None = None,
        **notes: Any,
    ) -> None:
        """Take `key`, the fixed half; `memory`, the file that keeps the order and what came of it; `notes`: as
        `NotesSsp`.
        """
        self.book = PayoutRecord(memory)
        self.roles: set[Device] = set()
        self._key, self._to = key, post
        self._mine = False
        self._paying = ""
        self._recycled: tuple[int, ...] | None = None
        self._most = 0
        self._pays = False
        self._stale = True
        self._unanswered_fen = 0
        self._taken_ms: int | None = None
        self._held = False
        super().__init__(port, self._tell, clock, **notes)

    def pays(self, recycled: tuple[int, ...], most: int) -> None:
        """Make it the cash dispenser too: `recycled` values go into the payout store (none: all), `most`
        notes a time.
        """
        self._recycled, self._most = recycled, most
        self.roles.add("cash_dispenser")

    def _tell(self, event: AnyEvent) -> None:
        if isinstance(event, (DeviceLost, DeviceBack)):
            for at in sorted(self.roles):
                self._to(msgspec.structs.replace(event, at=at))
        elif event.at in self.roles:  # type: ignore[union-attr]
            self._to(event)

    def credit(self, items: Items) -> None:
        """Book a note that went in: it lies in the store if its value is recycled."""
        kept = money.items(*((fen, count) for fen, count in items if self._goes_to_store(fen)))
        if kept and self._pays:
            self.book.levels(money.add(self.book.stock, kept))

    def _goes_to_store(self, fen: int) -> bool:
        channels = {value * 100 for value in self._setup.values}
        return fen in channels and self._recycled is not None and (not self._recycled or fen in self._recycled)

    def payout_health(self) -> dict[str, Any]:
        """Return the cash dispenser's own report."""
        more = {"at": "cash_dispenser", "pays": self._pays, "unanswered_fen": self._unanswered_fen}
        return {**super().health(), **more, **self.book.report()}

    # -- meeting it ---------------------------------------------------------------------------------------------------

    def _set_up(self) -> Script:
        self._host.seal, self._pays, self._stale = None, False, True
        yield from super()._set_up()
        if not self._failed and self.book.order is not None and not self._escrow_fen:
            yield from self._follow()

    def _introduce(self, held: bool) -> Script:
        keys = essp.Keys()
        outcome: Any = None
        for ask in keys.asks():
            outcome = yield DeviceCommand(ask)
            if self._refuses(outcome):
                self._trouble = "agrees on no key"
                return
        key = keys.agree(outcome.data, self._key)
        if key is None:
            self._fail()
            return
        letters = essp.Letters(key)
        self._host.seal, self._host.unseal = letters.ask, letters.answered
        self._trouble = "does not answer what is sealed: is its fixed key another?"
        yield from super()._introduce(held)
        if not self._failed and self._recycled is not None and self._setup.unit not in (6, 7):
            self._trouble = "pays nothing out"
            self._fail()

    def _count(self) -> Script:
        """Count the notes stacked and stored: both have left the person's hand."""
        outcome = yield DeviceCommand(bytes([ssp.COUNTERS]))
        if isinstance(outcome, ssp.Reply) and outcome.code == ssp.OK and len(outcome.data) >= 9:
            self._stacked = sum(int.from_bytes(outcome.data[at : at + 4], "little") for at in (1, 5))

    def _urgent(self) -> Script | None:
        if self._committed or self._escrow_fen:
            return super()._urgent()
        if self._recycled is not None and not self._pays:
            return self._begin_to_pay()
        if self.book.order is not None and self._effect is None:
            return self._follow()
        return self._look() if self._stale and self._pays else super()._urgent()

    def _begin_to_pay(self) -> Script:
        """Say which values are recycled, and let it pay."""
        for value in self._setup.values:
            route = 0 if self._goes_to_store(value * 100) else 1
            outcome = yield DeviceCommand(bytes([ssp.SET_ROUTE, route]) + self._amount(value * 100))
            if self._refuses(outcome):
                return
        outcome = yield DeviceCommand(bytes([ssp.ENABLE_PAYOUT]))
        if self._refuses(outcome):
            self._trouble = "its payout cannot be enabled"
            return
        self._pays = True
        yield from self._look()

    def _amount(self, fen: int) -> bytes:
        return ssp_money.amount_of(fen, self._setup.country)

    def _look(self) -> Script:
        """Ask what lies in the store."""
        outcome = yield DeviceCommand(bytes([ssp.LEVELS]))
        if self._refuses(outcome):
            return
        levels = ssp_money.decode_levels(outcome.data, self._setup.country)
        if levels is None:
            self._fail()
            return
        self._stale = False
        self.book.levels(money.items(*levels.items()))

    # -- paying -------------------------------------------------------------------------------------------------------

    def _act(self, effect: AnyEffect) -> Script | None:
        match effect:
            case Dispense():
                return self._pay(effect)
            case Retract():
                self._by_hand(effect)
                return None
            case _:
                return super()._act(effect)

    def _keeps_open(self, effect: AnyEffect) -> bool:
        return not isinstance(effect, (Dispense, Retract))

    def _limit_ms(self, effect: AnyEffect) -> int:
        return PAY_MS if isinstance(effect, Dispense) else super()._limit_ms(effect)

    def _pay(self, effect: Dispense) -> Script:
        if self.book.order is None or not self._mine:
            if self.book.order is not None:
                yield from self._follow()
            if self._failed:
                return
            yield from self._give(effect)
        yield from self._follow()

    def _give(self, effect: Dispense) -> Script:
        """Ask whether it could, write the order down, give it."""
        yield from self._look()
        if self._failed:
            return
        if reason := self._cannot(effect):
            self._finish(ItemsPresented(effect.at, effect.ref, NONE, "hardwareError", reason))
            return
        asked = bytes([ssp.PAYOUT_PIECES]) + ssp_money.pieces_of(effect.items, self._setup.country)
        outcome = yield DeviceCommand(asked + bytes([ssp_money.TEST]))
        if self._silent(outcome):
            self._fail()
            return
        if outcome.code != ssp.OK:
            self._refused(outcome)
            return
        self._mine = True
        self.book.keep(order := RecyclerPayout(effect.items, self.book.stock))
        outcome = yield DeviceCommand(asked + bytes([ssp_money.REAL]), acts=True)
        if self._silent(outcome):
            self._fail()
        elif outcome.code == ssp.OK:
            self.book.keep(msgspec.structs.replace(order, accepted=True))
        elif outcome.code == ssp.CANNOT and _why(outcome) in ("not_enough", "not_exact", "disabled"):
            self.book.keep(None)  # the answer is that nothing was begun
            self._refused(outcome)
        else:  # it may have been reset between what it did and what it says
            self._fail()

    def _cannot(self, effect: Dispense) -> Literal["", "tooManyItems", "notDispensable"]:
        if money.pieces(effect.items) > self._most:
            return "tooManyItems"
        there = effect.items and money.holds(self.book.stock, effect.items)
        return "" if there and not self.book.tray and not self._escrow_fen else "notDispensable"

    def _refused(self, outcome: ssp.Reply) -> None:
        effect = self._effect
        if isinstance(effect, Dispense):
            lacks = _why(outcome) in ("not_enough", "not_exact")
            reason: Literal["notDispensable", "cashUnitError"] = "notDispensable" if lacks else "cashUnitError"
            self._finish(ItemsPresented(effect.at, effect.ref, NONE, "hardwareError", reason))

    def _follow(self) -> Script:
        """Poll until the order that is written down has come to its end, whoever gave it."""
        since_ms, told, halted = self._clock(), -1, False
        while self.book.order is not None and self._sound() and not self._escrow_fen:
            outcome = yield from self._events()
            if self._refuses(outcome):
                return
            events = self._told(outcome)
            yield from self._hear_all(events)
            yield from self._acknowledge_payout()
            order, now_ms = self.book.order, self._clock()
            if not self._sound():
                return
            busy = BUSY.intersection(event.name for event in events)
            if order.told_fen > told:
                told, since_ms = order.told_fen, now_ms
            quiet_ms = now_ms - since_ms
            if (order.ended or quiet_ms >= (STALL_MS if order.accepted else QUIET_MS)) and not busy:
                yield from self._settle()
                return
            if busy and quiet_ms >= STALL_MS and not halted:
                halted = True
                yield DeviceCommand(bytes([ssp.HALT]))
            yield Wait(FOLLOW_MS)

    def _sound(self) -> bool:
        """Return whether the script may go on."""
        return not self._failed

    def _acknowledge_payout(self) -> Script:
        """Write down what was heard of the order: the device need not say it again. A credit comes
        first.
        """
        if self._owed is None and self.book.order is not None and self.book.order.ended:
            outcome = yield DeviceCommand(bytes([ssp.EVENT_ACK]))
            if self._silent(outcome):
                self._fail()

    def _settle(self) -> Script:
        yield from self._look()
        order = self.book.order
        if self._failed or order is None:
            return
        settled, mine, effect = order.settled(self.book.stock), self._mine, self._effect
        self.book.settle(settled)
        self._mine = self._held = False
        self._taken_ms = self._clock() + TAKEN_MS if mine and settled.came else self._taken_ms
        if mine and isinstance(effect, Dispense):
            whole = settled.came == order.items
            completion: Completion = "success" if whole else "unknown" if settled.unknown_fen else "hardwareError"
            self._finish(paid_out(effect, dict(settled.came), completion))
        else:
            self._unanswered_fen += money.total(settled.came)

    def _finish_as(self, completion: Completion) -> None:
        if isinstance(self._effect, Dispense):
            self._mine = False  # the time is over; the order itself is followed to its end
        super()._finish_as(completion)

    def _refusal(self, effect: AnyEffect, completion: Completion) -> AnyEvent:
        if isinstance(effect, Dispense) and completion not in ("success", "canceled"):
            return paid_out(effect, {}, completion)
        return answer(effect, completion)

    def _hear(self, event: ssp_money.Event) -> Script:
        if self.book.order is not None:
            self.book.keep(self.book.order.heard(event))
        self._stale = self._stale or event.name in _LEVELS_CHANGE
        yield from super()._hear(event)

    # -- what came out ------------------------------------------------------------------------------------------------

    def offer(self) -> None:
        """Begin to wait for somebody to take what was paid. From any thread."""
        if self.book.tray and not self._held:
            self._taken_ms = self._clock() + TAKEN_MS

    def hold(self) -> None:
        """Keep what was paid from being taken (an armed fault's act). From any thread."""
        self._held = True

    def _by_hand(self, effect: Retract) -> None:
        self._taken_ms = None
        self._finish(ItemsRetracted(effect.at, effect.ref, self.book.retract()))

    def _on_tick(self, now_ms: int) -> None:
        super()._on_tick(now_ms)
        if self._taken_ms is not None and now_ms >= self._taken_ms and not self._held:
            self._taken_ms = None
            if self.book.take():
                self._post(ItemsTaken("cash_dispenser"))

    def _take_effects(self, now_ms: int) -> None:
        """Take one effect at a time for the device: the other role's waits for its turn, and may be
        canceled meanwhile.
        """
        waiting: deque[AnyEffect] = deque()
        for _ in range(len(self._effects)):
            effect = self._effects.popleft()
            mine = next((other for other in waiting if other.ref == effect.ref), None)
            if isinstance(effect, Cancel) and mine is not None:
                waiting.remove(mine)
                self._post(self._refusal(mine, "canceled"))
            elif self._effect is not None and effect.at != self._effect.at and not isinstance(effect, Cancel):
                waiting.append(effect)
            else:
                self._take_one(effect, now_ms)
        self._effects.extendleft(reversed(waiting))


def _why(outcome: ssp.Reply) -> str:
    return ssp_money.REFUSALS.get(outcome.data[0], "") if outcome.data else ""
