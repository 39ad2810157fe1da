"""The encrypted data partition under a kernel of its own: dm-crypt, ext4, and power cuts that nobody softens.

Debian's user-mode-linux starts a whole kernel as a process, on this machine's files, read-only, with a file for a disk
(`UML=DIR` for another place than /usr). Its death by SIGKILL is a power cut: what it had not written is gone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.test_encrypted_data import QUICK, SCRIPT

pytestmark = pytest.mark.long
UML = Path(os.environ.get("UML", "/usr"))
MODULES = ("ecb", "cbc", "hmac", "dm-crypt", "xts", "algif_skcipher")
LOAD = """
import ctypes, os, sys
top = f"{sys.argv[1]}/{os.uname().release}"
needs = {name: rest.split() for name, _, rest in (line.partition(":") for line in open(f"{top}/modules.dep"))}
libc, done = ctypes.CDLL(None, use_errno=True), set()
def load(path):
    for other in reversed(needs[path]):
        load(other)
    if path not in done:
        done.add(path)
        if libc.syscall(313, os.open(f"{top}/{path}", os.O_RDONLY), b"", 0):
            print("module", path, os.strerror(ctypes.get_errno()))
for word in sys.argv[2:]:
    load(next(path for path in needs if path.endswith(f"/{word}.ko")))
"""
START = f"""#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for at in /run /mnt; do mount -t tmpfs tmp $at; done
mkdir /mnt/card /mnt/data
mount -t hostfs -o hostfs=$FOLDER/card none /mnt/card
{sys.executable} $FOLDER/load.py {UML}/lib/uml/modules {" ".join(MODULES)}
echo /dev/ubda >/mnt/data.conf
echo 10000000c0ffee01 >/mnt/serial
export DM_DISABLE_UDEV=1 CONF=/mnt/data.conf CARD=/mnt/card SERIAL=/mnt/serial KDF='{QUICK}'
sh -x {SCRIPT} open 2>&1
mount -t ext4 -o noatime,nodev,nosuid,noexec /dev/mapper/kiosk-data /mnt/data && {{
    cat /sys/dev/block/$(stat -c %Hd:%Ld /mnt/data)/dm/uuid
    cat /mnt/data/kept 2>/dev/null
    echo "kept by an earlier start" >/mnt/data/kept
    umount /mnt/data
}}
[ "$ACT" != wipe ] || sh {SCRIPT} wipe
echo "over: $(sh {SCRIPT} state)"
sync
echo o >/proc/sysrq-trigger
sleep 60
"""


class Board:
    """A board whose card is a folder and whose disk is a file."""

    def __init__(self, folder: Path) -> None:
        self.kernel = UML / "bin" / "linux.uml"
        if not self.kernel.exists():
            pytest.skip("user-mode-linux is not installed")
        self.folder, self.disk = folder, folder / "disk"
        (folder / "card").mkdir()
        with self.disk.open("wb") as file:
            file.truncate(64 << 20)
        (folder / "load.py").write_text(LOAD)
        (folder / "start.sh").write_text(START.replace("$FOLDER", str(folder)))
        (folder / "start.sh").chmod(0o755)

    def start(self, act: str = "", cut_at: str = "") -> str:
        """Power on; what the screen said. The power goes when the script has come to `cut_at`."""
        command = [
            str(self.kernel),
            "mem=384M",
            f"ubd0={self.disk}",
            "root=/dev/root",
            "rootfstype=hostfs",
            "rootflags=/",
            "ro",
            f"init={self.folder}/start.sh",
            "con=null",
            "con0=null,fd:1",
            "quiet",
            f"ACT={act}",
            f"umid=kiosk-{os.getpid()}",
            f"uml_dir={self.folder}/uml",
        ]
        said = []
        with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, start_new_session=True) as run:
            assert run.stdout is not None
            for line in run.stdout:
                said.append(line.decode(errors="replace").strip())
                if (cut_at and f"+ {cut_at}" in said[-1]) or "over:" in said[-1]:
                    break
            os.killpg(run.pid, signal.SIGKILL)
        return "\n".join(said)


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path)


def test_data_outlive_the_power_and_lie_behind_dm_crypt(board):
    first, second = board.start(), board.start()
    assert "CRYPT-LUKS2-" in first
    assert "over: ready" in first
    assert "kept by an earlier start" not in first
    assert "kept by an earlier start" in second
    assert b"kept by an earlier start" not in board.disk.read_bytes()


def test_wiped_unit_begins_with_nothing(board):
    board.start()
    assert "over: half" in board.start("wipe")
    after = board.start()
    assert "over: ready" in after
    assert "kept by an earlier start" not in after


@pytest.mark.parametrize("at", ["cryptsetup luksFormat", "cryptsetup open", "mkfs.ext4", "sync", "rm"])
def test_power_cut_while_formatting(board, at):
    cut = board.start(cut_at=at)
    assert f"+ {at}" in cut
    assert "over:" not in cut
    assert "over: ready" in board.start()
    assert "kept by an earlier start" in board.start()
