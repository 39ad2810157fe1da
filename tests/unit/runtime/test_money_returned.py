"""Money that is paid back while everything goes wrong: nobody loses a fen, nothing is paid twice, and what nobody knows
is told as that.

On cash machine, ticket machines and the metro's desk, with hoppers, a tray or a recycler: at any moment a token that
still rolled falls in, the power goes, a payout jams or loses its count. Judged by the far end (`payback_rig`).
"""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk_firmware.core import money
from tests.hardware.far_end import examples
from tests.unit.runtime.payback_rig import FarEnd, Payback, Unit, paybacks

WORLDS = (
    ("atm", "withdraw"),
    ("atm", "deposit"),
    ("rail", "buy, in cash"),
    ("rail", "change, and pay the difference in cash"),
    ("metro-ticket", "one ticket, in cash"),
    ("metro-ticket", "a new card, in cash"),
    ("metro-desk", "out: too little on the card"),
    ("metro-desk", "a token given back, and one of yesterday"),
)
CASES = tuple(case for world in WORLDS for case in paybacks(*world))
MISHAPS = st.lists(
    st.tuples(
        st.sampled_from(["late", "cut", "slow", "jams", "forgets", "wait", "unwritten", "take"]),
        st.integers(0, 4),
    ),
    max_size=9,
)
DEPOSIT = next(case for case in CASES if case.walk.name == "deposit")
CREDITED = [("jams", 0), ("wait", 2), *[("cut", 0), ("wait", 1)] * 3, ("cut", 0)]
"""What could not be given back is being credited, and the power goes three times: a slip leaves it to the counter."""
NUMBER = count()


def paid_back(folder, case: Payback, recycler: bool, mishaps) -> Unit:
    """What befalls the unit from the moment on at which the payout begins, until everybody is home."""
    far = FarEnd(recycler)
    unit = Unit(folder / f"{next(NUMBER)}.db", case, far)
    unit.go()
    for kind, amount in mishaps:
        match kind:
            case "late":
                unit.late()
            case "cut" | "slow":
                unit = unit.cut(slow=kind == "slow")
            case "take":
                unit.take()
                unit.step()
            case "jams" | "forgets":
                far.mishap = kind, amount
            case _:
                for _ in range(amount):
                    unit.step(commits=kind == "wait")
        if unit.engine.run is None:
            break
    unit.home()
    return unit


def test_every_machine_that_hands_out_money_is_met():
    """Tray and hopper, one piece and several, with and without a token that can still fall."""
    assert {case.machine for case in CASES} == {"atm", "rail", "metro-ticket", "metro-desk"}
    assert {fen < 1000 for case in CASES for fen, _ in case.due} == {True, False}
    assert any(len(case.due) > 1 for case in CASES)


@pytest.mark.parametrize("recycler", [False, True], ids=["tray", "recycler"])
@example(case=CASES[0], mishaps=[("late", 0), ("wait", 1), ("cut", 0)])
@example(case=DEPOSIT, mishaps=CREDITED)
@examples(60, 3000)
@given(case=st.sampled_from(CASES), mishaps=MISHAPS)
def test_nobody_loses_a_fen(tmp_path_factory, recycler, case, mishaps):
    unit = paid_back(tmp_path_factory.getbasetemp(), case, recycler, mishaps)
    try:
        unit.judge()
    finally:
        unit.journal.close()
        unit.path.unlink()


def test_a_withdrawal_that_comes_in_two_falls_counts_both(tmp_path):
    case = next(one for one in CASES if one.walk.name == "withdraw" and money.pieces(one.due) > 1)
    far = FarEnd(recycler=True)
    unit = Unit(tmp_path / "screen.db", case, far)
    unit.go()
    far.mishap = "jams", 1
    unit.home()
    (ended,) = [fact["facts"] for fact in unit._facts() if "outcome" in fact]
    assert money.total(far.out) == money.total(case.due)
    assert ended["withdrawn_fen"] == money.total(case.due)
    unit.journal.close()
