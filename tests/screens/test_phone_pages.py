"""What is done with a telephone is in the telephone: its pad, what it waits for; and a table counts what lies on it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kiosk_firmware.core.pages import Body, Page, Text
from screens.parts import handset, slot_motions, table_top
from screens.stage.painter import Rect
from screens.stage.skin import decode
from tests.screens.test_machines import loaded, pages

pytestmark = pytest.mark.glass
PHONES = [("payment", "rongfu"), ("payment", "shutong"), ("social", "rongliao"), ("account", "shumin")]


def laid(glass: Any, machine: str, skin: str, page: Page, language: str) -> Rect:
    """Lay a page out; return the telephone's glass."""
    it = loaded(machine, skin)
    glass.lay(msgspec.structs.replace(page, private=False), it.words, language, it.look)
    return handset.handset_box(decode(it.look, skin), False, page.timer is not None).glass


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("machine", "skin"), PHONES)
def test_figures_are_typed_in_the_telephone(glass: Any, machine: str, skin: str, language: str) -> None:
    """Amount, own number and password. A code's page has a message and a second key, and its pad beside; so has the
    shop's first page, whose key has a longer name than the column holds.
    """
    seen = 0
    for name, page in pages(machine, skin).items():
        if not name.startswith(("amount", "number", "password")) or page.body.board not in ("", "digits"):
            continue
        inside = laid(glass, machine, skin, page, language)
        digits = [hot.rect for hot in glass.stage.hots if hot.key.role == "digit"]
        seen += bool(digits)
        assert not [at for at in digits if at.x < inside.x or at.right > inside.right or at.bottom > inside.bottom]
    assert seen


def test_an_amount_has_no_letter_of_id_numbers(glass: Any) -> None:
    page = pages("payment", "rongfu")["amount"]
    laid(glass, "payment", "rongfu", page, "zh")
    named = [hot.key.name for hot in glass.stage.hots if hot.key.role == "digit"]
    assert "digit.X" not in named
    assert len(named) == 11


def test_a_telephone_that_waits_asks_by_itself(glass: Any) -> None:
    """No cash machine and no bare dots: the telephone asks, whatever its page calls it."""
    waiting = [page for page in pages("payment", "rongfu").values() if page.body.icon in ("wait", "wait_bank")]
    assert len({page.body.icon for page in waiting}) == 2
    for page in waiting:
        laid(glass, "payment", "rongfu", page, "zh")
        assert glass.stage.motion.shown.motion is slot_motions.MOTIONS["wait_phone"][1]


PURSE = ("id_card", "bank_card", *["note_100"] * 4, *["note_10"] * 5, *["coin_1"] * 9)


@pytest.mark.parametrize("high", [200, 320, 480, 640])
def test_a_table_shows_all_that_one_carries_or_nothing(glass: Any, high: int) -> None:
    """A part of it would be a false count."""
    drawn: list[str] = []

    class Scene:
        page = Page("Message", "x", Text("x"), body=Body(carried=PURSE))
        painter = type("Painter", (), {"picture": lambda self, name, rect: drawn.append(name)})()

    table_top.draw_carried_things(Scene(), Rect(0, 0, 640, high))  # type: ignore[arg-type]
    assert sorted(drawn) in ([], sorted(PURSE))
    assert bool(drawn) == (high > 400)


@pytest.mark.parametrize("machine", ["rail", "metro-ticket", "payment", "id-card"])
def test_what_was_skipped_has_no_tick(machine: str) -> None:
    skin = {"rail": "tianfu", "metro-ticket": "jinhe", "payment": "rongfu", "id-card": "liuhe"}[machine]
    assert pages(machine, skin)["scene-skipped"].body.icon != "ok"
    assert all(page.body.icon for name, page in pages(machine, skin).items() if name.startswith("goodbye"))
