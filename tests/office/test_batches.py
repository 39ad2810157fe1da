"""Batches: however facts are cut into them, and however much one of them spans, the books are the same."""

from __future__ import annotations

from contextlib import closing
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.office.database.sql_dialect import month_of
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from tests.office.test_fact_store import NOW, fact, rows, store, where

__all__ = ["store", "where"]
DAY_MS = 86_400_000
STEP = {"run": "r-1", "step": "pin", "prompt": 0, "slips": 0, "ms": 5}
NAMES = {"run": "r-1", "machine": "atm", "skin": "s", "lesson": "l", "learner": "guest", "purpose": "practice"}


def test_a_batch_may_span_many_months(store, where):
    """A backlog that the broker kept over New Year and longer comes in one batch; any order of the months will do."""
    _, november, december = month_of(NOW)
    heard = [december + 40 * DAY_MS, november, december + 10 * DAY_MS, december + 70 * DAY_MS]
    store.apply([IncomingMessage(fact(n).topic, fact(n).payload, at_ms) for n, at_ms in enumerate(heard, 1)])
    assert rows(where, "SELECT seq, heard_ms FROM facts ORDER BY seq") == list(enumerate(heard, 1))


RUN_TOLD = [
    fact(n, kind, **data)
    for n, (kind, data) in enumerate(
        [
            ("run.started", {**NAMES, "pack": "p"}),
            ("step.ended", STEP),
            ("teacher.called", {"run": "r-1", "step": "pin"}),
            ("step.ended", {**STEP, "step": "amount"}),
            ("run.ended", {**NAMES, "outcome": "done", "ms": 9000, "slips": 1, "prompt_max": 2, "facts": {}}),
            ("run.started", {**NAMES, "run": "r-2", "pack": "p"}),
            ("teacher.called", {"run": "r-2", "step": "pin"}),
        ],
        1,
    )
]


@given(st.permutations(RUN_TOLD), st.sets(st.integers(1, len(RUN_TOLD) - 1)))
@settings(max_examples=8, deadline=None)
def test_sums_of_runs_are_the_same_in_whatever_batches_their_facts_come(told, cuts):
    books = []
    for ends in (sorted(cuts | {len(told)}), range(1, len(told) + 1)):
        with TemporaryDirectory() as folder, closing(FactStore(Path(folder) / "office.db")) as store:
            for begin, end in pairwise([0, *ends]):
                store.apply(told[begin:end])
            look = Path(folder) / "office.db"
            alerts = rows(look, "SELECT about FROM alerts WHERE closed_ms = 0 AND kind = 'teacher'")
            books.append((rows(look, "SELECT * FROM runs ORDER BY run"), alerts))
    assert books[0] == books[1]
    assert books[0][1] == [("r-2",)], "who calls in a run that is over has gone"
    ((started, ended, outcome),) = {row[7:10] for row in books[0][0] if row[1] == "r-1"}
    assert (started, ended, outcome) == (NOW + 1, NOW + 5, "done")


def test_more_units_than_one_statement_takes_are_each_brought_up_to_date(store, where):
    units = [f"u-{n}" for n in range(1, 1300)]
    for seq in (1, 2):
        outcome = store.apply([fact(seq, "step.ended", unit=unit, **STEP) for unit in units])
        assert outcome.stored == len(units)
    steps = "SELECT count(*), min(steps), max(steps), min(step_ms) FROM runs"
    assert rows(where, steps) == [(len(units), 2, 2, NOW + 2)]
    assert rows(where, "SELECT count(*), min(upto), max(upto) FROM epochs") == [(len(units), 2, 2)]
