"""A unit's screen process, started on a real disk without any room: it says so, people practise, nothing is lost."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.twins.control_client import TwinControlClient
from kiosk_firmware.unit.shell.environment import RESTART
from tests.stories.rig import GoneError, House
from tests.wire.rig import query, wait

pytestmark = pytest.mark.glass
FULL = "lobby.attract.full"


class FarEndsElsewhere(House):
    """The far ends of the wires keep their own state on another disk; the unit finds their ports by links."""

    def start_twins(self) -> None:
        far = self.folder / "far"
        far.mkdir()
        self.spawn("twins", "hardware.twins", "--state", str(far), "--unit", str(self.unit))
        self.twins = TwinControlClient(far / "twins.sock")
        (far / "pins.sock").symlink_to(self.state / "pins.sock")
        for name in ("tty-card", "tty-id", "tty-notes", "tty-printer", "tty-cctalk"):
            wait(lambda at=far / name: at.exists(), name)
            (self.state / name).symlink_to(far / name)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A unit all of whose files lie on a disk of 32 MiB; its folder in memory is elsewhere, as systemd makes it."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32m", "none", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only where a file system may be mounted")
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))
    made = FarEndsElsewhere(folder)
    made.folder = tmp_path  # what the processes say is for us
    try:
        yield made.start()
    finally:
        made.close()
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_up(house: House) -> None:
    """Somebody takes the reserve's place, too."""
    house.wait_idle()
    house._running["screen"].send_signal(signal.SIGTERM)
    house._running["screen"].wait(20)
    (house.state / "reserve").unlink(missing_ok=True)
    hog = house.state / "hog"
    hog.write_bytes(bytes(shutil.disk_usage(house.state).free - (64 << 10)))
    with (house.state / "hog-2").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            assert shutil.disk_usage(house.state).free == 0


def starts(path: Path) -> int:
    return len(query(path, "SELECT 1 FROM facts WHERE type = 'unit.started'"))


def is_left(house: House) -> bool:
    """Whether hours without a touch have ended the run."""
    house.minute()
    try:
        return house.died("screen") or not house.look()["run"]
    except GoneError:  # between the two
        return True


def test_a_start_on_a_disk_without_any_room_says_so_teaches_on_and_loses_nothing(small: House, tmp_path: Path) -> None:
    before = starts(small.db)
    fill_up(small)
    small.start_screen()
    small.wait_line(FULL)
    small.begin("", "")
    run = small.look()["run"]
    assert run, "practice goes on"
    small.kill("screen")
    small.start_screen()
    small.wait_run()
    assert small.look()["run"] == run, "and outlives the process"
    for hog in small.state.glob("hog*"):
        hog.unlink()
    wait(lambda: is_left(small), "nobody to be at work", 60)
    wait(lambda: small.died("screen"), "the start that writes it back, as soon as nobody is at work")
    assert small._running["screen"].wait() == RESTART
    small.start_screen()
    small.wait_step("attract")
    assert FULL not in str(small.look()["page"])
    wait(lambda: starts(small.db) == before + 3, "each start's fact on the disk")
    assert query(small.db, f"SELECT 1 FROM runs WHERE run = '{run}'")
    assert not list((tmp_path / "run" / "full").iterdir())
