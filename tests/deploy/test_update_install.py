"""From a request to a kept system, with the shipped scripts and Debian's RAUC: in the window, tried, or taken back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.deploy.board import Board, Rauc, bundle, signer

ALWAYS, NEVER = "00:00 24:00", "00:00 00:00"


@pytest.fixture
def board(tmp_path):
    made = Board(tmp_path / "board")
    made.updates.mkdir(parents=True)
    (made.updates / "window").write_text(f"{ALWAYS}\n")
    return made


@pytest.fixture
def maker(tmp_path):
    return signer(tmp_path, "maker")


@pytest.fixture
def rauc(board, maker):
    made = Rauc(board, maker[1])
    yield made
    made.close()


@pytest.fixture
def asked(board, maker, tmp_path):
    """Asks for a system of that version, by that maker; what its image holds."""

    def ask(version: str, by=maker) -> bytes:
        shutil.copy(bundle(tmp_path, version, by, "plain"), board.updates / "system.raucb")
        (board.updates / "request").write_text(f"o-{version}\n")
        return (tmp_path / f"content-{version}-plain-{by[1].stem}" / "rootfs.img").read_bytes()

    return ask


def test_asked_for_installed_tried_and_kept(board, rauc, asked):
    image = asked("0.2.0")
    assert board.run(script="update.sh").returncode == 0
    assert (board.told(), (board.updates / "request").exists()) == (["installing", "trying"], False)
    assert rauc.image("B") == image
    assert board.start() == "A", "a plain start is still the old system"
    assert board.restart() == "B"
    rauc.restart()
    assert board.run(script="health.sh").returncode == 0
    assert board.told()[-1] == "kept"
    assert (board.start(), board.say("get-primary")) == ("B", "B")


def test_request_of_a_stick_installs_the_sticks_bundle_and_leaves_the_orders(board, rauc, asked, maker, tmp_path):
    """The office's order is being fetched, or lies there: another file, which stays as it is."""
    image = asked("0.2.0")
    (board.updates / "system.raucb").rename(board.updates / "stick.raucb")
    (board.updates / "system.raucb").write_bytes(b"what the office ordered")
    (board.updates / "request").write_text("stick 1790000000\n")
    assert board.run(script="update.sh").returncode == 0
    assert (board.told(), rauc.image("B")) == (["installing", "trying"], image)
    assert (board.updates / "system.raucb").read_bytes() == b"what the office ordered"
    assert not (board.updates / "stick.raucb").exists()


@pytest.mark.parametrize("fault", ["down", "restarted"])
def test_ill_on_trial_comes_back_and_says_why(board, rauc, asked, fault):
    asked("0.2.0")
    board.run(script="update.sh")
    assert board.restart() == "B"
    (board.folder / f"{fault}-kiosk-agent.service").touch()
    board.run(script="health.sh")
    assert board.told()[-1].startswith("returned kiosk-agent.service")
    assert board.restart() == "A"
    assert board.run(script="health.sh").returncode == 0
    assert board.told()[-1].startswith("returned kiosk-agent.service"), "the trial's own reason stands"
    assert (board.say("get-primary"), board.say("get-state", "B")) == ("A", "bad")


@pytest.mark.parametrize(
    ("before", "after", "last"),
    [
        (True, True, "kept"),
        (True, False, "returned the broker is not reached any more"),
        (False, False, "kept"),
    ],
)
def test_trial_must_not_cut_off_a_unit_that_was_reached(board, rauc, asked, before, after, last):
    """The agent leaves this start's name while the broker is reached; one of an earlier start says nothing."""
    asked("0.2.0")
    if before:
        shutil.copy(board.folder / "boot_id", board.updates / "reached")
    board.run(script="update.sh")
    assert board.restart() == "B"
    rauc.restart()
    if after:
        shutil.copy(board.folder / "boot_id", board.updates / "reached")
    board.run(script="health.sh")
    assert board.told()[-1] == last


def test_one_that_hangs_comes_back_and_another_one_may_follow(board, rauc, asked):
    asked("0.2.0")
    board.run(script="update.sh")
    assert board.restart() == "B"
    assert board.start() == "A", "the watchdog's reset"
    board.run(script="health.sh")
    assert board.told()[-1] == "returned the new system did not come up"
    image = asked("0.2.1")
    board.run(script="update.sh")
    assert (rauc.image("B"), board.restart()) == (image, "B")


def test_neither_outside_the_window_nor_while_somebody_practises(board, rauc, asked):
    before = asked("0.2.0") and rauc.image("B")
    (board.updates / "window").write_text(f"{NEVER}\n")
    for _ in range(2):
        assert board.run(script="update.sh").returncode == 0
    assert board.told() == ["waiting not between 00:00 and 00:00"], "told once"
    (board.updates / "window").write_text(f"{ALWAYS}\n")
    with closing(sqlite3.connect(board.state / "state" / "screen.db")) as db, db:
        db.execute("CREATE TABLE runs(run TEXT, ended TEXT)")
        db.execute("INSERT INTO runs VALUES('r-1', NULL)")
    board.run(script="update.sh")
    assert board.told()[-1] == "waiting somebody is practising"
    assert (rauc.image("B"), (board.updates / "request").exists()) == (before, True)
    with closing(sqlite3.connect(board.state / "state" / "screen.db")) as db, db:
        db.execute("UPDATE runs SET ended = 'done'")
    board.run(script="update.sh")
    assert board.told()[-1] == "trying"


def test_foreign_and_tampered_and_older_ones_are_refused_by_rauc(board, rauc, asked, tmp_path):
    before = rauc.image("B")
    for version, by, said in (
        ("0.2.0", signer(tmp_path, "somebody"), "signature"),
        ("0.0.9", None, "version"),
        ("0.3.0", None, "signature"),
    ):
        asked(version, *([by] if by else []))
        path = board.updates / "system.raucb"
        if version == "0.3.0":
            changed = bytearray(path.read_bytes())
            changed[len(changed) // 3] ^= 1
            path.write_bytes(changed)
        assert board.run(script="update.sh").returncode == 1
        assert board.told()[-1].startswith("failed")
        assert said in board.told()[-1].lower(), board.told()[-1]
    assert rauc.image("B") == before
    assert (board.say("get-primary"), (board.folder / "reboots").exists()) == ("A", False)
    assert not (board.updates / "request").exists(), "it is not tried for ever"


def test_taken_back_while_it_was_being_installed(board, rauc, asked):
    """RAUC's own handler runs in the middle of it: there the request goes."""
    asked("0.2.0")
    rauc.during(f"echo stop >{board.updates}/request")
    assert board.run(script="update.sh").returncode == 0
    assert board.told() == ["installing"]
    assert (board.say("get-primary"), (board.folder / "reboots").exists()) == ("A", False)
    assert not (board.updates / "request").exists()


def test_another_one_asked_for_while_the_first_waits_for_its_trial(board, rauc, asked):
    """What is tried is what was asked for last, and what was taken back is not tried at all."""
    asked("0.2.0")
    rauc.during(f"echo '{NEVER}' >{board.updates}/window")
    board.run(script="update.sh")
    assert board.told() == ["installing", "waiting not between 00:00 and 00:00"]
    assert board.say("get-primary") == "B"
    image = asked("0.3.0")
    rauc.during("true")
    (board.updates / "window").write_text(f"{ALWAYS}\n")
    board.run(script="update.sh")
    assert (rauc.image("B"), board.told()[-2:]) == (image, ["installing", "trying"])
    assert board.start() == "A"
    board.run("set-primary", "B")
    (board.updates / "request").write_text("stop\n")
    board.run(script="update.sh")
    assert (board.say("get-primary"), board.say("get-state", "B")) == ("A", "bad")


def test_power_cut_before_the_trial_is_gone_on_from(board, rauc, asked):
    """Installed, armed, and then the power went: nothing was tried, so nothing is given up, nor installed again."""
    asked("0.2.0")
    board.run("set-primary", "B")
    shutil.copy(board.updates / "request", board.updates / "installed")
    assert board.start() == "A"
    board.run(script="health.sh")
    assert (board.say("get-primary"), board.told()) == ("B", [])
    board.run(script="update.sh")
    assert (board.told(), board.restart()) == (["trying"], "B")
