"""Languages as folders: each has its name, its keys are ones that Mandarin has, and what it lacks is Mandarin's."""

from __future__ import annotations

import re

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.languages import FOLDER, languages, of_machine, texts
from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.spoken_text import spoken_form
from kiosk_firmware.core.texts import TextForms, Words
from kiosk_firmware.tools.voice_recording.main import main as voices
from kiosk_firmware.tools.voice_recording.speaker_script import script
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words

HOLE = re.compile(r"\{(\w+)\}")
OWN = [path.name for path in FOLDER.iterdir() if path.is_dir()]


def test_what_may_be_chosen():
    assert list(languages()) == ["zh", "en", "sc", "ii", "bo"]
    assert {of_machine(name) for name in (*languages(), "xx")} == {"zh", "en"}


@pytest.mark.parametrize("language", OWN)
def test_a_folder_s_keys_are_known(language):
    known = (
        lobby_words()
        .keys("zh")
        .union(*(machine_loader.machine_texts(line.id).keys("zh") for line in machine_loader.describe()))
    )
    assert texts(language).keys() <= known


@pytest.mark.parametrize("language", OWN)
def test_what_a_language_lacks_stands_in_mandarin(language):
    words = lobby_words()
    for key in words.keys("zh"):
        if key not in texts(language) or texts(language)[key].said_only:
            holes = HOLE.findall(words.entry(key, "zh").text)
            written = Text(key, tuple((hole, "lobby.running" if hole.endswith("_key") else 1) for hole in holes))
            assert words.write(written, language) == words.write(written, "zh")
        if key not in texts(language):
            assert words.entry(key, language) == words.entry(key, "zh")


def test_sichuanese_is_read_as_mandarin_and_said_in_its_own_words():
    words, key = lobby_words(), Text("coach.lost")
    assert words.write(key, "sc") == words.write(key, "zh")
    assert "没得事" in words.speak(key, "sc") != words.speak(key, "zh")
    lines, own = ({line.said for line in script(name, ["atm"])} for name in ("zh", "sc"))
    assert words.speak(key, "sc") in own - lines
    assert len(own) > len(lines) * 9 // 10


def test_what_is_said_otherwise_leaves_nothing_to_guess_at():
    for _, pattern in lobby_words().patterns("sc"):
        filled = re.sub(r"\{\w+\}", "12", pattern)
        assert not re.search(r"[\d{}¥*#_<>|@$^~=+\\]", spoken_form(filled, "sc"))


def test_what_no_voice_can_say_is_said_in_mandarin_and_still_written():
    words = Words([("zh", {"a": TextForms("好 {n_fen}")}), ("bo", {"a": TextForms("བོད")})], unsaid=("bo",))
    both = Words().joined(words)
    assert (both.write(Text("a"), "bo"), both.speak(Text("a", (("n_fen", 200),)), "bo")) == ("བོད", "好 二")
    assert Words([("bo", {"a": TextForms("བོད")})]).speak(Text("a"), "bo") == "བོད"


def test_missing_texts_are_listed(capsys):
    assert voices("voices", ["texts", "--language", "en"]) == 0
    assert voices("voices", ["texts", "--language", "bo"]) == 1
    assert "✗ bo coach.press" in capsys.readouterr().out
