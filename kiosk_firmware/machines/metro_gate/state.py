"""The gate's state and terms, and the few moves that all its rules make.

`minute` counts as a card does (since the practised 2020-01-01); it moves by the rides that are taken, and by nothing
else. `station` is where the gate stands that the person is at; `yymm` the practised month, to tell an expired card.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kiosk_firmware.core.effects import Effects, EjectMedia
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger
from kiosk_firmware.kits.metro.fares import MetroRules
from kiosk_firmware.kits.metro.network import Network, NetworkFile
from kiosk_firmware.machines.metro_gate import phases as p

Side = Literal["entry", "exit"]


class Data(msgspec.Struct, frozen=True):
    """The data files."""

    network: NetworkFile


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a skin that rules read: the gate's station, and which ways its lane lets people through."""

    station: str
    lanes: Literal["both", "entry", "exit"]


class Terms(msgspec.Struct, frozen=True):
    """The terms that never change in a run: the dated rules, the skin's profile, the network."""

    rules: MetroRules
    profile: Profile
    network: Network

    @property
    def first(self) -> Side:
        """The side on which the machine stands at home."""
        return "exit" if self.profile.lanes == "exit" else "entry"


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything the gate knows. `moving`: an effect at the reader is open. `unproven`: the last write on this side of
    which nobody knows whether it is on the card. `seen`: what the gate saw besides (an alarm), `fire`: a fire release
    lasts.
    """

    phase: p.Phase = p.Standing()
    books: CabinetLedger = CabinetLedger()
    language: str = "zh"
    station: str = ""
    side: Side = "entry"
    minute: int = 0
    yymm: str = "0000"
    moving: bool = False
    unproven: p.Ride | None = None
    seen: str = ""
    fire: bool = False


Step = tuple[State, Effects]


def enter_phase(state: State, phase: p.Phase, *effects: Any, **fields: Any) -> Step:
    """Return the state in another phase, with effects."""
    return msgspec.structs.replace(state, phase=phase, **fields), effects


def home(terms: Terms, state: State) -> Step:
    """Return to the first side of the gate's own station."""
    return enter_phase(state, p.Standing(), station=terms.profile.station, side=terms.first, seen="", unproven=None)


def give_card_back(state: State, then: p.Standing | p.Told | p.Riding | p.Done) -> Step:
    """Give the card back, as far as the books say that it is here; then comes `then`."""
    if state.moving or state.books.place == "exit":
        return enter_phase(state, p.Back(then))
    if state.books.place == "inside":
        return enter_phase(state, p.Back(then), EjectMedia("card_reader", "eject"), moving=True)
    return enter_phase(state, then)
