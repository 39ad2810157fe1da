"""A walk that finds nothing proves little unless it finds what is broken: each mutant must be caught.

A mutant is a machine wrapped to drop, double or bend one effect, or to book one wrong figure (`mutant.py`). The walk of
at least one small world must fail for it; `MUTANTS` has a table for each machine of the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from kiosk_firmware import catalogue
from kiosk_firmware.core import effects as fx
from kiosk_firmware.core.hosts.airline import CancelAsked, CheckInAsked, OwedAsked
from kiosk_firmware.core.hosts.bank import DepositAsked, PayAsked, ReversalAsked, WithdrawAsked
from kiosk_firmware.core.hosts.rail import IssueAsked, RefundAsked
from kiosk_firmware.core.play import Play
from tests.machines.walking import walked
from tests.mutants.mutant import Bend, Broken, Mutant, asking, dropping, greedy, keep, more, same, short, twice


def other(ask: Any) -> Any:
    return msgspec.structs.replace(ask, of=ask.of % 2 + 1)


def one_seat(ask: Any) -> Any:
    return msgspec.structs.replace(ask, seats=ask.seats[:1] * len(ask.seats))


def in_cash(ask: Any) -> Any:
    return msgspec.structs.replace(ask, paid_by="")


def set_to(**fields: Any) -> Callable[[Any], Any]:
    """These fields of an ask are something else."""
    return lambda ask: msgspec.structs.replace(ask, **fields)


def as_pass(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """In place of a bag's tag the pass comes out again."""
    return (msgspec.structs.replace(effect, ref="pass-1"),) if effect.ref == "tag-1" else (effect,)


def written(fen: int = 0, trip: str = "") -> Bend:
    """Another balance by so much, or another trip, on the card."""

    def bend(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
        if not isinstance(effect, fx.WriteMedia):
            return (effect,)
        return (msgspec.structs.replace(effect, fen=effect.fen + fen, trip=trip or effect.trip),)

    return bend


def sold(fen: int = 0, trip: str = "") -> Bend:
    """A ticket that carries another balance by so much, or another trip."""

    def bend(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
        if not isinstance(effect, fx.DispenseMedia) or effect.fen is None:
            return (effect,)
        return (msgspec.structs.replace(effect, fen=effect.fen + fen, trip=trip or effect.trip),)

    return bend


def unwritten(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """The barrier opens in place of a write."""
    return (fx.OpenGate("gate", "gate"),) if isinstance(effect, fx.WriteMedia) else (effect,)


def ejected(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """What should stay in the machine comes out."""
    return (fx.EjectMedia(effect.at, effect.ref),) if isinstance(effect, fx.RetainMedia) else (effect,)


EVERYWHERE = {
    "no eject": Broken(dropping(fx.EjectMedia)),
    "no dispense": Broken(dropping(fx.Dispense)),
    "no retract": Broken(dropping(fx.Retract)),
    "no retain": Broken(dropping(fx.RetainMedia)),
    "no store": Broken(dropping(fx.StoreItems)),
    "no return": Broken(dropping(fx.ReturnItems)),
    "no slip": Broken(dropping(fx.PrintDocument)),
    "never canceled": Broken(dropping(fx.Cancel)),
    "change short": Broken(short),
    "dispense twice": Broken(twice),
    "reversal of another ask": Broken(asking(other, ReversalAsked), "answer_lost"),
    "cash page never times out": Broken(same, None, "take-cash"),
    "card page never times out": Broken(same, None, "take-card"),
}
MUTANTS: dict[str, dict[str, Broken]] = {
    "atm": {
        **EVERYWHERE,
        "booked a yuan too much": Broken(asking(more(fen=100), WithdrawAsked)),
        "fee booked as cash": Broken(asking(more(fen=400, fee_fen=-400), WithdrawAsked)),
        "deposit booked short": Broken(asking(more(fen=-100), DepositAsked)),
        "card kept instead of ejected": Broken(keep),
        "a fraud never lets go": Broken(same, None, "scene-1"),
    },
    "rail": {
        **EVERYWHERE,
        "fee off by one": Broken(asking(more(fen=-1, fee_fen=1), RefundAsked)),
        "charged a fen too much": Broken(asking(more(fen=1), PayAsked)),
        "too little back for a cheaper train": Broken(asking(more(back_fen=-1), IssueAsked)),
        "ticket printed twice": Broken(same, prints_again=True),
        "seat sold twice": Broken(asking(one_seat, IssueAsked)),
        "no change refused too late": Broken(greedy),
        "paid by card, booked as cash": Broken(asking(in_cash, IssueAsked)),
        "tokens page never times out": Broken(same, None, "take-tokens"),
        "ID page never times out": Broken(same, None, "take-ident"),
        "a fraud never lets go": Broken(same, None, "scene-1"),
    },
    "airport": {
        "no pass": Broken(dropping(fx.PrintDocument)),
        "the airline is never asked": Broken(dropping(fx.AskHost)),
        "two on one seat": Broken(asking(one_seat, CheckInAsked)),
        "a seat at the exit": Broken(asking(set_to(seats=("3A",)), CheckInAsked)),
        "a seat that somebody has": Broken(asking(set_to(seats=("1J",)), CheckInAsked)),
        "a bag without its tag": Broken(asking(more(bags=1), CheckInAsked)),
        "the pass twice": Broken(as_pass),
        "the counter does not know": Broken(asking(set_to(papers=()), OwedAsked), "paper_out"),
        "checked in too early": Broken(asking(set_to(reference="EARLY2"), CheckInAsked)),
        "checked in after closing": Broken(asking(set_to(reference="LATE22"), CheckInAsked)),
        "taken back too late": Broken(asking(set_to(reference="LATE22"), CancelAsked)),
        "ID page never times out": Broken(same, None, "take-ident"),
        "the cabin never times out": Broken(same, None, "seats"),
        "a fraud never lets go": Broken(same, None, "scene-1"),
    },
    "metro-gate": {
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
    },
    "metro-desk": {
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
    },
    "metro-ticket": {
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
    },
}
CASES = [(line.id, name) for line in catalogue.describe() for name in MUTANTS[line.id]]


@pytest.mark.parametrize(("machine", "name"), CASES)
def test_mutant_is_caught(machine: str, name: str) -> None:
    """At least one small world's walk fails."""
    broken = MUTANTS[machine][name]
    for walk in catalogue.walks(machine):
        loaded = catalogue.load(machine, walk.skin, changes=walk.changes)
        play = Play(Mutant(loaded.machine, broken), loaded.world)
        if walked(loaded, walk, (broken.fault,) if broken.fault else (), play).findings:
            return
    pytest.fail(f"no walk noticed: {name}")
