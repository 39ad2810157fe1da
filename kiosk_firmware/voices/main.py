"""`kiosk voices check FOLDER` and `kiosk voices record FOLDER`: a voice from recordings, made offline.

`check` says what the pack in FOLDER cannot say yet, and what it says that stands nowhere any more; the exit code is 1
where something is wanting. `record` leads a speaker through what is wanting. A unit speaks from it with
`[voice] packs = {zh = "FOLDER"}`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from kiosk_firmware import catalogue
from kiosk_firmware.voices.record import record
from kiosk_firmware.voices.script import script, unused, wanting
from screens.clips import opened


def main(name: str, arguments: Sequence[str]) -> int:
    """See the file's head. Returns 0, or 1 where something is wanting.

    Raises:
        ValueError: the folder's pack is wrong, or nothing can record.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description=__doc__)
    parser.add_argument("command", choices=("check", "record"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", choices=catalogue.LANGUAGES, default="zh", help="whose texts are spoken")
    parser.add_argument("--machine", action="append", default=[], help="only this one and the lobby; repeatable")
    chosen = parser.parse_args(arguments)
    lines = script(chosen.language, [catalogue.entry(machine).id for machine in chosen.machine])
    pack = opened(chosen.folder, chosen.language)
    missing = wanting(pack, lines)
    if chosen.command == "record":
        kept = record(pack, missing, input)
        print(f"{kept} recorded, {len(missing) - kept} wanting")
        return 0
    for line in missing:
        print(f"✗ {line.said} ({line.keys[0]})")
    for said in unused(pack, lines):
        print(f"  no text says {said!r} any more: {pack.index.clips[said]}")
    print(f"{len(lines) - len(missing)} of {len(lines)} can be said; {len(missing)} wanting")
    return 1 if missing else 0
