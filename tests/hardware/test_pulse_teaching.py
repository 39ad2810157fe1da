"""Teach and verify: whatever tokens and noise, a table that is proposed never credits one token as another."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.diagnostics.cli.sentences import ENGLISH
from hardware.drivers.coin_line_recording import CoinLineRecording
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.coins import MAKES, Pulse
from hardware.drivers.settings.hardware_settings import full_cabinet, problems
from hardware.setup.pulse_teaching import drop, propose, teach
from hardware.twins.coin_pulse import CoinTwin
from tests.hardware.pin_rig import PinRig

TOKENS = (100, 200, 500, 1000)


@st.composite
def trains(draw, count, width, gap, idle, dirt):
    """The edges of one drop: jitter always; with *dirt* spikes, bounces, a pulse cut short or missing."""
    edges, at = [], 1000.0
    for _ in range(count):
        wide = width * draw(st.floats(0.85, 1.15))
        what = draw(st.sampled_from(["", "", "", "", *(["spike", "bounce", "short", "gone"] if dirt else [])]))
        if what == "gone":
            at += wide + gap
            continue
        if what == "bounce":
            edges += [(at, 1 - idle), (at + 1, idle)]
            at += 2
        edges += [(at, 1 - idle), (at + (wide * 0.3 if what == "short" else wide), idle)]
        at += wide + gap * draw(st.floats(0.85, 1.15))
        if what == "spike":
            edges += [(at - gap / 2, 1 - idle), (at - gap / 2 + 3, idle)]
    return sorted(edges)


@st.composite
def benches(draw):
    """An acceptor as somebody has set it: idle level, width, gap, and how many pulses each token gives."""
    tokens = draw(st.lists(st.sampled_from(TOKENS), min_size=1, max_size=4, unique=True))
    counts = {fen: draw(st.integers(1, 12)) for fen in tokens}
    return draw(st.sampled_from([0, 1])), draw(st.sampled_from([20, 25, 50, 100])), draw(st.integers(25, 130)), counts


@given(bench=benches(), data=st.data())
def test_what_is_proposed_never_credits_one_token_as_another(bench, data):
    idle, width, gap, counts = bench
    drops = {
        fen: [drop(data.draw(trains(count, width, gap, idle, data.draw(st.booleans()))), idle) for _ in range(3)]
        for fen, count in counts.items()
    }
    proposal = propose(drops, idle)
    if proposal.problems:
        assert all(proposal.problems)
        return
    assert set(proposal.fen.values()) == set(counts), "each token, or none"
    assert min(proposal.fen) >= 2
    for fen, found in drops.items():
        assert all(proposal.credited(one.edges) == (fen,) for one in found)
    if {count: fen for fen, count in counts.items()} == proposal.fen:  # the drops were what the acceptor means
        for fen, count in counts.items():
            assert proposal.credited(data.draw(trains(count, width, gap, idle, False))) == (fen,)


@given(bench=benches(), data=st.data())
def test_clean_drops_of_tokens_that_differ_are_always_proposed(bench, data):
    idle, width, gap, counts = bench
    drops = {
        fen: [drop(data.draw(trains(count, width, gap, idle, False)), idle) for _ in range(3)]
        for fen, count in counts.items()
    }
    proposal = propose(drops, idle)
    alike = len(set(counts.values())) < len(counts)
    assert bool(proposal.problems) == (alike or 1 in counts.values())
    if not proposal.problems:
        table = msgspec.convert({**proposal.table(), "driver": "pulse", "pin": 17, "inhibit_pin": 27}, Pulse)
        unit = msgspec.structs.replace(full_cabinet(), coin_acceptor=table)
        assert problems(unit, MoneyChannels(tokens_fen=tuple(counts))) == []
        assert table.by_pulses(MoneyChannels(tokens_fen=tuple(counts))) == proposal.fen
        assert table.shape.idle == idle


def taught(counts, width=50.0, gap=50.0):
    """What is said of clean drops: fen → the counts that its drops gave."""

    def one(count):
        edges = [(1000 + n * (width + gap) + late, level) for n in range(count) for late, level in ((0, 0), (width, 1))]
        return drop(edges, 1)

    return propose({fen: [one(count) for count in found] for fen, found in counts.items()}, 1)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({100: (2, 2), 500: (2, 2)}, "¥1.00 and ¥5.00 both give 2 pulses"),
        ({100: (1, 1), 500: (5, 5)}, "¥1.00: a lone pulse, which cannot be told from noise"),
        ({100: (2, 2), 500: (9, 10)}, "¥5.00: its drops gave 9, 10 pulses"),
        ({100: (0, 0)}, "¥1.00: no pulse came"),
        ({}, "no token was dropped"),
    ],
)
def test_what_cannot_be_is_refused_in_words(counts, said):
    proposal = taught(counts)
    assert any(line.startswith(said) for line in proposal.problems), proposal.problems


def test_neighbours_are_noted_and_pulses_that_no_codec_takes_are_refused():
    assert taught({100: (4,), 500: (5,)}).notes == ("¥1.00 and ¥5.00 are one pulse apart; two are safer",)
    assert "turn the speed switch" in taught({100: (2,)}, width=12).problems[0]
    assert "gaps of up to 400 ms" in taught({100: (2,)}, gap=400).problems[0]


@pytest.mark.parametrize(("profile", "speed"), [("ch-92x", "fast"), ("dg600f", "fast")])
def test_a_known_acceptor_is_named(profile, speed):
    proposal = taught({100: (2,), 500: (10,)}, width=MAKES[profile].widths_ms[0])
    assert (proposal.table()["profile"], proposal.table()["speed"]) == (profile, speed)


@pytest.mark.parametrize(("polarity", "tokens"), [("NO", (100, 500)), ("NC", (500,))])
def test_a_person_teaches_an_acceptor_on_its_pins(tmp_path, polarity, tokens):
    money = MoneyChannels(token_unit_fen=50, tokens_fen=(100, 500))
    stands = Pulse(pin=17, inhibit_pin=27, polarity=polarity, speed="fast", deaf_ms=100, pulses={"3": 100, "8": 500})
    said = []
    with PinRig(tmp_path, coins=CoinTwin(stands, money)) as rig:
        rig.until(lambda: rig.board.connected)
        rig.until(lambda: rig.factory._peer is not None and rig.factory._driven)

        def say(told):
            line = ENGLISH(told)
            said.append(line)
            if "rop in ¥" in line:
                fen = 100 if "¥1.00" in line else 500
                rig.until(lambda: rig.twin("coins", "token", fen))

        with CoinLineRecording(msgspec.structs.replace(stands, polarity="NO", pulses={}), rig.factory) as feed:
            proposal = teach(feed, tokens, say, times=1)
        rig.until(lambda: not rig.state("coins")["open"])
    assert proposal.problems == ()
    assert proposal.fen == {count: fen for count, fen in ((3, 100), (8, 500)) if fen in tokens}
    assert proposal.table()["polarity"] == polarity
    assert said[-1] == "Credited: ¥5.00."
