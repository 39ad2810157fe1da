"""`kiosk content install FILE`: what is practised, signed by the office, without a new system or a start of it.

The file holds lessons as teachers write them (rule packs, texts and voices come with the system). Either all of it is
taken or nothing: each lesson is read and checked in a folder of its own first. Numbers only go up, so an old file
cannot bring back what was taken out. A power cut in between leaves whole lessons, and the file may be given again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from hardware.memory import write_whole
from kiosk_firmware import catalogue

NUMBER = "content.json"
FOLDER = "lessons.d"


class Number(msgspec.Struct, frozen=True):
    """The number of what was installed last."""

    version: int


def install(data: bytes, state: Path, now_ms: int) -> int:
    """Take a signed file; how many lessons it brought.

    Raises:
        ValueError: refused; says why. Nothing was changed.
        LookupError: a lesson is for a machine that there is not. Nothing was changed.
    """
    from kiosk_firmware.trust import signed  # needed by nothing else of the screen's start
    from kiosk_firmware.trust.member import Member
    from kiosk_firmware.trust.messages import CONTENT, Content

    _, content = signed.opened(data, CONTENT, Content, Member(state).root(), now_ms, "signer")
    path = state / NUMBER
    last = msgspec.json.decode(path.read_bytes(), type=Number).version if path.exists() else 0
    if content.version <= last:
        raise ValueError(f"version = {content.version}: allowed is one above {last}")
    with tempfile.TemporaryDirectory(prefix="kiosk-content-") as folder:
        for machine, file in content.lessons:
            catalogue.keep(machine, file, Path(folder))
    for machine, file in content.lessons:
        catalogue.keep(machine, file, state / FOLDER)
    write_whole(path, msgspec.json.encode(Number(content.version)))
    return len(content.lessons)


def main(name: str, arguments: Sequence[str]) -> int:
    """`kiosk content install FILE [--state DIR]`. Returns 0 done, 1 refused."""
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="What is practised, signed by the office.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    one = verbs.add_parser("install", help="take the lessons of a signed file")
    one.add_argument("file", type=Path)
    one.add_argument("--state", type=Path, default=Path("/var/lib/kiosk/state"), metavar="DIR")
    chosen = parser.parse_args(arguments)
    try:
        count = install(chosen.file.read_bytes(), chosen.state, time.time_ns() // 1_000_000)
    except (ValueError, LookupError, OSError) as error:
        print(f"refused: {error}", file=sys.stderr)
        return 1
    print(f"{count} lessons; offered from the screen's next start on")
    return 0
