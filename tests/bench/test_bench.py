"""The bench: what it says of a figure is right, a part that fails never ends it, and each part can be measured.

No figure's size is judged here: a busy machine proves nothing.
"""

from __future__ import annotations

import json

import pytest

from deploy.bench import machine_rules, whole_unit
from deploy.bench import main as bench
from deploy.bench.bench_figures import BenchFigure, median, p95, table, try_measure
from deploy.bench.part_times import PartTimes


@pytest.mark.parametrize(
    ("fields", "misses", "mark"),
    [
        ({"value": 5.0, "most": 5.0}, False, "✓"),
        ({"value": 5.1, "most": 5.0}, True, "✗"),
        ({"value": 4.9, "least": 5.0}, True, "✗"),
        ({"value": 5.0, "least": 5.0}, False, "✓"),
        ({"value": 5.0}, False, "·"),
        ({"most": 5.0, "why": "no X server"}, False, "?"),
    ],
)
def test_a_figure_is_judged_by_its_target(fields, misses, mark):
    figure = BenchFigure("speed", unit="ms", **fields)
    assert figure.misses is misses
    assert table([figure]).split()[0] == mark
    assert fields.get("why", "ms") in table([figure])


def test_spread():
    assert p95(list(range(100))) == 95
    assert p95([7.0]) == 7.0
    assert median([1, 9, 2]) == 2


def test_a_part_that_fails_says_why_and_the_others_go_on(capsys, monkeypatch, tmp_path):
    def broken():
        raise FileNotFoundError("Xvfb is not here")
        yield

    def plan(quick, folder):
        return (("glass", broken), ("rules", lambda: [BenchFigure("update", 6.0, "µs", most=5)]))

    monkeypatch.setattr(bench, "plan", plan)
    monkeypatch.setattr(bench, "TIMES", tmp_path / "build" / "seconds.json")
    assert bench.main("bench", ["--json"]) == 0
    *told, last = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert last == {"machine": bench.machine()}
    assert [figure["part"] for figure in told] == ["glass", "rules"]
    assert told[0]["value"] is None
    assert "FileNotFoundError: Xvfb is not here (broken)" in told[0]["why"]
    assert told[1]["misses"] is True
    assert bench.main("bench", []) == 0
    said = capsys.readouterr().out
    assert "0 of 1 targets" in said
    assert "missed: update" in said
    assert "not measured: glass" in said


def test_a_run_that_is_cut_has_told_what_it_found(capsys, monkeypatch, tmp_path):
    def cut():
        raise KeyboardInterrupt

    parts = (("rules", lambda: [BenchFigure("update", 6.0, "µs")]), ("glass", cut))
    monkeypatch.setattr(bench, "plan", lambda quick, folder: parts)
    monkeypatch.setattr(bench, "TIMES", tmp_path / "seconds.json")
    with pytest.raises(KeyboardInterrupt):
        bench.main("bench", ["--json"])
    found = capsys.readouterr()
    assert json.loads(found.out)["name"] == "update"
    assert "0 of 2 parts took 0 s the last time; not measured here yet: rules, glass" in found.err
    (tmp_path / "seconds.json").write_text('{"rules": 61.0, "glass": 180.5}')
    with pytest.raises(KeyboardInterrupt):
        bench.main("bench", [])
    assert "2 of 2 parts took 4 min the last time\n" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["", "[1", "3", '{"rules": "x"'])
def test_times_that_cannot_be_read_are_as_none(tmp_path, damage):
    (tmp_path / "seconds.json").write_text(damage)
    assert "0 of 1 parts" in PartTimes(tmp_path / "seconds.json").expected(["rules"])


def test_what_was_found_before_a_failure_is_not_made_up():
    def half():
        yield BenchFigure("a", 1.0)
        raise ValueError("then it broke")

    assert [figure.value for figure in try_measure("half", half)] == [None]


def test_rules_are_measured():
    found = list(machine_rules.update_us())
    assert found
    assert all(figure.value and figure.value > 0 and figure.unit == "µs" for figure in found)


def test_durability_is_measured(tmp_path):
    found = list(bench._journal(tmp_path, quick=True))
    assert {figure.unit for figure in found} == {"/s", "ms"}
    assert not list(tmp_path.iterdir())


@pytest.mark.glass
def test_the_bench_knows_its_way_through_the_machine():
    """A whole run by the hand and the twins, as the memory figure needs it; offscreen, so no X server is asked for."""
    made = whole_unit.UnitUnderTest("atm")
    try:
        with made.twins() as twins, whole_unit.run_process(made.command("--offscreen")):
            whole_unit.withdraw(made, twins)
            assert twins.state()["card_reader"]["counters"]["taken"] == 1
    finally:
        made.close()
    assert not made.folder.exists()
