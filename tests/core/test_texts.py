"""Texts: numerals read back to the same number, amounts keep their value, what is missing falls back and is listed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.pages import Text, text
from kiosk_firmware.core.spoken_text import NUMBER_WORDS, english, numeral, spoken_form
from kiosk_firmware.core.texts import PLAIN, TextForms, UnknownTexts, Words, table, yuan
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words

DIGITS = {sign: n for n, sign in enumerate("零一二三四五六七八九")} | {"两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000}
BIG = {"万": 10_000, "亿": 100_000_000}


def heard(said):
    """What a listener understands: the number behind a Mandarin numeral."""
    whole = part = digit = 0
    for sign in said:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign in UNITS:
            part += (digit or 1) * UNITS[sign]
            digit = 0
        else:
            whole = (whole + part + digit) * BIG[sign] if sign == "亿" else whole + (part + digit) * BIG[sign]
            part = digit = 0
    return whole + part + digit


@given(st.integers(0, 10**9 - 1))
def test_a_numeral_is_heard_as_the_same_number(n):
    assert heard(numeral(n)) == n
    assert heard(numeral(n, "两")) == n
    assert "零零" not in numeral(n)


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (105, "一百零五"),
        (200, "两百"),
        (1005, "一千零五"),
        (1050, "一千零五十"),
        (20_000, "两万"),
        (10_005, "一万零五"),
    ],
)
def test_numerals_as_people_say_them(n, said):
    assert numeral(n) == said


@pytest.mark.parametrize(("n", "said"), [(110, "一百一十"), (1012, "一千零一十二"), (50_015, "五万零一十五")])
def test_ten_inside_a_number_is_one_ten(n, said):
    assert numeral(n) == said


@given(st.integers(-(10**10), 10**10))
def test_yuan_keeps_the_value(fen):
    shown = yuan(fen)
    assert re.fullmatch(r"-?\d{1,3}(,\d{3})*(\.\d\d)?", shown)
    assert round(float(shown.replace(",", "")) * 100) == fen


@given(st.integers(0, 10**8))
def test_an_amount_is_spoken_as_the_same_amount(fen):
    said = spoken_form(f"¥{yuan(fen)}", "zh")
    assert not re.search(r"[\d¥,.]", said)
    whole, _, part = said.removesuffix("元").partition("点")
    tens = [DIGITS[sign] for sign in part.strip()] or [0, 0]
    assert heard(whole.strip()) * 100 + tens[0] * 10 + tens[1] == fen


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("¥2", "两 元"),
        ("打 12345", "打一二三四五"),
        ("请 A014 号", "请A零一四号"),
        ("打 199 9021 7453", "打一九九，九零二一，七四五三"),
        ("您的验证码是 482137", "您的验证码是四八二一三七"),
        ("G8601 次列车", "G八六零一次列车"),
        ("14:05", "十四点零五分"),
        ("2:00", "两点整"),
        ("卡号 6217001234", "卡号六二一七零零一二三四"),
        ("尾号 5528", "尾号五五二八"),
        ("2 张", "两张"),
        ("1,500 元", "一千五百元"),
        ("没有数字", "没有数字"),
        ("交 20%", "交百分之二十"),
        ("2.5 %", "百分之二点五"),
        ("TD4221 起飞", "TD四二二一起飞"),
    ],
)
def test_written_and_said(written, said):
    assert spoken_form(written, "zh").replace(" ", "") == said.replace(" ", "")


def test_other_languages_keep_their_figures():
    assert spoken_form("¥300", "en") == "three hundred yuan"


@pytest.mark.parametrize(
    ("written", "said"),
    [("20 %", "twenty per cent"), ("09:30", "nine thirty"), ("14:05", "fourteen oh five"), ("2:00", "two o'clock")],
)
def test_shares_and_times_are_said_in_english_words(written, said):
    assert spoken_form(written, "en") == said


KEYS = st.sampled_from(("one", "two", "three"))
TABLES = st.dictionaries(KEYS, st.text("abc{}_fen ", max_size=12).map(TextForms), max_size=3)


@given(TABLES, TABLES, KEYS)
def test_what_a_language_lacks_is_mandarin_and_is_listed(zh, en, key):
    words = Words([("zh", zh), ("en", en)], partial=True)
    expected = en.get(key) or zh.get(key) or TextForms(key)
    assert words.write(Text(key), "en") == expected.text
    assert (key in words.missing("en")) == (key in zh and key not in en)


@given(TABLES, TABLES)
def test_later_tables_win(first, second):
    joined = Words([("zh", first)], partial=True).joined(Words([("zh", second)]))
    for key, written in {**first, **second}.items():
        assert joined.write(Text(key), "zh") == written.text


def test_arguments_are_shown_by_their_names_ending():
    words = Words([("zh", {"a": TextForms("{x_fen} 元，{who}，{slot_key}"), "slot": TextForms("卡口")})])
    filled = text("a", x_fen=123_456, who="张明", slot_key="slot")
    assert words.write(filled, "zh") == "1,234.56 元，张明，卡口"


@pytest.fixture
def lived(monkeypatch):
    """As in life: nothing raises."""
    unknown = UnknownTexts()
    monkeypatch.setattr("kiosk_firmware.core.texts.UNKNOWN", unknown)
    return unknown


def test_in_a_test_an_unknown_key_and_an_empty_hole_raise():
    words = Words([("zh", {"a": TextForms("{x_fen} 元")})])
    for wrong in (Text("no.such"), Text("a"), text("a", x_key="no.such")):
        with pytest.raises(LookupError, match=r"no text (no\.such|a\{x_fen\}) in zh"):
            words.write(wrong, "zh")


@pytest.mark.parametrize("language", ["zh", "en", "bo"])
@pytest.mark.parametrize("form", ["write", "speak"])
def test_in_life_a_plain_sentence_stands_for_it_and_it_is_told_once(lived, language, form):
    words = Words([("zh", {"a": TextForms("给 {who}。")})])
    for _ in range(3):
        assert getattr(words, form)(Text("no.such.key"), language) == PLAIN.get(language, PLAIN["zh"])
        assert "{" not in getattr(words, form)(Text("a"), language)
    assert [key for key, _ in lived.take()] == ["no.such.key", "a{who}"]
    assert lived.take() == ()


TREES = st.recursive(
    st.text(max_size=5),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3),
    max_leaves=6,
)


@given(TREES.filter(lambda tree: isinstance(tree, dict)))
def test_nested_tables_join_with_dots(tree):
    flat = table(tree)
    for key, written in flat.items():
        found = tree
        for part in key.split("."):
            found = found[part]
        assert found == written.text


def test_a_spoken_form_and_a_wrong_value():
    assert table({"a": {"text": "G8601", "say": "G 八六零一"}}) == {"a": TextForms("G8601", "G 八六零一")}
    with pytest.raises(ValueError, match=r"a\.b = 3: allowed is"):
        table({"a": {"b": 3}})


@given(st.integers(0, 10**8))
def test_english_numbers_are_heard_as_the_same_number(n):
    ones = {word: at for at, word in enumerate(NUMBER_WORDS["en"][:20])}
    tens = {word: 10 * at for at, word in enumerate(NUMBER_WORDS["en"][20:28], 2)}
    whole = part = 0
    for word in english(n).split():
        if word == "hundred":
            part *= 100
        elif word in ("thousand", "million"):
            whole, part = whole + part * (1000 if word == "thousand" else 10**6), 0
        else:
            part += ones.get(word, 0) + tens.get(word, 0)
    assert whole + part == n


ALL_WORDS = {
    "lobby": lobby_words(),
    **{
        f"{line.id} {skin}": machine_loader.machine_texts(line.id, skin)
        for line in machine_loader.describe()
        for skin in machine_loader.skins(line.id)
    },
}


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
@pytest.mark.parametrize("name", ALL_WORDS)
def test_every_text_has_a_spoken_form(name, language):
    """Filled with whatever, no text leaves a digit, a hole or a sign that a voice must guess at."""
    for key, pattern in ALL_WORDS[name].patterns(language):
        filled = re.sub(r"\{(\w+)\}", lambda hole: "1,234.50" if hole[1].endswith("_fen") else "12", pattern)
        assert not re.search(r"[\d{}¥*#_<>|@$^~=+\\%]|\S/\S", spoken_form(filled, language)), key
