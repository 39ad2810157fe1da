"""The power goes at any moment: after every event of a run, with the commit and the device's act done or not done."""

from __future__ import annotations

import itertools
import json
import sqlite3
from contextlib import closing

import msgspec
import pytest

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import Dispense
from kiosk_firmware.core.events import (
    ItemsInserted,
    ItemsPresented,
    ItemsTaken,
    Media,
    MediaInserted,
    MediaTaken,
    PinEntered,
    Tapped,
)
from kiosk_firmware.unit.coach.progress import SHOWN
from kiosk_firmware.unit.runtime import journal_reader, resume
from kiosk_firmware.unit.runtime.prompting import SHOW_MS
from kiosk_firmware.unit.runtime.run_start import header_of, old_run
from tests.unit.runtime import tiny
from tests.unit.runtime.rig import Rig


def drive(rig):
    """A whole run, as moments between which the power may go: a note is stored, one comes out, the card goes back."""
    rig.engine.begin(tiny.Loaded(), rig.order())
    yield
    acts = [
        lambda: rig.cabinet.hand(MediaInserted("card_reader", Media(tiny.NUMBER))),
        lambda: pin(rig),
        None,
        lambda: rig.cabinet.hand(ItemsInserted("note_acceptor", tiny.NOTE)),
        lambda: tap(rig, "deciding.keep"),
        lambda: tap(rig, "choose.one"),
        lambda: rig.cabinet.hand(ItemsTaken("cash_dispenser")),
        lambda: rig.cabinet.hand(MediaTaken("card_reader")),
    ]
    for act in acts:
        if act is not None:
            act()
            yield
        for stage in (rig.hear, rig.journal.commit_now, rig.hear, rig.cabinet.answer_all) * 2:
            stage()
            yield


def pin(rig):
    effect = rig.cabinet.waiting.popleft()
    rig.inbox.post(PinEntered(effect.at, effect.ref, "right"))


def tap(rig, name):
    rig.inbox.post(Tapped(name, rig.stage.pages[-1].step))


def moments(tmp_path):
    rig = Rig(tmp_path / "count.db")
    return sum(1 for _ in drive(rig))


def crash(rig):
    """The process is gone; devices and disk stay."""
    rig.journal._queue.clear()
    rig.journal.close()
    return Rig(rig.path, rig.hardware, rig.clock)


def wake(rig, minutes=0):
    rig.clock.now += minutes * 60_000
    found = rig.engine.unfinished()
    resumed = found is not None and rig.engine.resume(found, tiny.Loaded(), rig.order())
    if not resumed:
        rig.engine.wake()
    rig.settle()
    return resumed


def home(rig):
    """A person takes whatever is offered; time-outs do the rest."""
    rig.engine.strip("end")
    for _ in range(60):
        if rig.engine.run is None and rig.engine.ready:
            return
        if rig.hardware.bench.place == "exit":
            rig.take_card()
        if rig.hardware.bench.tray:
            rig.take_cash()
        rig.wait(1000)
    raise AssertionError(f"not home: {rig.engine.page} {rig.engine.owed} {rig.hardware.bench}")


def check_books(rig):
    bench = rig.hardware.bench
    assert money.pieces(bench.pieces()) == PIECES_ALL
    assert bench.cards() == (tiny.NUMBER,)
    assert bench.place == "none"
    assert not bench.escrow_fen
    assert not bench.tray
    with closing(sqlite3.connect(rig.path)) as db:
        left = dict(db.execute("SELECT at, what FROM liabilities"))
        ended = db.execute("SELECT count(*) FROM runs WHERE ended IS NULL").fetchone()[0]
        facts = [(t, json.loads(d)) for t, d in db.execute("SELECT type, data FROM facts ORDER BY seq")]
        seqs = [s for (s,) in db.execute("SELECT seq FROM facts ORDER BY seq")]
    assert set(left) <= {"credit"}  # what was paid in and not settled is for the teacher
    assert ended == 0
    assert seqs == list(range(1, len(seqs) + 1))
    assert sum(t == "run.ended" for t, _ in facts) == sum(t == "run.started" for t, _ in facts)
    return facts


PIECES_ALL = 53


@pytest.mark.parametrize("minutes", [0, 30], ids=["resumed", "abandoned"])
def test_the_power_goes_at_every_moment(tmp_path, minutes):
    outcomes = set()
    for moment in range(moments(tmp_path)):
        rig = Rig(tmp_path / f"{minutes}-{moment}.db")
        list(itertools.islice(drive(rig), moment + 1))
        again = crash(rig)
        wake(again, minutes)
        home(again)
        again.journal.close()
        check_books(again)
        outcomes.update(result.record.outcome for result in again.results)
    assert outcomes == (set() if minutes else {"done", "given_up"})


@pytest.mark.parametrize("first", range(3, 60, 7))
def test_the_power_goes_twice(tmp_path, first):
    rig = Rig(tmp_path / "twice.db")
    list(itertools.islice(drive(rig), first))
    again = crash(rig)
    if wake(again):
        again.hear()
    third = crash(again)
    wake(third)
    home(third)
    third.journal.close()
    check_books(third)


def test_a_replay_yields_the_same_situation_and_performs_nothing(tmp_path):
    for moment in range(0, moments(tmp_path), 5):
        rig = Rig(tmp_path / f"same-{moment}.db")
        list(itertools.islice(drive(rig), moment + 1))
        rig.hear()
        rig.journal.commit_now()
        run, found = rig.engine.run, rig.engine.unfinished()
        if run is None:
            continue
        again = old_run(rig.path, found, header_of(tiny.Loaded(), rig.order(), "0"), tiny.Loaded(), rig.order())
        assert again.now == run.now
        assert (again.rows, again.visit, again.owed, again.trips) == (run.rows, run.visit, run.owed, run.trips)
        assert [step.step for step in again.steps] == [step.step for step in run.steps]
        rig.journal.close()


def to_choose(tmp_path, **fields):
    rig = Rig(tmp_path / "screen.db")
    rig.begin(**fields)
    rig.card_in()
    rig.pin()
    return rig


@pytest.mark.parametrize(
    ("change", "minutes"),
    [
        ({"learner": "fedcba9876543210"}, 0),
        ({"skin": "other"}, 0),
        ({"content": "new"}, 0),
        ({"code": "1"}, 0),
        ({}, 11),
    ],
)
def test_only_the_same_code_learner_and_hour_take_a_run_up(tmp_path, change, minutes):
    rig = to_choose(tmp_path)
    again = crash(rig)
    if "code" in change:
        again.engine._code = change["code"]
    loaded = tiny.Loaded()
    loaded.content_hash = change.get("content", "abc")
    order = again.order()
    for name in ("learner", "skin"):
        if name in change:
            order = type(order)(**{**{f: getattr(order, f) for f in order.__struct_fields__}, name: change[name]})
    again.clock.now += minutes * 60_000
    assert not again.engine.resume(again.engine.unfinished(), loaded, order)
    again.engine.wake()
    again.settle()
    assert again.hardware.bench.place == "exit"  # the card comes back without any replay
    assert again.engine.run is None
    again.take_card()
    facts = check_books(again)
    assert [d["outcome"] for t, d in facts if t == "run.ended"] == ["abandoned"]


def test_help_that_was_given_is_remembered(tmp_path):
    rig = to_choose(tmp_path)
    rig.engine.strip("show")
    rig.wait(300)
    again = crash(rig)
    assert wake(again)
    again.press("choose.one")
    again.take_cash()
    again.take_card()
    assert again.results[0].record.outcome == "done"
    assert again.results[0].record.prompt_max == SHOWN


def test_what_the_coach_pressed_is_remembered_as_that(tmp_path):
    """Also through a crash: the debrief says whose press it was."""
    rig = to_choose(tmp_path)
    rig.engine.strip("show")
    rig.wait(300)
    rig.wait(SHOW_MS)
    assert rig.step == "cash"
    assert rig.engine.run.changes.coached == 1
    rig.journal.commit_now()
    again = crash(rig)
    assert wake(again)
    again.take_cash()
    again.take_card()
    result = again.results[0]
    assert (result.coached, result.record.outcome) == (1, "done")
    assert dict(result.by)["out_fen"] == "coach"


def test_a_run_that_was_being_ended_is_still_being_ended(tmp_path):
    rig = to_choose(tmp_path)
    rig.engine.strip("end")
    rig.hear()
    rig.journal.commit_now()
    again = crash(rig)
    assert wake(again)
    again.wait(2000)
    again.take_card()
    assert again.results[0].record.outcome == "given_up"


def test_a_broken_journal_is_abandoned_and_everything_comes_back(tmp_path):
    rig = to_choose(tmp_path)
    rig.journal.close()
    with closing(sqlite3.connect(rig.path)) as db:
        db.execute('UPDATE journal SET event=\'{"type":"Nonsense"}\' WHERE n=2')
        db.commit()
    again = Rig(rig.path, rig.hardware, rig.clock)
    assert not wake(again)
    again.take_card()
    check_books(again)


def test_what_fell_unheard_is_never_guessed(tmp_path):
    """Without counters, an eject or a dispense that nobody can prove is `unknown`."""
    rig = to_choose(tmp_path)
    rig.inbox.post(Tapped("choose.one", rig.stage.pages[-1].step))
    rig.hear()
    run = rig.engine.run
    assert [e.ref for e, _ in run.now.open] == ["cash"]
    said = resume.in_the_dark(run, rig.cabinet.found())
    assert [event.completion for event in said] == ["unknown"]


CHANGE = ((500, 2), (100, 3))
PAID = {"coin_dispenser.paid_500": 40, "coin_dispenser.paid_100": 70, "coin_dispenser.unknown": 1}


@pytest.mark.parametrize(
    ("more", "items", "completion"),
    [
        ({}, (), "canceled"),
        ({"paid_500": 1}, ((500, 1),), "canceled"),
        ({"paid_500": 2, "paid_100": 1}, ((500, 2), (100, 1)), "canceled"),
        ({"paid_500": 2, "paid_100": 3}, CHANGE, "success"),
        ({"paid_500": 2, "unknown": 1}, ((500, 2),), "unknown"),  # of the rest nobody knows
    ],
)
def test_what_a_hopper_counted_beyond_what_was_heard_fell(tmp_path, more, items, completion):
    """Paid before the cut is answered, the rest stays owed; what was heard before counts once."""
    rig = to_choose(tmp_path)
    run = rig.engine.run
    run.take(msgspec.structs.replace(rig.cabinet.found(), counters=tuple(PAID.items())), 0)
    run.take(ItemsInserted("coin_acceptor", 500), 0)
    run.take(ItemsPresented("coin_dispenser", "cash", ((500, 1),)), 0)
    run.now = msgspec.structs.replace(run.now, open=((Dispense("coin_dispenser", "cash", CHANGE), False),))
    now = {**PAID, "coin_dispenser.paid_500": 41}
    for name, count in more.items():
        now[f"coin_dispenser.{name}"] += count
    said = resume.in_the_dark(run, msgspec.structs.replace(rig.cabinet.found(), counters=tuple(now.items())))
    unsure = ((100, 3),) if completion == "unknown" else ()
    assert said == (ItemsPresented("coin_dispenser", "cash", items, completion, unsure=unsure),)


@pytest.mark.parametrize(
    ("known", "lies", "said"),
    [
        ("", "", ""),
        ("", "A", "A"),
        ("A", "A", ""),
        ("A", "", "-"),
        ("A", "B", "-B"),
    ],
)
def test_an_id_card_laid_or_lifted_in_the_dark(tmp_path, monkeypatch, known, lies, said):
    rig = to_choose(tmp_path)
    run, real = rig.engine.run, rig.cabinet.found()
    monkeypatch.setattr(type(run.play.world), "found", lambda *_: msgspec.structs.replace(real, ident=known))
    wanted = [MediaTaken("id_reader") if mark == "-" else MediaInserted("id_reader", Media(mark)) for mark in said]
    assert list(resume.in_the_dark(run, msgspec.structs.replace(real, ident=lies))) == wanted


def test_a_machine_that_begins_is_told_what_the_cabinet_can_hand_out(tmp_path):
    """Not what its skin thought: a unit has the hoppers and notes that it has."""
    rig = Rig(tmp_path / "screen.db")
    stock = ((tiny.NOTE, 3), (500, 2))
    rig.hardware.bench = msgspec.structs.replace(rig.hardware.bench, stock=stock)
    rig.begin()
    rig.settle()
    with closing(sqlite3.connect(rig.path)) as db:
        (event,) = db.execute("SELECT event FROM journal WHERE n=1").fetchone()
    assert json.loads(event)["stock"] == [list(pair) for pair in stock]


def test_tokens_that_fell_unheard_are_told_and_not_credited(tmp_path):
    rig = Rig(tmp_path / "screen.db")
    rig.hardware.counters["coin_acceptor.tokens"] = 7
    rig.begin()
    rig.hardware.counters["coin_acceptor.tokens"] = 9
    again = crash(rig)
    assert wake(again)
    again.wait(200)
    with closing(sqlite3.connect(again.path)) as db:
        (data,) = db.execute("SELECT data FROM facts WHERE type='noise.counted'").fetchone()
    assert json.loads(data) == {"at": "coin_acceptor", "kind": "unheard", "count": 2}
    assert again.engine.owed.credit_fen == 0


def test_liabilities_are_kept_with_every_commit(tmp_path):
    rig = to_choose(tmp_path)
    assert journal_reader.liabilities(rig.path).place == "inside"
    rig.press("choose.one")
    assert journal_reader.liabilities(rig.path).tray == ((tiny.NOTE, 1),)
    rig.take_cash()
    assert journal_reader.liabilities(rig.path).tray == ()
    assert journal_reader.liabilities(rig.path).place == "exit"
    rig.take_card()
    assert journal_reader.liabilities(rig.path).place == "none"


def test_a_lost_device_keeps_what_is_owed(tmp_path):
    rig = to_choose(tmp_path)
    again = crash(rig)
    again.cabinet.lost = ("card_reader",)
    again.hardware.bench = type(again.hardware.bench)(stock=again.hardware.bench.stock)  # the reader says nothing
    again.engine.abandon(again.engine.unfinished())
    again.engine.wake()
    again.hear()
    assert again.engine.owed.number == tiny.NUMBER
