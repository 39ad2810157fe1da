"""How a machine is broken for a test: wrapped, so that one effect is dropped, doubled or bent, or a page never ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import msgspec

from kiosk_firmware.core import effects as fx
from kiosk_firmware.core.events import AnyEvent, DocumentPrinted, Fault, Started
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts.bank import ReversalAsked
from kiosk_firmware.core.machine import Machine
from kiosk_firmware.core.pages import Page, text
from kiosk_firmware.kits.return_items import ReceiptPrinting

Bend = Callable[[fx.AnyEffect], tuple[fx.AnyEffect, ...]]


class Broken(NamedTuple):
    """What is bent; the fault that must be armed to see it; the page that loses its time-out; printing over again."""

    bend: Bend
    fault: Fault | None = None
    no_timer: str = ""
    prints_again: bool = False


class Mutant(Machine[Any]):
    """A machine with one thing broken."""

    FACTS: ClassVar[Facts] = {}

    def __init__(self, machine: Machine[Any], broken: Broken) -> None:
        self.machine, self.broken = machine, broken
        self.id = machine.id

    def start(self, started: Started) -> Any:
        return self.machine.start(started)

    def update(self, state: Any, event: AnyEvent) -> tuple[Any, fx.Effects]:
        done = isinstance(event, DocumentPrinted) and event.completion == "success"
        if self.broken.prints_again and done and isinstance(state.phase, ReceiptPrinting):
            again = fx.PrintDocument("receipt_printer", "receipt", fx.Document("receipt", text("again")))
            return state, (again,)
        after, effects = self.machine.update(state, event)
        return after, tuple(bent for effect in effects for bent in self.broken.bend(effect))

    def view(self, state: Any) -> Page:
        page = self.machine.view(state)
        return msgspec.structs.replace(page, timer=None) if page.step == self.broken.no_timer else page

    def facts(self, state: Any, world: Any) -> Facts:
        return self.machine.facts(state, world)

    def essence(self, state: Any) -> Any:
        return self.machine.essence(state)


def same(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """Not bent."""
    return (effect,)


def dropping(kind: type[fx.Effect]) -> Bend:
    """Never done."""
    return lambda effect: () if isinstance(effect, kind) else (effect,)


def asking(change: Callable[[Any], Any], kind: type[Any]) -> Bend:
    """Bend what the host is asked."""

    def bend(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
        if isinstance(effect, fx.AskHost) and isinstance(effect.ask, kind):
            return (msgspec.structs.replace(effect, ask=change(effect.ask)),)
        return (effect,)

    return bend


def short(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """One piece too few."""
    if isinstance(effect, fx.Dispense):
        value, count = effect.items[0]
        rest = ((value, count - 1),) if count > 1 else ()
        return (msgspec.structs.replace(effect, items=rest + effect.items[1:]),)
    return (effect,)


def twice(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """The same sum counted out twice."""
    if isinstance(effect, fx.Dispense):
        return (msgspec.structs.replace(effect, items=tuple((v, 2 * n) for v, n in effect.items)),)
    return (effect,)


def more(**fields: int) -> Callable[[Any], Any]:
    """Figures of an ask that are wrong by so much."""
    return lambda ask: msgspec.structs.replace(ask, **{name: getattr(ask, name) + by for name, by in fields.items()})


def set_to(**fields: Any) -> Callable[[Any], Any]:
    """These fields of an ask are something else."""
    return lambda ask: msgspec.structs.replace(ask, **fields)


def keep(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """The card is kept where it should come back."""
    return (fx.RetainMedia(effect.at, effect.ref),) if isinstance(effect, fx.EjectMedia) else (effect,)


def greedy(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """The note is taken where it should be given back."""
    return (fx.StoreItems(effect.at, effect.ref),) if isinstance(effect, fx.ReturnItems) else (effect,)


def other(ask: Any) -> Any:
    """A reversal of the ask before."""
    return msgspec.structs.replace(ask, of=ask.of % 2 + 1)


def one_seat(ask: Any) -> Any:
    """Everybody on the first one's seat."""
    return msgspec.structs.replace(ask, seats=ask.seats[:1] * len(ask.seats))


def written(fen: int = 0, trip: str = "") -> Bend:
    """Another balance by so much, or another trip, on the card."""

    def bend(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
        if not isinstance(effect, fx.WriteMedia):
            return (effect,)
        return (msgspec.structs.replace(effect, fen=effect.fen + fen, trip=trip or effect.trip),)

    return bend


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
