"""Content comes signed, whole and only forwards."""

from __future__ import annotations

import pytest

from kiosk_firmware import content
from kiosk_firmware.office.trust.main import main as office_main
from kiosk_firmware.office.trust.place import now_ms
from kiosk_firmware.trust import keys, signed
from kiosk_firmware.trust.messages import CONTENT, Content

LESSON = """
[lesson]
id = "take-{n}"
level = 1
goal = [{{ fact = "cash_taken_fen", equal = {n}00 }}]
[texts.zh]
title = "取钱"
task = "请取钱。"
[texts.en]
title = "Take money"
task = "Please take money."
"""


@pytest.fixture
def unit(office):
    office.open_desk()
    return office.trusted("jia-atm-01")


def sealed(office, version: int, *lessons: tuple[str, str]) -> bytes:
    return office.place.seal(CONTENT, Content(version, lessons))


def kept(unit) -> list[str]:
    return sorted(path.stem for path in unit.state.glob("lessons.d/*/*.toml"))


def test_lessons_of_a_folder_reach_a_unit(office, unit, tmp_path, capsys):
    (tmp_path / "site" / "atm").mkdir(parents=True)
    (tmp_path / "site" / "atm" / "take-100.toml").write_text(LESSON.format(n=100))
    out, state = tmp_path / "june.kcontent", str(office.folder / "office")
    words = ["content", str(tmp_path / "site"), "--version", "1", "--out", str(out), "--state", state]
    assert office_main("enrol", words) == 0
    assert content.main("content", ["install", str(out), "--state", str(unit.state)]) == 0
    assert kept(unit) == ["take-100"]
    assert content.main("content", ["install", str(out), "--state", str(unit.state)]) == 1
    assert "allowed is one above 1" in capsys.readouterr().err


def test_all_or_nothing(office, unit):
    good = ("atm", LESSON.format(n=100))
    for bad in (("atm", "no lesson"), ("toaster", LESSON.format(n=200))):
        with pytest.raises((ValueError, LookupError)):
            content.install(sealed(office, 1, good, bad), unit.state, now_ms())
    own = signed.seal(CONTENT, Content(1, (good,)), keys.load(unit.member.paper), unit.member.chain())
    with pytest.raises(ValueError, match="allowed is a signer"):
        content.install(own, unit.state, now_ms())
    assert kept(unit) == []
    assert content.install(sealed(office, 1, good), unit.state, now_ms()) == 1
    assert kept(unit) == ["take-100"]
