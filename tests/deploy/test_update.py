"""Two systems and one firmware: whatever hangs, is cut off or refused, the unit starts a system that proved itself.

The board is imitated (`board.py`), the handler is the shipped script.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.tools.offline_bundle import DEBS
from tests.deploy.board import UPDATE, Board, bundle, program, signer


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path)


def test_healthy_system_is_committed(board):
    assert board.say("get-primary") == "A"
    board.say("set-primary", "B")
    assert board.start() == "A", "arming alone changes nothing for a plain start"
    assert board.start(trial=True) == "B"
    assert board.run("booted-by-trial").returncode == 0
    board.say("set-state", "B", "good")
    assert board.start() == "B"
    assert (board.say("get-primary"), board.say("get-state", "B")) == ("B", "good")


def test_system_that_hangs_is_given_up(board):
    """The trial's flag is gone after one start: the watchdog's reset comes back to A, which remembers."""
    board.say("set-primary", "B")
    assert board.start(trial=True) == "B"
    assert board.start() == "A"
    assert board.run(script="health.sh").returncode == 0
    assert (board.say("get-primary"), board.say("get-state", "B")) == ("A", "bad")


def test_only_what_runs_can_prove_itself(board):
    board.say("set-primary", "B")
    assert "does not run" in board.run("set-state", "B", "good").stderr
    assert "nothing to start" in board.run("set-state", "A", "bad").stderr
    assert board.start() == "A"


@pytest.mark.parametrize("words", [("set-primary", "C"), ("set-state", "A", "fine"), ("dance",), ()])
def test_wrong_words_change_nothing(board, words):
    before = {path: path.read_bytes() for path in board.firmware.iterdir()}
    done = board.run(*words)
    assert done.returncode == 1
    assert "allowed are" in done.stderr
    assert {path: path.read_bytes() for path in board.firmware.iterdir()} == before


ACTS = st.lists(st.sampled_from(["arm A", "arm B", "try", "start", "good", "bad", "cut"]), min_size=1, max_size=12)


@settings(max_examples=6, deadline=None)
@given(ACTS)
def test_what_starts_by_itself_has_proved_itself(tmp_path_factory, acts):
    """In any order of acts and power cuts: a plain start runs a system that was good once, and there always is one."""
    board = Board(tmp_path_factory.mktemp("board"))
    proved, running = {"A"}, "A"
    for act in acts:
        match act.split():
            case ["arm", slot]:
                board.say("set-primary", slot)
            case ["try"]:
                running = board.start(trial=True)
            case ["start"]:
                running = board.start()
                board.run(script="health.sh")
            case ["good"]:
                board.say("set-state", running, "good")
                proved.add(running)
            case ["bad"]:
                board.run("set-state", running, "bad")
            case ["cut"]:
                (board.firmware / "autoboot.txt.new").write_text("[al")  # half written when the power went
                running = board.start()
        assert board.start() in proved
        board.start(trial=running != board.start())


# -- when a unit may be changed


def may(folder: Path, now: str) -> subprocess.CompletedProcess[str]:
    own = {"STATE": str(folder), "NOW": now, "SQLITE": shutil.which("python3") or "python3", "AS_KIOSK": ""}
    environment = {**os.environ, **own}
    return subprocess.run([str(UPDATE / "may-update.sh")], env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("window", "now", "allowed"),
    [
        ("", "06:59", True),
        ("", "07:00", False),
        ("12:00 13:00", "13:00", False),
        ("08:09 09:08", "08:30", True),
    ],
)
def test_only_in_the_window(tmp_path, window, now, allowed):
    (tmp_path / "state" / "update").mkdir(parents=True)
    if window:
        (tmp_path / "state" / "update" / "window").write_text(f"{window}\n")
    assert (may(tmp_path, now).returncode == 0) is allowed


def test_never_while_somebody_practises(tmp_path):
    import sqlite3

    (tmp_path / "state").mkdir()
    db = sqlite3.connect(tmp_path / "state" / "screen.db")
    with db:
        db.execute("CREATE TABLE runs(run TEXT, ended TEXT)")
        db.execute("INSERT INTO runs VALUES('r-1', NULL)")
    assert "somebody is practising" in may(tmp_path, "20:00").stderr
    with db:
        db.execute("UPDATE runs SET ended = 'done'")
    assert may(tmp_path, "20:00").returncode == 0
    db.close()


# -- real bundles, by Debian's rauc


def test_a_unit_has_all_that_installing_needs():
    """Debian keeps RAUC's D-Bus service apart from its program, which alone can only look at bundles."""
    assert {"rauc", "rauc-service", "dbus"} <= set(DEBS)
    installer = (UPDATE.parent / "install.sh").read_text()
    assert '"$new/makers.pem" "$ROOT/etc/rauc/keyring.pem"' in installer
    assert "path=/etc/rauc/keyring.pem" in (UPDATE / "system.conf").read_text()


def test_bundle_is_built_and_only_the_makers_untouched_one_is_taken(tmp_path):
    rauc = [program("rauc"), "-C", "keyring:check-purpose=codesign"]
    maker, (_, foreign) = signer(tmp_path, "maker"), signer(tmp_path, "somebody")
    own, made = maker[1], bundle(tmp_path, "0.1.1", maker)

    def taken(path: Path, keyring: Path) -> bool:
        out = tmp_path / f"out-{path.stem}-{keyring.stem}"
        done = subprocess.run([*rauc, "extract", "--keyring", keyring, path, out], capture_output=True, text=True)
        return done.returncode == 0

    assert taken(made, own)
    assert not taken(made, foreign)
    changed = bytearray(made.read_bytes())
    changed[len(changed) // 3] ^= 1
    (tmp_path / "changed.raucb").write_bytes(changed)
    assert not taken(tmp_path / "changed.raucb", own)


def test_rauc_reads_our_configuration(tmp_path):
    """Debian's rauc takes system.conf, and would say so if it did not."""
    wrong = tmp_path / "system.conf"
    wrong.write_text((UPDATE / "system.conf").read_text().replace("bootname=B", "bootname=B\nbootdance=C"))

    def said(path: Path) -> str:
        command = [program("rauc"), f"--conf={path}", "info", "/nowhere.raucb"]
        return subprocess.run(command, capture_output=True, text=True).stderr

    assert "No such file: /nowhere.raucb" in said(UPDATE / "system.conf")
    assert "bootdance" in said(wrong)
