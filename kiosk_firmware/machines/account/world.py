"""The account's world: the person, and the service that keeps the account.

Promises checked in every walked situation: an account is given back only on a number that is the person's own, after a
code that went there was typed, and, unless it hung on that number before, only after another proof and the waiting
time; a code goes to nobody else's number.
"""

from __future__ import annotations

import zlib

import msgspec

from kiosk_firmware.core.effects import AskHost
from kiosk_firmware.core.events import HostAnswered, Started, Tapped, Typed
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.mobile_carrier import CodeAsked, OldAccount, RecoverAsked, ServiceQuestion
from kiosk_firmware.core.persona import Sms
from kiosk_firmware.kits.phone.shell import newest_messages
from kiosk_firmware.kits.phone.world import CODE, PhoneAppWorlds, PhoneUser, with_breaches
from kiosk_firmware.machines.account.state import APP, Terms


class AccountWorld(PhoneUser, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere: the number that the newest code went to, whether that code was typed, and whether
    the waiting time was waited for.
    """

    now: int = 0
    sent_to: str = ""
    typed: bool = False
    waited: bool = False


class AccountWorlds(PhoneAppWorlds[AccountWorld]):
    """The rules of that world."""

    def __init__(self, terms: Terms) -> None:
        """Set up with nothing started yet."""
        self.terms = terms

    def start(self, started: Started) -> AccountWorld:
        """Start with the person before the run."""
        return AccountWorld(started.persona, now=started.now)

    def meant(self, world: AccountWorld, event: Tapped | Typed) -> AccountWorld:
        """Note that the code was typed, or the day was waited for. Who goes back begins again."""
        change = msgspec.structs.replace
        match event:
            case Typed(key=key, text=text) if key == CODE:
                right = text == world.code
                return world if right == world.typed else change(world, typed=right)
            case Tapped(key="delay.over"):
                return change(world, waited=True)
            case Tapped(key=key) if key.startswith(("login.", "app.")):
                return change(world, waited=False, typed=False)
            case _:
                return world

    def said(self, world: AccountWorld, effect: AskHost) -> HostAnswered:
        """Return the service's answer."""
        ask = effect.ask
        if not isinstance(ask, ServiceQuestion):
            return HostAnswered(effect.at, effect.ref, "nothing", ask)
        if isinstance(ask, CodeAsked):
            ask = msgspec.structs.replace(ask, code=self.code(world, ask.number))
        return HostAnswered(effect.at, effect.ref, "ok", ask)

    def code(self, world: AccountWorld, number: str) -> str:
        """Return the code that goes to a number in this run: invented, and the same again, so that a replay
        is exact.
        """
        digits = self.terms.rules.code_digits
        return f"{zlib.crc32(f'{world.now} {number}'.encode()) % 10**digits:0{digits}d}"

    def booked(self, world: AccountWorld, ask: Ask) -> AccountWorld:
        """Return the service's books after this."""
        match ask:
            case CodeAsked(number=number, code=code):
                phone = msgspec.structs.replace(
                    world.persona.phone, sms=newest_messages(Sms("code", code), world.persona.phone.sms)
                )
                persona = msgspec.structs.replace(world.persona, phone=phone)
                after = msgspec.structs.replace(
                    world, persona=persona, code=code, read=False, sent_to=number, typed=False
                )
                own = {sim.number for sim in phone.sims if sim.own}
                return with_breaches(after, *["a code went to somebody else's number"] * (number not in own))
            case RecoverAsked():
                return self._recovered(with_breaches(world, *self._wrong(world, ask)), ask)
            case _:
                return world

    def _wrong(self, world: AccountWorld, ask: RecoverAsked) -> tuple[str, ...]:
        before = _account(world)
        if before.recovered and before.number == ask.number:
            return ()  # asked again, since the answer was lost
        found = ["given back on another number than the code went to"] * (ask.number != world.sent_to)
        found += ["given back without the code"] * (not world.typed)
        late = before.number != ask.number
        found += ["given back without the waiting time"] * (late and not (ask.waited and world.waited))
        found += [f"given back on the proof {ask.proof!r}"] * (late and ask.proof not in self.terms.profile.ways)
        return tuple(found)

    def _recovered(self, world: AccountWorld, ask: RecoverAsked) -> AccountWorld:
        phone = world.persona.phone
        accounts = tuple(
            msgspec.structs.replace(one, number=ask.number, recovered=True) if one.app == ask.app else one
            for one in phone.accounts
        )
        phone = msgspec.structs.replace(phone, accounts=accounts)
        return msgspec.structs.replace(world, persona=msgspec.structs.replace(world.persona, phone=phone))

    def broken(self, world: AccountWorld, at_rest: bool) -> tuple[str, ...]:
        """Return `wrong`, where whatever was wrong stands from then on."""
        return ()


def _account(world: AccountWorld) -> OldAccount:
    return next((one for one in world.persona.phone.accounts if one.app == APP), OldAccount(APP, "?", ""))
