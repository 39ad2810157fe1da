"""The mobile shop's world: the person, and the carrier's books.

Promises checked in every walked situation: a number is opened only for who passed the face check, with the plan, the
number and the months that stood on the page that was signed, and bound for as long as the rules say; never more numbers
than one may have; to who is limited by law only basic service; a number is closed, or replaced, only where that was
pressed; nobody loses a number otherwise.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk_firmware.core.effects import AskHost
from kiosk_firmware.core.events import HostAnswered, Started, Tapped, Typed
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.mobile_carrier import (
    AppealAsked,
    CarrierAsk,
    CarrierQuestion,
    DropAsked,
    NumbersAsked,
    OpenAsked,
    ReplaceAsked,
    Sim,
)
from kiosk_firmware.core.persona import Phone, Sms
from kiosk_firmware.kits.phone.shell import newest_messages
from kiosk_firmware.kits.phone.world import PhoneAppWorlds, PhoneUser, with_breaches
from kiosk_firmware.machines.mobile_shop.state import BASIC, Terms


class ShopWorld(PhoneUser, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere: `picked`, what the last key stands for that signs (plan, number, months), closes
    or replaces (a number); whether the last thing that the face check asks was done in this errand.
    """

    picked: str = ""
    faced: bool = False


class ShopWorlds(PhoneAppWorlds[ShopWorld]):
    """The rules of that world."""

    def __init__(self, terms: Terms) -> None:
        """Set up with nothing started yet."""
        self.terms = terms

    def start(self, started: Started) -> ShopWorld:
        """Start with the person before the run."""
        return ShopWorld(started.persona)

    def meant(self, world: ShopWorld, event: Tapped | Typed) -> ShopWorld:
        """Put what was signed or picked on the very key; it is forgotten with the next other key."""
        change = msgspec.structs.replace
        name = event.key if isinstance(event, Tapped) else ""
        if name.startswith("face."):
            return change(world, faced=True) if event.step == "face-turn" and name == "face.turn" else world
        if name.startswith("menu."):
            world = change(world, faced=False) if world.faced else world
        picks = isinstance(event, Tapped) and name.startswith(("old.", "drop.", "confirm."))
        picked = event.value if picks and isinstance(event, Tapped) else ""
        return world if picked == world.picked else change(world, picked=picked)

    def said(self, world: ShopWorld, effect: AskHost) -> HostAnswered:
        """Return the carrier's answer: it does what it is asked, the shop is who must ask rightly."""
        ask = effect.ask
        if not isinstance(ask, CarrierQuestion):
            return HostAnswered(effect.at, effect.ref, "nothing", ask)
        phone = world.persona.phone
        if isinstance(ask, NumbersAsked):
            ask = msgspec.structs.replace(ask, sims=phone.sims, held=phone.held, gone=phone.gone, limited=phone.limited)
        return HostAnswered(effect.at, effect.ref, "ok", ask)

    def booked(self, world: ShopWorld, ask: Ask) -> ShopWorld:
        """Return the carrier's books after this."""
        if not isinstance(ask, CarrierAsk) or not ask.id:
            return world
        phone = world.persona.phone
        match ask:
            case OpenAsked() if ask.number not in {sim.number for sim in phone.sims}:
                sim = Sim(ask.number, ask.plan, ask.months)
                world = with_breaches(world, *self._opened_wrong(world, ask))
                return _phoned(world, sims=(*phone.sims, sim), sms=_welcomed(phone, ask.number))
            case ReplaceAsked() if ask.number in phone.held:
                world = with_breaches(
                    world, *_unasked(world, ask.number), *["replaced for a stranger"] * (not ask.faced)
                )
                held = tuple(number for number in phone.held if number != ask.number)
                sims = (*phone.sims, Sim(ask.number, BASIC))
                return _phoned(world, held=held, sims=sims, sms=_welcomed(phone, ask.number))
            case DropAsked():
                world = with_breaches(world, *_unasked(world, ask.number))
                return _phoned(world, sims=tuple(sim for sim in phone.sims if sim.number != ask.number))
            case AppealAsked():
                return with_breaches(world, *["an objection to no limit"] * (not phone.limited))
            case _:
                return world

    def _opened_wrong(self, world: ShopWorld, ask: OpenAsked) -> tuple[str, ...]:
        phone, rules = world.persona.phone, self.terms.rules
        if ask.plan not in {plan.id for plan in rules.plans} or ask.number not in {one.number for one in rules.numbers}:
            return (f"{ask.plan} and {ask.number} are on offer nowhere",)
        bound = max(self.terms.plan(ask.plan).months, self.terms.offered(ask.number).months)
        found = ["opened without a face check"] * (not (ask.faced and world.faced))
        signed = f"{ask.plan} {ask.number} {ask.months}"
        found += [f"{signed} was opened, {world.picked} was signed"] * (signed != world.picked)
        found += [f"bound for {ask.months} months, by the rules {bound}"] * (ask.months != bound)
        found += ["a number too many"] * (len(phone.sims) >= rules.most)
        found += ["more than basic service to who is limited"] * (phone.limited and ask.plan != BASIC)
        found += ["opened in somebody else's name"] * (ask.person != world.persona.ids[0].number)
        return tuple(found)

    def broken(self, world: ShopWorld, at_rest: bool) -> tuple[str, ...]:
        """Return `wrong`, where whatever was wrong stands from then on."""
        return ()


def _unasked(world: ShopWorld, number: str) -> list[str]:
    return [f"{number} was changed, {world.picked} was chosen"] * (number != world.picked)


def _welcomed(phone: Phone, number: str) -> tuple[Sms, ...]:
    return newest_messages(Sms("welcome", number), phone.sms)


def _phoned(world: ShopWorld, **fields: Any) -> ShopWorld:
    """Return the world with these things of the person's telephone changed."""
    phone = msgspec.structs.replace(world.persona.phone, **fields)
    return msgspec.structs.replace(world, persona=msgspec.structs.replace(world.persona, phone=phone))
