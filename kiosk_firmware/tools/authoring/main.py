"""`kiosk lessons check | new | sheet | offer | try` and `kiosk rulepack check`: what authors write, and is it fit for
learners?

`check`: what is wrong comes as lines "file: lesson or pack: key = value: what is allowed", and the exit code is 1. What
is right is listed too: how many steps each lesson takes on each skin, and until when each pack may be trusted.
`new` asks for a lesson, checks it and writes it into a site's folder (`MACHINE/ID.toml`), from where a unit offers it.
`sheet` writes a lesson's take-home sheet. `offer` and `try` are the same for the office's page: JSON about what can be
chosen, and a draft on standard input.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from kiosk_firmware.catalogue import machine_loader, site_content
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.tools.authoring import lesson_check, lesson_drafts, rulepack_check, take_home_sheet
from kiosk_firmware.tools.authoring.author_choices import machines, offer
from kiosk_firmware.tools.authoring.terminal_dialogue import Dialogue

SITE = Path("lessons.d")


def main(name: str, arguments: Sequence[str]) -> int:
    """Run `lessons` or `rulepack`, as `name` says; see the file's head. Returns 0, or 1 where something is wanting.

    Raises:
        LookupError: there is no such machine.
    """
    chosen = _parser(name).parse_args(arguments)
    match chosen.command:
        case "new":
            return new(chosen.machine, chosen.language, chosen.into)
        case "sheet":
            return _sheet(chosen)
        case "offer":
            return say(offer(chosen.machine) if chosen.machine else machines())
        case "try":
            draft = msgspec.json.decode(sys.stdin.buffer.read(), type=lesson_drafts.Draft)
            return say(lesson_drafts.try_draft(draft), draft.machine, chosen.into)
        case _:
            return check(name, chosen)


def _parser(name: str) -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description=__doc__, formatter_class=raw)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="say what is wrong and what is right")
    check.add_argument("machine", nargs="?", help="default: all machines")
    if name == "rulepack":
        check.add_argument("--on", type=datetime.date.fromisoformat, metavar="DATE", help="as if it were that day")
        return parser
    check.add_argument("--site", type=Path, metavar="DIR", help="and a site's lessons in that folder")
    fresh = commands.add_parser("new", help="write a lesson by questions and answers")
    fresh.add_argument("machine")
    fresh.add_argument("--language", default="zh", choices=machine_loader.LANGUAGES, help="of the questions")
    fresh.add_argument("--into", type=Path, default=SITE, metavar="DIR", help=f"the site's folder (default {SITE})")
    paper = commands.add_parser("sheet", help="write the take-home sheet of a lesson, a page to print")
    paper.add_argument("machine")
    paper.add_argument("lesson")
    paper.add_argument("--skin", default="", help="default: the first that the lesson is for")
    paper.add_argument("--language", default="zh", choices=machine_loader.LANGUAGES)
    paper.add_argument("--site", type=Path, metavar="DIR", help="and a site's lessons in that folder")
    paper.add_argument("--into", default="sheet.html", metavar="FILE", help="default sheet.html; - is standard output")
    offered = commands.add_parser("offer", help="as JSON, what can be chosen for a lesson")
    offered.add_argument("machine", nargs="?", help="default: only the machines' names")
    trial = commands.add_parser("try", help="a draft as JSON on standard input: what is wrong, the steps, the file")
    trial.add_argument("--into", type=Path, metavar="DIR", help="keep it there if it is right")
    return parser


def _sheet(chosen: argparse.Namespace) -> int:
    """Write a lesson's take-home sheet where asked."""
    if chosen.site:
        machine_loader.site(chosen.site)
    page = take_home_sheet.sheet(chosen.machine, chosen.lesson, chosen.skin, chosen.language)
    if chosen.into == "-":
        print(page, end="")
    else:
        write_whole(Path(chosen.into), page.encode(), 0o644)
        print(chosen.into)
    return 0


# -- checking ----------------------------------------------------------------------------------------------------------


def check(name: str, chosen: argparse.Namespace) -> int:
    """Check lessons or rule packs; 1 where something is wanting."""
    wrong: list[str] = []
    if getattr(chosen, "site", None):
        machine_loader.site(chosen.site)
        wrong += _unreadable(chosen.site)
    wanted = [machine_loader.entry(chosen.machine)] if chosen.machine else list(machine_loader.describe())
    for entry in wanted:
        wrong += check_lessons(entry.id) if name == "lessons" else check_packs(entry.id, chosen.on)
    for line in wrong:
        print(f"✗ {line}")
    print(f"{len(wrong)} wanting" if wrong else "all is well")
    return 1 if wrong else 0


def _unreadable(base: Path) -> list[str]:
    """Return what a unit would leave out of a site's folder."""
    found = []
    for path in sorted(base.glob("*/*.toml")):
        try:
            site_content.lesson(path)
        except ValueError as error:
            found.append(f"{path.parent.name}/{error}")
    return found


def check_lessons(machine: str) -> list[str]:
    """Print what each lesson takes; returns what is wrong. A lesson that is wrongly written is not tried."""
    wrong = lesson_check.written_wrong(machine)
    if wrong:
        return wrong
    for trial in lesson_check.trials(machine):
        told = f"{trial.steps} steps, {trial.acts} acts" if trial.steps else "no way"
        print(f"  {machine} · {trial.skin} · level {trial.level} · {trial.lesson}: {told}", flush=True)
        wrong += trial.wrong
    return wrong


def check_packs(machine: str, on: datetime.date | None) -> list[str]:
    """Print how long each pack may be trusted; returns what is wrong. `on`: the day it is (default: today)."""
    today = on or machine_loader.today()
    for pack in machine_loader.packs(machine).pack:
        print(f"  {machine} · {pack.id}: checked on {pack.checked_on}, to be reviewed by {pack.review_by}")
    return rulepack_check.wrong(machine, today)


# -- writing -----------------------------------------------------------------------------------------------------------


def new(machine: str, language: str, into: Path) -> int:
    """Ask for a lesson, show what the coach does in it, and keep it if it is right."""
    try:
        draft = Dialogue(offer(machine), language, input).draft()
    except EOFError:
        raise ValueError("the answers ended before the lesson was asked for") from None
    found = lesson_drafts.try_draft(draft)
    for problem in found.wrong:
        print(f"✗ {problem.line}")
    if found.wrong:
        return 1
    for skin, ways in found.ways.items():
        print(f"  {skin}:")
        for n, line in enumerate(ways[language], 1):
            print(f"    {n:>2}  {line.replace('**', '')}")
    print(machine_loader.keep(machine, found.file, into))
    return 0


def say(what: object, machine: str = "", into: Path | None = None) -> int:
    """Print JSON on standard output; a draft that is right is kept where asked. 1 where a draft is wrong."""
    print(msgspec.json.encode(what).decode(), flush=True)
    if isinstance(what, lesson_drafts.DraftResult):
        if what.file and into:
            machine_loader.keep(machine, what.file, into)
        return 1 if what.wrong else 0
    return 0
