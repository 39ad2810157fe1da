"""Help comes least to most, one level a wait; it fades from run to run; a step that was shown is handed back."""

from __future__ import annotations

import gc

import pytest

from kiosk_firmware.core.effects import Dispense
from kiosk_firmware.core.events import DoubleTapped, ItemsRefused, MediaInserted
from kiosk_firmware.core.events import Media as Card
from kiosk_firmware.settings.session_limits import SessionLimits
from kiosk_firmware.unit.coach import progress
from kiosk_firmware.unit.coach.progress import POINTED, SHOWN, SPOKEN, TOLD, UNAIDED
from kiosk_firmware.unit.lobby.texts import lobby_texts
from kiosk_firmware.unit.runtime.prompting import SHOW_MS
from tests.unit.runtime import tiny
from tests.unit.runtime.rig import Rig

WAIT = SessionLimits().help_seconds * 1000
INSERT = "请把**银行卡**插进**卡口**。"
TASK, TELLS, SHOWS, YOURS = "取一张", "请按**“一张”**。", "看好，我来按**“一张”**。", "我按了**“一张”**。下面请您来。"


@pytest.fixture
def rig(tmp_path, request):
    said = []
    found = Rig(
        tmp_path / "screen.db", say=lambda sentence, language: said.append((sentence, language)), coach=lobby_texts()
    )
    found.said = said
    yield found
    found.journal.close()


def to_choose(rig, lesson=tiny.TAKE_ONE, **fields):
    rig.begin(lesson, **fields)
    rig.card_in()
    rig.pin()
    assert rig.step == "choose"


def level(rig):
    return rig.engine.run.prompted


def home(rig):
    """Do the rest alone."""
    if rig.step == "choose":
        rig.press("choose.one")
    rig.take_cash()
    rig.take_card()
    return rig.results[-1].record


def chosen(record):
    return next(step for step in record.steps if step.step == "choose")


def test_each_wait_brings_one_level_more_and_the_last_is_handed_back(rig):
    to_choose(rig)
    seen = []
    for _ in range(4):
        rig.wait(WAIT)
        seen.append((level(rig), rig.strip.sentence, rig.strip.halo_key, len(rig.said)))
        rig.wait(300)
    assert seen == [
        (POINTED, TASK, "choose.one", 0),
        (TOLD, TELLS, "choose.one", 0),
        (SPOKEN, TELLS, "choose.one", 1),
        (SHOWN, SHOWS, "choose.one", 2),
    ]
    assert not rig.strip.can_show
    assert rig.step == "choose"
    rig.wait(SHOW_MS)
    assert rig.step == "cash"
    assert rig.strip.sentence == YOURS
    assert rig.strip.halo_key == ""
    assert [language for _, language in rig.said] == ["zh"] * 3
    assert rig.said[-1][0] == "我按了“一张”。下面请您来。"
    record = home(rig)
    assert chosen(record).prompt == SHOWN
    assert chosen(record).kinds == {"hesitation": 1}
    assert not record.unaided


def test_the_machine_never_plays_on_before_somebody_who_is_gone(rig):
    to_choose(rig, lesson=tiny.STORE)
    rig.note_in()
    rig.wait(4 * WAIT + SHOW_MS + 500)
    assert rig.step == "choose"  # the note was kept for the learner
    rig.wait(20 * WAIT)
    assert rig.step == "choose"
    assert level(rig) == SPOKEN
    rig.engine.strip("show")  # asked for, it goes on
    rig.wait(SHOW_MS + 500)
    assert rig.step == "card"


def test_what_is_done_at_a_slot_is_said_and_pointed_at_but_not_shown(rig):
    rig.begin()
    rig.engine.strip("show")
    rig.wait(SHOW_MS + 1000)
    assert rig.step == "home"
    assert rig.strip.halo_slot == "card_reader"
    assert level(rig) == SPOKEN
    assert rig.said[0][0] == INSERT.replace("*", "")


def test_help_comes_on_the_very_first_page_and_the_lamp_comes_first(rig):
    rig.begin()
    rig.wait(WAIT + 300)
    assert (level(rig), rig.strip.halo_slot, rig.strip.sentence) == (POINTED, "card_reader", TASK)
    rig.wait(WAIT + 300)
    assert level(rig) == TOLD
    assert rig.strip.sentence == INSERT
    rig.card_in()
    assert rig.strip.halo_slot == ""


def test_whoever_presses_first_keeps_the_turn(rig):
    to_choose(rig)
    rig.engine.strip("show")
    rig.wait(1000)
    assert rig.strip.sentence == SHOWS
    rig.press("choose.one")
    rig.take_cash()
    rig.wait(SHOW_MS)
    rig.take_card()
    assert rig.results[0].record.outcome == "done"
    assert sum(isinstance(effect, Dispense) for effect in rig.cabinet.performed) == 1


def test_something_happening_begins_the_wait_anew(rig):
    to_choose(rig)
    for text in ("1", "10", "100", "1000"):
        rig.wait(WAIT - 200)
        rig.type("choose.field", text)
    assert level(rig) == UNAIDED


def test_the_next_run_starts_one_lower_until_no_help_is_needed(rig):
    records, needed = [], []
    for _ in range(6):
        starts = tuple(progress.starts(records, "tiny").items())
        to_choose(rig, starts=starts)
        begins = dict(starts).get("choose", POINTED)
        needs = SHOWN if not records else max(0, needed[-1] - 1)
        for at in range(begins, needs + 1):
            rig.wait(WAIT + 300)
            assert level(rig) == at
        if needs == SHOWN:
            rig.wait(SHOW_MS)
        records.append(home(rig))
        needed.append(chosen(records[-1]).prompt)
    assert needed == [SHOWN, SPOKEN, TOLD, POINTED, UNAIDED, UNAIDED]
    assert records[-1].unaided


@pytest.mark.parametrize("fields", [{"purpose": "proctored"}, {"retest": True}])
def test_a_test_waits_without_end(rig, fields):
    to_choose(rig, **fields)
    rig.wait(20 * WAIT)
    assert level(rig) == UNAIDED
    assert rig.said == []
    rig.engine.strip("show")
    rig.wait(500)
    assert level(rig) == (SHOWN if "retest" in fields else UNAIDED)  # in a retest help is there for who asks


def test_the_coach_speaks_the_learners_language_and_names_keys_as_they_stand(rig):
    to_choose(rig, language="en")
    rig.engine.strip("show")
    rig.wait(300)
    assert rig.strip.sentence == "Watch: I press **一张**."
    assert rig.strip.language == "en"


# -- slips -------------------------------------------------------------------------------------------------------------


def kinds(rig):
    found = {}
    for step in (*rig.engine.run.steps, rig.engine.run._step):
        for kind, count in step.kinds.items():
            found[kind] = found.get(kind, 0) + count
    return found


def test_slips_are_told_apart(rig):
    to_choose(rig)
    rig.inbox.post(DoubleTapped(rig.stage.pages[-1].step))
    rig.press("choose.type")  # nothing typed yet: it means nothing
    rig.hand(MediaInserted("card_reader", Card(tiny.NUMBER)))  # there is one inside
    rig.inbox.post(ItemsRefused("note_acceptor"))
    rig.settle()
    rig.wait(2 * WAIT + 300)
    rig.press("choose.cancel")
    assert kinds(rig) == {"double_tap": 1, "dead_key": 1, "premature": 1, "refused": 1, "hesitation": 1, "wrong_key": 1}
    assert rig.engine.run.moment.kind == "wrong_key"
    assert rig.engine.run.moment.page.step == "choose"
    assert rig.engine.run.moment.pressed.key == "choose.cancel"


def test_what_loses_the_lesson_is_the_moment_to_look_at(rig):
    to_choose(rig)
    rig.press("choose.type")
    rig.press("choose.two")
    assert rig.engine.run.moment.kind == "spoilt"


def test_time_that_ran_out_is_a_slip_only_where_something_was_asked(rig):
    to_choose(rig, pace="real", retest=True)
    rig.wait(31_000)
    assert kinds(rig) == {"hesitation": 1, "timed_out": 1}


def test_slips_cost_nothing(rig):
    to_choose(rig)
    for _ in range(2):
        rig.press("choose.type")
    assert home(rig).unaided


def test_a_run_that_is_taken_up_again_knows_its_slips(tmp_path):
    rig = Rig(tmp_path / "screen.db")
    to_choose(rig)
    rig.press("choose.type")
    rig.inbox.post(DoubleTapped(rig.stage.pages[-1].step))
    rig.settle()
    rig.journal._queue.clear()
    rig.journal.close()
    again = Rig(rig.path, rig.hardware, rig.clock)
    assert again.engine.resume(again.engine.unfinished(), tiny.Loaded(), again.order())
    again.settle()
    assert chosen(home(again)).kinds == {"dead_key": 1, "double_tap": 1}
    again.journal.close()


def test_the_collector_rests_only_while_a_search_goes_on(rig):
    to_choose(rig, lesson=tiny.IMPOSSIBLE)
    assert gc.isenabled()
    rig.engine.prompting.want(TOLD)
    assert rig.engine.is_searching
    assert not gc.isenabled()
    rig.note_in()  # the situation has changed: the search is given up
    assert gc.isenabled()
    rig.engine.prompting.want(TOLD)
    while rig.engine.is_searching:
        rig.engine.tick()
    assert gc.isenabled()
    rig.engine.strip("end")
    rig.wait(6000)
    rig.take_card()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
