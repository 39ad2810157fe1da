"""Commissioning's pages, in the supervisor's look: what to do, what was found, what is wrong, each in whole words."""

from __future__ import annotations

from typing import Literal

from kiosk_firmware.core.pages import Body, Key, Page, Row, Text, text
from kiosk_firmware.unit.lobby.commissioning import enrolment_pages
from kiosk_firmware.unit.lobby.commissioning.enrolment_pages import key as _key
from kiosk_firmware.unit.lobby.phases import commissioning as c

_MARKS: dict[str, Literal["ok", "warn", "bad", "next"]] = {
    "works": "ok",
    "found": "ok",
    "pins": "next",
    "given": "next",
    "waiting": "warn",
    "double": "bad",
    "wrong": "bad",
}


def view(now: c.Commissioning) -> Page:
    """Return the page of a state."""
    match now.phase:
        case c.Kinds():
            return _kinds(now)
        case c.Parts() as phase:
            return _sure(phase) if phase.asked else _parts(now.kind, phase)
        case c.Number() as phase:
            return _number(now.kind, phase)
        case c.Code() as phase:
            return _code(phase, now.code_set)
        case c.Done(trouble=trouble):
            return _done_page(now, trouble)
        case c.Trust(board=board):
            return enrolment_pages.board(now) if board else enrolment_pages.trust(now)
        case c.Ticket() as phase:
            return enrolment_pages.ticket(phase)
        case c.Accepted(since_ms=since_ms):
            return enrolment_pages.sheet(now, since_ms)


def lacking_parts(parts: tuple[c.Part, ...]) -> tuple[str, ...]:
    """Return the parts that are not there, or do not work."""
    return tuple(part.role for part in parts if part.state in ("waiting", "double", "wrong"))


def _kinds(now: c.Commissioning) -> Page:
    offered = now.offered
    keys = [Key(f"kind.{kind}", "choice", Text(f"unit.kind.{kind}"), kind) for kind in offered.kinds]
    lines = (text("unit.kinds.now", kind_key=f"unit.kind.{offered.now}"),) if offered.now else ()
    keys += [_key("language", icon="language")] if now.trusting is None else [_key("trust", "back")]
    return Page("Menu", "unit-kinds", Text("unit.kinds.title"), None, Body(lines), tuple(keys))


def _parts(kind: str, phase: c.Parts) -> Page:
    rows: list[Row] = []
    for part in phase.parts:
        rows.append(Row(Text(f"device.{part.role}"), part.words, _MARKS[part.state]))
        rows += [Row(text("unit.parts.at", port=port)) for port in part.ports]
    rows += [Row(text("unit.parts.extra", what=what), None, "warn") for what in phase.extra]
    rows += [
        Row(text("unit.parts.clash", what_key=f"device.{what}", pin=pin, port=port), None, "bad")
        for what, pin, port in phase.clash
    ]
    lines = (Text("unit.parts.looking"),) if phase.busy else ()
    keys = (_key("back", "back"),) if phase.busy else (_key("back", "back"), _key("look"), _key("next", "primary"))
    title = text("unit.parts.title", kind_key=f"unit.kind.{kind}")
    return Page("List", "unit-parts", title, None, Body(lines, tuple(rows)), keys)


def _sure(phase: c.Parts) -> Page:
    gone = lacking_parts(phase.parts)
    rows = tuple(
        Row(Text(f"device.{part.role}"), None, _MARKS[part.state]) for part in phase.parts if part.role in gone
    )
    keys = (_key("back", "back"), _key("next", "danger"))
    return Page("List", "unit-sure", Text("unit.sure.title"), None, Body((Text("unit.sure.how"),), rows), keys)


def _number(kind: str, phase: c.Number) -> Page:
    line = Text("unit.number.wrong" if phase.wrong else "unit.number.how")
    body = Body(
        (line, text("unit.number.name", id=f"{kind}-{phase.typed or '…'}")),
        field=phase.typed,
        field_key="unit.number",
        length=c.NUMBER,
    )
    digits = tuple(Key(f"digit.{n}", "digit", Text(str(n)), str(n)) for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0))
    erase = Key("digit.erase", "digit", Text("lobby.key.digit.erase"), "<", icon="erase")
    keys = (*digits, erase, _key("back", "back"), _key("next", "primary"))
    return Page("Form", "unit-number", Text("unit.number.title"), None, body, keys)


def _code(phase: c.Code, known: bool) -> Page:
    """Return the page of a keypad in its usual order: nobody else is there yet, and a code that is being chosen is
    typed twice.
    """
    digits = tuple(Key(f"digit.{n}", "digit", Text(str(n)), str(n)) for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0))
    erase = Key("digit.erase", "digit", Text("lobby.key.digit.erase"), "<", icon="erase")
    keep = (_key("keep", "primary"),) if known and not phase.again else ()
    line = Text(f"unit.code.{phase.why or ('again' if phase.again else 'how')}")
    body = Body((line,), digits=phase.typed, length=c.CODE)
    step = "unit-code-again" if phase.again else "unit-code"
    keys = (*digits, erase, _key("back", "back"), *keep)
    return Page("PinEntry", step, Text("unit.code.title"), None, body, keys, private=True)


def _done_page(now: c.Commissioning, trouble: str) -> Page:
    if trouble == "…":
        return Page("Message", "unit-writing", Text("unit.done.writing"), None, Body(icon="clock"))
    if trouble:
        body = Body((text("unit.done.why", why=trouble),), icon="alert")
        return Page("Message", "unit-trouble", Text("unit.done.trouble"), None, body, (_key("back", "back"),))
    name = now.trusting.told.unit if now.trusting and now.trusted else f"{now.kind}-{now.number}"
    lines = (text("unit.done.how", id=name), Text("unit.done.copy"))
    keys = (_key("begin", "primary"),) if now.trusting is None else (_key("trust", "primary"),)
    return Page("Message", "unit-done", Text("unit.done.title"), None, Body(lines), keys)
