"""ID numbers are refused for what is wrong with them, by drivers' settings and counters' forms alike."""

from __future__ import annotations

import pytest

from hardware.drivers.settings.cards import Sdt
from hardware.protocols.id_card_text import check_character, wrong_with
from kiosk_firmware.kits.counter.errands import Field
from kiosk_firmware.kits.counter.fields import problem


def number(birth: str) -> str:
    first = f"519901{birth}003"
    return first + check_character(first)


@pytest.mark.parametrize(
    ("birth", "wrong"),
    [
        ("19880214", ""),
        ("20000229", ""),
        ("18991231", ""),
        ("19000229", "date"),
        ("19880230", "date"),
        ("19881301", "date"),
    ],
)
def test_a_date_that_no_calendar_has_is_refused_by_its_date(birth: str, wrong: str) -> None:
    text = number(birth)
    assert wrong_with(text) == wrong
    assert [("date of birth" in said) for said in Sdt(person=text).problems()] == [True] * bool(wrong)
    assert problem(Field("id", "ident"), text, text, (0, 0)) == ("no_date" if wrong else "")


def test_another_last_character_is_the_last_characters_fault() -> None:
    text = number("18991231")
    other = text[:17] + ("0" if text[17] != "0" else "1")
    assert wrong_with(other) == "check"
    assert ["last character" in said for said in Sdt(person=other).problems()] == [True]
