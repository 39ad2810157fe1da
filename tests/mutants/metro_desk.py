"""How the metro service desk is broken."""

from __future__ import annotations

from kiosk_firmware.core import effects as fx
from tests.mutants.mutant import Broken, dropping, keep, same, short, twice, written

MUTANTS: dict[str, Broken] = {
    "no eject": Broken(dropping(fx.EjectMedia)),
    "no change": Broken(dropping(fx.Dispense)),
    "token never taken in": Broken(dropping(fx.RetainMedia)),
    "no store": Broken(dropping(fx.StoreItems)),
    "no return": Broken(dropping(fx.ReturnItems)),
    "no slip": Broken(dropping(fx.PrintDocument)),
    "never written": Broken(dropping(fx.WriteMedia)),
    "change short": Broken(short),
    "dispense twice": Broken(twice),
    "charged a fen too much": Broken(written(fen=-1)),
    "entry left open": Broken(written(trip="c>s001@25rjh")),
    "card kept instead of given back": Broken(keep),
    "card page never times out": Broken(same, None, "take-card"),
    "tokens page never times out": Broken(same, None, "take-tokens"),
}
