"""What a learner, an officer or a technician reads: both languages complete and alike, 您 alone, no word that was
mended once comes back.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.catalogue.machine_list import MACHINES
from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.texts import TextForms, Words, table
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words

ROOT = Path(__file__).parents[2] / "kiosk_firmware"
OFFICE_TEXTS = ROOT / "office" / "web" / "texts"
FILES = sorted(path for path in ROOT.rglob("*zh.toml") if "node_modules" not in path.parts)
SKINS = sorted(ROOT.glob("machines/*/skins.toml"))
SPOKEN = sorted(ROOT.glob("languages/sc/texts.toml"))
HOLE = re.compile(r"\{(\w+)\}")
MARKS = re.compile(r"([，。！？、；：])\1|。，|，。|：。|、。|\.\.(?!\.)|,,| {2}|\*{5,}| [,;!?](?!\w)")
GONE = {
    "zh": (
        "换一种机器", "我是访客", "访客离开", "收\\s0\\s元", "箭头朝里", "钱会回到付款", "退的钱回到", "查得对",
        "稳住", "密码只归您", "您看清了说明", "您这几天释放的", "请放进卡口", "学员证", "中心卡", "单元",
        "机群", "按下面那个", "睡着", "存折", "她怎么说", "说得很好", "您遵守了承诺", "闸机认了",
        "把身份证给她", "再不办了走", "演的", "付法", "说得对", "看一下脸", "投票口",
        "访客", "降级", "看线", "录线", "谈成", "教练按的", "毛病", "睡", "请看线", "应该说",
    ),
    "en": (
        r"Another machine \(", "I am a guest", "sleeps", r"\ba play\b", r"\(Play\)", r"\bthe glass\b",
        r"\b(a|the) stick\b", "centre card", r"\bmended\b", "policeman who calls", "keep steady",
    ),
}  # fmt: skip
"""Words that an editor took out, each for its class: what reads like a translation, a riddle, or says more than is
known.
"""
ALONE = ("你好",)
"""你 stands in a greeting only; whoever speaks to a learner, also a stranger, says 您 or nothing."""
OFFICE = "office"
"""Its English readers know what a glass and a stick are; the words above are for learners."""


def beside(path: Path) -> Path:
    """The English file of a Mandarin one."""
    return path.with_name(path.name.replace("zh.toml", "en.toml"))


def read(path: Path) -> dict[str, TextForms]:
    return table(tomllib.loads(path.read_text(encoding="utf-8")))


def every(language: str) -> Iterator[tuple[str, str, str]]:
    """All texts of a language as (file, key, text), written and spoken, skins' own too."""
    for zh in FILES:
        path = zh if language == "zh" else beside(zh)
        for key, one in read(path).items():
            yield from ((str(path.relative_to(ROOT)), key, form) for form in (one.text, one.say) if form)
    for path in SKINS:
        for skin, made in tomllib.loads(path.read_text(encoding="utf-8"))["skin"].items():
            for key, one in table(made["texts"][language]).items():
                yield f"{path.relative_to(ROOT)} {skin}", key, one.text


def test_files_are_found():
    assert len(FILES) >= 29
    assert len(SKINS) >= 19


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_both_languages_have_the_same_texts_with_the_same_arguments(path):
    zh, en = read(path), read(beside(path))
    assert zh.keys() == en.keys()
    for key in zh:
        for form in ("text", "say"):
            ours, theirs = (set(HOLE.findall(getattr(one, form) or one.text)) for one in (zh[key], en[key]))
            assert {_bare(name) for name in ours} == {_bare(name) for name in theirs}, f"{key} ({form})"


def _bare(name: str) -> str:
    """A name has a Mandarin and a Latin form, which the two languages take by turns."""
    return re.sub(r"_latin$|^latin$|^pinyin$", "name" if name in ("latin", "pinyin") else "", name)


@pytest.mark.parametrize("path", SKINS, ids=lambda path: path.parent.name)
def test_a_skin_renames_in_both_languages_what_a_key_is_called(path):
    for skin, made in tomllib.loads(path.read_text(encoding="utf-8"))["skin"].items():
        own = {language: table(made["texts"][language]) for language in ("zh", "en")}
        for key in own["zh"].keys() & own["en"].keys():
            assert set(HOLE.findall(own["zh"][key].text)) == set(HOLE.findall(own["en"][key].text)), f"{skin} {key}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_is_empty_and_no_mark_stands_twice(language):
    wrong = [
        f"{file} {key}: {text!r}"
        for file, key, text in every(language)
        if not text.strip()
        or text != text.strip()
        or MARKS.search(text)
        or text.count("**") % 2
        or text.count("“") != text.count("”")
    ]
    assert wrong == []


def test_whoever_is_spoken_to_is_nin():
    spoken = [(path.parent.name, key, one.text) for path in SPOKEN for key, one in read(path).items()]
    said = [*every("zh"), *spoken]
    wrong = [f"{file} {key}: {text}" for file, key, text in said if "你" in re.sub("|".join(ALONE), "", text)]
    assert wrong == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_words_that_were_taken_out_stay_out(language):
    wrong = [
        f"{file} {key}: {word} in {text}"
        for file, key, text in every(language)
        for word in GONE[language]
        if re.search(word, text) and not (language == "en" and file.startswith(OFFICE))
    ]
    assert wrong == []


def test_mandarin_has_its_own_marks():
    """A half-width mark between Han characters is a slip of the keyboard."""
    wrong = [
        f"{file} {key}: {text}"
        for file, key, text in every("zh")
        if re.search(r"[\u4e00-\u9fff][,;!?]|[\u4e00-\u9fff]\.(?!\w)", text)
    ]
    assert wrong == []


PRESSED = {
    "zh": re.compile(r"(?:按|看到|听到)[^，。“？！*]{0,8}?(?:(?:\*\*)?“([^”]+)”|\*\*([^*“]+)\*\*)"),
    "en": re.compile(r"[Pp]ress (?:(?:\*\*)?[“\"]([^”\"]+)[”\"]|\*\*([^*“\"]+)\*\*)"),
}
"""Sentences that name a key of the glass; bold alone may also be what is meant by a word."""
GIVEN = {"更正", "确认", "多给时间", "moretime"}
"""They stand on the keypad's metal or on the coach's strip, whatever the glass says."""


def _label(text: str) -> str:
    return re.sub(r"[*\s]", "", text).rstrip("，。,.").lower()


def _labels(language: str, *tables: Words) -> set[str]:
    return {_label(one.entry(key, language).text) for one in tables for key in one.keys(language)}


def test_a_sentence_calls_a_key_what_the_skin_at_hand_calls_it():
    """Texts name keys as `{=key.menu.balance}`; a name written out is another one in the next skin."""
    wrong, found = [], 0
    for line in MACHINES:
        tables = {skin: machine_loader.machine_texts(line.id, skin) for skin in machine_loader.skins(line.id)}
        for language, pattern in PRESSED.items():
            anywhere = _labels(language, *tables.values())
            for skin, texts in tables.items():
                here = _labels(language, texts) | GIVEN
                for key in sorted(texts.keys(language)):
                    for quoted, bold in pattern.findall(texts.entry(key, language).text):
                        found += 1
                        known = _label(quoted or bold) in here
                        if not known and "{" not in quoted + bold and (quoted or _label(bold) in anywhere):
                            wrong.append(f"{line.id} {skin} {key}: {quoted or bold}")
    assert wrong == []
    assert found > 200


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_device_and_a_fault_have_one_name_on_the_unit_and_at_the_office(language: str) -> None:
    """What a supervisor reads on the glass is what the office reads on its page; in English but for the capital."""
    office = tomllib.loads((OFFICE_TEXTS / f"{language}.toml").read_text(encoding="utf-8"))
    unit = lobby_words()
    pairs = [(f"device.{name}", said) for name, said in office["device"].items()]
    pairs += [(f"fault.{name}.name", said) for name, said in office["fault"].items()]
    pairs += [(f"coming.skill.{name}", said) for name, said in office["skill"].items()]
    told = [(said, unit.write(Text(key), language)) for key, said in pairs if unit.has(key)]
    assert len(told) > 40
    assert [pair for pair in told if pair[0].casefold() != pair[1].casefold()] == []
