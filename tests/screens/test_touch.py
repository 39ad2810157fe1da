"""Touch: what counts as a tap, on the rules alone and on the glass."""

from __future__ import annotations

from time import monotonic
from typing import Any

import msgspec
import pytest

from kiosk_firmware.core.events import DoubleTapped, Tapped, Typed
from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from screens.input.field_editing import LONGEST, edit_text
from screens.input.tap_rules import FRESH_MS, HOLD_MS, Taps
from tests.screens import samples


@pytest.fixture
def taps() -> Taps:
    found = Taps()
    found.page("home", 1)
    found.framed(0)
    return found


def test_a_tap_counts_when_the_finger_lifts_in_its_key(taps: Taps) -> None:
    assert taps.landed("f", "ok", 1000).pressed == "ok"
    assert taps.lifted("f", inside=True, now_ms=1050) == "ok"


def test_lifting_outside_is_no_tap(taps: Taps) -> None:
    taps.landed("f", "ok", 1000)
    assert taps.lifted("f", inside=False, now_ms=1050) == ""


@pytest.mark.parametrize("steady", [False, True])
def test_sliding_out_and_back_counts_only_for_steady_touch(taps: Taps, steady: bool) -> None:
    taps.steady = steady
    taps.landed("f", "ok", 1000)
    taps.moved("f", inside=False)
    assert taps.lifted("f", inside=True, now_ms=1100) == ("ok" if steady else "")


def test_sliding_within_the_key_always_counts(taps: Taps) -> None:
    taps.landed("f", "ok", 1000)
    assert taps.moved("f", inside=True) == "ok"
    assert taps.lifted("f", inside=True, now_ms=1300) == "ok"


def test_steady_touch_ignores_a_repeat_within_half_a_second(taps: Taps) -> None:
    taps.steady = True
    results = []
    for at in (1000, 1300, 2000):
        taps.landed("f", "ok", at)
        results.append(taps.lifted("f", inside=True, now_ms=at + 20))
    assert results == ["ok", "", "ok"]


@pytest.mark.parametrize("after_ms", [0, FRESH_MS - 1])
def test_a_touch_soon_after_the_first_frame_is_swallowed(taps: Taps, after_ms: int) -> None:
    taps.page("next", 2)
    taps.framed(5000)
    assert taps.landed("f", "ok", 5000 + after_ms).doubled
    assert taps.lifted("f", inside=True, now_ms=6000) == ""


def test_a_touch_before_the_first_frame_is_swallowed_and_the_first_after_counts(taps: Taps) -> None:
    taps.page("next", 2)
    assert taps.landed("f", "ok", 99_999).doubled
    taps.framed(100_000)
    assert taps.landed("g", "ok", 100_000 + FRESH_MS).pressed == "ok"


def test_a_page_that_changes_under_the_finger_is_not_tapped(taps: Taps) -> None:
    taps.landed("f", "ok", 1000)
    taps.page("home", 2)
    taps.framed(1010)
    assert taps.lifted("f", inside=True, now_ms=3000) == ""


def test_the_same_step_drawn_again_keeps_the_finger(taps: Taps) -> None:
    taps.landed("f", "digit.1", 1000)
    assert not taps.page("home", 1)
    assert taps.lifted("f", inside=True, now_ms=1050) == "digit.1"


def test_editing_a_field() -> None:
    assert edit_text("30", "0") == "300"
    assert edit_text("300", "<") == "30"
    assert edit_text("", "<") == ""
    assert edit_text("1" * LONGEST, "0") == "1" * LONGEST
    assert edit_text("12", "00", longest=3) == "12"


# -- on the glass ------------------------------------------------------------------------------------------


class Finger:
    """A touch as Kivy hands it on."""

    uid = "finger"
    button = "left"

    def __init__(self, stage: Any, x: float, y: float) -> None:
        self.x, self.y = x, 800 - y
        self.grab_current: Any = None
        self._stage = stage

    def grab(self, widget: Any) -> None:
        self.grab_current = widget

    def ungrab(self, widget: Any) -> None:
        self.grab_current = None


def press(stage: Any, name: str) -> Finger:
    hot = next(hot for hot in (*stage.hots, *stage._overlay_hots) if hot.key.name == name)
    finger = Finger(stage, *hot.rect.centre)
    stage.on_touch_down(finger)
    return finger


def show(glass: Any, name: str = "menu", **more: Any) -> Any:
    page = samples.MACHINE_PAGES[name]
    glass.show(page, samples.words(), "zh", samples.looks()["rongjiang"], **more)
    return page


@pytest.mark.glass
def test_a_tap_is_posted_with_the_pages_step_and_the_keys_value(glass: Any) -> None:
    page = show(glass, "menu_amounts")
    press(glass.stage, "amount.300")
    assert glass.posted == []
    glass.stage.on_touch_up(Finger2(glass, "amount.300"))
    assert glass.posted == [Tapped("amount.300", page.step, "300")]


class Finger2(Finger):
    """The same finger, still on a key."""

    def __init__(self, glass: Any, name: str) -> None:
        hot = next(hot for hot in (*glass.stage.hots, *glass.stage._overlay_hots) if hot.key.name == name)
        super().__init__(glass.stage, *hot.rect.centre)
        self.grab_current = glass.stage


@pytest.mark.glass
def test_the_pressed_look_shows_at_once_and_goes(glass: Any) -> None:
    show(glass)
    resting = glass.picture()
    press(glass.stage, "menu.withdraw")
    glass.frame()
    assert glass.picture("pressed") != resting
    glass.stage.on_touch_up(Finger2(glass, "menu.deposit"))
    glass.frame()
    assert glass.picture() == resting
    assert glass.posted == []


@pytest.mark.glass
@pytest.mark.parametrize("left", [False, True])
def test_a_page_drawn_anew_under_a_finger_presses_what_the_finger_presses(glass: Any, left: bool) -> None:
    """Its key; and nothing where the finger has left it, thought better, and come back."""
    page = show(glass)
    resting = glass.picture()
    finger = press(glass.stage, "menu.withdraw")
    if left:
        finger.x, finger.y = finger.x + 600, finger.y
        glass.stage.on_touch_move(finger)
        finger.x -= 600
        glass.stage.on_touch_move(finger)
    glass.stage.strip(Strip("按一下。"))
    glass.stage.show(page, samples.words(), "zh", samples.looks()["rongjiang"], glass.visit)
    glass.stage.strip(Strip())
    glass.frame()
    assert (glass.picture() == resting) == left
    glass.stage.on_touch_up(finger)
    assert [event.key for event in glass.posted] == ([] if left else ["menu.withdraw"])


@pytest.mark.glass
def test_a_double_tap_is_told_and_taps_nothing(glass: Any) -> None:
    page = show(glass, calm=False)
    glass.now_ms += 100
    assert glass.stage.tap("menu.withdraw")
    assert glass.posted == [DoubleTapped(page.step)]


@pytest.mark.glass
def test_what_is_this_explains_one_key_and_does_nothing(glass: Any) -> None:
    page = show(glass)
    glass.stage.tap("strip.hear")
    glass.stage.tap("menu.withdraw")
    assert (glass.strips, [what.written for what in glass.explained], glass.posted) == (["hear"], ["取款"], [])
    glass.stage.tap("menu.withdraw")
    assert glass.posted == [Tapped("menu.withdraw", page.step)]


@pytest.mark.glass
@pytest.mark.parametrize("name", samples.MACHINE_PAGES)
def test_whatever_is_touched_then_has_a_name_and_nothing_happens(glass: Any, name: str) -> None:
    page, words = samples.MACHINE_PAGES[name], lobby_words().joined(samples.words())
    glass.show(page, words, "zh", samples.looks()["rongjiang"])
    names = [hot.key.name for hot in glass.stage.hots]
    for touched in (*names, "strip.teacher", "strip.end"):
        glass.stage.tap("strip.hear")
        glass.now_ms += 1000
        assert glass.stage.tap(touched)
    assert len(glass.explained) == len(names) + 2
    assert all(what.written and what.said and not what.written.startswith("explain.") for what in glass.explained)
    assert (glass.posted, glass.digits, set(glass.strips)) == ([], [], {"hear"})
    title = next(note for note in glass.stage.notes if note.text == samples.words().write(page.title, "zh"))
    glass.stage.tap("strip.hear")
    glass.stage.on_touch_down(Finger(glass.stage, *title.rect.centre))
    assert glass.explained[-1].written == title.text
    glass.stage.on_touch_down(Finger(glass.stage, *title.rect.centre))
    assert (len(glass.explained), glass.posted) == (len(names) + 3, [])


@pytest.mark.glass
def test_a_slot_s_picture_is_named(glass: Any) -> None:
    page = show(glass, "insert_card")
    glass.stage.tap("strip.hear")
    texts = [note.rect for note in glass.stage.notes if note.kind == "text"]
    free = next(
        (x, y)
        for y in range(150, 600, 10)
        for x in range(100, 1200, 10)
        if not any(rect.holds(x, y, 20) for rect in texts) and not glass.stage._hot_at(x, y)
    )
    glass.stage.on_touch_down(Finger(glass.stage, *free))
    assert glass.explained[-1].written == samples.words().write(Text(f"slot.{page.at[0]}"), "zh")


def test_a_key_that_must_be_held_counts_only_then(taps: Taps) -> None:
    taps.hold = True
    for held, counts in ((HOLD_MS - 1, ""), (HOLD_MS, "ok")):
        taps.landed("f", "ok", 1000)
        assert taps.share(1000 + HOLD_MS // 2) == 0.5
        assert taps.lifted("f", inside=True, now_ms=1000 + held) == counts
    taps.landed("f", "strip.end", 1000, ageless=True)
    assert taps.lifted("f", inside=True, now_ms=1100, ageless=True) == ""


@pytest.mark.glass
def test_a_key_fills_while_it_is_held_and_then_is_pressed(glass: Any) -> None:
    page = show(glass)
    resting = glass.picture()
    glass.stage.steady(False, hold=True)
    pictures = []
    press(glass.stage, "menu.withdraw")
    for _ in range(3):
        glass.now_ms += HOLD_MS // 2
        glass.stage._grown(0)
        glass.frame()
        pictures.append(glass.picture("held"))
    assert pictures[0] not in (resting, pictures[1])
    assert pictures[1] == pictures[2]  # full: it looks pressed
    assert glass.posted == []
    glass.stage.on_touch_up(Finger2(glass, "menu.withdraw"))
    assert glass.posted == [Tapped("menu.withdraw", page.step)]
    glass.stage.tap("menu.withdraw")  # a key of its own, beside the glass, need not be held
    assert len(glass.posted) == 2


@pytest.mark.glass
def test_the_strip_is_always_there_and_never_waits(glass: Any) -> None:
    show(glass, calm=False)
    assert glass.stage.tap("strip.teacher")
    assert glass.stage.tap("strip.end")
    assert not glass.stage.tap("strip.show")
    glass.stage.strip(Strip("按**“取款”**。", can_show=True))
    assert glass.stage.tap("strip.show")
    assert glass.strips == ["teacher", "end", "show"]
    assert glass.posted == []


@pytest.mark.glass
def test_typing_edits_the_field_and_posts_the_whole_text(glass: Any) -> None:
    page = show(glass, "amount")
    for name in ("digit.0", "digit.5", "digit.erase"):
        glass.stage.tap(name)
    assert glass.posted == [Typed("amount", text, page.step) for text in ("3000", "30005", "3000")]


@pytest.mark.glass
def test_a_pin_digit_goes_to_the_pad_and_nowhere_else(glass: Any) -> None:
    show(glass, "pin_glass")
    glass.stage.tap("digit.7")
    assert (glass.digits, glass.posted) == (["7"], [])


@pytest.mark.glass
def test_side_keys_press_what_stands_beside_them(glass: Any) -> None:
    page = show(glass)
    for index in range(8):
        glass.stage.side_key(index)
        glass.now_ms += 1000
    names = [event.key for event in glass.posted]
    assert sorted(names) == sorted(key.name for key in page.keys)
    assert names[7] == "nav.eject"


@pytest.mark.glass
def test_more_time_stands_by_the_ring_only(glass: Any) -> None:
    show(glass, "amount")
    assert not glass.stage.tap("strip.more")
    glass.stage.ring(30_000, 60_000)
    assert glass.stage.tap("strip.more")
    glass.stage.ring(None)
    assert not glass.stage.tap("strip.more")
    assert glass.strips == ["more"]


@pytest.mark.glass
@pytest.mark.parametrize("name", ["menu.withdraw", "menu.balance"])
def test_the_halo_stands_on_the_named_key(glass: Any, name: str) -> None:
    show(glass)
    plain = glass.picture()
    glass.stage.strip(Strip(halo_key=name))
    glass.frame()
    rect = next(hot.rect for hot in glass.stage.hots if hot.key.name == name)
    with_halo = glass.picture(f"halo-{name.replace('.', '-')}")
    row = int(rect.y - 10) * 1280 * 3 + int(rect.centre[0]) * 3
    red, green, blue = with_halo[row : row + 3]
    assert with_halo[row : row + 3] != plain[row : row + 3]
    assert red > 230
    assert green > 180
    assert blue < 200


@pytest.mark.glass
def test_please_wait_is_drawn_only_when_the_answer_takes_its_time(glass: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then the last page stands, its key pressed, and takes no touch."""
    monkeypatch.setattr(glass.stage, "_patience_s", 0.03)
    show(glass)
    resting = glass.stage.notes
    glass.show(samples.MACHINE_PAGES["message_wait"], samples.words(), "zh", samples.looks()["shufeng"])
    assert glass.stage.notes is resting
    assert not glass.stage.tap("menu.withdraw")
    show(glass, "amount")
    drawn = glass.stage.notes
    glass.show(samples.MACHINE_PAGES["message_wait"], samples.words(), "zh", samples.looks()["shufeng"])
    until = monotonic() + 10
    while glass.stage.notes is drawn and monotonic() < until:
        glass.frame()
    title = samples.words().write(samples.MACHINE_PAGES["message_wait"].title, "zh")
    assert title in {note.text for note in glass.stage.notes}


@pytest.mark.glass
def test_long_lists_turn_by_arrows_that_no_machine_hears(glass: Any) -> None:
    show(glass, "list")
    first = {note.text for note in glass.stage.notes}
    assert glass.stage.tap("scroll.down")
    assert {note.text for note in glass.stage.notes} != first
    assert glass.posted == []


def test_a_bad_look_is_refused_by_name() -> None:
    from screens.stage.skin import decode, lobby

    table = msgspec.to_builtins(lobby())
    for change, said in (
        ({"layout": "round"}, "atm-side"),
        ({"ink": "red"}, "#RRGGBB"),
        ({"colour": "#000000"}, "colour"),
        ({"key": {**table["key"], "radius": "big"}}, "key.radius"),
        ({"shading": "down"}, "two"),
    ):
        with pytest.raises(ValueError, match=said):
            decode({**table, **change}, "skins.toml [look]")
