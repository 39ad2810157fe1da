"""Define what a shop's app on a telephone asks its service: an account, orders, and what happens to an order.

Each ask comes back in `HostAnswered` with its answer fields filled in. `id` is 0 where an unanswered ask loses nothing;
what books has one, and may be asked again: an account is made once, an order once, an order moves once. That an order
was paid the service hears from whoever moves the money, never from the app.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.persona import Order

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
