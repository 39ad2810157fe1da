"""The technician's one step: sheets change by keys, findings and lines are taken up where they are waited for.

From every sheet *back* leads to the one before, *end* out; what comes late, to a sheet that has gone, is dropped.
"""

from __future__ import annotations

from typing import TypeGuard

import msgspec

from kiosk_firmware.core.pages import Key
from kiosk_firmware.unit.lobby.phases import technician as t

Turn = tuple[t.Technician | None, tuple[t.AnyTechnicianRequest, ...]]
"""The phase after, None for out, and what is asked of the app."""
_AT_HUB: dict[str, t.Subject] = {
    "compare": "compare",
    "failures": "failures",
    "config": "config",
    "network": "network",
    "clock": "clock",
}
_OF_PART: dict[str, t.Subject] = {"state": "part", "locate": "locate", "history": "history"}
_WORKS: dict[str, t.Work] = {"watch": "watch", "record": "record", "test": "test", "teach": "teach"}


def take_event(phase: t.Technician, event: t.AnyTechnicianHeard) -> t.Technician:
    """Return what stands after the app told something."""
    sheet, change = phase.sheet, msgspec.structs.replace
    match event:
        case t.Findings(subject=subject, device=device, rows=rows) if isinstance(sheet, t.Found):
            waited = (sheet.subject, sheet.device) == (subject, device)
            return _at(phase, change(sheet, rows=rows)) if waited else phase
        case t.WorkLine(number=number, row=row) if _goes_on(sheet, number):
            return _at(phase, change(sheet, rows=(*sheet.rows, row)[-t.SHOWN :], question=None))
        case t.WorkAsked(number=number, question=question) if _goes_on(sheet, number):
            return _at(phase, change(sheet, question=question))
        case t.WorkEnded(number=number, ok=ok) if _goes_on(sheet, number):
            return _at(phase, change(sheet, question=None, ok=ok))
        case _:
            return phase


def _goes_on(sheet: t.AnyTechnicianSheet, number: int) -> TypeGuard[t.Working]:
    return isinstance(sheet, t.Working) and sheet.number == number and sheet.ok is None


def leave_desk(phase: t.Technician, idle: bool) -> tuple[t.AnyTechnicianRequest, ...]:
    """Leave: nobody is there any more, and no work goes on."""
    stop = (t.EndWork(),) if isinstance(phase.sheet, t.Working) else ()
    return (*stop, t.LeaveTechnician(phase.who, "idle" if idle else "key"))


def take_tap(phase: t.Technician, key: Key, language: str) -> Turn:
    """Take a key of the page that stands."""
    name = key.name.removeprefix("tech.")
    if name == "end":
        return None, leave_desk(phase, False)
    match phase.sheet:
        case t.TechnicianHub():
            return _at_hub(phase, name)
        case t.PartList():
            return _at_list(phase, name, key.value)
        case t.PartMenu(device=device):
            return _at_part(phase, device, name, language)
        case t.Found() as sheet:
            if name == "back":
                return _back(phase, sheet.device), ()
            return _find(phase, sheet.subject, sheet.device)
        case t.Release() as sheet:
            if name == "begin":
                return _begin_work(phase, sheet.work, sheet.device, language)
            return _back(phase, sheet.device), ()
        case t.Working() as sheet:
            return _at_work(phase, sheet, name, language)


def _at(phase: t.Technician, sheet: t.AnyTechnicianSheet) -> t.Technician:
    return msgspec.structs.replace(phase, sheet=sheet)


def _find(phase: t.Technician, subject: t.Subject, device: str = "") -> Turn:
    return _at(phase, t.Found(subject, device)), (t.FindOut(subject, device),)


def _begin_work(phase: t.Technician, work: t.Work, device: str, language: str) -> Turn:
    number = phase.works + 1
    after = msgspec.structs.replace(phase, works=number, sheet=t.Working(number, work, device))
    return after, (t.BeginWork(number, work, device, language),)


def _back(phase: t.Technician, device: str) -> t.Technician:
    """Go back to the device, or to all errands where it is about none."""
    return _at(phase, t.PartMenu(device) if device else t.TechnicianHub())


def _at_hub(phase: t.Technician, name: str) -> Turn:
    if name == "parts":
        return _at(phase, t.PartList()), ()
    if name == "probe":
        return _at(phase, t.Release("probe")), ()
    return _find(phase, _AT_HUB[name]) if name in _AT_HUB else (phase, ())


def _at_list(phase: t.Technician, name: str, value: str) -> Turn:
    if name == "back":
        return _at(phase, t.TechnicianHub()), ()
    if name == "more":
        return _at(phase, t.PartList(int(value))), ()
    return _at(phase, t.PartMenu(value)), ()


def _at_part(phase: t.Technician, device: str, name: str, language: str) -> Turn:
    if name in _OF_PART:
        return _find(phase, _OF_PART[name], device)
    work = _WORKS.get(name)
    if work is None:
        return _at(phase, t.PartList()), ()
    if work in t.RELEASES:
        return _at(phase, t.Release(work, device)), ()
    return _begin_work(phase, work, device, language)


def _at_work(phase: t.Technician, sheet: t.Working, name: str, language: str) -> Turn:
    match name:
        case "yes" | "no":
            asked = msgspec.structs.replace(sheet, question=None)
            return _at(phase, asked), (t.AnswerWork(name == "yes"),)
        case "again":
            return _begin_work(phase, sheet.work, sheet.device, language)
        case _:
            return _back(phase, sheet.device), (t.EndWork(),)
