"""`kiosk image`: the card of a unit, from Debian's packages; `kiosk system`: the same as a signed update.

    kiosk image atm --bundle kiosk-unit-VERSION-arm64.tar --out DIR   DIR/kiosk-atm-VERSION-arm64.img
    kiosk image --write FILE.img /dev/DEVICE                          onto a card, after a question
    kiosk system FILE.img --cert MAKER.pem --key MAKER.key            FILE.raucb, for units that run already

mmdebstrap makes the root, the bundle's own installer makes it a unit's, mkfs.erofs packs it and veritysetup adds the
hash tree; deploy/image/card.sfdisk is the table of partitions. The list beside the image names every package and wheel
with its version (CycloneDX 1.6). Only from a checkout of the project.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kiosk_firmware.system.durable_files import write_whole

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "deploy" / "image"
KINDS = ROOT / "deploy" / "unit"
BARE = (
    "systemd",
    "systemd-sysv",
    "udev",
    "dbus",
    "python3",
    "python3-venv",
    "systemd-repart",
    "initramfs-tools",
    "busybox",
    "cryptsetup-bin",
    "dosfstools",
    "e2fsprogs",
    "fdisk",
    "zstd",
)
"""The system below the bundle. busybox: overlayroot's script in the initramfs asks for its grep."""
KERNELS = {"amd64": ("linux-image-amd64",), "arm64": ("linux-image-arm64", "raspi-firmware")}
MIB = 1 << 20
UUIDS = "5b1d9a52-7f0c-4f7e-9d53-6b1a40c1d001", "5b1d9a52-7f0c-4f7e-9d53-6b1a40c1d002"
"""Of the erofs and of its hash tree: the same for every image, so that the same content is the same bytes."""
AUTOBOOT = "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n"
PROGRAMS = {
    "mmdebstrap": "mmdebstrap",
    "mkfs.erofs": "erofs-utils",
    "veritysetup": "cryptsetup-bin",
    "sfdisk": "fdisk",
    "mkfs.vfat": "dosfstools",
    "mcopy": "mtools",
}
"""Program → Debian's package."""


class ImageError(ValueError):
    """The image cannot be made or written here; says why."""


def main(name: str, arguments: Sequence[str]) -> int:
    """Run `kiosk image` or `kiosk system`. Raises ImageError: a wrong word, a missing program, a step that failed."""
    return (_system if name == "system" else _image)(list(arguments))


def _image(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="kiosk image", description="The card of a unit, from its bundle.")
    parser.add_argument("kind", nargs="?", help=f"one of {', '.join(kinds())}")
    parser.add_argument("--bundle", type=Path, metavar="FILE", help="made by `kiosk bundle`; says the processor")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR")
    parser.add_argument("--rig", action="store_true", help="for a virtual machine: firmware played, no display")
    parser.add_argument("--write", nargs=2, metavar=("FILE", "DEVICE"), help="put an image onto a card")
    chosen = parser.parse_args(arguments)
    if chosen.write:
        image, device = chosen.write
        write_card(Path(image), Path(device), _ask)
        return 0
    if chosen.kind not in kinds() or chosen.bundle is None:
        raise ImageError(f"kind {chosen.kind!r}, --bundle {chosen.bundle}: allowed are {', '.join(kinds())} and a file")
    made = make_image(chosen.kind, chosen.bundle, chosen.out, rig=chosen.rig)
    print(f"{made}\nSHA256 {_sha256(made)}")
    return 0


def _system(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="kiosk system", description="An image's system as a signed update.")
    parser.add_argument("image", type=Path, help="made by `kiosk image`")
    parser.add_argument("--cert", type=Path, required=True, help="the maker's certificate, for code signing")
    parser.add_argument("--key", type=Path, required=True, help="its key; stays with the makers")
    parser.add_argument("--version", help="of the update; the image's own unless told")
    chosen = parser.parse_args(arguments)
    print(sign_system(chosen.image, chosen.cert, chosen.key, chosen.version))
    return 0


def kinds() -> tuple[str, ...]:
    """Return the kinds of unit that there are."""
    return tuple(sorted(path.parent.name for path in KINDS.glob("*/unit.toml")))


# -- the image


def make_image(kind: str, bundle: Path, out: Path, rig: bool = False) -> Path:
    """Build the card's image of a kind from a bundle. Returns its path; `.json` beside it lists the parts.

    Raises:
        ImageError: the bundle's name tells no processor, a program is missing, a step failed.
    """
    version, arch = bundle_name(bundle)
    for program, package in PROGRAMS.items():
        if not shutil.which(program, path=_path()):
            raise ImageError(f"{program} is missing: install Debian's package {package}")
    out.mkdir(parents=True, exist_ok=True)
    made = out / f"kiosk-{kind}-{version}-{arch}{'-rig' if rig else ''}.img"
    with tempfile.TemporaryDirectory(prefix="kiosk-image-", dir=out) as folder:
        scratch = Path(folder)
        boot = scratch / "boot"
        boot.mkdir()
        root = _root(scratch, bundle.resolve(), arch, kind, rig)
        system, line = _system_partition(root, scratch)
        (boot / "cmdline.txt").write_text(f"{line}\n")
        write_whole(made.with_suffix(".json"), bill_of_materials(scratch, made.stem).encode())
        _assemble(made, scratch, boot, system)
    return made


def bundle_name(bundle: Path) -> tuple[str, str]:
    """Return (version, processor) of a bundle by its name. Raises ImageError."""
    found = re.fullmatch(r"kiosk-unit-(.+)-(arm64|amd64)\.tar", bundle.name)
    if not found or not bundle.is_file():
        raise ImageError(f"{bundle}: no bundle; allowed is a file kiosk-unit-VERSION-arm64.tar or -amd64.tar")
    return found[1], found[2]


def _root(scratch: Path, bundle: Path, arch: str, kind: str, rig: bool) -> Path:
    """Make the system as a tar; kernel and firmware lie in `scratch/boot` afterwards."""
    tar = scratch / "root.tar"
    packages = ",".join((*BARE, *KERNELS[arch]))
    environment = {
        "BUNDLE": str(bundle),
        "OUT": str(scratch / "boot"),
        "VISIT": "--visit" if kind == "visit" else "",
        "RIG": "yes" if rig else "no",
    }
    hook = f'--customize-hook=sh "{FILES}/customize.sh" "$1"'
    command = ["mmdebstrap", "--variant=minbase", f"--architectures={arch}", f"--include={packages}", hook]
    _run([*command, "trixie", str(tar)], **environment)
    return tar


def _system_partition(root: Path, scratch: Path) -> tuple[Path, str]:
    """Return the packed system with its hash tree, and the kernel's command line that names its root hash."""
    system = scratch / "system.img"
    _run(["mkfs.erofs", "-zlz4hc", "-T0", "-U", UUIDS[0], "--quiet", "--tar=f", str(system), str(root)])
    size = system.stat().st_size
    with system.open("rb") as file:
        salt = hashlib.file_digest(file, "sha256").hexdigest()
    words = ["veritysetup", "format", f"--hash-offset={size}", "--uuid", UUIDS[1], "--salt", salt]
    said = _run([*words, str(system), str(system)])
    found = re.search(r"Root hash:\s+([0-9a-f]{64})", said)
    if found is None:
        raise ImageError(f"veritysetup told no root hash: {said[-200:]}")
    # No "ro": it would hold for the layer in memory above it, too (overlayroot); what is below is read-only by nature.
    lockdown = (KINDS / "lockdown" / "cmdline.txt").read_text().strip()
    return system, f"root=/dev/mapper/kiosk-root kiosk.roothash={found[1]} kiosk.hashoffset={size} {lockdown}"


def _assemble(made: Path, scratch: Path, boot: Path, system: Path) -> None:
    """Write the table of partitions, then each partition's content at its place; both systems are the same at first."""
    first = scratch / "bootconfig"
    first.mkdir()
    (first / "autoboot.txt").write_text(AUTOBOOT)
    partial = made.with_suffix(".part")
    partial.unlink(missing_ok=True)
    table = (FILES / "card.sfdisk").read_text()
    with partial.open("wb") as file:
        file.truncate((sum(map(int, re.findall(r"size=(\d+)MiB", table))) + 2) * MIB)
    _run(["sfdisk", "-q", str(partial)], given=table)
    places = {name: (start, size) for name, start, size in partitions(partial)}
    if system.stat().st_size > places["system_a"][1]:
        raise ImageError(f"the system has {system.stat().st_size} bytes, its partition {places['system_a'][1]}")
    contents = {"bootconfig": _fat(first, "BOOTCONFIG", places["bootconfig"][1])}
    contents |= dict.fromkeys(("boot_a", "boot_b"), _fat(boot, "BOOT", places["boot_a"][1]))
    contents |= dict.fromkeys(("system_a", "system_b"), system)
    for name, content in contents.items():
        _run(["dd", f"if={content}", f"of={partial}", "bs=1M", f"seek={places[name][0] // MIB}", "conv=notrunc,sparse"])
    partial.replace(made)


def partitions(image: Path) -> Iterator[tuple[str, int, int]]:
    """Yield (name, first byte, bytes) of each partition of an image."""
    for row in json.loads(_run(["sfdisk", "--json", str(image)]))["partitiontable"]["partitions"]:
        yield row["name"], row["start"] * 512, row["size"] * 512


def _fat(content: Path, label: str, size: int) -> Path:
    """Return a FAT file system of that many bytes that holds a folder's content."""
    made = content.with_suffix(".vfat")
    with made.open("wb") as file:
        file.truncate(size)
    _run(["mkfs.vfat", "-n", label, "--invariant", str(made)])
    _run(["mcopy", "-s", "-m", "-i", str(made), *map(str, sorted(content.iterdir())), "::/"])
    return made


def bill_of_materials(scratch: Path, name: str) -> str:
    """Return the parts of an image as CycloneDX 1.6: each Debian package and each wheel with its version."""
    rows = [
        *(("deb/debian", line.split("\t")) for line in (scratch / "packages.tsv").read_text().splitlines()),
        *(("pypi", line.split("\t")) for line in (scratch / "wheels.tsv").read_text().splitlines()),
    ]
    components = [
        {"type": "library", "name": part, "version": version, "purl": f"pkg:{source}/{part}@{version}"}
        for source, (part, version) in rows
    ]
    about = {"component": {"type": "firmware", "name": name}}
    return json.dumps(
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": about, "components": components}, indent=1
    )


# -- the update


def sign_system(image: Path, cert: Path, key: Path, version: str | None = None) -> Path:
    """Turn an image's first system into a signed update in RAUC's verity format. Returns its path, beside the image.

    Raises:
        ImageError: the image's name tells no processor, or RAUC refused.
    """
    found = re.fullmatch(r"kiosk-(\w+)-(.+?)-(arm64|amd64)(-rig)?\.img", image.name)
    if not found:
        raise ImageError(f"{image}: no image; allowed is a file kiosk-KIND-VERSION-arm64.img")
    made = image.with_suffix(".raucb")
    manifest = (
        f"[update]\ncompatible=training-kiosk-{found[3]}\nversion={version or found[2]}\n[bundle]\nformat=verity\n"
        "[image.boot]\nfilename=boot.vfat\n[image.rootfs]\nfilename=system.img\n"
    )
    with tempfile.TemporaryDirectory(prefix="kiosk-system-", dir=image.parent) as folder:
        content = Path(folder)
        for name, first, size in partitions(image):
            if name in ("boot_a", "system_a"):
                _cut(image, content / ("boot.vfat" if name == "boot_a" else "system.img"), first, size)
        (content / "manifest.raucm").write_text(manifest)
        made.unlink(missing_ok=True)
        words = ["rauc", "-C", "keyring:check-purpose=codesign", "bundle", "--cert", str(cert), "--key", str(key)]
        _run([*words, "--keyring", str(cert), str(content), str(made)])
    return made


def _cut(image: Path, into: Path, first: int, size: int) -> None:
    _run(["dd", f"if={image}", f"of={into}", "bs=1M", f"skip={first // MIB}", f"count={size // MIB}", "conv=sparse"])


# -- the card


def write_card(image: Path, device: Path, ask: Callable[[str], bool]) -> None:
    """Write an image onto a card, after `ask` was answered with yes; reads it back and compares.

    Raises:
        ImageError: no image, no such device, one that is in use or holds the running system, or too small.
    """
    if not image.is_file():
        raise ImageError(f"{image}: no such image")
    about = _disk(device)
    size = int(about["size"])
    if size < image.stat().st_size:
        raise ImageError(f"{device} has {size} bytes, the image {image.stat().st_size}: a larger card")
    model = " ".join(str(about[key]) for key in ("vendor", "model", "serial") if about.get(key)) or "unnamed"
    if not ask(f"{device} ({size / 1e9:.1f} GB, {model}): everything on it will be lost. Write {image.name}?"):
        raise ImageError("nothing was written")
    _run(["dd", f"if={image}", f"of={device}", "bs=4M", "conv=fsync", "oflag=direct"])
    _run(["cmp", f"--bytes={image.stat().st_size}", str(image), str(device)])


def _disk(device: Path) -> dict[str, Any]:
    """Return lsblk's row of a whole disk that nothing uses."""
    try:
        said = _run(["lsblk", "-J", "-b", "-o", "PATH,TYPE,SIZE,VENDOR,MODEL,SERIAL,MOUNTPOINTS", str(device)])
    except ImageError as error:
        raise ImageError(f"{device}: no such disk; `lsblk` lists those there are") from error
    (row,) = json.loads(said)["blockdevices"]
    if row["type"] not in ("disk", "loop"):
        raise ImageError(f"{device} is a {row['type']}: allowed is a whole disk")
    below = [row, *row.get("children", [])]
    if used := [place for part in below for place in part.get("mountpoints", []) if place]:
        raise ImageError(f"{device} is in use ({', '.join(used)}): allowed is a disk that nothing is mounted from")
    found: dict[str, Any] = row
    return found


def _sha256(path: Path) -> str:
    """Return the number by which a copy on another computer is compared (docs: write-card)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _ask(question: str) -> bool:
    return input(f"{question} [yes/no] ").strip() == "yes"


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def _run(words: Sequence[str], given: str | None = None, **environment: str) -> str:
    """Run a program; return its words. Raises ImageError with its last ones."""
    done = subprocess.run(
        words, input=given, capture_output=True, text=True, env={**os.environ, "PATH": _path(), **environment}
    )
    if done.returncode:
        raise ImageError(f"{words[0]}: {(done.stderr or done.stdout).strip()[-800:]}")
    return done.stdout
