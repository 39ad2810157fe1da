"""Nothing on the glass moves a key after its page stands: whatever comes later in a run (the coach's
sentence, its halo, the offer to show a step, the ring, the question what a thing is), each key of page and strip stays.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from kiosk_firmware.catalogue.machine_loader import LANGUAGES
from screens.display.stage import Stage
from screens.parts import strip as strip_part
from screens.stage.painter import Rect
from tests.unit.runtime.lives import CASES, Frame, Life

pytestmark = pytest.mark.glass
PATIENT_MS = 65_000
"""So long nothing is done on a page: the coach has said all that it says by itself."""
PARTS = 4
MOVES = 3


def places(glass: Any) -> dict[str, Rect]:
    """Where each key of the page and of the strip is."""
    return {hot.key.name: hot.rect for hot in (*glass.stage.hots, *glass.stage._overlay_hots)}


def changed(before: dict[str, Rect], after: dict[str, Rect]) -> list[str]:
    return [name for name, rect in after.items() if before.get(name, rect) != rect]


def disturbed(life: Life, glass: Any, frames: list[Frame]) -> Iterator[str]:
    """Each key that something moves while the same page stands, with what did."""
    for step, group in groupby(frames, key=lambda frame: frame.page.step):
        first, *later = group
        glass.lay(first.page, first.words, first.language, life.loaded.look)
        glass.stage.strip(first.strip)
        stood = places(glass)
        for frame in later:
            glass.stage.show(frame.page, frame.words, frame.language, life.loaded.look, glass.visit)
            glass.stage.strip(frame.strip)
            yield from (f"{step}: {name} by {frame.strip.sentence!r}" for name in changed(stood, places(glass)))
        yield from (f"{step}: {name} by the ring or a question" for name in asked(glass, stood))


def asked(glass: Any, stood: dict[str, Rect]) -> list[str]:
    """The keys that the ring moves, or the question what something is."""
    glass.stage.ring(9_000, 60_000)
    found = changed(stood, places(glass))
    glass.stage._ask(True)
    found += changed(stood, places(glass))
    glass.stage._ask(False)
    glass.stage.ring(None)
    return found + changed(stood, places(glass))


def waited(life: Life) -> list[Frame]:
    """The frames while nobody does anything on the page that stands, but asks once to be shown a step."""
    mark, step = len(life.frames) - 1, life.stage.pages[-1].step
    life.wait(PATIENT_MS, 2_500)
    if life.engine.run is not None and life.stage.pages[-1].step == step:
        life.engine.strip("show")
        life.wait(2_000)
    return life.frames[mark:]


def moved(folder: Path, glass: Any, case: Any, language: str, moves: int = MOVES) -> Iterator[str]:
    """The keys that move in a run of which somebody sits out every page."""
    machine, skin, lesson = case
    life = Life(folder, machine, skin, lesson, language, pace="calm")
    for _ in range(moves):
        if life.engine.run is None:
            break
        yield from disturbed(life, glass, waited(life))
        if life.engine.run is not None:
            life.follow()
    life.close()


def chosen(part: int, long: bool) -> list[Any]:
    """A lesson of each machine, and of each second further skin; all lessons with --long."""
    firsts = {(machine, skin): (machine, skin, lesson) for machine, skin, lesson in CASES}
    return (CASES if long else list(firsts.values())[::2])[part::PARTS]


def tongue(case: Any) -> str:
    """The language of a case, always the same."""
    return LANGUAGES[zlib.crc32(f"{case[:2]}".encode()) % 2]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_key_moves_by_what_comes_after_its_page(glass: Any, tmp_path: Path, part: int, long: bool) -> None:
    found = list[str]()
    for at, case in enumerate(chosen(part, long)):
        (folder := tmp_path / str(at)).mkdir()
        found += [f"{case[0]} {case[1]} {case[2].id}: {one}" for one in moved(folder, glass, case, tongue(case))]
    assert not found, "\n".join(dict.fromkeys(found))


def offer_beside(patch: Any) -> None:
    """A strip on which the offer of a step takes the teacher's place."""
    honest = strip_part.draw

    def draw(painter: Any, strip: Any, *more: Any) -> list[Any]:
        hots = honest(painter, strip, *more)
        swapped = {"strip.show": "strip.teacher", "strip.teacher": "strip.show"} if strip.can_show else {}
        rects = {hot.key.name: hot.rect for hot in hots}
        return [structs.replace(hot, rect=rects[swapped.get(hot.key.name, hot.key.name)]) for hot in hots]

    patch.setattr(strip_part, "draw", draw)


def room_for_the_halo(patch: Any) -> None:
    """A page whose keys make room for a halo."""
    honest = Stage._redraw

    def redraw(self: Any) -> None:
        honest(self)
        if self._strip.halo_key:
            self.hots = [structs.replace(hot, rect=hot.rect.grown(-6)) for hot in self.hots]

    patch.setattr(Stage, "_redraw", redraw)


def room_for_the_ring(patch: Any) -> None:
    """A page that is laid out anew around the ring."""
    honest = Stage.ring

    def ring(self: Any, left_ms: int | None, total_ms: int = 0) -> None:
        honest(self, left_ms, total_ms)
        if left_ms is not None:
            self.hots = [structs.replace(hot, rect=hot.rect.grown(-6)) for hot in self.hots]

    patch.setattr(Stage, "ring", ring)


@pytest.mark.parametrize("mutant", [offer_beside, room_for_the_halo, room_for_the_ring])
def test_a_glass_that_moves_a_key_later_is_caught(glass: Any, tmp_path: Path, monkeypatch: Any, mutant: Any) -> None:
    mutant(monkeypatch)
    assert list(moved(tmp_path, glass, CASES[0], "zh", 4))
