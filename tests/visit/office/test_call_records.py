"""What becomes of a visit, whatever the unit tells in whatever order: no month is used up by a cut line, nothing
counts twice, and a crash of the office in between changes nothing.
"""

from __future__ import annotations

import itertools
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk_firmware.visit.domain.calendar import month_after, months_on
from kiosk_firmware.visit.domain.states import FINAL
from kiosk_firmware.visit.office.appointments import Visitor
from kiosk_firmware.visit.office.call_records import BREACHES, INVITE_MS, STRAY_MS, TOKEN_MS
from kiosk_firmware.visit.office.policy import MINUTE_MS
from kiosk_firmware.visit.office.rule_advice import concern, contradicted_visitors
from kiosk_firmware.visit.office.visits_db import VisitRefusedError
from kiosk_firmware.visit.wire.messages import Ending, Phase, StatusReport
from tests.visit.office.conftest import BEGINS_MS, DAY, MINUTE, Office

ENDS = tuple(one for one in get_args(Ending) if one)


def told(kept, phase, left_s=1800, end="") -> StatusReport:
    return StatusReport(visit=kept.case.number, phase=phase, left_ms=left_s * 1000, running=phase == "talking", end=end)


def talked(office: Office, end: str, left_s: int = 0, **what):
    kept = office.signed(**what)
    office.calls.told(kept, told(kept, "talking"))
    office.calls.told(kept, told(kept, "over", left_s, end))
    return office.store.one(kept.id)


@pytest.mark.parametrize("end", [one for one in ENDS if one != "late"])
def test_what_an_end_means(office: Office, end: str) -> None:
    kept = talked(office, end, left_s=900)
    stopped = end in (*BREACHES, "officer")
    assert kept.case.state == ("stopped" if stopped else "ended")
    assert (kept.case.reason, kept.case.signed) == (end, True)
    assert kept.rest_s == (900 if end == "line" else 0)
    assert office.store.counts(kept.id) == (end != "line")
    again = office.asked()
    assert again.seconds == kept.rest_s
    months = dict(office.policy.suspend_months).get(end, 0)
    if months:
        assert concern(office.policy, office.store, again) == ("suspended", months_on(DAY, months))
    else:
        assert concern(office.policy, office.store, again) == (
            ("", 0) if end == "line" else ("this_month", month_after(DAY))
        )
    assert office.calls.review(kept.id)["due_ms"] == office.now_ms + 2 * 24 * 60 * MINUTE_MS


def test_a_rest_that_is_worth_nothing_and_a_policy_that_gives_none(office: Office, tmp_path) -> None:
    assert talked(office, "line", left_s=59).rest_s == 0
    strict = Office(tmp_path / "strict", rest_again=False)
    kept = talked(strict, "line", left_s=900)
    assert (kept.rest_s, strict.store.counts(kept.id)) == (0, True)
    strict.room.close()


@pytest.mark.parametrize("signed", [(), ("unit",), ("station",)])
def test_who_does_not_come_has_waived_it_and_the_place_is_free(office: Office, signed) -> None:
    kept = office.approved()
    office.now_ms = BEGINS_MS
    for end in signed:
        office.calls.signed(kept, end, end)
    office.now_ms = BEGINS_MS + 15 * MINUTE_MS
    assert office.calls.may_sign(office.store.appointment(kept.id)) == ""
    assert office.calls.lapse() == []
    office.now_ms += MINUTE_MS + 1
    assert office.calls.may_sign(office.store.appointment(kept.id)) == "late"
    assert [one.case.state for one in office.calls.lapse()] == ["waived"]
    assert office.store.counts(kept.id)
    assert office.calls.owed() == [(office.store.one(kept.id), "jia-visit-01", "late")]
    office.calls.paid(kept.id)
    assert (office.calls.owed(), office.calls.lapse(), office.store.calendar(DAY, DAY)) == ([], [], ())


def test_a_visit_that_fell_silent_is_closed_as_cut_and_its_rest_offered(office: Office) -> None:
    """Power gone at the unit for good: never silently counted."""
    kept = office.signed()
    office.calls.told(kept, told(kept, "talking", 1200))
    office.now_ms = BEGINS_MS + 45 * MINUTE_MS + STRAY_MS
    assert office.calls.lapse() == []
    office.now_ms += 1
    assert [one.case.reason for one in office.calls.lapse()] == ["line"]
    assert office.store.one(kept.id).rest_s == 1200
    assert not office.store.counts(kept.id)


def test_signing_twice_is_signing_once_and_nobody_signs_a_visit_that_is_over(office: Office) -> None:
    kept = office.signed()
    office.calls.signed(kept, "unit", "unit")
    assert [move for _, move in office.store.acts(kept.id)].count("signed.unit") == 1
    office.calls.told(kept, told(kept, "over", 1800, "unit"))
    assert office.store.one(kept.id).case.state == "waived"
    other = office.asked("b" * 16)
    with pytest.raises(VisitRefusedError, match="the visit is approval"):
        office.calls.signed(other, "station", "sifa-01")


def test_a_token_opens_one_line_once_within_its_minute(office: Office) -> None:
    kept = office.approved()
    token, first = office.calls.mint(kept.id, "station")
    assert token.encode() not in b"".join(path.read_bytes() for path in office.folder.glob("visits.db*"))
    assert office.calls.redeem(token) == (kept, "station")
    late, _ = office.calls.mint(kept.id, "officer")
    office.now_ms += TOKEN_MS + 1
    for bad in (token, late, "", "x" * 32):
        with pytest.raises(VisitRefusedError, match="the token"):
            office.calls.redeem(bad)
    again, second = office.calls.mint(kept.id, "station")  # takes what is too old away
    office.calls.redeem(again)
    assert office.calls.mint(kept.id, "officer")[1] > second > first, "no two lines share a session's number"


def test_the_unit_hears_of_it_half_a_day_before(office: Office) -> None:
    kept = office.approved()
    office.now_ms = BEGINS_MS - INVITE_MS - 1
    assert office.calls.standing() == []
    office.now_ms += 1
    assert [one.id for one, _, _ in office.calls.standing()] == [kept.id]


def test_listened_to_once_and_what_was_found_suspends(office: Office) -> None:
    kept = talked(office, "time")
    assert [row["number"] for row in office.calls.unheard("jia")] == [kept.case.number]
    with pytest.raises(VisitRefusedError, match="allowed are"):
        office.calls.reviewed("officer", kept, "weather")
    office.calls.reviewed("officer", kept, "phone")
    with pytest.raises(VisitRefusedError, match="already"):
        office.calls.reviewed("other", kept, "")
    assert office.calls.unheard("jia") == []
    assert concern(office.policy, office.store, office.asked())[0] == "suspended"


def test_a_visit_that_is_moved_begins_anew_and_its_unit_hears_so(office: Office) -> None:
    """What its unit said of the time before, and the month, have nothing to do with it."""
    kept = office.approved()
    office.calls.accepted(kept.id)
    moved = office.calls.rebook("officer", kept, "approved", "jia-visit-01", "sifa-01", (DAY, MINUTE + 60), "why")
    assert [(unit, why) for _, unit, why in office.calls.owed()] == [("jia-visit-01", "moved")]
    assert not office.calls.call(kept.id).accepted_ms
    assert not office.calls.told(moved, told(kept, "over", 1800, "officer")), "of the roof that heard it withdrawn"
    assert office.store.one(kept.id).case.state == "approved"
    office.now_ms = BEGINS_MS + 17 * MINUTE_MS
    assert office.calls.lapse() == [], "at its first time nobody has to come"
    office.calls.signed(moved, "unit", "unit")
    office.calls.paid(kept.id)
    with pytest.raises(VisitRefusedError, match="no move 'rebook'"):
        office.calls.rebook("officer", moved, "signing", "jia-visit-02", "sifa-01", (DAY, MINUTE), "why")
    assert office.calls.told(moved, told(kept, "talking"))


def test_another_station_changes_nothing_for_the_unit(office: Office) -> None:
    kept = office.approved()
    office.calls.accepted(kept.id)
    office.calls.rebook("officer", kept, "approved", "jia-visit-01", "sifa-02", (DAY, MINUTE), "why")
    assert office.calls.owed() == []
    assert office.calls.call(kept.id).accepted_ms


def test_a_place_that_is_taken_leaves_the_visit_where_it_was_and_nothing_is_owed(office: Office) -> None:
    kept, other = office.approved(), office.approved("b" * 16, unit="jia-visit-02", station="sifa-02")
    before = office.store.appointment(kept.id)
    with pytest.raises(VisitRefusedError, match="is taken") as error:
        office.calls.rebook("officer", kept, "approved", "jia-visit-02", "sifa-01", (DAY, MINUTE), "why")
    assert error.value.key == "taken"
    assert (office.store.appointment(kept.id), office.store.one(kept.id)) == (before, kept)
    assert (office.calls.owed(), office.store.moves(kept.id)) == ([], 0)
    assert office.store.one(other.id) == other


def test_who_was_not_listened_to_in_time_is_known(office: Office) -> None:
    kept = talked(office, "time")
    office.now_ms += office.policy.review_days * 24 * 60 * MINUTE_MS
    assert office.calls.overdue() == []
    office.now_ms += 1
    assert office.calls.overdue() == [("jia", kept.case.number)]
    office.calls.reviewed("officer", kept, "")
    assert office.calls.overdue() == []


def test_another_kinship_than_was_proven_is_seen(office: Office) -> None:
    talked(office, "line", 900)
    office.store.move("officer", office.asked().id, "approval", "refuse")
    request = office.store.of_person("a" * 16)[0].case.request
    again = office.store.submit("s", "a" * 16, "jia", request, "s", (Visitor("r-000001", "spouse"),))
    assert [one.relative for one in contradicted_visitors(office.store, again)] == ["r-000001"]


WORDS = st.tuples(st.sampled_from(get_args(Phase)), st.integers(0, 1800), st.sampled_from(ENDS))
DAYS = itertools.count(DAY, 31)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(WORDS, max_size=8), crashes=st.sets(st.integers(0, 8)))
def test_whatever_is_told_the_first_end_stands(office: Office, words, crashes) -> None:
    """Any words in any order, each said twice, the office dying in between: what it keeps is what one hearing gives."""
    day = next(DAYS)
    kept = office.approved(person=f"{day:016x}", day=day)
    for end in ("unit", "station"):
        office.calls.signed(kept, end, end)
    begun, end, left = False, None, 0
    for n, (phase, left_s, ending) in enumerate(words):
        for _ in range(2):
            office.calls.told(kept, told(kept, phase, left_s, ending))
        if n in crashes:
            office.room.close()
            office.start()
        if end is None:
            begun = begun or phase in ("talking", "cut")
            end, left = (ending, left_s) if phase == "over" else (None, 0)
    now, call = office.store.one(kept.id), office.calls.call(kept.id)
    assert (now.case.state in FINAL) == (end is not None)
    assert call.ending == (end or "")
    if end is None:
        assert now.case.state == ("meeting" if begun else "signing")
    else:
        assert now.rest_s == (left if end == "line" and begun and left >= 60 else 0)
        assert (now.case.state == "waived") == (not begun)
        moves = [move for _, move in office.store.acts(kept.id)]
        assert len([move for move in moves if move in ("end", "stop", "lapse")]) == 1
