"""A machine that is driven on a cabinet of real drivers, by a person who does what the coach says, at the twins.

Rules, cabinet, drivers and wires are the unit's own; only glass, journal and clock are left out. The world goes on
listening, so its promises are judged on what the devices truly told.
"""

from __future__ import annotations

import time

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.effects import AskHost, ReadPin
from kiosk_firmware.core.events import (
    AnyEvent,
    HostAnswered,
    ItemsInserted,
    ItemsStored,
    ItemsTaken,
    MediaInserted,
    MediaTaken,
    PinEntered,
    PinKeyPressed,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.core.play import Situation
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.search import Search, Ways
from tests.hardware.pin_rig import DEADLINE_S, PIN, CabinetRig

GLASS = (Tapped, Typed, TimerExpired)


class Driven:
    """One lesson on one cabinet."""

    def __init__(self, rig: CabinetRig, machine: str, skin: str, lesson_id: str, insert: dict[str, object]) -> None:
        """`insert`: how a card is held to this cabinet's reader: act and arguments, `card` is filled in."""
        self.rig, self.insert = rig, insert
        lesson = next(one for one in machine_loader.lessons(machine) if one.id == lesson_id)
        self.lesson = lesson
        self.play, self.now = open_lesson(machine, skin, lesson)
        self.ways = Ways(self.play, lesson)
        self.heard = len(rig.events)
        rig.cabinet.begin(lambda document: [document.title.key], None, True)
        rig.cabinet.host(lambda ask: self.play.world.answer(self.now.world, ask, False))
        self.take(rig.cabinet.found())

    def take(self, event: AnyEvent) -> None:
        """One event, and what follows from it."""
        done = self.play.step(self.now, event)
        self.now = done.after
        assert not self.play.world.breaches(self.now.world, self.play.at_home(self.now)), event
        if isinstance(event, ItemsStored):
            self.rig.cabinet.committed()
        self.rig.cabinet.expect(self.play.page(self.now).at)
        for effect in done.effects:
            self.rig.cabinet.perform(effect)

    def drain(self) -> bool:
        """Everything that the cabinet told since."""
        told = self.rig.events[self.heard :]
        self.heard += len(told)
        for event in told:
            self.take(event)
        return bool(told)

    def waits(self) -> bool:
        """Nothing is under way but what a person must do."""
        return all(
            isinstance(e, ReadPin)
            or (isinstance(e, AskHost) and self.play.world.answer(self.now.world, e, False) is None)
            for e, _ in self.now.open
        )

    def run(self) -> Situation:
        """Until the goal is reached and the machine is home."""
        end = time.monotonic() + 4 * DEADLINE_S
        while True:
            self.rig.until(lambda: self.drain() or self.waits())
            if not self.waits():
                continue
            search = Search(self.ways, self.now, budget=6000)
            while not search.work(1000):
                pass
            if search.hint.kind == "reached":
                return self.now
            assert search.first_act is not None, (search.hint, self.play.page(self.now).step)
            assert time.monotonic() < end, self.play.page(self.now).step
            self.act(search.first_act)

    def act(self, act: AnyEvent) -> None:
        """Do it, at the glass or at the twins, and wait until it was heard."""
        if isinstance(act, GLASS):
            self.take(act)
            return
        before, kind = self.heard, PinEntered if isinstance(act, PinEntered) else type(act)
        self._at_the_twins(act)
        self.rig.until(lambda: any(isinstance(event, kind) for event in self.rig.events[before:]))

    def _at_the_twins(self, act: AnyEvent) -> None:
        must, words = self.rig.must, self.rig.twins.words()
        match act:
            case MediaInserted(at="id_reader", media=media):
                must("lay_card", at="id_reader", number=media.number)
            case MediaInserted():
                must(**self.insert)
            case MediaTaken(at="id_reader"):
                must("lift_card", at="id_reader")
            case MediaTaken() if "take_card" in words:
                must("take_card")
            case ItemsInserted(at="note_acceptor", fen=fen):
                must("note", at="note_acceptor", fen=fen)
            case ItemsInserted(fen=fen):
                must("token", at="coin_acceptor", fen=fen)
            case ItemsTaken(at="cash_dispenser"):
                must("take_cash")
            case PinEntered():
                for key in (*PIN, "enter"):
                    must("pin_key", key=key)
            case HostAnswered() | PinKeyPressed() | MediaTaken() | ItemsTaken():
                pass
            case _:
                raise AssertionError(act)
