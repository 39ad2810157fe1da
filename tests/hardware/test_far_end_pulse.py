"""Coins and notes told by pulses, while lines, power and our process misbehave; see `far_end`.

A pulse line has no check, no number and no repetition, so what is cut off in the middle of a train is lost or is worth
less; it is never worth more. What no mishap touched is credited as it fell.
"""

from __future__ import annotations

from collections import Counter

import pytest
from gpiozero.pins.mock import MockFactory
from hypothesis import given
from hypothesis import strategies as st

from hardware.drivers import pulse_acceptor
from hardware.drivers.coins_pulse import CoinsPulse
from hardware.drivers.gpio_device import Edge
from hardware.drivers.notes_pulse import NotesPulse
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.coins import Pulse
from hardware.drivers.settings.notes import PulseNotes
from hardware.twins.coin_pulse import CoinTwin, NotePulseTwin
from hardware.twins.gpio_twin import Drive
from kiosk_firmware.core.events import ItemsInserted, ItemsStored
from tests.hardware.cctalk_rig import Killed
from tests.hardware.far_end import Till, examples

MONEY = MoneyChannels(token_unit_fen=50, tokens_fen=(100, 500), notes_fen=(1_000, 10_000))
COINS = Pulse(pin=17, inhibit_pin=27, width_ms=20, deaf_ms=100)
NOTES = PulseNotes(pin=17, inhibit_pin=27, pulses={"2": 1_000, "5": 10_000}, width_ms=30)
HARMLESS = ("spike", "bounce", "close", "open", "wait")
ACT = st.tuples(
    st.sampled_from(["small", "big", "small", "big", *HARMLESS, "die", "killed", "unplug", "replug", "stick", "lone"]),
    st.integers(0, 1500),
)


class PulseSim:
    """A pulse line without pins or a clock: the twin's levels reach the driver, its inhibit output reaches the twin."""

    STEP_MS = 20

    def __init__(self, twin, make):
        self.twin, self._make, self.till = twin, make, None
        self.now_ms, self.events, self.drivers = 0.0, [], []
        self.plugged, self.kill_in_post = True, False
        self.level = 1
        self.boot()

    def boot(self):
        self.factory = MockFactory()
        driver = self._make(self._post, self.factory)
        driver._loop.now_ms = self.now_ms
        driver._open()
        driver.enable(True)
        self.drivers = [driver]

    def die(self):
        self.factory.reset()
        self.drivers = []
        self.twin.heard(27, None, self.now_ms)
        if self.till is not None:
            self.till.died()

    def run(self, ms, until=lambda: False):
        end_ms = self.now_ms + ms
        while self.now_ms < end_ms and not ((self.till is not None and self.till.step()) or until()):
            self.now_ms += self.STEP_MS
            try:
                self._step()
            except Killed:
                self.die()
                self.boot()

    def _step(self):
        for at_ms, act in self.twin.tick(self.now_ms):
            if isinstance(act, Drive) and self.plugged:
                self._edge(act.level, at_ms)
        driver = self.drivers[0]
        driver._loop.now_ms = self.now_ms
        while not driver._loop._queue.empty():
            item = driver._loop._queue.get()
            if not hasattr(item, "now"):  # the line at the beginning, which is at rest
                driver._take(item)
        driver._tick()
        if self.plugged:
            self.twin.heard(27, int(driver._inhibit.pin.state), self.now_ms)

    def _edge(self, level, at_ms):
        self.level = level
        self.drivers[0]._take(Edge(17, level, at_ms))

    def cable(self, plugged):
        """The line floats to its rest while it is out, and nobody is let in."""
        if plugged == self.plugged:
            return
        self.plugged = plugged
        now = self.twin.standing()[0].level if plugged else 1
        if now != self.level:
            self._edge(now, self.now_ms)
        if not plugged:
            self.twin.heard(27, None, self.now_ms)

    def _post(self, event):
        if self.kill_in_post and isinstance(event, (ItemsInserted, ItemsStored)):
            self.kill_in_post = False
            raise Killed
        self.events.append(event)

    def befall(self, kind):
        match kind:
            case "spike" if not self.twin._planned:  # the twin's spike ends at rest, also within a pulse
                self.twin.spike(self.now_ms)
            case "bounce":
                self.twin.bounces = 2 - self.twin.bounces
            case "close" | "open":
                self.drivers[0].enable(kind == "open")
            case "die":
                self.die()
                self.boot()
            case "killed":
                self.kill_in_post = True
            case "unplug" | "replug":
                self.cable(kind == "replug")
            case "stick":
                self.twin.stick(not self.twin._stuck, self.now_ms)
            case "lone":
                self.twin.train(1, self.now_ms)

    def end(self):
        """All is well again, and everything has been told."""
        self.kill_in_post = False
        self.cable(True)
        if self.twin._stuck:
            self.twin.stick(False, self.now_ms)
        self.drivers[0].enable(True)
        self.run(4000)


@pytest.fixture(scope="module", autouse=True)
def clock():
    """The drivers' clock is the simulation's."""
    patch = pytest.MonkeyPatch()
    holder = {}
    patch.setattr(pulse_acceptor, "now_ms", lambda: holder["sim"].now_ms if "sim" in holder else 0.0)
    yield holder
    patch.undo()


@examples(40, 1500)
@given(acts=st.lists(ACT, min_size=1, max_size=12))
def test_tokens_are_credited_as_they_fell_and_never_for_more(clock, tmp_path_factory, acts):
    memory = tmp_path_factory.getbasetemp() / "pulse.json"
    memory.unlink(missing_ok=True)
    clock.clear()
    sim = PulseSim(CoinTwin(COINS, MONEY), lambda post, pins: CoinsPulse(COINS, MONEY, post, pins, memory))
    clock["sim"] = sim
    sim.run(500)
    for kind, ms in acts:
        if kind in ("small", "big"):
            sim.twin.token(100 if kind == "small" else 500, sim.now_ms)
        else:
            sim.befall(kind)
        sim.run(ms)
    sim.end()
    heard = [event for event in sim.events if isinstance(event, ItemsInserted)]
    told = [event.fen for event in heard]
    assert sum(told) <= sum(sim.twin.box), "credited more than fell"
    counters = [event.counter for event in heard]
    assert counters == sorted(set(counters))
    assert len(told) <= sim.drivers[0].counter
    cut = sim.twin.counters["cut"]  # the relay fell while tokens were between slot and first pulse: nobody can know
    if not any(kind in ("unplug", "stick", "lone", "die", "killed") for kind, _ in acts):
        assert not Counter(told) - Counter(sim.twin.box), "credited what never fell"
        assert sim.drivers[0].counter == len(told)
        assert cut or len(told) == sim.twin.counters["accepted"]


@examples(40, 1500)
@given(acts=st.lists(st.tuples(ACT, st.booleans()), min_size=1, max_size=8))
def test_notes_are_credited_as_they_fell_and_never_for_more(clock, tmp_path_factory, acts):
    memory = tmp_path_factory.getbasetemp() / "pulse-notes.json"
    memory.unlink(missing_ok=True)
    clock.clear()
    sim = PulseSim(NotePulseTwin(NOTES, MONEY), lambda post, pins: NotesPulse(NOTES, MONEY, post, pins, memory))
    clock["sim"] = sim
    till = Till(sim)
    sim.run(500)
    for (kind, ms), store in acts:
        if kind in ("small", "big"):
            sim.twin.put_in(1_000 if kind == "small" else 10_000, now_ms=sim.now_ms)
            sim.run(1200, till.must_decide)
        else:
            sim.befall(kind)
        till.decide(store)
        sim.run(ms)
    sim.end()
    for _ in range(20):
        sim.run(2000, till.must_decide)
        till.decide(store=True)
    sim.run(2000)
    till.last_word()
    by_hand = till.returned
    credited = till.credit + till.reported + by_hand
    assert credited <= sum(sim.twin.box), "credited more than fell"
    if all(kind in ("small", "big", "spike", "bounce", "die", "close", "open", "wait") for (kind, _), _ in acts):
        assert not till.escrow
    if all(kind in ("small", "big", *HARMLESS) for (kind, _), _ in acts):
        assert credited == sum(sim.twin.box)
