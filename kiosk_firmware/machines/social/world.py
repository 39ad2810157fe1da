"""The messenger's world: the person, and the service that keeps their account.

Promises checked in every walked situation: an account is opened only on an own number, after its code was typed and a
friend from life was chosen; what is said, shown, shut out or sent goes to who stood on the key that was pressed, to the
fen and the hour, and after the password only; a red packet holds no more than the rules say and is opened once; what
nobody took goes back after a day, to who gave it; all accounts together stay at zero, and what lies with the service is
what its list says.
"""

from __future__ import annotations

import zlib

import msgspec

from kiosk_firmware.core.effects import AnyEffect, AskHost
from kiosk_firmware.core.events import AnyEvent, HostAnswered, PinEntered, Returned, Started, Tapped, Typed
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.social import (
    DayAsked,
    EntryCodeAsked,
    FriendAsked,
    GiveAsked,
    GroupAsked,
    GuardAsked,
    JoinAsked,
    LikeAsked,
    MoneyAsk,
    PostAsked,
    SayAsked,
    SocialAsk,
    SocialQuestion,
    TakeAsked,
)
from kiosk_firmware.core.linked_machines import returns
from kiosk_firmware.core.machine import Open, Values
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.persona import Sms
from kiosk_firmware.kits import cabinet_invariants
from kiosk_firmware.kits.phone import password
from kiosk_firmware.kits.phone.shell import newest_messages
from kiosk_firmware.kits.phone.world import CODE, PhoneAppWorlds, PhoneUser, with_breaches
from kiosk_firmware.machines.social import messenger_service
from kiosk_firmware.machines.social.messenger_service import LYING
from kiosk_firmware.machines.social.state import Deal, Terms

PEERS = ("with.", "friend.", "vouch.", "guard.", "group.", "moments.like", "mini.")
SIGNS = ("confirm.yes", "gift.open", "gift.day", "who.", "act.", "say.", "pay.open")


class SocialWorld(PhoneUser, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere: the number that the newest code went to, and whether it was typed; `peer`: whom,
    or which group, the last key named; `signed`: what the last key stands for that sends; `entered`: the password was
    right since; `last`: what moved money last.
    """

    now: int = 0
    sent_to: str = ""
    typed: bool = False
    peer: str = ""
    signed: str = ""
    entered: bool = False
    last: MoneyAsk | None = None


class SocialWorlds(PhoneAppWorlds[SocialWorld]):
    """The rules of that world."""

    choices = frozenset(("amount.field",))

    def __init__(self, terms: Terms) -> None:
        """Set up with nothing started yet."""
        self.terms = terms

    def start(self, started: Started) -> SocialWorld:
        """Start with the person before the run."""
        return SocialWorld(started.persona, now=started.now)

    # -- hearing ------------------------------------------------------------------------------------------------------

    def heard(self, world: SocialWorld, event: AnyEvent) -> SocialWorld:
        """Return the world after `event` as every phone's; and what the wallet moved is what the
        mini-programme costs.
        """
        if isinstance(event, Returned) and event.result.verdict == "done":
            fen = self.terms.programme(world.peer).fen
            world = with_breaches(world, *[f"paid {event.result.fen} for {world.peer}"] * (event.result.fen != fen))
        if isinstance(event, PinEntered):
            return msgspec.structs.replace(world, entered=event.verdict == "right")
        return super().heard(world, event)

    def meant(self, world: SocialWorld, event: Tapped | Typed) -> SocialWorld:
        """Compare what was asked with what was pressed."""
        change = msgspec.structs.replace
        if isinstance(event, Typed):
            right = event.text == world.code
            return change(world, typed=right) if event.key == CODE and right != world.typed else world
        if event.key.startswith(PEERS):
            return change(world, peer=event.value, signed=event.key)
        if event.key.startswith(SIGNS):
            return change(world, signed=event.value or event.key)
        return change(world, signed="") if event.key.startswith("menu.") and world.signed else world

    def booked(self, world: SocialWorld, ask: Ask) -> SocialWorld:
        """Return the service's books after this."""
        if not isinstance(ask, SocialAsk):
            return world
        if isinstance(ask, EntryCodeAsked):
            return self._messaged(world, ask)
        if isinstance(ask, MoneyAsk):
            return self._moved(world, ask)
        world = with_breaches(world, *self._wrong(world, ask))
        return msgspec.structs.replace(world, persona=messenger_service.book_request(self.terms, world.persona, ask))

    def _messaged(self, world: SocialWorld, ask: EntryCodeAsked) -> SocialWorld:
        phone = world.persona.phone
        own = {sim.number for sim in phone.sims if sim.own}
        phone = msgspec.structs.replace(phone, sms=newest_messages(Sms("code", ask.code), phone.sms))
        persona = msgspec.structs.replace(world.persona, phone=phone)
        world = with_breaches(world, *["a code went to somebody else's number"] * (ask.number not in own))
        return msgspec.structs.replace(
            world, persona=persona, code=ask.code, read=False, sent_to=ask.number, typed=False
        )

    def _wrong(self, world: SocialWorld, ask: SocialAsk) -> tuple[str, ...]:
        match ask:
            case JoinAsked(number=number, friend=friend):
                found = ["registered without its code"] * (number != world.sent_to or not world.typed)
                found += ["nobody vouched"] * (friend not in {one.id for one in self.terms.rules.cast if one.known})
                return tuple(found)
            case FriendAsked(friend=name) | SayAsked(friend=name) | GuardAsked(friend=name) | LikeAsked(friend=name):
                return tuple([f"meant {world.peer}, asked for {name}"] * (name != world.peer))
            case GroupAsked(group=group, what=what):
                wrong = group != world.peer or f"act.{what}" != world.signed
                return tuple([f"{what} of {group}, wanted {world.signed} of {world.peer}"] * wrong)
            case PostAsked(who=who):
                return tuple([f"shown to {who}, wanted {world.signed}"] * (who != world.signed))
            case _:
                return ()

    # -- money --------------------------------------------------------------------------------------------------------

    def price(self, world: SocialWorld, ask: Ask) -> int:
        """Return what the keys chose: what was typed goes out, what lies with the service comes in."""
        gifts = world.persona.phone.social.gifts
        match ask:
            case GiveAsked():
                return cabinet_invariants.yuan(world.known.choice("amount.field"))
            case TakeAsked(gift=id_):
                return -sum(one.fen for one in gifts if one.id == id_ and not one.taker)
            case DayAsked(back=back):
                return -sum(one.fen for one in gifts if one.id in back and not one.giver)
            case _:
                return 0

    def _moved(self, world: SocialWorld, ask: MoneyAsk) -> SocialWorld:
        if _same(world.last, ask):
            return with_breaches(world, *["what was signed is taken for what was done before"] * bool(world.signed))
        world = with_breaches(world, *self._moved_wrong(world, ask))
        persona = messenger_service.book_request(self.terms, world.persona, ask)
        world = msgspec.structs.replace(world, persona=persona, last=_bare(ask), signed="", entered=False)
        left = [str(one.id) for one in persona.phone.social.gifts]
        return with_breaches(world, *["not given back after a day"] * (isinstance(ask, DayAsked) and bool(left)))

    def _moved_wrong(self, world: SocialWorld, ask: MoneyAsk) -> tuple[str, ...]:
        rules, gifts = self.terms.rules, world.persona.phone.social.gifts
        match ask:
            case GiveAsked():
                signed = Deal(ask.friend, ask.kind, ask.fen, ask.hours).signed
                found = [f"{signed} is sent, {world.signed or 'nothing'} was signed"] * (signed != world.signed)
                found += ["sent without the password"] * (not world.entered)
                found += ["too much in a red packet"] * (ask.kind == "packet" and ask.fen > rules.packet_fen)
                return tuple(found)
            case TakeAsked(gift=id_):
                there = any(one.id == id_ and not one.taker for one in gifts)
                again = (
                    not there and messenger_service.book_request(self.terms, world.persona, ask) is not world.persona
                )
                return tuple(["opened twice"] * again + ["opened unasked"] * (world.signed != str(id_)))
            case DayAsked(back=back, arrived=arrived):
                due = {one.id for one in gifts if not (one.hours and self.terms.person(one.taker).awake)}
                lying = {one.id for one in gifts}  # what was opened unheard lies there no more: nothing moves
                found = ["goes back though it was taken"] * (not set(back) & lying <= due)
                found += ["arrives though nobody took it"] * bool(set(arrived) & due)
                return tuple(found)

    # -- answering ----------------------------------------------------------------------------------------------------

    def answer(self, world: SocialWorld, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """Return the pad's answer where it was asked to stop; else the service's."""
        return password.answer(effect, canceled) or super().answer(world, effect, canceled)

    def said(self, world: SocialWorld, effect: AskHost) -> HostAnswered:
        """Return the service's answer."""
        ask = effect.ask
        if not isinstance(ask, SocialQuestion):
            return HostAnswered(effect.at, effect.ref, "nothing", ask)
        done = isinstance(ask, MoneyAsk) and _same(world.last, ask)
        code = self.code(world, getattr(ask, "number", ""))
        verdict, answer = messenger_service.judge_request(self.terms, world.persona, done, ask, code)
        return HostAnswered(effect.at, effect.ref, verdict, answer)

    def code(self, world: SocialWorld, number: str) -> str:
        """Return the code that goes to a number in this run: invented, and the same again, so that a replay
        is exact.
        """
        digits = self.terms.rules.code_digits
        return f"{zlib.crc32(f'{world.now} {number}'.encode()) % 10**digits:0{digits}d}"

    def acts(self, world: SocialWorld, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """Return the acts as on every phone; enter the password; the wallet may also not be there."""
        return (*super().acts(world, page, open_, values), *password.acts(open_), *returns(open_, ("unavailable",)))

    # -- promises -----------------------------------------------------------------------------------------------------

    def broken(self, world: SocialWorld, at_rest: bool) -> tuple[str, ...]:
        """Keep what was wrong in `wrong` from then on; here what is wrong now."""
        persona = world.persona
        balances = dict(persona.ledger.balances)
        found = ["the accounts are not at zero"] * bool(sum(balances.values()))
        lying = sum(one.fen for one in persona.phone.social.gifts)
        found += ["what lies with the service is not what its list says"] * (balances.get(LYING, 0) != lying)
        found += ["the wallet is below nothing"] * (balances.get(persona.wallet, 0) < 0)
        return tuple(found)


def _bare(ask: MoneyAsk) -> MoneyAsk:
    """Return the ask without its answer."""
    bare: MoneyAsk = msgspec.structs.replace(ask, gifts=())
    return msgspec.structs.replace(bare, taken=False) if isinstance(bare, GiveAsked) else bare


def _same(last: MoneyAsk | None, ask: MoneyAsk) -> bool:
    """Return whether the ask is the one that was done last, asked again."""
    return bool(ask.id) and _bare(ask) == last
