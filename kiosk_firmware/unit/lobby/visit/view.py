"""The visit's pages. What is said of the line is the visit process's word; a picture that stands, a line that is cut
and a clock that rests are said in words, not only seen.
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.pages import Body, Key, Page, Role, Text, text
from kiosk_firmware.unit.lobby.phases.visit import (
    PLEDGES,
    AnyVisitPhase,
    Calling,
    Camera,
    Carding,
    Greeted,
    Parted,
    Pledging,
    Sound,
    Standing,
    Visit,
)
from kiosk_firmware.visit.wire.messages import Shown

NOBODY = Visit("", "")
BREACHES = ("words", "language", "phone", "recording")


def page(phase: AnyVisitPhase, known: Standing, readers: tuple[str, ...]) -> Page:
    """Return the page of a phase; `readers`: where a card can be held."""
    visit = known.visit or NOBODY
    match phase:
        case Greeted(unsigned=unsigned):
            return _greeting_page(visit, unsigned)
        case Carding(wrong=wrong):
            return _card_page(wrong, readers)
        case Pledging(at=at):
            return _pledge(visit, at)
        case Camera(bad=bad):
            return _camera(known.line, bad)
        case Sound(bad=bad):
            return _sound(known.line, bad)
        case Calling(sure=sure):
            return _call_page(visit, known.line, sure)
        case Parted(end=end):
            return _end_page(end)
        case _:
            assert_never(phase)


def announcement(visit: Visit | None) -> Text | None:
    """Return what the first page says of a visit that is still to come, or goes on; None where there is none."""
    if visit is None or visit.due == "late":
        return None
    return text(f"visiting.today.{visit.due}", clock=visit.clock)


def tile(visit: Visit | None) -> Key | None:
    """Return the learner's own visit among the tiles of home; None where there is none."""
    if visit is None or not visit.mine:
        return None
    sub = text(f"visiting.tile.{visit.due}", clock=visit.clock)
    return Key("home.visit", "choice", Text("visiting.tile.title"), "", sub, "eye")


def _key(name: str, role: Role = "choice", icon: str = "") -> Key:
    return Key(f"visit.{name}", role, Text(f"visiting.key.{name}"), icon=icon)


def _message(step: str, title: Text, lines: tuple[Text, ...], keys: tuple[Key, ...], icon: str) -> Page:
    return Page("Message", f"visit-{step}", title, lines[0], Body(lines, icon=icon), keys, private=True)


def _greeting_page(visit: Visit, unsigned: bool) -> Page:
    title = text("visiting.greeted.title", clock=visit.clock)
    if visit.due != "now":
        when = text(f"visiting.greeted.{visit.due}", clock=visit.clock)
        return _message(visit.due, title, (when,), (_key("ok", "primary"),), "clock")
    first = Text("visiting.greeted.unsigned") if unsigned else text("visiting.greeted.who", people=visit.people)
    lines = (first, text("visiting.greeted.how", minutes=visit.minutes))
    return _message("greeted", title, lines, (_key("later", "back"), _key("start", "primary")), "hand")


def _card_page(wrong: bool, readers: tuple[str, ...]) -> Page:
    way = "in" if "card_reader" in readers else "tap"
    how = Text(f"visiting.card.{'none' if not readers else 'wrong' if wrong else way}")
    keys, picture = (_key("later", "back"),), f"card_{way}"
    return Page("Insert", "visit-card", Text("visiting.card.title"), how, Body((how,), icon=picture), keys, at=readers)


def _pledge(visit: Visit, at: int) -> Page:
    last = at + 1 == PLEDGES
    keys = (_key("unsigned", "back"), _key("sign" if last else "on", "primary"))
    title = text("visiting.pledge.title", at=at + 1, of=PLEDGES)
    lines = _witness_texts(visit) if at == 0 else (Text("visiting.pledge.last" if last else f"visit_pledge.{at}"),)
    return _message(f"pledge-{at + 1}", title, lines, keys, "eye" if at == 0 else "statement")


def _witness_texts(visit: Visit) -> tuple[Text, ...]:
    """Return who may see and hear it, before a word is spoken."""
    recorded = Text(f"visiting.told.{'recorded' if visit.recorded else 'unrecorded'}")
    return recorded, Text(f"visiting.told.{'watched' if visit.watched else 'unwatched'}")


def _checks(bad: bool) -> tuple[Key, ...]:
    if bad:
        return _key("helper", "choice", "help"), _key("again", "primary")
    return _key("no"), _key("yes", "primary")


def _camera(line: Shown | None, bad: bool) -> Page:
    there = line is not None and line.camera
    word = "help" if bad else "how" if there else "wait"
    how = Text(f"visiting.camera.{word}")
    body = Body((how,), icon="live-self" if there else "live-dark")
    keys = _checks(bad)
    return Page(
        "Video", f"visit-camera{'-help' if bad else ''}", Text("visiting.camera.title"), how, body, keys, private=True
    )


def _sound(line: Shown | None, bad: bool) -> Page:
    level = line.sound if line else -1
    word = "help" if bad else "how" if level >= 0 else "none"
    how = Text(f"visiting.sound.{word}")
    body = Body((how,), icon="live-sound", digits=max(0, level), length=100)
    keys = _checks(bad)
    return Page(
        "Video", f"visit-sound{'-help' if bad else ''}", Text("visiting.sound.title"), how, body, keys, private=True
    )


def _call_page(visit: Visit, line: Shown | None, sure: bool) -> Page:
    """Return the page of waiting for the family, talking, cut off: one page and one step, whose words follow the visit
    process. A picture that stands still and goes on is no new page: the finger that is on a key meanwhile presses it.
    """
    word = _how_it_stands(line)
    title = Text(f"visiting.title.{word}")
    lines = (Text("visiting.sure"),) if sure else _call_texts(word, line)
    out = (
        (_key("stop", "danger"), _key("stay", "primary"))
        if sure
        else (
            _key("end", "back"),
            _key("helper", "choice", "help"),
        )
    )
    total = visit.minutes * 60
    body = Body(lines, icon=_ICONS[word], digits=min(total, _seconds(line)) if line else 0, length=total if line else 0)
    return Page("Video", "visit-end-sure" if sure else "visit-call", title, lines[0], body, out, private=True)


_ICONS = {
    "waiting": "live-self",
    "ready": "live-self",
    "talking": "live-talk",
    "frozen": "live-still",
    "cut": "live-cut",
    "away": "live-cut",
}


def _how_it_stands(line: Shown | None) -> str:
    if line is None:
        return "away"
    if line.phase == "talking":
        return "frozen" if line.frozen else "talking"
    return line.phase if line.phase in ("waiting", "ready", "cut") else "away"


def _call_texts(word: str, line: Shown | None) -> tuple[Text, ...]:
    """Return what to know now: what stands still, else the last thing that happened, else how to sit."""
    if line is None or word == "frozen":
        return (Text(f"visiting.line.{word}"),)
    if word == "cut":
        return (Text(f"visiting.line.cut_{'runs' if line.running else 'rests'}"),)
    if word == "waiting":
        return (Text(f"visiting.line.waiting_{'there' if line.station else 'alone'}"),)
    if word == "talking" and line.notice:
        return (Text(f"visiting.notice.{line.notice}"),)
    if word == "talking" and line.officer:
        return (Text("visiting.line.officer"),)
    return (Text(f"visiting.line.{word}"),)


def _seconds(line: Shown) -> int:
    """Return what is left, in seconds begun."""
    return -(-line.left_ms // 1000)


def _end_page(end: str) -> Page:
    """Return how it ended, without blame; a breach is named as the undertaking named it."""
    word = end or "time"
    line = Text(f"visit_reason.{end}") if end in BREACHES else Text(f"visiting.over.{word}")
    title = Text("visiting.over.cut" if end in BREACHES else "visiting.over.title")
    lines = (line, Text(f"visiting.next.{_next(end)}"))
    body = Body(lines, icon="warn" if end in BREACHES or end in ("line", "late") else "ok")
    return Page("Message", "visit-over", title, line, body, (_key("ok", "primary"),), private=True)


def _next(end: str) -> str:
    """Return what follows: a new request next month, or the teacher asks for another time."""
    return "ask" if end == "line" else "suspended" if end in BREACHES else "month"
