"""Typing on the glass: what reaches a machine is whole texts, and whatever is written can be taken back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.core.events import Typed
from kiosk_firmware.core.pages import Body, Key, Page, Text
from kiosk_firmware.core.texts import Words
from screens.input.keyboard_typing import KeyboardTyping, candidates, table
from screens.stage.skin import SkinLook
from tests.screens.inspecting import faults
from tests.screens.test_machines import loaded

BOARDS = ("letters", "pinyin")


def typed(typing: KeyboardTyping, letters: str, choose: str = "") -> str:
    for letter in letters:
        typing.pressed(letter)
    if not choose:
        return typing.text
    for _ in range(60):
        for key in typing.choices():
            if key.text.key == choose:
                return typing.pressed(key.value)
        typing.pressed(">")
    raise AssertionError(f"{letters} never offers {choose}")


@pytest.mark.parametrize(
    ("letters", "word"),
    [("wangfang", "王芳"), ("zhangming", "张明"), ("chengdu", "成都"), ("mima", "密码"), ("lv", "绿"), ("xian", "现")],
)
def test_a_reading_offers_what_it_means(letters: str, word: str) -> None:
    assert typed(KeyboardTyping("pinyin"), letters, word) == word


def test_what_is_left_of_a_reading_goes_on() -> None:
    typing = KeyboardTyping("pinyin", "四")
    assert typed(typing, "chuansheng", "川") == "四川"
    assert typing.reading == "sheng"
    assert typed(typing, "", "省") == "四川省"


def test_every_common_character_can_be_written() -> None:
    """By its own syllable, within as many turns as there are."""
    single, _ = table()
    assert len(single) > 390
    assert sum(map(len, single.values())) > 3700
    for syllable, chars in single.items():
        offered = {what for what, used in candidates(syllable) if used == len(syllable)}
        assert set(chars) <= offered, syllable


@given(st.sampled_from(BOARDS), st.data(), st.integers(1, 12))
def test_whatever_is_pressed_the_text_stays_short_and_erasing_empties_it(board: str, data: Any, longest: int) -> None:
    typing = KeyboardTyping(board)
    for _ in range(data.draw(st.integers(0, 25))):
        key = data.draw(st.sampled_from((*typing.keys(), *typing.choices())))
        assert len(typing.pressed(key.value, longest)) <= longest
        names = [one.name for one in (*typing.keys(), *typing.choices())]
        assert len(set(names)) == len(names)
    for _ in range(64):
        typing.pressed("<", longest)
    assert (typing.text, typing.reading) == ("", "")


@pytest.mark.glass
@pytest.mark.parametrize("board", BOARDS)
def test_a_board_is_large_and_only_whole_texts_leave_the_glass(glass: Any, board: Any) -> None:
    it = loaded("account", "rongliao")
    words = Words([("zh", {}), ("en", {})]).joined(it.words)
    look: SkinLook | dict[str, Any] = it.look
    ok = Key("question.ok", "primary", Text("key.question.ok"))
    page = Page("Form", "field", Text("question.title"), None, Body(field_key="a.field", board=board), (ok,))
    glass.show(page, words, "zh", look)
    glass.posted.clear()
    for letter in "wang":
        assert glass.stage.tap(f"digit.{letter}")
    sent = [event.text for event in glass.posted if isinstance(event, Typed)]
    if board == "letters":
        assert sent[0] == "w"
        return
    assert sent == []
    glass.frame()  # the pressed key is itself again
    assert faults(glass.stage.notes, glass.picture("board-pinyin")) == []
    assert glass.stage.tap("candidate.0")
    assert [event.text for event in glass.posted] == [candidates("wang")[0][0]]
