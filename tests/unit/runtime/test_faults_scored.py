"""What a run's record says of a fault and of a fraud: struck, coped with or not; and when a fraud comes again."""

from __future__ import annotations

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import AnyEvent
from kiosk_firmware.core.faults import moment, struck
from kiosk_firmware.core.lessons import Lesson, LessonSetting
from kiosk_firmware.unit.coach import progress
from kiosk_firmware.unit.coach.progress import DAY_MS, RunRecord
from kiosk_firmware.unit.coach.search import Search, Ways
from kiosk_firmware.unit.runtime import run_start
from kiosk_firmware.unit.runtime.interfaces import RunRequest
from kiosk_firmware.unit.runtime.run import Run

LESSON = Lesson("fraud", 6, goal=(), setting=LessonSetting(scene="skimmer"))
WEEK = 7 * DAY_MS


def begun(lesson_id: str, **fields: object) -> Run:
    lesson = next(one for one in machine_loader.lessons("atm") if one.id == lesson_id)
    loaded = machine_loader.load("atm")
    person = loaded.personas[lesson.setting.persona]
    order = msgspec.structs.replace(RunRequest("atm", loaded.skin, person, lesson), **fields)
    run = run_start.new_run("4f21-1", loaded, order, run_start.header_of(loaded, order, "0"), 0)
    tell(run, run.play.world.found(run.now.world))
    return run


def tell(run: Run, event: AnyEvent) -> None:
    """The event as the cabinet would say it, and all that answers it."""
    armed = run.now.armed
    for said in struck(armed, event) if armed and moment(armed, event) else (event,):
        run.take(said, 0)
    while (answer := next(run.play.answers(run.now), None)) is not None:
        tell(run, answer)


def follow(run: Run, stop_at: str = "") -> None:
    """As the coach says, to the end, or until a step."""
    assert run.lesson is not None
    ways = Ways(run.play, run.lesson)
    while run.page.step != stop_at:
        search = Search(ways, run.now, budget=8000)
        while not search.work(1000):
            pass
        if search.first_act is None:
            return
        tell(run, search.first_act)


def test_a_fault_that_was_coped_with_is_told_so() -> None:
    run = begun("card-left")
    follow(run)
    assert run.outcome() == "done"
    assert run.facts().items() >= {"struck": "card_left", "recovered": True}.items()


def test_a_fault_that_was_walked_away_from_is_told_so_too() -> None:
    run = begun("card-left")
    follow(run, stop_at="fetch-kept")
    expiry = run.play.expiry(run.now)
    assert expiry is not None
    tell(run, expiry)
    assert run.spoilt
    assert run.facts().items() >= {"struck": "card_left", "recovered": False}.items()


def test_a_run_without_a_fault_says_nothing_of_one() -> None:
    run = begun("withdraw-100")
    follow(run)
    assert run.outcome() == "done"
    assert not {"struck", "recovered"} & set(run.facts())


@pytest.mark.parametrize("practised", range(6))
def test_nothing_is_drawn_before_three_runs(practised: int) -> None:
    armed = {begun("withdraw-other", practised=practised).armed}
    drawn = {run_start.started_of(order_of("withdraw-other", practised), f"4f21-{n}").armed for n in range(40)}
    assert drawn == ({None} if practised < 3 else {None, "card_unreadable", "host_offline", "printer_jam"})
    assert armed <= drawn


def order_of(lesson_id: str, practised: int) -> RunRequest:
    lesson = next(one for one in machine_loader.lessons("atm") if one.id == lesson_id)
    return RunRequest("atm", "rongjiang", machine_loader.personas()["default"], lesson, practised=practised)


def met(n: int, at_ms: int, **facts: bool) -> RunRecord:
    said = {"fraud_met": True, **facts}
    return RunRecord(f"r{n}", "atm", "s", "fraud", "abc", "practice", "p", "done", at_ms, 1, (), said)


@pytest.mark.parametrize(
    ("runs", "now_ms", "again"),
    [
        ((), WEEK, False),
        ((met(1, 0),), WEEK - 1, False),
        ((met(1, 0),), WEEK, True),
        ((met(1, 0), met(2, WEEK)), 3 * WEEK, False),
        ((met(1, 0, fraud_fell=True), met(2, WEEK)), 3 * WEEK, True),
        ((met(1, 0, fraud_skipped=True),), WEEK, False),
    ],
)
def test_a_fraud_comes_again_after_a_week_until_it_was_refused_twice(runs, now_ms, again) -> None:
    assert progress.fraud_again(runs, "atm", LESSON, now_ms) == again
    assert progress.fraud_again(reversed(runs), "atm", LESSON, now_ms) == again
    chosen = msgspec.structs.replace(LESSON, opt_in=True)
    assert not progress.fraud_again(runs, "atm", chosen, now_ms)


def test_skipping_is_neither_done_nor_tried() -> None:
    assert progress.mastery([met(1, 0, fraud_skipped=True, fraud_over=True)], "atm", LESSON) == "new"
