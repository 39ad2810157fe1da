"""ccTalk hoppers as the unit's coin dispenser: change falls piece by piece into an open cup, and every piece is booked.

The theory. There is one hopper a value, all on one bus, and a payout is an order to each in turn (`payout_leg.py`):
status, order written down, DISPENSE once, then only status until the hopper has ended. An order is given again only
when the hopper's number, asked twice with a silence in between, says that it never took the first. What fell is
booked against the stock when it is known, also when the answer has long been given because the cable was out
(`unanswered`), or was never known because the hopper forgot (`unknown`): the difference is reported, not guessed.

A partial payout answers `hardwareError` with what came out; `unknown` only where the hopper cannot say. The stock is
the unit's own count; a hopper that could not pay is left out of it until its sensor or a refill says otherwise.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from hardware.drivers import hopper_payout
from hardware.drivers.cctalk_bus import Bus, CctalkDevice, say
from hardware.drivers.effect_answers import paid_out
from hardware.drivers.hopper_payout import HopperPayout, Verdict
from hardware.drivers.serial_device import Script, Wait
from hardware.drivers.settings.coins import Hopper
from hardware.protocols import cctalk
from hardware.protocols import cctalk_money as meaning
from hardware.transport.durable_json import DurableJson
from hardware.transport.serial_port import monotonic_ms
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AnyEffect, Dispense
from kiosk_firmware.core.events import AnyEvent, Completion, ItemsPresented
from kiosk_firmware.core.money import NONE, Items

FOLLOW_MS = 100
QUIET_MS = cctalk.SETTLE_MS + cctalk.GAP_MS
STALL_MS = 12_000
"""A payout in which so long nothing falls is stopped; hoppers give up by themselves earlier."""
TRIES = 5
LARGEST = 255
_EMPTY = frozenset({"timeout", "max_current", "opto_blocked_in_payout", "motor_reverse_limit"})


class ChangeHopper(CctalkDevice):
    """The driver; see `SerialDevice` for its face. It answers `Dispense`."""

    CAN: ClassVar[frozenset[str]] = frozenset({"presents"})
    POLL_MS = 1000
    EFFECT_MS = 50_000

    def __init__(
        self,
        bus: Bus,
        hoppers: Mapping[int, Hopper],
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        *,
        most: int = 50,
        crc: bool = False,
        memory: Path | None = None,
    ) -> None:
        """Take `hoppers`: fen → where it is, and `memory`, the file that keeps stock, order and counts."""
        self._hoppers, self._most = dict(hoppers), most
        self._gate = threading.RLock()
        self._memory = DurableJson(memory)
        self._leg = hopper_payout.read_order(self._memory.get("leg"))
        self._leg_is_mine = False
        self._paying = ""
        self._came: Counter[int] = Counter()
        self._ending: Completion | None = None
        self._attempts = 0
        self._serials: dict[int, bytes] = {}
        self._absent: set[int] = set()
        self._flags: dict[int, frozenset[str]] = {}
        self._levels: dict[int, meaning.Level] = {}
        self._noise: Counter[str] = Counter()
        self._turn = self._told = 0
        if self._memory.get("blocked"):
            self._memory.keep(blocked=[])  # whoever started the unit again may have cleared what was stuck
        if self._memory.get("stock") is None:
            self._memory.keep(stock={str(fen): hopper.stock for fen, hopper in self._hoppers.items()}, blocked=[])
        super().__init__("coin_dispenser", bus, post, clock, crc)

    # -- the book -----------------------------------------------------------------------------------------------------

    @property
    def stock(self) -> Items:
        """Return what can be paid out now, by our count; hoppers that are out or could not pay are left out."""
        with self._gate:
            out = {*self._absent, *self._memory.get("blocked", [])}
            held = self._memory.get("stock", {})
            return money.items(*((fen, int(held.get(str(fen), 0))) for fen in self._hoppers if fen not in out))

    @property
    def counters(self) -> dict[str, int]:
        """`paid_<fen>`: pieces that ever fell, heard or not; `unknown`: pieces of which nobody knows."""
        with self._gate:
            paid = {f"paid_{fen}": int(self._memory.get(f"paid_{fen}", 0)) for fen in self._hoppers}
            return {**paid, "unknown": int(self._memory.get("unknown", 0))}

    @property
    def under_way(self) -> bool:
        """An order is followed whose end is not known yet."""
        return self._leg is not None

    def credit(self, items: Items) -> Items:
        """Book what the acceptor's sorter dropped into the hoppers that are `fed`; return what goes elsewhere."""
        with self._gate:
            fed = [(fen, count) for fen, count in items if fen in self._hoppers and self._hoppers[fen].fed]
            self._change_stock(dict(fed))
        return money.without(items, money.items(*fed))

    def refill(self, fen: int, pieces: int) -> None:
        """Book a person's count: so many pieces lie in the hopper now. Raises ValueError for a value without one."""
        if fen not in self._hoppers or pieces < 0:
            raise ValueError(f"{pieces} pieces of {fen} fen: allowed are {sorted(self._hoppers)} fen")
        with self._gate:
            held = {**self._memory.get("stock", {}), str(fen): pieces}
            self._memory.keep(stock=held, blocked=[other for other in self._memory.get("blocked", []) if other != fen])

    def filled(self) -> None:
        """Book every hopper as full: a person put in as many pieces as are set."""
        for fen, hopper in self._hoppers.items():
            self.refill(fen, hopper.stock)

    def health(self) -> dict[str, Any]:
        """Return the device's report, with stock, counters, `noise`, and by value (fen) what the hoppers' flags and
        sensors say.
        """
        hoppers = {
            str(fen): {
                "absent": fen in self._absent,
                "blocked": fen in self._memory.get("blocked", []),
                "flags": sorted(self._flags.get(fen, ())),
                **msgspec.structs.asdict(self._levels.get(fen, NO_LEVEL)),
            }
            for fen in self._hoppers
        }
        return {
            **super().health(),
            "stock": list(self.stock),
            "hoppers": hoppers,
            "noise": dict(+self._noise),
            "order": hopper_payout.order_json(self._leg),
            **self.counters,
        }

    def _change_stock(self, by: Mapping[int, int], **more: Any) -> None:
        held = dict(self._memory.get("stock", {}))
        for fen, count in by.items():
            held[str(fen)] = max(0, int(held.get(str(fen), 0)) + count)
        self._memory.keep(stock=held, **more)

    # -- scripts ------------------------------------------------------------------------------------------------------

    def _set_up(self) -> Script:
        absent: set[int] = set()
        for fen, hopper in self._hoppers.items():
            outcome = yield say(hopper.address, cctalk.POLL, tries=self._patience)
            if isinstance(outcome, cctalk.NoReply):
                absent.add(fen)
                continue
            serial = yield say(hopper.address, cctalk.SERIAL)
            if isinstance(serial, cctalk.Reply) and serial.ok:
                self._serials[fen] = serial.data
        self._absent = absent
        waits = self._leg is not None and self._leg.fen in absent
        if waits or absent == set(self._hoppers):
            self._fail()
            return
        yield from self._settle()

    def _urgent(self) -> Script | None:
        return self._settle() if self._leg is not None and self._effect is None else None

    def _poll(self) -> Script:
        """Look at one hopper: its flags, its level; is one that was out back?"""
        self._turn += 1
        fen, hopper = list(self._hoppers.items())[self._turn % len(self._hoppers)]
        outcome = yield say(hopper.address, cctalk.LEVEL, tries=1 if fen in self._absent else 3)
        if isinstance(outcome, cctalk.NoReply) != (fen in self._absent):
            self._fail()
        if isinstance(outcome, cctalk.Reply) and outcome.ok:
            level = self._levels[fen] = meaning.decode_level(outcome.data)
            blocked = self._memory.get("blocked", [])
            if level.low is False and fen in blocked:
                with self._gate:
                    self._memory.keep(blocked=[other for other in blocked if other != fen])

    def _act(self, effect: AnyEffect) -> Script | None:
        return self._pay(effect) if isinstance(effect, Dispense) else None

    def _pay(self, effect: Dispense) -> Script:
        if self._paying != effect.ref:
            self._paying, self._came, self._ending, self._attempts = effect.ref, Counter(), None, 0
            if not effect.items or not money.holds(self.stock, effect.items):
                self._finish(ItemsPresented(effect.at, effect.ref, NONE, "hardwareError", "notDispensable"))
                return
            if money.pieces(effect.items) > self._most:
                self._finish(ItemsPresented(effect.at, effect.ref, NONE, "hardwareError", "tooManyItems"))
                return
        yield from self._settle()
        for fen, count in effect.items:
            while count > self._came[fen] and self._ending is None and not self._failed:
                yield from self._order(fen, count - self._came[fen])
        if not self._failed:
            self._finish_as(self._ending or "success")

    def _order(self, fen: int, count: int) -> Script:
        """Give one order and follow it to its end; `_ending` says when no other may follow."""
        address = self._hoppers[fen].address
        self._attempts += 1
        if self._attempts > TRIES + len(self._hoppers):
            self._ending = "hardwareError"
            return
        if self._says_no((yield say(address, cctalk.ENABLE_HOPPER, cctalk.ENABLE_KEY))):
            return
        yield from self._look(fen)
        status = yield from self._status(address)
        again = yield from self._status(address)
        if status is None or again != status or not self._sound():
            return  # an answer that came late would be taken for how the hopper stands before the order
        if status.remaining:
            yield Wait(FOLLOW_MS)  # it still pays what nobody here ordered
            return
        if "disabled" in self._flags[fen]:
            self._ending = "hardwareError"
            return
        asked = min(count, LARGEST)
        leg = HopperPayout(address, fen, asked, status.counter, status.paid, status.unpaid)
        self._keep_leg(leg, mine=True)
        lock = self._serials.get(fen, b"\0\0\0") if self._hoppers[fen].security == "serial" else bytes(8)
        said = yield say(address, cctalk.DISPENSE, *lock, asked, tries=1, answer_ms=500, acts=True)
        refused = not self._silent(said) and not said.ok
        if not self._silent(said) and said.data == bytes([meaning.next_number(leg.base)]):
            self._keep_leg(msgspec.structs.replace(leg, heard=True), mine=True)
        yield from self._settle()
        if refused and self._sound() and not self._came[fen]:
            self._ending = self._ending or "hardwareError"
        if self._sound():
            yield say(address, cctalk.ENABLE_HOPPER, 0)

    def _settle(self) -> Script:
        """Follow the order that is written down, whoever gave it, until it is known what fell."""
        stopped, since_ms = False, self._clock()
        while (leg := self._leg) is not None and self._sound():
            status = yield from self._status(leg.address)
            if status is None:
                return
            match leg.judged(status):
                case "running":
                    now_ms = self._clock()
                    since_ms = now_ms if status.paid > leg.paid else since_ms
                    self._keep_leg(leg.seen(status), self._leg_is_mine, durable=not leg.heard)
                    if now_ms - since_ms >= STALL_MS and not stopped:
                        stopped = True
                        yield say(leg.address, cctalk.EMERGENCY_STOP)
                    yield Wait(FOLLOW_MS)
                case "ended":
                    yield from self._look(leg.fen)
                    self._close_leg(leg, status.paid, 0, "hardwareError" if status.unpaid else None)
                case verdict:
                    yield from self._make_sure(leg, status, verdict)

    def _make_sure(self, leg: HopperPayout, status: meaning.Payout, verdict: Verdict) -> Script:
        """Ask again after a silence in which every late answer has come; believe a number that denies the order only
        when it is said twice.
        """
        yield Wait(QUIET_MS)
        again = yield from self._status(leg.address)
        if again is None or again != status:
            return
        yield from self._look(leg.fen)
        if not self._sound():
            return
        if verdict == "untouched" and (status.counter or not self._flags[leg.fen] & {"power_up", "disabled"}):
            self._close_leg(leg, 0, 0, None)
            return
        paid = None if verdict == "foreign" else leg.paid_after_reset(status)
        if paid is None:
            self._close_leg(leg, leg.paid, leg.asked - leg.paid, "unknown")
        else:
            self._close_leg(leg, paid, 0, None)

    def _sound(self) -> bool:
        """Return whether the script may go on."""
        return not self._failed

    def _status(self, address: int) -> Any:
        """Ask a hopper for its payout status; return it, or None after `_fail`."""
        outcome = yield say(address, cctalk.STATUS)
        if self._says_no(outcome):
            return None
        return meaning.decode_payout(outcome.data)

    def _look(self, fen: int) -> Script:
        outcome = yield say(self._hoppers[fen].address, cctalk.TEST_HOPPER)
        if not self._says_no(outcome):
            self._flags[fen] = meaning.decode_flags(outcome.data)

    # -- the order ----------------------------------------------------------------------------------------------------

    def _keep_leg(self, leg: HopperPayout, mine: bool, durable: bool = True) -> None:
        self._leg, self._leg_is_mine = leg, mine
        if durable:
            with self._gate:
                self._memory.keep(leg=hopper_payout.order_json(leg))

    def _close_leg(self, leg: HopperPayout, paid: int, unknown: int, ending: Completion | None) -> None:
        """Close an order: book what fell, in one step with forgetting it."""
        name, mine, fen = f"paid_{leg.fen}", self._leg_is_mine, leg.fen
        with self._gate:
            blocked = set(self._memory.get("blocked", []))
            if ending == "hardwareError" and self._flags.get(fen, frozenset()) & _EMPTY:
                blocked.add(fen)
            self._change_stock(
                {fen: -paid},
                leg=None,
                blocked=sorted(blocked),
                unknown=self.counters["unknown"] + unknown,
                **{name: int(self._memory.get(name, 0)) + paid},
            )
        self._leg = None
        self._noise["unknown"] += unknown
        if mine:
            self._came[fen] += paid
            self._ending = self._ending or ending
        else:
            self._noise["unanswered"] += max(0, paid - self._told)
        self._told = 0

    def _finish_as(self, completion: Completion) -> None:
        if completion == "unknown" and self._leg is None and self._ending is None:
            completion = "hardwareError"  # the time is over, and what fell until then is known
        if self._leg is not None and self._leg_is_mine:
            self._told = self._leg.paid
            self._came[self._leg.fen] += self._told
        super()._finish_as(completion)
        self._leg_is_mine = False

    def _refusal(self, effect: AnyEffect, completion: Completion) -> AnyEvent:
        if not isinstance(effect, Dispense) or effect.ref != self._paying:
            return super()._refusal(effect, completion)
        return paid_out(effect, self._came, completion)


NO_LEVEL = meaning.Level()
