"""How the metro gate is broken."""

from __future__ import annotations

from kiosk_firmware.core import effects as fx
from tests.mutants.mutant import Broken, dropping, keep, same, written


def unwritten(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """The barrier opens in place of a write."""
    return (fx.OpenGate("gate", "gate"),) if isinstance(effect, fx.WriteMedia) else (effect,)


def ejected(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """What should stay in the machine comes out."""
    return (fx.EjectMedia(effect.at, effect.ref),) if isinstance(effect, fx.RetainMedia) else (effect,)


MUTANTS: dict[str, Broken] = {
    "no eject": Broken(dropping(fx.EjectMedia)),
    "token never captured": Broken(dropping(fx.RetainMedia)),
    "token given back used": Broken(ejected),
    "barrier never opens": Broken(dropping(fx.OpenGate)),
    "barrier opens on no write": Broken(unwritten),
    "charged a fen too much": Broken(written(fen=-1)),
    "let in for nothing": Broken(written(trip="c")),
    "entry left open": Broken(written(trip="c>s001@25rjh")),
    "card kept instead of given back": Broken(keep),
    "card page never times out": Broken(same, None, "take-card"),
    "other side never times out": Broken(same, None, "side"),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
