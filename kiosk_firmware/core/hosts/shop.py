"""Define a shop's orders, and what its app asks: an account, orders, and what happens to an order.

Each ask comes back in `HostAnswered` with its answer fields filled in. `id` is 0 where an unanswered ask loses nothing;
what books has one, and may be asked again: an account is made once, an order once, an order moves once. That an order
was paid the service hears from whoever moves the money, never from the app.
"""

from __future__ import annotations

from typing import Literal

import msgspec

OrderState = Literal[
    "unpaid",
    "closed",
    "paid",
    "sent",
    "ready",
    "taken",
    "done",
    "asked",
    "back",
    "refused",
    "platform",
    "refunded",
]
"""Of an order in a shop: ready: it lies in the locker or station; asked: it may be sent back; back: it is on its way
there; refused: the seller says no; platform: the shop's service decides.
"""


class Order(msgspec.Struct, frozen=True, cache_hash=True):
    """An order in a shop for `fen`, its coupon taken off. `days`: since the parcel was `fetched`; `code`: opens the
    locker; `stars`: of its review, 0 for none; `back_fen`: what is or will be given back.
    """

    id: int
    good: str
    fen: int
    spec: str = ""
    state: OrderState = "unpaid"
    days: int = 0
    fetched: bool = False
    code: str = ""
    stars: int = 0
    back_fen: int = 0


class Shopper(msgspec.Struct, frozen=True, cache_hash=True):
    """An account with a shop: the `number` it hangs on ("": none), the address, whether its coupon is still there, and
    orders, newest first.
    """

    number: str = ""
    address: str = ""
    coupon: bool = True
    orders: tuple[Order, ...] = ()


Act = Literal["later", "cancel", "fetch", "confirm", "review", "return", "sendback", "dispute"]
"""What is done with an order. later: time passes, and what is due by the clock happens."""


class ShopQuestion(msgspec.Struct, frozen=True, tag=True):
    """Base of a shop's asks."""

    id: int = 0


class JoinAsked(ShopQuestion, frozen=True):
    """An account on this number, in this person's name (ID number), with an address for parcels."""

    number: str = ""
    person: str = ""
    address: str = ""


class PlaceAsked(ShopQuestion, frozen=True):
    """Order this good for `fen`. `coupon`: it was taken off already. Answer: the order, unpaid."""

    good: str = ""
    spec: str = ""
    coupon: bool = False
    fen: int = 0
    order: Order | None = None


class OrdersAsked(ShopQuestion, frozen=True):
    """The question: How do my orders stand? `show`: the one that is looked at, 0 for all. Answer: all, newest first."""

    show: int = 0
    orders: tuple[Order, ...] = ()


class MoveAsked(ShopQuestion, frozen=True):
    """Do this with an order. `word`: the stars of a review, the reason of a return; `fen`: what shall be given back.
    `stood`: as the app knows it, which the service does not trust: "moved" when it stands otherwise. Answer: the order
    after it.
    """

    order: int = 0
    act: Act = "later"
    stood: str = ""
    word: str = ""
    fen: int = 0
    after: Order | None = None


ShopAsk = JoinAsked | PlaceAsked | OrdersAsked | MoveAsked
