"""Requests and appointments at the office: whatever officers do at once, nobody is booked twice, and all is noted."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from threading import Thread
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.core.hosts.visit import VisitRequest
from kiosk_firmware.visit.domain.states import FINAL, MOVES, Move
from kiosk_firmware.visit.office.appointments import StoredRequest, VisitStore, slot_of
from kiosk_firmware.visit.office.visits_db import VISITS, VisitRefusedError, VisitsDb
from tests.visit.office.conftest import quick

DAY = 20_790


def opened(folder: Path) -> VisitStore:
    return VisitStore(quick(VisitsDb(folder / VISITS)), lambda: 1)


def wanted(minute: int = 570, day: int = DAY) -> VisitRequest:
    return VisitRequest(("mother",), day, minute, day - 9)


def ready(store: VisitStore, person: str, minute: int = 570, day: int = DAY) -> StoredRequest:
    """A request that waits for the officer's word."""
    made = store.submit("family", person, "site-01", wanted(minute, day))
    store.move("clerk", made.id, "submitted", "receive")
    return store.move("clerk", made.id, "kinship", "prove")


@pytest.fixture
def store(tmp_path: Path):
    made = opened(tmp_path)
    yield made
    made.db.close()


def test_a_request_goes_its_way_and_every_act_is_noted(store: VisitStore) -> None:
    made = ready(store, "a")
    assert [one.id for one in store.queue("site-01")] == [made.id]
    store.approve("officer", made.id, "unit-01", "station-01")
    for seen, move in (("approved", "tell"), ("waiting", "arrive"), ("signing", "meet"), ("meeting", "end")):
        done = store.move("officer", made.id, seen, move)
    assert (done.case.state, done.case.signed) == ("ended", True)
    assert done.case.request == wanted()
    moves = [move for _, move in store.acts(made.id)]
    assert moves == ["submit", "receive", "prove", "approve", "tell", "arrive", "meet", "end"]
    assert store.queue("site-01") == ()


DAYS = itertools.count()


@pytest.fixture(scope="module")
def long_open(tmp_path_factory):
    made = opened(tmp_path_factory.mktemp("visits"))
    yield made
    made.db.close()


@settings(deadline=None)
@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from("abcd"),
            st.sampled_from((*get_args(Move), "new", "new")),
            st.sampled_from((570, 600)),
            st.sampled_from(("unit-01", "unit-02")),
            st.sampled_from(("station-01", "station-02")),
        ),
        max_size=14,
    )
)
def test_nobody_is_booked_twice_and_nothing_moves_but_by_the_table(long_open, acts) -> None:
    """Any acts in any order: the database holds what must hold after each. Each example has a day and people of its
    own, as opening a file is the slow part.
    """
    store, day = long_open, DAY + next(DAYS)
    latest: dict[str, StoredRequest] = {}
    for person, act, minute, unit, station in acts:
        before = latest.get(person)
        try:
            if act == "new":
                latest[person] = ready(store, f"{person}-{day}", minute, day)
            elif act == "approve" and before:
                latest[person] = store.approve("officer", before.id, unit, station)
            elif act == "rebook" and before:
                store.rebook("officer", before.id, before.case.state, unit, station, (day, minute), "why")
                latest[person] = store.one(before.id)
            elif before:
                latest[person] = store.move("officer", before.id, before.case.state, act)
        except VisitRefusedError:
            assert not before or store.one(before.id) == before  # what was refused left nothing behind
            continue
        if before and act != "new":
            assert latest[person].case.state == MOVES[before.case.state, act]
        if before and act == "rebook":
            one = store.appointment(latest[person].id)
            assert one is not None
            assert (one.unit, one.station, one.minute) == (unit, station, minute)
            assert latest[person].case.request.minute == minute
        held = store.calendar(day, day)
        assert max(Counter((one.unit, one.minute) for one in held).values(), default=1) == 1
        assert max(Counter((one.station, one.minute) for one in held).values(), default=1) == 1
        has = {one.request for one in held}
        for kept in latest.values():
            before_it = kept.case.state in ("submitted", "kinship", "approval", "draft", "waived", "returned")
            assert (kept.id in has) != before_it


def test_one_request_at_a_time_and_another_when_it_is_over(store: VisitStore) -> None:
    made = ready(store, "a")
    with pytest.raises(VisitRefusedError, match="a has a request already"):
        store.submit("family", "a", "site-01", wanted(600))
    store.move("officer", made.id, "approval", "refuse", "this_month", DAY + 11)
    assert store.one(made.id).case.state in FINAL
    again = store.submit("family", "a", "site-01", wanted(600))
    assert again.case.number != made.case.number


def test_two_officers_at_once_one_is_told_what_it_is_now(tmp_path: Path, store: VisitStore) -> None:
    """Two approve the same request, two others give one unit away twice: in each pair exactly one succeeds."""
    same, first, second = ready(store, "a"), ready(store, "b", 600), ready(store, "c", 600)
    said: list[str] = []

    def officer(id_: int, unit: str, station: str) -> None:
        own = opened(tmp_path)
        try:
            own.approve("officer", id_, unit, station)
            said.append("done")
        except VisitRefusedError as error:
            said.append(str(error))
        own.db.close()

    def mover(id_: int, unit: str) -> None:
        own = opened(tmp_path)
        try:
            own.rebook("officer", id_, "approved", unit, "s9", (DAY, 900), "why")
            said.append("done")
        except VisitRefusedError as error:
            said.append(str(error))
        own.db.close()

    def at_once(*acts: tuple) -> None:
        """Exactly one of them succeeds."""
        said.clear()
        threads = [Thread(target=who, args=what) for who, *what in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert said.count("done") == 1
        assert any("is approved by now, not approval" in one or "is taken at that time" in one for one in said)

    for pair in (((same.id, "u1", "s1"), (same.id, "u2", "s2")), ((first.id, "u3", "s3"), (second.id, "u3", "s4"))):
        at_once(*((officer, *one) for one in pair))
    assert len(store.calendar(DAY, DAY)) == 2
    at_once(*((mover, one.request, "u9") for one in store.calendar(DAY, DAY)))
    assert len(store.calendar(DAY, DAY)) == 2, "who came second has what they had"


@settings(deadline=None)
@given(st.integers(0, 30_000), st.integers(-60, 1500))
def test_a_visit_takes_one_half_hour(day: int, minute: int) -> None:
    if minute % 30 or not 0 <= minute < 1440:
        with pytest.raises(VisitRefusedError, match="half hour"):
            slot_of(day, minute)
    else:
        assert divmod(slot_of(day, minute), 48) == (day, minute // 30)


def test_what_is_not_there_or_has_a_way_of_its_own_is_refused(store: VisitStore) -> None:
    with pytest.raises(VisitRefusedError, match="no request 7"):
        store.one(7)
    made = ready(store, "a")
    with pytest.raises(VisitRefusedError, match="way of its own"):
        store.move("officer", made.id, "approval", "approve")
    with pytest.raises(VisitRefusedError, match="no move 'meet'; allowed are approve, refuse, take_back"):
        store.move("officer", made.id, "approval", "meet")
    with pytest.raises(VisitRefusedError, match="way of its own"):
        store.move("officer", made.id, "approval", "rebook")
    with pytest.raises(VisitRefusedError, match="no place that could be moved"):
        store.rebook("officer", made.id, "approval", "unit-01", "station-01", (DAY, 570), "why")


def test_what_is_moved_has_to_be_told_again_and_says_from_where_to_where(store: VisitStore) -> None:
    made = ready(store, "a")
    store.approve("officer", made.id, "unit-01", "station-01")
    store.move("clerk", made.id, "approved", "tell")
    place = ("unit-01", "station-02", (DAY + 1, 600))
    store.rebook("officer", made.id, "waiting", *place, "flood")
    assert store.one(made.id).case.state == "approved"
    assert store.moves(made.id) == 1
    assert store.history(made.id)[-1]["reason"] == (
        "2026-12-03 09:30 unit-01 station-01 → 2026-12-04 10:00 unit-01 station-02: flood"
    )
    with pytest.raises(VisitRefusedError, match="there already"):
        store.rebook("officer", made.id, "approved", *place, "again")
    with pytest.raises(VisitRefusedError, match="is approved by now, not waiting"):
        store.rebook("officer", made.id, "waiting", "unit-02", "station-02", (DAY + 1, 600), "late")
    assert [one.day for one in store.calendar(DAY, DAY + 1)] == [DAY + 1]
