"""A text that is not there is never read as its key: the glass shows a plain sentence, and the office is told once."""

from __future__ import annotations

import json

import pytest

from kiosk_firmware.core.effects import Document
from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.texts import PLAIN, UnknownTexts
from kiosk_firmware.office.web import render
from kiosk_firmware.unit.runtime import receipt_lines
from tests.unit.shell.rig import House
from tests.wire.rig import query

MISSING = Text("no.such.text")


@pytest.fixture
def lived(monkeypatch):
    """As in life: nothing raises."""
    unknown = UnknownTexts()
    for module in ("core.texts", "unit.shell.screen_process"):
        monkeypatch.setattr(f"kiosk_firmware.{module}.UNKNOWN", unknown)
    return unknown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_paper_and_web_have_a_plain_sentence_in_its_place(lived, language):
    words = render.office_texts()
    paper = receipt_lines.lines(Document("receipt", MISSING, ((MISSING, MISSING),), (MISSING,)), words, language)
    for line in (*paper, words.write(MISSING, language), words.speak(MISSING, language)):
        assert "no.such" not in line
    assert any(PLAIN[language] in line for line in paper)


def test_the_glass_and_the_voice_have_it_too_and_the_office_is_told_once(lived, tmp_path):
    house = House(tmp_path)
    for _ in range(3):
        assert house.unit.page_words().write(MISSING, "zh") == PLAIN["zh"]
        assert house.unit.page_words().speak(MISSING, "zh") == PLAIN["zh"]
        house.wait(1000)
    rows = query(tmp_path / "screen.db", "SELECT data FROM facts WHERE type = 'text.missing'")
    told = [json.loads(data) for (data,) in rows]
    assert told == [{"text": "no.such.text", "language": "zh"}]


def test_in_a_test_each_of_them_raises():
    with pytest.raises(LookupError, match=r"no text no\.such\.text in zh"):
        render.office_texts().write(MISSING, "zh")
