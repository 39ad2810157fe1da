"""`kiosk content install FILE`: what is practised, signed by the office, without a new system or a start of it.

The file holds lessons as teachers write them, dated rules, texts and recordings (`sites` says where each comes to lie).
It is whole: what it does not hold is as the system has it. Either all of it is taken or nothing, since each part is
read and checked in a folder of its own, and one small file decides. Numbers only go up, so an old file cannot bring
back what was taken out. The screen takes it up between two turns (`unit/shell/content_reload.py`); the content before
stays until the next one, for whoever is at a run.
"""

from __future__ import annotations

import argparse
import datetime
import re
import shutil
import sys
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kiosk_firmware.catalogue import machine_loader, site_content
from kiosk_firmware.core import toml_files
from kiosk_firmware.core.languages import languages
from kiosk_firmware.core.rulepack import valid_on
from kiosk_firmware.core.texts import TextForms, table
from kiosk_firmware.system.durable_files import make_folder, move_whole, write_whole
from kiosk_firmware.system.state_folders import READABLE, agent_folder
from kiosk_firmware.system.utc_clock import utc_ms

if TYPE_CHECKING:
    from kiosk_firmware.wire.enrolment_messages import Content
LIMIT = 64 * 1024 * 1024
"""Bytes of a file, at most."""
_CLIP = re.compile(r"pack\.json|[0-9]{5}\.wav")
_HOLE, _QUOTED = re.compile(r"\{(\w+)\}"), re.compile(r"\{=([\w.-]+)\}")


def install(data: bytes, state: Path, now_ms: int) -> int:
    """Take a signed file; its number.

    Raises:
        ValueError: refused; says why. Nothing was changed.
        LookupError: something is for a machine that there is not. Nothing was changed.
    """
    from kiosk_firmware.unit.identity.unit_identity import UnitTrust
    from kiosk_firmware.wire import signed_document  # needed by nothing else of the screen's start
    from kiosk_firmware.wire.enrolment_messages import CONTENT, Content

    if len(data) > LIMIT:
        raise ValueError(f"{len(data)} bytes: allowed are {LIMIT}")
    member = UnitTrust(state)
    _, content = signed_document.open_document(data, CONTENT, Content, member.root(), now_ms, "signer", member.crl())
    last = site_content.number(state)
    if content.version < last or (content.version == last and site_content.is_whole(state)):
        raise ValueError(f"version = {content.version}: allowed is one above {last}")
    base = agent_folder(state) / site_content.FOLDER
    fresh = base / f"{content.version}.new"
    for left in base.glob("*.new"):
        shutil.rmtree(left)
    try:
        unpack(content, fresh, now_ms)
        site_content.index(fresh)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    shutil.rmtree(base / str(content.version), ignore_errors=True)  # of a cut before the number was written
    move_whole(fresh, base / str(content.version))
    made = msgspec.json.encode(site_content.Number(content.version))
    write_whole(agent_folder(state) / site_content.NUMBER, made, READABLE)
    for path in base.iterdir():
        if path.name not in (str(content.version), str(last)):
            shutil.rmtree(path)
    return content.version


def unpack(content: Content, into: Path, now_ms: int) -> None:
    """Check every part and lay it down. Raises as `install`."""
    make_folder(into)
    for machine, file in content.lessons:
        machine_loader.keep(machine, file, into / site_content.LESSONS)
    today = datetime.datetime.fromtimestamp(now_ms / 1000, machine_loader.UTC8).date()
    for machine, file in content.packs:
        valid_on(machine_loader.packs_of(machine, toml_files.parse_toml(file, f"{machine}/rulepack.toml")), today)
        write_whole(into / machine_loader.place_of_packs(machine), file.encode(), READABLE)
    for machine, language, file in content.texts:
        if language not in machine_loader.LANGUAGES:
            raise ValueError(f"{machine}: language = {language!r}: allowed are {', '.join(machine_loader.LANGUAGES)}")
        _fit(machine, language, table(toml_files.parse_toml(file, f"{machine}/{language}.toml")))
        write_whole(
            into / machine_loader.folder(machine).relative_to(machine_loader.PACKAGE) / f"{language}.toml",
            file.encode(),
            READABLE,
        )
    _voices(content, into / "voices")


def _fit(machine: str, language: str, said: dict[str, TextForms]) -> None:
    """Check that a text stands in for one that is there, and has no hole that nobody fills. Raises ValueError: it does
    not.
    """
    words = machine_loader.machine_texts(machine)
    for key, text in said.items():
        if key not in words.keys("zh"):
            raise ValueError(f"{machine}/{language}.toml: {key}: there is no such text")
        there = words.entry(key, language)
        known = {hole for form in (there.text, there.say) for hole in _HOLE.findall(form)}
        if odd := {hole for form in (text.text, text.say) for hole in _HOLE.findall(form)} - known:
            allowed = ", ".join(sorted(known)) or "none"
            raise ValueError(f"{machine}/{language}.toml: {key}: {{{odd.pop()}}}: allowed are {allowed}")
        if unknown := [one for one in _QUOTED.findall(text.text + text.say) if not words.has(one)]:
            raise ValueError(f"{machine}/{language}.toml: {key}: {{={unknown[0]}}}: there is no such text to quote")


def _voices(content: Content, into: Path) -> None:
    from screens.media.voice_pack import open_pack, samples  # only where there are recordings

    for language, name, data in content.voices:
        if language not in languages():
            raise ValueError(f"voices: language = {language!r}: allowed are {', '.join(languages())}")
        if not _CLIP.fullmatch(name):
            raise ValueError(f"voices/{language}: {name!r}: allowed are pack.json and 00001.wav")
        write_whole(into / language / name, data, READABLE)
    for folder in sorted(into.glob("*/")):
        pack = open_pack(folder)
        if pack.index.language != folder.name:
            raise ValueError(f"voices/{folder.name}: language = {pack.index.language!r}: allowed is {folder.name!r}")
        for file in pack.index.clips.values():
            try:
                samples(folder / file)
            except (OSError, EOFError, wave.Error) as error:
                raise ValueError(f"voices/{folder.name}/{file}: {error}") from error


def main(name: str, arguments: Sequence[str]) -> int:
    """Run `kiosk content install FILE [--state DIR]`. Returns 0 done, 1 refused."""
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="What is practised, signed by the office.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    one = verbs.add_parser("install", help="take what a signed file holds")
    one.add_argument("file", type=Path)
    one.add_argument("--state", type=Path, default=Path("/var/lib/kiosk/state"), metavar="DIR")
    chosen = parser.parse_args(arguments)
    try:
        number = install(chosen.file.read_bytes(), chosen.state, utc_ms())
    except (ValueError, LookupError, OSError) as error:
        print(f"refused: {error}", file=sys.stderr)
        return 1
    print(f"content {number}; the screen takes it up between two turns")
    return 0
