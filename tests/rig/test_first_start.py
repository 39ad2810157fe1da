"""The shipped image on a blank card: it starts, makes and encrypts its data, asks to be enrolled, and survives a cut.

Built by the commands that a technician has, from Debian's packages, and started by QEMU without KVM (machine.py plays
the firmware). The image is kept in `build/rig` and made again when anything that goes into it has changed.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk_firmware.tools import offline_bundle, system_image
from tests.deploy.board import program, signer
from tests.house.tree import ROOT
from tests.rig.machine import Machine

BUILT = ROOT / "build" / "rig"
NOT_OURS = ("systemd-networkd-persistent-storage",)
"""Services whose failure says nothing: the network's own memory lies in a layer that forgets."""


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
    bundle = offline_bundle.made(bare, scratch / "content", scratch)
    system_image.make_image("atm", bundle, BUILT, rig=True)
    stamp.write_text(sources())
    return made


@pytest.fixture
def machine(card, tmp_path):
    made = Machine(card, tmp_path)
    yield made
    made.cut()


def failed(text: str) -> list[str]:
    """The services that failed by the console's word."""
    found = re.findall(r"systemd\[1\]: (\S+): Failed with result", text)
    return [name for name in found if not name.startswith(NOT_OURS)]


def test_blank_card_makes_its_data_shows_the_glass_and_asks_to_be_enrolled(machine, record_property):
    machine.start()
    record_property("seconds to enrolment", machine.wait(r"Started kiosk-enrol\.service", 1800))
    record_property("seconds to the first frame", machine.wait(r"Started kiosk-screen\.service", 1800))
    said = machine.said()
    assert "Adding new partition 5" in said, "on the rest of the card"
    assert "data: formatting" in said
    assert "configured root with 'tmpfs" in said, "nothing is written to the system"
    assert failed(said) == []
    machine.cut()
    machine.start()
    machine.wait(r"Started kiosk-screen\.service", 1800)
    said = machine.said()
    assert "data: formatting" not in said, "kept over a cut"
    assert failed(said) == []


def test_changed_byte_of_the_system_is_not_run(machine):
    """The other system has the same root hash: it is taken, and with both changed the machine stops."""
    for name, first, _ in system_image.partitions(machine.card):
        if name.startswith("system"):
            with machine.card.open("r+b") as file:
                file.seek(first + 1024)  # the superblock of the erofs
                file.write(b"changed")
    machine.start()
    machine.wait("no system partition fits the root hash", 600)
    assert "systemd[1]" not in machine.said()
