"""How the metro ticket machine is broken."""

from __future__ import annotations

import msgspec

from kiosk_firmware.core import effects as fx
from kiosk_firmware.core.hosts.bank import PayAsked
from tests.mutants.mutant import EVERYWHERE, Bend, Broken, asking, dropping, greedy, keep, more, same, written


def sold(fen: int = 0, trip: str = "") -> Bend:
    """A ticket that carries another balance by so much, or another trip."""

    def bend(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
        if not isinstance(effect, fx.DispenseMedia) or effect.fen is None:
            return (effect,)
        return (msgspec.structs.replace(effect, fen=effect.fen + fen, trip=trip or effect.trip),)

    return bend


MUTANTS: dict[str, Broken] = {
    **EVERYWHERE,
    "no ticket": Broken(dropping(fx.DispenseMedia)),
    "never written": Broken(dropping(fx.WriteMedia)),
    "a ticket for too little": Broken(sold(fen=-100)),
    "a ticket from another station": Broken(sold(trip="ts009@25rjh")),
    "written a fen too much": Broken(written(fen=1)),
    "charged a fen too much": Broken(asking(more(fen=1), PayAsked)),
    "card kept instead of given back": Broken(keep),
    "no change refused too late": Broken(greedy),
    "ticket page never times out": Broken(same, None, "take-ticket"),
    "torn page never times out": Broken(same, "write_torn", "torn"),
    "tokens page never times out": Broken(same, None, "take-tokens"),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
