"""The ATM's world: the person's pocket and the cabinet (`core.cabinet_model`), and the bank (`kits.bank`).

Promises checked in every walked situation: no note, token or card appears or vanishes; the ledger sums to zero;
and, when the machine is home again, what the bank's vault account says left the machine is what physically left it.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core import cabinet_model as b
from kiosk_firmware.core.effects import AnyEffect, AskHost
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    HostAnswered,
    MediaInserted,
    MediaRetained,
    PinEntered,
    Started,
    Struck,
    Tapped,
)
from kiosk_firmware.core.hosts.bank import BankQuestion
from kiosk_firmware.core.machine import Open, Values
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.kits import bank as k
from kiosk_firmware.kits.cabinet_world import CabinetWorlds, Standing, pocketed
from kiosk_firmware.kits.practice_clock import local_day


class AtmWorld(Standing, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere: `wrong_pins` in a row, and the cards that were kept though nobody gave a reason
    to (`unjust`). `regained`: what was kept was fetched at the counter.
    """

    wrong_pins: int = 0
    unjust: tuple[str, ...] = ()
    regained: bool = False


class AtmWorlds(CabinetWorlds[AtmWorld]):
    """The rules of that world. `stock`: what the cassettes hold until the cabinet says otherwise.
    `pin_tries`: after so many wrong PINs a card may be kept.
    """

    payees = ("vault",)
    owes = False

    def __init__(self, limits: k.Limits, stock: Items, pin_tries: int) -> None:
        """Nothing is started yet."""
        self.limits = limits
        self.stock = stock
        self.pin_tries = pin_tries

    def start(self, started: Started) -> AtmWorld:
        """Return what everybody holds before the run."""
        bench = pocketed(msgspec.structs.replace(started.persona, ids=()), self.stock)
        bank = k.opened(started.persona, local_day(started))
        return AtmWorld(bench, bank, started.persona, bench)

    def folded(self, world: AtmWorld, event: AnyEvent) -> AtmWorld:
        """The world after `event`."""
        match event:
            case CabinetFound():
                return self.woken(world, event)
            case HostAnswered() | Struck(ask=BankQuestion()) if (bank := k.heard(world.bank, event)) is not world.bank:
                return msgspec.structs.replace(world, bank=bank)
            case PinEntered(verdict="wrong" | "right" as verdict):
                return msgspec.structs.replace(world, wrong_pins=world.wrong_pins + 1 if verdict == "wrong" else 0)
            case MediaRetained(completion="success") if not self._just(world):
                unjust = (world.bench.reader.number if world.bench.reader else "?",)
                return self._moved(msgspec.structs.replace(world, unjust=unjust), event)
            case Tapped(key="fetch.take"):
                return msgspec.structs.replace(world, regained=True)
            case _:
                return self._moved(world, event)

    def _moved(self, world: AtmWorld, event: AnyEvent) -> AtmWorld:
        bench = b.heard(world.bench, event)
        slips = max(0, world.slips + b.slip_owed(event))
        pins = 0 if isinstance(event, MediaInserted) else world.wrong_pins
        if bench is world.bench and (slips, pins) == (world.slips, world.wrong_pins):
            return world
        return msgspec.structs.replace(world, bench=bench, slips=slips, wrong_pins=pins)

    def _just(self, world: AtmWorld) -> bool:
        """A card may be kept if it was left, has expired, was reported lost, or had too many wrong PINs."""
        card, media = None, world.bench.reader
        if media is not None:
            card = world.persona.card(media.number)
        if media is None or card is None or world.bench.place == "exit":
            return True
        return media.expires != card.expires or card.status == "lost" or world.wrong_pins >= self.pin_tries

    def answer(self, world: AtmWorld, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """The cabinet's answer, or the bank's."""
        if isinstance(effect, AskHost):
            return self.said(world, effect)
        return b.answer(world.bench, effect, canceled)

    def acts(self, world: AtmWorld, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """Return what this person can do now."""
        return b.acts(world.bench, page, open_, values)

    def said(self, world: AtmWorld, effect: AskHost) -> HostAnswered:
        """The bank's answer."""
        return k.answer(world.bank, self.limits, effect)

    def broken(self, world: AtmWorld, at_rest: bool) -> tuple[str, ...]:
        """No card is kept without a reason."""
        return tuple(f"card {number} was kept without a reason" for number in world.unjust)

    def persona(self, world: AtmWorld) -> Persona:
        """Return what outlives the run: as everywhere, and a kept card that the counter gave back (or a new one for
        it).
        """
        left = super().persona(world)
        if not world.regained:
            return left
        return msgspec.structs.replace(left, cards=world.persona.cards, kept=world.persona.kept)
