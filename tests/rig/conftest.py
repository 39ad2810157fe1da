"""The rig runs only where it is asked for (`./kiosk test --rig`): it needs QEMU and minutes.

The image is built by the commands that a technician has, from Debian's packages, kept in `build/rig`, and made again
when anything that goes into it has changed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk_firmware.tools import offline_bundle, system_image
from tests.deploy.board import program, signer
from tests.house.tree import ROOT
from tests.rig.machine import Machine

BUILT = ROOT / "build" / "rig"


def pytest_collection_modifyitems(config, items):
    if config.getoption("--rig"):
        return
    for item in items:
        if "/rig/" in str(item.path):
            item.add_marker(pytest.mark.skip(reason="only with --rig"))


def sources() -> str:
    """One sum of all that goes into the image."""
    listed = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, check=True).stdout
    changed = subprocess.run(["git", "diff"], cwd=ROOT, capture_output=True, check=True).stdout
    return hashlib.sha256(listed + changed).hexdigest()


@pytest.fixture(scope="session")
def card(tmp_path_factory) -> Path:
    for name in ("mmdebstrap", "mkfs.erofs", "qemu-system-x86_64", "mtype"):
        program(name)
    made, stamp = BUILT / "kiosk-atm-0.1.0-amd64-rig.img", BUILT / "sources"
    if made.exists() and stamp.exists() and stamp.read_text() == sources():
        return made
    BUILT.mkdir(parents=True, exist_ok=True)
    scratch = tmp_path_factory.mktemp("bundle")
    bare, tar = scratch / "bare", scratch / "bare.tar"
    include = "--include=python3,python3-venv,ca-certificates"
    subprocess.run(["mmdebstrap", "--variant=minbase", include, "trixie", tar], check=True, capture_output=True)
    bare.mkdir()
    subprocess.run(["tar", "-C", bare, "-xf", tar], check=True)
    (scratch / "content").mkdir()
    _, maker = signer(scratch, "maker")
    shutil.copy(maker, scratch / "content" / offline_bundle.MAKERS)
    bundle = offline_bundle.make_bundle(bare, scratch / "content", scratch)
    system_image.make_image("atm", bundle, BUILT, rig=True)
    stamp.write_text(sources())
    return made


@pytest.fixture
def machine(card, tmp_path):
    made = Machine(card, tmp_path)
    yield made
    made.cut()
