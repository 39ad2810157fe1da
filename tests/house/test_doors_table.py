"""Each test that the two tables of promises name is there, and no provision is left out."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import ROOT

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
JUDGED = re.compile(r"met|met in part: .+|met: .+")


@pytest.mark.parametrize("paper", ["deploy/SECURITY.md", "docs/explanation/doors.md", "docs/explanation/zh/doors.md"])
def test_each_test_that_is_named_is_there(paper):
    found = NAMED.findall((ROOT / paper).read_text(encoding="utf-8"))
    assert len(found) > 10
    lacking = [f"{file}::{name}" for file, name in found if f"def {name}(" not in (ROOT / file).read_text("utf-8")]
    assert not lacking


def test_each_provision_is_judged_once_by_evidence_and_none_fails():
    text = (ROOT / "deploy" / "SECURITY.md").read_text(encoding="utf-8").partition("## ETSI")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| 5.")
    ]
    assert [row[0] for row in rows] == [f"5.{n}" for n in range(1, 14)]
    for number, _, judged, _, evidence in rows:
        assert JUDGED.fullmatch(judged), f"{number}: {judged}"
        assert NAMED.search(evidence), f"{number}: nothing holds it"


def test_both_languages_of_the_table_have_the_same_rows():
    texts = [(ROOT / "docs/explanation" / path).read_text(encoding="utf-8") for path in ("doors.md", "zh/doors.md")]
    assert len({len(re.findall(r"^\|", text, re.MULTILINE)) for text in texts}) == 1
    for text in texts:
        evidence = dict(re.findall(r"^\| (\d+) \| (.+) \|$", text, re.MULTILINE))
        assert set(re.findall(r"\[(\d+)\]", text)) == set(evidence)
