"""The picture language: one list, one meaning a picture, files that are made of it and read when they are wanted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from deploy import generate_pictures
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.lessons import GoalCondition, Lesson, LessonSetting
from kiosk_firmware.core.pages import Key, Page, Text
from kiosk_firmware.unit.lobby.phases import sign_in
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from kiosk_firmware.unit.shell import lesson_pictures
from screens.parts import action_pictures, icons
from screens.pictures import atlas
from tests.house.tree import ROOT
from tests.screens import samples
from tests.screens.test_machines import CASES, pages

TABLE = generate_pictures.table()
NAMES = generate_pictures.entries()
MOST_BYTES = 1_500_000


def test_each_picture_means_one_thing_and_each_thing_has_one_picture() -> None:
    assert len(NAMES) == sum(map(len, TABLE.values()))
    for field in ("means", "from"):
        said = [entry[field] for entry in NAMES.values()]
        assert not {one for one in said if said.count(one) > 1}


def test_every_picture_of_the_list_is_shown_somewhere() -> None:
    """One that no page asks for is in nobody's language."""
    paths = [*(ROOT / "kiosk_firmware").rglob("*.py"), *(ROOT / "screens").rglob("*.py")]
    paths += (ROOT / "kiosk_firmware" / "machines").rglob("skins.toml")  # who sits at a window
    text = "".join(path.read_text(encoding="utf-8") for path in paths)
    made = re.findall(r'f"([a-z_]+)_\{', text)  # f"avatar_{friend}"
    made += ["note", "coin"]  # by the piece: kits/phone/shell.py
    made_of = tuple(f"{one}_" for one in made)
    assert [name for name in NAMES if f'"{name}"' not in text and not name.startswith(made_of)] == []


def test_every_drawing_of_ours_is_listed() -> None:
    listed = {entry["from"].removeprefix("own:") for entry in NAMES.values() if entry["from"].startswith("own:")}
    assert {path.stem for path in generate_pictures.OWN.glob("*.svg")} == listed


def test_pictures_are_made_of_what_is_here_and_stay_small() -> None:
    assert generate_pictures.is_current(), "./kiosk setup makes them"
    index = json.loads((generate_pictures.TARGET / "pictures.json").read_text(encoding="utf-8"))
    made = {name: sorted(row[1] for row in rows) for name, rows in index.items()}
    assert made == {name: entry["high"] for name, entry in NAMES.items()}
    assert sum(path.stat().st_size for path in generate_pictures.TARGET.glob("*.png")) < MOST_BYTES


def test_drawing_that_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match=r"own/nothing.svg is missing"):
        generate_pictures.source({"from": "own:nothing"})
    with pytest.raises(ValueError, match="allowed are own, emoji, line, full, person, paper"):
        generate_pictures.source({"from": "web:nothing"})


def test_every_lesson_has_a_picture_that_is_drawn() -> None:
    """Its own, by what it is about; few are left to their machine's."""
    left = []
    for machine in machine_loader.describe():
        for lesson in machine_loader.lessons(machine.id):
            name = lesson_pictures.picture(lesson, "")
            assert not name or (name in NAMES and 120 in NAMES[name]["high"]), f"{machine.id} {lesson.id}: {name}"
            left += [] if name else [f"{machine.id} {lesson.id}"]
    assert len(left) <= 3, left


def test_a_lesson_of_a_teacher_has_the_picture_of_its_goal() -> None:
    own = Lesson("t-1", 1, (GoalCondition("deposited_fen", equal=5000),))
    assert lesson_pictures.picture(own, "atm") == "lesson_cash_in"
    assert lesson_pictures.picture(Lesson("t-2", 1, (GoalCondition("a_fact_of_its_own", equal=True),)), "atm") == "atm"
    assert (
        lesson_pictures.picture(Lesson("t-3", 1, (), setting=LessonSetting(armed="paper_out")), "atm")
        == "lesson_no_paper"
    )


def test_signing_in_is_by_nine_things_in_their_colours() -> None:
    sources = {NAMES[f"pick_{name}"]["from"] for name in sign_in.PICTURES}
    assert len(sources) == 9
    assert all(source.startswith(("own:", "emoji:")) for source in sources)


@pytest.mark.glass
@pytest.mark.parametrize(("progress", "full", "ticks"), [(0, 0, 0), (20, 1, 0), (50, 2, 0), (80, 3, 0), (100, 3, 1)])
def test_a_tile_shows_by_dots_how_far_one_is_and_has_a_tick_when_all_is_done(
    glass: Any, monkeypatch: pytest.MonkeyPatch, progress: int, full: int, ticks: int
) -> None:
    from screens.pages import tiles

    boxes: list[str] = []
    badges: list[str] = []
    monkeypatch.setattr(tiles, "badge", lambda painter, mark, *_: badges.append(mark))
    filled = tiles.STATUS["ok"].ground
    monkeypatch.setattr(
        tiles.Painter, "box", lambda self, rect, radius, colour, *_: boxes.append(colour if rect.w == 28 else "")
    )
    key = Key("task.one", "choice", Text("lobby.key.lessons.free"), icon="lesson_form", progress=progress)
    page = Page("Tiles", "lessons", Text("lobby.lessons.say"), keys=(key,))
    glass.lay(page, lobby_words(machine_loader.names()), "zh", samples.looks()["lobby"])
    assert boxes.count(filled) == full
    assert badges == ["ok"] * ticks


@pytest.mark.glass
def test_the_first_page_waits_for_no_picture(glass: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are read when they are drawn, and the unit's own pages draw none."""
    from screens.pictures import atlas

    read: list[str] = []
    monkeypatch.setattr(atlas, "texture", lambda place: read.append(place.file))
    for page in samples.LOBBY_PAGES.values():
        glass.lay(page, samples.words(), "zh", samples.looks()["lobby"])
    assert read == []


@pytest.mark.glass
def test_where_none_are_made_pages_are_drawn_without_pictures(glass: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from screens.pictures import atlas
    from screens.stage.painter import Painter, Rect

    atlas.regions.cache_clear()
    monkeypatch.setattr(atlas, "MADE", Path("nowhere"))
    notes: list[Any] = []
    Painter(glass.stage._live, glass.stage.letters, notes=notes).picture("good_cup", Rect(0, 0, 90, 90))
    assert notes == []
    atlas.regions.cache_clear()


@pytest.mark.glass
def test_what_is_held_of_pictures_stays_below_its_bytes_and_the_last_ones_stay(
    glass: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All pictures, one after the other, cost no more than a few pages of them."""
    from screens.pictures import atlas

    read: list[str] = []
    monkeypatch.setattr(atlas, "_read", lambda place: read.append(place.file) or place.file)
    held = atlas.TextureCache()
    everyone = [place for found in atlas.regions().values() for place in found]
    assert sum(4 * one.w * one.h for one in everyone) > 2 * atlas.KEPT_BYTES
    for place in everyone:
        assert held.get(place) == place.file
        assert held.size <= atlas.KEPT_BYTES
    read.clear()
    assert held.get(everyone[-1]) == everyone[-1].file
    assert read == [], "the last one is held"
    held.get(everyone[0])
    assert read == [everyone[0].file], "the first one went"


@pytest.mark.glass
def test_no_picture_is_larger_than_a_page_may_hold_nine_of(glass: Any) -> None:
    from screens.pictures import atlas

    large = [place for found in atlas.regions().values() for place in found if 4 * place.w * place.h > 2**19]
    assert large == []


def test_the_licence_of_the_emoji_names_the_package_that_brings_them() -> None:
    """Another version may declare another licence: whoever takes it looks, and writes it down."""
    wanted = json.loads((ROOT / "deploy" / "office" / "assets" / "package.json").read_text(encoding="utf-8"))
    version = wanted["dependencies"]["@lobehub/fluent-emoji-flat"]
    locked = json.loads((ROOT / "deploy" / "office" / "assets" / "package-lock.json").read_text(encoding="utf-8"))
    declared = locked["packages"]["node_modules/@lobehub/fluent-emoji-flat"]["license"]
    text = (generate_pictures.HOME / "FLUENT_EMOJI.txt").read_text(encoding="utf-8")
    assert f"@lobehub/fluent-emoji-flat {version} " in text
    assert f'"license": "{declared}"' in text
    assert f"{declared} License" in text


LINES = {"cross", "arrow", "person", "ear", "train", "help", "sms", "chats", "packet", "packet_line"}
"""Line icons that may stand alone in a page's panel: a gate's signs, and what has no drawing in colour yet."""


@pytest.mark.parametrize("machine", sorted({machine for machine, _ in CASES}))
def test_a_page_shows_things_in_colour_and_not_as_lines(machine: str) -> None:
    skin = next(iter(machine_loader.skins(machine)))
    shown = {
        page.body.icon for page in pages(machine, skin).values() if page.kind not in ("Video", "Face", "PhoneHome")
    }
    flat = {one for one in shown if one in icons.ICONS or atlas.is_line(one)}
    assert flat - set(action_pictures.DRAWINGS) - LINES == set()
