"""The service behind the messenger, pure: what it says to an ask (`judged`), and its books after it did it (`booked`).

Money that nobody has taken yet lies in the account "gifts" of the person's double-entry ledger and is listed in
`Social.gifts`; taken or given back, it leaves both. The service does what it is asked; the app is who must ask rightly.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.hosts.bank import post
from kiosk_firmware.core.hosts.social import (
    DayAsked,
    FriendAsked,
    Gift,
    GiveAsked,
    GroupAsked,
    GuardAsked,
    JoinAsked,
    LikeAsked,
    MoneyAsk,
    Social,
    SocialAsk,
    TakeAsked,
)
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.machines.social.state import Terms

LYING = "gifts"
CHANGE = msgspec.structs.replace


def judge_request(terms: Terms, persona: Persona, done: bool, ask: SocialAsk, code: str) -> tuple[str, SocialAsk]:
    """Return the service's verdict, and the ask with its answer. `done`: it was done already; `code`: of a
    new message.
    """
    if not isinstance(ask, MoneyAsk):
        return "ok", CHANGE(ask, code=code) if hasattr(ask, "code") else ask
    if isinstance(ask, GiveAsked) and not done and persona.ledger.balance(persona.wallet) < ask.fen:
        return "funds", ask
    after = persona if done else book_request(terms, persona, ask)
    ask = CHANGE(ask, gifts=after.phone.social.gifts)
    return "ok", CHANGE(ask, taken=takes(terms, ask)) if isinstance(ask, GiveAsked) else ask


def takes(terms: Terms, ask: GiveAsked) -> bool:
    """Return whether the friend takes it at once."""
    return terms.person(ask.friend).awake and not ask.hours


def book_request(terms: Terms, persona: Persona, ask: SocialAsk) -> Persona:
    """Return the person after the service did it."""
    match ask:
        case GiveAsked():
            return _given(terms, persona, ask)
        case TakeAsked(gift=id_):
            return _settled(persona, id_, to_taker=True)
        case DayAsked(back=back, arrived=arrived):
            for id_ in back:
                persona = _settled(persona, id_, to_taker=False)
            for id_ in arrived:
                persona = _settled(persona, id_, to_taker=True)
            return persona
        case _:
            return social(persona, **_changed(persona.phone.social, ask))


def _changed(now: Social, ask: SocialAsk) -> dict[str, object]:
    match ask:
        case JoinAsked(number=number, friend=friend):
            return {"number": number, "friends": _with(now.friends, friend)}
        case FriendAsked(friend=friend):
            return {"friends": _with(now.friends, friend)}
        case GuardAsked(friend=friend, what="block"):
            return {"friends": _without(now.friends, friend), "blocked": _with(now.blocked, friend)}
        case GroupAsked(group=group, what="join"):
            return {"groups": _with(now.groups, group)}
        case GroupAsked(group=group, what="leave"):
            return {"groups": _without(now.groups, group), "muted": _without(now.muted, group)}
        case GroupAsked(group=group):
            return {"muted": _with(now.muted, group)}
        case LikeAsked(friend=friend):
            return {"liked": _with(now.liked, friend)}
        case _:
            return {}


def social(persona: Persona, **fields: object) -> Persona:
    """Return the person with these things of their account changed."""
    if not fields:
        return persona
    phone = CHANGE(persona.phone, social=CHANGE(persona.phone.social, **fields))
    return CHANGE(persona, phone=phone)


def _given(terms: Terms, persona: Persona, ask: GiveAsked) -> Persona:
    now, taken = persona.phone.social, takes(terms, ask)
    ledger = post(persona.ledger, persona.wallet, ask.friend if taken else LYING, ask.fen, "pay")
    persona = CHANGE(persona, ledger=ledger)
    if taken:
        return persona
    id_ = max((one.id for one in now.gifts), default=0) + 1
    return social(persona, gifts=(*now.gifts, Gift(id_, "", ask.friend, ask.kind, ask.fen, ask.hours)))


def _settled(persona: Persona, id_: int, to_taker: bool) -> Persona:
    """Give what lay there to whoever takes it, or back; what does not lie there any more stays where it is."""
    now = persona.phone.social
    gift = next((one for one in now.gifts if one.id == id_), None)
    if gift is None:
        return persona
    target = (gift.taker if to_taker else gift.giver) or persona.wallet
    ledger = post(persona.ledger, LYING, target, gift.fen, "pay" if to_taker else "back")
    return social(CHANGE(persona, ledger=ledger), gifts=tuple(one for one in now.gifts if one.id != id_))


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else (*names, name)


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(one for one in names if one != name)
