"""The papers that every reader looks for stand where they look."""

from __future__ import annotations

import pytest

from tests.house.tree import ROOT


@pytest.mark.parametrize("paper", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "screens/fonts/OFL.txt"])
def test_paper_stands(paper):
    assert (ROOT / paper).read_text(encoding="utf-8").strip()


def test_readme_opens_with_the_two_commands():
    opening = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:25])
    assert "./kiosk demo" in opening
    assert "./kiosk test" in opening
