"""The take-home sheet: the steps that the coach says, the numbers that help, nothing from elsewhere, in large print."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.tools.authoring import lesson_check
from kiosk_firmware.tools.authoring.main import main
from kiosk_firmware.tools.authoring.take_home_sheet import around, sheet

HOTLINES = ["110", "96110", "12306", "12333", "12348", "12345"]


class Read(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.items, self.cells = [], [], []

    def handle_starttag(self, tag, attrs):
        assert not {"src", "href"} & {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)
        if tag in ("li", "td"):
            (self.items if tag == "li" else self.cells).append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        for tag, found in (("li", self.items), ("td", self.cells)):
            if tag in self.open:
                found[-1] += data


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
@pytest.mark.parametrize(("machine", "lesson"), [("atm", "withdraw-100"), ("rail", "buy-tomorrow"), ("rail", "refund")])
def test_a_sheet_says_what_the_coach_says(machine, lesson, language):
    page = sheet(machine, lesson, "", language)
    read = Read()
    read.feed(page)
    assert read.open == []
    known = next(one for one in machine_loader.lessons(machine) if one.id == lesson)
    told = lesson_check.coach_sentences(machine, machine_loader.skins(machine)[0], known)[language]
    said = [step.replace("**", "") for step in told]
    assert read.items == [step for at, step in enumerate(said) if at == 0 or step != said[at - 1]]
    assert read.cells[::2] == HOTLINES
    assert all(read.cells[1::2])
    assert min(int(size) for size in re.findall(r"(\d+)pt", page)) >= 20


def test_both_languages_have_the_same_numbers_in_the_same_order():
    assert [list(around(language).hotlines) for language in machine_loader.LANGUAGES] == [HOTLINES, HOTLINES]


def test_what_there_is_not_is_said_with_what_there_is(tmp_path):
    with pytest.raises(LookupError, match=r"lesson 'no'.*withdraw-100"):
        sheet("atm", "no", "", "zh")
    with pytest.raises(LookupError, match=r"skin 'no'.*rongjiang"):
        sheet("atm", "balance", "no", "zh")
    path = tmp_path / "sheet.html"
    assert main("lessons", ["sheet", "atm", "balance", "--into", str(path), "--language", "en"]) == 0
    assert "12348" in path.read_text()
