"""`kiosk voices check FOLDER` and `kiosk voices record FOLDER`: a voice from recordings, made offline; `kiosk voices
texts`: what a language has no text for.

`check` says what the pack in FOLDER cannot say yet, and what it says that stands nowhere any more; the exit code is 1
where something is wanting. `record` leads a speaker through what is wanting. A unit speaks from it with
`[voice] packs = {zh = "FOLDER"}`. `texts` lists, for one language or for all, the texts of coach, lobby and debrief
that stand in Mandarin because the language's folder lacks them; a language that is only spoken lacks none.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.languages import languages
from kiosk_firmware.tools.voice_recording.record import record
from kiosk_firmware.tools.voice_recording.speaker_script import script, unrecorded_lines, unused_recordings
from kiosk_firmware.unit.lobby.texts import LEARNERS
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from screens.media.voice_pack import open_pack


def main(name: str, arguments: Sequence[str]) -> int:
    """See the file's head. Returns 0, or 1 where something is wanting.

    Raises:
        ValueError: the folder's pack is wrong, or nothing can record.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description=__doc__)
    parser.add_argument("command", choices=("check", "record", "texts"))
    parser.add_argument("folder", type=Path, nargs="?", help="the pack's; not for texts")
    parser.add_argument("--language", choices=tuple(languages()), default="", help="whose texts; zh, for texts all")
    parser.add_argument("--machine", action="append", default=[], help="only this one and the lobby; repeatable")
    chosen = parser.parse_args(arguments)
    if chosen.command == "texts":
        return _texts([chosen.language] if chosen.language else list(languages()))
    if chosen.folder is None:
        parser.error(f"{chosen.command}: the pack's folder is wanting")
    return _pack(chosen)


def _texts(wanted: Sequence[str]) -> int:
    words, lacking = lobby_words(folders=LEARNERS), 0
    for language in wanted:
        missing = words.missing(language) if languages()[language].written else ()
        lacking += len(missing)
        for key in missing:
            print(f"✗ {language} {key}: {words.entry(key, language).text}")
        print(
            f"{language} {languages()[language].name}: {len(words.keys('zh')) - len(missing)} of "
            f"{len(words.keys('zh'))} texts; {len(missing)} stand in Mandarin"
        )
    return 1 if lacking else 0


def _pack(chosen: argparse.Namespace) -> int:
    chosen.language = chosen.language or "zh"
    lines = script(chosen.language, [machine_loader.entry(machine).id for machine in chosen.machine])
    pack = open_pack(chosen.folder, chosen.language)
    missing = unrecorded_lines(pack, lines)
    if chosen.command == "record":
        kept = record(pack, missing, input)
        print(f"{kept} recorded, {len(missing) - kept} wanting")
        return 0
    for line in missing:
        print(f"✗ {line.said} ({line.keys[0]})")
    for said in unused_recordings(pack, lines):
        print(f"  no text says {said!r} any more: {pack.index.clips[said]}")
    print(f"{len(lines) - len(missing)} of {len(lines)} can be said; {len(missing)} wanting")
    return 1 if missing else 0
