"""The take-home sheet of a lesson: its steps in large print, and telephone numbers that help, on one page of paper.

The steps are what the coach says from the lesson's beginning to its goal, on one skin, so that a sheet never says what
a machine does not do. The page is a whole HTML file without anything from elsewhere; a browser prints it on A4 or A5.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.pages import Text
from kiosk_firmware.tools.authoring import lesson_check

HERE = Path(__file__).parent
_STYLE = (
    "@page{margin:14mm}body{font:20pt/1.45 'Source Han Sans SC','Noto Sans CJK SC',sans-serif;color:#000;margin:0 auto;"
    "max-width:180mm}h1{font-size:32pt;margin:0 0 4mm}h2{font-size:24pt;margin:8mm 0 2mm}li{margin:2mm 0}"
    "li,tr{break-inside:avoid}table{border-collapse:collapse}td{padding:1.5mm 4mm 1.5mm 0;vertical-align:top}"
    "td:first-child{font-weight:bold;font-size:24pt}.calm{border:1mm solid #000;padding:3mm;font-weight:bold}"
)


class SheetFrame(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The texts around the steps, in one language; `hotlines`: number → what for, in the order of the paper."""

    steps: str
    calm: str
    lines: str
    hotlines: dict[str, str]


class SheetFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`sheet.toml`."""

    source: str
    checked_on: str
    zh: SheetFrame
    en: SheetFrame


def around(language: str) -> SheetFrame:
    """Return the words around a sheet in that language."""
    file = msgspec.toml.decode((HERE / "sheet.toml").read_bytes(), type=SheetFile)
    return file.en if language == "en" else file.zh


def sheet(machine: str, lesson: str, skin: str, language: str) -> str:
    """Write the page as HTML.

    Raises:
        LookupError: there is no such machine, skin or lesson; says which there are.
    """
    known = {one.id: one for one in machine_loader.lessons(machine)}
    if lesson not in known:
        raise LookupError(f"lesson {lesson!r}: {machine} has {', '.join(known)}")
    skins = [one for one in machine_loader.skins(machine) if known[lesson].setting.skin in ("", one)]
    skin = skin or skins[0]
    if skin not in skins:
        raise LookupError(f"skin {skin!r}: allowed are {', '.join(skins)}")
    steps = lesson_check.coach_sentences(machine, skin, known[lesson])[language]
    words = machine_loader.machine_texts(machine, skin)
    title = words.write(Text(f"lesson.{lesson}.title"), language)
    task = words.write(Text(f"lesson.{lesson}.task"), language)
    return _page(language, machine_loader.entry(machine).name[language], title, task, steps)


def _page(language: str, machine: str, title: str, task: str, steps: tuple[str, ...]) -> str:
    said = around(language)
    items = "".join(f"<li>{_marked(step)}</li>" for step in _without_waits(steps))
    rows = "".join(f"<tr><td>{number}</td><td>{html.escape(what)}</td></tr>" for number, what in said.hotlines.items())
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{_STYLE}</style>'
    body = (
        f"<h1>{html.escape(machine)} · {_marked(title)}</h1><p>{_marked(task)}</p><h2>{said.steps}</h2><ol>{items}</ol>"
        f'<p class="calm">{html.escape(said.calm)}</p><h2>{said.lines}</h2><table>{rows}</table>'
    )
    return f'<!doctype html><html lang="{language}"><head>{head}</head><body><main>{body}</main></body></html>\n'


def _without_waits(steps: tuple[str, ...]) -> list[str]:
    """Drop a sentence that repeats the one before: on paper it is one step."""
    return [step for at, step in enumerate(steps) if at == 0 or step != steps[at - 1]]


def _marked(said: str) -> str:
    """Return a sentence of the texts as HTML, `**bold**` as such."""
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html.escape(said))
