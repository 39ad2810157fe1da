"""How long the unit waits: touches begin it anew, absence shortens it and ends nothing at once; what is told of it."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.unit.lobby.phases.lobby import Attract, Home
from kiosk_firmware.unit.shell.contact_events import on_contact
from kiosk_firmware.unit.shell.idle_timeouts import GONE_MS, IdleTimeouts

SECONDS = 180


class Clock:
    now = 5_000

    def __call__(self):
        return self.now


@given(st.lists(st.tuples(st.sampled_from(["touched", "gone", ""]), st.integers(0, 100_000)), max_size=20))
def test_it_is_over_when_nobody_did_anything_and_sooner_when_nobody_was_there(story):
    clock = Clock()
    patience = IdleTimeouts(clock)
    touched, gone = clock.now, None
    for what, ms in story:
        clock.now += ms
        if what:
            getattr(patience, what)()
            touched, gone = (clock.now, None) if what == "touched" else (touched, clock.now)
        wanted = clock.now - touched > SECONDS * 1000 or (gone is not None and clock.now - gone > GONE_MS)
        assert patience.over(SECONDS) is wanted
        if wanted:
            touched, gone = clock.now, None


class Told:
    """What `on_contact` needs of a unit, written down."""

    def __init__(self, phase, run=None):
        self.facts, self.said, self.language = [], [], "zh"
        self.clock = Clock()
        self.patience = IdleTimeouts(self.clock)
        self.engine = SimpleNamespace(run=run, tell=self.facts.append)
        self.voice = SimpleNamespace(page=lambda text, language: self.said.append(text))
        self.lobby = SimpleNamespace(phase=phase)
        self.desk = SimpleNamespace(contacts={})
        self.talk = SimpleNamespace(page=lambda: "welcome")


def test_door_and_tamper_are_told_and_people_are_not():
    unit = Told(Attract())
    for name in ("door", "tamper", "presence"):
        for on in (True, False):
            on_contact(unit, name, on)
    assert [fact.data for fact in unit.facts] == [
        {"contact": name, "on": on} for name in ("door", "tamper") for on in (True, False)
    ]


def test_whoever_comes_is_greeted_on_the_first_page_only():
    for phase, run, said in ((Attract(), None, ["welcome"]), (Home(), None, []), (Attract(), object(), [])):
        unit = Told(phase, run)
        on_contact(unit, "presence", True)
        assert unit.said == said
