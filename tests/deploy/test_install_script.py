"""install.sh on a root of files: what it writes, where, and that a second time changes nothing.

The installer is the shipped one. Packages and the Python inside are taken as installed already (`test_arm64.py` has
them installed for real); `chroot` only answers what the installer asks the system, and writes down the rest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk_firmware.tools import offline_bundle
from tests.house.tree import ROOT

UNIT = ROOT / "deploy" / "unit"
CMDLINE = "console=serial0,115200 console=tty1 root=ROOTDEV rootwait\n"
ANSWERS = """#!/bin/sh
shift
echo "$*" >>"$SAID"
case $1 in
    dpkg) exec dpkg "$2" ;;
    dpkg-query) printf 'ii 1' ;;
    /opt/kiosk/current/bin/kiosk) echo usage ;;
esac
"""


DEB = """#!/bin/sh
case $3 in Package) echo something ;; Version) echo 1 ;; esac
"""


class System:
    """A Debian that has the kiosk's Python already."""

    def __init__(self, folder: Path) -> None:
        if os.geteuid() or not shutil.which("dpkg"):
            pytest.skip("needs Debian, as root")
        self.root, self.said = folder / "root", folder / "said"
        arch = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True).stdout.strip()
        content = folder / "content"
        (content / "debs").mkdir(parents=True)
        (content / "debs/something.deb").write_bytes(b"deb")
        (content / "SHA256SUMS").write_text("\n".join(offline_bundle.sums(content)) + "\n")
        self.bundle = offline_bundle.pack_bundle(content, folder / f"kiosk-unit-0-{arch}.tar")
        site = self.root / "opt/kiosk" / offline_bundle.digest(self.bundle)[:16] / "lib/python3.13/site-packages"
        shutil.copytree(UNIT, site / "deploy/unit", ignore=shutil.ignore_patterns("__pycache__"))
        (site.parents[2] / "complete").touch()
        firmware = self.root / "boot/firmware"
        firmware.mkdir(parents=True)
        (firmware / "cmdline.txt").write_text(CMDLINE)
        (firmware / "config.txt").write_text("arm_64bit=1\n")
        (self.root / "usr/local/bin").mkdir(parents=True)
        (folder / "bin").mkdir()
        for name, text in (("chroot", ANSWERS), ("dpkg-deb", DEB)):
            (folder / "bin" / name).write_text(text)
            (folder / "bin" / name).chmod(0o755)
        self.path = f"{folder}/bin:{os.environ['PATH']}"

    def install(self, *words: str) -> subprocess.CompletedProcess[str]:
        self.said.unlink(missing_ok=True)
        environment = {**os.environ, "ROOT": str(self.root), "PATH": self.path, "SAID": str(self.said)}
        command = ["sh", str(UNIT / "install.sh"), str(self.bundle), *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)

    def text(self, name: str) -> str:
        return (self.root / name).read_text()


@pytest.fixture
def system(tmp_path):
    return System(tmp_path)


def test_every_service_is_there_and_what_starts_by_itself_is_enabled(system):
    done = system.install()
    assert done.returncode == 0, done.stderr
    shipped = {path.name for path in (UNIT / "systemd").iterdir()}
    assert {path.name for path in (system.root / "etc/systemd/system").iterdir()} == shipped
    said = system.said.read_text().splitlines()
    enabled = {line.split()[-1] for line in said if line.startswith("systemctl -q enable")}
    wanted = {path.name for path in (UNIT / "systemd").iterdir() if "WantedBy=" in path.read_text()}
    assert enabled == wanted - {"kiosk-visit.path"}, "which starts by itself only where it was asked for"
    assert not (system.root / "etc/nftables.conf").exists(), "not locked"


def test_locked_system_is_the_same_after_a_second_time(system):
    first = system.install("--lock", "--data", "/dev/disk/by-partlabel/kiosk-data")
    assert first.returncode == 0, first.stderr
    second = system.install("--lock", "--data", "/dev/disk/by-partlabel/kiosk-data")
    assert "wrote" in first.stdout
    assert "wrote" not in second.stdout
    assert "encrypted" not in second.stdout
    assert system.text("etc/kiosk/data.conf") == "/dev/disk/by-partlabel/kiosk-data\n"
    assert (system.root / "etc/overlayroot.local.conf").exists()
    cmdline = system.text("boot/firmware/cmdline.txt")
    assert cmdline == f"console=tty1 root=ROOTDEV rootwait {(UNIT / 'lockdown/cmdline.txt').read_text().strip()}\n"
    config = system.text("boot/firmware/config.txt")
    assert config.startswith("arm_64bit=1\n")
    assert config.count("dtoverlay=disable-wifi") == 1
    for name in (UNIT / "lockdown/masked.txt").read_text().split():
        assert os.readlink(system.root / "etc/systemd/system" / name) == "/dev/null"


def test_root_in_memory_only_where_the_data_have_a_place(system):
    """Without one everything that was practised would be gone at each start."""
    done = system.install("--lock")
    assert done.returncode == 0, done.stderr
    assert "stays writable" in done.stdout
    assert not (system.root / "etc/overlayroot.local.conf").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--unlock",), 2),
        (("--lock", "--date", "/dev/x"), 2),
        (("--lock", "--data"), 1),
        (("--data", "sda1"), 1),
    ],
)
def test_wrong_words_lock_nothing(system, words, code):
    assert system.install(*words).returncode == code
    assert not (system.root / "etc").exists(), "nothing at all is done"
