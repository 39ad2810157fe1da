"""A unit whose panel stands upright, as a telephone's does: every page of the phone's machines, of the lobby and of the
desk is laid out on it and measured like the others.

Without `--long` each machine in one skin and language by turns, and one picture for each kind of page.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.pages import Page, text
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from screens.stage import kivy_boot
from screens.stage.page_canvas import LYING, GlassFrame
from screens.stage.skin import lobby as lobby_look
from screens.stage.skin import staff as staff_look
from tests.screens.inspecting import contrast, faults, pixel
from tests.screens.test_lobby_pages import sample as lobby_pages
from tests.screens.test_machines import loaded, pages
from tests.screens.test_staff_pages import pages as staff_pages
from tests.screens.test_staff_pages import setting_up
from tests.unit.lobby.test_visit import pages as visit_pages
from tests.unit.lobby.test_visit import seen

__all__ = ["seen"]
pytestmark = pytest.mark.glass
PHONE = next(spot for spot in machine_loader.PLACES if spot.id == "phone")
CASES = [
    (machine, skin, at % 2)
    for at, machine in enumerate(PHONE.parts)
    for skin in machine_loader.skins(machine)
    if machine_loader.load(machine, skin).look["layout"].startswith("phone")
]


def measured(upright: Any, name: str, page: Page, picture: bool) -> list[str]:
    """What is wrong with the page that was laid out."""
    rgb = upright.picture(f"upright-{name}") if picture else None
    notes = [*upright.stage.notes, *upright.stage.ring_notes]
    found = [f"{name}: {fault}" for fault in faults(notes, rgb, upright.shape)]
    lost = {key.name for key in page.keys} - {hot.key.name for hot in upright.stage.hots}
    return found + [f"{name}: {key} is not on the glass" for key in lost if page.kind != "Home"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("machine", "skin", "turn"), CASES)
def test_the_phones_pages_stand_upright(
    upright: Any, machine: str, skin: str, turn: int, language: str, long: bool
) -> None:
    if not long and (machine_loader.skins(machine).index(skin), language) != (turn, ("zh", "en")[turn]):
        pytest.skip("in its other skin and language; in both with --long")
    it, found, drawn = loaded(machine, skin), [], set()
    for name, page in pages(machine, skin).items():
        upright.lay(msgspec.structs.replace(page, private=False), it.words, language, it.look)
        upright.stage.clock("14:05")
        upright.stage.ring(46_000 if page.timer else None, 60_000)
        kind = (page.kind, page.body.board, language)
        found += measured(upright, f"{machine}-{skin}-{name}-{language}", page, long or kind not in drawn)
        drawn.add(kind)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
def test_the_lobbys_pages_stand_upright(upright: Any, language: str, long: bool) -> None:
    if not long and language != "en":
        pytest.skip("in its longer language; in both with --long")
    own = lobby_words(machine_loader.names())
    found: list[str] = []
    drawn: set[tuple[str, str]] = set()
    for at, (page, machine) in enumerate(lobby_pages(long)):
        words = machine_loader.machine_texts(machine).joined(own) if machine else own
        upright.lay(page, words, language, lobby_look())
        wanted = long or (page.kind, page.step) not in drawn
        drawn.add((page.kind, page.step))
        found += measured(upright, f"lobby-{page.step}-{at}-{language}", page, wanted)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
def test_the_supervisors_and_a_blank_units_pages_stand_upright(upright: Any, language: str, long: bool) -> None:
    if not long and language != "en":
        pytest.skip("in its longer language; in both with --long")
    found: list[str] = []
    for at, page in enumerate((*staff_pages(), *setting_up())):
        shown = msgspec.structs.replace(page, private=False)
        upright.lay(shown, lobby_words(machine_loader.names()), language, staff_look())
        found += measured(upright, f"staff-{page.step}-{at}-{language}", page, long)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
def test_the_pages_of_a_real_visit_stand_upright(upright: Any, seen: Any, language: str, long: bool) -> None:
    """Each is measured; whom one speaks with keeps their place whatever is said."""
    if not long and language != "en":
        pytest.skip("in its longer language; in both with --long")
    words, found, known, drawn, places = lobby_words(machine_loader.names()), [], set(), set(), set()
    for page in visit_pages(seen):
        what = (page.step, page.title, page.body.lines, page.keys, page.body.icon)
        if what in known:
            continue
        known.add(what)
        upright.lay(msgspec.structs.replace(page, private=False), words, language, lobby_look())
        like = page.step, page.title.key
        found += measured(upright, f"visit-{page.step}-{len(known)}-{language}", page, long or like not in drawn)
        drawn.add(like)
        if page.body.icon == "live-talk":
            places.add(tuple(upright.stage.films.rects))
    assert not found, "\n".join(found)
    assert len(places) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_longest_task_fits_on_the_strip(upright: Any, language: str) -> None:
    """It has a row of its own above the keys."""
    it, page = loaded("payment", "rongfu"), pages("payment", "rongfu")["menu"]
    tasks = [it.words.write(text(f"lesson.{one.id}.task"), language) for one in it.lessons]
    upright.stage.strip(Strip(max(tasks, key=len), can_show=True))
    upright.lay(page, it.words, language, it.look)
    assert measured(upright, f"strip-{language}", page, True) == []


@pytest.mark.parametrize(
    ("panel", "glass"),
    [
        ((1280, 800, 0), (1280, 800)),
        ((720, 1280, 0), (800, 1422)),
        ((1280, 720, 90), (800, 1422)),
        ((800, 1280, 270), (1280, 800)),
        ((1080, 1920, 180), (800, 1422)),
        ((800, 800, 0), (1280, 800)),
    ],
)
def test_the_glass_follows_the_panel_as_it_hangs(panel: tuple[int, int, int], glass: tuple[int, int]) -> None:
    assert kivy_boot.logical(*panel) == glass
    frame = GlassFrame(*glass)
    assert frame.tall == (glass != (LYING.wide, LYING.high))
    assert frame.page.bottom == frame.strip.y
    assert frame.strip.bottom == frame.high


def test_rows_of_the_staffs_dark_pages_stand_out_from_what_is_behind_them(upright: Any) -> None:
    look = staff_look()
    ink = tuple(int(look.panel.ink[at : at + 2], 16) / 255 for at in (1, 3, 5))
    rows = [page for page in staff_pages() if page.body.rows and page.step.startswith("staff-tech-")]
    assert rows
    for page in rows[:3]:
        upright.show(page, lobby_words(), "zh", look)
        behind = pixel(upright.picture(), upright.shape.wide - 60, 400, upright.shape.wide)
        assert contrast(ink, behind) > 7, page.step


def test_who_gets_the_money_is_the_largest_text_upright_too(upright: Any) -> None:
    it, page = loaded("payment", "rongfu"), pages("payment", "rongfu")["confirm-2"]
    assert page.body.whom is not None
    upright.lay(page, it.words, "zh", it.look)
    sizes = {note.text: note.size for note in upright.stage.notes if note.kind == "text"}
    whom = it.words.write(page.body.whom, "zh")
    said = {it.words.write(line, "zh") for line in page.body.lines}
    assert sizes[whom] > max(size for text, size in sizes.items() if text in said or text.endswith("元"))
