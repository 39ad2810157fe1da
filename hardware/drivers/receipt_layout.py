"""A core Document as lines of receipt paper.

The theory. Paper has columns; Chinese takes two of them a character. A row's label stands left and its value right;
when both do not fit on a line, the value goes to the next one, still right. Nothing is cut off: long text goes on
below.
"""

from __future__ import annotations

from collections.abc import Callable

from hardware.protocols.escpos import Line, Part, Stacked, width
from kiosk_firmware.core.effects import Document
from kiosk_firmware.core.pages import Text

COLUMN_DOTS = 12
"""Dots of a half-width character: 384 on 58 mm paper, 576 on 80 mm."""
_NO_LINE_START = "，。、；：？！）》」』”’％,.;:?!)]}%"


def wrap(text: str, columns: int) -> list[str]:
    """Wrap *text* into lines of at most *columns* columns; break at spaces where there are any, never before a closing
    mark.
    """
    lines: list[str] = []
    line = ""
    for char in text:
        if width(line) + width(char) <= columns:
            line += char
            continue
        at = line.rfind(" ") + 1
        if char == " " or at == 0 or width(char) == 2:
            at = len(line)
        if char in _NO_LINE_START and at == len(line) and len(line) > 1:
            at -= 1
        lines.append(line[:at].rstrip())
        line = line[at:] + char.lstrip() if at < len(line) else char.lstrip()
    return [*lines, line] if line or not lines else lines


def row(label: str, value: str, columns: int) -> list[str]:
    """Lay a label and its value on one line, or on as many as they need."""
    gap = columns - width(label) - width(value)
    if gap >= 1:
        return [label + " " * gap + value]
    return wrap(label, columns) + [" " * (columns - width(part)) + part for part in wrap(value, columns)]


def lay_out(document: Document, render: Callable[[Text], str], columns: int) -> list[Part]:
    """Lay the slip out as lines: title big and centred, rows, a blank line, foot, the code if there is one. *render*
    turns a Text into what is printed.
    """
    title = wrap(render(document.title), columns // 2)
    lines: list[Part] = [Line(part, bold=True, big=True, align="center") for part in title]
    lines.append(Line(""))
    for label, value in document.rows:
        lines += [Line(part) for part in row(render(label), render(value), columns)]
    if document.foot:
        lines.append(Line("-" * columns))
    for text in document.foot:
        lines += [Line(part) for part in wrap(render(text), columns)]
    return [*lines, Stacked(document.code, columns * COLUMN_DOTS)] if document.code else lines
