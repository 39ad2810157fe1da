"""A document as lines of a receipt: what is printed, what the front panel shows, what a test reads.

Paper of 58 mm has 32 columns; a Han character takes two. A row is the label at the left and the value at the right; one
that is too long takes two lines.
"""

from __future__ import annotations

import unicodedata

from kiosk_firmware.core.effects import Document
from kiosk_firmware.core.texts import Words
from screens.text.line_breaking import wrap

COLUMNS = 32


def width(line: str) -> int:
    """Return how many columns a line takes."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)


def lines(document: Document, words: Words, language: str, columns: int = COLUMNS) -> list[str]:
    """Return the document's lines: title in the middle, rows, a rule, and what stands below."""
    title = words.write(document.title, language)
    found = [" " * max(0, (columns - width(title)) // 2) + title, "-" * columns]
    for label, value in document.rows:
        found += _row(words.write(label, language), words.write(value, language), columns)
    if document.foot:
        found.append("-" * columns)
    for foot in document.foot:
        found += wrap_line(words.write(foot, language), columns)
    return found


def _row(label: str, value: str, columns: int) -> list[str]:
    space = columns - width(label) - width(value)
    if space >= 1:
        return [label + " " * space + value]
    return [
        *wrap_line(label, columns),
        *(" " * max(0, columns - width(part)) + part for part in wrap_line(value, columns)),
    ]


def wrap_line(line: str, columns: int) -> list[str]:
    """Lay a line on the paper's width, broken where a glass would; what is too long for it is cut."""
    laid = wrap(line, columns, lambda part, bold: width(part)).lines
    return [part for run in laid for part in _cut("".join(one.text for one in run), columns)]


def _cut(line: str, columns: int) -> list[str]:
    found, left = [], line
    while width(left) > columns:
        cut = _fitting_length(left, columns)
        found.append(left[:cut].rstrip())
        left = left[cut:].lstrip()
    return [*found, left]


def _fitting_length(line: str, columns: int) -> int:
    cut = next(n for n in range(len(line) + 1) if width(line[: n + 1]) > columns)
    space = line.rfind(" ", 0, cut + 1)
    inside_word = line[cut - 1 : cut + 1].isascii() and " " not in line[cut - 1 : cut + 1]
    return space + 1 if inside_word and space > 0 else max(1, cut)
