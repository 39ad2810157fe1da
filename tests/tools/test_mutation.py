"""`kiosk mutate`: a change is one fault, drawn alike by the same seed, and noticed by the tests that run its line."""

from __future__ import annotations

import ast

import pytest

from deploy.mutation import results
from deploy.mutation.line_coverage import CoverageMap
from deploy.mutation.main import ROOT, draw_changes, main
from deploy.mutation.mutation_operators import SourceChange, changed_source, changes
from deploy.mutation.mutation_targets import MUTATION_TARGETS, find_targets
from deploy.mutation.project_copy import ProjectCopy
from deploy.mutation.results import MutantVerdict

SOURCE = '''def fee(fen: int, own: bool = True) -> int:
    """Two yuan."""
    if not own and fen >= 10:
        return fen + 2
    return fen
'''


def test_a_change_is_one_fault_and_leaves_the_rest_as_it_is():
    every = {(one.old, one.new) for one in changes(SOURCE)}
    assert {(">=", ">"), ("and", "or"), ("not own", "own"), ("10", "11"), ("10", "9"), ("+", "-")} <= every
    assert ("True", "False") in every, "what is given by default"
    for one in changes(SOURCE):
        text = changed_source(SOURCE, one)
        ast.parse(text)
        assert text != SOURCE
        assert [a for a, b in zip(text.splitlines(), SOURCE.splitlines(), strict=True) if a != b]


@pytest.mark.parametrize("room", MUTATION_TARGETS)
def test_every_room_has_sources_and_tests_and_only_changes_that_can_be_read(room):
    for pattern in (*MUTATION_TARGETS[room].sources, *MUTATION_TARGETS[room].tests):
        assert find_targets(ROOT, (pattern,)), pattern
    for one in draw_changes(ROOT, MUTATION_TARGETS[room], seed=3, count=60):
        ast.parse(changed_source((ROOT / one.source).read_text(), one.change))


def test_a_larger_count_only_adds_to_what_a_seed_draws():
    few, more = (draw_changes(ROOT, MUTATION_TARGETS["kits"], 7, count) for count in (5, 25))
    assert more[:5] == few
    assert draw_changes(ROOT, MUTATION_TARGETS["kits"], 8, 5) != few


@pytest.fixture
def project(tmp_path):
    """A project of one source, and a test that looks at half of it."""
    root = tmp_path / "project"
    (root / "hardware").mkdir(parents=True)
    (root / "tests").mkdir()
    (root / "deploy").symlink_to(ROOT / "deploy")
    (root / "kiosk_firmware").symlink_to(ROOT / "kiosk_firmware")
    (root / "hardware" / "__init__.py").write_text("")
    (root / "hardware" / "fees.py").write_text(SOURCE)
    test = "from hardware.fees import fee\n\n\ndef test_own():\n    assert fee(50) == 50\n\n\n"
    (root / "tests" / "test_fees.py").write_text(test + "def test_other():\n    assert fee(50, False) == 52\n")
    return root


def test_what_a_test_looks_at_dies_and_what_none_looks_at_survives(project, tmp_path):
    workshop = ProjectCopy(project, tmp_path / "workshop")
    source = "hardware/fees.py"
    covered = workshop.covered([source], ["tests"])
    assert covered.tests(source, 4, 4, 100) == ["tests/test_fees.py::test_other"]
    by_sign = {(one.old, one.new): one for one in changes(SOURCE)}
    assert workshop.verdict(source, by_sign["+", "-"], covered) == ("killed", "tests/test_fees.py::test_other")
    assert workshop.verdict(source, by_sign["10", "11"], covered) == ("survived", "")
    unread = SourceChange(1, 1, 0, 3, "def", "dog", "torn")
    assert workshop.verdict(source, unread, covered) == ("killed", "as the tests were read")
    assert (workshop.tree / source).read_text() == SOURCE
    assert (project / source).read_text() == SOURCE


def test_a_summary_that_fails_is_nobody_s_notice(project, tmp_path):
    """The project's own summary reads the repository, which a copy is not: once, all survivors counted as killed."""
    conftest = "def pytest_terminal_summary():\n    raise RuntimeError('no repository')\n"
    (project / "tests" / "conftest.py").write_text(conftest)
    workshop, source = ProjectCopy(project, tmp_path / "workshop"), "hardware/fees.py"
    covered = workshop.covered([source], ["tests"])
    survivor = next(one for one in changes(SOURCE) if (one.old, one.new) == ("10", "11"))
    assert workshop.verdict(source, survivor, covered) == ("survived", "")
    gone = CoverageMap({source: {3: ["tests/test_fees.py::test_nobody"]}}, {})
    with pytest.raises(ValueError, match="none of these tests could be run"):
        workshop.verdict(source, survivor, gone)


def test_the_quickest_are_asked_first_and_only_for_so_long():
    covered = CoverageMap(
        {"a.py": {1: [], 5: ["slow", "quick", "middle"]}}, {"slow": 90.0, "quick": 1.0, "middle": 5.0}
    )
    assert covered.tests("a.py", 5, 6, 10) == ["quick", "middle"]
    assert covered.tests("a.py", 1, 1, 1000) == ["quick", "middle", "slow"], "a constant: all of the file's"
    assert covered.tests("b.py", 1, 9, 10) == []


def test_results_are_kept_and_a_torn_line_is_left_out(tmp_path):
    one = MutantVerdict("kits", "a.py", "0", SourceChange(1, 1, 0, 1, "<", "<=", "comparison"), "survived")
    two = MutantVerdict("kits", "a.py", "0", SourceChange(2, 2, 5, 6, "1", "2", "figure"), "killed", "t")
    for result in (one, two):
        results.add(tmp_path / "kept", result)
    whole = (tmp_path / "kept").read_bytes()
    assert results.read_results(tmp_path / "kept") == [one, two]
    (tmp_path / "kept").write_bytes(whole[:-9])
    assert results.read_results(tmp_path / "kept") == [one]
    assert results.table([one, two])[2] == "| kits | 2 | 1 (50 %) | 1 | 0 |"
    assert results.survivors([one, two]) == ["- `a.py:1` comparison: `<` → `<=`"]


def test_a_strange_room_is_named(tmp_path):
    with pytest.raises(ValueError, match="no room cellar; there are rules, kits, runtime, cash"):
        main("mutate", ["cellar", "--folder", str(tmp_path)])
