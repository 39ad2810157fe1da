"""The tutorial of a first machine does what it says, and a scaffolded machine passes its tests at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk_firmware.tools.authoring import machine_scaffold
from tests.house import tutorial
from tests.house.tree import ROOT

PAGES = {language: ROOT / "docs" / language / "developer" / "first-machine.md" for language in ("zh", "en")}


def test_the_tutorial_is_the_same_in_both_languages():
    zh, en = (tutorial.blocks(PAGES[language]) for language in ("zh", "en"))
    assert zh == en
    assert len(zh) > 20


def test_the_tutorial_works_as_it_stands(tmp_path):
    """Every block in order, in a copy; what is tested before and after is really tested."""
    said = dict(enumerate(tutorial.follow(PAGES["en"], tutorial.copy(tmp_path))))
    passed = [int(re.search(r"(\d+) passed", text)[1]) for line, text in said.values() if " test " in line]
    assert len(passed) == 2
    assert 20 < passed[0] < passed[1]
    checked = next(text for line, text in said.values() if "lessons check" in line)
    assert "all is well" in checked
    assert not (ROOT / "kiosk_firmware" / "machines" / "library_desk").exists()


def test_a_block_that_does_not_fit_is_told(tmp_path):
    (tmp_path / "a.toml").write_text("x = 1\nx = 1\n")
    with pytest.raises(AssertionError, match="2 times"):
        tutorial.apply("+++ a.toml\n x = 1\n+y = 2\n", tmp_path)


@pytest.mark.parametrize(
    ("id_", "names", "said"),
    [
        ("Library", {}, "small letters"),
        ("a--b", {}, "small letters"),
        ("class", {}, "small letters"),
        ("atm", {}, "of that name"),
        ("first-week", {}, "of that name"),
        ("bank_counter", {}, "small letters"),
        ("counters", {}, "of that name"),
        ("library", {"zh": 'say "x"'}, "--zh"),
        ("library", {"en": ""}, "--en"),
        ("library", {"en": "$id"}, "--en"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(id_, names, said):
    before = set((ROOT / "kiosk_firmware" / "machines").iterdir())
    with pytest.raises(ValueError, match=said):
        machine_scaffold.write(ROOT, id_, {"zh": "馆", "en": "Desk", **names})
    assert set((ROOT / "kiosk_firmware" / "machines").iterdir()) == before


def test_a_machine_is_begun_only_in_a_checkout(tmp_path: Path):
    with pytest.raises(ValueError, match="checkout"):
        machine_scaffold.write(tmp_path, "library", {"zh": "馆", "en": "Desk"})
