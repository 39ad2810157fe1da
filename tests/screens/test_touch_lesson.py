"""The touch lesson on the glass: a key that grows smaller, no word to read, and a hand that shows it and makes room."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Tapped
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.unit.lobby.phases.sign_in import ROUNDS, Own, Touching
from kiosk_firmware.unit.lobby.sign_in.view import page
from kiosk_firmware.unit.lobby.texts import lobby_texts
from screens.pages.touch import SIZES
from screens.parts.pressing_hand import AROUND_MS, COMES_MS, LIFTS_MS, PRESSES_MS, hand_distance
from screens.stage.page_canvas import PAGE
from screens.stage.skin import lobby
from tests.screens.inspecting import faults

pytestmark = pytest.mark.glass


def shown(glass: Any, at: int, language: str = "zh") -> Any:
    one = page(Touching(at), Own(), language)
    said = lobby_texts().write(one.say, language) if one.say else ""
    glass.show(one, lobby_texts(), language, lobby())
    glass.stage.strip(Strip(said, ends=False))
    return one


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
@pytest.mark.parametrize("at", range(ROUNDS))
def test_a_page_of_it_needs_no_reading_and_is_well_laid_out(glass: Any, at: int, language: str) -> None:
    shown(glass, at, language)
    picture = glass.picture(f"touch-lesson-{at + 1}-{language}")
    assert faults(glass.stage.notes, picture) == []
    assert not [note.text for note in glass.stage.notes if note.kind == "text" and note.within.y < PAGE.bottom - 1]
    sizes = {hot.key.name: hot.rect.w for hot in glass.stage.hots}
    assert sizes["touch.press"] == SIZES[at]


def test_the_hand_stands_over_the_key_that_is_wanted_and_makes_room_for_a_finger(glass: Any) -> None:
    shown(glass, 0)
    assert glass.stage.hand.moves
    glass.stage.hand.touched()
    assert not glass.stage.hand.moves, "nothing moves under a finger"
    glass.stage._touched(20, 400)
    assert glass.stage.hand.moves, "a miss is shown once more"
    glass.stage.tap("touch.press")
    assert glass.posted == [Tapped("touch.press", "touch-1")]


def test_elsewhere_there_is_no_hand_and_nothing_moves(glass: Any) -> None:
    shown(glass, 1)
    other = page(Touching(0), Own(), "zh")
    glass.show(other.__class__("Message", "other", other.title), lobby_texts(), "zh", lobby())
    assert not glass.stage.hand.moves
    assert not list(glass.stage.hand.group.children)


def test_it_comes_presses_lifts_and_rests() -> None:
    assert hand_distance(0) > 200
    assert all(hand_distance(at) == 0 for at in range(COMES_MS, COMES_MS + PRESSES_MS, 50))
    assert hand_distance(COMES_MS + PRESSES_MS + LIFTS_MS) > 50
    assert hand_distance(AROUND_MS) == hand_distance(0)
