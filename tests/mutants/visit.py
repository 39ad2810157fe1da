"""How the visit's terminal is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from kiosk_firmware.core import effects as fx
from kiosk_firmware.core.hosts.visit import VisitArrived, VisitConnected, VisitEnded, VisitRequested
from tests.mutants.mutant import Broken, asking, dropping, same, set_to


def request(**fields: Any) -> Callable[[Any], Any]:
    """Something else is handed in than was chosen."""
    return lambda ask: msgspec.structs.replace(ask, request=msgspec.structs.replace(ask.request, **fields))


def straight_in(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """Whoever signs in is told to have signed and met at once."""
    if isinstance(effect, fx.AskHost) and isinstance(effect.ask, VisitArrived):
        ask = effect.ask
        return (fx.AskHost(effect.at, effect.ref, VisitConnected(ask.person, ask.day, ask.minute, 4, None, True)),)
    return (effect,)


MUTANTS: dict[str, Broken] = {
    "no slip": Broken(dropping(fx.PrintDocument)),
    "the office is never asked": Broken(dropping(fx.AskHost)),
    "one too many": Broken(asking(request(people=("mother", "brother")), VisitRequested)),
    "nobody is asked for": Broken(asking(request(people=()), VisitRequested)),
    "somebody unknown": Broken(asking(request(people=("stranger",)), VisitRequested)),
    "a time that somebody has": Broken(asking(request(minute=870), VisitRequested)),
    "a time that is not offered": Broken(asking(request(day=20791), VisitRequested)),
    "a paper from nowhere": Broken(asking(request(proof="marriage"), VisitRequested)),
    "the signature is lost": Broken(asking(set_to(signed=False), VisitConnected)),
    "cut off for nothing": Broken(asking(set_to(breach="words"), VisitEnded)),
    "a breach is kept quiet": Broken(asking(set_to(breach=""), VisitEnded)),
    "the office hears another reason": Broken(asking(set_to(breach="phone"), VisitEnded)),
    "card page never times out": Broken(same, None, "take-ident"),
    "the undertaking never times out": Broken(same, None, "pledge-2"),
    "the conversation never goes on": Broken(same, None, "talk-still"),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
