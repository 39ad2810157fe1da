"""The wallet's world: the person, and the service that keeps their money.

Promises checked in every walked situation: what is booked is what stood on the key that was pressed, once a press, to
the fen and with no fee; large sums, the eleventh of a day and money to people only after the password; never more than
the day's limit to printed codes, never below nothing; a till takes back nothing before it has waited as long as it
must, and nothing that was paid; at home no till waits any more; all accounts together stay at zero. What leaves the
person's accounts is what the shop, the code or the typed figures say (`kits.phone.world`).
"""

from __future__ import annotations

import zlib

import msgspec

from kiosk_firmware.core.effects import AnyEffect, AskHost
from kiosk_firmware.core.events import (
    PHONE,
    AnyEvent,
    BarcodeRead,
    Fault,
    HostAnswered,
    Media,
    MediaDetected,
    PinEntered,
    Started,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.core.faults import moment, struck
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.wallet import (
    AT_TILL,
    GiveBackAsked,
    RecallAsked,
    SpendAsked,
    UndoAsked,
    WalletAsk,
    WalletQuestion,
)
from kiosk_firmware.core.machine import Open, Values
from kiosk_firmware.core.pages import Page
from kiosk_firmware.kits import cabinet_invariants
from kiosk_firmware.kits.phone import password
from kiosk_firmware.kits.phone.world import PhoneAppWorlds, PhoneUser, with_breaches, with_known_keys
from kiosk_firmware.kits.phone_payment import paid_order
from kiosk_firmware.machines.payment import wallet_service
from kiosk_firmware.machines.payment.state import READER, Terms
from kiosk_firmware.machines.payment.wallet_service import ON_ITS_WAY, Spent

HELD = MediaDetected(READER, Media(PHONE))
"""The practice phone is held to the reader, long enough."""
MISHELD = (
    MediaDetected(READER, None, "unreadable"),
    MediaDetected(READER, None, "foreign"),
    MediaDetected(READER, Media("9900000000000001")),
)
"""The phone is taken away too soon; something else is held there; a card is."""
OPENED, SCANNED = "request", "scanned"
"""What the wallet was opened for by another app, and what another unit's code said: chosen, too, though by no key."""
SIGNS = ("till.", "confirm.yes", "unsure.again", "record.again", "funds.card")
DIGITS = 18


class PayWorld(PhoneUser, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere: the newest spending; `asks`: what the terminal asks that one may tap at, "" for
    none; `signed`: what the last key stands for that pays, "" once it
    is booked; `entered`: the password was right since; `till`: the id of a spending that a till waits for, and
    `waited_ms` how long.
    """

    now: int = 0
    last: Spent = Spent()
    asks: str = ""
    signed: str = ""
    entered: bool = False
    till: int = 0
    waited_ms: int = 0
    recalls: int = 0


class PayWorlds(PhoneAppWorlds[PayWorld]):
    """The rules of that world."""

    choices = frozenset(("shop", "amount.field", SCANNED, OPENED))

    def __init__(self, terms: Terms) -> None:
        """Set up with nothing started yet."""
        rules, self.terms = terms.rules, terms
        self.rules = rules
        self.waits = {"poll": rules.poll_ms, "password": rules.give_up_ms, "till": rules.least_ms}

    def start(self, started: Started) -> PayWorld:
        """Start with the person before the run."""
        world = PayWorld(started.persona, now=started.now)
        return world if started.request is None else self._put(world, OPENED, str(started.request.fen))

    # -- hearing ------------------------------------------------------------------------------------------------------

    def heard(self, world: PayWorld, event: AnyEvent) -> PayWorld:
        """Return the world after `event` as every phone's; and the till's waiting, and the password."""
        change = msgspec.structs.replace
        match event:
            case HostAnswered(completion="success", verdict="password", ask=SpendAsked(id=id_, way=way)):
                return change(world, till=id_ if way in AT_TILL else 0)
            case PinEntered(verdict="right", completion="success"):
                return change(world, entered=True)
            case MediaDetected(media=Media(number=number)) if number == PHONE and world.asks:
                return change(world, signed=world.asks, asks="", entered=False, waited_ms=0)
            case TimerExpired(name=name) if name in self.waits:
                waited = min(world.waited_ms + self.waits[name], self.rules.give_up_ms)
                return change(world, waited_ms=waited)
            case BarcodeRead(text=text):
                return self._put(world, SCANNED, text)
            case _:
                return super().heard(world, event)

    def _put(self, world: PayWorld, name: str, value: str) -> PayWorld:
        return with_known_keys(world, cabinet_invariants.after_typing(world.known, name, value, self.choices))

    def price(self, world: PayWorld, ask: Ask) -> int:
        """Return the price by what the keys chose, whatever the app had in mind; undone is what was booked last."""
        last = world.last
        match ask:
            case SpendAsked(id=id_):
                return self._cost(world) if id_ != last.id else 0
            case UndoAsked(of=of) | GiveBackAsked(of=of):
                return -last.fen if of == last.id else 0
            case RecallAsked(transfer=transfer):
                return -sum(one.fen for one in world.persona.ledger.pending if one.id == transfer)
            case _:
                return 0

    def _cost(self, world: PayWorld) -> int:
        """Return what stands on the till, the code or another unit's glass; else what was typed."""
        known = world.known
        if opened := known.choice(OPENED):
            return int(opened)
        if order := paid_order(known.choice(SCANNED)):
            return order[1]
        shop = self.terms.shop(name) if (name := known.choice("shop")) else None
        if shop and shop.way != "static":
            return shop.fen
        return cabinet_invariants.yuan(known.choice("amount.field"))

    def meant(self, world: PayWorld, event: Tapped | Typed) -> PayWorld:
        """Put what was signed on the very key; any key of another errand forgets it."""
        change = msgspec.structs.replace
        if not isinstance(event, Tapped):
            return world
        if event.key.startswith("shop."):
            return change(world, asks=self._asked(event.value))
        if event.key.startswith(SIGNS):
            return change(world, signed=event.value, asks="", entered=False, waited_ms=0)
        if event.key.startswith("menu."):
            return change(world, signed="", asks="", entered=False, waited_ms=0)
        if event.key == "recall.yes":
            return change(world, recalls=int(event.value))
        return world

    def _asked(self, name: str) -> str:
        """Return what the terminal asks where one stands, as a key that pays it would say; "" where nothing is
        tapped.
        """
        shop = self.terms.shop(name)
        return f"{shop.payee} {shop.fen} {self.terms.profile.source} 0" if shop.way == "tap" else ""

    def booked(self, world: PayWorld, ask: Ask) -> PayWorld:
        """Return the service's books after this."""
        if not isinstance(ask, WalletAsk):
            return world
        world = with_breaches(world, *self._wrong(world, ask))
        persona, last = wallet_service.book_request(world.persona, world.last, ask)
        till = 0 if isinstance(ask, SpendAsked | UndoAsked) else world.till
        change = msgspec.structs.replace
        if isinstance(ask, SpendAsked | UndoAsked):
            world = change(world, signed="", entered=False, waited_ms=0)
        return change(world, persona=persona, last=last, till=till)

    def _wrong(self, world: PayWorld, ask: WalletAsk) -> tuple[str, ...]:
        match ask:
            case SpendAsked() if ask.id != world.last.id:
                return self._spent_wrong(world, ask)
            case SpendAsked() if world.signed:
                return ("what was signed is taken for what was paid before",)
            case UndoAsked(of=of):
                found = [f"taken back after {world.waited_ms} ms"] * (world.waited_ms < self.rules.least_ms)
                found += ["another one is taken back"] * (of not in (world.till, world.last.id) and bool(world.till))
                return tuple(found)
            case RecallAsked(transfer=transfer):
                return tuple(["another transfer is taken back"] * (transfer != world.recalls))
            case _:
                return ()

    def _spent_wrong(self, world: PayWorld, ask: SpendAsked) -> tuple[str, ...]:
        rules, persona = self.rules, world.persona
        signed = f"{ask.to} {ask.fen} {ask.source} {ask.hours}"
        found = [f"{signed} is booked, {world.signed or 'nothing'} was signed"] * (signed != world.signed)
        needs = wallet_service.needs_password(rules, persona, ask)
        found += ["paid without the password"] * (needs and not (ask.entered and world.entered))
        printed = persona.phone.printed_fen + ask.fen
        found += ["too much to printed codes"] * (ask.way == "static" and printed > rules.printed_day_fen)
        return tuple(found)

    # -- answering ----------------------------------------------------------------------------------------------------

    def said(self, world: PayWorld, effect: AskHost) -> HostAnswered:
        """Return the service's answer."""
        ask = effect.ask
        if not isinstance(ask, WalletQuestion):
            return HostAnswered(effect.at, effect.ref, "nothing", ask)
        digits = self.digits(world, ask.id)
        verdict, said = wallet_service.judge_request(self.rules, world.persona, world.last, ask, digits)
        return HostAnswered(effect.at, effect.ref, verdict, said)

    def digits(self, world: PayWorld, turn: int) -> str:
        """Return a code or receipt as it is in play: invented, and the same again. In life the unit makes a
        fresh one.
        """
        mixed = zlib.crc32(f"{world.now} {turn}".encode())
        return f"{10 + mixed % 6}{mixed:0{DIGITS - 2}d}"

    def answer(self, world: PayWorld, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """Return the pad's answer where it was asked to stop; else the service's."""
        return password.answer(effect, canceled) or super().answer(world, effect, canceled)

    def acts(self, world: PayWorld, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """Return the acts as on every phone; enter the password, rightly or wrongly; hold another unit's code before
        the scanner.
        """
        codes = values.get("scan", ()) if "barcode_scanner" in page.at else ()
        read = [BarcodeRead("barcode_scanner", code) for code in codes]
        held = (HELD, *MISHELD) if READER in page.at else ()
        return (*super().acts(world, page, open_, values), *password.acts(open_), *read, *held)

    def faults(self, world: PayWorld, armed: Fault, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
        """Return the faults as the service answers, and as the phone is held to the reader."""
        held = (struck(armed, HELD),) if world.asks and moment(armed, HELD) else ()
        return (*super().faults(world, armed, open_), *held)

    # -- promises -----------------------------------------------------------------------------------------------------

    def broken(self, world: PayWorld, at_rest: bool) -> tuple[str, ...]:
        """Keep what was wrong in `wrong` from then on; here what is wrong now."""
        balances = dict(world.persona.ledger.balances)
        found = ["the accounts are not at zero"] * bool(sum(balances.values()))
        found += ["an account below nothing"] * any(
            balances.get(one, 0) < 0 for one in wallet_service.own(world.persona)
        )
        waiting = sum(one.fen for one in world.persona.ledger.pending)
        found += ["what is on its way is not what was sent"] * (balances.get(ON_ITS_WAY, 0) != waiting)
        found += ["a till still waits"] * (at_rest and bool(world.till))
        return tuple(found)
