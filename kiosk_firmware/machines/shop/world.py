"""The shop's world: the person, and the service's books.

Promises checked in every walked situation: an account is made only on one's own number, after the code that went there
was typed; what is ordered, and for how much, stood on the key that ordered it, the coupon taken off once; the wallet
pays exactly that, once; an order moves only as was pressed; a parcel is fetched once, for its code; what is given back
is what was paid, once; nothing goes back without a reason that the law does not let go back.
"""

from __future__ import annotations

import zlib
from typing import Any

import msgspec

from kiosk_firmware.core.effects import AnyEffect, AskHost, OpenDoor
from kiosk_firmware.core.events import (
    AnyEvent,
    BarcodeRead,
    DoorClosed,
    DoorOpened,
    Fault,
    HostAnswered,
    Returned,
    Started,
    Tapped,
    Typed,
)
from kiosk_firmware.core.faults import moment, struck
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.bank import post
from kiosk_firmware.core.hosts.mobile_carrier import CodeAsked
from kiosk_firmware.core.hosts.shop import (
    Act,
    JoinAsked,
    MoveAsked,
    Order,
    OrdersAsked,
    OrderState,
    PlaceAsked,
    Shopper,
    ShopQuestion,
)
from kiosk_firmware.core.linked_machines import returns
from kiosk_firmware.core.machine import Open, Values
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.persona import Persona, Sms
from kiosk_firmware.kits.phone.shell import newest_messages
from kiosk_firmware.kits.phone.world import CODE, PhoneAppWorlds, PhoneUser, with_breaches
from kiosk_firmware.machines.shop.state import LOCKER, PARCEL, Terms

PRESSED: dict[Act, tuple[str, ...]] = {
    "later": ("move.later",),
    "cancel": ("move.cancel",),
    "fetch": ("pickup.ok", "pickup.show"),
    "confirm": ("move.confirm",),
    "sendback": ("move.sendback",),
    "dispute": ("proof.chat",),
}
"""The keys that stand for what is done with an order; a review's and a return's have its word in them."""
MOVES: dict[tuple[OrderState, Act], OrderState] = {
    ("unpaid", "later"): "closed",
    ("unpaid", "cancel"): "closed",
    ("paid", "later"): "sent",
    ("paid", "cancel"): "refunded",
    ("sent", "later"): "ready",
    ("sent", "confirm"): "done",
    ("ready", "fetch"): "taken",
    ("ready", "confirm"): "done",
    ("taken", "later"): "taken",
    ("taken", "confirm"): "done",
    ("taken", "return"): "asked",
    ("done", "return"): "asked",
    ("done", "review"): "done",
    ("asked", "sendback"): "back",
    ("back", "later"): "refunded",
    ("refused", "dispute"): "platform",
    ("done", "dispute"): "platform",
    ("platform", "later"): "refunded",
}
"""How an order goes on at the service."""


class ShopWorld(PhoneUser, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere: the number that the newest code went to, and whether a code that came was typed;
    the last key that stands for something (with its value, for an order that is made), the order that it was pressed
    at; whether the locker's door stands open; what the service did last.
    """

    now: int = 0
    sent_to: str = ""
    typed: bool = False
    picked: str = ""
    order: int = 0
    door: bool = False
    last: tuple[str, ...] = ()


class ShopWorlds(PhoneAppWorlds[ShopWorld]):
    """The rules of that world."""

    def __init__(self, terms: Terms) -> None:
        """Set up with nothing started yet."""
        self.terms = terms

    def start(self, started: Started) -> ShopWorld:
        """Start with the person before the run; what a message said of a parcel is found there."""
        sms = started.persona.phone.sms
        return ShopWorld(started.persona, now=started.now, code=sms[0].code if sms else "")

    # -- what is pressed -----------------------------------------------------------------------------------------------

    def heard(self, world: ShopWorld, event: AnyEvent) -> ShopWorld:
        """Return the world after `event`."""
        match event:
            case Returned():
                return self._paid(world, event)
            case DoorOpened(completion="success"):
                found = ["a locker was opened without its code"] * (world.picked != "pickup.ok" or not world.typed)
                return msgspec.structs.replace(with_breaches(world, *found), door=True)
            case DoorClosed():
                return msgspec.structs.replace(world, door=False)
            case BarcodeRead(text=text):
                right = any(one.code and text == PARCEL + one.code for one in _shopper(world).orders)
                return msgspec.structs.replace(world, picked="pickup.ok", typed=right)
            case _:
                return super().heard(world, event)

    def meant(self, world: ShopWorld, event: Tapped | Typed) -> ShopWorld:
        """Compare what is done next with what was pressed; another key means something else."""
        if isinstance(event, Typed):
            if event.key != CODE:
                return world
            right = event.text in (world.code, *(one.code for one in _shopper(world).orders if one.code))
            return world if right == world.typed else msgspec.structs.replace(world, typed=right)
        area = event.key.partition(".")[0]
        if area == "door":
            return msgspec.structs.replace(world, door=False)
        if area == "checkout":
            return _picked(world, f"{event.key} {event.value}" if event.key == "checkout.yes" else "")
        order = int(event.value) if area == "move" else world.order
        picked = event.key if area in ("move", "pickup", "star", "why", "proof") else ""
        return _picked(world, picked, order)

    def acts(self, world: ShopWorld, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """Return the acts as on every phone; the wallet may also not be there; a door that stands open is shut."""
        shut = (DoorClosed(LOCKER),) if world.door and LOCKER in page.at else ()
        return (*super().acts(world, page, open_, values), *returns(open_, ("unavailable",)), *shut)

    def answer(self, world: ShopWorld, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """Return the door's answer, or as on every phone."""
        if isinstance(effect, OpenDoor):
            return DoorOpened(effect.at, effect.ref)
        return super().answer(world, effect, canceled)

    def faults(self, world: ShopWorld, armed: Fault, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
        """Return the faults as the service answers, and as the door should open."""
        doors = [DoorOpened(effect.at, effect.ref) for effect, _ in open_ if isinstance(effect, OpenDoor)]
        jams = tuple(struck(armed, door) for door in doors if moment(armed, door))
        return (*super().faults(world, armed, open_), *jams)

    def _paid(self, world: ShopWorld, event: Returned) -> ShopWorld:
        """Return the world after the wallet has closed. Who moves the money tells the service, not the app."""
        persona = event.persona or world.persona
        if event.result.verdict != "done":
            return msgspec.structs.replace(world, persona=persona)
        order = _order(world, world.order)
        if order is None or order.state != "unpaid":
            return with_breaches(world, "paid what was not to be paid")
        wrong = [f"paid {event.result.fen}, the order is for {order.fen}"] * (event.result.fen != order.fen)
        if event.persona is None:
            ledger = post(persona.ledger, persona.wallet, self.terms.profile.merchant, event.result.fen, "pay")
            persona = msgspec.structs.replace(persona, ledger=ledger)
        world = msgspec.structs.replace(with_breaches(world, *wrong), persona=persona)
        return _ordered(world, msgspec.structs.replace(order, state="paid"))

    # -- the service ---------------------------------------------------------------------------------------------------

    def said(self, world: ShopWorld, effect: AskHost) -> HostAnswered:
        """Return the service's answer."""
        verdict, ask = self._answer(world, effect.ask)
        return HostAnswered(effect.at, effect.ref, verdict, ask)

    def _answer(self, world: ShopWorld, ask: Ask) -> tuple[str, Ask]:
        change = msgspec.structs.replace
        match ask:
            case CodeAsked(number=number):
                return "ok", change(ask, code=self.code(world, number))
            case JoinAsked():
                return "ok", ask
            case OrdersAsked():
                return "ok", change(ask, orders=_shopper(world).orders)
            case PlaceAsked(good=good, spec=spec, fen=fen):
                orders = _shopper(world).orders
                if _mark(ask) == world.last:
                    return "ok", change(ask, order=orders[0])
                if len(orders) >= self.terms.rules.most_orders:
                    return "full", ask
                return "ok", change(ask, order=Order(len(orders) + 1, good, fen, spec))
            case MoveAsked(order=number):
                order = _order(world, number)
                if order is not None and _mark(ask) == world.last:
                    return "ok", change(ask, after=order)
                if order is None or order.state != ask.stood or (order.state, ask.act) not in MOVES:
                    return "moved", ask
                return "ok", change(ask, after=self._after(world, order, ask))
            case _:
                return "nothing", ask

    def code(self, world: ShopWorld, about: str) -> str:
        """Return the code of a message in this run: invented, and the same again, so that a replay is exact."""
        digits = self.terms.rules.code_digits
        return f"{zlib.crc32(f'{world.now} {about}'.encode()) % 10**digits:0{digits}d}"

    def _after(self, world: ShopWorld, order: Order, ask: MoveAsked) -> Order:
        """Return the order after what was asked."""
        rules, change = self.terms.rules, msgspec.structs.replace
        state = MOVES[order.state, ask.act]
        match ask.act:
            case "later" if state == "ready":
                return change(order, state=state, code=self.code(world, f"parcel {order.id}"))
            case "later" if state == "taken":
                days = order.days + rules.pass_days
                return change(order, state="done" if days >= rules.confirm_days else state, days=days)
            case "fetch":
                return change(order, state=state, fetched=True, days=0)
            case "review":
                return change(order, stars=int(ask.word))
            case "return":
                refused = self.terms.good(order.good).stubborn
                return change(order, state="refused" if refused else state, back_fen=ask.fen)
            case "cancel" | "dispute":
                return change(order, state=state, back_fen=ask.fen)
            case _:
                return change(order, state=state)

    def price(self, world: ShopWorld, ask: Ask) -> int:
        """Return the price: nothing is paid here; an order that is let go comes back as it was paid."""
        before = _order(world, ask.order) if isinstance(ask, MoveAsked) else None
        after = ask.after if isinstance(ask, MoveAsked) else None
        return -before.fen if before and after and after.state == "refunded" else 0

    def booked(self, world: ShopWorld, ask: Ask) -> ShopWorld:
        """Return the service's books after this."""
        if isinstance(ask, CodeAsked):
            own = {sim.number for sim in world.persona.phone.sims if sim.own}
            after = msgspec.structs.replace(_messaged(world, Sms("code", ask.code)), sent_to=ask.number, typed=False)
            return with_breaches(after, *["a code went to somebody else's number"] * (ask.number not in own))
        if not isinstance(ask, ShopQuestion) or not ask.id or _mark(ask) == world.last:
            return world
        world = msgspec.structs.replace(world, last=_mark(ask))
        match ask:
            case JoinAsked():
                return _shopped(
                    with_breaches(world, *_joined_wrong(world, ask)), number=ask.number, address=ask.address
                )
            case PlaceAsked(order=order) if order is not None:
                world = with_breaches(world, *self._placed_wrong(world, ask))
                world = _shopped(world, coupon=_shopper(world).coupon and not ask.coupon)
                return msgspec.structs.replace(_ordered(world, order), order=order.id)
            case MoveAsked(after=moved) if moved is not None:
                return self._moved(world, ask, moved)
            case _:
                return world

    def _placed_wrong(self, world: ShopWorld, ask: PlaceAsked) -> list[str]:
        rules, good = self.terms.rules, self.terms.good(ask.good)
        off = rules.coupon_fen if ask.coupon else 0
        signed = f"checkout.yes {ask.good} {ask.spec} {int(ask.coupon)} {ask.fen}"
        found = [f"{signed} was ordered, {world.picked} was pressed"] * (signed != world.picked)
        found += [f"{ask.fen} for {good.fen - off}"] * (ask.fen != good.fen - off)
        found += ["a coupon that is not there"] * (ask.coupon and not _shopper(world).coupon)
        found += ["a coupon for too little"] * (ask.coupon and good.fen < rules.coupon_from_fen)
        return found

    def _moved(self, world: ShopWorld, ask: MoveAsked, after: Order) -> ShopWorld:
        before = _order(world, ask.order)
        if before is None:
            return with_breaches(world, f"order {ask.order} is nowhere")
        world = _ordered(with_breaches(world, *self._move_wrong(world, ask, before)), after)
        if after.state == "ready":
            world = _messaged(world, Sms("parcel", after.code))
        if after.state == "refunded":
            persona, merchant = world.persona, self.terms.profile.merchant
            ledger = post(persona.ledger, merchant, _payer(persona, after), after.back_fen, "back")
            return _having(world, msgspec.structs.replace(persona, ledger=ledger))
        return world

    def _move_wrong(self, world: ShopWorld, ask: MoveAsked, before: Order) -> list[str]:
        word = {"review": (f"star.{ask.word}",), "return": (f"why.{ask.word}",)}
        pressed = word.get(ask.act) or PRESSED[ask.act]
        found = [f"{ask.act} was done, {world.picked} was pressed"] * (world.picked not in pressed)
        found += ["a parcel was given out without its code"] * (world.picked == "pickup.ok" and not world.typed)
        found += [f"order {ask.order} was moved, not {world.order}"] * (ask.order != world.order)
        due = before.fen if ask.act in ("cancel", "return", "dispute") and before.state != "unpaid" else 0
        found += [f"{ask.fen} is given back of {due}"] * (ask.fen != due)
        if ask.act == "return":
            good, days = self.terms.good(before.good), self.terms.rules.return_days
            found += ["went back too late"] * (before.days > days)
            barred = good.kind != "plain" or not good.week
            found += ["went back against the rules"] * (barred and ask.word != "broken")
        return found

    def broken(self, world: ShopWorld, at_rest: bool) -> tuple[str, ...]:
        """Compare what was given back with what was paid; what was never fetched is in no hand."""
        return tuple(
            f"order {one.id}: {one.back_fen} of {one.fen} given back"
            for one in _shopper(world).orders
            if one.state == "refunded" and one.back_fen != one.fen
        )


def _joined_wrong(world: ShopWorld, ask: JoinAsked) -> list[str]:
    found = ["joined without the code"] * (not world.typed)
    found += ["joined on another number than the code went to"] * (ask.number != world.sent_to)
    return found + ["joined in somebody else's name"] * (ask.person not in {one.number for one in world.persona.ids})


def _mark(ask: Ask) -> tuple[str, ...]:
    """Return what tells an ask that books from the one before."""
    match ask:
        case PlaceAsked(id=id_, good=good, spec=spec):
            return ("place", str(id_), good, spec)
        case MoveAsked(id=id_, order=order, act=act):
            return (act, str(id_), str(order))
        case _:
            return (type(ask).__name__,)


def _picked(world: ShopWorld, picked: str, order: int | None = None) -> ShopWorld:
    order = world.order if order is None else order
    if (picked, order) == (world.picked, world.order):
        return world
    return msgspec.structs.replace(world, picked=picked, order=order)


def _payer(persona: Persona, order: Order) -> str:
    """Return the account that paid an order, as its statement says: what is given back goes there."""
    lines = (line for line in persona.ledger.entries if line.kind == "pay" and line.fen == -order.fen)
    return next((line.account for line in lines), persona.wallet)


def _shopper(world: ShopWorld) -> Shopper:
    return world.persona.phone.shopper


def _order(world: ShopWorld, number: int) -> Order | None:
    return next((one for one in _shopper(world).orders if one.id == number), None)


def _ordered(world: ShopWorld, order: Order) -> ShopWorld:
    """Return the world with this order as it stands now, newest first."""
    others = (one for one in _shopper(world).orders if one.id != order.id)
    return _shopped(world, orders=tuple(sorted((order, *others), key=lambda one: -one.id)))


def _shopped(world: ShopWorld, **fields: Any) -> ShopWorld:
    """Return the world with these things of the person's account changed."""
    phone = world.persona.phone
    phone = msgspec.structs.replace(phone, shopper=msgspec.structs.replace(phone.shopper, **fields))
    return _having(world, msgspec.structs.replace(world.persona, phone=phone))


def _messaged(world: ShopWorld, sms: Sms) -> ShopWorld:
    """Return the world after a message came, with something that can be typed once it was read."""
    phone = msgspec.structs.replace(world.persona.phone, sms=newest_messages(sms, world.persona.phone.sms))
    world = _having(world, msgspec.structs.replace(world.persona, phone=phone))
    return msgspec.structs.replace(world, code=sms.code, read=False)


def _having(world: ShopWorld, persona: Persona) -> ShopWorld:
    return msgspec.structs.replace(world, persona=persona)
