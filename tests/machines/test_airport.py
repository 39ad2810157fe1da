"""Check-in's figures against the reference, which no walk can check (machine and world read the same rules); the code
on a pass against the standard's layout; its data: enough of it, real places, sound flights.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import AnyEvent, MediaInserted, Tapped
from kiosk_firmware.core.faults import moment, struck
from kiosk_firmware.core.hosts.airline import Booking, FindAsked, Flyer
from kiosk_firmware.core.persona import IdCard, Persona
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.machines.airport import bcbp
from kiosk_firmware.machines.airport.airline import Airline, Office
from kiosk_firmware.machines.airport.build import Data
from kiosk_firmware.machines.airport.flights import FlightFile, Flights
from kiosk_firmware.machines.airport.rules_dangerous_goods import misplaced_things
from kiosk_firmware.tools.play import find_lesson, opening_event
from kiosk_firmware.unit.coach.search import Search, Ways

FOLDER = machine_loader.PACKAGE / "machines" / "airport"
ME, HER = "519901198802140030", "519901197604050013"
TODAY = 20781
FLYER = Flyer(ME, "张明", "ZHANG/MING", "9990210000551")


@pytest.fixture(scope="module")
def flights() -> Flights:
    read = tomllib.loads((FOLDER / "flights.toml").read_text(encoding="utf-8"))
    return Flights(Data(msgspec.convert(read, FlightFile)))


def told(persona: Persona, now: str, skin: str = "tianfu-kiosk", days: int = 0) -> str:
    """What checking in leads to: a notice's name, or the step of the page."""
    date = datetime.date.fromisoformat(now[:10]) + datetime.timedelta(days)
    loaded = machine_loader.load("airport", skin, date)
    play = Play(loaded.machine, loaded.world)
    at = play.settle(
        play.step(play.begin(machine_loader.start_event(persona, now)), Tapped("menu.checkin", "home")).after
    )
    if skin != "phone":
        at = play.settle(play.act(at, next(act for act in play.acts(at, {}) if isinstance(act, MediaInserted))))
    return _stands(play, at)


def _stands(play: Play, now: Situation) -> str:
    return str(getattr(now.state.phase, "why", play.page(now).step))


def booked(flight: str, day: int, *flyers: Flyer) -> Persona:
    return Persona(ids=(IdCard(ME),), bookings=(Booking("K7X2PM", flight, day, flyers or (FLYER,), "12000005528"),))


@pytest.mark.parametrize(
    ("now", "kiosk", "phone"),
    [
        ("2026-11-22T16:39:00+08:00", "early", "early"),
        ("2026-11-22T16:40:00+08:00", "flight", "flight"),
        ("2026-11-24T15:40:00+08:00", "flight", "flight"),
        ("2026-11-24T15:41:00+08:00", "flight", "counter_still"),
        ("2026-11-24T15:55:00+08:00", "flight", "counter_still"),
        ("2026-11-24T15:56:00+08:00", "late", "late"),
        ("2026-11-24T16:40:00+08:00", "nothing", "nothing"),
    ],
)
def test_hours_are_the_reference_s(now: str, kiosk: str, phone: str) -> None:
    """From 48 hours before 16:40 on; the phone until 60 minutes before, kiosk and counter until 45."""
    assert told(booked("TD4221", TODAY), now) == kiosk
    assert told(booked("TD4221", TODAY), now, "phone") == phone


@pytest.mark.parametrize(
    ("now", "why"), [("2026-11-24T13:40:00+08:00", ""), ("2026-11-24T13:41:00+08:00", "cancel_late")]
)
def test_three_hours_before_departure_nothing_is_taken_back_any_more(now: str, why: str) -> None:
    done = msgspec.structs.replace(FLYER, seat="31A", number=7)
    loaded = machine_loader.load("airport", "phone")
    play = Play(loaded.machine, loaded.world)
    at = play.begin(machine_loader.start_event(booked("TD4221", TODAY, done), now))
    at = play.settle(play.step(at, Tapped("menu.cancel", "home")).after)
    assert getattr(at.state.phase, "why", "") == why


def test_power_banks_without_the_mark_may_not_fly_since_june_2025() -> None:
    """Before that day no page asks for the mark; a good one belongs into the bag at hand, then and now."""
    before, after = (pack.rules for pack in machine_loader.packs("airport").pack)
    assert [pack.id for pack in machine_loader.packs("airport").pack][1].startswith("2025-06-28")
    assert "unmarked" not in dict(before.things)
    assert after.may_go("unmarked") == "never"
    for rules in (before, after):
        packed = (("powerbank", "hold"), ("knife", "hold"), ("lighter", "hand"))
        assert misplaced_things(rules, packed) == ("powerbank", "lighter")
        assert misplaced_things(rules, (("powerbank", "hand"),)) == ()


# -- the pass's code ---------------------------------------------------------------------------------------------------

M1 = re.compile(
    r"M1(?P<name>.{20})E(?P<pnr>.{7})(?P<origin>[A-Z]{3})(?P<target>[A-Z]{3})(?P<carrier>.{3})(?P<number>\d{4}.)"
    r"(?P<day>\d{3})(?P<cabin>[A-Z])(?P<seat>\d{3}[A-Z])(?P<sequence>\d{4}.)(?P<status>.)(?P<more>[0-9A-F]{2})"
)


def test_a_pass_s_code_is_the_standard_s_example_in_our_words(flights: Flights) -> None:
    """The layout of the standard's own sample (DESMARAIS/LUC, YULFRA), field by field."""
    flyer = msgspec.structs.replace(FLYER, seat="31B", number=42)
    code = bcbp.encode(Booking("K7X2PM", "TD4221", TODAY, (flyer,)), flyer, flights.by_no["TD4221"])
    assert code == "M1ZHANG/MING          EK7X2PM TFUKMGTD 4221 328Y031B0042 100"
    sample = "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 226F001A0025 100"
    assert M1.fullmatch(sample)
    assert [len(part) for part in M1.fullmatch(code).groups()] == [len(part) for part in M1.fullmatch(sample).groups()]


@given(data=st.data(), day=st.integers(0, 40_000), number=st.integers(1, 999))
def test_every_code_has_sixty_characters_and_says_what_the_pass_says(
    flights: Flights, data: Any, day: int, number: int
) -> None:
    latin = data.draw(st.from_regex(r"[A-Z]{1,20}/[A-Z ]{1,20}", fullmatch=True))
    flight = data.draw(st.sampled_from([*flights.by_no.values()]))
    seat = data.draw(st.sampled_from(flights.cabin.seats))
    flyer = Flyer(ME, "", latin, "", seat, number)
    found = M1.fullmatch(code := bcbp.encode(Booking("ABC234", flight.no, day, (flyer,)), flyer, flight))
    assert found
    assert len(code) == bcbp.LENGTH
    assert code.isascii()
    assert (found["origin"], found["target"]) == (flight.origin, flight.target)
    assert found["carrier"].strip() + str(int(found["number"])) == flight.no
    assert f"{int(found['seat'][:3])}{found['seat'][3]}" == seat
    assert int(found["sequence"]) == number
    assert found["name"] == f"{latin:<20.20}"


# -- data and seats ----------------------------------------------------------------------------------------------------


def test_there_are_enough_flights_and_they_are_sound(flights: Flights) -> None:
    assert len(flights.by_no) >= 40
    assert len(flights.airports) >= 20
    assert all({flight.origin, flight.target} & {"TFU", "CTU"} for flight in flights.by_no.values())
    for flight in flights.by_no.values():
        assert 360 <= flight.leaves < 1440
        assert 45 <= flight.arrives - flight.leaves <= 300
    assert len(flights.cabin.seats) == 180


def test_parts_hold_every_seat_once_and_no_more_than_ten_rows(flights: Flights) -> None:
    cabin = flights.cabin
    rows = [row for _, part in cabin.parts for row in part]
    assert rows == list(range(cabin.first, cabin.last + 1))
    assert all(len(part) <= 10 for _, part in cabin.parts)
    assert [cabin.side(f"31{letter}") for letter in "ABCJKL"] == [
        "window",
        "between",
        "aisle",
        "aisle",
        "between",
        "window",
    ]


@pytest.mark.parametrize("number", ["TD4201", "TD4221", "TD4253"])
@pytest.mark.parametrize("day", [TODAY, TODAY + 1])
def test_seats_that_are_given_are_free_and_not_at_an_exit(flights: Flights, number: str, day: int) -> None:
    people = tuple(msgspec.structs.replace(FLYER, person=str(n)) for n in range(9))
    airline, booking = Airline(flights), Booking("K7X2PM", number, day, people)
    office = Office((), (booking,))
    seats = airline.found(office, booking).seats
    assert len(set(seats)) == 9
    assert not set(seats) & set(airline.taken(office, number, day))
    assert not any(map(flights.cabin.is_exit, seats))


def test_a_flight_that_is_full_gives_no_seat(flights: Flights) -> None:
    small = msgspec.structs.replace(flights.cabin, first=1, last=1, letters="A J", exits=())
    full = Flights(Data(FlightFile(("AAA a A", "BBB b B"), ("TD1 AAA BBB 600 60",), {"TD1": ("1A",)}, small)))
    booking = Booking("K7X2PM", "TD1", TODAY, (FLYER, msgspec.structs.replace(FLYER, person=HER)))
    assert Airline(full).found(Office((), (booking,)), booking).seats == ("1J", "")


@pytest.mark.parametrize(
    ("airports", "rows", "said"),
    [
        (("AAA a",), (), "allowed is code, name"),
        (("AAA a A",), ("TD1 AAA BBB 600 60",), "allowed is number, from"),
        (("AAA a A",), ("TD1 AAA AAA 600",), "'TD1 AAA AAA 600'"),
    ],
)
def test_a_wrong_row_is_named(flights: Flights, airports: Any, rows: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        Flights(Data(FlightFile(airports, rows, {}, flights.cabin)))


@pytest.mark.parametrize("wanted", ["window-seat", "two-people", "lost-pass", "take-back", "paper-out"])
def test_a_journal_of_check_in_can_be_read(wanted: str) -> None:
    """Every event of a run, written and read as JSON, leads to the same situation."""
    lesson = find_lesson("airport", wanted)
    loaded = machine_loader.load("airport", lesson.setting.skin)
    play = Play(loaded.machine, loaded.world, lesson.facts())
    decoder = msgspec.json.Decoder(AnyEvent)
    now = then = play.begin(opening_event(lesson.setting, "zh"))
    ways = Ways(play, lesson)
    for _ in range(80):
        event = next(play.answers(now), None)
        if event is None:
            search = Search(ways, now, budget=6000)
            while not search.work(1000):
                pass
            event = search.first_act
        if event is None:
            break
        for one in _said(now, event):
            now = play.step(now, one).after
            then = play.step(then, decoder.decode(msgspec.json.encode(one))).after
            assert then == now
    assert lesson.reached(play.facts(now))


def _said(now: Situation, event: AnyEvent) -> tuple[AnyEvent, ...]:
    return struck(now.armed, event) if now.armed and moment(now.armed, event) else (event,)


def test_bookings_are_found_by_person_reference_and_ticket_alike(flights: Flights) -> None:
    airline, booking = Airline(flights), Booking("K7X2PM", "TD4221", TODAY, (FLYER,))
    office, now = Office((IdCard(ME),), (booking,)), TODAY * 1440 + 600
    asks = (FindAsked(person=ME), FindAsked(reference="K7X2PM"), FindAsked(ticket=FLYER.ticket))
    answers = [airline.judge(office, now, ask) for ask in asks]
    assert [verdict for verdict, _ in answers] == ["ok"] * 3
    assert len({answer.found for _, answer in answers}) == 1
    for ask in (FindAsked(), FindAsked(person=HER), FindAsked(reference="K7X2PX"), FindAsked(ticket="1")):
        assert airline.judge(office, now, ask)[0] == "nothing"
