"""How the shop is broken."""

from __future__ import annotations

import msgspec

from kiosk_firmware.core import effects as fx
from kiosk_firmware.core.hosts.mobile_carrier import CodeAsked
from kiosk_firmware.core.hosts.shop import JoinAsked, MoveAsked, PlaceAsked
from tests.mutants.mutant import Broken, asking, dropping, more, same, set_to


def _dearer(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """The wallet is asked for more than the order says."""
    if isinstance(effect, fx.OpenPart):
        request = msgspec.structs.replace(effect.request, fen=effect.request.fen + 1)
        return (msgspec.structs.replace(effect, request=request),)
    return (effect,)


def _instead(act: str, other: str) -> Broken:
    def bend(ask: MoveAsked) -> MoveAsked:
        return msgspec.structs.replace(ask, act=other) if ask.act == act else ask

    return Broken(asking(bend, MoveAsked))


def _less(ask: MoveAsked) -> MoveAsked:
    return msgspec.structs.replace(ask, fen=ask.fen - 1) if ask.fen else ask


def _broken(ask: MoveAsked) -> MoveAsked:
    return msgspec.structs.replace(ask, word="broken") if ask.act == "return" else ask


MUTANTS: dict[str, Broken] = {
    "the service is never asked": Broken(dropping(fx.AskHost)),
    "the wallet is never opened": Broken(dropping(fx.OpenPart)),
    "the locker is never opened": Broken(dropping(fx.OpenDoor)),
    "dearer than on the key": Broken(asking(more(fen=1), PlaceAsked)),
    "a coupon that nobody pressed": Broken(asking(set_to(coupon=True), PlaceAsked)),
    "another kind than on the key": Broken(asking(set_to(spec="large"), PlaceAsked)),
    "the wallet pays more": Broken(_dearer),
    "given back less than paid": Broken(asking(_less, MoveAsked)),
    "confirmed instead of sent back": _instead("return", "confirm"),
    "confirmed instead of fetched": _instead("fetch", "confirm"),
    "confirmed instead of waited": _instead("later", "confirm"),
    "a reason that nobody gave": Broken(asking(_broken, MoveAsked)),
    "the code goes to another number": Broken(asking(set_to(number="19990209999"), CodeAsked)),
    "an account on another number": Broken(asking(set_to(number="19990209999"), JoinAsked)),
    "an account in another's name": Broken(asking(set_to(person="519901197604050013"), JoinAsked)),
    "the last page never times out": Broken(same, None, "checkout"),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
