"""The papers that every reader looks for stand where they look."""

from __future__ import annotations

import re

import pytest

from deploy.generate_gallery import PAGES
from deploy.generate_reference import lines
from kiosk_firmware.catalogue.machine_list import MACHINES
from kiosk_firmware.cli import COMMANDS
from tests.house.tree import ROOT


@pytest.mark.parametrize("paper", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "screens/fonts/OFL.txt"])
def test_paper_stands(paper):
    assert (ROOT / paper).read_text(encoding="utf-8").strip()


def test_readme_opens_with_the_two_commands():
    opening = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:25])
    assert "./kiosk demo" in opening
    assert "./kiosk test" in opening


def test_reference_names_everything_and_is_fresh():
    """Every setting, command, event, effect and fact, as the code has them now."""
    assert (ROOT / "docs" / "reference.md").read_text(encoding="utf-8") == "\n".join(lines()) + "\n", (
        "run `python -m deploy.generate_reference`"
    )


def test_readme_is_short_and_shows_its_pictures():
    """Four doors and what it is; what each command does stands in the reference, which names them all."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme.splitlines()) <= 120
    reference = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert not [name for name in COMMANDS if f"`kiosk {name}`" not in reference]
    pictures = re.findall(r"docs/pictures/[\w-]+\.png", readme)
    assert len(pictures) >= 4
    assert all((ROOT / picture).exists() for picture in pictures)


def test_both_languages_have_a_guide_for_each_reader():
    """Chinese first; neither is a stub of the other."""
    for reader in ("teacher", "technician", "office", "developer"):
        zh, en = (len((ROOT / "docs" / lang / f"{reader}.md").read_text(encoding="utf-8")) for lang in ("zh", "en"))
        assert zh > 1000
        assert en > 1500


def test_the_gallery_shows_each_machine_small():
    """One picture of each that names its page, and of the first week; no file weighs on whoever fetches the project."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = {*(line.id for line in MACHINES if line.gallery), "first-week"}
    assert set(PAGES) == names
    assert set(re.findall(r"docs/pictures/gallery/([\w-]+)\.png", readme)) == names
    kept = {path.stem: path.stat().st_size for path in (ROOT / "docs" / "pictures" / "gallery").iterdir()}
    assert set(kept) == names
    assert max(kept.values()) < 40_000


def test_no_picture_lies_about_unused():
    used = set(re.findall(r"docs/pictures/([\w/-]+\.png)", (ROOT / "README.md").read_text(encoding="utf-8")))
    folder = ROOT / "docs" / "pictures"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.png")} == used
