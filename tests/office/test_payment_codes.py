"""A phone's code that two units took, while one or all of them were offline: whatever comes late, in any order, the
office finds each double use, at every unit that took the code and at no other.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.office.ingest.fact_store import FactStore
from tests.office.test_fact_store import fact, rows

FOUND = "SELECT DISTINCT unit, about FROM alerts WHERE kind = 'code_twice'"
OPEN = f"{FOUND} AND closed_ms = 0"
UNITS = ("u-1", "u-2", "u-3")
CODES = tuple(f"{n:016x}" for n in range(4))
Taken = list[tuple[str, str]]
"""(unit, code) in the order in which it happened; a unit takes a code once."""

taken = st.lists(st.tuples(st.sampled_from(UNITS), st.sampled_from(CODES)), unique=True, max_size=10)


def told(store: FactStore, what: Taken, order: list[int], batch: int) -> None:
    """The facts of all units come in this order, so many at a time; each unit numbers its own."""
    counts: Counter[str] = Counter()
    sent = []
    for unit, code in what:
        counts[unit] += 1
        sent.append(fact(counts[unit], "code.met", unit=unit, code=code, kind="own", word="taken"))
    late = [sent[at] for at in order]
    for at in range(0, len(late), batch):
        store.apply(late[at : at + batch])


def twice(what: Taken) -> set[tuple[str, str]]:
    """What is to be found."""
    by_code = Counter(code for _, code in what)
    return {(unit, code) for unit, code in what if by_code[code] > 1}


@given(what=taken, data=st.data(), batch=st.integers(1, 4))
@settings(deadline=None, max_examples=40)
def test_every_double_use_is_found_however_late_and_in_whatever_order(
    tmp_path_factory, what: Taken, data: st.DataObject, batch: int
) -> None:
    where: Path = tmp_path_factory.mktemp("office") / "office.db"
    store = FactStore(where)
    try:
        told(store, what, data.draw(st.permutations(range(len(what)))), batch)
    finally:
        store.close()
    assert set(rows(where, FOUND)) == twice(what)


def test_a_unit_that_was_offline_for_weeks_is_still_found_and_the_other_hears_of_it(tmp_path: Path) -> None:
    """The one that was there has long gone on; its alert opens when the late one comes."""
    where = tmp_path / "office.db"
    store = FactStore(where)
    try:
        told(store, [("u-1", CODES[0]), ("u-1", CODES[1])], [0, 1], 1)
        assert rows(where, FOUND) == []
        store.apply([fact(1, "code.met", unit="u-2", code=CODES[0], kind="own", word="taken")])
        assert sorted(rows(where, OPEN)) == [("u-1", CODES[0]), ("u-2", CODES[0])]
        store.apply([fact(1, "code.met", unit="u-2", code=CODES[0], kind="own", word="taken")])
        assert len(rows(where, "SELECT unit FROM alerts WHERE kind = 'code_twice'")) == 2, "told again is one use"
    finally:
        store.close()
