"""`kiosk demo`: one command, five processes, a lesson done and seen at the office, and nothing left running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import pytest

from kiosk_firmware.system.process_supervisor import PROVED_S
from kiosk_firmware.tools.demo import demo_folder
from tests.stories.demoing import Demo, processes_of, wait

CARD = "9900550000005528"
UNIT = "/units/demo-001"
START = (0.51, 0.78)
"""Where the first page's key stands, in fractions of the window with its front panel."""
NAMES = ("screen", "twins", "broker", "agent", "office")


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "demo"
    yield found
    for pid in processes_of(found):  # only after a failure is anything left
        os.kill(pid, signal.SIGKILL)


def withdraw(demo: Demo) -> None:
    """The first lesson, done as a person would: keys on the glass, everything else at the cabinet."""
    demo.at("attract")
    demo.touch(UNIT, *START)
    demo.tap("sign-in", "sign.guest")
    demo.tap("touch-1", "touch.skip")
    assert {"tile.atm", "tile.rail"} <= {key["name"] for key in demo.at("home")["page"]["keys"]}
    demo.tap("home", "tile.atm")
    demo.tap("lessons", "task.withdraw-100")
    demo.tap("task", "task.start")
    with demo.twins() as twins:
        demo.at("home")
        wait(lambda: twins.do("insert_card", card=CARD)["ok"], "the slot to take the card")
        demo.at("pin")
        for key in (*demo.pin(CARD), "E"):
            twins.must("pin_key", key=key)
        demo.tap("menu", "menu.withdraw")
        demo.tap("amounts", "amount.100")
        demo.tap("receipt", "receipt.no")
        wait(lambda: twins.do("take_card")["ok"], "the card to come back")
        wait(lambda: twins.do("take_cash")["ok"], "the cash to lie in the tray")
    demo.tap("goodbye", "told.ok")
    demo.at("debrief")


@pytest.mark.glass
@pytest.mark.broker
def test_a_lesson_reaches_the_office_and_the_end_leaves_nothing(folder):
    demo = Demo(folder)
    wait(lambda: b'data-state="online"' in demo.page(UNIT), lambda: f"the unit to be online\n{demo.log()}")
    wait(lambda: demo.page(f"{UNIT}/glass.jpg").startswith(b"\xff\xd8"), "a picture of the glass")
    assert b'id="demo-glass"' in demo.page(UNIT)
    assert demo.page("/demo/window.jpg").startswith(b"\xff\xd8"), "no picture of the whole window"
    assert len(processes_of(folder)) == 1 + len(NAMES)
    assert folder.stat().st_mode & 0o777 == 0o700
    withdraw(demo)
    wait(lambda: b'data-outcome="done"' in demo.page(UNIT), lambda: f"the run at the office\n{demo.log()}")
    assert demo.end() == 0
    assert not processes_of(folder)
    digits = demo.pin(CARD)
    for file in [demo.said, *(folder / "log").iterdir()]:
        assert digits not in file.read_text(errors="replace"), f"the PIN stands in {file.name}"


@pytest.mark.glass
@pytest.mark.broker
def test_a_second_start_remembers_and_the_dead_come_back(folder):
    first = Demo(folder)
    first.at("attract")
    pin = first.pin(CARD)
    wait(lambda: b"fact-1-" in first.page(f"{UNIT}/more"), lambda: f"a fact at the office\n{first.log()}")
    assert first.end(signal.SIGTERM) == 0
    again = Demo(folder)
    again.at("attract")
    assert again.pin(CARD) == pin
    wait(lambda: again.page(f"{UNIT}/more").count(b"fact-1-") >= 1, "what the office knew before")
    screen = next(pid for pid, words in processes_of(folder).items() if "cli run " in words)
    wait(lambda: "screen" in again.said.read_text() or _kill(screen), lambda: f"word of a death\n{again.log()}")
    wait(lambda: [p for p, words in processes_of(folder).items() if "cli run " in words and p != screen], "a screen")
    again.at("attract")
    assert again.end() == 0
    assert not processes_of(folder)


def _kill(pid: int) -> None:
    """Once it has proved itself; before, its death would mean that it cannot run at all."""
    if _age_s(pid) > PROVED_S + 1:
        os.kill(pid, signal.SIGKILL)


def _age_s(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat, open("/proc/uptime", encoding="ascii") as uptime:
            born = int(stat.read().rsplit(")", 1)[1].split()[19]) / os.sysconf("SC_CLK_TCK")
            return float(uptime.read().split()[0]) - born
    except OSError:
        return 0.0


def failed(*words: str) -> str:
    """Run a demo that cannot start; what it said."""
    command = [sys.executable, "-P", "-m", "kiosk_firmware.cli", "demo", "--no-window", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_taken_port_is_said(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} of 127.0.0.1 is taken" in failed("--state", str(folder), "--port", str(port))
    assert not processes_of(folder)


def test_a_folder_in_use_is_said(folder):
    held = demo_folder.DemoFolder(folder)
    assert "another demo runs from this folder" in failed("--state", str(folder))
    held.close()
    assert not processes_of(folder)


@pytest.mark.broker
def test_a_part_that_cannot_start_ends_all(folder):
    """The office's database is no database: the office dies at once, and takes the demo with it."""
    (folder / "office" / "office.db").mkdir(parents=True)
    said = failed("--state", str(folder))
    assert "office ended with code" in said
    assert not processes_of(folder)


def test_what_a_person_set_stays_and_a_broken_file_is_put_aside(folder):
    held = demo_folder.DemoFolder(folder)
    made = held.unit_settings("atm")
    assert (made.unit.kind, made.unit.machines, made.telemetry.glass_always) == ("atm", ("atm",), True)
    text = held.unit_file.read_text().replace('language = "zh"', 'language = "en"')
    held.unit_file.write_text(text)
    assert held.unit_settings("all-in-one").unit.language == "en"
    held.unit_file.write_text("[unit]\nid = 3\n")
    assert held.unit_settings("atm").unit.language == "zh"
    assert "id = 3" in held.unit_file.with_suffix(".toml.old").read_text()
    held.close()
