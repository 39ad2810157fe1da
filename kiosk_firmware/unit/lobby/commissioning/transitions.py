"""Commissioning's one step. Forward only when a page has what it needs; back from every page but the last."""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk_firmware.core.events import DoubleTapped, Tapped, Typed
from kiosk_firmware.unit.lobby.commissioning.view import lacking_parts, view
from kiosk_firmware.unit.lobby.phases import commissioning as c
from kiosk_firmware.wire import one_time_codes

Step = tuple[c.Commissioning, c.Requests]


def update(now: c.Commissioning, event: c.CommissioningEvent) -> Step:
    """Return what stands after `event`, and what is asked for."""
    match event:
        case Tapped():
            return _take_tap(now, event)
        case Typed(key="unit.number", text=text) if isinstance(now.phase, c.Number):
            right = len(text) <= c.NUMBER and (text.isdecimal() or not text)
            return _to(now, c.Number(text)) if right and text != now.phase.typed else (now, ())
        case Typed(key="unit.ticket", text=text) if isinstance(now.phase, c.Ticket) and text != now.phase.typed:
            return _to(now, c.Ticket(text[: one_time_codes.LENGTH]))
        case Typed() | DoubleTapped():
            return now, ()
        case c.Offered():
            return _to(now, now.phase, offered=event, code_set=event.known, set_up=event.set_up)
        case c.Trusting():
            return _take_enrolment_word(now, event)
        case c.Checked(rows=rows):
            return (now, ()) if rows == now.checked else _to(now, now.phase, checked=rows)
        case c.Looked() if isinstance(now.phase, c.Parts):
            return _to(now, c.Parts(event.parts, event.busy, event.extra, event.clash))
        case c.Written(trouble=trouble) if isinstance(now.phase, c.Done):
            return _to(now, c.Done(trouble), set_up=not trouble)
        case _:
            return _take_code(now, event)


def _to(now: c.Commissioning, phase: Any, *requests: c.AnyRequest, **fields: Any) -> Step:
    return msgspec.structs.replace(now, phase=phase, **fields), requests


def _take_enrolment_word(now: c.Commissioning, event: c.Trusting) -> Step:
    """Go to the page about the service's first message, where nothing has been begun yet. A unit that is trusted stays
    so until it is wiped.
    """
    if event == now.trusting or (now.trusted and event.told.phase != "trusted"):
        return now, ()
    first = now.trusting is None and isinstance(now.phase, c.Kinds)
    enrolled = isinstance(now.phase, c.Ticket) and event.told.phase == "trusted"
    return _to(now, c.Trust() if first or enrolled else now.phase, trusting=event)


def _take_code(now: c.Commissioning, event: c.CommissioningEvent) -> Step:
    phase = now.phase
    if not isinstance(phase, c.Code):
        return now, ()
    match event:
        case c.CodeTyped(count=count):
            full = (c.TakeCode(phase.again),) if count >= c.CODE > phase.typed else ()
            return _to(now, msgspec.structs.replace(phase, typed=count), *full)
        case c.CodeTaken(again=True):
            return _to(now, c.Code(again=True))
        case c.CodeTaken():
            return _to(now, c.Done("…"), c.Write(now.kind, now.number), code_set=True)
        case c.CodeRefused(why=why):
            return _to(now, c.Code(why=why))
        case _:
            return now, ()


def _take_tap(now: c.Commissioning, tap: Tapped) -> Step:
    page = view(now)
    key = page.key(tap.key)
    if tap.step.split("#")[0] != page.step or key is None:
        return now, ()
    if key.name == "unit.language":
        return _to(now, now.phase, language="en" if now.language == "zh" else "zh")
    match now.phase:
        case c.Kinds():
            if key.name == "unit.trust":
                return _to(now, c.Trust())
            return _to(now, c.Parts(), c.Choose(key.value), kind=key.value)
        case c.Parts() as phase:
            return _at_parts(now, phase, key.name)
        case c.Number(typed=typed):
            return _at_number(now, key.name, typed)
        case c.Code():
            return _at_code(now, key.name)
        case c.Ticket(typed=typed):
            return _at_ticket(now, key.name, typed)
        case c.Done() | c.Trust() | c.Accepted():
            return _at_trust(now, key.name)


def _at_trust(now: c.Commissioning, name: str) -> Step:
    match name:
        case "unit.begin":
            return now, (c.Begin(),)
        case "unit.ticket":
            return _to(now, c.Ticket())
        case "unit.next":
            return _to(now, c.Kinds())
        case "unit.sheet":
            made = now.trusting.told.sheet if now.trusting else None
            return _to(now, c.Accepted(made.at_ms if made else 0), c.MakeSheet())
        case "unit.trust":
            return _to(now, c.Trust())
        case "unit.board":
            return _to(now, c.Trust(board=True))
        case _:
            return _to(now, c.Code() if isinstance(now.phase, c.Done) else c.Trust())


def _at_ticket(now: c.Commissioning, name: str, typed: str) -> Step:
    """Take a typed code; a slip of the finger is seen here, the office's answer on the page about the enrolment."""
    if name == "unit.back":
        return _to(now, c.Trust())
    try:
        return _to(now, c.Trust(), c.UseTicket(one_time_codes.read_code(typed)))
    except ValueError:
        return _to(now, c.Ticket(typed, True))


def _at_parts(now: c.Commissioning, phase: c.Parts, name: str) -> Step:
    match name:
        case "unit.back" if phase.asked:
            return _to(now, msgspec.structs.replace(phase, asked=False))
        case "unit.back":
            return _to(now, c.Kinds(), kind="")
        case "unit.look":
            return _to(now, c.Parts(phase.parts), c.Look())
        case "unit.next" if lacking_parts(phase.parts) and not phase.asked:
            return _to(now, msgspec.structs.replace(phase, asked=True))
        case _ if now.trusted:  # it has its name
            return _to(now, c.Code(), c.ForgetCode())
        case _:
            return _to(now, c.Number(now.number))


def _at_number(now: c.Commissioning, name: str, typed: str) -> Step:
    if name == "unit.back":
        return _to(now, c.Parts(), c.Look())
    if len(typed) != c.NUMBER:
        return _to(now, c.Number(typed, True))
    return _to(now, c.Code(), c.ForgetCode(), number=typed)


def _at_code(now: c.Commissioning, name: str) -> Step:
    if name == "unit.keep":
        return _to(now, c.Done("…"), c.ForgetCode(), c.Write(now.kind, now.number))
    before = (c.Parts(), c.Look()) if now.trusted else (c.Number(now.number),)
    return _to(now, *before, c.ForgetCode())
