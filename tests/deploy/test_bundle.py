"""The bundle: every wheel with its hash, the same bytes for the same content; and what it ships is complete."""

from __future__ import annotations

import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from deploy import generate_pictures
from kiosk_firmware.office.web import vendored_assets
from kiosk_firmware.tools import offline_bundle
from tests.house.tree import ROOT

UNIT = ROOT / "deploy" / "unit"


def test_the_same_content_is_the_same_bundle(tmp_path):
    made = []
    for name in ("one", "two"):
        folder = tmp_path / name
        (folder / "wheels").mkdir(parents=True)
        (folder / "install.sh").write_text("#!/bin/sh\n")
        (folder / "wheels" / "some_thing-1.2-py3-none-any.whl").write_bytes(b"wheel")
        os.utime(folder / "install.sh", (len(made), len(made)))
        (folder / "requirements.txt").write_text("\n".join(offline_bundle.requirements(folder / "wheels")) + "\n")
        (folder / "SHA256SUMS").write_text("\n".join(offline_bundle.sums(folder)) + "\n")
        made.append(offline_bundle.pack_bundle(folder, tmp_path / f"{name}.tar"))
    assert made[0].read_bytes() == made[1].read_bytes()
    with tarfile.open(made[0]) as tar:
        assert {entry.name for entry in tar if entry.mode == 0o755} == {"install.sh"}
        assert b"some-thing==1.2 --hash=sha256:" in tar.extractfile("requirements.txt").read()


def test_a_root_that_is_none_is_named(tmp_path):
    with pytest.raises(offline_bundle.BundleError, match="no Debian root"):
        offline_bundle.make_bundle(tmp_path, tmp_path, tmp_path)


def test_everything_that_is_not_python_is_shipped():
    """A file whose ending pyproject.toml does not name would be missing on a unit."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    shipped = [*(UNIT / "lockdown").iterdir(), *(UNIT / "systemd").iterdir(), *(UNIT / "update").iterdir()]
    shipped += list((ROOT / "deploy" / "office").glob("site.*"))
    endings = {path.suffix for path in shipped if path.suffix not in (".py", "") and path.is_file()}
    assert not [ending for ending in endings if f'"*{ending}"' not in text]
    assert not [path.name for path in shipped if path.is_file() and not path.suffix], "a file needs an ending"


def test_package_holds_what_pages_need_with_its_licences_and_is_not_made_without(tmp_path, monkeypatch):
    """By pip, as every path that packages goes."""
    offline_bundle.own_wheel(tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as made:
        there = set(made.namelist())
    wanted = [line.split()[1] for line in vendored_assets.SUMS.read_text(encoding="ascii").splitlines()]
    assert {f"kiosk_firmware/office/web/static/vendor/{name}" for name in wanted} <= there
    assert sum(name.endswith("LICENSE") and "dist-info" in name for name in there) == 4
    pictures = {path.name for path in generate_pictures.TARGET.glob("*.png")} | {"pictures.json"}
    assert {f"screens/pictures/made/{name}" for name in pictures} <= there
    assert any(name.endswith("FLUENT_EMOJI.txt") and "dist-info" in name for name in there)
    assert {f"kiosk_firmware/office/web/help/{name}" for name in ("zh/README.md", "reference/cli.md")} <= there
    wheel.unlink()
    for missing, advice in (("vendor", "kiosk setup assets"), ("made", "kiosk setup run")):
        monkeypatch.setattr(offline_bundle, "NOT_COPIED", ("__pycache__", missing))
        with pytest.raises(offline_bundle.BundleError, match=advice):
            offline_bundle.own_wheel(tmp_path)
    assert not list(tmp_path.glob("*.whl"))


def test_installer_puts_only_what_is_there():
    """Every file that install.sh names in our package lies in it."""
    text = (UNIT / "install.sh").read_text()
    names = [word.split('"')[0].split("}")[0] for word in text.split('"$from/')[1:]]
    assert names
    assert not [name for name in names if not (UNIT / "lockdown" / name).exists()]


def test_changed_bundle_is_not_installed(tmp_path):
    """One byte, or one file too many: refused before anything is installed."""
    folder = tmp_path / "content"
    (folder / "debs").mkdir(parents=True)
    (folder / "debs" / "a.deb").write_bytes(b"deb")
    (folder / "SHA256SUMS").write_text("\n".join(offline_bundle.sums(folder)) + "\n")
    arch = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True).stdout.strip()
    if not arch or os.geteuid():
        pytest.skip("needs Debian, as root")
    (folder / "more.txt").write_text("more")
    bundle = offline_bundle.pack_bundle(folder, tmp_path / f"kiosk-unit-0-{arch}.tar")
    root, fake = tmp_path / "root", tmp_path / "bin"
    root.mkdir()
    fake.mkdir()
    (fake / "chroot").write_text('#!/bin/sh\nshift\nexec "$@"\n')
    (fake / "chroot").chmod(0o755)
    environment = {**os.environ, "ROOT": str(root), "PATH": f"{fake}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", UNIT / "install.sh", bundle], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "nobody summed" in done.stderr
    assert not list(Path(root).glob("opt/kiosk/*/complete"))
