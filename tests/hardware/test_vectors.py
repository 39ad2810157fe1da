"""The runner of `./kiosk test --vectors`: our own folder passes it, and a wrong vector never does."""

from __future__ import annotations

import json

import pytest

from tests.hardware import vector_run
from tests.hardware.support import VECTORS, Vector
from tests.hardware.vector_ways import WAYS, NoDriver

LOADED = vector_run.load(VECTORS)
CASES = [(protocol, vector) for protocol in WAYS for vector in LOADED.get(protocol, [])]
FRAMED = [
    (protocol, vector)
    for protocol, vector in CASES
    if vector.valid
    and len(vector.data) > 3
    and protocol not in ("escpos", "essp", "iso7816")
    and "payload/" not in vector.name
    and "crc16" not in vector.extra
    and not vector.name.startswith(("wakeup", "trigger_text", "hcc960", "text"))
]
CONTROLS = [vector for vector in LOADED["crt310"] if len(vector.data) == 1]


def held(protocol: str, vector: Vector) -> str:
    try:
        return vector_run.held(protocol, vector)
    except NoDriver:
        return ""


@pytest.mark.parametrize("protocol", WAYS)
def test_our_own_vectors_pass(protocol):
    assert {vector.name: wrong for vector in LOADED[protocol] if (wrong := held(protocol, vector))} == {}


def test_a_frame_with_a_changed_byte_is_found_wrong_when_called_right():
    """Each framed vector with its last check spoiled, still called valid: every way must fail it."""
    for protocol, vector in FRAMED:
        at = -1 if vector.data[-1] not in (3, 0) or protocol not in ("pinpad", "pn532_hsu") else -2
        spoiled = bytearray(vector.data)
        spoiled[at] ^= 0x41
        wrong = vector_run.held(protocol, vector._replace(data=bytes(spoiled)))
        assert wrong, f"{protocol} {vector.name} passed with a spoiled check"


def test_a_right_frame_is_found_wrong_when_called_invalid():
    """All but what carries nothing that could be wrong: wake-ups, control bytes, ACK frames, timelines of one pulse."""
    passed = {
        f"{protocol}:{vector.name}"
        for protocol, vector in CASES
        if vector.valid
        and vector.data
        and not held(protocol, vector._replace(valid=False))
        and not vector.name.startswith(("wakeup", "payload"))
    }
    assert passed <= {"pn532_hsu:reply/ack", "pn532_hsu:reply/nack", *(f"crt310:{v.name}" for v in CONTROLS)}


@pytest.mark.parametrize("name", ["pulse_mode/lock", "beams/entry", "beams/turn_back", "beams/blocked"])
def test_a_gate_that_should_do_something_else_is_found_wrong(name):
    (vector,) = [vector for vector in LOADED["gate"] if vector.name == name]
    assert held("gate", vector._replace(extra={**vector.extra, "expect": "exit"}))


def folder(path, **files):
    for name, rows in files.items():
        (path / f"{name}.json").write_text(rows if isinstance(rows, str) else json.dumps(rows), encoding="utf-8")
    return str(path)


GOOD = {"name": "gz_keypad/ok", "hex": "0202AAA803", "direction": "device->host", "valid": True}


@pytest.mark.parametrize(("valid", "code", "last"), [(True, 0, "1 passed, 0 failed"), (False, 1, "0 passed, 1 failed")])
def test_the_last_line_counts_and_the_exit_code_says_it(tmp_path, capsys, valid, code, last):
    assert vector_run.main([folder(tmp_path, pinpad=[{**GOOD, "valid": valid}])]) == code
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_what_has_no_driver_is_told_and_does_not_fail(tmp_path, capsys):
    assert vector_run.main([folder(tmp_path, pinpad=[GOOD], telex=[GOOD, GOOD])]) == 0
    said = capsys.readouterr().out
    assert "telex: 2 skipped: no driver" in said
    assert said.splitlines()[-2:] == ["2 skipped", "1 passed, 0 failed"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "no *.json there"),
        ({"pinpad": "[{"}, "pinpad.json: Expecting"),
        ({"pinpad": []}, "not empty"),
        ({"pinpad": {"a": 1}}, "a list of vectors"),
        ({"pinpad": [{"name": "x"}]}, "row 0 x: KeyError 'hex'"),
        ({"pinpad": [{"name": "x", "hex": "0G"}]}, "row 0 x: ValueError"),
        ({"pinpad": ["02"]}, "row 0 : TypeError"),
        ({"pinpad": [{**GOOD, "valid": "no"}]}, "allowed true, false"),
    ],
)
def test_a_folder_that_is_none_is_wrong_use(tmp_path, capsys, files, told):
    assert vector_run.main([folder(tmp_path, **files)]) == 2
    assert told in capsys.readouterr().err


def test_one_folder_is_wanted(capsys):
    assert vector_run.main([]) == vector_run.main(["a", "b"]) == 2
    assert "usage" in capsys.readouterr().err
