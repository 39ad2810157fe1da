"""The checker itself can fail: each rule finds the fault it is for."""

from __future__ import annotations

from screens.stage.kivy_boot import HIGH, WIDE
from screens.stage.painter import PlacedItem, Rect
from screens.stage.skin import STATUS, rgba
from tests.screens.inspecting import contrast, deuteranope, faults, splits

WHITE = bytes([255]) * (WIDE * HIGH * 3)
BOX = Rect(100, 100, 200, 40)


def text(words: str = "取款", rect: Rect = BOX, **more: object) -> PlacedItem:
    settings = {"lines": (words,), "size": 36, "use": "act", "colour": "#000000", **more}
    return PlacedItem("text", rect, rect, words, **settings)  # type: ignore[arg-type]


def key(name: str, x: float, y: float, w: float = 90, h: float = 90, role: str = "digit") -> PlacedItem:
    rect = Rect(x, y, w, h)
    return PlacedItem("key", rect, rect, name, role=role)


def found(*notes: PlacedItem) -> str:
    return "\n".join(faults(notes, WHITE))


def test_a_good_text_passes() -> None:
    assert found(text()) == ""


def test_each_fault_is_found() -> None:
    assert "does not fit" in found(text(fits=False))
    assert "34 for use act" in found(text(size=30))
    assert "28 for use read" in found(text(size=26, use="read"))
    assert "outside" in found(text(rect=Rect(1200, 100, 200, 40)))
    assert "alone" in found(text("请取走卡", lines=("请取走", "卡")))
    assert "contrast" in found(text(colour="#999999"))
    assert "overlaps" in found(text("取款"), text("存款", Rect(150, 110, 200, 40)))
    assert "at least 71" in found(key("a", 10, 10, 60, 90))
    assert "at least 100" in found(key("a", 10, 10, 80, 80), key("b", 100, 10, 80, 80))
    assert "rim has contrast" in found(key("a", 10, 10))
    assert "crosses the rim" in found(text(), key("a", 250, 90, role="choice"))


def test_split_words_are_found() -> None:
    assert list(splits("请取走银行卡", ("请取走银", "行卡")))
    assert list(splits("Return card", ("Retu", "rn card")))
    assert not list(splits("请取走银行卡", ("请取走", "银行卡")))
    assert not list(splits("Return card", ("Return", "card")))


def test_states_differ_for_an_eye_that_confuses_red_and_green() -> None:
    """Right, careful and wrong differ in lightness too, besides their shapes; each sign stands out from its ground."""
    grounds = {mark: deuteranope(rgba(STATUS[mark].ground)[:3]) for mark in ("ok", "warn", "bad")}
    assert contrast(grounds["ok"], grounds["warn"]) >= 3
    assert contrast(grounds["bad"], grounds["warn"]) >= 3
    assert max(abs(a - b) for a, b in zip(grounds["ok"], grounds["bad"], strict=True)) > 0.05
    assert len({status.drawing for status in STATUS.values()}) == len(STATUS)
    for status in STATUS.values():
        assert contrast(rgba(status.ground)[:3], rgba(status.ink)[:3]) >= 4.5
