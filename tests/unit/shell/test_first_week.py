"""The first week out: stops in the order that life demands, ticks from the learner's records, one person's papers and
money carried along, today or on another day.
"""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import HostAnswered, Tapped
from kiosk_firmware.core.hosts.counter import FileAsked
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.money import total
from kiosk_firmware.core.pages import Key, Page
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.tools.play import opening_event
from kiosk_firmware.unit.coach.progress import Outcome, RunRecord
from kiosk_firmware.unit.coach.search import Search, Ways
from kiosk_firmware.unit.lobby.phases import lobby as s
from kiosk_firmware.unit.lobby.transitions import update
from kiosk_firmware.unit.lobby.view import view
from kiosk_firmware.unit.shell.learner_session import LearnerSession
from kiosk_firmware.unit.shell.lesson_offers import offers_of
from kiosk_firmware.unit.shell.run_request import load_run, make_run_request
from tests.machines.test_seeded_runs import step_on

WEEK = next(spot for spot in machine_loader.PLACES if spot.id == "first-week")
numbers_of_stops = st.integers(0, len(WEEK.stops) - 1)
numbers = st.sets(numbers_of_stops)


def record(stop: tuple[str, str], learner: str, outcome: Outcome = "done", at_ms: int = 0) -> RunRecord:
    machine, lesson = stop
    return RunRecord(f"1-{at_ms}-{lesson}", machine, "", lesson, learner, "practice", "", outcome, at_ms, 0)


def persona_after(machine: str, lesson_id: str, carried: Persona | None) -> Persona:
    """Who has done the stop as the coach says, coming as `carried`."""
    skin = lesson_of(machine, lesson_id).setting.skin
    loaded, lesson = load_run(machine, skin, lesson_id)
    assert lesson is not None
    person = make_run_request(loaded, machine, lesson, "guest", "guest", "zh", carried).persona
    play = Play(loaded.machine, loaded.world, lesson.facts())
    ways = Ways(play, lesson)
    now = play.settle(play.begin(msgspec.structs.replace(opening_event(lesson.setting, "zh"), persona=person)))
    for _ in range(80):
        search = Search(ways, now)
        while not search.work(1000):
            pass
        if search.first_act is None:
            after: Persona = play.world.persona(now.world)
            return after
        now = play.settle(play.act(now, search.first_act))
    raise AssertionError(f"the coach leads nowhere: {machine} {lesson_id}")


def papers(person: Persona) -> list[str]:
    return sorted(paper.id for paper in person.papers)


def lesson_of(machine: str, lesson: str) -> Lesson:
    return next(one for one in machine_loader.lessons(machine) if one.id == lesson)


def test_the_week_can_be_gone_in_one_day_or_many() -> None:
    """From stop to stop the same person goes on; and who begins anew at a stop has what they would have brought."""
    carried: Persona | None = None
    for machine, lesson in WEEK.stops:
        anew = machine_loader.personas()[lesson_of(machine, lesson).setting.persona]
        if carried is not None:
            assert (carried.cards, carried.kept, carried.ledger.balances) == (
                anew.cards,
                anew.kept,
                anew.ledger.balances,
            ), lesson
            assert (carried.ids, papers(carried), carried.records) == (anew.ids, papers(anew), anew.records), lesson
            assert carried.purse == anew.purse, lesson
            assert [sim.number for sim in carried.phone.sims] == [sim.number for sim in anew.phone.sims]
        carried = persona_after(machine, lesson, carried)


def wandered(stop: tuple[str, str], carried: Persona | None, dice: random.Random) -> tuple[Persona, Persona, int]:
    """Somebody who follows the coach and does one thing in ten at random, then goes: who came, who left, and what the
    offices have booked as fees, each filing once.
    """
    machine, name = stop
    loaded, lesson = load_run(machine, lesson_of(*stop).setting.skin, name)
    assert lesson is not None
    person = make_run_request(loaded, machine, lesson, "guest", "guest", "zh", carried).persona
    play, fees = Play(loaded.machine, loaded.world, lesson.facts()), dict[tuple[str, str], int]()
    ways = Ways(play, lesson)
    now = play.begin(msgspec.structs.replace(opening_event(lesson.setting, "zh"), persona=person))
    for _ in range(40):
        now = step_on(ways, _settled(play, now, fees), dice)
    for _ in range(40):  # it comes home by answers and time-outs alone
        now = _settled(play, now, fees)
        if play.at_home(now):
            break
        expiry = play.expiry(now)
        assert expiry is not None, play.page(now).step
        now = play.step(now, expiry).after
    assert not play.world.breaches(now.world, True)
    after: Persona = play.world.persona(now.world)
    return person, after, sum(fees.values())


def _settled(play: Play, now: Situation, fees: dict[tuple[str, str], int]) -> Situation:
    """Let all answer who can; what an office says that it has filed is written down."""
    while (event := next(play.answers(now), None)) is not None:
        if isinstance(event, HostAnswered) and event.verdict == "ok" and isinstance(event.ask, FileAsked):
            fees[event.ask.errand, event.ask.number] = event.ask.fee_fen
        now = play.step(now, event).after
    return now


def worth(person: Persona) -> int:
    """What somebody has, in the hand and at the bank."""
    own = {card.account for card in person.cards}
    return total(person.purse) + sum(fen for account, fen in person.ledger.balances if account in own)


def test_whatever_is_done_on_the_way_no_money_comes_or_goes_but_the_offices_fees(long: bool) -> None:
    """Over the whole place, with the same pocket from stop to stop, also where a stop was not brought to its end."""
    assert sum(_week_of(seed) for seed in range(400 if long else 8)), "nobody got as far as a fee"


def _week_of(seed: int) -> int:
    """One week, judged at each stop; what was paid in fees."""
    dice = random.Random(seed)
    carried, paid, begun = None, 0, 0
    for stop in WEEK.stops:
        came, carried, fees = wandered(stop, carried, dice)
        begun, before, paid = begun or worth(came), paid, paid + fees
        assert (worth(came), worth(carried)) == (begun - before, begun - paid), (seed, stop)
        assert len(papers(carried)) == len(set(papers(carried))), (seed, stop)
        assert {"release", "hukou"} <= set(papers(carried)), (seed, stop)
        assert [one.number for one in carried.ids] == [one.number for one in came.ids], (seed, stop)
    return paid


@given(done=numbers)
@settings(deadline=None)
def test_what_was_done_is_ticked_and_the_first_of_the_rest_comes_next(done: set[int]) -> None:
    records = [record(WEEK.stops[n], "me", at_ms=n + 1) for n in done]
    page = week(offers_of((), (), records))
    ticked = {n for n in range(len(WEEK.stops)) if key(page, f"stop.{n + 1}").icon == "tick"}
    assert ticked == done
    left = [n for n in range(len(WEEK.stops)) if n not in done]
    following = page.key("stop.next")
    assert (following.value if following else None) == (" ".join(WEEK.stops[left[0]]) if left else None)


def test_whoever_is_on_the_way_goes_on() -> None:
    for at, stop in enumerate(WEEK.stops[:-1]):
        records = [record(one, "me", at_ms=n + 1) for n, one in enumerate(WEEK.stops[: at + 1])]
        assert offers_of((), (), records).next == WEEK.stops[at + 1]
        lost = [*records, record(stop, "me", "lost", 99)]
        assert offers_of((), (), lost).next == offers_of((), (), lost[::-1]).next, "a set has no order"


def test_a_unit_that_lacks_a_stop_has_no_week() -> None:
    machines = tuple(machine for machine, _ in WEEK.stops if machine != "id-card")
    assert offers_of(machines, (), ()).routes == ()


def test_a_stop_leads_to_its_task_and_back() -> None:
    lobby = s.Lobby(offers=offers_of((), (), ()), phase=s.InPlace(WEEK.id), learner="me")
    lobby, _ = update(lobby, Tapped("stop.1", "route", key(view(lobby), "stop.1").value))
    assert isinstance(lobby.phase, s.Before)
    assert (lobby.phase.machine, lobby.phase.lesson) == WEEK.stops[0]
    lobby, _ = update(lobby, Tapped("task.back", "task", ""))
    assert lobby.phase == s.InPlace(WEEK.id)


@pytest.fixture
def session() -> LearnerSession:
    session = LearnerSession(b"site", 0, lambda: 0)
    session.begin("l-000001")
    return session


def test_only_what_was_done_goes_along_and_only_to_the_next_stop(session: LearnerSession) -> None:
    first, second, third = WEEK.stops[:3]
    session.ended(record(first, session.learner, "given_up"), Persona("nobody"))
    assert session.carried(*second) is None
    session.ended(record(first, session.learner), Persona("somebody"))
    assert session.carried(*second) == Persona("somebody")
    assert session.carried(*third) is None
    assert session.carried(second[0]) is None, "the week's pocket is not the counters'"
    session.ended(record(("bank-counter", ""), session.learner), Persona("another"))
    assert session.carried(*second) == Persona("somebody"), "the counters' pocket is not the week's"


@given(ended=st.lists(numbers_of_stops, max_size=4), written=st.integers(0, 4))
def test_what_was_just_done_is_known_before_it_is_written(ended: list[int], written: int) -> None:
    """The database may be read before the writer's next commit; each run is known once, whenever it is read."""
    session = LearnerSession(b"site", 0, lambda: 0)
    session.begin("l-000001")
    done = tuple(record(WEEK.stops[n], session.learner, at_ms=at) for at, n in enumerate(ended))
    for one in done:
        session.ended(one)
        session.read(done[:written])
    assert sorted(one.run for one in session.records) == sorted({one.run for one in (*done, *done[:written])})
    session.end()
    session.begin("l-000001")
    session.read(done[:written])
    assert session.records == done[:written], "another turn believes the database alone"


def week(offers: s.PracticeOffers) -> Page:
    return view(s.Lobby(offers=offers, phase=s.InPlace(WEEK.id), learner="me"))


def key(page: Page, name: str) -> Key:
    found = page.key(name)
    assert found is not None
    return found
