"""A whole unit around a payout, judged by its far end: where each piece truly lies, whatever anybody was told.

Real rules, world, engine and journal; the devices are `FarEnd`, which outlives the deaths of ours as hoppers, trays and
recyclers do. It pays piece by piece, may jam or lose its count, and keeps the counters that drivers keep. What the run
believes is compared with it at the end: the machine's own promises must hold of the pieces as they truly lie, but for
what was told as unknown.
"""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from contextlib import closing
from functools import cache
from typing import Any, NamedTuple

import msgspec

from hardware.drivers.effect_answers import paid_out
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core import cabinet_model, money
from kiosk_firmware.core.effects import AnyEffect, AskHost, Dispense, ReadPin
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    DeviceBack,
    ItemsInserted,
    ItemsPresented,
    ItemsRetracted,
    ItemsTaken,
    MediaInserted,
    MediaTaken,
    PinEntered,
    Tapped,
    Typed,
)
from kiosk_firmware.core.lessons import GoalCondition, Lesson, LessonSetting
from kiosk_firmware.core.play import Play
from kiosk_firmware.unit.runtime.interfaces import RunRequest
from tests.unit.runtime import rig as r

ACTS = (Tapped, Typed, ItemsInserted, MediaInserted, MediaTaken, ItemsTaken, PinEntered)


class Payback(NamedTuple):
    """A way to a moment at which a machine hands out cash: what a person does, the last of which begins the payout."""

    machine: str
    walk: machine_loader.Walk
    acts: tuple[AnyEvent, ...]
    due: money.Items

    def loaded(self) -> Any:
        """The machine and its world."""
        return machine_loader.load(self.machine, self.walk.skin, changes=self.walk.changes)


@cache
def paybacks(machine: str, world: str, most: int = 3000) -> tuple[Payback, ...]:
    """The shortest way to each kind of payout in that small world: by device, size, and tokens that are still in the
    purse.
    """
    walk = next(walk for walk in machine_loader.walks(machine) if walk.name == world)
    loaded = machine_loader.load(machine, walk.skin, changes=walk.changes)
    play = Play(loaded.machine, loaded.world)
    first = play.settle(play.begin(machine_loader.start_event(walk.persona, walk.now, None, scene=walk.scene)))
    found: dict[Any, Payback] = {}
    queue, seen = deque([(first, ())]), {first}
    while queue and len(seen) < most:
        now, acts = queue.popleft()
        for act in play.acts(now, walk.values):
            after, due = _until_paid(play, play.step(now, act).after)
            if due:
                kind = (due.at, money.pieces(due.items), bool(_tokens(after.world.bench)))
                found.setdefault(kind, Payback(machine, walk, (*acts, act), due.items))
            elif after not in seen:
                seen.add(after)
                queue.append((after, (*acts, act)))
    return tuple(found.values())


def _until_paid(play: Play, now: Any) -> tuple[Any, Dispense | None]:
    while True:
        due = next((effect for effect, _ in now.open if isinstance(effect, Dispense)), None)
        answer = next(play.answers(now), None)
        if due or answer is None:
            return now, due
        now = play.step(now, answer).after


def _tokens(held: cabinet_model.CabinetModel) -> list[int]:
    return [fen for fen, _ in held.purse if fen < money.NOTE_FROM_FEN]


class Payout(msgspec.Struct):
    """An order under way: what is still to come, what came, what was seen of it; `mine`: who ordered it still lives."""

    effect: Dispense
    left: money.Items
    came: money.Items = money.NONE
    ending: str = "success"
    unknown: money.Items = money.NONE
    mine: bool = True


class FarEnd(r.Hardware):
    """The devices themselves. `recycler`: notes come one by one and go on coming when we die; else a tray, which only
    opens for a living process. `mishap`: (kind, pieces) of the next payout: it jams or forgets after so many.
    """

    def __init__(self, recycler: bool) -> None:
        super().__init__()
        self.recycler = recycler
        self.payout: Payout | None = None
        self.mishap: tuple[str, int] | None = None
        self.tray = money.NONE
        """What the cash dispenser knows to lie before it."""
        self.out = money.NONE
        """Pieces that ever came out."""
        self.fallen = money.NONE
        """Tokens that ever fell in."""
        names = {"coin_acceptor.tokens", "coin_dispenser.unknown", "cash_dispenser.presented"}
        names |= {"cash_dispenser.retracted", "cash_dispenser.taken", "note_acceptor.stacked", "card_reader.captured"}
        names |= {"cash_dispenser.paid_fen", "cash_dispenser.unknown_fen"} if recycler else set()
        self.counters = dict.fromkeys(sorted(names), 0)

    def count(self, name: str, by: int = 1) -> None:
        self.counters[name] = self.counters.get(name, 0) + by

    def heard(self, event: AnyEvent) -> None:
        self.bench = cabinet_model.after_event(self.bench, event)

    def order(self, effect: Dispense) -> None:
        self.payout = Payout(effect, effect.items)

    def piece(self) -> ItemsPresented | None:
        """The next piece comes out, or the payout ends: its answer."""
        payout = self.payout
        assert payout is not None
        at_once = payout.effect.at == "cash_dispenser" and not self.recycler
        kind, after = self.mishap or ("", 0)
        if kind and (at_once or money.pieces(payout.came) >= after):
            self._fail(payout, kind, at_once)
        elif at_once:
            self._out(payout, payout.left)
        elif payout.left:
            self._out(payout, ((payout.left[-1][0], 1),))
        return self._over(payout) if not payout.left or payout.ending != "success" else None

    def _out(self, payout: Payout, items: money.Items, seen: bool = True) -> None:
        at = payout.effect.at
        payout.left = money.without(payout.left, items)
        payout.came = money.add(payout.came, items) if seen else payout.came
        self.out = money.add(self.out, items)
        self.bench = cabinet_model.after_event(self.bench, ItemsPresented(at, "", items))

    def _fail(self, payout: Payout, kind: str, at_once: bool) -> None:
        self.mishap = None
        payout.ending = "hardwareError"
        if kind == "forgets" and not at_once and payout.left:
            payout.ending, payout.unknown = "unknown", payout.left
            self._out(payout, ((payout.left[-1][0], 1),), seen=False)

    def _over(self, payout: Payout) -> ItemsPresented:
        self.payout = None
        at, unsure = payout.effect.at, payout.unknown
        if at == "coin_dispenser":
            self.count(f"{at}.unknown", money.pieces(unsure))
            for fen, pieces in payout.came:
                self.count(f"{at}.paid_{fen}", pieces)
        else:
            self.count(f"{at}.presented", int(bool(payout.came)))
            self.tray = money.add(self.tray, payout.came)
            if self.recycler:
                self.count(f"{at}.paid_fen", money.total(payout.came))
                self.count(f"{at}.unknown_fen", money.total(unsure))
        return paid_out(payout.effect, dict(payout.came), payout.ending)  # type: ignore[arg-type]

    def dies(self) -> None:
        """Who ordered is gone: a tray that was not opened stays shut, the others go on."""
        if self.payout is not None and self.payout.effect.at == "cash_dispenser" and not self.recycler:
            self.payout = None

    def settled(self) -> None:
        """The next process waits until what still comes has come, and looks."""
        while self.payout is not None:
            self.piece()


class Cabinet(r.Cabinet):
    """One process' cabinet over the far end."""

    def found(self) -> CabinetFound:
        self.hardware.settled()
        return msgspec.structs.replace(super().found(), tray=self.hardware.tray)

    def do(self, effect: AnyEffect) -> AnyEvent:
        self.hardware.done.append(effect)
        if isinstance(effect, AskHost):
            return self._host(effect)
        event = cabinet_model.answer(self.hardware.bench, effect, False)
        assert event is not None
        self.hear(event)
        return event

    def tick(self) -> None:
        """Devices go on by one step."""
        for effect in [e for e in self.waiting if not isinstance(e, ReadPin)]:
            if not isinstance(effect, Dispense):
                self.waiting.remove(effect)
                self.inbox.post(self.do(effect))
            elif self.hardware.payout is None:
                self._begin(effect)
        if self.hardware.payout is not None and (answer := self.hardware.piece()) is not None:
            self.waiting.remove(next(e for e in self.waiting if isinstance(e, Dispense)))
            self.inbox.post(answer)

    def _begin(self, effect: Dispense) -> None:
        if money.holds(self.hardware.bench.stock, effect.items) and effect.items:
            self.hardware.order(effect)
            return
        self.waiting.remove(effect)
        self.inbox.post(ItemsPresented(effect.at, effect.ref, money.NONE, "hardwareError", "notDispensable"))

    def answer_all(self) -> None:
        self.tick()

    def hear(self, event: AnyEvent) -> None:
        super().hear(event)
        if isinstance(event, ItemsInserted) and event.at == "coin_acceptor":
            self.hardware.count("coin_acceptor.tokens")
            self.hardware.fallen = money.add(self.hardware.fallen, ((event.fen, 1),))
        if isinstance(event, ItemsTaken):
            self.hardware.count("cash_dispenser.taken")
            self.hardware.tray = money.NONE
        if isinstance(event, ItemsRetracted):
            self.hardware.tray = money.NONE
            self.hardware.count("cash_dispenser.retracted", 0 if event.items else -1)


class Unit(r.Rig):
    """The unit in the middle of paying back."""

    cabinets = Cabinet

    def __init__(self, path: Any, case: Payback, far: FarEnd, clock: r.Clock | None = None) -> None:
        super().__init__(path, far, clock)
        self.case, self.far = case, far
        self.cabinet = self.cabinets(far, self.inbox)
        self.engine._cabinet = self.engine._dispatch._cabinet = self.cabinet
        self.engine._dispatch.effect_queue._perform = self.cabinet.perform
        self.cabinet.host(self.engine._host)
        self.loaded = case.loaded()
        lesson = Lesson(
            "x", 1, goal=(GoalCondition("at_home", equal="never"),), setting=LessonSetting(now=case.walk.now)
        )
        self.whose = RunRequest(case.machine, self.loaded.skin, case.walk.persona, lesson, "0123456789abcdef")
        self.run: Any = None

    def go(self) -> None:
        """From the start to the moment at which the payout is on the disk and ordered."""
        world = self.loaded.world.start(machine_loader.start_event(self.case.walk.persona, self.case.walk.now, None))
        self.far.bench = world.bench
        self.engine.begin(self.loaded, self.whose)
        for act in self.case.acts:
            self.settle()
            self.act(act)
        self.hear()

    def act(self, act: AnyEvent) -> None:
        self.keep()
        match act:
            case Tapped(key=name, value=value):
                self.inbox.post(Tapped(name, self.stage.pages[-1].step, value))
            case Typed(key=name, text=text):
                self.inbox.post(Typed(name, text, self.stage.pages[-1].step))
            case PinEntered(verdict=verdict, completion=completion):
                pin = next(e for e in self.cabinet.waiting if isinstance(e, ReadPin))
                self.cabinet.waiting.remove(pin)
                self.inbox.post(PinEntered(pin.at, pin.ref, verdict, completion))
            case _:
                self.cabinet.hand(act)

    def keep(self) -> None:
        """The run, as long as it goes on."""
        self.run = self.engine.run or self.run

    def late(self) -> None:
        """A token still rolled."""
        if tokens := _tokens(self.far.bench):
            self.cabinet.hand(ItemsInserted("coin_acceptor", tokens[0]))

    def step(self, commits: bool = True) -> None:
        """One moment: hear, write, hear, and the devices go on by one piece."""
        self.hear()
        if commits:
            self.journal.commit_now()
            self.hear()
        self.keep()
        self.cabinet.tick()
        self.clock.now += 100
        self.engine.tick()

    def cut(self, slow: bool = False) -> Unit:
        """The process is gone with what it had not written down; a new one takes the run up. `slow`: who pays is not
        back by then.
        """
        lost = (self.far.payout.effect.at,) if slow and self.far.payout else ()
        self.journal._queue.clear()
        self.journal.close()
        self.far.dies()
        again = Unit(self.path, self.case, self.far, self.clock)
        again.cabinet.lost = lost
        found = again.engine.unfinished()
        if found is None or not again.engine.resume(found, again.loaded, again.whose):
            raise AssertionError("not taken up again")
        again.cabinet.lost = ()
        for at in lost:
            again.inbox.post(DeviceBack(at))
        again.keep()
        return again

    def take(self) -> None:
        """The person takes one thing that lies there, or reads what stands there."""
        far, page = self.far, self.engine.page
        if far.bench.place == "exit":
            self.cabinet.hand(MediaTaken("card_reader"))
        elif far.tray and far.payout is None:
            self.cabinet.hand(ItemsTaken("cash_dispenser"))
        elif far.bench.tray and far.payout is None:  # nobody knows of it but the hand
            far.heard(ItemsTaken("cash_dispenser"))
        elif far.bench.laid:
            self.cabinet.hand(MediaTaken("id_reader"))
        elif page and page.key("tokens.ok"):
            self.inbox.post(Tapped("tokens.ok", self.stage.pages[-1].step))

    def home(self) -> None:
        """The person takes what is offered, reads what is told, and walks away."""
        self.engine.strip("end")
        for _ in range(400):
            self.step()
            if self.engine.run is None and self.engine.ready:
                return
            self.take()
            self.clock.now += 900
        raise AssertionError(f"not home: {self.engine.page} {self.far.bench}")

    def judge(self) -> None:
        """What came out was told, or told as unknown; and the machine's promises hold of the pieces as they lie."""
        facts = self._facts()
        unheard = judged(self.far, self.loaded, self.run.now.world, facts)
        told = sum(fact["count"] for fact in facts if fact.get("kind") == "unheard")
        assert money.pieces(unheard) == told, "tokens fell unheard and untold"

    def _facts(self) -> list[dict[str, Any]]:
        self.journal.commit_now()
        with closing(sqlite3.connect(self.path)) as db:
            return [json.loads(data) for (data,) in db.execute("SELECT data FROM facts ORDER BY seq")]


def judged(far: FarEnd, loaded: Any, world: Any, facts: list[dict[str, Any]]) -> money.Items:
    """Hold a run's far end against what was told of the run, and the machine's promises against the pieces as they
    truly lie; returns the tokens that fell unheard.
    """
    out = money.total(far.out) - sum(fact["fen"] for fact in facts if fact.get("what") == "presented")
    unsure = money.total(world.bench.unsure)
    assert 0 <= out <= unsure, f"{out} fen came out untold, {unsure} were told as unknown"
    unheard = money.without(far.fallen, accepted(facts))
    truth = cabinet_model.with_fields(
        far.bench,
        unsure=money.items((1, unsure - out)),
        stock=money.without(far.bench.stock, unheard),
        purse=money.add(far.bench.purse, unheard),
        amiss=False,
    )
    broken = loaded.world.breaches(msgspec.structs.replace(world, bench=truth), True)
    assert not broken, broken
    return unheard


def accepted(facts: list[dict[str, Any]]) -> money.Items:
    """Tokens that were told."""
    told = [fact for fact in facts if fact.get("what") == "accepted" and fact["at"] == "coin_acceptor"]
    return money.items(*((fact["fen"], 1) for fact in told))
