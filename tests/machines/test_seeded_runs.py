"""Seeded runs over the real data: somebody follows the coach, does one thing in ten at random, and faults are armed.

Purely random people sell nothing and never find a bug; these two in one reach every errand of every machine. After each
step all promises hold; in the end the machine comes home by itself and what was booked is what physically moved.
"""

from __future__ import annotations

import random

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import DeviceBack, DeviceLost, Struck
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.tools.play import opening_event
from kiosk_firmware.unit.coach.search import Search, Ways

pytestmark = pytest.mark.proof

STEPS = 30


def step_on(ways: Ways, now: Situation, dice: random.Random) -> Situation:
    """One act: mostly the coach's, else anything that can be done, time-outs and lost devices included."""
    play = ways.play
    search = Search(ways, now, budget=400)
    while not search.work(1000):
        pass
    act = search.first_act
    expiry = play.expiry(now)
    values = {**ways.lesson.values, "amount.field": ("50", "100", "9900")}
    anything = [*play.acts(now, values), *([expiry] if expiry else [])]
    if dice.random() < 0.03:
        at = dice.choice(("receipt_printer", "note_acceptor", "network_host"))
        return play.step(now, dice.choice((DeviceLost(at), DeviceBack(at)))).after
    if act is None or dice.random() < 0.1:
        act = dice.choice(anything) if anything else None
    return now if act is None else play.act(now, act)


@pytest.mark.parametrize("seed", range(24))
def test_seeded_run(seed: int, long: bool) -> None:
    """Nothing raises, nothing is lost, the machine comes home."""
    dice = random.Random(seed)
    for _ in range(20 if long else 2):
        line = dice.choice(machine_loader.describe())
        skin, lesson = dice.choice(machine_loader.skins(line.id)), dice.choice(machine_loader.lessons(line.id))
        loaded = machine_loader.load(line.id, skin)
        play = Play(loaded.machine, loaded.world, lesson.facts())
        started = opening_event(lesson.setting, dice.choice(machine_loader.LANGUAGES))
        ways = Ways(play, lesson)
        now = play.begin(machine_loader.with_fault(started, dice.choice((None, *machine_loader.faults(line.id)))))
        for _ in range(STEPS):
            now = play.settle(step_on(ways, now, dice))
            assert not play.world.breaches(now.world, play.at_home(now))
            if now.armed == "power_cut" and dice.random() < 0.1:
                now = _cut(play, now)
        assert not play.world.breaches(come_home(play, now).world, True)


def _cut(play: Play, now: Situation) -> Situation:
    for event in (Struck("power_cut"), play.world.found(now.world)):
        now = play.step(now, event).after
    return now


def come_home(play: Play, now: Situation) -> Situation:
    """By answers and time-outs alone."""
    for _ in range(40):
        now = play.settle(now)
        if play.at_home(now):
            return now
        expiry = play.expiry(now)
        assert expiry is not None, f"nothing leads on from {play.machine.view(now.state).step}"
        now = play.step(now, expiry).after
    raise AssertionError(f"not home after 40 time-outs, but at {play.machine.view(now.state).step}")
