"""Hold motion on a page: it begins with the page, ends by itself, makes room for a finger, and costs nothing then."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk_firmware.core.pages import Body, Page, text
from screens.parts import gate_motions, slot_motions, thing_motions
from screens.parts.motion_layer import Motion, Pose, Sprite
from screens.stage.skin import rgba
from tests.screens.inspecting import pixel
from tests.screens.samples import LINES, key, looks, words

pytestmark = pytest.mark.glass
LOOK = next(iter(looks().values()))
PAGE = Page("Insert", "insert", text("title.menu"), body=Body(LINES, icon="card_in"), at=("card_reader",))
ALL = {
    **{name: motion for name, (_, motion) in slot_motions.MOTIONS.items()},
    "doors": gate_motions.DOORS_OPEN,
    "reader": gate_motions.READER_WANTS,
    "notes": thing_motions.cash_out(("note_100",) * 7),
}


def shown(glass: Any, page: Page = PAGE) -> Any:
    glass.show(page, words(), "zh", LOOK)
    return glass.stage.motion


def pass_time(motion: Any, ms: int) -> None:
    """So many milliseconds in frames, as long as it moves."""
    for _ in range(0, ms, 50):
        if motion.moves:
            motion._beat(0.05)


def timers() -> int:
    from kivy.clock import Clock

    return sum(1 for event in Clock.get_events() if event.is_triggered)


def test_it_ends_by_itself_and_leaves_no_timer_and_no_frame(glass: Any) -> None:
    shown(glass, Page("Message", "other", text("title.menu")))
    before = timers()
    motion = shown(glass)
    assert motion.moves
    assert timers() == before + 1
    motion.again()  # the frames of the test's own window took their time
    whole = ALL["card_in"].ms * ALL["card_in"].rounds
    pass_time(motion, whole - 100)
    assert motion.moves, "both rounds are seen"
    pass_time(motion, 3200)
    assert not motion.moves
    assert timers() == before
    glass.frame()
    glass.frame()
    assert not glass.wants_frame, "a page that stands still asks for no frame"


def test_a_finger_ends_it_and_hear_it_begins_it_again(glass: Any) -> None:
    motion = shown(glass)
    glass.stage._felt()
    assert not motion.moves
    glass.stage._strip_tapped("hear")
    assert motion.moves


def test_steady_touch_lets_nothing_move_but_shows_the_act(glass: Any) -> None:
    motion = shown(glass)
    glass.stage.steady(True)
    assert not motion.moves
    motion = shown(glass, Page("Insert", "later", text("title.menu"), body=Body(LINES, icon="card_in")))
    assert not motion.moves
    assert _seen(motion) > 3
    glass.stage._strip_tapped("hear")
    assert not motion.moves


def test_the_same_page_drawn_again_goes_on_and_the_next_one_without_ends_it(glass: Any) -> None:
    motion = shown(glass)
    pass_time(motion, 1000)
    glass.stage.show(PAGE, words(), "zh", LOOK, glass.visit)
    assert motion._at_ms >= 1000
    shown(glass, Page("Message", "other", text("title.menu"), keys=(key("nav.ok", "primary"),)))
    assert not motion.moves
    assert not _seen(motion)


@pytest.mark.parametrize("name", ALL)
def test_nothing_leaves_its_picture_nor_is_seen_behind_the_slot(glass: Any, name: str) -> None:
    motion = shown(glass)
    shape = ALL[name]
    page = PAGE.body
    glass.stage.motion.show(name, type(motion.shown)(shape, motion.shown.rect, motion.shown.look, page.card))
    rect, scale, high = motion.shown.rect, glass.stage.letters.scale, glass.shape.high
    for at_ms in range(0, shape.ms, 150):
        motion._at_ms = float(at_ms)
        motion._place()
        for one in motion._laid:
            (x, y), (wide, tall) = one.shape.pos, one.shape.size
            if wide and tall:
                assert rect.x * scale - 1 <= x
                assert x + wide <= rect.right * scale + 1
                assert (high - rect.bottom) * scale - 1 <= y
                assert y + tall <= (high - max(rect.y, _mouth(motion, one.sprite))) * scale + 1
    motion.settle()
    assert _seen(motion) >= 1, "what stands still shows the act"


def _mouth(motion: Any, sprite: Sprite) -> float:
    return float(motion._pen.rect(0, max(0.0, sprite.mouth), 1, 1).y)


def _seen(motion: Any) -> int:
    return sum(bool(one.shape.size[0]) for one in motion._laid)


def test_a_card_goes_in_by_its_short_edge_with_the_chip_first(glass: Any) -> None:
    motion = shown(glass)
    picture = glass.picture("motion-card-in")
    card = next(one for one in motion._laid if one.sprite.turned)
    (x, y), (wide, tall) = card.shape.pos, card.shape.size
    assert tall > wide * 1.4
    top = glass.shape.high - y - tall
    gold = rgba("#E8C15A")[:3]
    rows = [
        row / tall
        for row in range(int(tall))
        for column in range(0, int(wide), 3)
        if max(abs(a - b) for a, b in zip(pixel(picture, x + column, top + row), gold, strict=True)) < 0.06
    ]
    assert rows
    assert max(rows) < 0.45, "the chip is in the half that goes in first"


def test_as_many_notes_come_out_as_are_counted_out() -> None:
    for names in (("note_100",) * 3, ("note_100", "note_50", "note_20", "note_10")):
        motion = thing_motions.cash_out(names)
        notes = [sprite for sprite in motion.sprites if sprite.name.startswith("note_")]
        assert tuple(sprite.name for sprite in notes) == names
        assert [sprite.pose(motion.still_ms).dy for sprite in notes] == [0.0] * len(names)
        assert len({sprite.box[:2] for sprite in notes}) == len(names), "each lies where it can be counted"


def test_the_lamp_is_lit_when_a_hand_is_wanted() -> None:
    """It goes out once a card is in, and comes on once a card is out."""
    lamp, _, card, *_ = ALL["card_in"].sprites
    assert lamp.pose(0).shown
    inside = next(pose.at_ms for pose in card.poses if pose.dy == -200)
    assert not lamp.pose(inside).shown
    lamp = ALL["card_out"].sprites[0]
    assert [lamp.pose(at).shown for at in (0, thing_motions.OUT)] == [False, True]


def test_a_thing_is_on_its_way_between_two_poses() -> None:
    sprite = Sprite((0, 0, 10, 10), (Pose(0, 0, 100), Pose(1000, 0, 0)))
    assert [round(sprite.pose(at).dy) for at in (0, 500, 1000, 5000)] == [100, 50, 0, 0]
    assert isinstance(ALL["doors"], Motion)
