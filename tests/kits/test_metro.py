"""The metro that its machines share: fares as the reference has them, the shortest ways, the record on a card."""

from __future__ import annotations

import tomllib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.protocols import stored_value_card
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.kits.metro import network as n
from kiosk_firmware.kits.metro import ticket_record
from kiosk_firmware.kits.metro.fares import MetroRules

KIT = machine_loader.PACKAGE / "kits" / "metro"
RULES = msgspec.convert(tomllib.loads((KIT / "rulepack.toml").read_text())["pack"][0]["rules"], MetroRules)
FILE = msgspec.convert(tomllib.loads((KIT / "network.toml").read_text(encoding="utf-8")), n.NetworkFile)
NETWORK = n.Network(FILE)
STATIONS = st.sampled_from(sorted(NETWORK.stations))


@pytest.mark.parametrize(
    ("metres", "fen"),
    [
        (0, 200),
        (4000, 200),
        (4001, 300),
        (4100, 300),
        (18_000, 500),
        (18_100, 600),
        (70_000, 1000),
        (71_000, 1100),
        (90_000, 1100),
        (90_001, 1200),
    ],
)
def test_fares_are_the_published_ones(metres, fen):
    assert RULES.fare(metres) == fen


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_further_is_never_cheaper_and_a_card_never_dearer(a, b):
    near, far = sorted((a, b))
    assert RULES.fare(near) <= RULES.fare(far)
    assert RULES.stored_fare(far) <= RULES.fare(far)


def test_the_network_is_of_real_size_and_hangs_together():
    assert len(NETWORK.lines) >= 6
    assert len(NETWORK.stations) >= 120
    assert sum(len(station.lines) > 1 for station in NETWORK.stations.values()) >= 15
    start = next(iter(NETWORK.stations))
    assert all(NETWORK.metres(start, code) >= 0 for code in NETWORK.stations)
    assert len({line.pattern for line in NETWORK.lines.values()}) == len(NETWORK.lines), "told without colours"
    assert len({station.name for station in NETWORK.stations.values()}) == len(NETWORK.stations)


@given(STATIONS, STATIONS, STATIONS)
def test_ways_are_shortest_ways(a, b, c):
    assert NETWORK.metres(a, b) == NETWORK.metres(b, a)
    assert NETWORK.metres(a, c) <= NETWORK.metres(a, b) + NETWORK.metres(b, c)
    assert (NETWORK.metres(a, b) == 0) == (a == b)


def test_no_ride_costs_more_than_the_rules_say_is_the_dearest():
    assert max(RULES.fare(NETWORK.metres(a, b)) for a in NETWORK.stations for b in NETWORK.stations) <= RULES.most_fen


@given(
    st.builds(
        ticket_record.Trip,
        st.booleans(),
        st.sampled_from(["", "s009", "s131"]),
        st.sampled_from(["", "s001"]),
        st.integers(0, 36**5 - 1),
    )
)
def test_a_trip_is_read_as_it_was_written(trip):
    text = trip.text()
    assert len(text) <= 16
    assert ticket_record.parse_trip(text) == trip
    assert stored_value_card.unpack_journey(stored_value_card.pack_journey(text)) == text, "the card does not hold it"


@given(st.text(max_size=12))
def test_other_peoples_cards_are_no_tickets(text):
    found = ticket_record.parse_trip(text)
    assert found is None or found.text() == text


def test_a_stop_that_is_no_station_is_named():
    line = msgspec.structs.replace(FILE.line[0], stops=("s001 100", "s999 0"))
    with pytest.raises(ValueError, match="line 1: stops s999"):
        n.Network(msgspec.structs.replace(FILE, line=(line,)))
