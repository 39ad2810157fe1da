"""Line breaking: where a line may end, as properties over texts and widths."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

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


def test_spans_and_masked_numbers() -> None:
    assert [run.bold for run in runs("取 **300 元**。")] == [False, True, False]
    assert plain("9900 **** 5528") == "9900 **** 5528"


def test_a_number_stays_with_its_measure() -> None:
    lines = wrap("每次最多 5,000 元", 80, measure).lines
    assert ["".join(run.text for run in line) for line in lines] == ["每次最多", "5,000 元"]
