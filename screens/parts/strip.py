"""The strip at the bottom of every page, outside the imitated machine: hear it, the coach's sentence, help, and the
way out.

It is there with or without a lesson, but not while somebody is examined, and never holds a key of the machine. The
loudspeaker is also the question "what is this?": once pressed it stays lit, and the next thing that is touched is
explained instead of acting.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from kiosk_firmware.core.pages import Key, Text
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.core.texts import FALLBACK, Words
from screens.parts import icons
from screens.stage.page_canvas import LYING, STRIP_HIGH, GlassFrame, TouchTarget
from screens.stage.painter import LEAST, Painter, PlacedItem, Rect, plain_quotes

GROUND, INK, RIM, SUN = "#FFF7DF", "#3A2E05", "#8A6400", "#F0B400"
SHOWN, MARK = "#DCEBFF", "#123A7A"
"""A demonstration's ground, and the mark on it."""
PREFIX = "strip."
Kind = Literal["hear", "show", "teacher", "end", "more"]

_OWN = {
    "zh": {
        "show": "演示一步",
        "teacher": "叫老师",
        "end": "结束",
        "more": "多给时间",
        "practice": "练习机",
        "showing": "演示",
        "looking": "回看",
    },
    "en": {
        "show": "Show me",
        "teacher": "Teacher",
        "end": "End",
        "more": "More time",
        "practice": "Practice",
        "showing": "Demo",
        "looking": "Look back",
    },
}


def label(kind: str, words: Words | None, language: str) -> str:
    """Return a strip key's text: `strip.<kind>` of the words if they have it, else our own."""
    name = f"{PREFIX}{kind}"
    if words and words.has(name):
        return words.write(Text(name), language)
    return _OWN.get(language, _OWN[FALLBACK])[kind]


def draw(
    painter: Painter, strip: Strip, text: Callable[[str], str], asking: bool, frame: GlassFrame = LYING
) -> list[TouchTarget]:
    """Draw the strip; `text` gives a key's label, `asking` lights the loudspeaker. The hots are the strip's own. Where
    the glass stands upright, the sentence has a row of its own above the keys.
    """
    place = frame.strip
    painter.fill(place, SHOWN if strip.marked else GROUND)
    painter.fill(Rect(0, place.y, place.w, 3), RIM)
    row = Rect(0, place.bottom - STRIP_HIGH, place.w, STRIP_HIGH)
    ear = Rect(20, row.y + 15, 76, 76)
    hots = [_added(painter, "hear", ear, partial(_ear, rect=ear, asking=asking), frame)]
    right = row.w - 20
    offered = {"end": strip.ends, "teacher": not strip.marked, "show": strip.can_show and not strip.marked}
    for kind in ("end", "teacher", "show") if not strip.marked else ("end",):
        written = text(kind)
        wide = max(110.0, painter.letters.width(written, 34) + 48)
        rect = Rect(right - wide, row.y + 15, wide, 76)
        if offered[kind]:
            hots.append(_added(painter, kind, rect, partial(_key, text=written, rect=rect), frame))
        if offered[kind] or kind == "end":  # the place of "end" is nothing else's: a second press must meet nothing
            right -= wide + 16
    left = 114.0 + (_badge(painter, text(strip.marked), row.y) if strip.marked else 0)
    room = Rect(left, row.y + 5, right - left - 4, STRIP_HIGH - 8)
    if frame.tall:
        room = Rect(24, place.y + 6, place.w - 48, row.y - place.y - 2)
    _said(painter, strip.sentence, room)
    return hots


def _said(painter: Painter, sentence: str, room: Rect) -> None:
    """Draw the sentence in one or two lines; a long task in three that are a little smaller."""
    short = painter.letters.fit(plain_quotes(sentence), room.w, 36, LEAST["act"], 2, high=room.h, gap=1.28).fits
    if short or not sentence:
        painter.text(sentence, room, 36, INK, align="left", most=2, gap=1.28)
    else:
        painter.text(sentence, room, 32, INK, use="read", align="left", most=3, gap=1.14)


def _badge(painter: Painter, text: str, top: float) -> float:
    """Draw the word that marks a demonstration; return the width that it takes."""
    wide = painter.letters.width(text, 36, True) + 44
    painter.box(Rect(114, top + 23, wide, 60), 30, MARK)
    painter.text(text, Rect(114, top + 23, wide, 60), 36, "#FFFFFF", bold=True)
    return wide + 20


def _added(
    painter: Painter, kind: str, rect: Rect, drawn: Callable[[Painter, bool], None], frame: GlassFrame
) -> TouchTarget:
    drawn(painter, False)
    key = Key(f"{PREFIX}{kind}", "choice", Text(f"{PREFIX}{kind}"))
    painter.notes.append(PlacedItem("key", rect, Rect(0, 0, frame.wide, frame.high), key.name, role="strip"))
    return TouchTarget(key, rect, drawn)


def _ear(painter: Painter, pressed: bool, rect: Rect, asking: bool) -> None:
    dark = pressed or asking
    painter.box(rect, 38, INK if dark else SUN, RIM, 3)
    icons.draw(painter, "ear", rect.grown(-17), SUN if dark else INK, 8)


def _key(painter: Painter, pressed: bool, text: str, rect: Rect) -> None:
    painter.box(rect, 18, INK if pressed else "#FFFFFF", RIM, 3)
    painter.text(text, rect.grown(-6), 34, "#FFFFFF" if pressed else INK)
