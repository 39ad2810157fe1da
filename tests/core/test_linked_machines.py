"""A place: parts open one another for a request, in one step, and what was in the pocket comes back with the result.

Two tiny machines: a shop that asks a till for money, and the till, which may in its turn ask a bank that is not there.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.core.effects import AnyEffect, Effects, OpenPart
from kiosk_firmware.core.events import AnyEvent, CabinetFound, Fault, Returned, Started, Tapped, TimerExpired
from kiosk_firmware.core.linked_machine_requests import LinkedMachineRequest, LinkedMachineResult
from kiosk_firmware.core.linked_machines import UNAVAILABLE, Pair, join_machines, returns, words_of
from kiosk_firmware.core.machine import Machine, Open, Values, World
from kiosk_firmware.core.pages import Key, Page, Timer, text
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.core.texts import TextForms, Words
from kiosk_firmware.core.walk import Walker

KEYS = ("buy", "pay", "no", "bank", "speak")


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """`at`: home, waits, told; `heard`: what came back."""

    at: str = "home"
    request: LinkedMachineRequest | None = None
    heard: LinkedMachineResult | None = None
    language: str = "zh"


class Part(Machine[State]):
    """Both: opened for a request it is a till, else a shop."""

    FACTS: ClassVar = {"paid_fen": 0, "unpaid": False}

    def __init__(self, name: str) -> None:
        self.id = name

    def start(self, started: Started) -> State:
        return State("till" if started.request else "home", started.request, language=started.language)

    def update(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        change = msgspec.structs.replace
        match event:
            case Tapped(key="buy") if state.at == "home":
                return change(state, at="waits"), (
                    OpenPart("network_host", "pay", "till", LinkedMachineRequest("pay", 3650)),
                )
            case Tapped(key="bank") if state.at == "till":
                return change(state, at="waits"), (
                    OpenPart("network_host", "bank", "bank", LinkedMachineRequest("pay", 1)),
                )
            case Tapped(key="pay") if state.at == "till" and state.request:
                return change(state, at="closed", heard=LinkedMachineResult("done", state.request.fen)), ()
            case Tapped(key="no") | TimerExpired() if state.at == "till":
                return change(state, at="closed", heard=LinkedMachineResult("refused")), ()
            case Tapped(key="speak"):
                return change(state, language="en"), ()
            case Returned(result=result) if state.at == "waits":
                return change(state, at="till" if state.request else "told", heard=result), ()
            case TimerExpired() if state.at == "told":
                return change(state, at="home", heard=None), ()
            case _:
                return state, ()

    def view(self, state: State) -> Page:
        step = "home" if state.at in ("home", "till") else state.at
        timer = Timer("t", 1) if state.at in ("till", "told") else None
        return Page("Menu", step, text(state.at), keys=tuple(Key(k, "choice", text(k)) for k in KEYS), timer=timer)

    def facts(self, state: State, world: Any) -> dict[str, int]:
        return {}

    def marks(self, before: State, event: AnyEvent, after: State) -> dict[str, Any]:
        if isinstance(event, Returned):
            return {"paid_fen": event.result.fen, "unpaid": event.result.verdict != "done"}
        return {}

    def result(self, state: State) -> LinkedMachineResult | None:
        return state.heard if state.at == "closed" else None


class Pocket(World[Persona]):
    """Nothing but a pocket: a till takes a coin out of it."""

    def __init__(self, rests: bool = True) -> None:
        self.rests = rests

    def start(self, started: Started) -> Persona:
        return started.persona

    def heard(self, world: Persona, event: AnyEvent) -> Persona:
        if isinstance(event, Returned) and event.persona:
            return event.persona
        spent = isinstance(event, Tapped) and event.key == "pay" and not world.wallet.endswith(".")
        return msgspec.structs.replace(world, wallet=f"{world.wallet}.") if spent else world

    def answer(self, world: Persona, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        return None

    def acts(self, world: Persona, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        return (*(Tapped(key.name, page.step) for key in page.keys), *returns(open_))

    def faults(self, world: Persona, armed: Fault, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
        return ()

    def found(self, world: Persona) -> CabinetFound:
        return CabinetFound()

    def at_rest(self, world: Persona) -> bool:
        return self.rests

    def breaches(self, world: Persona, at_rest: bool) -> tuple[str, ...]:
        return ()

    def persona(self, world: Persona) -> Persona:
        return world


def pair(rests: bool = True) -> Pair:
    return Part("part"), Pocket(rests)


def place(rests: bool = True) -> Play:
    made = join_machines(pair(rests), lambda name: pair() if name == "till" else None)
    return Play(*made, frozenset(Part.FACTS))


def played(play: Play, *keys: str) -> Situation:
    now = play.begin(Started(0, Persona(wallet="w")))
    for key in keys:
        expiry = play.expiry(now)
        event = Tapped(key, play.page(now).step) if key != "wait" else expiry
        assert event is not None
        now = play.step(now, event).after
    return now


def test_a_part_opens_in_the_step_that_asked_for_it_under_its_own_name() -> None:
    play = place()
    now = played(play, "buy")
    page = play.page(now)
    assert (page.step, page.title.key) == ("till-home", "till/till")
    assert not play.at_home(now), "another part's first page is not the place's"
    assert now.open == ()


@pytest.mark.parametrize(("key", "fen", "pocket"), [("pay", 3650, "w."), ("no", 0, "w"), ("wait", 0, "w")])
def test_what_it_gives_back_comes_with_the_pocket(key: str, fen: int, pocket: str) -> None:
    play = place()
    now = played(play, "buy", key)
    assert play.page(now).step == "told"
    assert play.facts(now) == {"paid_fen": fen, "unpaid": not fen}
    assert play.world.persona(now.world).wallet == pocket
    assert play.at_home(played(play, "buy", key, "wait"))


def test_a_part_that_is_not_there_is_unavailable_and_nothing_stands_still() -> None:
    play = place()
    now = played(play, "buy", "bank")
    assert play.page(now).step == "till-home"
    assert now.state.state.heard == UNAVAILABLE


def test_no_part_opens_over_what_lies_in_the_cabinet() -> None:
    now = played(place(rests=False), "buy")
    assert now.state.name == ""
    assert now.state.state.heard == UNAVAILABLE


def test_the_language_goes_along_both_ways() -> None:
    play = place()
    assert played(play, "speak", "buy").state.state.language == "en"
    assert played(play, "buy", "speak", "pay").state.state.language == "en"


@given(st.lists(st.sampled_from((*KEYS, "wait")), max_size=12))
def test_a_replay_of_the_same_acts_stands_where_it_stood(keys: list[str]) -> None:
    """So a cut in the middle of an opened part is taken up there, with no row of its own in the journal."""
    play = place()
    acts = [key for n, key in enumerate(keys) if key != "wait" or play.expiry(played(play, *_calm(play, keys[:n])))]
    assert played(place(), *_calm(play, acts)) == played(play, *_calm(play, acts))


def _calm(play: Play, keys: list[str]) -> list[str]:
    """Without waiting where no page waits."""
    kept: list[str] = []
    for key in keys:
        if key != "wait" or play.expiry(played(play, *kept)):
            kept.append(key)
    return kept


@pytest.mark.parametrize("play", [Play(*pair()), place()], ids=["alone", "in its place"])
def test_alone_a_machine_s_world_says_how_it_closes_and_together_all_is_walked(play: Play) -> None:
    outcome = Walker(play, {}).walk(Started(0, Persona()))
    assert not outcome.cut
    assert outcome.situations > 4
    assert not [found for found in outcome.findings if "dead end at step waits" not in found.what]


def test_words_of_a_part_stand_beside_those_of_the_machine_that_opens_it() -> None:
    words = Words([("zh", {"step.pin": TextForms("密码"), "pay": TextForms("付", "付钱")})])
    made = Words(words_of("till", words, ("zh",)))
    assert made.write(text("till/pay"), "zh") == "付"
    assert made.speak(text("till/pay"), "zh") == "付钱"
    assert made.write(text("step.till-pin"), "zh") == "密码"
