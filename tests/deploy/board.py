"""A board with two systems: firmware, first partition and device tree as their papers have them, and Debian's own RAUC.

The firmware is imitated: it reads `autoboot.txt` on the first partition, tries the other system once after `reboot '0
tryboot'`, and says in the device tree what it did. RAUC is the real program, as a service on a bus of its own, with the
shipped configuration but for its paths: slots are files, and bundles are plain ones, as no container has device mapper.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.pki.rig import wait

UPDATE = ROOT / "deploy" / "unit" / "update"
SLOTS = {2: "A", 3: "B"}
BUS = """<busconfig><type>session</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""
SYSTEMCTL = """#!/bin/sh
# What systemd would do, as far as the scripts ask for it: all is active, a reboot is written down.
case $1 in
    is-active) [ ! -e "{folder}/down-$3" ] ;;
    show) if [ -e "{folder}/restarted-$4" ]; then echo 1; else echo 0; fi ;;
    reboot) echo "$@" >>"{folder}/reboots" ;;
esac
"""


def program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


class Board:
    """Firmware, first partition and device tree of a board that runs A."""

    def __init__(self, folder: Path, state: Path | None = None) -> None:
        self.folder, self.firmware, self.tree = folder, folder / "autoboot", folder / "tree"
        self.state = state or folder / "kiosk"
        self.updates = self.state / "state" / "update"
        self.firmware.mkdir(parents=True)
        self.tree.mkdir()
        (folder / "bin").mkdir()
        edge = folder / "bin" / "systemctl"
        edge.write_text(SYSTEMCTL.format(folder=folder))
        edge.chmod(0o755)
        shipped = "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n"
        (self.firmware / "autoboot.txt").write_text(shipped)
        self.boots = 0
        self.start()

    def start(self, trial: bool = False) -> str:
        """What the firmware does; the slot that runs now."""
        text = (self.firmware / "autoboot.txt").read_bytes()
        assert len(text) <= 512, "the firmware reads no more"
        section, wanted = "", {}
        for line in text.decode().splitlines():
            if line.startswith("["):
                section = line
            elif line.startswith("boot_partition="):
                wanted[section] = int(line.partition("=")[2])
        self.boots += 1
        (self.folder / "boot_id").write_text(f"boot-{self.boots}\n")
        partition = wanted["[tryboot]" if trial else "[all]"]
        (self.tree / "partition").write_bytes(partition.to_bytes(4, "big"))
        (self.tree / "tryboot").write_bytes(int(trial).to_bytes(4, "big"))
        return SLOTS[partition]

    def restart(self) -> str:
        """The start that was asked for last; the slot that runs now."""
        asked = (self.folder / "reboots").read_text().splitlines()[-1]
        return self.start(trial="tryboot" in asked)

    def environment(self) -> dict[str, str]:
        own = {"FIRMWARE": self.firmware, "TREE": self.tree, "BIN": UPDATE, "STATE": self.state}
        own["BOOT"] = self.folder / "boot_id"
        path = f"{self.folder / 'bin'}:/usr/sbin:{os.environ['PATH']}"
        more = {"AS_KIOSK": "", "SQLITE": sys.executable, "MINUTE_S": "0", "PATH": path}
        return {**os.environ, **{name: str(value) for name, value in own.items()}, **more}

    def run(self, *words: str, script: str = "tryboot.sh") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(UPDATE / script), *words], env=self.environment(), capture_output=True, text=True, timeout=60
        )

    def say(self, *words: str) -> str:
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def told(self) -> list[str]:
        """What the scripts left for the agent: stages with their details."""
        path = self.updates / "progress"
        return [line.partition(" ")[2].strip() for line in path.read_text().splitlines()] if path.exists() else []


def signer(folder: Path, name: str) -> tuple[Path, Path]:
    """A key and a certificate of somebody who makes systems."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    command = [
        program("openssl"),
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "90",
        "-subj",
        f"/CN={name}",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
        "-addext",
        "keyUsage=critical,digitalSignature",
        "-addext",
        "extendedKeyUsage=codeSigning,emailProtection",
    ]
    subprocess.run(command, check=True, capture_output=True)
    return key, certificate


def bundle(folder: Path, version: str, maker: tuple[Path, Path], form: str = "verity") -> Path:
    """A bundle of one small system, by Debian's rauc."""
    program("mksquashfs")
    key, certificate = maker
    content = folder / f"content-{version}-{form}-{certificate.stem}"
    content.mkdir()
    for name in ("rootfs", "boot"):
        (content / f"{name}.img").write_bytes(os.urandom(1 << 16))
    (content / "manifest.raucm").write_text(
        f"[update]\ncompatible=training-kiosk-arm64\nversion={version}\n[bundle]\nformat={form}\n"
        "[image.rootfs]\nfilename=rootfs.img\n[image.boot]\nfilename=boot.img\n"
    )
    made = folder / f"system-{version}-{certificate.stem}.raucb"
    command = [program("rauc"), "-C", "keyring:check-purpose=codesign", "bundle", "--cert", certificate, "--key", key]
    done = subprocess.run([*command, "--keyring", certificate, content, made], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return made


class Rauc:
    """Debian's rauc as the board's service; `image` is what a slot holds. Needs root and a loop device."""

    def __init__(self, board: Board, keyring: Path) -> None:
        if os.geteuid() != 0 or not Path("/dev/loop-control").exists():
            pytest.skip("RAUC mounts a bundle: it needs root and a loop device")
        self._board, folder = board, board.folder
        self._slots = {slot: (folder / f"boot-{slot}.img", folder / f"system-{slot}.img") for slot in "AB"}
        for path in (path for pair in self._slots.values() for path in pair):
            path.write_bytes(bytes(1 << 17))
        for name in ("rauc", "mnt"):
            (folder / name).mkdir()
        self._act = folder / "bin" / "pre-install"
        self.during("true")
        self._act.chmod(0o755)
        self.config = folder / "system.conf"
        self.config.write_text(self._configuration(keyring))
        (folder / "bus.conf").write_text(BUS.format(path=folder / "bus"))
        self._processes = [self._began(program("dbus-daemon"), f"--config-file={folder}/bus.conf", "--nofork")]
        wait((folder / "bus").exists, "the bus")
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={folder}/bus"
        self.begin()

    def _configuration(self, keyring: Path) -> str:
        folder, text = self._board.folder, (UPDATE / "system.conf").read_text()
        paths = iter(path for pair in self._slots.values() for path in pair)  # as the slots stand in the file
        text = re.sub(r"(?m)^device=.*$", lambda _: f"device={next(paths)}", text)
        for shipped, here in (
            ("/opt/kiosk/current/libexec/may-update.sh", self._act),
            ("/opt/kiosk/current/libexec", UPDATE),
            ("/etc/rauc/keyring.pem", keyring),
            ("type=vfat", "type=raw"),
            ("/var/lib/kiosk/rauc", folder / "rauc"),
            ("bundle-formats=verity", "bundle-formats=plain"),
            ("allow-mounted=true\n", ""),
            ("activate-installed", f"mountprefix={folder}/mnt\nactivate-installed"),
        ):
            text = text.replace(shipped, str(here))
        return text

    def during(self, act: str) -> None:
        """Something that happens while RAUC installs: after the shipped handler has let it."""
        self._act.write_text(f"#!/bin/sh\n{UPDATE}/may-update.sh || exit 1\n{act}\n")

    def _began(self, *words: str) -> subprocess.Popen[bytes]:
        log = (self._board.folder / "services.log").open("ab")
        with log:
            return subprocess.Popen(words, env=self._board.environment(), stdout=log, stderr=log)

    def begin(self) -> None:
        """The service of a system that has just started; it is ready when it knows which slot runs."""
        self._processes.append(self._began(program("rauc"), f"--conf={self.config}", "service"))
        asked = [program("rauc"), "status"]
        wait(lambda: subprocess.run(asked, capture_output=True, timeout=60).returncode == 0, "RAUC's service")

    def restart(self) -> None:
        """As with the board: a service lives no longer than its system."""
        self._processes.pop().terminate()
        self.begin()

    def image(self, slot: str) -> bytes:
        return self._slots[slot][1].read_bytes()[: 1 << 16]

    def close(self) -> None:
        del os.environ["DBUS_SYSTEM_BUS_ADDRESS"]
        for process in self._processes:
            process.terminate()
            process.wait()
