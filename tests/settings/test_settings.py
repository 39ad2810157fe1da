"""`unit.toml`: what is right is read, what is wrong is named by file, key, value and what is allowed."""

from __future__ import annotations

import re
import tomllib

import msgspec
import pytest

from kiosk_firmware.cli import main
from kiosk_firmware.settings import unit_toml

KINDS = ("atm", "all-in-one", "demo")

WRONG = [
    ("minutes = 4", "minits = 3", r"turn\.minits = 3: no such key; allowed are minutes, .*did you mean minutes"),
    ('"crt310"', '"crt31"', r"devices\.card_reader\.driver = 'crt31': .*allowed are crt310, pn532.*crt310\?"),
    ("rotation = 0", "rotation = 45", r"screen\.rotation = 45: .*allowed are 0, 90, 180, 270"),
    ('kind = "atm"', 'kind = "amt"', r"unit\.kind = 'amt': .*did you mean atm"),
    ("baud = 9600", 'baud = "x"', r"devices\.card_reader\.baud = 'x': allowed is a whole number, without quotes"),
    ('id = "kiosk-001"', "", r"unit\.id is missing; allowed here are id, site"),
    ('id = "kiosk-001"', 'id = "K 1"', r"unit\.id = 'K 1': allowed are 3 to 32 of"),
    ("ttyUSB1", "ttyUSB0", r"devices\.id_reader\.port = '/dev/ttyUSB0': each port once; devices\.card_reader"),
    ("pin_pad]", "pin_pd]", r"devices\.pin_pd = a table: no such key; .*did you mean pin_pad"),
    ("lock_pin = 10", "lock_pin = 11", r"lock_pin = 11: each pin once"),
    ("tokens_fen = [100, 500]", "tokens_fen = [50]", r"money\.tokens_fen = 50: .*at least two pulses"),
    ("tokens_fen = [100, 500]", "tokens_fen = [125]", r"money\.tokens_fen = 125: .*multiples of token_unit_fen = 50"),
    ("rows = [2, 3", "rows = [99, 3", r"devices\.pin_pad\.rows\.0 = 99: allowed is a whole number, at most 27"),
    ("packs = {  }", 'packs = {yi = "/x"}', r"voice\.packs = 'yi': allowed are zh, en, sc, ii, bo"),
    ("machines = []", 'machines = ["atn"]', r"unit\.machines = 'atn': allowed are .*did you mean atm"),
    ('password = ""', "password = 12345", r"broker\.password = …: allowed is a text in quotes"),
    ("\n[turn]", "\n[tern]", r"tern = a table: no such key; .*did you mean turn"),
    ("\n[turn]", "\n[turn", r"unit\.toml: line \d+, column \d+: .*: \[turn"),
    ("minutes = 4", "minutes = -4", r"turn\.minutes = -4\d?: allowed is a whole number, at least 0"),
    ("port = 8883", 'port = "8883"', r"broker\.port = '8883': allowed is a whole number, without quotes"),
    ('kind = "atm"', "kind = “atm”", r"unit\.toml: line \d+, column 8: .*“ ” must be typed as \" \": kind = “atm”"),
    ('password = ""', "password = “1”", r"unit\.toml: line \d+, column \d+: .*: …$"),
    ("\n[turn]", "\n[unit]\n[turn]", r"unit\.toml: line \d+, column 6: this table stands above already: \[unit\]"),
]


@pytest.mark.parametrize(("right", "wrong", "said"), WRONG, ids=[f"{n}" for n in range(len(WRONG))])
def test_what_is_wrong_is_named(tmp_path, capsys, right, wrong, said):
    text = unit_toml.example("atm")
    assert right in text
    path = tmp_path / "unit.toml"
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    assert main(["config", "check", str(path)]) == 1
    error = capsys.readouterr().err
    assert str(path) in error
    assert re.search(said, error), error


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_is_right_and_says_all(tmp_path, capsys, kind):
    path = tmp_path / "unit.toml"
    assert main(["config", "example", kind]) == 0
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["config", "check", str(path)]) == 0
    read = unit_toml.read_settings(path)
    assert unit_toml.settings_toml(read) == path.read_text(encoding="utf-8")
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(tables) == set(unit_toml.UnitSettings.__struct_fields__)
    assert max(map(len, path.read_text(encoding="utf-8").splitlines())) <= 150


def test_an_unknown_kind_is_wrong_use(capsys):
    assert main(["config", "example", "spaceship"]) == 2
    assert "allowed are atm" in capsys.readouterr().err


def test_a_file_of_an_office_computer_is_read_or_told_how_to_save_it(tmp_path, capsys):
    """Its editors put a mark before the first word, end lines in two bytes, or write another encoding."""
    path, text = tmp_path / "unit.toml", "# 一号机\n" + unit_toml.example("atm")
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert main(["config", "check", str(path)]) == 0
    capsys.readouterr()
    for encoding in ("gbk", "utf-16"):
        path.write_bytes(text.encode(encoding))
        assert main(["config", "check", str(path)]) == 1
        assert f"{path}: line 1 is not UTF-8; save the file as UTF-8" in capsys.readouterr().err


def test_a_missing_file_is_named(tmp_path, capsys):
    assert main(["config", "check", str(tmp_path / "none.toml")]) == 1
    assert "none.toml" in capsys.readouterr().err


def test_every_problem_is_told_at_once():
    tables = tomllib.loads(unit_toml.example("atm"))
    tables["unit"]["id"] = "X"
    tables["money"]["tokens_fen"] = [50]
    with pytest.raises(ValueError, match=r"(?s)unit\.id.*money\.tokens_fen"):
        unit_toml.check_settings(tables, "unit.toml")


def test_the_site_key_is_made_once_and_for_the_screen_alone(tmp_path):
    unit = unit_toml.check_settings(tomllib.loads(unit_toml.example("atm")), "unit.toml")
    key = unit_toml.site_key(unit, tmp_path)
    assert unit_toml.site_key(unit, tmp_path) == key
    assert len(key) == 64
    assert (tmp_path / "site.key").stat().st_mode & 0o077 == 0


def test_hardware_gets_the_folder(tmp_path):
    unit = unit_toml.check_settings(tomllib.loads(unit_toml.example("demo")), "unit.toml")
    assert unit.hardware(tmp_path).state == str(tmp_path.resolve())
    assert msgspec.structs.asdict(unit)["devices"] == unit.devices
