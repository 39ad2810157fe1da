"""The encrypted data partition, by the shipped script and the real `cryptsetup`, on a file in a partition's place.

A kernel of its own is `test_encrypted_data_kernel.py`'s. Here, where no device mapper can be had, a `cryptsetup`
stands in its place that hands every word to the real one, except that `open NAME` lets the real one only try the key,
and then links the name to a file of its own, on which the real `mkfs.ext4` works. A power cut is a SIGKILL of the
script at its n-th command.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.unit.enrolment import main
from kiosk_firmware.unit.identity import status_file
from tests.house.tree import ROOT

SCRIPT = ROOT / "deploy" / "unit" / "lockdown" / "data.sh"
CUT = ("cryptsetup", "mkfs.ext4", "sync", "mv", "rm", "od", "cut")
"""Programs before which the power may go."""
QUICK = "--pbkdf argon2id --pbkdf-memory 32 --pbkdf-force-iterations 4"


def program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


class Board:
    """A board with a card: its first partition, the device for data, and what stands in the mapper's place."""

    def __init__(self, folder: Path, serial: str = "10000000c0ffee01") -> None:
        self.folder, self.card, self.mapper = folder, folder / "card", folder / "mapper"
        self.bin = folder / "bin"
        for made in (self.card, self.mapper, self.bin):
            made.mkdir(parents=True, exist_ok=True)
        self.device, self.conf, self.serial = folder / "device", folder / "data.conf", folder / "serial"
        if not self.device.exists():
            self.blank()
        self.conf.write_text(f"{self.device}\n")
        self.serial.write_text(f"{serial}\0")
        self.real = program("cryptsetup")
        for name in CUT:
            self._wrap(name, self.real if name == "cryptsetup" else program(name))

    def blank(self) -> None:
        with self.device.open("wb") as file:
            file.truncate(32 << 20)

    def _wrap(self, name: str, real: str) -> None:
        mapped = (
            f"""
case "$*" in
    *--test-passphrase*) ;;
    open*)
        "$real" open --type luks2 --test-passphrase --key-file=- "{self.device}" || exit
        truncate -s 8M "{self.folder}/inside"
        ln -s "{self.folder}/inside" "{self.mapper}/kiosk-data"
        exit ;;
esac"""
            if name == "cryptsetup"
            else ""
        )
        (self.bin / name).write_text(f"""#!/bin/sh
real={real}
echo >>"{self.folder}/count"
[ "$(wc -l <"{self.folder}/count")" != "${{CUT_AT:-0}}" ] || {{ kill -9 "$SCRIPT_PID"; exit 1; }}
{mapped}
exec "$real" "$@"
""")
        (self.bin / name).chmod(0o755)

    def run(self, *words: str, cut_at: int = 0) -> subprocess.CompletedProcess[str]:
        (self.folder / "count").unlink(missing_ok=True)
        (self.mapper / "kiosk-data").unlink(missing_ok=True)  # a start knows no mapping
        environment = {
            **os.environ,
            "PATH": f"{self.bin}:/usr/sbin:/usr/bin:/sbin:/bin",
            "CONF": str(self.conf),
            "CARD": str(self.card),
            "SERIAL": str(self.serial),
            "MAPPER": str(self.mapper),
            "KDF": QUICK,
            "CUT_AT": str(cut_at),
        }
        command = ["sh", "-c", 'export SCRIPT_PID=$$; exec sh "$0" "$@"', str(SCRIPT), *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)

    def open(self) -> None:
        done = self.run("open")
        assert done.returncode == 0, done.stderr
        assert (self.mapper / "kiosk-data").exists()

    def state(self) -> str:
        done = self.run("state")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def slots(self) -> int:
        done = subprocess.run([self.real, "luksDump", str(self.device)], capture_output=True, text=True, check=True)
        return done.stdout.partition("Keyslots:")[2].partition("Tokens:")[0].count("luks2")


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path)


def test_first_start_formats_and_later_ones_only_open(board):
    assert board.state() == "blank"
    board.open()
    assert board.state() == "ready"
    header = subprocess.run([board.real, "luksDump", str(board.device)], capture_output=True, text=True, check=True)
    assert "Label:         \tkiosk-data" in header.stdout
    assert "Version:       \t2" in header.stdout
    assert subprocess.run([program("e2fsck"), "-nf", str(board.folder / "inside")], capture_output=True).returncode == 0
    before = board.device.read_bytes()
    board.open()
    assert board.device.read_bytes() == before


def test_key_is_in_no_argument_and_in_no_file(board, tmp_path):
    """What lies on the card is not the key, and the key is never a word of a command."""
    (board.bin / "cryptsetup").write_text(
        (board.bin / "cryptsetup").read_text().replace("real=", f'echo "$0 $*" >>"{tmp_path}/said"\nreal=', 1)
    )
    board.open()
    salt = (board.card / "kiosk-data.key").read_bytes()
    key = hashlib.sha256(salt + board.serial.read_bytes().rstrip(b"\0")).hexdigest()
    tried = [board.real, "open", "--test-passphrase", "--key-file=-", str(board.device)]
    assert subprocess.run(tried, input=key, text=True, capture_output=True).returncode == 0, "made as its head says"
    assert key not in (tmp_path / "said").read_text()
    assert not [p for p in board.card.iterdir() if key.encode() in p.read_bytes()]


def test_another_boards_card_stays_shut_until_a_technician_gives_it_up(board):
    board.open()
    board.serial.write_text("10000000deadbeef\0")
    assert board.state() == "locked"
    done = board.run("open")
    assert done.returncode == 1
    assert "another board" in done.stderr
    (board.card / "kiosk-data.new").touch()
    board.open()
    assert board.state() == "ready"
    assert board.slots() == 1


def test_key_in_one_time_memory_binds_harder_than_the_number(board):
    """With rpi-fw-crypto's key the same number on another board does not help; a board that gets one later is not
    shut out of what it has.
    """
    board.open()
    otp = board.bin / "rpi-fw-crypto"
    otp.write_text('#!/bin/sh\n[ "$1 $4 $5" = \'hmac --key-id 1\' ] || exit 2\n(cat "$3"; echo own) | sha256sum\n')
    otp.chmod(0o755)
    assert board.state() == "ready"
    (board.card / "kiosk-data.new").touch()
    board.open()
    assert "bound=otp" in (board.card / "kiosk-data.key").read_text()
    assert board.state() == "ready"
    otp.write_text(otp.read_text().replace("echo own", "echo other"))
    assert board.state() == "locked"


@pytest.mark.parametrize("what", ["ext4", "luks1"])
def test_what_is_something_elses_is_never_formatted(board, what):
    if what == "ext4":
        subprocess.run([program("mkfs.ext4"), "-q", str(board.device)], check=True)
    else:
        words = ["luksFormat", "-q", "--type", "luks1", "--pbkdf-force-iterations", "1000", "--key-file=-"]
        subprocess.run([board.real, *words, str(board.device)], input="x", text=True, check=True)
    before = board.device.read_bytes()
    done = board.run("open")
    assert done.returncode == 1
    assert "holds something else" in done.stderr
    assert board.device.read_bytes() == before


def test_wiped_data_cannot_be_opened_and_the_next_start_begins_anew(board):
    board.open()
    salt = (board.card / "kiosk-data.key").read_bytes()
    assert board.run("wipe").returncode == 0
    assert board.slots() == 0
    assert not (board.card / "kiosk-data.key").exists()
    (board.card / "kiosk-data.key").write_bytes(salt)  # a copy of the card's first partition does not help
    (board.card / "kiosk-data.new").unlink()
    assert board.state() == "locked"
    (board.card / "kiosk-data.new").touch()
    board.open()
    assert board.state() == "ready"


def wipe_service(board, tmp_path, cut_before=""):
    """What kiosk-wipe.service does, word by word, with this board's places in those of a unit; how far it came."""
    state, marks = tmp_path / "state", {"/var/lib/kiosk/": f"{tmp_path}/", "/bin/systemctl": "true"}
    for line in (ROOT / "deploy/unit/systemd/kiosk-wipe.service").read_text().splitlines():
        name, _, command = line.partition("=")
        if name not in ("ExecStart", "ExecStartPre"):
            continue
        if cut_before and cut_before in command:
            return
        if command.endswith("data.sh wipe"):
            assert board.run("wipe").returncode == 0
        elif command.endswith("kiosk enrol wipe --yes"):
            assert main.main("enrol", ["wipe", "--yes", "--unit", f"{tmp_path}/unit.toml", "--state", f"{state}"]) == 0
        else:
            for old, new in marks.items():
                command = command.replace(old, new)
            subprocess.run(["sh", "-c", command.removeprefix("-")], check=True)


@pytest.mark.parametrize("cut_before", ["", "data.sh wipe", "enrol wipe", "rm -f", "reboot"])
def test_wiping_from_the_glass_ends_without_keys_and_without_files(board, tmp_path, cut_before):
    """The order stands in a file of the screen's; the power may go between any two steps: the path unit or an emptied
    partition begins again, and in the end nothing is left, with and without encryption.
    """
    board.open()
    salt = (board.card / "kiosk-data.key").read_bytes()
    state = tmp_path / "state"
    (state / "shared").mkdir(parents=True)
    write_whole(state / "agent" / "trust" / "unit.pem", b"key")
    write_whole(state / "screen" / "screen.db", b"practised")
    write_whole(tmp_path / "unit.toml", b"")
    status_file.want(state, status_file.WIPE)
    lines = (ROOT / "deploy/unit/systemd/kiosk-wipe.path").read_text().splitlines()
    watched = [tmp_path / line.partition("=/var/lib/kiosk/")[2] for line in lines if line.startswith("PathExists")]
    wipe_service(board, tmp_path, cut_before)
    if cut_before and board.slots():
        assert any(path.exists() for path in watched), "the next start ends what was begun"
    if any(path.exists() for path in watched):
        wipe_service(board, tmp_path)
    assert board.slots() == 0
    assert not [path for path in (*state.rglob("*"), tmp_path / "unit.toml", *watched) if path.is_file()]
    (board.card / "kiosk-data.key").write_bytes(salt)
    (board.card / "kiosk-data.new").unlink()
    assert board.state() == "locked", "a copy of the card's first partition does not help"
    (board.card / "kiosk-data.new").touch()
    board.open()


def test_unit_without_such_a_partition_starts_as_it_is(board):
    board.conf.unlink()
    assert board.state() == "none"
    for verb in ("open", "wipe"):
        assert board.run(verb).returncode == 0


def test_power_cut_at_any_command_ends_in_data_that_open(tmp_path, long):
    """At every command of the first start, and of a wipe: the next whole start comes through, and never loses what
    was ready before.
    """
    board, cuts = Board(tmp_path), 0
    for verb in ("open", "wipe"):
        at = 0
        while True:
            at += 1 if long else 4
            board.blank()
            for path in board.card.iterdir():
                path.unlink()
            if verb == "wipe":
                board.open()
            if board.run(verb, cut_at=at).returncode == 0:
                break
            cuts += 1
            board.open()
            assert board.state() == "ready", (verb, at)
            assert board.slots() == 1
    assert cuts >= (12 if long else 2)


def test_power_cut_while_opening_changes_nothing(board):
    board.open()
    before, at = board.device.read_bytes(), 0
    while True:
        at += 1
        done = board.run("open", cut_at=at)
        assert board.device.read_bytes() == before
        if done.returncode == 0:
            break
    assert at > 1
