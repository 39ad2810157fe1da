"""The ATM's world: the person's pocket and the cabinet (`core.bench`), and the bank (`kits.bank`).

Promises checked in every walked situation: no note, token or card appears or vanishes; the ledger sums to zero;
and, when the machine is home again, what the bank's vault account says left the machine is what physically left it.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core import bench as b
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AnyEffect, AskHost
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    Fault,
    HostAnswered,
    Media,
    MediaInserted,
    MediaRetained,
    PinEntered,
    Started,
    Struck,
)
from kiosk_firmware.core.faults import moment, struck
from kiosk_firmware.core.hosts.bank import BankQuestion
from kiosk_firmware.core.machine import Open, Values, World
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.pages import Page, text
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.kits import bank as k

DAY_MS = 86_400_000
UTC8_MS = 8 * 3_600_000


class AtmWorld(msgspec.Struct, frozen=True, cache_hash=True):
    """Pocket, cabinet, bank; what there was at the start, to compare with; `slips` owed for what was kept;
    `wrong_pins` in a row, and the cards that were kept though nobody gave a reason to (`unjust`).
    """

    bench: b.Bench
    bank: k.Bank
    persona: Persona
    first: b.Bench
    vault_fen: int
    slips: int = 0
    wrong_pins: int = 0
    unjust: tuple[str, ...] = ()


class AtmWorlds(World[AtmWorld]):
    """The rules of that world. `stock`: what the cassettes hold until the cabinet says otherwise.
    `pin_tries`: after so many wrong PINs a card may be kept.
    """

    def __init__(self, limits: k.Limits, stock: Items, pin_tries: int) -> None:
        """Nothing is started yet."""
        self.limits = limits
        self.stock = stock
        self.pin_tries = pin_tries

    def start(self, started: Started) -> AtmWorld:
        """What everybody holds before the run."""
        persona = started.persona
        hand = tuple(Media(card.number, card.expires, card.chip) for card in persona.cards)
        bench = b.Bench(hand=hand, purse=persona.purse, stock=self.stock)
        bank = k.opened(persona, (started.now + UTC8_MS) // DAY_MS)
        return AtmWorld(bench, bank, persona, bench, bank.ledger.balance("vault"))

    def heard(self, world: AtmWorld, event: AnyEvent) -> AtmWorld:
        """The world after `event`."""
        match event:
            case CabinetFound():
                return self._found(world, event)
            case HostAnswered(completion="success", verdict="ok", ask=BankQuestion() as ask):
                return msgspec.structs.replace(world, bank=k.booked(world.bank, ask))
            case HostAnswered(completion="success", ask=ask) if ask.id:
                return msgspec.structs.replace(world, bank=k.settled(world.bank))
            case PinEntered(verdict="wrong" | "right" as verdict):
                return msgspec.structs.replace(world, wrong_pins=world.wrong_pins + 1 if verdict == "wrong" else 0)
            case MediaRetained(completion="success") if not self._just(world):
                unjust = (world.bench.reader.number if world.bench.reader else "?",)
                return self._moved(msgspec.structs.replace(world, unjust=unjust), event)
            case Struck(ask=BankQuestion() as ask):
                return msgspec.structs.replace(world, bank=k.booked(world.bank, ask))
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

    def _found(self, world: AtmWorld, event: CabinetFound) -> AtmWorld:
        """A real cabinet holds what it holds: its stock is the start's stock, too, as long as nothing has happened."""
        if world.bench != world.first:
            return world
        bench = b.changed(world.bench, stock=event.stock, tray=event.tray, escrow_fen=event.escrow_fen)
        return msgspec.structs.replace(world, bench=bench, first=bench)

    def answer(self, world: AtmWorld, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """The cabinet's answer, or the bank's."""
        if isinstance(effect, AskHost):
            return k.answer(world.bank, self.limits, effect)
        return b.answer(world.bench, effect, canceled)

    def acts(self, world: AtmWorld, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """What this person can do now."""
        return b.acts(world.bench, page, open_, values)

    def faults(self, world: AtmWorld, armed: Fault, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
        """Where the armed fault can strike: as an open effect ends, as a piece goes in, or as the power fails."""
        if armed == "power_cut":
            return self._cuts(world, open_) if open_ or not self.at_rest(world) else ()
        ends = [self.answer(world, effect, canceled) for effect, canceled in open_]
        busy = {effect.at for effect, _ in open_}
        entering = [event for event in b.acts(world.bench, _SLOTS, (), {}) if getattr(event, "at", "") not in busy]
        return tuple(struck(armed, event) for event in (*ends, *entering) if event and moment(armed, event))

    def _cuts(self, world: AtmWorld, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
        """What the host was asked is unknown either way: booked unheard, or never arrived."""
        ways = b.power_cut(world.bench, open_)
        asked = next((effect for effect, _ in open_ if isinstance(effect, AskHost)), None)
        if asked is None:
            return ways
        said = self.answer(world, asked, False)
        if not isinstance(said, HostAnswered) or said.verdict != "ok":
            return ways
        booked = tuple((Struck("power_cut", asked.ref, said.ask), *way[1:]) for way in ways)
        return (*ways, *booked)

    def found(self, world: AtmWorld) -> CabinetFound:
        """What a cabinet that woke up would report."""
        return b.found(world.bench)

    def at_rest(self, world: AtmWorld) -> bool:
        """Nothing of the person is inside."""
        return b.at_rest(world.bench)

    def breaches(self, world: AtmWorld, at_rest: bool) -> tuple[str, ...]:
        """Broken promises, in words."""
        found = list(b.breaches(world.first, world.bench))
        ledger = world.bank.ledger
        if sum(fen for _, fen in ledger.balances) != 0:
            found.append(f"ledger does not sum to zero: {ledger.balances}")
        out_fen = money.total(world.first.inside()) - money.total(world.bench.inside())
        booked_fen = ledger.balance("vault") - world.vault_fen
        if at_rest and out_fen != booked_fen:
            found.append(f"{out_fen} fen left the machine, the bank booked {booked_fen}")
        found += [f"card {number} was kept without a reason" for number in world.unjust]
        if at_rest and world.slips:
            found.append(f"{world.slips} slips owed for a card or cash that was kept")
        return tuple(found)

    def persona(self, world: AtmWorld) -> Persona:
        """What outlives the run: the ledger, the cards that were not kept, the purse."""
        kept = set(world.bench.kept)
        cards = tuple(card for card in world.persona.cards if card.number not in kept)
        return msgspec.structs.replace(world.persona, cards=cards, ledger=world.bank.ledger, purse=world.bench.purse)


_SLOTS = Page("Insert", "any", text(""), at=("card_reader", "note_acceptor"))
