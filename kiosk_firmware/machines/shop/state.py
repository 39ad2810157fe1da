"""The shop's state and terms, and the few moves that all pages make.

`Terms` is what never changes in a run: the dated rules and the skin's profile. No order stands in the state itself.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kiosk_firmware.core.effects import AskHost, Effects
from kiosk_firmware.core.events import Device
from kiosk_firmware.core.hosts.mobile_carrier import CodeAsked
from kiosk_firmware.core.hosts.shop import Act, MoveAsked, Order, ShopAsk, Shopper
from kiosk_firmware.kits.phone.shell import Shell, close_phone, leave_app
from kiosk_firmware.machines.shop import phases as p

HOST: Device = "network_host"
LOCKER: Device = "parcel_locker"
GIVES_BACK: tuple[Act, ...] = ("cancel", "return", "dispute")
"""What is done with an order so that money comes back."""
PARCEL = "kiosk-practice:parcel?n="
"""How the code of a parcel begins that a station reads."""


class Good(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to buy. `words`: what finds it; `stars`, `trust`: tenths of what people give the good and its seller;
    `kind`: "made" to order and "fresh" are not taken back without a reason; `week`: its page bears the seven-day mark;
    `stubborn`: its seller says no to what is right.
    """

    id: str
    words: tuple[str, ...]
    fen: int
    stars: int
    trust: int
    specs: tuple[str, ...]
    kind: Literal["plain", "made", "fresh"] = "plain"
    week: bool = True
    stubborn: bool = False


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dated rules; sources stand in rulepack.toml. `resend_s`: a new code only after so many seconds; `tries`: wrong
    codes that are allowed; the coupon takes `coupon_fen` off from `coupon_from_fen` on; `close_min`: an unpaid order
    lives so many minutes; `confirm_days`: after so many it counts as received; `return_days`: for sending back without
    a reason, from the day after it was taken; `pass_days`: what the page that lets time pass lets pass;
    `most_orders`: so many are kept.
    """

    code_digits: int
    resend_s: int
    tries: int
    coupon_fen: int
    coupon_from_fen: int
    close_min: int
    confirm_days: int
    return_days: int
    pass_days: int
    least_address: int
    most_orders: int
    goods: tuple[Good, ...]
    page_ms: int
    note_ms: int


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a skin that rules read. `merchant`: whom the wallet pays; `direct`: one may order at once, beside the
    cart; `coupon`: where it is found; `pickup`: parcels wait in a locker whose door a code opens, or at a station that
    reads it.
    """

    merchant: str
    direct: bool
    coupon: Literal["product", "checkout"]
    pickup: Literal["locker", "station"]


class Terms(msgspec.Struct, frozen=True):
    """Rules and profile."""

    rules: Rules
    profile: Profile

    def good(self, name: str) -> Good:
        """Return the good of that name."""
        return next(good for good in self.rules.goods if good.id == name)

    def found(self, words: str) -> tuple[str, ...]:
        """Return the goods that these words find."""
        said = words.strip().lower()
        return tuple(good.id for good in self.rules.goods if said and _names(good, said))

    def price(self, good: str, coupon: bool) -> int:
        """Return what it costs, the coupon taken off."""
        return self.good(good).fen - (self.rules.coupon_fen if coupon else 0)

    def coupon_counts(self, good: str) -> bool:
        """Return whether the coupon may be used for it."""
        return self.good(good).fen >= self.rules.coupon_from_fen


def _names(good: Good, said: str) -> bool:
    return any(word in said or (len(said) > 1 and said in word) for word in good.words)


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything the app knows. `person`: the ID card's number; `own`: the numbers that one has; `number`: the one that
    the account hangs on, "" for none; `joining`: the one it shall hang on; `coupon`: "" used up, "there", "held" where
    it was taken on a good's page; `cart`: (good, spec); `turn`: numbers what books, 1, 2, 1, …: two are
    enough to tell one from the one before; `scene`: the fraud still to be met; `lockers`: this unit has a locker whose
    door really opens.
    """

    shell: Shell
    phase: p.Phase = p.Home()
    language: str = "zh"
    person: str = ""
    own: tuple[str, ...] = ()
    number: str = ""
    joining: str = ""
    coupon: Literal["", "there", "held"] = "there"
    cart: tuple[tuple[str, str], ...] = ()
    turn: int = 1
    scene: str = ""
    lockers: bool = True


Step = tuple[State, Effects]


def remembered_account(shopper: Shopper) -> dict[str, Any]:
    """Return what the app remembers of an account."""
    return {"number": shopper.number, "coupon": "there" if shopper.coupon else ""}


def enter_phase(state: State, phase: p.ShopPhase, *effects: Any, **fields: Any) -> Step:
    """Return the state in another phase, with effects."""
    return msgspec.structs.replace(state, phase=phase, **fields), effects


def ask(state: State, question: ShopAsk | CodeAsked, tries: int = 1, back: p.ShopPhase | None = None) -> Step:
    """Ask the service, and wait for it."""
    return enter_phase(state, p.Waiting(question, tries, back), AskHost(HOST, "shop", question))


def move(state: State, order: Order, act: Act, word: str = "") -> Step:
    """Ask for it. What was paid is what shall be given back."""
    back = order.fen if act in GIVES_BACK and order.state != "unpaid" else 0
    question = MoveAsked(state.turn, order.id, act, order.state, word, back)
    return ask(state, question, back=p.OrderShown(order))


def first_page(state: State) -> p.ShopPhase:
    """Return the app's first page: a person without an account makes one."""
    return p.Front() if state.number else p.Number()


def front(state: State) -> Step:
    """Return to the app's first page: the errand is over."""
    return enter_phase(state, first_page(state))


def home(state: State) -> Step:
    """Put it down: the app is closed; what lies in the cart stays there."""
    return enter_phase(state, p.Home(), shell=close_phone(state.shell), joining="")


def tiles(state: State) -> Step:
    """Leave the app by its way out."""
    return enter_phase(state, p.Home(), shell=leave_app(state.shell), joining="")
