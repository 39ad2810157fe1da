"""The railway's figures against the reference, which no walk can check (machine and world read the same rules), and
its data: enough of it, real places, sound trains, the same every time.
"""

from __future__ import annotations

import datetime
import io
import json
import tomllib
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy import generate_railway
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import AnyEvent
from kiosk_firmware.core.faults import moment, struck
from kiosk_firmware.core.hosts.rail import (
    HoldAsked,
    IssueAsked,
    RefundAsked,
    ReleaseAsked,
    TrainsAsked,
    TravelCodeAsked,
)
from kiosk_firmware.core.lessons import LessonSetting
from kiosk_firmware.core.persona import IdCard
from kiosk_firmware.core.play import Play
from kiosk_firmware.machines.rail import fares
from kiosk_firmware.machines.rail.booking_office import Office, Railway, seat_allowed
from kiosk_firmware.machines.rail.build import Data
from kiosk_firmware.machines.rail.state import Rules
from kiosk_firmware.machines.rail.timetable import PLENTY, StationFile, Timetable, TrainFile
from kiosk_firmware.tools.play import Player, changed_setting, find_lesson, opening_event
from kiosk_firmware.unit.coach.search import Search, Ways

FOLDER = machine_loader.PACKAGE / "machines" / "rail"
PEOPLE = ("519901198802140030", "519901197604050013")
TODAY = 20781


@pytest.fixture(scope="module")
def rules() -> Rules:
    pack = tomllib.loads((FOLDER / "rulepack.toml").read_text(encoding="utf-8"))["pack"][0]
    return msgspec.convert(pack["rules"], Rules)


@pytest.fixture(scope="module")
def table() -> Timetable:
    def read(name: str, kind: type) -> object:
        return msgspec.convert(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")), kind)

    return Timetable(Data(read("stations", StationFile), read("trains", TrainFile)))


@pytest.mark.parametrize(
    ("yuan", "hours", "fee"),
    [
        (154, 200, 0),
        (154, 192, 0),
        (154, 72, 7.5),
        (154, 48, 7.5),
        (154, 47, 15.5),
        (154, 30, 15.5),
        (154, 24, 15.5),
        (154, 23, 31),
        (154, 3, 31),
        (39, 72, 2),
        (1, 3, 1),
        (45, 72, 2.5),
        (5, 30, 2),
        (44, 72, 2),
        (54, 72, 2.5),
        (55, 72, 3),
        (65, 72, 3.5),
    ],
)
def test_refund_fees_are_the_reference_s(rules, yuan, hours, fee):
    assert fares.refund_fee(rules, yuan * 100, hours * 60, TODAY) == int(fee * 100)


def test_a_minute_less_costs_more(rules):
    assert fares.refund_fee(rules, 15400, 48 * 60 - 1, TODAY) == 1550
    assert fares.refund_fee(rules, 15400, 192 * 60 - 1, TODAY) == 750


def test_a_ticket_changed_from_a_time_that_costs_keeps_its_rate(rules):
    floor = fares.floor_after_change(rules, 72 * 60, 240 * 60)
    assert floor == 500
    assert fares.refund_fee(rules, 15400, 240 * 60, TODAY, True, floor) == 750
    assert fares.floor_after_change(rules, 72 * 60, 50 * 60) == 0


@pytest.mark.parametrize("new_year", ["2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06"])
def test_a_ticket_changed_into_a_spring_festival_always_costs_a_fifth(rules, new_year):
    """Forty days from fifteen days before it on; the day of travel counts, and how long is left does not."""
    feast = (datetime.date.fromisoformat(new_year) - datetime.date(1970, 1, 1)).days
    first, last = feast - 15, feast + 24
    for day, moved, hours, fee in (
        (first, True, 240, 3100),
        (last, True, 240, 3100),
        (feast, True, 72, 3100),
        (feast, True, 3, 3100),
        (first - 1, True, 240, 0),
        (last + 1, True, 240, 0),
        (feast, False, 240, 0),
        (feast, False, 72, 750),
    ):
        assert fares.refund_fee(rules, 15400, hours * 60, day, moved) == fee


@given(fen=st.integers(0, 200_000), minutes=st.integers(-100, 30_000), floor=st.sampled_from([0, 500, 1000]))
def test_fees_are_whole_halves_and_never_more_than_the_ticket(rules, fen, minutes, floor):
    fee = fares.refund_fee(rules, fen, minutes, TODAY, False, floor)
    assert 0 <= fee <= fen
    assert fee % 50 == 0 or fee == fen
    assert fee == 0 or fee == fen or fee >= rules.refund_min_fen
    assert fee >= fares.refund_fee(rules, fen, minutes + 600, TODAY, False, floor)


def test_there_are_enough_places_and_trains_and_they_are_sound(table):
    assert len(table.stations) >= 60
    assert len(table.trains) >= 300
    for train in table.trains.values():
        calls = list(train.calls.values())
        assert set(train.calls) <= set(table.stations)
        assert all(a.leaves < b.arrives <= b.leaves and a.km < b.km for a, b in pairwise(calls))
        assert 0 <= calls[0].leaves < 1440
        assert all(20 < (b.km - a.km) * 60 / (b.arrives - a.leaves) < 360 for a, b in pairwise(calls))


def test_the_committed_data_are_what_the_script_makes(table):
    codes = {station.name: (station.code, station.pinyin) for station in table.stations.values()}
    made = tomllib.loads((FOLDER / "trains.toml").read_text(encoding="utf-8"))
    assert generate_railway.trains(codes) == list(made["rows"])
    assert made["fares"] == generate_railway.FARES
    assert [name for line in generate_railway.LINES for name, _ in line.stops if name not in codes] == []


def test_fares_are_of_the_size_that_people_meet(table):
    assert table.fare("G8603", "cdd", "cqb", "second") == 15400
    assert table.fare("G8603", "cdd", "cqb", "first") == 24600
    assert table.fare("G8603", "cdd", "cqb", "business") == 46200
    assert table.fare("D1853", "cdd", "cqb", "second") == 9700
    assert table.fare("D1853", "cdd", "cqb", "first") == 11600
    for day in range(TODAY, TODAY + 15):
        for row in table.rows("cdd", "cqb", day):
            assert all(0 <= offer.left <= PLENTY and offer.fen > 0 for offer in row.offers)


# -- the office --------------------------------------------------------------------------------------------------------


@pytest.fixture
def railway_(table, rules) -> Railway:
    return Railway(table, rules, rules.presale_days, rules.sale_closes_min)


def sold(rail: Railway, office: Office, now, people=PEOPLE[:1], train="G8603", kind="second", swap=0, day=TODAY + 1):
    """The office after it held and issued seats; and the tickets."""
    verdict, held = rail.judge(office, now, HoldAsked(0, "cdd", "cqb", day, train, kind, people, swap))
    assert verdict == "ok", verdict
    office = rail.booked(office, held)
    verdict, issued = rail.judge(office, now, IssueAsked(held.order, held.order, "phone", held.fen, 0, held.seats))
    assert verdict == "ok"
    return rail.booked(office, issued), issued


def test_an_order_is_issued_once_and_a_ticket_refunded_once(railway_):
    now = railway_.moment(TODAY, 600)
    office, issued = sold(railway_, Office(tuple(IdCard(n) for n in PEOPLE)), now, PEOPLE)
    again = railway_.judge(office, now, IssueAsked(issued.order, issued.order, "phone", 0, 0, issued.seats))
    assert again[1].tickets == issued.tickets
    assert railway_.booked(office, again[1]) == office
    refund = RefundAsked(issued.order, issued.order, 100, 0)
    after = railway_.booked(office, refund)
    assert len(after.tickets) == 1
    assert railway_.judge(after, now, refund)[0] == "ok"
    assert railway_.booked(after, refund) == after


def test_a_released_change_gives_the_old_ticket_back(railway_):
    now = railway_.moment(TODAY, 600)
    office, first = sold(railway_, Office((IdCard(PEOPLE[0]),)), now)
    changed, second = sold(railway_, office, now, train="D1853", swap=first.order)
    assert [ticket.train for ticket in changed.tickets] == ["D1853"]
    assert second.tickets[0].changed
    back = railway_.booked(changed, ReleaseAsked(0, second.order))
    assert [ticket.train for ticket in back.tickets] == ["G8603"]


@pytest.mark.parametrize(
    ("train", "kind", "people", "verdict"),
    [
        ("G8603", "second", PEOPLE[:1], "same_train"),
        ("D1855", "second", PEOPLE[:1], "conflict"),
        ("G8601", "second", PEOPLE[1:], "no_seats"),
        ("G8603", "second", ("1",), "person"),
        ("G9999", "second", PEOPLE[1:], "closed"),
        ("G8607", "second", PEOPLE[:1], "conflict"),
    ],
)
def test_the_office_refuses_as_life_does(railway_, train, kind, people, verdict):
    now = railway_.moment(TODAY, 600)
    office, _ = sold(railway_, Office(tuple(IdCard(n) for n in PEOPLE)), now)
    asked = HoldAsked(0, "cdd", "cqb", TODAY + 1, train, kind, people)
    assert railway_.judge(office, now, asked)[0] == verdict


@pytest.mark.parametrize(
    ("today", "minute", "target", "day", "verdict"),
    [
        (TODAY - 1, 402, "dzn", TODAY + 1, "ok"),
        (TODAY - 1, 403, "dzn", TODAY + 1, "target_near"),
        (TODAY - 1, 402, "cqb", TODAY + 2, "ok"),
        (TODAY - 1, 403, "cqb", TODAY + 2, "change_near"),
        (TODAY + 1, 401, "cqb", TODAY + 2, "change_near"),
        (TODAY + 1, 402, "cqb", TODAY + 2, "change_late"),
        (TODAY + 1, 402, "cqb", TODAY + 1, "ok"),
        (TODAY + 1, 402, "dzn", TODAY + 1, "target_near"),
        (TODAY + 2, 300, "cqb", TODAY + 2, "change_late"),
    ],
)
def test_a_ticket_is_changed_once_and_within_the_rules_times(railway_, today, minute, target, day, verdict):
    """Of a ticket that leaves TODAY + 1 at 06:42: another place up to 48 hours before, another day, and after."""
    office, first = sold(railway_, Office((IdCard(PEOPLE[0]),)), railway_.moment(TODAY - 2, 600))
    asked = HoldAsked(0, "cdd", target, day, "D1855", "second", PEOPLE[:1], first.order)
    assert railway_.judge(office, railway_.moment(today, minute), asked)[0] == verdict
    again, second = sold(railway_, office, railway_.moment(TODAY - 1, 402), train="D1853", swap=first.order)
    asked = msgspec.structs.replace(asked, swap=second.order)
    assert railway_.judge(again, railway_.moment(TODAY - 1, 402), asked)[0] == "changed_once"


def test_a_ticket_changed_after_it_left_is_not_given_back(railway_):
    """The last minute before the departure still counts as before."""
    for minute, verdict in ((401, "ok"), (402, "changed_late")):
        now = railway_.moment(TODAY + 1, minute)
        office, first = sold(railway_, Office((IdCard(PEOPLE[0]),)), railway_.moment(TODAY, 600))
        office, second = sold(railway_, office, now, train="D1855", swap=first.order)
        assert railway_.judge(office, now, RefundAsked(9, second.order, 0, 0))[0] == verdict


def test_a_travel_code_lasts_a_day_and_is_made_so_often_in_a_month(railway_, rules):
    """Asked again within the day it is the same one; the next month counts anew."""
    first = (datetime.date(2026, 11, 24) - datetime.date(1970, 1, 1)).days
    office = Office((IdCard(PEOPLE[0], lost=True),))
    for n in range(rules.codes_a_month):
        for minute in (600, 1439):
            now = railway_.moment(first + n, minute)
            verdict, made = railway_.judge(office, now, TravelCodeAsked())
            assert (verdict, made.until, made.count) == ("ok", (first + n + 1) * 1440 + 600, n + 1)
            office = railway_.booked(office, made)
        assert len(office.codes) == n + 1
    last = first + rules.codes_a_month
    assert railway_.judge(office, railway_.moment(last, 599), TravelCodeAsked())[1].until == last * 1440 + 600
    assert railway_.judge(office, railway_.moment(last, 600), TravelCodeAsked())[0] == "code_cap"
    assert railway_.judge(office, railway_.moment(first + 7, 600), TravelCodeAsked())[1].count == 1, "December"


@pytest.mark.parametrize(("minute", "verdict"), [(59, "ok"), (60, "night"), (299, "night"), (300, "ok")])
def test_nothing_is_sold_at_night_but_an_order_is_let_go(railway_, minute, verdict):
    now = railway_.moment(TODAY, minute)
    assert railway_.judge(Office(), now, TrainsAsked(0, "cdd", "cqb", TODAY))[0] == verdict
    assert railway_.judge(Office(), now, ReleaseAsked(0, 1))[0] == "ok"


def test_what_a_spending_limit_leaves():
    assert not any(seat_allowed("G8603", kind) for kind in ("second", "first", "business", "standing"))
    assert [kind for kind in ("second", "first") if seat_allowed("D1853", kind)] == ["second"]
    assert [kind for kind in ("hard", "soft_sleeper", "standing") if seat_allowed("K1", kind)] == ["hard", "standing"]


def test_trains_that_have_left_are_not_shown_and_the_pre_sale_ends(railway_, rules):
    now = railway_.moment(TODAY, 845)
    verdict, answer = railway_.judge(Office(), now, TrainsAsked(0, "cdd", "cqb", TODAY))
    assert verdict == "ok"
    assert min(row.leaves for row in answer.rows) >= 845 + rules.sale_closes_min
    last = TODAY + rules.presale_days - 1
    assert railway_.judge(Office(), now, TrainsAsked(0, "cdd", "cqb", last))[0] == "ok"
    assert railway_.judge(Office(), now, TrainsAsked(0, "cdd", "cqb", last + 1))[0] == "too_far"


# -- kiosk play --------------------------------------------------------------------------------------------------------


def asked(now: str, *lines: dict) -> dict:
    """The last transition that `kiosk play rail` tells for these events."""
    out = io.StringIO()
    setting = changed_setting(LessonSetting(), "ticketed", now)
    player = Player(machine_loader.load("rail", date=datetime.date(2026, 11, 24)), "zh", answer=True)
    player.play_all(opening_event(setting, "zh"), io.StringIO("\n".join(json.dumps(line) for line in lines)), out)
    return json.loads(out.getvalue().splitlines()[-1])


def tap(key: str, step: str) -> dict:
    return {"type": "Tapped", "key": key, "step": step}


LAY = {"type": "MediaInserted", "at": "id_reader", "media": {"number": PEOPLE[0]}}


@pytest.mark.parametrize(
    ("now", "fee", "back"),
    [
        ("2026-11-19T12:50", 0, 137),
        ("2026-11-19T12:51", 7, 130),
        ("2026-11-25T12:50", 7, 130),
        ("2026-11-25T12:51", 13.5, 123.5),
        ("2026-11-26T12:50", 13.5, 123.5),
        ("2026-11-27T09:00", 27.5, 109.5),
    ],
)
def test_play_answers_what_a_refund_costs(now, fee, back):
    """A ticket of ¥137 for the 27th, 12:50; at eight days, 48 h, 24 h and in between."""
    told = asked(now, tap("menu.refund", "home"), LAY, tap("ticket.1", "tickets-refund"))
    rows = {row["label"]["key"]: row["value"]["args"] for row in told["page"]["body"]["rows"]}
    assert rows["row.fee"] == [["x_fen", int(fee * 100)]]
    assert rows["row.back"] == [["x_fen", int(back * 100)]]


def test_play_answers_what_a_change_costs():
    """The same ticket, changed to a slow train that day: ¥60 in place of ¥137, a tenth of the difference stays."""
    events = (
        tap("menu.change", "home"),
        LAY,
        tap("ticket.1", "tickets-change"),
        tap("change.train", "change"),
        tap("day.1", "days"),
        tap("filter.slow", "trains"),
        tap("train.K9481.hard", "trains"),
    )
    told = asked("2026-11-26T11:00", *events)
    rows = {row["label"]["key"]: row["value"]["args"] for row in told["page"]["body"]["rows"]}
    assert rows["row.old_price"] == [["x_fen", 13700]]
    price = rows["row.new_price"][0][1]
    over = 13700 - price
    assert rows["row.back"] == [["x_fen", over - (over * 10 // 100 + 25) // 50 * 50]]
    assert (price, rows["row.back"][0][1]) == (6000, 6950)


@pytest.mark.parametrize("wanted", ["buy-cash", "buy-two", "refund", "change", "answer-lost"])
def test_a_journal_of_the_railway_can_be_read(wanted):
    """Every event of a run, written and read as JSON, leads to the same situation."""
    lesson = find_lesson("rail", wanted)
    loaded = machine_loader.load("rail", lesson.setting.skin)
    play = Play(loaded.machine, loaded.world, lesson.facts())
    decoder = msgspec.json.Decoder(AnyEvent)
    began = opening_event(lesson.setting, "zh")
    now = then = play.begin(began)
    ways = Ways(play, lesson)
    assert play.begin(decoder.decode(msgspec.json.encode(began))) == now
    for _ in range(80):
        event = next(play.answers(now), None)
        if event is None:
            search = Search(ways, now, budget=6000)
            while not search.work(1000):
                pass
            event = search.first_act
        if event is None:
            break
        said = struck(now.armed, event) if now.armed and moment(now.armed, event) else (event,)
        for one in said:
            now = play.step(now, one).after
            then = play.step(then, decoder.decode(msgspec.json.encode(one))).after
            assert then == now
    assert lesson.reached(play.facts(now))
