"""How the messenger is broken."""

from __future__ import annotations

from itertools import count
from typing import Any

import msgspec

from kiosk_firmware.core import effects as fx
from kiosk_firmware.core.hosts.social import (
    DayAsked,
    EntryCodeAsked,
    FriendAsked,
    GiveAsked,
    GroupAsked,
    GuardAsked,
    JoinAsked,
    PostAsked,
    SayAsked,
    TakeAsked,
)
from tests.mutants.mutant import Broken, asking, dropping, more, same, set_to

NUMBERS = count(9)


def _anew(ask: Any) -> Any:
    """Asked under a new number each time, so that the service takes the second asking for another one."""
    return msgspec.structs.replace(ask, id=next(NUMBERS))


def unasked(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """What was signed for is sent where the password should be asked for."""
    if isinstance(effect, fx.ReadPin):
        return (fx.AskHost("network_host", "social", GiveAsked(1, "liwei", "packet", 100, 0)),)
    return (effect,)


MUTANTS: dict[str, Broken] = {
    "the service is never asked": Broken(dropping(fx.AskHost)),
    "a wallet is never called off": Broken(dropping(fx.Cancel), None, "paying"),
    "a code to a stranger": Broken(asking(set_to(number="19990209999"), EntryCodeAsked)),
    "nobody vouches": Broken(asking(set_to(friend="chenhao"), JoinAsked)),
    "another friend": Broken(asking(set_to(friend="chenhao"), FriendAsked)),
    "said to another": Broken(asking(set_to(friend="wangfang"), SayAsked)),
    "another is shut out": Broken(asking(set_to(friend="wangfang"), GuardAsked)),
    "the group is left": Broken(asking(set_to(what="leave"), GroupAsked)),
    "shown to everybody": Broken(asking(set_to(who="all"), PostAsked)),
    "less is sent": Broken(asking(more(fen=-50), GiveAsked)),
    "sent to another": Broken(asking(set_to(friend="chenhao"), GiveAsked)),
    "sent at once": Broken(asking(set_to(hours=0), GiveAsked)),
    "a red packet is opened twice": Broken(asking(_anew, TakeAsked), "answer_lost"),
    "a transfer is not given back": Broken(asking(set_to(back=()), DayAsked)),
    "the pad is never asked": Broken(dropping(fx.ReadPin)),
    "the pad is never stopped": Broken(dropping(fx.Cancel), None, "closing"),
    "sent without the password": Broken(unasked),
    "the password page never times out": Broken(same, None, "password"),
    "sent twice": Broken(asking(_anew, GiveAsked), "answer_lost"),
    "the page before sending never times out": Broken(same, None, "confirm"),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
