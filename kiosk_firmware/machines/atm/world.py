"""The ATM's world: the person's pocket and the cabinet (`core.cabinet_model`), and the bank (`kits.bank`).

Promises checked in every walked situation: no note, token or card appears or vanishes; the ledger sums to zero;
and, when the machine is home again, what the bank's vault account says left the machine is what physically left it.
What is transferred is what was typed; what is withdrawn costs the rules' fee. Cash without a card goes to the account
that was typed, and no more is paid in than a day allows. For a note that was kept there is a slip.
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
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.bank import BankQuestion, DepositAsked, TransferAsked, WithdrawAsked
from kiosk_firmware.core.machine import Open, Values
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.kits import bank as k
from kiosk_firmware.kits import cabinet_invariants
from kiosk_firmware.kits.cabinet_invariants import yuan
from kiosk_firmware.kits.cabinet_world import CabinetState, CabinetWorlds, bench_before_run
from kiosk_firmware.kits.practice_clock import local_day
from kiosk_firmware.machines.atm.state import Terms


class AtmWorld(CabinetState, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere: `wrong_pins` in a row, and the cards that were kept though nobody gave a reason
    to (`unjust`). `without_card`: the person pays in without one. `regained`: what was kept was fetched at the counter;
    `wrong`: what was booked, and not pressed.
    """

    wrong_pins: int = 0
    unjust: tuple[str, ...] = ()
    without_card: bool = False
    regained: bool = False
    wrong: str = ""


class AtmWorlds(CabinetWorlds[AtmWorld]):
    """The rules of that world."""

    payees = ("vault",)
    choices = frozenset(("transfer.field", "cardless.field"))
    owes = False

    def __init__(self, terms: Terms) -> None:
        """Set up with nothing started yet."""
        self.terms = terms
        self.limits = k.Limits(terms.rules.day_fen, terms.rules.deposit_day_fen)
        self.stock = terms.profile.stock

    def start(self, started: Started) -> AtmWorld:
        """Return what everybody holds before the run."""
        bench = bench_before_run(msgspec.structs.replace(started.persona, ids=()), self.stock)
        bank = k.open_bank(started.persona, local_day(started))
        return AtmWorld(bench, bank, started.persona, bench)

    def heard(self, world: AtmWorld, event: AnyEvent) -> AtmWorld:
        """Return the world after `event`; what was typed is forgotten where nothing comes of it any more, so that
        worlds stay small.
        """
        after = super().heard(world, event)
        booked = isinstance(cabinet_invariants.booked_by_host(event), TransferAsked)
        backs = ("transfer.back", "cardless.back")
        if not after.known.chosen or not (booked or (isinstance(event, Tapped) and event.key in backs)):
            return after
        return msgspec.structs.replace(after, known=cabinet_invariants.with_fields(after.known, chosen=()))

    def owing(self, world: AtmWorld) -> bool:
        """Return whether the person came without a card: there is no account that could be made whole."""
        return world.without_card

    def folded(self, world: AtmWorld, event: AnyEvent) -> AtmWorld:
        """Return the world after `event`."""
        match event:
            case CabinetFound():
                return self.woken(world, event)
            case HostAnswered() | Struck(ask=BankQuestion()) if (
                bank := k.after_answer(world.bank, event)
            ) is not world.bank:
                wrong = world.wrong or self._unmeant(world, cabinet_invariants.booked_by_host(event))
                return msgspec.structs.replace(world, bank=bank, wrong=wrong)
            case PinEntered(verdict="wrong" | "right" as verdict):
                return msgspec.structs.replace(world, wrong_pins=world.wrong_pins + 1 if verdict == "wrong" else 0)
            case MediaRetained(completion="success") if not self._just(world):
                unjust = (world.bench.reader.number if world.bench.reader else "?",)
                return self._moved(msgspec.structs.replace(world, unjust=unjust), event)
            case Tapped(key="menu.cardless"):
                return msgspec.structs.replace(world, without_card=True)
            case MediaInserted(at="card_reader") if world.without_card:
                return self._moved(msgspec.structs.replace(world, without_card=False), event)
            case Tapped(key="fetch.take"):
                return msgspec.structs.replace(world, regained=True)
            case _:
                return self._moved(world, event)

    def _unmeant(self, world: AtmWorld, ask: Ask | None) -> str:
        """Return how what is booked is not what was typed, or not by the rules. A withdrawal's sum is what came out."""
        match ask:
            case WithdrawAsked(card=card, fen=fen, fee_fen=fee_fen) if fee_fen != (due := self._fee(card, fen)):
                return f"{fee_fen} fen were charged for {fen}, by the rules {due}"
            case TransferAsked(fen=fen) if fen != (due := yuan(world.known.choice("transfer.field"))):
                return f"{fen} fen were transferred, typed were {due}"
            case DepositAsked(card="cardless", account=account) if account != world.known.choice("cardless.field"):
                return f"cash went to account {account}, and another was typed"
            case DepositAsked(card=card, fen=fen, kept=False) if self._too_much(world, ask, fen):
                return f"{fen} fen more were paid in by {card} than a day allows"
            case _:
                return ""

    def _too_much(self, world: AtmWorld, ask: DepositAsked, fen: int) -> bool:
        account = ask.account or k.account_of(world.bank, ask.card)
        return world.bank.ledger.paid_in(account) + fen > self.terms.rules.deposit_day_fen

    def _fee(self, card: str, fen: int) -> int:
        """Return the fee by the rule pack, in fen: nothing, the flat fee, or with the share of another city's card, up
        to the most.
        """
        rules, profile = self.terms.rules, self.terms.profile
        if card.startswith(profile.own_prefix):
            return 0
        share = rules.fee_other_city_bp if card.startswith(profile.far_prefix) else 0
        return min(rules.fee_most_fen, rules.fee_other_bank_fen + fen // 100 * share // 100)

    def _moved(self, world: AtmWorld, event: AnyEvent) -> AtmWorld:
        bench = b.after_event(world.bench, event)
        slips = max(0, world.slips + b.slip_owed(event))
        pins = 0 if isinstance(event, MediaInserted) else world.wrong_pins
        if bench is world.bench and (slips, pins) == (world.slips, world.wrong_pins):
            return world
        return msgspec.structs.replace(world, bench=bench, slips=slips, wrong_pins=pins)

    def _just(self, world: AtmWorld) -> bool:
        """Return whether a card may be kept: it was left, has expired, was reported lost, or had too many
        wrong PINs.
        """
        card, media = None, world.bench.reader
        if media is not None:
            card = world.persona.card(media.number)
        if media is None or card is None or world.bench.place == "exit":
            return True
        return media.expires != card.expires or card.status == "lost" or world.wrong_pins >= self.terms.rules.pin_tries

    def answer(self, world: AtmWorld, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """Return the cabinet's answer, or the bank's."""
        if isinstance(effect, AskHost):
            return self.said(world, effect)
        return b.answer(world.bench, effect, canceled)

    def acts(self, world: AtmWorld, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """Return what this person can do now."""
        return b.acts(world.bench, page, open_, values)

    def said(self, world: AtmWorld, effect: AskHost) -> HostAnswered:
        """Return the bank's answer."""
        return k.answer(world.bank, self.limits, effect)

    def broken(self, world: AtmWorld, at_rest: bool) -> tuple[str, ...]:
        """Return broken promises: no card is kept without a reason."""
        found = [f"card {number} was kept without a reason" for number in world.unjust]
        return (*found, *[world.wrong] * bool(world.wrong))

    def persona(self, world: AtmWorld) -> Persona:
        """Return what outlives the run: as everywhere, and a kept card that the counter gave back (or a new one for
        it).
        """
        left = super().persona(world)
        if not world.regained:
            return left
        return msgspec.structs.replace(left, cards=world.persona.cards, kept=world.persona.kept)
