"""How the check-in is broken."""

from __future__ import annotations

import msgspec

from kiosk_firmware.core import effects as fx
from kiosk_firmware.core.hosts.airline import CancelAsked, CheckInAsked, OwedAsked
from tests.mutants.mutant import Broken, asking, dropping, more, one_seat, same, set_to


def as_pass(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """In place of a bag's tag the pass comes out again."""
    return (msgspec.structs.replace(effect, ref="pass-1"),) if effect.ref == "tag-1" else (effect,)


def without_slip(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """The slip about the gate does not come out."""
    return () if effect.ref == "gate-1" else (effect,)


MUTANTS: dict[str, Broken] = {
    "no pass": Broken(dropping(fx.PrintDocument)),
    "the airline is never asked": Broken(dropping(fx.AskHost)),
    "two on one seat": Broken(asking(one_seat, CheckInAsked)),
    "a seat at the exit": Broken(asking(set_to(seats=("3A",)), CheckInAsked)),
    "a seat that somebody has": Broken(asking(set_to(seats=("1J",)), CheckInAsked)),
    "a bag without its tag": Broken(asking(more(bags=1), CheckInAsked)),
    "the pass twice": Broken(as_pass),
    "a changed gate is kept quiet": Broken(without_slip, "gate_changed"),
    "the counter does not know": Broken(asking(set_to(papers=()), OwedAsked), "paper_out"),
    "checked in too early": Broken(asking(set_to(reference="EARLY2"), CheckInAsked)),
    "checked in after closing": Broken(asking(set_to(reference="LATE22"), CheckInAsked)),
    "taken back too late": Broken(asking(set_to(reference="LATE22"), CancelAsked)),
    "ID page never times out": Broken(same, None, "take-ident"),
    "the cabin never times out": Broken(same, None, "seats"),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
