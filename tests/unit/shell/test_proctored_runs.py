"""Proctored runs: only a teacher's card begins and ends one; the slip names nobody, and the office finds its code."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.certificate_code import check_code, normalise_typed_code
from kiosk_firmware.core.effects import PrintDocument
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.process.main import main as office
from kiosk_firmware.unit.lobby.phases import lobby as lb
from kiosk_firmware.unit.runtime.receipt_lines import COLUMNS, lines, width
from tests.office.test_fact_store import fact
from tests.unit.shell.rig import House

ANNA, TEACHER = "000932", "9900990000001111"


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path, minutes=0)
    made.unit.desk.lock.set("card", 1, bytearray(TEACHER.encode()))
    made.card(ANNA)
    made.tap("tile.atm")
    made.tap("task.withdraw-100")
    return made


def until(house, holds):
    """Hashing has a thread of its own."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, house.step
        time.sleep(0.01)
        house.settle()


def begun(house):
    house.other_card(TEACHER)
    until(house, lambda: house.unit.engine.run is not None)
    return house.unit.engine.run


def ended(house):
    house.unit.on_strip("end")
    house.wait(5_000)
    assert house.step == "signing"


def test_a_teacher_s_card_begins_it_and_nobody_helps(house):
    run = begun(house)
    assert run.header.purpose == "proctored"
    house.wait(120_000)
    assert run.prompted == 0
    assert not [shown for shown in house.stage.rings if shown]
    empty = [strip == Strip(off=True, step=strip.step) for strip in house.stage.strips]
    assert all(empty[empty.index(True) :])  # no task, no hint, no halo, no key


def test_the_teacher_s_card_ends_it_where_the_machine_stands_at_its_first_page(house):
    begun(house)
    house.other_card("9900990000002222")
    time.sleep(0.3)
    house.settle()
    assert house.unit.engine.run is not None
    house.other_card(TEACHER)
    until(house, lambda: house.step == "certified")
    assert house.unit.engine.run is None
    assert house.unit.lobby.phase.ending.outcome == "given_up"


def test_a_proctored_run_has_no_clock(tmp_path):
    house = House(tmp_path, minutes=2, idle_seconds=7200)
    house.unit.desk.lock.set("card", 1, bytearray(TEACHER.encode()))
    house.card(ANNA)
    house.tap("tile.atm")
    house.tap("task.withdraw-100")
    begun(house)
    house.wait(300_000)
    assert house.unit.engine.run is not None
    assert not [said for said in house.voice.said if "一分钟" in said]
    house.other_card(TEACHER)
    until(house, lambda: house.step == "certified")
    house.wait(30_000)
    assert house.step == "certified"


def test_another_card_begins_nothing_and_no_try_of_the_door_is_counted(house):
    for _ in range(7):
        house.other_card("9900990000002222")
        time.sleep(0.2)
        house.settle()
    assert house.unit.engine.run is None
    assert house.unit.desk.lock.barred_ms() == 0
    begun(house)


def test_without_the_teacher_s_card_at_the_end_there_is_no_certificate(house):
    begun(house)
    ended(house)
    house.tap("signing.without")
    assert house.step == "debrief"
    assert not [one for one in house.hardware.done if isinstance(one, PrintDocument)]


def test_the_slip_carries_number_result_code_and_a_blank_and_the_office_finds_the_code(house, tmp_path, capsys):
    run = begun(house)
    ended(house)
    house.other_card(TEACHER)
    until(house, lambda: house.step == "certified")
    house.settle()
    (printed,) = [one for one in house.hardware.done if isinstance(one, PrintDocument)]
    words = house.unit.words.joined(machine_loader.machine_texts("atm"))
    code = house.unit.lobby.phase.code
    for language, name, result in (("zh", "姓名", "还要再练"), ("en", "Name", "needs more practice")):
        slip = lines(printed.document, words, language)
        assert all(width(line) <= COLUMNS for line in slip)
        text = "\n".join(slip)
        for part in (f"l-{ANNA}", code, name, result):
            assert part in text
    store = FactStore(tmp_path / "office" / "office.db")
    common = {"run": run.id, "machine": "atm", "skin": run.header.skin, "lesson": "withdraw-100", "learner": "a" * 16}
    ends = {"outcome": "given_up", "ms": 1, "slips": 0, "prompt_max": 0, "facts": {}}
    store.apply([fact(1, "run.ended", **common, purpose="proctored", **ends)])
    other = {**common, "run": "e-9", "purpose": "practice"}
    store.apply([fact(2, "run.ended", **other, **ends)])
    store.close()
    assert office("office", ["verify", code.lower().replace("-", " "), "--state", str(tmp_path / "office")]) == 0
    assert run.id in capsys.readouterr().out
    for wrong in ("00000-00000", check_code("e-9", "atm", run.header.skin, "withdraw-100", "given_up")):
        assert office("office", ["verify", wrong, "--state", str(tmp_path / "office")]) == 1


def test_a_guest_is_not_examined(tmp_path):
    house = House(tmp_path, minutes=0)
    house.unit.desk.lock.set("card", 1, bytearray(TEACHER.encode()))
    for name in ("attract.start", "sign.guest", "touch.skip", "tile.atm", "task.withdraw-100"):
        house.tap(name)
    house.other_card(TEACHER)
    time.sleep(0.3)
    house.settle()
    assert isinstance(house.unit.lobby.phase, lb.Before)


@given(st.lists(st.text(max_size=8), min_size=5, max_size=5))
def test_a_code_is_read_as_it_was_written(parts):
    code = check_code(*parts)
    assert normalise_typed_code(code) == normalise_typed_code(code.lower().replace("-", " ")) == code
    assert normalise_typed_code(code.replace("0", "O").replace("1", "l")) == code
    assert check_code(*parts[:4], parts[4] + "x") != code
