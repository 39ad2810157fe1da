"""`office.toml`: what is wrong is named by file, key, value and what is allowed."""

from __future__ import annotations

import re

import pytest

from kiosk_firmware.office import settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[sites.jia]\nhours = "mon-fri 08:30-11:30"', r"sites\.jia\.hours = 'mon-fri 08:30-11:30': allowed is a list"),
        ('[sites.jia]\nhours = ["mon 8:30-11:30"]', r"sites\.jia\.hours = 'mon 8:30-11:30': allowed is as in 'mon-fri"),
        ('[sites.jia]\nhours = ["fri 18:00-07:00"]', r"sites\.jia\.hours = 'fri 18:00-07:00': allowed is an end after"),
        ("[sites.bing]\n[sites.jia]\nnames = {}", r"sites\.jia\.names = a table: no such key; allowed are name, hours"),
        ('[sites.bing]\n[sites.jia]\nname = "x"', r"sites\.jia\.name = 'x': allowed is a table"),
        ("[sites.JIA]", r"sites\.JIA = 'JIA': allowed are 3 to 32 of a-z"),
        ('[sites.jia]\nunits = ["jia_1"]', r"sites\.jia\.units = 'jia_1': allowed are 3 to 32 of a-z"),
        ('[mail]\nport = "25"', r"mail\.port = '25': allowed is a whole number, without quotes"),
        ("[mail]\nport = 70000", r"mail\.port = 70000: allowed is a whole number, at most 65535"),
        ('[[webhook]]\nurl = "u"\n[[webhook]]\nurl = 3', r"webhook\.1\.url = 3: allowed is a text in quotes"),
        ("[[webhook]]", r"webhook\.0\.url is missing; allowed here are url, secret_file"),
        ("[retention]\nraw_days = 99999", r"retention\.raw_days = 99999: allowed is a whole number, at most 3650"),
        ("[vists]", r"vists = a table: no such key; .*did you mean visits"),
        ("[sites.jia]\nname = { zh = “甲” }", r"line 2, column 15: .*“ ” must be typed as"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, said):
    path = tmp_path / "office.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(str(path)) + r".*") as caught:
        settings.read_settings(path)
    assert re.search(said, str(caught.value)), caught.value
