"""The picture language: one list, one meaning a picture, sheets that are made of it and read when they are wanted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from deploy import generate_pictures
from tests.house.tree import ROOT
from tests.screens import samples

TABLE = generate_pictures.table()
NAMES = {name: entry for sheet in TABLE.values() for name, entry in sheet.items()}
MOST_BYTES = 1_500_000


def test_each_picture_means_one_thing_and_each_thing_has_one_picture() -> None:
    assert len(NAMES) == sum(map(len, TABLE.values()))
    for field in ("means", "from"):
        said = [entry[field] for entry in NAMES.values()]
        assert not {one for one in said if said.count(one) > 1}


def test_every_picture_of_the_list_is_shown_somewhere() -> None:
    """One that no page asks for is in nobody's language."""
    paths = [*(ROOT / "kiosk_firmware").rglob("*.py"), *(ROOT / "screens").rglob("*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in paths)
    made = re.findall(r'f"([a-z_]+)_\{', text)  # f"avatar_{friend}"
    made += ["note", "coin"]  # by the piece: kits/phone/shell.py
    assert [name for name in NAMES if f'"{name}"' not in text and name.rpartition("_")[0] not in made] == []


def test_every_drawing_of_ours_is_listed() -> None:
    listed = {entry["from"].removeprefix("own:") for entry in NAMES.values() if entry["from"].startswith("own:")}
    assert {path.stem for path in generate_pictures.OWN.glob("*.svg")} == listed


def test_sheets_are_made_of_what_is_here_and_stay_small() -> None:
    assert generate_pictures.is_current(), "./kiosk setup makes them"
    index = json.loads((generate_pictures.TARGET / "sheets.json").read_text(encoding="utf-8"))
    made = {name: sorted(row[1] for row in rows) for name, rows in index.items()}
    assert made == {name: entry["high"] for name, entry in NAMES.items()}
    assert sum(path.stat().st_size for path in generate_pictures.TARGET.glob("*.png")) < MOST_BYTES


def test_drawing_that_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match=r"own/nothing.svg is missing"):
        generate_pictures.source({"from": "own:nothing"})
    with pytest.raises(ValueError, match="allowed are own, emoji, line, full"):
        generate_pictures.source({"from": "web:nothing"})


@pytest.mark.glass
def test_the_first_page_waits_for_no_sheet(glass: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sheets are read when the first picture is drawn, and the unit's own pages draw none."""
    from screens.pictures import atlas

    read: list[str] = []
    monkeypatch.setattr(atlas, "texture", lambda place: read.append(place.sheet))
    for page in samples.LOBBY_PAGES.values():
        glass.lay(page, samples.words(), "zh", samples.looks()["lobby"])
    assert read == []


@pytest.mark.glass
def test_without_sheets_pages_are_drawn_without_pictures(glass: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from screens.pictures import atlas
    from screens.stage.painter import Painter, Rect

    atlas.regions.cache_clear()
    monkeypatch.setattr(atlas, "SHEETS", Path("nowhere"))
    notes: list[Any] = []
    Painter(glass.stage._live, glass.stage.letters, notes=notes).picture("good_cup", Rect(0, 0, 90, 90))
    assert notes == []
    atlas.regions.cache_clear()
