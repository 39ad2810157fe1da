"""Pulse trains: every token under noise, and nothing credited that no token gave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.framing.checksums import LocalProtocolError
from hardware.protocols import coin_pulses
from tests.hardware.vector_ways import run


def pulse_edges(start, count, width=50.0, gap=50.0, idle=1):
    edges = []
    for n in range(count):
        at = start + n * (width + gap)
        edges += [(at, 1 - idle), (at + width, idle)]
    return edges


@pytest.mark.parametrize("idle", [0, 1])
@given(
    trains=st.lists(st.integers(2, 12), min_size=1, max_size=4),
    jitter=st.lists(st.floats(-8, 8), min_size=40, max_size=40),
    spikes=st.lists(st.tuples(st.integers(0, 39), st.floats(0.5, 4.5)), max_size=8),
)
def test_every_token_counts_whatever_spikes_and_jitter(idle, trains, jitter, spikes):
    edges, at, n = [], 1000.0, 0
    for count in trains:
        for _ in range(count):
            width = 50 + jitter[n % 40]
            edges += [(at, 1 - idle), (at + width, idle)]
            for slot, length in spikes:  # inside the gap after a pulse, clear of both edges
                if slot == n % 40:
                    edges += [(at + width + 20, 1 - idle), (at + width + 20 + length, idle)]
            at += width + 50
            n += 1
        at += 400
    acceptor = coin_pulses.Acceptor(coin_pulses.Profile(idle=idle))
    said = run(acceptor, sorted(edges), at + 500)
    assert [m.pulses for m in said if isinstance(m, coin_pulses.Token)] == trains


@given(bounces=st.lists(st.floats(0.2, 4.0), min_size=2, max_size=6), count=st.integers(2, 10))
def test_bouncing_contacts_change_nothing(bounces, count):
    edges = []
    for at, level in pulse_edges(1000.0, count, 60.0, 60.0):
        moment = at
        for length in bounces[: len(bounces) // 2 * 2 : 2]:
            edges += [(moment, level), (moment + length / 2, 1 - level)]
            moment += length
        edges.append((moment, level))
    acceptor = coin_pulses.Acceptor(coin_pulses.Profile())
    said = run(acceptor, edges, 5000)
    assert [m.pulses for m in said if isinstance(m, coin_pulses.Token)] == [count]


@given(lengths=st.lists(st.tuples(st.floats(0.1, 24.0), st.floats(0.1, 500.0)), max_size=40))
def test_noise_too_short_for_a_pulse_is_never_credited(lengths):
    edges, at = [], 100.0
    for active, rest in lengths:
        edges += [(at, 0), (at + active, 1)]
        at += active + rest + 7
    said = run(coin_pulses.Acceptor(coin_pulses.Profile()), edges, at + 500)
    assert not said


@given(count=st.integers(1, 20), rest=st.floats(300, 900))
def test_lone_pulses_are_counted_and_never_credited(count, rest):
    acceptor = coin_pulses.Acceptor(coin_pulses.Profile())
    edges = [edge for n in range(count) for edge in pulse_edges(1000 + n * (50 + rest), 1)]
    said = run(acceptor, edges, edges[-1][0] + 500)
    assert not said
    assert acceptor.faults.as_dict() == {"lone": count}


@given(levels=st.lists(st.tuples(st.floats(0.1, 2000), st.integers(0, 1)), max_size=60))
def test_whatever_the_line_does_no_train_below_two_is_credited(levels):
    acceptor, at, said = coin_pulses.Acceptor(coin_pulses.Profile()), 0.0, []
    for wait, level in levels:
        at += wait
        said += acceptor.edge(level, at)
    said += run(acceptor, [], 3000)
    assert all(m.pulses >= 2 for m in said if isinstance(m, coin_pulses.Token))
    stuck = [m for m in said if not isinstance(m, coin_pulses.Token)]
    assert stuck == [coin_pulses.Stuck(), coin_pulses.Free()] * (len(stuck) // 2) + [coin_pulses.Stuck()] * (
        len(stuck) % 2
    )


def test_a_wide_pulse_spoils_its_train_and_only_that():
    acceptor = coin_pulses.Acceptor(coin_pulses.Profile())
    edges = [*pulse_edges(100, 3), (400, 0), (700, 1), *pulse_edges(800, 2), *pulse_edges(2000, 4)]
    said = run(acceptor, edges, 3000)
    assert said == [coin_pulses.Token(4)]
    assert acceptor.faults.as_dict() == {"wide": 1, "spoilt": 1}


@given(count=st.integers(3, 20), which=st.integers(0, 19), width=st.floats(7, 24))
def test_a_train_that_lost_a_pulse_is_no_other_token(count, which, width):
    """A pulse that came too short might have been one: a train of five must never be told as one of four."""
    acceptor = coin_pulses.Acceptor(coin_pulses.Profile())
    edges = pulse_edges(1000, count)
    at = 1000 + 100 * (which % count)
    edges[2 * (which % count) + 1] = (at + width, 1)
    assert run(acceptor, edges, 5000) == []
    assert acceptor.faults.as_dict() == {"narrow": 1, "spoilt": 1}


def test_after_power_up_nothing_is_meant():
    acceptor = coin_pulses.Acceptor(coin_pulses.Profile())
    acceptor.powered(100)
    said = run(acceptor, [*pulse_edges(200, 5), *pulse_edges(1600, 5)], 3000)
    assert said == [coin_pulses.Token(5)]
    assert acceptor.faults.as_dict() == {"deaf": 5}


def test_a_stuck_line_is_free_again_when_it_has_rested():
    acceptor = coin_pulses.Acceptor(coin_pulses.Profile())
    said = run(acceptor, [(100, 0), (4000, 1), *pulse_edges(4300, 5), *pulse_edges(6500, 2)], 8000)
    assert said == [coin_pulses.Stuck(), coin_pulses.Free(), coin_pulses.Token(2)]


def test_quiet_says_when_power_may_be_cut():
    acceptor = coin_pulses.Acceptor(coin_pulses.Profile())
    assert acceptor.quiet
    acceptor.edge(0, 100)
    assert not acceptor.quiet
    acceptor.edge(1, 150)
    acceptor.tick(200)
    assert not acceptor.quiet
    acceptor.tick(500)
    assert acceptor.quiet


@pytest.mark.parametrize(
    "profile", [coin_pulses.Profile(min_pulses=1), coin_pulses.Profile(width_ms=10), coin_pulses.Profile(width_ms=400)]
)
def test_profiles_that_would_credit_noise_are_refused(profile):
    with pytest.raises(LocalProtocolError):
        coin_pulses.Acceptor(profile)
