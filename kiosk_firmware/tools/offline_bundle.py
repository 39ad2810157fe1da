"""`kiosk bundle`: everything that a unit installs, in one file, for a technician without a network.

    kiosk-unit-VERSION-arm64.tar
      install.sh          what the technician runs
      SHA256SUMS          of every file below
      requirements.txt    every wheel of a unit, with its hash; requirements-visit.txt: of one for real visits
      wheels/ debs/       for arm64; lgpio is built here, since nobody publishes it for Python 3.13 on arm64

Made where packages can be had (never on a unit): wheels by pip from the lock, which holds their hashes; Debian packages
by apt inside a *build root*, a bare Debian trixie of the unit's processor (`debootstrap --arch=arm64 --variant=minbase
--include=python3,python3-venv,ca-certificates trixie ROOT`). On another processor that root runs under qemu-user,
registered with the kernel. The root is used up: a compiler is installed in it. No file in the bundle holds an address.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kiosk_firmware", "hardware", "screens", "deploy")
INSTALLER = ROOT / "deploy" / "unit" / "install.sh"
LOCK, VISIT = ROOT / "requirements-unit.lock", ROOT / "requirements-visit.lock"
PROCESSORS = {"arm64": "aarch64", "amd64": "x86_64"}
"""Debian's name of a processor → that of wheels."""
PYTHON = "3.13"
NOT_COPIED = ("__pycache__",)
BUILT = "lgpio"
MAKERS = "makers.pem"
"""RAUC's keyring on the unit."""
DEBS = (
    "python3",
    "python3-venv",
    "libmtdev1t64",
    "libegl1",
    "libgles2",
    "libgl1",
    "libgl1-mesa-dri",
    "libgbm1",
    "libdrm2",
    "espeak-ng",
    "nftables",
    "usbguard",
    "openssh-server",
    "rauc",
    "rauc-service",
    "chrony",
    "overlayroot",
    "cryptsetup-bin",
    "e2fsprogs",
    "dbus",
    "systemd-sysv",
    "udev",
)
"""What the firmware draws, speaks, locks and updates with; no compositor: SDL draws on KMS itself."""
COMPILER = ("gcc", "libc6-dev", "python3-dev", "swig")


class BundleError(ValueError):
    """The bundle cannot be made here; says what is missing."""


def main(name: str, arguments: Sequence[str]) -> int:
    """Run `kiosk bundle --root DIR --out DIR`.

    Raises:
        BundleError: the root is none, or a package cannot be had.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="Everything that a unit installs, in one file.")
    parser.add_argument("--root", type=Path, required=True, metavar="DIR", help="a bare Debian, arm64; used up")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR")
    parser.add_argument("--makers", type=Path, metavar="FILE", help="certificate of those who make systems")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="kiosk-bundle-") as folder:
        if chosen.makers:
            shutil.copy(chosen.makers, Path(folder) / MAKERS)
        print(make_bundle(chosen.root.resolve(), Path(folder), chosen.out))
    return 0


def make_bundle(root: Path, scratch: Path, out: Path) -> Path:
    """Collect everything in `scratch`, pack it into `out`. Returns the bundle."""
    if not (root / "usr/bin/python3").exists():
        raise BundleError(
            f"{root}: no Debian root; make one with debootstrap (kiosk_firmware/tools/offline_bundle.py says how)"
        )
    arch = _inside(root, "dpkg", "--print-architecture").strip()
    for folder in ("wheels", "debs"):
        (scratch / folder).mkdir()
    collect_debs(root, scratch / "debs")
    collect_wheels(scratch / "wheels", PROCESSORS[arch])
    if arch == "arm64":
        build_wheel(root, scratch / "wheels")
    return finish_bundle(scratch, out, arch)


def renew_bundle(bundle: Path, scratch: Path, out: Path) -> Path:
    """Pack the bundle with our own wheel made anew and everything else as it was: for a change of our code alone."""
    with tarfile.open(bundle) as tar:
        tar.extractall(scratch, filter="data")
    for wheel in (scratch / "wheels").glob("training_kiosk-*.whl"):
        wheel.unlink()
    own_wheel(scratch / "wheels")
    return finish_bundle(scratch, out, bundle.stem.rpartition("-")[2])


def finish_bundle(scratch: Path, out: Path, arch: str) -> Path:
    """Add installer, requirements and sums; pack."""
    shutil.copy(INSTALLER, scratch / "install.sh")
    (scratch / "requirements.txt").write_text("\n".join(requirements(scratch / "wheels", visit=False)) + "\n")
    (scratch / "requirements-visit.txt").write_text("\n".join(requirements(scratch / "wheels")) + "\n")
    (scratch / "SHA256SUMS").write_text("\n".join(sums(scratch)) + "\n")
    return pack_bundle(scratch, out / f"kiosk-unit-{metadata_version()}-{arch}.tar")


def metadata_version() -> str:
    """Return the version of this project, as pyproject.toml has it."""
    try:
        return metadata.version("training-kiosk")
    except metadata.PackageNotFoundError:
        found = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
        return found[1] if found else "0"


# -- Debian's packages


def collect_debs(root: Path, into: Path) -> None:
    """Collect what the bare root lacks, with all that it needs in turn."""
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    _inside(root, "apt-get", "update", "-qq")
    _inside(root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "--download-only", *DEBS)
    for deb in sorted((root / "var/cache/apt/archives").glob("*.deb")):
        shutil.copy(deb, into / deb.name.replace("%3a", "_"))


def _inside(root: Path, *words: str) -> str:
    """Run a program in the root. Raises BundleError with its last words."""
    clean = ("env", "-i", "DEBIAN_FRONTEND=noninteractive", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root")
    command = ["chroot", str(root), *clean, *words]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise BundleError(f"{' '.join(words)}: {(done.stderr or done.stdout)[-600:]}")
    return done.stdout


# -- wheels


def platforms(processor: str) -> Iterator[str]:
    """Yield the tags of wheels that trixie's C library takes, of that processor (aarch64, x86_64)."""
    yield from (f"manylinux_2_{minor}_{processor}" for minor in range(5, 40))
    yield f"manylinux2014_{processor}"


def collect_wheels(into: Path, processor: str) -> None:
    """Collect every wheel of both locks for that processor, checked against its hashes; and our own."""
    tags = [word for platform in platforms(processor) for word in ("--platform", platform)]
    for lock in (LOCK, VISIT):
        _pip(
            "download",
            "--require-hashes",
            "--no-deps",
            "--only-binary=:all:",
            "--python-version",
            PYTHON,
            *tags,
            "--dest",
            str(into),
            "-r",
            str(lock),
        )
    own_wheel(into)


def own_wheel(into: Path) -> None:
    """Build this project's own, by the setuptools that the lock pins: nothing is fetched for it."""
    with tempfile.TemporaryDirectory(prefix="kiosk-source-") as folder:  # a build leaves things in its sources
        source = Path(folder)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, source)
        for room in (*PACKAGES, "docs"):
            shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns(*NOT_COPIED))
        _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(into), str(source))


def build_wheel(root: Path, into: Path) -> None:
    """Build lgpio from its source, in the root; the source is checked against the lock's hashes.

    `PYPI=1` is its own word for a wheel with its C library inside; without it the wheel would want Debian's.
    """
    work = root / "srv" / "build"
    work.mkdir(parents=True, exist_ok=True)
    pin = re.search(rf"^{BUILT}==[^\n]*(\n +--hash[^\n]*)+", LOCK.read_text(), re.MULTILINE)
    if pin is None:
        raise BundleError(f"{LOCK.name} does not pin {BUILT}")
    (work / "pin.txt").write_text(re.sub(r" ;[^\\]*", " ", pin[0]))
    _pip(
        "download",
        "--require-hashes",
        "--no-deps",
        "--no-binary=:all:",
        "--no-build-isolation",
        "--dest",
        str(work),
        "-r",
        str(work / "pin.txt"),
    )
    for wheel in into.glob("setuptools-*.whl"):
        shutil.copy(wheel, work)
    _inside(root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *COMPILER)
    _inside(
        root,
        "sh",
        "-euc",
        (
            "cd srv/build && python3 -m venv venv && venv/bin/pip install -q --no-index *.whl && "
            "PYPI=1 venv/bin/pip wheel -q --no-index --no-deps --no-build-isolation --wheel-dir out *.tar.gz"
        ),
    )
    for wheel in (work / "out").glob("*.whl"):
        shutil.copy(wheel, into)


def _pip(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pip", "-q", "--disable-pip-version-check", *words], capture_output=True, text=True
    )
    if done.returncode:
        raise BundleError(f"pip {words[0]}: {(done.stderr or done.stdout)[-600:]}")


# -- packing


def requirements(wheels: Path, visit: bool = True) -> Iterator[str]:
    """Yield a line for each wheel: name, version, hash. `visit`: those of real visits, too."""
    more = set() if visit else pinned_packages(VISIT) - pinned_packages(LOCK)
    for wheel in sorted(wheels.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        if _plain(name) in more:
            continue
        yield f"{name.replace('_', '-')}=={version} --hash=sha256:{digest(wheel)}"


def pinned_packages(lock: Path) -> set[str]:
    """Return the packages of a lock."""
    return {_plain(name) for name in re.findall(r"^([\w.-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE)}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def digest(path: Path) -> str:
    """Return the SHA-256, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sums(folder: Path) -> Iterator[str]:
    """Yield lines for `sha256sum -c`, of every file but themselves."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "SHA256SUMS":
            yield f"{digest(path)}  {path.relative_to(folder).as_posix()}"


def pack_bundle(folder: Path, target: Path) -> Path:
    """Pack the bundle: the same content gives the same bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = tar.gettarinfo(path, path.relative_to(folder).as_posix())
            entry.uid = entry.gid = entry.mtime = 0
            entry.uname = entry.gname = "root"
            entry.mode = 0o755 if path.suffix == ".sh" else 0o644
            with path.open("rb") as file:
                tar.addfile(entry, file)
    return target
