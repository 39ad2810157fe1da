"""Money in an MDB changer when everything goes wrong, judged by what lies in tubes, box and cup afterwards."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hardware.mdb_rig import ChangerSim

BRIEFLY = settings(max_examples=100, deadline=None, derandomize=True)
LUCK = st.lists(
    st.one_of(
        st.sampled_from([("", 0), ("deaf", 0), ("silent", 0), ("check", 0), ("double", 0), ("double", 0)]),
        st.tuples(st.just("late"), st.integers(0, 1400)),
    ),
    max_size=6,
)
"""A line has no check and no number: `check` spoils its end, a doubled one comes at once."""
KINDS = ["token"] * 5 + ["reset", "die", "killed", "unplug", "replug", "wait"]


def fell(sim):
    """The tokens that people put in and the changer kept."""
    inside = Counter(sim.twin.box)
    for kind, fen in sim.twin.coins.items():
        inside[fen] += sim.twin.tubes[kind] - 20
    return inside + Counter(sim.twin.cup)


def played(tmp_path_factory, acts):
    sim = ChangerSim(tmp_path_factory.getbasetemp())
    for kind, ms, luck in acts:
        sim.luck(*luck)
        sim.act(kind, ms)
        sim.run(ms)
    sim.settle()
    return sim


@BRIEFLY
@given(acts=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 900), LUCK), min_size=1, max_size=12))
def test_credit_is_what_fell_in_or_the_difference_is_reported(tmp_path_factory, acts):
    sim = played(tmp_path_factory, acts)
    told, inside = sim.credited(), fell(sim)
    assert not told - inside, "credited what never fell"
    accepted, counted = sim.twin.counters["accepted"], sim.driver.counter
    assert sum(told.values()) <= counted <= accepted
    kinds = {kind for kind, _, _ in acts} | {kind for _, _, luck in acts for kind, _ in luck}
    reported = sim.counted("unheard") + sim.counted("reset") + sim.counted("unreadable")
    # An answer that never came, a changer that forgot and a death take a coin with them: the line tells nobody of it.
    if not kinds & {"silent", "check", "unplug", "reset", "die", "killed"}:
        assert accepted - sum(told.values()) <= reported
    if not kinds - {"token", "wait", "replug", "", "deaf", "double", "killed"}:
        assert counted == accepted, "what fell is on disk before anybody can die of it"
    if not kinds - {"token", "wait", "replug", "", "deaf", "double"}:
        assert told == inside


TROUBLE = st.lists(
    st.tuples(
        st.sampled_from(["reset", "jam", "die", "unplug", "replug", "token", "wait"]), st.integers(0, 1500), LUCK
    ),
    max_size=3,
)


@BRIEFLY
@given(orders=st.lists(st.tuples(st.integers(0, 1700), LUCK, TROUBLE), min_size=1, max_size=3))
def test_payout_is_what_fell_out_or_the_difference_is_reported(tmp_path_factory, orders):
    acts = [act for ms, luck, trouble in orders for act in (("pay", ms, luck), *trouble)]
    sim = played(tmp_path_factory, acts)
    (booked, unknown), out = sim.booked(), Counter(sim.twin.cup)
    assert sim.driver._order is None
    if unknown:
        assert not booked - out, "booked what never fell"
        assert sum((out - booked).values()) <= unknown
    else:
        assert booked == out
    assert not sim.answered() - out, "answered with more than fell"
    if not {kind for kind, _, _ in acts} & {"die", "killed"} and not unknown:
        assert sum((out - sim.answered()).values()) <= sim.counted("unanswered")
