"""A virtual machine in a Raspberry Pi's place: the shipped image, QEMU without KVM, and the firmware's part.

The firmware reads `autoboot.txt` on the card's first partition, loads kernel and start-up from the boot partition that
it names, and after `reboot '0 tryboot'` from the one of `[tryboot]`, once. The guest's two serial lines are kept: the
console, and the reboot's argument.
"""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
from pathlib import Path

from kiosk_firmware.tools.demo.mosquitto import free_port
from kiosk_firmware.tools.system_image import partitions

CONSOLE = "console=ttyS0 systemd.show_status=1 systemd.journald.forward_to_console=1 loglevel=5"
CARD = 12 << 30


class Machine:
    """One card in one machine. `seconds` bounds each wait, in real time: a guest without KVM has no other."""

    def __init__(self, image: Path, folder: Path, memory: int = 2048) -> None:
        self.card, self.folder, self.memory = folder / "card.img", folder, memory
        subprocess.run(["cp", "--sparse=always", image, self.card], check=True)
        with self.card.open("r+b") as file:
            file.truncate(CARD)
        self.process: subprocess.Popen[bytes] | None = None
        self.ssh_port = free_port()
        """Of this computer's loopback: leads to the guest's port for a technician's ssh."""
        self.is_trial = False
        self.boots = 0

    # -- the firmware's part

    def file(self, partition: str, name: str) -> bytes:
        """What a FAT partition of the card holds under a name."""
        first = {found: start for found, start, _ in partitions(self.card)}[partition]
        words = ["mtype", "-i", f"{self.card}@@{first}", f"::/{name}"]
        return subprocess.run(words, capture_output=True, check=True).stdout

    def put(self, name: str, content: bytes) -> None:
        """Lay a file onto the card's first partition, as a technician does at a computer."""
        first = {found: start for found, start, _ in partitions(self.card)}["bootconfig"]
        laid = self.folder / "laid"
        laid.write_bytes(content)
        subprocess.run(["mcopy", "-o", "-i", f"{self.card}@@{first}", laid, f"::/{name}"], check=True)

    def boot_partition(self) -> int:
        """The number of the boot partition that the firmware takes now."""
        section = "tryboot" if self.is_trial else "all"
        text = self.file("bootconfig", "autoboot.txt").decode()
        found = re.search(rf"\[{section}\][^\[]*boot_partition=(\d)", text)
        assert found, text
        return int(found[1])

    def start(self) -> None:
        number = self.boot_partition()
        name = {2: "boot_a", 3: "boot_b"}[number]
        self.boots += 1
        for part in ("vmlinuz", "initrd.img"):
            (self.folder / part).write_bytes(self.file(name, part))
        line = self.file(name, "cmdline.txt").decode().strip().replace("quiet loglevel=3 ", "")
        line = line.replace("systemd.show_status=false", "")
        line += f" {CONSOLE} kiosk.partition={number} kiosk.tryboot={int(self.is_trial)}"
        self.is_trial = False
        self.console = self.folder / f"console-{self.boots}.log"
        self.words = self.folder / f"firmware-{self.boots}.log"
        command = (
            f"qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m {self.memory} -no-reboot -display none "
            f"-serial file:{self.console} -serial file:{self.words} -device virtio-rng-pci "
            f"-drive file={self.card},format=raw,if=virtio,cache=writeback "
            f"-device qemu-xhci,id=usb -netdev user,id=n,hostfwd=tcp:127.0.0.1:{self.ssh_port}-:2222 "
            f"-device virtio-net-pci,netdev=n -monitor unix:{self._monitor},server=on,wait=off "
            f"-kernel {self.folder}/vmlinuz -initrd {self.folder}/initrd.img"
        ).split()
        self.process = subprocess.Popen([*command, "-append", line], stdin=subprocess.DEVNULL)

    @property
    def _monitor(self) -> Path:
        return self.folder / f"monitor-{self.boots}"

    def plug_in(self, content: Path) -> None:
        """Put a USB drive with a folder's files into the running machine."""
        drive = self.folder / f"drive-{time.monotonic_ns()}.img"
        with drive.open("wb") as file:
            file.truncate(64 << 20)
        subprocess.run(["mkfs.vfat", "-n", "TICKET", drive], check=True, capture_output=True)
        subprocess.run(["mcopy", "-i", drive, *content.iterdir(), "::/"], check=True)
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(str(self._monitor))
            for line in (
                f"drive_add 0 if=none,id={drive.stem},file={drive},format=raw",
                f"device_add usb-storage,bus=usb.0,drive={drive.stem},serial={drive.stem}",
            ):
                monitor.sendall(f"{line}\n".encode())
                time.sleep(1)

    # -- what a person sees

    def said(self) -> str:
        text = self.console.read_bytes().decode(errors="replace") if self.console.exists() else ""
        return re.sub(r"\x1b\[[0-9;:]*m", "", text)

    def wait(self, pattern: str, seconds: float = 600) -> float:
        """Wait until the console says it. Returns the seconds waited. Raises AssertionError with its last lines."""
        began = time.monotonic()
        while not re.search(pattern, self.said()):
            assert time.monotonic() - began < seconds, f"no {pattern!r}: …{self.said()[-3000:]}"
            assert self.process
            assert self.process.poll() is None, f"ended before {pattern!r}: …{self.said()[-3000:]}"
            time.sleep(1)
        return time.monotonic() - began

    def wait_reboot(self, seconds: float = 900) -> str:
        """Wait until the guest reboots; the firmware's flag is set by its argument. Returns that."""
        assert self.process
        self.process.wait(seconds)
        found = re.search(r"reboot ?(.*)", self.words.read_text())
        argument = found[1].strip() if found else ""
        self.is_trial = argument.endswith("tryboot")
        return argument

    def cut(self) -> None:
        """Pull the plug."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
