"""Moving pictures: what the visit process puts into memory is what lies on the glass, never in an office picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Tapped
from kiosk_firmware.core.pages import Page
from kiosk_firmware.unit.lobby.phases import lobby as lb
from kiosk_firmware.unit.lobby.phases import visit as vs
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from kiosk_firmware.unit.lobby.view import view
from kiosk_firmware.visit.wire.messages import Shown
from kiosk_firmware.visit.wire.shared_frames import FAR, SELF, Reader, Writer
from screens.stage.kivy_boot import HIGH, WIDE
from screens.stage.skin import lobby as lobby_look
from tests.screens.inspecting import faults
from tests.screens.test_touch import Finger2, press
from tests.unit.lobby.test_visit import pages, seen, shown

__all__ = ["seen"]
pytestmark = pytest.mark.glass
COVER = (128, 128, 128)
RED, BLUE, GREEN = (200, 16, 16), (16, 16, 200), (16, 200, 16)
VISIT = vs.Visit("HJ000007", "14:00", 2, mine=True, due="now")


def halves(width: int, height: int, top: tuple[int, ...], low: tuple[int, ...]) -> bytes:
    """A picture whose upper half is another colour than its lower one; its left column is dark."""
    rows = (bytes(top if y < height // 2 else low) * width for y in range(height))
    return b"".join(b"\x08\x08\x08" * (width // 4) + row[: (width - width // 4) * 3] for row in rows)


def page(line: Shown | None) -> Page:
    standing = vs.Standing(VISIT, line, carded=True)
    return view(lb.Lobby(phase=vs.Calling(), learner="l-000932", visiting=standing))


def drawn(glass: Any) -> bytes:
    """What is on the glass itself, nothing covered."""
    from screens.media.page_snapshot import PageSnapshot

    glass.frame()
    return PageSnapshot(glass.stage.size, glass.stage.surface).taken(WIDE, HIGH)


def at(rgb: bytes, x: float, y: float) -> tuple[int, ...]:
    start = (round(y) * WIDE + round(x)) * 3
    return tuple(rgb[start : start + 3])


def alike(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= 4 for a, b in zip(one, other, strict=True))


@pytest.fixture
def films(glass: Any, tmp_path: Path) -> Any:
    """The glass's films, fed from this folder."""
    glass.stage.films.sources = {"far": Reader(tmp_path / FAR), "self": Reader(tmp_path / SELF)}
    yield glass.stage.films
    glass.stage.films.sources = {}


def turned(films: Any) -> bool:
    films._turned = 0.0  # time has passed
    return bool(films.turn())


@pytest.mark.parametrize("size", [(640, 480), (322, 241), (1280, 720)])
def test_what_is_in_memory_lies_on_the_glass_the_right_way_up(glass, films, tmp_path, size):
    far, own = Writer(tmp_path / FAR, *size), Writer(tmp_path / SELF, 320, 240)
    far.put(halves(*size, RED, BLUE), 1)
    own.put(halves(320, 240, GREEN, RED), 1)
    glass.show(page(shown("talking")), lobby_words(), "zh", lobby_look())
    assert turned(films)
    rgb, (room, corner) = drawn(glass), films.rects
    x, y = room.centre
    assert alike(at(rgb, x, y - 60), RED)
    assert alike(at(rgb, x, y + 60), BLUE)
    assert alike(at(rgb, room.x + room.w * 0.1, y), (8, 8, 8))
    x, y = corner.centre
    assert alike(at(rgb, x, y - 20), GREEN)
    assert alike(at(rgb, corner.right - 12, y), (8, 8, 8)), "oneself is seen as in a mirror"
    assert alike(at(rgb, corner.x + 12, y + 20), RED)
    assert not turned(films), "nothing newer"
    far.put(halves(*size, BLUE, BLUE), 2)
    assert not glass.wants_frame
    assert turned(films)
    assert glass.wants_frame, "a newer picture is shown now, not with the next page"
    assert alike(at(drawn(glass), room.centre[0], room.centre[1] - 60), BLUE)


def test_a_writer_that_begins_anew_with_another_size_is_followed(glass, films, tmp_path):
    Writer(tmp_path / FAR, 640, 480).put(halves(640, 480, RED, RED), 1)
    glass.show(page(shown("talking")), lobby_words(), "zh", lobby_look())
    assert turned(films)
    Writer(tmp_path / FAR, 320, 180).put(halves(320, 180, GREEN, GREEN), 1)
    fresh = Writer(tmp_path / FAR, 320, 180)
    fresh.put(halves(320, 180, GREEN, GREEN), 1)
    fresh.put(halves(320, 180, BLUE, BLUE), 2)
    assert turned(films)
    assert alike(at(drawn(glass), *films.rects[0].centre), BLUE)


def test_no_picture_of_the_glass_shows_a_film(glass, films, tmp_path):
    Writer(tmp_path / FAR, 640, 480).put(halves(640, 480, RED, RED), 1)
    stands = page(shown("talking"))
    for one in (stands, msgspec.structs.replace(stands, private=False)):
        glass.show(one, lobby_words(), "zh", lobby_look())
        turned(films)
        rgb, room = glass.picture(), films.rects[0]
        inside = {at(rgb, room.x + 3 + n * (room.w - 6) / 40, room.y + 3 + n * (room.h - 6) / 40) for n in range(41)}
        assert inside == {COVER}


def test_other_pages_have_no_film(glass, films, tmp_path):
    Writer(tmp_path / FAR, 640, 480).put(halves(640, 480, RED, RED), 1)
    glass.show(page(shown("talking")), lobby_words(), "zh", lobby_look())
    turned(films)
    glass.show(view(lb.Lobby()), lobby_words(), "zh", lobby_look())
    assert films.rects == []
    Writer(tmp_path / FAR, 640, 480).put(halves(640, 480, BLUE, BLUE), 9)
    assert not turned(films)
    rgb = drawn(glass)
    assert RED not in {at(rgb, x, y) for x in range(40, 760, 60) for y in range(40, 560, 60)}


MEANWHILE = {
    "a second": shown("talking", left_ms=1_798_001),
    "frozen": shown("talking", frozen=True),
    "cut": shown("cut"),
    "a notice": shown("talking", notice="five_left", left_ms=300_000),
    "away": None,
    "ready": shown("ready"),
}


@pytest.mark.parametrize("other", MEANWHILE)
@pytest.mark.parametrize("back", [False, True])
def test_a_finger_on_a_key_presses_it_whatever_the_roof_shows_meanwhile(glass, other, back):
    """Time that passes, a picture that stands or goes on: the key looks pressed until the finger lifts, and counts."""
    key, between = "visit.end", (page(shown("talking")), page(MEANWHILE[other]))
    before, after = between[::-1] if back else between
    glass.show(before, lobby_words(), "zh", lobby_look())
    press(glass.stage, key)
    glass.frame()
    pressed = key_of(glass, key)
    glass.stage.show(after, lobby_words(), "zh", lobby_look(), glass.visit + (after.step != before.step))
    glass.frame()
    assert key_of(glass, key) == pressed
    glass.stage.on_touch_up(Finger2(glass, key))
    assert glass.posted == [Tapped(key, after.step)]
    glass.frame()
    assert key_of(glass, key) != pressed


def key_of(glass: Any, name: str) -> bytes:
    """The pixels of a key."""
    rgb, rect = glass.picture(), next(hot.rect for hot in glass.stage.hots if hot.key.name == name)
    lines = range(round(rect.y), round(rect.bottom))
    return b"".join(rgb[(y * WIDE + round(rect.x)) * 3 : (y * WIDE + round(rect.right)) * 3] for y in lines)


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
def test_pages_of_a_visit_are_well_laid_out(glass, seen, language, long):
    """Each page is measured; a picture, without anybody on it, is drawn of the first with each title, of all with
    --long.
    """
    found, known, drawn_up = [], set(), set()
    words = lobby_words(machine_loader.names())
    glass.stage.films.sources = {}
    for one in pages(seen):
        what = (one.step, one.title, one.body.lines, one.keys, one.body.icon)
        if what in known:
            continue
        known.add(what)
        glass.lay(one, words, language, lobby_look())
        like = one.step, one.title
        wanted = one.private and (long or like not in drawn_up)
        drawn_up.add(like)
        picture = glass.picture(f"visit-{one.step}-{len(known)}-{language}") if wanted else None
        found += [f"{one.step} {len(known)}: {fault}" for fault in faults(glass.stage.notes, picture)]
    assert not found, "\n".join(found)
