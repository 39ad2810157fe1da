"""The metro ticket machine's state and terms.

`Terms` is what never changes in a run: the dated rules, the skin's profile, the network. `State` is one phase, the
books, and the order that is being put together. `today` and `minute` are when the run began (UTC+8); practised time
does not move under a person's hands.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kiosk_firmware.core.effects import Effects
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.pages import Track
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger
from kiosk_firmware.kits.metro.fares import MetroRules
from kiosk_firmware.kits.metro.network import Network
from kiosk_firmware.machines.metro_ticket import phases as p


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a skin that rules read: the station it stands in, whether it asks first how many or where to, whether
    it shows letters or lines first, well-known stations, how many of a line stand on a page, how many tickets and which
    pieces it holds.
    """

    home: str
    count_first: bool
    letters_first: bool
    known: tuple[str, ...]
    stops_a_page: int
    tickets: int
    stock: Items


class Terms(msgspec.Struct, frozen=True):
    """Rules, profile, network, and the network as pages draw it, with the spot on it where the machine stands."""

    rules: MetroRules
    profile: Profile
    network: Network
    tracks: tuple[Track, ...]
    spot: tuple[int, ...] = ()

    def fare(self, target: str) -> int:
        """Return the fare of a single ticket from here to there, in fen."""
        return self.rules.fare(self.network.metres(self.profile.home, target))


class Order(msgspec.Struct, frozen=True, cache_hash=True):
    """The purchase under way: tokens to `target`, or a card that carries `load_fen`; `each_fen` is the price of one.
    `given`: how many were taken, `doubtful`: how many may or may not have come out; `number` names a phone's payment.
    """

    goods: Literal["token", "card"] = "token"
    target: str = ""
    count: int = 0
    each_fen: int = 0
    load_fen: int = 0
    given: int = 0
    doubtful: int = 0
    paid_by: Literal["", "cash", "card", "phone"] = ""
    number: int = 0

    @property
    def due_fen(self) -> int:
        """Return what all of it costs."""
        return self.each_fen * self.count

    @property
    def back_fen(self) -> int:
        """Return what was paid for and surely did not come."""
        return self.each_fen * (self.count - self.given - self.doubtful)


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything the ticket machine knows. `asked`: the numbers under which the bank may hold a payment by phone that
    it could still undo. `scene`: the fraud that is still to be met.
    """

    phase: p.Phase = p.Home()
    books: CabinetLedger = CabinetLedger()
    language: str = "zh"
    order: Order = Order()
    asked: tuple[int, ...] = ()
    today: int = 0
    minute: int = 0
    scene: str = ""


Step = tuple[State, Effects]


def enter_phase(state: State, phase: p.Phase, *effects: Any, **fields: Any) -> Step:
    """Return the state in another phase, with effects."""
    return msgspec.structs.replace(state, phase=phase, **fields), effects


def with_order(state: State, **fields: Any) -> State:
    """Return the state with these fields of its order changed."""
    return msgspec.structs.replace(state, order=msgspec.structs.replace(state.order, **fields))
