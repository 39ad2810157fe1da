"""Processes kept going: who dies is started again, who never lived is an error, and an end is the end of all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from kiosk_firmware.system import process_supervisor
from kiosk_firmware.system.process_supervisor import ChildSpec, ProcessSupervisor, StartError
from tests.stories.demoing import processes_of, wait


class Kept:
    """A keeper in a folder, with what it said."""

    def __init__(self, folder):
        self.folder, self.said = folder, []
        self.keeper = ProcessSupervisor(folder, dict(os.environ), lambda *told: self.said.append(told))

    def start(self, *parts):
        self.keeper.start(parts)

    def until(self, condition, what):
        wait(lambda: self.keeper.look() and condition(), what)


@pytest.fixture
def kept(tmp_path):
    made = Kept(tmp_path / "log")
    yield made
    made.keeper.end()
    assert not processes_of(made.folder)


def shell(name, text, folder, **more):
    """A part that runs a line of shell; its command line names the folder."""
    return ChildSpec(name, ("/bin/sh", "-c", f": {folder}; {text}"), **more)


def test_one_that_never_lived_is_an_error_with_its_last_words(kept):
    kept.start(shell("sad", "echo no such wire >&2; exit 3", kept.folder))
    with pytest.raises(StartError, match="sad ended with code 3:\nno such wire"):
        kept.until(lambda: False, "the error")


def test_one_that_is_wanted_by_a_file_lives_only_then(kept):
    """However often and however it ends; what stands there before it was wanted again starts nothing."""
    wish, lived = kept.folder.parent / "start", kept.folder.parent / "lived"
    kept.start(shell("roof", f"rm {wish}; echo x >>{lived}; exit 3", kept.folder, when=wish))
    assert kept.keeper.look()
    assert not kept.keeper.children[0].pid
    for count in (1, 2):
        wish.touch()
        kept.until(lambda lives="x\n" * count: lived.exists() and lived.read_text() == lives, "a life")
        kept.until(lambda: not kept.keeper.children[0].pid, "its end")
    assert kept.keeper.look()
    assert kept.said == []


def test_no_such_program_is_an_error(kept):
    def tried():
        kept.start(ChildSpec("ghost", (str(kept.folder / "nowhere"),)))
        kept.until(lambda: False, "the error")

    with pytest.raises(StartError, match="ghost"):
        tried()


def test_who_dies_later_comes_back_later_and_later(kept, monkeypatch):
    monkeypatch.setattr(process_supervisor, "PROVED_S", 0.0)
    count = kept.folder / "count"
    kept.start(shell("weak", f"echo x >>{count}; sleep 0.3; exit 5", kept.folder))
    kept.until(lambda: len(kept.said) >= 3, "three deaths")
    assert kept.said[:3] == [("weak", 5, False)] * 3
    pauses = kept.keeper.children[0]
    assert pauses._pause == pytest.approx(0.5 * 2 ** (len(kept.said) - 1))


def test_who_dies_again_and_again_cannot_run(kept, monkeypatch):
    """Where a machine is so slow that the first death came late."""
    monkeypatch.setattr(process_supervisor, "PROVED_S", 0.0)
    monkeypatch.setattr(process_supervisor, "LONGEST_S", 0.0)
    kept.start(shell("hopeless", "sleep 0.1; echo no such wire >&2; exit 3", kept.folder))
    with pytest.raises(StartError, match="hopeless ended with code 3:\nno such wire"):
        kept.until(lambda: False, "the error")
    assert len(kept.said) == process_supervisor.LIVES - 1


def test_who_asks_to_be_started_again_is_at_once_and_need_not_have_lived_long(kept):
    count = kept.folder / "count"
    text = f"echo x >>{count}; [ $(wc -l <{count}) -gt 3 ] && sleep 600; exit 70"
    kept.start(shell("again", text, kept.folder, again=(70,)))
    kept.until(lambda: len(kept.said) == 3, "three lives")
    assert kept.said == [("again", 70, True)] * 3


def test_an_end_that_ends_all(kept):
    kept.start(shell("last", "exit 0", kept.folder, ends_all=(0,)))
    wait(lambda: not kept.keeper.look(), "the end")
    assert not kept.said


def test_the_end_reaches_children_of_children_and_the_deaf(kept, monkeypatch):
    monkeypatch.setattr(process_supervisor, "PATIENCE_S", 0.5)
    grandchild = f"{sys.executable} -c 'import time; time.sleep(600)' {kept.folder}"
    kept.start(
        shell("parent", f"{grandchild} & wait", kept.folder),
        shell("deaf", "trap '' TERM; while :; do sleep 0.1; done", kept.folder),
    )
    wait(lambda: len(processes_of(kept.folder)) >= 3, "all to run")
    kept.keeper.end()
    wait(lambda: not processes_of(kept.folder), "nobody to be left", 5)


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv here: it belongs to util-linux")
def test_a_keeper_that_is_killed_leaves_nobody(tmp_path):
    program = (
        "import os, sys, time; from pathlib import Path;"
        "from kiosk_firmware.system.process_supervisor import ProcessSupervisor as Keeper, ChildSpec as Part;"
        "folder = Path(sys.argv[1]); text = f': {folder}; while :; do sleep 0.2; done';"
        "part = Part('child', ('/bin/sh', '-c', text));"
        "Keeper(folder, dict(os.environ), print).start([part]); time.sleep(600)"
    )
    keeper = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)])
    wait(lambda: len(processes_of(tmp_path)) == 2, "keeper and child")
    keeper.kill()
    keeper.wait()
    wait(lambda: not processes_of(tmp_path), "the child to be gone")


def test_those_needed_last_leave_last(kept):
    order = kept.folder / "order"
    line = "trap 'echo {0} >>{1}; exit 0' TERM; echo {0} >>{1}.up; while :; do sleep 0.05; done"
    kept.start(
        shell("broker", line.format("broker", order), kept.folder, last=True),
        shell("agent", line.format("agent", order), kept.folder),
    )
    up = order.with_suffix(".up")
    wait(lambda: up.exists() and len(up.read_text().split()) == 2, "both to listen")
    kept.keeper.end()
    assert order.read_text().split() == ["agent", "broker"]
