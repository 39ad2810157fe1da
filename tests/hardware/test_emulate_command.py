"""`kiosk emulate DEVICE DRIVER --link PATH`, as an outsider uses it: a process, lines in, lines out, a port by name.

The hosts here are our own driver and a plain pyserial script that knows nothing of this project.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import serial

from hardware import twins as emulators
from hardware.drivers.card_crt310 import CardCrt310
from hardware.protocols import cctalk
from hardware.transport.serial_port import PortSettings
from hardware.twins import single_twin
from kiosk_firmware.cli import main
from kiosk_firmware.core.effects import EjectMedia
from kiosk_firmware.core.events import MediaInserted, MediaPresented, MediaTaken
from tests.hardware.pin_rig import Heard

CARD = "9900123412341234"


class Emulated(Heard):
    """The process. `say` writes a line; `line` waits for one that begins so."""

    def __init__(self, *words: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kiosk_firmware.cli", "emulate", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Emulated:
        self.line("ready")
        return self

    def __exit__(self, *_: object) -> None:
        self.say("quit")
        assert self._process.wait(timeout=30) == 0
        for end in (self._process.stdin, self._process.stdout):
            assert end is not None
            end.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))
            self.post(line)

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")

    def line(self, start: str) -> str:
        """The first line that begins so."""
        return self.until(lambda: next((line for line in self.lines if line.startswith(start)), None))  # type: ignore[no-any-return]

    def answer(self, line: str) -> str:
        """What is said to *line*: done, no or wrong."""
        already = len(self.lines)
        self.say(line)
        return self.until(  # type: ignore[no-any-return]
            lambda: next((one for one in self.lines[already:] if one.split()[0] in ("done", "no", "wrong")), None)
        )


def test_our_driver_meets_a_card_that_a_line_put_in(tmp_path: Path) -> None:
    heard = Heard()
    with Emulated("card_reader", "crt310", "--link", str(tmp_path / "tty")) as twin:
        assert twin.answer(f"insert_card {CARD}").startswith("no ")  # nobody has opened the entry
        with CardCrt310(PortSettings(str(tmp_path / "tty")), heard.post) as driver:
            driver.enable(True)
            twin.line("host entry_open")
            heard.until(lambda: twin.answer(f"insert_card {CARD}") == "done insert_card")
            assert heard.heard(MediaInserted).media.number == CARD
            twin.line("device card ic, entry open")
            driver.perform(EjectMedia("card_reader", "out"))
            assert heard.heard(MediaPresented).completion == "success"
            twin.line("host move_front_hold")
            assert twin.answer("take_card") == f'done take_card card="{CARD}"'
            heard.heard(MediaTaken)
        assert twin.answer("insert_card") == "wrong insert_card: this request has no 'card'"
        assert "insert_card" in twin.answer("fly")


def test_a_plain_pyserial_script_speaks_to_a_coin_acceptor(tmp_path: Path) -> None:
    words = ("coin_acceptor", "cctalk", "--link", str(tmp_path / "tty"), "--set", "address=11")
    with Emulated(*words) as twin, serial.Serial(str(tmp_path / "tty"), 9600, timeout=30) as line:
        question = bytes.fromhex("0b00 01f5 ff")  # equipment category, by hand
        line.write(question)
        assert line.read(5) == question  # a single wire: the host hears itself
        assert line.read(5 + 13)[4:-1] == b"Coin Acceptor"
        twin.line("host to 11: category")
        twin.line("device ack 'Coin Acceptor'")
        twin.say("fault silent on")
        twin.line("done fault")
        line.write(cctalk.send(cctalk.Frame(11, 1, cctalk.POLL)))
        twin.line("host to 11: poll")
        assert twin.answer("fault silent off") == "done fault"
        assert json.loads(twin.answer("state").split("state=", 1)[1])["coin_acceptor"]["box"] == []


def test_the_example_in_the_papers_is_true(tmp_path: Path) -> None:
    paper = (Path(__file__).parents[2] / "docs" / "reference" / "emulate.md").read_text(encoding="utf-8")
    script = paper.split("```python\n")[1].split("```")[0].replace("./reader", str(tmp_path / "tty"))
    promised = re.findall(r"print\(.*# ([0-9a-f ]+):", script)
    told = [line for line in paper.split("The twin says:")[1].split("```")[1].splitlines() if line]
    with Emulated("card_reader", "crt310", "--link", str(tmp_path / "tty")) as twin:
        ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert ran.stdout.splitlines() == promised
        twin.line(told[-1])
        assert [line for line in twin.lines if line.split()[0] in ("host", "device")] == told


def test_a_twin_on_pins_needs_its_pins(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["emulate", "coin_acceptor", "pulse", "--link", str(tmp_path / "pins.sock")]) == 2
    assert "--set KEY=VALUE" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("teapot", "crt310"), "allowed are card_reader"),
        (("card_reader", "ssp"), "allowed are crt310"),
        (("card_reader", "crt310", "--set", "baud=quick"), "baud"),
        (("coin_acceptor", "cctalk", "--set", "adress=3"), "adress"),
    ],
)
def test_wrong_words_are_refused(tmp_path: Path, capfd: Any, words: tuple[str, ...], says: str) -> None:
    assert main(["emulate", *words, "--link", str(tmp_path / "tty")]) == 2
    assert says in capfd.readouterr().err


def test_a_file_in_the_way_is_not_overwritten(tmp_path: Path, capfd: Any) -> None:
    precious = tmp_path / "tty"
    precious.write_text("mine")
    assert main(["emulate", "card_reader", "crt310", "--link", str(precious)]) == 2
    assert precious.read_text() == "mine"


def test_every_serial_driver_and_every_twin_on_pins_can_be_had() -> None:
    known = {(at, driver) for at, drivers in single_twin.roles().items() for driver in drivers}
    assert {("card_reader", "pn532"), ("coin_acceptor", "pulse"), ("coin_dispenser", "cctalk")} <= known


def test_the_papers_name_every_act_of_every_twin() -> None:
    paper = (Path(__file__).parents[2] / "docs" / "reference" / "emulate.md").read_text(encoding="utf-8")
    names = {one.name for one in pkgutil.iter_modules(emulators.__path__)} - {"__main__"}
    modules = [importlib.import_module(f"hardware.twins.{name}") for name in names]
    twins = [thing for module in modules for thing in vars(module).values() if isinstance(thing, type)]
    acts = {act for twin in twins for act in getattr(twin, "ACTS", ())}
    assert len(acts) > 20
    assert sorted(act for act in acts if f"`{act}" not in paper) == []
