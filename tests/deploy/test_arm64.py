"""The bundle on the unit's own processor: a bare Debian for arm64, run by qemu-user, installs it without a network.

Only with --long, as root, where debootstrap and qemu-user are installed and the kernel takes foreign programs. Making
root and bundle takes a quarter of an hour; the bundle is kept in `build/arm64` and used again until its wheels change.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk_firmware.tools import offline_bundle
from tests.house.tree import ROOT

pytestmark = pytest.mark.long
KEPT = ROOT / "build" / "arm64"
BINFMT = Path("/proc/sys/fs/binfmt_misc")
CLEAN = ("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin", "HOME=/root", "LANG=C.UTF-8")
INCLUDE = "python3,python3-venv,ca-certificates"


def foreign_programs() -> None:
    """Let the kernel run arm64's programs by qemu, or skip and say what is missing."""
    if os.geteuid():
        pytest.skip("needs root")
    for name in ("debootstrap", "qemu-aarch64-static", "unshare"):
        if shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
            pytest.skip(f"{name} is not installed")
    if not (BINFMT / "register").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "none", str(BINFMT)], capture_output=True)
    if (BINFMT / "qemu-aarch64").exists():
        return
    row = Path("/usr/lib/binfmt.d/qemu-aarch64.conf")
    if not (BINFMT / "register").exists() or not row.exists():
        pytest.skip("this kernel runs no foreign programs")
    (BINFMT / "register").write_text(row.read_text().strip())


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A bare arm64 Debian, made once."""
    foreign_programs()
    root = tmp_path_factory.mktemp("arm64") / "root"
    command = ["debootstrap", "--arch=arm64", "--variant=minbase", f"--include={INCLUDE}", "trixie", str(root)]
    subprocess.run(command, check=True, capture_output=True)
    return root


@pytest.fixture(scope="module")
def bundle(bare, tmp_path_factory) -> Path:
    """The bundle of this source; the slow parts (packages, lgpio) are used again."""
    scratch = tmp_path_factory.mktemp("scratch")
    kept = next(KEPT.glob("*.tar"), None)
    if kept is None:
        building = bare.with_name("building")
        subprocess.run(["cp", "-a", str(bare), str(building)], check=True)
        return offline_bundle.make_bundle(building, scratch, KEPT)
    return offline_bundle.renew_bundle(kept, scratch, KEPT)


@pytest.fixture(scope="module")
def unit(bare, bundle) -> Path:
    """A root where the bundle was installed with the network off, twice."""
    for _ in range(2):
        done = subprocess.run(
            ["unshare", "-n", "sh", str(ROOT / "deploy/unit/install.sh"), str(bundle), "--lock", *DATA],
            env={**os.environ, "ROOT": str(bare)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "installing" not in done.stdout, "the second time changes nothing"
    return bare


DATA = ("--data", "/dev/disk/by-partlabel/kiosk-data")


def inside(root: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    extra = [f"{key}={value}" for key, value in more.items()]
    command = ["unshare", "-n", "chroot", str(root), *CLEAN, *extra, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=900)


def test_pins_and_drivers_are_there(unit):
    done = inside(unit, "/opt/kiosk/current/bin/python", "-c", "import lgpio, kivy, cryptography; print(lgpio)")
    assert "/opt/kiosk/" in done.stdout, done.stderr
    toml, state = unit / "srv" / "unit.toml", unit / "srv" / "state"
    state.mkdir(exist_ok=True)
    toml.write_text(inside(unit, "kiosk", "config", "example", "demo").stdout)
    done = inside(unit, "kiosk", "devices", "--unit", "/srv/unit.toml", "--state", "/srv/state", "list")
    assert "card_reader" in done.stdout, done.stderr


def test_a_machine_plays(unit):
    done = subprocess.run(
        ["unshare", "-n", "chroot", str(unit), *CLEAN, "kiosk", "play", "atm", "--answer"],
        input='{"type":"Tapped","key":"welcome.start","step":"","value":""}\n',
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert '"page"' in done.stdout, done.stderr


def test_the_first_page_is_drawn(unit):
    """Offscreen, by the software renderer of the bundle's own packages."""
    code = (
        "from pathlib import Path; from screens.stage import kivy_boot; kivy_boot.prepare(offscreen=True);"
        "from kivy.core.window import Window;"
        "from kiosk_firmware.unit.shell.window import ScreenWindow as App; import argparse;"
        "from kiosk_firmware.settings import unit_toml as settings;"
        "app = App(settings.read_settings(Path('/srv/unit.toml')), argparse.Namespace(state=Path('/srv/state'), "
        "panel=False,"
        "offscreen=True, scale=1.0, hand=None)); app.window, app.scale = Window, 1.0; app._first_page();"
        "print('page', app.stage.page.step)"
    )
    done = inside(unit, "/opt/kiosk/current/bin/python", "-c", code, SDL_VIDEODRIVER="offscreen")
    assert "page attract" in done.stdout, done.stderr[-3000:]


def test_system_is_locked(unit):
    for name in ("getty@.service", "ssh.service", "bluetooth.service"):
        assert os.readlink(unit / "etc/systemd/system" / name) == "/dev/null"
    assert "policy drop" in (unit / "etc/nftables.conf").read_text()
    assert (unit / "etc/kiosk/data.conf").read_text() == f"{DATA[1]}\n"
    assert (unit / "etc/overlayroot.local.conf").exists(), "only where the data have a partition of their own"
    assert (unit / "opt/kiosk/current/libexec/data.sh").exists()
    passwd = (unit / "etc/passwd").read_text()
    assert "kiosk:" in passwd
    assert next(line for line in passwd.splitlines() if line.startswith("kiosk:")).endswith("nologin")
