"""The desk's state and terms, and the few moves that every errand makes.

`minute` counts as a card does; practised time does not move under a person's hands.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import Effects
from kiosk_firmware.core.money import Items
from kiosk_firmware.kits import home_phase
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger, with_fields
from kiosk_firmware.kits.metro.fares import MetroRules
from kiosk_firmware.kits.metro.network import Network, NetworkFile
from kiosk_firmware.kits.metro.ticket_record import Trip
from kiosk_firmware.kits.return_items import Done, Leave, Leaving, proceed
from kiosk_firmware.machines.metro_desk import phases as p


class Data(msgspec.Struct, frozen=True):
    """The data files."""

    network: NetworkFile


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a skin that rules read: the desk's station, and the pieces that its cash box holds."""

    station: str
    stock: Items


class Terms(msgspec.Struct, frozen=True):
    """The terms that never change in a run: the dated rules, the skin's profile, the network."""

    rules: MetroRules
    profile: Profile
    network: Network

    def fare(self, start: str, end: str) -> int:
        """Return the fare of a ride between two stations with a token, in fen."""
        return self.rules.fare(self.network.metres(start, end))

    def card_fare(self, start: str, end: str, trip: Trip, minute: int) -> int:
        """Return what the card's holder pays between two stations, in fen; `minute`: of a ride that has no entry."""
        return self.rules.card_fare(self.network.metres(start, end), trip.holder, trip.minute or minute)


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything the desk knows. `yymm`: the practised month, to tell an expired card. `unproven`: the last write of
    which nobody knows whether it is on the card, as (number, balance, trip, what it mended).
    """

    phase: p.Phase = p.Home()
    books: CabinetLedger = CabinetLedger()
    language: str = "zh"
    minute: int = 0
    yymm: str = "0000"
    unproven: tuple[str, int, str, str] | None = None


Step = tuple[State, Effects]


def enter_phase(state: State, phase: p.Phase, *effects: Any, **fields: Any) -> Step:
    """Return the state in another phase, with effects."""
    return msgspec.structs.replace(state, phase=phase, **fields), effects


def leave(state: State, why: str = "", **fields: Any) -> Step:
    """Begin to leave: what was put in and has paid for nothing is handed out again, after the card."""
    books = with_fields(state.books, tally=money.NONE)
    what = Leave(due=state.books.tally, why=why, hopper=True)
    return continue_leaving(msgspec.structs.replace(state, books=books), msgspec.structs.replace(what, **fields))


def continue_leaving(state: State, what: Leave) -> Step:
    """Go on with a leave by the books."""
    return after_leaving(state, *proceed(state.books, what))


def after_leaving(state: State, books: CabinetLedger, phase: Leaving | Done, effects: Effects) -> Step:
    """Return the state after a leaving step; home where all duties are done."""
    return home_phase.after_leaving(state, (books, phase, effects), leave, phase=p.Home())
