"""The bank's counter by its dated figures, and what a visit there does to purse and papers."""

from __future__ import annotations

import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core import money
from kiosk_firmware.core.events import AnyEvent, CabinetFound, HostAnswered, PinEntered, PinKeyPressed, Tapped
from kiosk_firmware.core.hosts.counter import FileAsked
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.search import Search, Ways

BANK = "bank-counter"
heaps = st.dictionaries(st.sampled_from((10_000, 5_000, 1_000, 500, 100)), st.integers(0, 3)).map(
    lambda counts: money.items(*counts.items())
)


@pytest.mark.parametrize(("day", "years", "police"), [("2024-11-30", 5, 5), ("2024-12-01", 3, 2), ("2026-11-24", 3, 2)])
def test_a_restriction_lasts_as_long_as_the_rules_of_the_day_say(day: str, years: int, police: int) -> None:
    rules = machine_loader.load(BANK, date=datetime.date.fromisoformat(day)).machine.terms.rules
    assert (rules.ban_years, rules.police_years, rules.ban_most_years) == (years, police, 5)


def test_figures_are_the_reference_s() -> None:
    rules = machine_loader.load(BANK).machine.terms.rules
    assert (rules.verbal_days, rules.same_days, rules.kept_days, rules.calls_most) == (5, 7, 7, 3)
    assert (rules.two_day_fen, rules.two_year_fen, rules.three_balance_fen) == (1_000_000, 20_000_000, 200_000)


def led(lesson_id: str) -> tuple[Play, Situation, list[AnyEvent]]:
    """A lesson done as the coach says: the play, where it ends, and everything that was heard."""
    lesson = next(one for one in machine_loader.lessons(BANK) if one.id == lesson_id)
    play, now = open_lesson(BANK, lesson.setting.skin or "laojie", lesson)
    ways, heard = Ways(play, lesson), []
    for _ in range(60):
        search = Search(ways, now)
        while not search.work(1000):
            pass
        if search.first_act is None:
            return play, now, heard
        heard.append(search.first_act)
        now = ways.settled(play.act(now, search.first_act))
    raise AssertionError("the coach leads nowhere")


@pytest.mark.parametrize("skin", machine_loader.skins(BANK))
def test_where_there_is_no_reader_the_id_card_is_handed_over(skin: str) -> None:
    play, now = open_lesson(BANK, skin, next(one for one in machine_loader.lessons(BANK) if one.id == "kept"))
    now = play.step(now, CabinetFound(lost=("id_reader",))).after
    for key in ("queue.personal", "wait.look", "wait.look", "call.go", "ident.hand", "menu.kept", "ident.hand"):
        page = play.page(now)
        if (pressed := page.key(key)) is not None:
            now = play.settle(play.act(now, Tapped(key, page.step, pressed.value)))
    assert play.page(now).step == "paper-retain_slip"


def test_a_fee_leaves_the_purse_once_and_the_papers_come_home() -> None:
    play, now, _ = led("loss-same")
    persona = play.world.persona(now.world)
    assert money.total(persona.purse) == 7_000 - 1_000
    assert [paper.id for paper in persona.papers] == ["bank_card"], "the slip stays at the bank, the card does not"


def test_what_an_appeal_kept_comes_back_with_its_answer() -> None:
    play, now, _ = led("appeal")
    persona = play.world.persona(now.world)
    assert {paper.id for paper in persona.papers} == {"release", "decision"}
    assert persona.records == ("appeal_answered", "telecom_fraud")


def test_no_digit_of_a_pin_is_in_what_is_known_afterwards() -> None:
    _, now, heard = led("open")
    pins = [event for event in heard if isinstance(event, PinEntered | PinKeyPressed)]
    assert pins
    assert not any(hasattr(event, "digits") or hasattr(event, "text") for event in pins)
    assert "pin" not in {name for name, _ in now.state.fields}


@given(purse=heaps, fee=st.integers(0, 40))
def test_the_purse_pays_exactly_or_with_change_or_not_at_all(purse: money.Items, fee: int) -> None:
    """Whatever is in the purse: the office gets the fee and nothing else, or the world says that there was too
    little.
    """
    loaded = machine_loader.load(BANK, "laojie")
    fen = fee * 100
    persona = msgspec.structs.replace(loaded.personas["bank_open"], purse=purse)
    world = loaded.world.start(machine_loader.start_event(persona, "2026-11-24T14:05:00+08:00"))
    asked = FileAsked("kept", 1, day=20_781, ready=20_781, fee_fen=fen, gives=("bank_card",), number="1")
    answer = HostAnswered("network_host", "office", "ok", asked)
    after = loaded.world.heard(world, answer)
    if money.total(purse) >= fen:
        assert money.total(after.bench.purse) == money.total(purse) - fen
    else:
        assert after.bench.purse == purse
        assert "were taken" in after.wrong
    assert loaded.world.heard(after, answer).bench == after.bench, "an answer heard twice takes nothing twice"


def test_who_comes_again_another_time_finds_what_was_said() -> None:
    """The card with the same number waits, though the visit on which it was asked for has ended."""
    lesson = next(one for one in machine_loader.lessons(BANK) if one.id == "loss-same")
    play, now = open_lesson(BANK, "laojie", lesson)
    ways = Ways(play, lesson)
    while play.page(now).step != "coming":
        search = Search(ways, now)
        while not search.work(1000):
            pass
        assert search.first_act is not None
        now = ways.settled(play.act(now, search.first_act))
    for key in ("desk.leave", "home", "queue.personal", "wait.look", "wait.look", "call.go", "menu.loss"):
        while key == "home" and play.page(now).step != "home":
            lifted = [event for event in play.acts(now, {}) if getattr(event, "at", "") == "id_reader"]
            expiry = play.expiry(now)
            assert lifted or expiry
            now = play.settle(play.act(now, lifted[0]) if lifted else play.step(now, expiry).after)
        page = play.page(now)
        if (found := page.key(key)) is not None:
            now = play.settle(play.act(now, Tapped(key, page.step, found.value)))
    assert play.page(now).step == "coming"
