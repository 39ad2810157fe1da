"""What the gate takes and refuses, to the minute and the fen; and that the desk mends whatever a gate refuses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Media
from kiosk_firmware.kits.metro import ticket_record
from kiosk_firmware.kits.metro.ticket_record import Trip
from kiosk_firmware.machines.metro_desk.phases import Mend
from kiosk_firmware.machines.metro_desk.ticket_judgement import judge_ticket
from kiosk_firmware.machines.metro_gate.phases import Ride, Told
from kiosk_firmware.machines.metro_gate.state import State, Terms
from kiosk_firmware.machines.metro_gate.ticket_judgement import judge_tap

GATE: Terms = machine_loader.load("metro-gate", "guangchang").machine.terms  # type: ignore[attr-defined]
DESK = machine_loader.load("metro-desk", "guangchang").machine.terms  # type: ignore[attr-defined]
NOW = 3_628_205
STATIONS = st.sampled_from(sorted(GATE.network.stations))
BALANCES = st.integers(0, 5000)
quick = settings(max_examples=300, deadline=None, derandomize=True)


def at_exit(fen: int, trip: Trip, station: str = "s009") -> Ride | Told:
    state = State(side="exit", station=station, minute=NOW, yymm="2611")
    return judge_tap(GATE, state, Media("9900", fen=fen, trip=trip.text()))


@pytest.mark.parametrize(("stayed", "over"), [(0, 0), (240, 0), (241, 1200)])
def test_too_long_is_more_than_four_hours(stayed: int, over: int) -> None:
    ride = at_exit(5000, Trip(False, "", "s018", NOW - stayed))
    assert isinstance(ride, Ride)
    assert (ride.fare_fen, ride.over_fen, ride.fen) == (450 + over, over, 5000 - 450 - over)


@pytest.mark.parametrize(("fen", "why"), [(450, ""), (449, "too_little")])
def test_a_card_may_be_emptied_and_not_more(fen: int, why: str) -> None:
    out = at_exit(fen, Trip(False, "", "s018", NOW - 30))
    assert (out.why if isinstance(out, Told) else "") == why
    assert isinstance(out, Told) or out.fen == 0


@pytest.mark.parametrize(("fen", "why"), [(200, ""), (199, "low")])
def test_who_has_less_than_the_least_fare_is_not_let_in(fen: int, why: str) -> None:
    state = State(side="entry", station="s009", minute=NOW, yymm="2611")
    out = judge_tap(GATE, state, Media("9900", fen=fen, trip="c"))
    assert (out.why if isinstance(out, Told) else "") == why


PEAK, AFTER_IT, SATURDAY = NOW - 6 * 60 - 5, NOW - 5 * 60 - 5, NOW - 6 * 60 - 5 + 4 * 1440
"""Tuesday at 8 and at 9 in the morning, and Saturday at 8."""


@pytest.mark.parametrize(
    ("record", "entered", "fare", "holder"),
    [
        ("cs991", PEAK, 250, "student"),
        ("cs991", AFTER_IT, 250, "student"),
        ("cs992", PEAK, 450, "senior_peak"),
        ("cs992", AFTER_IT, 0, "senior"),
        ("cs992", SATURDAY, 0, "senior"),
        ("c", PEAK, 450, ""),
    ],
)
def test_a_card_pays_by_its_holder_and_the_moment_of_entry(record: str, entered: int, fare: int, holder: str) -> None:
    gate = State(side="exit", station="s009", minute=entered + 40, yymm="2611")
    inside = f"{record}>s018@{Trip(False, minute=entered).text()[2:]}"
    out = judge_tap(GATE, gate, Media("9900", fen=450, trip=inside))
    assert isinstance(out, Ride)
    assert (out.fare_fen, out.holder, out.trip) == (fare, holder, record), "the record keeps whose card it is"


@pytest.mark.parametrize(("minute", "let_in"), [(PEAK, False), (AFTER_IT, True), (AFTER_IT - 1, False)])
def test_a_senior_s_empty_card_is_let_in_but_in_the_peak(minute: int, let_in: bool) -> None:
    gate = State(side="entry", station="s009", minute=minute, yymm="2611")
    assert isinstance(judge_tap(GATE, gate, Media("9900", fen=0, trip="cs992")), Ride) == let_in


def test_a_senior_without_an_entry_is_let_out_by_the_desk_for_nothing() -> None:
    offer = judge_ticket(DESK, "out", Media("9900", fen=0, trip="cs992"), NOW, "s018")
    assert isinstance(offer, Mend)
    assert offer.cost_fen == 0
    gate = State(side="exit", station=DESK.profile.station, minute=NOW, yymm="2611")
    assert isinstance(judge_tap(GATE, gate, Media("9900", fen=0, trip=offer.cash[1])), Ride)


@quick
@given(fen=BALANCES, entry=STATIONS, end=STATIONS, stayed=st.integers(-5, 2000), token=st.booleans())
def test_nobody_pays_more_than_the_rules_say_nor_leaves_for_less(
    fen: int, entry: str, end: str, stayed: int, token: bool
) -> None:
    out = at_exit(fen, Trip(token, entry if token else "", entry, NOW - stayed), end)
    metres = GATE.network.metres(entry, end)
    if isinstance(out, Told):
        return
    assert stayed >= 0
    if token:
        assert fen >= GATE.rules.fare(metres)
    else:
        late = GATE.rules.most_fen if stayed > 240 else 0
        assert fen - out.fen == out.fare_fen == GATE.rules.stored_fare(metres) + late
        assert ticket_record.parse_trip(out.trip) == Trip(False)


@quick
@given(
    fen=BALANCES,
    entry=STATIONS,
    named=STATIONS,
    stayed=st.integers(0, 2000),
    token=st.booleans(),
    open_=st.booleans(),
)
def test_whatever_the_exit_refuses_the_desk_mends(
    fen: int, entry: str, named: str, stayed: int, token: bool, open_: bool
) -> None:
    """A token then leaves through the gate; a card is settled, and carries no open entry any more."""
    trip = Trip(token, entry if token else "", entry if open_ else "", NOW - stayed)
    refused = at_exit(fen, trip)
    if isinstance(refused, Ride):
        return
    offer = judge_ticket(DESK, "out", Media("9900", fen=fen, trip=trip.text()), NOW, named)
    assert isinstance(offer, Mend), refused
    for after in (offer.cash, *((offer.card,) if offer.card else ())):
        mended = ticket_record.parse_trip(after[1])
        assert mended is not None
        assert after[0] >= 0
        assert isinstance(at_exit(after[0], mended), Ride) if token else mended == Trip(False)
    assert offer.cost_fen % 100 == 0 or token
