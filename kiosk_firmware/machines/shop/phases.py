"""The shop's phases, errand by errand: one frozen struct each, joined to one closed union.

`Waiting`, `Paying` and `Opening` are left only by an answer; all others by keys, typing, or time-out. An order stands
in the phase that shows it and nowhere else in the state: how it stands the service knows, and is asked each time.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.hosts.mobile_carrier import CodeAsked
from kiosk_firmware.core.hosts.shop import Order, ShopAsk
from kiosk_firmware.kits.fraud_scenes import SceneProgress


class ShopPhase(msgspec.Struct, frozen=True, tag=True):
    """Base of the shop's phases."""


class Home(ShopPhase, frozen=True):
    """The phone's first page, locked or with its tiles."""


# -- an account


class Number(ShopPhase, frozen=True):
    """The question: Whose number? `problem` with the last one: "digits", "not_yours"."""

    typed: str = ""
    problem: str = ""


class Code(ShopPhase, frozen=True):
    """The code of the message is typed; `wrong` ones so far."""

    sent: str
    typed: str = ""
    wrong: int = 0


class Resend(ShopPhase, frozen=True):
    """A new code is sent only after a minute: that minute."""

    code: Code


class RealName(ShopPhase, frozen=True):
    """In whose name?"""


class Address(ShopPhase, frozen=True):
    """The question: Where do parcels go? `short`: the last one was too short to find."""

    typed: str = ""
    short: bool = False


# -- looking and ordering


class Front(ShopPhase, frozen=True):
    """The app's first page."""


class Search(ShopPhase, frozen=True):
    """The question: What is looked for? `nothing`: the last words found nothing."""

    typed: str = ""
    nothing: bool = False


class Results(ShopPhase, frozen=True):
    """The goods found."""

    found: tuple[str, ...]


class Product(ShopPhase, frozen=True):
    """One good, found among these."""

    good: str
    found: tuple[str, ...]


class Reviews(ShopPhase, frozen=True):
    """The reviews of a good."""

    product: Product


class Spec(ShopPhase, frozen=True):
    """The question: Which size or kind? Then into the cart, or at once to the order."""

    product: Product
    now: bool


class Cart(ShopPhase, frozen=True):
    """The content of the cart."""


class Checkout(ShopPhase, frozen=True):
    """All of it once more before it is ordered. `coupon`: it is taken off."""

    good: str
    spec: str
    coupon: bool = False


# -- orders


class Waiting(ShopPhase, frozen=True):
    """The service is asked `ask`; what loses something unanswered is asked once more. `back`: what stood before."""

    ask: ShopAsk | CodeAsked
    tries: int = 1
    back: ShopPhase | None = None


class Paying(ShopPhase, frozen=True):
    """The wallet stands open for this order; `closing`: it was called off, and its answer is waited for."""

    order: Order
    closing: bool = False


class Orders(ShopPhase, frozen=True):
    """All orders, newest first."""

    orders: tuple[Order, ...]


class OrderShown(ShopPhase, frozen=True):
    """One order: how it stands, and what can be done now."""

    order: Order


class Early(ShopPhase, frozen=True):
    """The parcel is not there yet: is it really to be confirmed?"""

    order: Order


class Pickup(ShopPhase, frozen=True):
    """At the locker or station: its code is typed; `wrong` ones so far."""

    order: Order
    typed: str = ""
    wrong: int = 0


class Opening(ShopPhase, frozen=True):
    """The code was right: the locker's door is asked to open. Left only by its answer."""

    order: Order


class DoorOpen(ShopPhase, frozen=True):
    """The door stands open: take the parcel, shut it. `left`: it was asked for once already."""

    order: Order
    left: bool = False


class Stars(ShopPhase, frozen=True):
    """The question: How good was it?"""

    order: Order


class Why(ShopPhase, frozen=True):
    """The question: Why does it go back?"""

    order: Order


class Proof(ShopPhase, frozen=True):
    """The question: What is shown to the service that decides?"""

    order: Order


class Notice(ShopPhase, frozen=True):
    """One thing to know, then `back`, or the app's first page."""

    why: str
    back: ShopPhase | None = None


class Met(ShopPhase, frozen=True):
    """A fraud is met; then on with `then`."""

    meeting: SceneProgress
    then: ShopPhase


Joining = Number | Code | Resend | RealName | Address
Buying = Front | Search | Results | Product | Reviews | Spec | Cart | Checkout
Ordering = Orders | OrderShown | Early | Pickup | Stars | Why | Proof
Door = Opening | DoorOpen
Phase = Home | Joining | Buying | Ordering | Door | Waiting | Paying | Notice | Met
