"""The engine by hand: what leaves when, what is written, and how each run ends, once."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from kiosk_firmware.core.effects import Dispense, EjectMedia, ReadPin, RetainMedia, ReturnItems, StoreItems
from kiosk_firmware.core.events import (
    HostAnswered,
    Idled,
    ItemsPresented,
    Media,
    MediaInserted,
    Tapped,
)
from kiosk_firmware.settings.session_limits import SessionLimits
from kiosk_firmware.unit.coach.progress import TOLD
from tests.unit.runtime import tiny
from tests.unit.runtime.rig import Rig


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path / "screen.db")


def rows(rig, query):
    with closing(sqlite3.connect(rig.path)) as db:
        return db.execute(query).fetchall()


def facts(rig, kind=None):
    found = [(t, json.loads(d)) for t, d in rows(rig, "SELECT type, data FROM facts ORDER BY seq")]
    return [d for t, d in found if t == kind] if kind else found


def performed(rig, kind):
    return [effect for effect in rig.cabinet.performed if isinstance(effect, kind)]


def to_choose(rig, lesson=tiny.TAKE_ONE, **fields):
    run = rig.begin(lesson, **fields)
    rig.card_in()
    rig.pin()
    assert rig.step == "choose"
    return run


def outcome(rig):
    assert len(rig.results) == 1
    assert rig.engine.run is None
    return rig.results[0].record.outcome


def test_a_whole_run_is_done(rig):
    run = to_choose(rig)
    assert rig.cabinet.expected == ("note_acceptor",)
    rig.press("choose.one")
    rig.take_cash()
    assert rig.results == []
    rig.take_card()
    assert outcome(rig) == "done"
    assert rig.engine.ready
    assert rig.cabinet.expected == ()
    record = rig.results[0].record
    assert record.facts["out_fen"] == tiny.NOTE
    assert [step.step for step in record.steps][:4] == ["home", "pin", "asking", "choose"]
    assert record.run == run
    assert facts(rig, "run.ended")[0]["outcome"] == "done"


def test_the_office_hears_what_moved_and_no_card_number(rig):
    to_choose(rig)
    rig.press("choose.one")
    rig.take_cash()
    rig.take_card()
    moves = [(t, d["at"], d["what"], d.get("fen")) for t, d in facts(rig) if t.endswith(".moved")]
    assert moves == [
        ("media.moved", "card_reader", "inserted", None),
        ("items.moved", "cash_dispenser", "presented", tiny.NOTE),
        ("items.moved", "cash_dispenser", "taken", tiny.NOTE),
        ("media.moved", "card_reader", "taken", None),
    ]
    assert tiny.NUMBER not in json.dumps(facts(rig))


def test_run_id_is_the_number_of_its_first_fact(rig):
    run = rig.begin()
    epoch, seq = run.split("-")
    assert epoch == rig.journal.epoch
    assert rows(rig, f"SELECT type FROM facts WHERE seq={seq}") == [("run.started",)]


def test_value_moves_only_after_the_commit(rig):
    to_choose(rig)
    rig.inbox.post(Tapped("choose.one", rig.stage.pages[-1].step))
    rig.hear()
    assert rig.step == "counting"  # the page did not wait
    assert performed(rig, Dispense) == []
    rig.journal.commit_now()
    assert performed(rig, Dispense) == []
    rig.hear()
    assert len(performed(rig, Dispense)) == 1
    (last,) = rows(rig, "SELECT event FROM journal ORDER BY n DESC LIMIT 1")
    assert '"Tapped"' in last[0]


def test_a_pin_is_asked_for_at_once(rig):
    rig.begin()
    rig.inbox.post(MediaInserted("card_reader", Media(tiny.NUMBER)))
    rig.hear()
    assert len(performed(rig, ReadPin)) == 1


def test_a_late_answer_is_dropped(rig):
    to_choose(rig)
    answered = HostAnswered("payment_host", "account#999", "ok", tiny.AccountAsked(tiny.NUMBER))
    before = rig.engine.run.now
    rig.inbox.post(answered)
    rig.inbox.post(ItemsPresented("cash_dispenser", "cash#1", ((tiny.NOTE, 1),)))
    rig.settle()
    assert rig.engine.run.now is before


def test_a_tap_on_an_earlier_visit_is_dropped(rig):
    to_choose(rig)
    old = rig.stage.pages[-1].step
    rig.note_in()
    rig.press("deciding.back")
    assert rig.step == "choose"
    assert rig.stage.pages[-1].step != old
    rig.inbox.post(Tapped("choose.one", old))
    rig.settle()
    assert rig.step == "choose"


def test_the_pages_value_goes_with_the_tap(rig):
    to_choose(rig)
    rig.inbox.post(Tapped("choose.one", "choose", "forged"))
    rig.settle()
    assert any('"value":"CHOOSE.ONE"' in event for (event,) in rows(rig, "SELECT event FROM journal"))


def test_time_out_brings_the_machine_home(rig):
    to_choose(rig, pace="real")
    rig.wait(30_100)
    assert rig.step == "card"
    rig.take_card()
    assert outcome(rig) == "timed_out"


def test_at_a_calm_pace_time_is_off_and_only_what_lies_in_a_slot_is_taken_back_with_a_warning(rig):
    to_choose(rig, lesson=None)
    rig.wait(200_000)
    assert rig.step == "choose"
    rig.press("choose.one")
    rig.wait(69_000)
    assert set(rig.stage.rings) == {None}
    assert not rig.engine.glass.time_warning()
    rig.wait(10_000)
    assert rig.step == "cash"
    assert rig.stage.rings[-1] is not None
    assert rig.engine.glass.time_warning()
    assert not rig.engine.glass.time_warning(), "said twice"
    rig.wait(1100)
    assert rig.step == "card"


def test_who_is_asked_for_more_time_twice_goes_back_to_calm(rig):
    to_choose(rig, lesson=None, pace="real")
    rig.wait(20_000)
    assert rig.stage.rings[-1]
    rig.engine.strip("more")
    rig.wait(20_000)
    rig.engine.strip("more")
    rig.wait(100_000)
    assert rig.step == "choose"
    assert rig.stage.rings[-1] is None


def test_a_queue_is_felt_only_where_the_site_wants_it_and_never_at_a_calm_pace(tmp_path):
    for queue, pace, told in ((True, "gentle", True), (True, "calm", False), (False, "gentle", False)):
        rig = Rig(tmp_path / f"{queue}-{pace}.db", turn=SessionLimits(queue=queue))
        to_choose(rig, lesson=None, pace=pace)
        rig.wait(16_000)
        assert ("coach.queue" in rig.strip.sentence) == told
        rig.press("choose.one")
        assert "coach.queue" not in rig.strip.sentence
        rig.journal.close()


def test_more_time_gives_the_whole_time_again(rig):
    to_choose(rig, lesson=None, pace="real")
    rig.wait(29_000)
    assert 0 < rig.stage.rings[-1] <= 1000
    rig.engine.strip("more")
    rig.wait(29_000)
    assert rig.step == "choose"
    rig.wait(1100)
    assert rig.step == "card"


def test_end_gives_the_card_back_first(rig):
    to_choose(rig)
    rig.engine.strip("end")
    rig.settle()
    assert rig.results == []
    rig.wait(2000)
    assert rig.step == "card"
    rig.wait(5000)
    assert rig.step == "card"  # what is to be taken is waited for
    rig.take_card()
    assert outcome(rig) == "given_up"
    assert performed(rig, RetainMedia) == []


def test_end_gives_the_note_back(rig):
    to_choose(rig)
    rig.note_in()
    rig.engine.strip("end")
    rig.wait(6000)
    rig.take_card()
    assert outcome(rig) == "given_up"
    assert len(performed(rig, ReturnItems)) == 1
    assert performed(rig, StoreItems) == []


def test_end_at_home_ends_at_once(rig):
    rig.begin()
    rig.engine.strip("end")
    rig.settle()
    assert outcome(rig) == "given_up"


def test_a_free_run_that_went_round_is_done(rig):
    to_choose(rig, lesson=None)
    rig.press("choose.two")
    rig.take_cash()
    rig.take_card()
    assert rig.results == []
    rig.engine.strip("end")
    rig.settle()
    assert outcome(rig) == "done"


def test_a_never_row_loses_the_run_but_everything_comes_back(rig):
    to_choose(rig)
    rig.press("choose.two")
    assert rig.results == []
    rig.take_cash()
    rig.take_card()
    assert outcome(rig) == "lost"
    assert rig.hardware.bench.purse == ((tiny.NOTE, 5),)


def test_idle_abandons(rig):
    to_choose(rig)
    rig.inbox.post(Idled())
    rig.settle()
    rig.wait(2000)
    rig.take_card()
    assert outcome(rig) == "abandoned"


def test_teacher_is_a_fact(rig):
    run = to_choose(rig)
    rig.engine.strip("teacher")  # noqa: B005
    rig.settle()
    assert facts(rig, "teacher.called") == [{"run": run, "step": "choose"}]


def test_slips_are_counted_and_after_three_the_coach_speaks(rig):
    to_choose(rig)
    for _ in range(2):
        rig.press("choose.type")
    rig.wait(200)
    assert rig.strip.sentence == "取一张"
    rig.press("choose.type")
    rig.wait(200)
    assert rig.strip.sentence == "请按「一张」"
    assert rig.strip.halo_key == "choose.one"
    rig.press("choose.one")
    assert rig.strip.halo_key == ""
    rig.take_cash()
    rig.take_card()
    chosen = next(step for step in rig.results[0].record.steps if step.step == "choose")
    assert (chosen.slips, chosen.prompt, chosen.kinds) == (3, TOLD, {"dead_key": 3})
    assert rig.results[0].record.prompt_max == TOLD


def test_a_test_gets_no_help(rig):
    to_choose(rig, purpose="proctored")
    rig.engine.strip("show")
    rig.wait(60_000)
    assert not rig.strip.can_show
    assert rig.strip.halo_key == ""


def test_a_lesson_without_a_way_is_lost(rig):
    to_choose(rig, lesson=tiny.IMPOSSIBLE)
    rig.engine.strip("show")
    for _ in range(2000):
        rig.engine.tick()
    assert rig.engine.run.spoilt
    rig.engine.strip("end")
    rig.wait(2000)
    rig.take_card()
    assert outcome(rig) == "lost"


def test_a_machine_that_raises_closes_the_run_and_gives_back(rig, monkeypatch):
    to_choose(rig)
    monkeypatch.setattr(tiny.Tiny, "_choose", lambda *_: 1 / 0)
    rig.press("choose.one")
    assert outcome(rig) == "closed"
    assert not rig.engine.ready
    assert rig.hardware.bench.place == "exit"
    rig.take_card()
    assert rig.engine.ready


def test_a_card_left_after_a_closed_run_is_kept(rig, monkeypatch):
    to_choose(rig)
    monkeypatch.setattr(tiny.Tiny, "_choose", lambda *_: 1 / 0)
    rig.press("choose.one")
    rig.wait(SessionLimits().take_seconds * 1000 + 200)
    assert rig.hardware.bench.kept == (tiny.NUMBER,)
    assert rig.engine.ready
    assert rows(rig, "SELECT * FROM liabilities") == []


def test_a_card_put_in_between_runs_comes_back(rig):
    rig.card_in()
    assert len(performed(rig, EjectMedia)) == 1
    assert not rig.engine.ready
    with pytest.raises(RuntimeError):
        rig.engine.begin(tiny.Loaded(), rig.order())
    rig.take_card()
    assert rig.engine.ready
    rig.begin()


def test_credit_is_confirmed_to_the_device_after_the_commit(rig):
    to_choose(rig)
    rig.note_in()
    rig.inbox.post(Tapped("deciding.keep", rig.stage.pages[-1].step))
    for stage in (rig.hear, rig.journal.commit_now, rig.hear, rig.cabinet.answer_all, rig.hear):
        stage()
    assert rig.engine.owed.escrow_fen == 0  # stored, and heard
    assert rig.cabinet.credits == []
    rig.journal.commit_now()
    rig.hear()
    assert rig.cabinet.credits == [tiny.NOTE]


def test_a_practised_power_cut_is_survived(rig):
    to_choose(rig, lesson=tiny.CUT)
    assert rig.cabinet.began == (None, True)
    rig.press("choose.one")
    assert rig.stage.pages[-1].step.startswith("dark")
    rig.press("choose.one")  # nothing hears
    rig.wait(4000)
    assert rig.step == "cash"
    assert rig.engine.run.now.armed is None
    rig.take_cash()
    rig.take_card()
    assert outcome(rig) == "done"
    assert len(performed(rig, Dispense)) == 1
    assert [d["fault"] for d in facts(rig, "fault.struck")] == ["power_cut"]


def test_numbers_have_no_hole(rig):
    for _ in range(2):
        to_choose(rig)
        rig.press("choose.one")
        rig.take_cash()
        rig.take_card()
    seqs = [seq for (seq,) in rows(rig, "SELECT seq FROM facts ORDER BY seq")]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(rig.results) == 2


def test_a_full_disk_does_not_hold_a_card_for_ever(tmp_path):
    rig = Rig(tmp_path / "screen.db")
    to_choose(rig)
    rig.journal._patience_s = 0
    rig.journal._db.execute("PRAGMA query_only=1")  # every write fails from here
    rig.engine.strip("end")
    rig.wait(3000)
    assert rig.journal.trouble
    assert rig.hardware.bench.place == "exit"
    rig.journal._db.execute("PRAGMA query_only=0")
    rig.take_card()
    assert rig.engine.run is None
    assert rig.journal.trouble == ""
    seqs = [seq for (seq,) in rows(rig, "SELECT seq FROM facts ORDER BY seq")]
    assert seqs == list(range(1, len(seqs) + 1))
