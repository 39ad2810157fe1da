"""The coach: following it from anywhere reaches the goal; what it calls lost is lost; it never holds up a frame."""

from __future__ import annotations

import random

import pytest

from kiosk_firmware.core.cabinet_model import CabinetModel
from kiosk_firmware.core.cabinet_model import acts as bench_acts
from kiosk_firmware.core.effects import OpenGate, ReadPin
from kiosk_firmware.core.events import (
    BarcodeRead,
    CabinetFound,
    GatePassed,
    ItemsInserted,
    ItemsTaken,
    Media,
    MediaInserted,
    MediaTaken,
    PinEntered,
    Started,
    Tapped,
    Typed,
)
from kiosk_firmware.core.pages import Body, Page, Text
from kiosk_firmware.core.play import Play
from kiosk_firmware.unit.coach.hints import RunCoach, hint_sentence
from kiosk_firmware.unit.coach.progress import TOLD
from kiosk_firmware.unit.coach.search import Hint, Search, Ways, hint_of, one_piece
from kiosk_firmware.unit.lobby.texts import lobby_texts
from screens.parts.strip import label
from tests.unit.runtime import tiny


def play_of(lesson):
    return Play(tiny.Tiny(), tiny.TinyWorld(), lesson.facts())


def start(play):
    return play.settle(play.begin(Started(0, tiny.PERSONA)))


def search(play, lesson, now, **fields):
    found = Search(Ways(play, lesson), now, **fields)
    while not found.work(1000):
        pass
    return found


def act_of(hint, play, now):
    """What a person does who follows the hint."""
    page = play.machine.view(now.state)
    match hint.kind:
        case "press":
            return Tapped(hint.key, page.step, page.key(hint.key).value)
        case "type":
            return Typed(hint.key, hint.value, page.step)
        case "pin":
            return PinEntered("pin_pad", "pin", "right")
        case "insert" if hint.fen:
            return ItemsInserted(hint.slot, hint.fen)
        case "insert":
            return MediaInserted(hint.slot, Media(tiny.NUMBER))
        case "take":
            return (MediaTaken if hint.slot == "card_reader" else ItemsTaken)(hint.slot)
        case _:
            return play.expiry(now)


def follow(play, lesson, now):
    for _ in range(40):
        hint = search(play, lesson, now).hint
        if hint.kind in ("reached", "lost"):
            return hint.kind
        now = play.settle(play.step(now, act_of(hint, play, now)).after)
    raise AssertionError("the coach goes round in circles")


LESSONS = [tiny.TAKE_ONE, tiny.TAKE_TWO_TYPED, tiny.STORE]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_following_the_coach_reaches_the_goal(lesson):
    play = play_of(lesson)
    assert follow(play, lesson, start(play)) == "reached"


@pytest.mark.parametrize("seed", range(30))
def test_from_anywhere_the_coach_reaches_the_goal_or_says_lost(seed):
    chance, lesson = random.Random(seed), LESSONS[seed % 3]
    play = play_of(lesson)
    now = start(play)
    for _ in range(chance.randrange(12)):
        acts = [*play.acts(now, lesson.values), *filter(None, [play.expiry(now)])]
        if acts:
            now = play.settle(play.step(now, chance.choice(acts)).after)
    kept = bool(now.world.kept)
    spoilt = lesson.spoilt(play.facts(now))
    note_needed = lesson is tiny.STORE and not dict(now.marks).get("stored_fen") and not now.world.purse
    hopeless = (kept and not lesson.reached(play.facts(now))) or spoilt or note_needed
    assert follow(play, lesson, now) == ("lost" if hopeless else "reached")


def test_an_unsettled_machine_is_waited_for():
    play = play_of(tiny.TAKE_ONE)
    now = start(play)
    now = play.step(now, MediaInserted("card_reader", Media(tiny.NUMBER))).after
    now = play.step(now, PinEntered("pin_pad", "pin", "right")).after
    assert Search(Ways(play, tiny.TAKE_ONE), now).hint.kind == "wait"


def test_the_budget_ends_in_silence_not_in_a_guess():
    play = play_of(tiny.IMPOSSIBLE)
    found = search(play, tiny.IMPOSSIBLE, start(play), budget=5)
    assert found.hint.kind == "unsure"
    assert found.nodes == 5


def test_a_space_without_the_goal_is_lost():
    play = play_of(tiny.IMPOSSIBLE)
    found = search(play, tiny.IMPOSSIBLE, start(play))
    assert found.hint.kind == "lost"


def test_a_slice_ends_when_its_time_is_up():
    play = play_of(tiny.IMPOSSIBLE)
    found = Search(Ways(play, tiny.IMPOSSIBLE), start(play))
    clock = iter(n / 1000 for n in range(10_000))
    assert not found.work(2, lambda: next(clock))
    assert found.nodes <= 2


def test_ties_go_to_the_primary_key():
    """Both one note and two reach "some cash": the page's own first key is shown, though it stands second."""
    lesson = tiny.Lesson("some", 1, goal=(tiny.GoalCondition("out_fen", min=tiny.NOTE),))
    play = play_of(lesson)
    now = start(play)
    for event in (MediaInserted("card_reader", Media(tiny.NUMBER)), PinEntered("pin_pad", "pin", "right")):
        now = play.settle(play.step(now, event).after)
    assert search(play, lesson, now).hint.key == "choose.one"


@pytest.mark.parametrize(("due", "offered"), [(0, 100), (250, 200), (99, 100), (500, 500), (9999, 500)])
def test_money_is_one_piece(due, offered):
    acts = [ItemsInserted("coin_acceptor", fen) for fen in (500, 100, 200)] + [MediaTaken("card_reader")]
    assert one_piece(acts, due) == [MediaTaken("card_reader"), ItemsInserted("coin_acceptor", offered)]


CARD = Media("1")
POCKET = CabinetModel(hand=(CARD,), ids=(Media("2"),), purse=((100, 2), (tiny.NOTE, 1)))
FULL = CabinetModel(reader=CARD, place="exit", laid=Media("2"), offered=Media("3"), tray=((tiny.NOTE, 1),))
OPEN = ((ReadPin("pin_pad", "pin", "1"), False), (OpenGate("gate", "open"), False))
SLOTS = ("card_reader", "id_reader", "note_acceptor", "coin_acceptor", "barcode_scanner", "gate")
PAGE = Page("Menu", "choose", Text("t"), None, Body(field_key="f"), (tiny.key("choose.one"),), at=SLOTS)
"""A page that waits on everything."""
SAID = (BarcodeRead("barcode_scanner", "kiosk-practice:1"), ItemsTaken("coin_dispenser"))
"""What worlds of their own offer beside the bench's acts."""


def everything():
    acts = [act for bench in (POCKET, FULL) for act in bench_acts(bench, PAGE, OPEN, {"f": ("1",)})]
    assert {type(act) for act in acts} == {
        Tapped,
        Typed,
        MediaInserted,
        MediaTaken,
        ItemsInserted,
        ItemsTaken,
        PinEntered,
        GatePassed,
    }
    return [*acts, *SAID]


@pytest.mark.parametrize("act", everything(), ids=str)
def test_every_act_that_a_bench_offers_has_its_hint_with_a_text_in_both_languages(act):
    hint = hint_of(act, PAGE, CabinetFound())
    assert hint.helps
    assert hint.points == (hint.kind != "pay")
    assert {hint.sentence.key} <= lobby_texts().keys("zh") & lobby_texts().keys("en")
    assert "{" not in hint_sentence(hint, lambda text: lobby_texts().write(text, "zh"), lambda text: "X")
    assert "{" not in hint_sentence(hint, lambda text: lobby_texts().write(text, "en"), lambda text: "X")


def test_what_is_laid_on_a_reader_is_not_put_into_it():
    gate = Page("Gate", "pass", Text("t"), at=("card_reader",))
    assert hint_of(MediaInserted("id_reader", CARD), PAGE, CabinetFound()).kind == "tap"
    assert hint_of(MediaInserted("card_reader", CARD), gate, CabinetFound()).kind == "tap"
    assert hint_of(MediaInserted("card_reader", CARD), PAGE, CabinetFound()).kind == "insert"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whoever_is_lost_and_whoever_is_not_known_to_be_hears_how_to_leave_well(language):
    end = label("end", None, language)
    assert end in lobby_texts().write(Hint("lost").sentence, language)
    assert end in lobby_texts().write(Hint("unsure").sentence, language)
    assert lobby_texts().write(Hint("lost").sentence, language) != lobby_texts().write(
        Hint("unsure").sentence, language
    )


def test_a_spent_budget_is_told_on_the_strip_and_never_as_lost():
    play = play_of(tiny.IMPOSSIBLE)
    helper = RunCoach(play, tiny.IMPOSSIBLE, proctored=False)
    helper.want(TOLD, start(play))
    helper._search._budget = 5
    while not helper.work(1000):
        pass
    assert not helper.lost
    strip = helper.strip(lobby_texts(), "zh", leaving=False)
    assert strip.sentence == lobby_texts().write(Text("coach.unsure"), "zh")
    assert (strip.halo_key, strip.halo_slot) == ("", "")


@pytest.mark.parametrize("lesson", [*LESSONS, tiny.IMPOSSIBLE], ids=lambda lesson: lesson.id)
def test_an_act_at_a_time_is_the_same_search(lesson):
    """However the work is cut into slices, the hint is the same."""
    play = play_of(lesson)
    whole, fine = search(play, lesson, start(play)), Search(Ways(play, lesson), start(play))
    slices = 0
    while not fine.work(0):
        slices += 1
    assert (fine.hint, fine.nodes) == (whole.hint, whole.nodes)
    assert slices > fine.nodes or fine.nodes == 0
