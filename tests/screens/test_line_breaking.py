"""Line breaking: where a line may end, as properties over texts and widths."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from screens.text.line_breaking import plain, runs, wrap
from tests.screens.inspecting import splits

TEXTS = [
    "不要给**不认识的人**转账。警察、法院、客服都**不会**让您转账到“安全账户”。",
    "要 100 元的整数倍，每次最多 5,000 元。",
    "Never transfer to somebody you **do not know**.",
    "请听到提示音后再走开。",
    "卡号 9900 **** 5528",
    "插入 chip 卡 then wait 3 分钟",
]


def measure(text: str, bold: bool) -> float:
    return sum(10 if ord(char) > 0x2E7F or char in "“”" else 5 for char in text)


@given(st.sampled_from(TEXTS), st.integers(120, 800))
def test_nothing_is_lost_no_word_is_split_and_no_line_is_too_wide(text: str, width: int) -> None:
    laid = wrap(text, width, measure)
    lines = ["".join(run.text for run in line) for line in laid.lines]
    assert "".join(lines).replace(" ", "") == plain(text).replace(" ", "")
    assert list(splits(plain(text), lines)) == []
    assert laid.fits == all(wide <= width + 0.5 for wide in laid.widths)


@given(st.sampled_from(TEXTS), st.integers(160, 800))
def test_marks_stay_with_their_words_and_nobody_is_left_alone(text: str, width: int) -> None:
    for line in wrap(text, width, measure).lines[1:]:
        assert "".join(run.text for run in line)[0] not in "，。！？；：”、"
        assert len("".join(run.text for run in line).strip("，。！？；：”、")) > 1


@cache
def templates() -> frozenset[str]:
    """All texts of the unit, in Mandarin and English, as they are written down."""
    known = [lobby_words(machine_loader.names())]
    machines = [line.id for line in machine_loader.describe()]
    known += [machine_loader.machine_texts(name, skin) for name in machines for skin in machine_loader.skins(name)]
    return frozenset(
        words.entry(key, lang).text for words in known for lang in ("zh", "en") for key in words.keys(lang)
    )


def every_text() -> list[str]:
    """Those texts with something in each hole."""
    return sorted({re.sub(r"\{\w+\}", "100", text) for text in templates()})


@pytest.mark.parametrize("width", [180, 290, 420, 640])
def test_no_text_of_ours_breaks_inside_a_word_or_a_number(width: int) -> None:
    split = []
    for text in every_text():
        laid = wrap(text, width, measure)
        lines = ["".join(run.text for run in line) for line in laid.lines]
        split += [f"{text!r}: {fault}" for fault in splits(plain(text), lines)]
    assert not split, f"{len(split)} of them, such as {split[:8]}"


def test_a_number_and_its_word_stay_whole() -> None:
    for text, whole in (
        ("输整数，是 100 的倍数，最多 5,000 元。", "倍数"),
        ("请打银行的电话 138 0000 0000 问一问。", "138 0000 0000"),
        ("回执上写着 10 月 20 日来取身份证。", "10 月 20 日"),
        ("卡号 9900 **** 5528 是您的卡", "9900 **** 5528"),
        ("The visit lasts 30 minutes at most", "30 minutes"),
        ("从 12:30 起可以签到", "12:30"),
    ):
        for width in range(140, 400, 5):
            lines = ["".join(run.text for run in line) for line in wrap(text, width, measure).lines]
            assert any(whole in line for line in lines), f"{width}: {lines}"


def test_spans_and_masked_numbers() -> None:
    assert [run.bold for run in runs("取 **300 元**。")] == [False, True, False]
    assert plain("9900 **** 5528") == "9900 **** 5528"


def test_a_number_stays_with_its_measure() -> None:
    lines = wrap("每次最多 5,000 元", 80, measure).lines
    assert ["".join(run.text for run in line) for line in lines] == ["每次最多", "5,000 元"]


SPANS = re.compile(
    r"1\d\d \d{4} \d{4}|\d+ ?月 ?\d+ ?日|\d{1,2}:\d\d"
    r"|\d(?:[\d,.]*\d)? ?(?:元|公斤|小时|分钟|分|天|个月|年|号|次|张|位|件|个|步|岁|口|角|遍|块|毫升"
    r"|的倍数|号线|号窗口|条|排|G|%)"
    r"|\d(?:[\d,.]*\d)? (?:yuan|minutes?|hours?|days?|months?|years?|kg|digits|seconds?)\b"
)
"""A number with what it counts, a day, a time, a telephone number: read at one go."""
FILLED = {"fen": "1,200", "clock": "12:30", "time": "12:30", "phone": "138 0000 0000", "number": "138 0000 0000"}


def filled(text: str) -> str:
    """A text with what may really stand in each hole."""
    return re.sub(r"\{(\w+)\}", lambda hole: FILLED.get(hole[1].rpartition("_")[2], "12"), text)


@pytest.mark.parametrize("glass", ["lying", "upright"])
def test_no_figure_of_any_text_parts_from_what_it_counts(glass: str) -> None:
    """Over every text of machines and unit, at the widths of the two glasses' sentences, columns and keys."""
    widths = (200, 300, 440, 620) if glass == "lying" else (160, 260, 380)
    parted, seen = [], 0
    for text in sorted(filled(one) for one in templates()):
        spans = [found[0] for found in SPANS.finditer(plain(text))]
        seen += len(spans)
        for width in widths if spans else ():
            lines = ["".join(run.text for run in line) for line in wrap(text, width, measure).lines]
            parted += [f"{width}: {span} in {lines}" for span in spans if not any(span in line for line in lines)]
    assert not parted, f"{len(parted)} of them, such as {parted[:6]}"
    assert seen > 700
