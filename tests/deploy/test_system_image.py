"""`kiosk image` and `kiosk system`: refusals, the card's table, the update's manifest; tests/rig has the whole."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from kiosk_firmware.tools import offline_bundle, system_image
from kiosk_firmware.tools.system_image import ImageError
from tests.deploy.board import program, signer
from tests.house.tree import ROOT


def need(*names: str) -> None:
    for name in names:
        program(name)


@pytest.fixture
def parts(tmp_path) -> Path:
    """What `_assemble` is given: boot files and a system."""
    boot = tmp_path / "boot"
    boot.mkdir()
    (boot / "vmlinuz").write_bytes(b"kernel" * 1000)
    (boot / "cmdline.txt").write_text("kiosk.roothash=0\n")
    (tmp_path / "system.img").write_bytes(os.urandom(1 << 20))
    return tmp_path


def test_bundle_takes_the_installer_that_is_there(tmp_path):
    """It stood beside the tool once, and was looked for there after it had moved."""
    (tmp_path / "wheels").mkdir()
    made = offline_bundle.finish_bundle(tmp_path, tmp_path / "out", "arm64")
    installer = (ROOT / "deploy/unit/install.sh").read_bytes()
    said = subprocess.run(["tar", "-xOf", made, "install.sh"], capture_output=True, check=True)
    assert said.stdout == installer


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("image", "toaster", "--bundle", "x.tar"), "kind 'toaster'"),
        (("image", "atm"), "--bundle None"),
        (("image", "atm", "--bundle", "kiosk-unit-1-sparc.tar"), "no bundle"),
        (("image", "--write", "nothing.img", "/dev/null"), "no such image"),
        (("system", "nothing.img", "--cert", "c", "--key", "k"), "no image"),
    ],
)
def test_wrong_words_are_named_with_what_is_allowed(words, says):
    with pytest.raises(ImageError, match=says):
        system_image.main(words[0], words[1:])


def test_image_is_told_with_the_number_that_a_copy_is_compared_by(tmp_path, monkeypatch, capsys):
    image, bundle = tmp_path / "kiosk-atm-1-arm64.img", tmp_path / "kiosk-unit-1-arm64.tar"
    image.write_bytes(b"a card")
    monkeypatch.setattr(system_image, "make_image", lambda *_, **__: image)
    system_image.main("image", ("atm", "--bundle", str(bundle)))
    counted = subprocess.run(["sha256sum", image], capture_output=True, text=True, check=True).stdout.split()[0]
    assert capsys.readouterr().out.splitlines() == [str(image), f"SHA256 {counted}"]


def test_card_holds_each_part_at_its_place(parts, tmp_path):
    need("sfdisk", "mkfs.vfat", "mcopy")
    card = tmp_path / "kiosk-atm-0.1.0-arm64.img"
    system_image._assemble(card, parts, parts / "boot", parts / "system.img")
    places = {name: (first, size) for name, first, size in system_image.partitions(card)}
    assert list(places) == ["bootconfig", "boot_a", "boot_b", "system_a", "system_b"]
    system = (parts / "system.img").read_bytes()
    with card.open("rb") as file:
        for name in ("system_a", "system_b"):
            file.seek(places[name][0])
            assert file.read(len(system)) == system
    read = ["mtype", "-i", f"{card}@@{places['bootconfig'][0]}", "::/autoboot.txt"]
    assert subprocess.run(read, capture_output=True, text=True, check=True).stdout == system_image.AUTOBOOT


def test_system_is_an_update_that_rauc_believes(parts, tmp_path):
    need("sfdisk", "mkfs.vfat", "mcopy", "rauc", "mksquashfs")
    card = tmp_path / "kiosk-atm-0.1.0-arm64.img"
    system_image._assemble(card, parts, parts / "boot", parts / "system.img")
    key, certificate = signer(tmp_path, "maker")
    made = system_image.sign_system(card, certificate, key, "0.2.0")
    said = subprocess.run(
        [
            "rauc",
            "-C",
            "keyring:check-purpose=codesign",
            "info",
            "--output-format=json",
            "--keyring",
            certificate,
            made,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    info = json.loads(said.stdout)
    assert (info["compatible"], info["version"]) == ("training-kiosk-arm64", "0.2.0")
    assert {name for image in info["images"] for name in image} == {"boot", "rootfs"}
    _, other = signer(tmp_path, "somebody")
    foreign = ["rauc", "-C", "keyring:check-purpose=codesign", "info", "--keyring", other, made]
    assert subprocess.run(foreign, capture_output=True).returncode


def test_system_too_large_for_its_partition_is_refused(parts, tmp_path):
    need("sfdisk")
    with (parts / "system.img").open("r+b") as file:
        file.truncate(2 << 30)
    with pytest.raises(ImageError, match="its partition"):
        system_image._assemble(tmp_path / "card.img", parts, parts / "boot", parts / "system.img")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"type": "part", "size": 8 << 30}, "whole disk"),
        ({"type": "disk", "size": 8 << 30, "children": [{"mountpoints": ["/"]}]}, "in use"),
        ({"type": "disk", "size": 1}, "larger card"),
    ],
)
def test_disk_that_must_not_be_written_is_refused_before_the_question(tmp_path, monkeypatch, row, says):
    """lsblk's words are the edge: no test has a card to lose."""
    image = tmp_path / "card.img"
    image.write_bytes(bytes(4096))
    monkeypatch.setattr(system_image, "_run", lambda words, *_, **__: json.dumps({"blockdevices": [row]}))
    with pytest.raises(ImageError, match=says):
        system_image.write_card(image, Path("/dev/sdx"), lambda question: pytest.fail(question))


def test_nothing_is_written_unless_somebody_says_yes(tmp_path, monkeypatch):
    image, ran = tmp_path / "card.img", []

    def run(words, *_, **__):
        ran.append(words[0])
        return json.dumps({"blockdevices": [{"type": "disk", "size": 8 << 30, "model": "SD", "children": []}]})

    image.write_bytes(bytes(4096))
    monkeypatch.setattr(system_image, "_run", run)
    with pytest.raises(ImageError, match="nothing was written"):
        system_image.write_card(image, Path("/dev/sdx"), lambda question: "8.6 GB, SD" not in question)
    assert ran == ["lsblk"]
    system_image.write_card(image, Path("/dev/sdx"), lambda _: True)
    assert ran[1:] == ["lsblk", "dd", "cmp"], "written, and read back"
