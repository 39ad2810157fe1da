"""A walk that finds nothing proves little unless it finds what is broken: each mutant must be caught.

A mutant is a machine wrapped to drop, double or bend one effect, or to book one wrong figure. The walk of at least
one small world must fail for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import msgspec
import pytest

from kiosk_firmware import catalogue
from kiosk_firmware.core import effects as fx
from kiosk_firmware.core.events import AnyEvent, Fault, Started
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts.bank import DepositAsked, ReversalAsked, WithdrawAsked
from kiosk_firmware.core.machine import Machine
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.play import Play
from tests.machines.walking import walked

Bend = Callable[[fx.AnyEffect], tuple[fx.AnyEffect, ...]]


class Mutant(Machine[Any]):
    """A machine whose effects pass through `bend`, and whose page may lose its time-out."""

    FACTS: ClassVar[Facts] = {}

    def __init__(self, machine: Machine[Any], bend: Bend, no_timer: str = "") -> None:
        self.machine, self.bend, self.no_timer = machine, bend, no_timer
        self.id = machine.id

    def start(self, started: Started) -> Any:
        return self.machine.start(started)

    def update(self, state: Any, event: AnyEvent) -> tuple[Any, fx.Effects]:
        after, effects = self.machine.update(state, event)
        return after, tuple(bent for effect in effects for bent in self.bend(effect))

    def view(self, state: Any) -> Page:
        page = self.machine.view(state)
        return msgspec.structs.replace(page, timer=None) if page.step == self.no_timer else page

    def facts(self, state: Any, world: Any) -> Facts:
        return self.machine.facts(state, world)

    def essence(self, state: Any) -> Any:
        return self.machine.essence(state)


def dropping(kind: type[fx.Effect]) -> Bend:
    return lambda effect: () if isinstance(effect, kind) else (effect,)


def asking(change: Callable[[Any], Any], kind: type[Any]) -> Bend:
    """Bend what the host is asked."""

    def bend(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
        if isinstance(effect, fx.AskHost) and isinstance(effect.ask, kind):
            return (msgspec.structs.replace(effect, ask=change(effect.ask)),)
        return (effect,)

    return bend


def short(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """One note too few."""
    if isinstance(effect, fx.Dispense):
        value, count = effect.items[0]
        return (msgspec.structs.replace(effect, items=((value, count - 1),) if count > 1 else ()),)
    return (effect,)


def twice(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """The same sum counted out twice."""
    if isinstance(effect, fx.Dispense):
        return (msgspec.structs.replace(effect, items=tuple((v, 2 * n) for v, n in effect.items)),)
    return (effect,)


def more(**fields: int) -> Callable[[Any], Any]:
    return lambda ask: msgspec.structs.replace(ask, **{name: getattr(ask, name) + by for name, by in fields.items()})


def other(ask: Any) -> Any:
    return msgspec.structs.replace(ask, of=ask.of % 2 + 1)


def keep(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """The card is kept where it should come back."""
    return (fx.RetainMedia(effect.at, effect.ref),) if isinstance(effect, fx.EjectMedia) else (effect,)


MUTANTS: dict[str, tuple[Bend, Fault | None, str]] = {
    "no eject": (dropping(fx.EjectMedia), None, ""),
    "no dispense": (dropping(fx.Dispense), None, ""),
    "no retract": (dropping(fx.Retract), None, ""),
    "no retain": (dropping(fx.RetainMedia), None, ""),
    "no store": (dropping(fx.StoreItems), None, ""),
    "no return": (dropping(fx.ReturnItems), None, ""),
    "no slip": (dropping(fx.PrintDocument), None, ""),
    "pin never canceled": (dropping(fx.Cancel), None, ""),
    "change short": (short, None, ""),
    "dispense twice": (twice, None, ""),
    "booked a yuan too much": (asking(more(fen=100), WithdrawAsked), None, ""),
    "fee booked as cash": (asking(more(fen=400, fee_fen=-400), WithdrawAsked), None, ""),
    "deposit booked short": (asking(more(fen=-100), DepositAsked), None, ""),
    "reversal of another ask": (asking(other, ReversalAsked), "answer_lost", ""),
    "card kept instead of ejected": (keep, None, ""),
    "cash page never times out": (lambda effect: (effect,), None, "take-cash"),
    "card page never times out": (lambda effect: (effect,), None, "take-card"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught(name: str) -> None:
    """At least one small world's walk fails."""
    bend, fault, no_timer = MUTANTS[name]
    for walk in catalogue.walks("atm"):
        loaded = catalogue.load("atm", walk.skin, changes={"rules": walk.rules, "profile": walk.profile})
        play = Play(Mutant(loaded.machine, bend, no_timer), loaded.world)
        if walked(loaded, walk, fault, play).findings:
            return
    pytest.fail(f"no walk noticed: {name}")
