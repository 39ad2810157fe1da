"""Break a machine's money and papers, generated from what the machine does: nobody writes a list for it.

An honest walk of a machine's small worlds keeps the first moments in which it moves a sum (asks a host, hands out cash,
writes a card, opens the wallet) or prints. Each is then done otherwise (a fen more or less, a piece more or less, a
paper twice, at once or at the farewell), and only a promise of the *world* may notice, within a few situations.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core import effects as fx
from kiosk_firmware.core import money
from kiosk_firmware.core.events import AnyEvent, DocumentPrinted, ItemsPresented, ItemsTaken, Tapped
from kiosk_firmware.core.pages import Key, Page
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.core.walk import Walker
from tests.mutants.mutant import Bend, Broken, Mutant, same

WALKED, PLAYED, MOMENTS = 3_000, 400, 3
"""Situations of the honest walk, of each broken one, and moments that each mutant is tried at."""
ASKED = ("ask", "request")
"""The fields of an effect that ask somebody else."""
SUM = 100
"""A figure in a key's value from here on is a sum: days, hours and numbers of orders are smaller."""


class Moment(NamedTuple):
    """The situation before `event`, of which something comes that can be broken; `play` is honest."""

    play: Play
    values: dict[str, tuple[str, ...]]
    before: Situation
    event: AnyEvent


class Priced(Mutant):
    """Whatever is charged is `by` fen more than the rules say, on the key that is pressed and in the ask alike."""

    def __init__(self, machine: Any, by: int) -> None:
        super().__init__(machine, Broken(_every_sum(by)))
        self.by = by

    def view(self, state: Any) -> Page:
        page = super().view(state)
        return msgspec.structs.replace(page, keys=tuple(_priced_key(key, self.by) for key in page.keys))

    def update(self, state: Any, event: AnyEvent) -> tuple[Any, fx.Effects]:
        if isinstance(event, Tapped):
            event = msgspec.structs.replace(event, value=_priced(event.value, -self.by))
        return super().update(state, event)

    def pressed(self, event: AnyEvent) -> AnyEvent:
        """The same press, with the sum that stands on this machine's key."""
        if not isinstance(event, Tapped):
            return event
        return msgspec.structs.replace(event, value=_priced(event.value, self.by))


def _priced_key(key: Key, by: int) -> Key:
    value = _priced(key.value, by)
    return key if value == key.value else msgspec.structs.replace(key, value=value)


def _every_sum(by: int) -> Bend:
    """Each sum that a host or the wallet is asked for."""

    def bend(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
        for path in _figures(effect):
            effect = _changed(effect, path, by) if path[0] in ASKED else effect
        return (effect,)

    return bend


class Miscounted(Mutant):
    """A piece more or less is handed out, and the machine believes that it was right."""

    def __init__(self, machine: Any, at: str, by: int) -> None:
        super().__init__(machine, Broken(self._bent))
        self.at, self.by = at, by
        self.meant: dict[tuple[str, money.Items], money.Items] = {}

    def _bent(self, effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
        if not isinstance(effect, fx.Dispense) or effect.at != self.at:
            return (effect,)
        one = ((effect.items[-1][0], 1),)
        items = money.add(effect.items, one) if self.by > 0 else money.without(effect.items, one)
        if not items:
            return (effect,)
        self.meant[effect.ref, items] = effect.items
        return (msgspec.structs.replace(effect, items=items),)

    def update(self, state: Any, event: AnyEvent) -> tuple[Any, fx.Effects]:
        if isinstance(event, ItemsPresented | ItemsTaken):
            meant = self.meant.get((getattr(event, "ref", ""), event.items)) if hasattr(event, "items") else None
            event = msgspec.structs.replace(event, items=meant) if meant else event
        return super().update(state, event)


def _priced(value: str, by: int) -> str:
    """The sum among the words of a key's value, changed; a word alone is a choice, and stays."""
    words = value.split(" ")
    if len(words) == 1:
        return value
    return " ".join(str(int(one) + by) if one.isdecimal() and SUM <= int(one) < 10**8 else one for one in words)


class Doubled(Mutant):
    """A paper comes out twice: at once, or again when the machine is home."""

    def __init__(self, machine: Any, ref: str, later: bool) -> None:
        super().__init__(machine, Broken(same))
        self.ref, self.later = ref, later
        self.paper: fx.PrintDocument | None = None
        self.done = False

    def update(self, state: Any, event: AnyEvent) -> tuple[Any, fx.Effects]:
        printed = isinstance(event, DocumentPrinted) and event.ref == self.ref and event.completion == "success"
        if printed and not self.later and self.paper and not self.done:
            self.done = True
            return state, (self.paper,)
        after, effects = super().update(state, event)
        papers = [one for one in effects if isinstance(one, fx.PrintDocument)]
        self.paper = next((one for one in papers if one.ref == self.ref), self.paper)
        if self.later and self.paper and not papers and self._leaves(state, after):
            return after, (*effects, self.paper)
        return after, effects

    def _leaves(self, before: Any, after: Any) -> bool:
        return self.machine.view(after).step == "home" and self.machine.view(before).step != "home"


def _figures(thing: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The ways to each sum that an effect carries."""
    for name in thing.__struct_fields__:
        value = getattr(thing, name)
        if isinstance(value, msgspec.Struct) and name in ASKED:
            yield from _figures(value, (*path, name))
        elif isinstance(value, int) and not isinstance(value, bool) and _is_sum(name, value):
            yield (*path, name)


def _is_sum(name: str, value: int) -> bool:
    return name == "fee_fen" or (bool(value) and (name == "fen" or name.endswith("_fen")))


def _changed(thing: Any, path: tuple[str, ...], by: int) -> Any:
    name, *rest = path
    old = getattr(thing, name)
    return msgspec.structs.replace(thing, **{name: _changed(old, tuple(rest), by) if rest else old + by})


def _what(effect: Any) -> str:
    """The name of what is done."""
    inner = getattr(effect, "ask", getattr(effect, "request", effect))
    return type(inner).__name__


def _sum_bend(what: str, path: tuple[str, ...], by: int) -> Bend:
    def bend(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
        if _what(effect) != what or path not in set(_figures(effect)):
            return (effect,)
        return (_changed(effect, path, by),)

    return bend


Make = Callable[[Any], Any]


def _mutants(effect: Any) -> Iterator[tuple[str, Make]]:
    """How what is done there can be done wrongly: a name, and what makes the machine do so."""
    what = _what(effect)
    if isinstance(effect, fx.PrintDocument):
        for later in (False, True):
            yield f"{effect.ref} printed twice{', later' * later}", _doubling(effect.ref, later)
        return
    for by in (1, -1):
        if isinstance(effect, fx.Dispense) and (by > 0 or money.pieces(effect.items) > 1):
            yield f"{effect.at} {by:+} piece", _counting(effect.at, by)
        for path in _figures(effect):
            yield f"{what}.{path[-1]} {by:+}", _bending(_sum_bend(what, path, by))
            if path[0] in ASKED:
                yield f"each price {by:+}, on the key and in the ask", _pricing(by)


def _bending(bend: Bend) -> Make:
    return lambda machine: Mutant(machine, Broken(bend))


def _pricing(by: int) -> Make:
    return lambda machine: Priced(machine, by)


def _counting(at: str, by: int) -> Make:
    return lambda machine: Miscounted(machine, at, by)


def _doubling(ref: str, later: bool) -> Make:
    return lambda machine: Doubled(machine, ref, later)


@cache
def generated(machine: str, walked: int = WALKED) -> dict[str, tuple[Make, list[Moment]]]:
    """The machine's mutants by name: how to make each, and the first moments at which it can be seen."""
    found: dict[str, tuple[Make, list[Moment]]] = {}
    for walk in machine_loader.walks(machine):
        loaded = machine_loader.load(machine, walk.skin, changes=walk.changes)
        play = Play(loaded.machine, loaded.world)
        faults = machine_loader.faults(machine)
        walker = Walker(play, walk.values, walked, walk.menu, faults, surprises=())
        walker.walk(machine_loader.start_event(walk.persona, walk.now, faults[0] if faults else None, scene=walk.scene))
        here: Counter[str] = Counter()
        for after, step in walker.parents.items():
            if step is None:
                continue
            before, event = step
            for effect, _ in after.open:
                if (effect, False) in before.open:
                    continue
                for name, make in _mutants(effect):
                    here[name] += 1
                    if here[name] <= MOMENTS:
                        found.setdefault(name, (make, []))[1].append(Moment(play, walk.values, before, event))
    return found


def caught(make: Make, moment: Moment, played: int = PLAYED) -> str:
    """The first breach after the machine did it wrongly; "" where nothing noticed."""
    machine = make(moment.play.machine)
    play = Play(machine, moment.play.world)
    try:
        event = machine.pressed(moment.event) if isinstance(machine, Priced) else moment.event
        first = play.step(moment.before, event).after
        return _breach(play, first, moment, played)
    except Exception as error:  # what is asked for cannot be done: noticed, too
        return f"{type(error).__name__}: {error}"


def _breach(play: Play, first: Situation, moment: Moment, played: int) -> str:
    queue, seen = deque([msgspec.structs.replace(first, armed=None)]), {first}
    while queue and len(seen) < played:
        now = queue.popleft()
        for breach in play.world.breaches(now.world, play.at_home(now)):
            return breach
        for event in _next(play, now, moment):
            after = play.step(now, event).after
            if after not in seen:
                seen.add(after)
                queue.append(after)
    return ""


def _next(play: Play, now: Situation, moment: Moment) -> tuple[AnyEvent, ...]:
    """What comes by itself; else what the person may do, or a time-out."""
    expiry = play.expiry(now)
    return tuple(play.answers(now)) or (*((expiry,) if expiry else ()), *play.acts(now, moment.values))
