"""The pages about being trusted: who the unit is, how far its enrolment is, the code that is typed, the sheet."""

from __future__ import annotations

from typing import Literal, get_args

from kiosk_firmware.core.pages import Body, Key, Page, Role, Row, Text, text
from kiosk_firmware.unit.identity.status_file import EnrolmentStatus
from kiosk_firmware.unit.lobby.phases import commissioning as c
from kiosk_firmware.wire import error_texts, one_time_codes
from kiosk_firmware.wire.enrolment_messages import WHY

UNREACHED = {"away": "silent", "early": "early", "stranger": "stranger"}
"""Phases in which the desk could not be asked, and the kind of trouble where an earlier release told none."""


def key(name: str, role: Role = "choice", icon: str = "", value: str = "") -> Key:
    """Make a key of these pages."""
    return Key(f"unit.{name}", role, Text(f"unit.key.{name}"), value, icon=icon)


def trust(now: c.Commissioning) -> Page:
    """Return who the unit is: a code for the office's laptop until it is somebody, then the three ticks."""
    assert now.trusting is not None  # the page is reached by its event alone
    told, heard = now.trusting.told, now.trusting.heard
    if told.phase == "trusted":
        title = text("unit.trust.green" if heard else "unit.trust.papers", id=told.unit)
        rows = (*_ticks(told, heard), *_board(now.checked))
        body = Body((), rows, icon="ok" if heard else "wait")
    else:
        rows = (
            Row(Text("unit.trust.board"), text("unit.trust.said", what=told.board)),
            Row(Text("unit.trust.key"), text("unit.trust.said", what=told.key)),
            *_board(now.checked),
        )
        title = Text("unit.trust.title")
        body = Body(_state(told), rows, icon="lock", code=told.code)
    return Page("Message", "unit-trust", title, None, body, _keys(now, told))


def _keys(now: c.Commissioning, told: EnrolmentStatus) -> tuple[Key, ...]:
    found = [key("board"), key("language", icon="language")]
    if told.phase == "trusted":
        found += [key("sheet")] if now.set_up else []
    elif told.desk:
        found.append(key("ticket", "primary" if now.set_up and not now.may_begin else "choice"))
    if not now.set_up:
        found.append(key("next", "primary"))
    elif now.may_begin:
        found.append(key("begin", "primary"))
    return tuple(found)


def _state(told: EnrolmentStatus) -> tuple[Text, ...]:
    """Return why the last try failed, or what goes on now."""
    if told.phase in ("refused", "waiting") and (told.word or told.reason):
        return (Text(f"unit.why.{told.word}") if told.word in WHY else text("unit.why.plain", reason=told.reason),)
    if told.phase in UNREACHED:
        kind = told.word if told.word in get_args(error_texts.Kind) else UNREACHED[told.phase]
        return text(f"line.{kind}", where=told.desk), Text("unit.trust.again")
    return (Text(f"unit.trust.{told.phase}"),)


def _ticks(told: EnrolmentStatus, heard: bool) -> tuple[Row, ...]:
    mark: Literal["ok", "next"] = "ok" if heard else "next"
    site = Row(Text("unit.trust.site"), text("unit.trust.said", what=told.site), "ok")
    paper = Row(Text("unit.trust.paper"), text("unit.trust.until", day=told.until), "ok")
    return site, paper, Row(Text("unit.trust.office"), Text(f"unit.trust.{'heard' if heard else 'unheard'}"), mark)


def _board(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return the self-test in one line."""
    if not rows:
        return ()
    good = sum(row.mark == "ok" for row in rows)
    mark: Literal["ok", "warn"] = "ok" if good == len(rows) else "warn"
    return (Row(Text("unit.board.row"), text("unit.board.sum", good=good, all=len(rows)), mark),)


def board(now: c.Commissioning) -> Page:
    """Return the page of the board's self-test, row by row."""
    keys = (key("back", "back"),)
    return Page("List", "unit-board", Text("unit.board.title"), None, Body((), now.checked), keys)


def ticket(phase: c.Ticket) -> Page:
    """Return the page on which a one-time code is typed: its own signs only, so that no letter is taken for a digit."""
    line = Text("unit.ticket.wrong" if phase.wrong else "unit.ticket.how")
    body = Body((line,), field=phase.typed, field_key="unit.ticket", length=one_time_codes.LENGTH)
    signs = tuple(Key(f"digit.{sign.lower()}", "digit", Text(sign), sign) for sign in one_time_codes.SIGNS)
    erase = Key("digit.erase", "digit", Text("lobby.key.digit.erase"), "<", icon="erase")
    box = Key("unit.ticket", "field", Text("unit.ticket.field"))
    return Page(
        "Form",
        "unit-ticket",
        Text("unit.ticket.title"),
        None,
        body,
        (box, *signs, erase, key("back", "back"), key("use", "primary")),
    )


def sheet(now: c.Commissioning, since_ms: int) -> Page:
    """Return the page of the acceptance sheet in short; the whole is taken by a USB drive."""
    told = now.trusting.told if now.trusting else None
    made = told.sheet if told else None
    if told is None or made is None or made.at_ms <= since_ms:
        body = Body((Text("unit.sheet.making"),), icon="wait")
        return Page("Message", "unit-sheet", Text("unit.sheet.title"), None, body, (key("back", "back"),))
    radios = ", ".join(told.radios)
    rows = [
        Row(
            text("unit.sheet.parts", n=made.parts) if made.parts else Text("unit.sheet.untested"),
            None,
            "ok" if made.parts else "bad",
        ),
        *(Row(Text(f"device.{role}"), text("unit.trust.said", what=seen), "bad") for role, seen in made.wrong),
        Row(Text("unit.board.radio"), text("unit.board.on", what=radios), "bad")
        if radios
        else Row(Text("unit.board.radio"), Text("unit.board.off"), "ok"),
    ]
    wants = any(row.mark == "bad" for row in rows)
    lines = (Text("unit.sheet.wants" if wants else "unit.sheet.how"),)
    keys = (key("back", "back"), key("begin", "primary"))
    return Page("List", "unit-sheet", text("unit.sheet.made", id=told.unit), None, Body(lines, tuple(rows)), keys)
