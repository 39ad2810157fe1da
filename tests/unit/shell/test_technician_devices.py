"""The technician's work at the glass against real drivers and the twins' wires: as `kiosk devices` does in a shell."""

from __future__ import annotations

import json
import queue
import time

import pytest

from hardware.diagnostics.cli.history import shown_day
from hardware.diagnostics.cli.replay import read_recording
from hardware.diagnostics.device_history import FILE, History, week_of
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import HardwareSettings, full_cabinet
from kiosk_firmware.system.state_folders import RECORDINGS
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.lobby.phases import technician as t
from kiosk_firmware.unit.lobby.texts import lobby_texts
from kiosk_firmware.unit.shell.supervisor_lock import LockVerdict
from kiosk_firmware.unit.shell.technician_bench import KEPT, TechnicianBench
from tests.hardware.pin_rig import CARD, CabinetRig
from tests.hardware.test_guided_tests import Robot

WORDS = lobby_texts()


class Bench:
    """A technician's bench over a real cabinet, and what the lobby would hear of it."""

    def __init__(self, folder, rig):
        self.rig, self.facts, self.heard = rig, [], queue.SimpleQueue()
        settings = HardwareSettings(full_cabinet(quick=True), MoneyChannels(tokens_fen=(100,)), str(folder))
        self.robot = Robot(rig.twins)
        self.bench = TechnicianBench(folder, settings, rig.cabinet.stop, self.facts.append, self.heard.put)
        self.bench.admitted(LockVerdict("technician", 7))
        self.number = 0

    def ask(self, subject, device=""):
        self.bench.serve(t.FindOut(subject, device))
        return self.heard.get(timeout=30)

    def work(self, work, device="", language="en"):
        self.number += 1
        self.bench.serve(t.BeginWork(self.number, work, device, language))

    def until(self, holds, seconds=60):
        """Lines in words, as they come, until one holds; the robot does what it is told and says yes."""
        lines, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            event = self.heard.get(timeout=seconds)
            if isinstance(event, t.WorkAsked):
                self.bench.serve(t.AnswerWork(True))
                continue
            if isinstance(event, t.WorkLine):
                line = said(event.row)
                lines.append((event.row.mark, line))
                self.robot.say(line)
            if holds(event):
                return lines
        pytest.fail(f"{lines}")

    def ended(self):
        return self.until(lambda event: isinstance(event, t.WorkEnded) and event.number == self.number)


def said(row, language="en"):
    return " ".join(WORDS.write(one, language) for one in (row.label, row.value) if one is not None)


@pytest.fixture
def bench(tmp_path):
    with CabinetRig(tmp_path) as rig:
        made = Bench(tmp_path, rig)
        yield made
        made.bench.serve(t.EndWork())


def test_a_device_says_how_it_is_and_why_it_failed(bench):
    well = bench.ask("part", "note_acceptor")
    assert [said(row) for row in well.rows][:2] == ["Works", "Driver ssp"]
    bench.rig.do("unplug", device="note_acceptor")
    bench.rig.until(lambda: any("No answer" in said(row) for row in bench.ask("part", "note_acceptor").rows))
    bench.rig.do("fault", device="receipt_printer", kind="cover_open")
    bench.rig.until(lambda: any("coverOpen" in said(row) for row in bench.ask("part", "receipt_printer").rows))


def test_history_and_comparison_are_those_of_the_shell(bench, tmp_path):
    kept = History(tmp_path / FILE)
    then, now = utc_ms() - 14 * 86_400_000, utc_ms()
    kept.add({"note_acceptor": {"accepted": 400, "rejected.unknown": 4}}, then)
    assert said(bench.ask("compare").rows[0]).startswith("This unit has not been accepted yet")
    kept.accept(then)
    kept.note("note_acceptor", "new belt", then)
    kept.add({"note_acceptor": {"accepted": 60, "rejected.unknown": 40}}, now)
    rows = [said(row) for row in bench.ask("compare").rows]
    assert any(row.startswith("Note slot Refuses more: 40.0 %, was 1.0 %") for row in rows), rows
    rows = [said(row) for row in bench.ask("history", "note_acceptor").rows]
    assert f"{shown_day(then)} new belt" in rows
    assert f"{week_of(then)} 400 taken in, 0 done, 4 failed, 0 lost" in rows


def test_a_lamp_flashes_and_a_device_without_one_says_so(bench):
    assert said(bench.ask("locate", "card_reader").rows[0]) == "Its lamp flashes for 6 seconds."
    assert "no lamp" in said(bench.ask("locate", "pin_pad").rows[0])


def test_a_wire_is_watched_in_words_and_the_unit_goes_on(bench):
    bench.work("watch", "note_acceptor")
    lines = bench.until(lambda event: isinstance(event, t.WorkLine) and "poll" in said(event.row).lower())
    assert lines
    bench.bench.serve(t.EndWork())
    assert not bench.bench.is_released
    assert bench.rig.cabinet.self_test(), "devices are still there"


def test_a_recorded_wire_can_be_replayed_and_the_oldest_go(bench, tmp_path, monkeypatch):
    monkeypatch.setattr("kiosk_firmware.unit.shell.technician_bench.RECORD_S", 0.5)
    for _ in range(KEPT + 1):
        bench.work("record", "note_acceptor")
        assert bench.ended()[-1][1].endswith("lines recorded and saved")
    files = [*(tmp_path / RECORDINGS).glob("*.jsonl")]
    assert len(files) == KEPT
    (line,) = read_recording(files[0])
    assert line.exchanges


def test_a_device_is_tested_in_the_technicians_language(bench, tmp_path):
    bench.work("test", "card_reader", "zh")
    lines = bench.until(lambda event: isinstance(event, t.WorkLine) and "请把一张练习卡" in said(event.row))
    bench.rig.until(lambda: bench.rig.twins.act("insert_card", {"card": CARD})["ok"])
    lines += bench.until(lambda event: isinstance(event, t.WorkLine) and "请把卡拿走" in said(event.row))
    bench.rig.until(lambda: bench.rig.twins.act("take_card", {})["ok"])
    lines += bench.ended()
    assert [line for mark, line in lines if mark == "bad"] == []
    (filed,) = (tmp_path / "tests").glob("*.json")
    assert json.loads(filed.read_text())["ok"]
    assert CARD not in filed.read_text() + filed.with_suffix(".txt").read_text() + repr(lines)
    assert bench.bench.is_released


def test_a_coin_acceptor_is_taught_and_what_unit_toml_should_say_is_shown(bench):
    bench.work("teach", "coin_acceptor")
    lines = bench.ended()
    assert ("ok", 'For unit.toml pulses = { "2" = 100 }') in lines, lines


def test_who_is_at_the_ports_is_said(bench):
    bench.work("probe")
    lines = [line for _, line in bench.ended()]
    assert "tty-notes" in lines
    assert "Note slot ssp" in " ".join(lines)


def test_every_act_is_a_fact(bench):
    bench.ask("clock")
    bench.work("watch", "note_acceptor")
    told = [(fact.type, fact.data) for fact in bench.facts]
    assert told == [
        ("technician.acted", {"who": 7, "act": "look", "detail": "clock"}),
        ("technician.acted", {"who": 7, "act": "watch", "detail": "note_acceptor"}),
    ]
