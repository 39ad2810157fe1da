"""The guided tests lead a person, here a robot with the twins in its hands, and say what is right and what is not."""

from __future__ import annotations

import json
import re
import threading

import msgspec
import pytest

from hardware.diagnostics.cli.device_access import UnitError
from hardware.diagnostics.cli.guided_tests import TRIALS
from hardware.diagnostics.cli.test_and_teach import FOLDER, guide_tests, taught
from hardware.diagnostics.device_history import FILE, History
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.coins import Pulse
from hardware.drivers.settings.hardware_settings import DeviceTables, full_cabinet, problems
from hardware.twins.unit_twins import Twins
from tests.hardware.pin_rig import CARD, CabinetRig

DOES = [
    ("practice card into", "insert_card", {"card": CARD}),
    ("Take the card", "take_card", {}),
    ("practice note", "note", {"fen": 10_000}),
    ("put it in once more", "note", {"fen": 10_000, "serial": "0000002"}),
    ("digits", "pin_key", {"key": "1"}),
    ("…", "pin_key", {"key": "2"}),
    ("Press Enter", "pin_key", {"key": "enter"}),
    ("Take it.", "take_cash", {}),
    ("Open the cabinet door", "door", {}),
    ("Shut it", "door", {"on": False}),
    ("Pull the tamper", "tamper", {}),
    ("Let it go", "tamper", {"on": False}),
    ("Stand in front", "presence", {}),
    ("Check: drop", "token", {}),
    ("Drop", "token", {}),
]


class Robot:
    """Does with the twins what it is told, as soon as they let it; answers every question with `eyes`."""

    def __init__(self, twins: Twins, eyes: bool = True, lazy: str = "") -> None:
        self.told: list[str] = []
        self._twins, self._eyes, self._lazy = twins, eyes, lazy

    def say(self, text: str) -> None:
        self.told.append(text)
        for words, act, arguments in DOES:
            if words in text and act != self._lazy:
                if yuan := re.search(r"¥(\d+\.\d+)", text):
                    arguments = {"fen": round(float(yuan[1]) * 100)} if act == "token" else arguments
                threading.Thread(target=self._do, args=(act, arguments), daemon=True).start()
                return
        if key := re.search(r"Press key (\d) on the (left|right)", text):
            index = int(key[1]) - 1 + 4 * (key[2] == "right")
            threading.Thread(target=self._do, args=("side_key", {"index": index}), daemon=True).start()

    def saw(self, seen: str, ok: bool) -> None:
        self.told.append(seen)

    def agrees(self, question: str) -> bool:
        self.told.append(question)
        return self._eyes

    def _do(self, act: str, arguments: dict) -> None:
        wait = threading.Event()
        self._twins.act("take_note", {}) if act == "note" else None
        for _ in range(600):
            if self._twins.act(act, arguments).get("ok"):
                return
            wait.wait(0.05)


@pytest.fixture
def desk(tmp_path):
    twins = Twins(full_cabinet(quick=True), MoneyChannels(), tmp_path)
    yield tmp_path, twins
    twins.close()


HAS = {name for name, _ in full_cabinet().named()}
TESTED = (
    "card_reader",
    "note_acceptor",
    "coin_acceptor",
    "coin_dispenser",
    "cash_dispenser",
    "receipt_printer",
    "pin_pad",
    "lights",
    "side_keys",
    *(name for name in ("contacts", "buzzer", "door_lock") if name in HAS),
)


def test_a_whole_cabinet_is_led_through_and_filed(desk):
    folder, twins = desk
    robot = Robot(twins)
    report = guide_tests(full_cabinet(quick=True), MoneyChannels(), folder, TESTED, robot, 30.0)
    assert report.ok, report.text()
    assert [one.at for one in report.devices] == [*TESTED]
    (filed,) = (folder / FOLDER).glob("*.json")
    assert json.loads(filed.read_text())["ok"]
    assert filed.with_suffix(".txt").read_text() == report.text()
    assert twins.state()["card_reader"]["counters"]["taken"] == 1
    assert twins.state()["note_acceptor"]["counters"]["stacked"] == 1
    log = History(folder / FILE).log()
    assert {(entry.device, entry.text) for entry in log} >= {("card_reader", "guided test: well")}
    digits = "".join(re.findall(r"count (\d)", report.text()))
    assert digits.startswith("1234")  # how many, never which


def test_what_is_wrong_is_said_and_the_test_goes_on(desk):
    folder, twins = desk
    twins.act("unplug", {"device": "note_acceptor"})
    twins.act("fault", {"device": "receipt_printer", "kind": "cover_open"})
    devices = full_cabinet(quick=True)
    report = guide_tests(devices, MoneyChannels(), folder, ("note_acceptor", "receipt_printer"), Robot(twins), 3.0)
    assert not report.ok
    notes, printer = report.devices
    assert [(step.told, step.ok) for step in notes.steps] == [("The device answers.", False)]
    assert [step.ok for step in printer.steps][-1] is False
    assert "coverOpen" in printer.steps[-1].seen or "hardwareError" in printer.steps[-1].seen
    assert "WRONG" in report.text()


def test_a_person_who_sees_nothing_is_believed(desk):
    folder, twins = desk
    report = guide_tests(
        full_cabinet(quick=True), MoneyChannels(), folder, ("receipt_printer",), Robot(twins, eyes=False), 30.0
    )
    assert [step.ok for step in report.devices[0].steps] == [True, True, False]


def test_a_person_who_does_nothing_is_waited_for_and_no_longer(desk):
    folder, twins = desk
    robot = Robot(twins, lazy="token")
    report = guide_tests(full_cabinet(quick=True), MoneyChannels(), folder, ("coin_acceptor",), robot, 0.2)
    assert [step.seen for step in report.devices[0].steps[1:]] == ["nothing came"] * len(MoneyChannels().tokens_fen)


def test_nothing_is_tested_behind_a_running_unit(tmp_path):
    with CabinetRig(tmp_path) as rig:
        with pytest.raises(UnitError, match="the unit runs"):
            guide_tests(full_cabinet(quick=True), MoneyChannels(), tmp_path, (), Robot(rig.twins), 1.0)


def test_unknown_devices_are_refused(desk):
    folder, twins = desk
    with pytest.raises(UnitError, match="'teapot': allowed are card_reader"):
        guide_tests(full_cabinet(quick=True), MoneyChannels(), folder, ("teapot",), Robot(twins), 1.0)


def test_every_device_of_a_full_cabinet_has_its_test():
    plain = {"payment_host", "pins"} | {"camera", "microphone", "earpiece"}  # a visit tries its own
    assert {field.name for field in msgspec.structs.fields(DeviceTables)} - plain == {*TRIALS}


def test_tokens_are_taught_and_what_is_proposed_is_right(desk):
    folder, twins = desk
    devices, robot = full_cabinet(quick=True), Robot(twins)
    text, good = taught(devices, MoneyChannels(tokens_fen=(100,)), folder, "coin_acceptor", 1, robot.say)
    assert good, robot.told
    assert 'pulses = { "2" = 100 }' in text
    with pytest.raises(UnitError, match="pulse coin acceptors"):
        taught(devices, MoneyChannels(), folder, "card_reader", 2, robot.say)
    assert isinstance(devices.coin_acceptor, Pulse)
    assert not problems(devices, MoneyChannels())
