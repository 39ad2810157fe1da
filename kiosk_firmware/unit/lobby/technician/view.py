"""The technician's pages: one thing a page, words instead of codes, and a way back from each."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.list_pages import list_page
from kiosk_firmware.core.pages import Body, Key, Page, Role, Row, Text, text
from kiosk_firmware.unit.lobby.phases import technician as t

A_PAGE = 6
"""Devices on one page."""


def page(phase: t.Technician) -> Page:
    """Return the page of the sheet before the technician."""
    match phase.sheet:
        case t.TechnicianHub():
            return _hub(phase)
        case t.PartList(first=first):
            return _parts(phase, first)
        case t.PartMenu(device=device):
            return _part(phase, device)
        case t.Found() as sheet:
            return _findings_page(sheet)
        case t.Release() as sheet:
            return _release(sheet)
        case t.Working() as sheet:
            return _work_page(sheet)
        case _:
            assert_never(phase.sheet)


def _key(name: str, role: Role = "choice", icon: str = "", value: str = "") -> Key:
    return Key(f"tech.{name}", role, Text(f"tech.key.{name}"), value, icon=icon)


def _hub(phase: t.Technician) -> Page:
    keys = (
        _key("parts", icon="balance"),
        _key("probe", icon="transfer"),
        _key("compare", icon="alert"),
        _key("failures", icon="cross"),
        _key("config", icon="wrench"),
        _key("network", icon="deposit"),
        _key("clock", icon="clock"),
        _key("language", icon="language"),
        _key("end", "back"),
    )
    return Page("Menu", "staff-tech", text("tech.hub.title", n=phase.who), None, Body(), keys)


def _parts(phase: t.Technician, first: int) -> Page:
    here, after = list_page(phase.parts, first, A_PAGE)
    keys = [
        Key(f"part.{one.device.replace('_', '-')}", "choice", Text(f"device.{one.device}"), one.device) for one in here
    ]
    if after is not None:
        keys.append(_key("more", icon="right", value=str(after)))
    lines = () if phase.parts else (Text("tech.parts.none"),)
    return Page("Menu", "staff-tech-parts", Text("tech.parts.title"), None, Body(lines), (*keys, _key("back", "back")))


def _part(phase: t.Technician, device: str) -> Page:
    part = next((one for one in phase.parts if one.device == device), t.PartOffer(device))
    works: tuple[tuple[t.Work, str], ...] = (("test", "tick"), ("teach", "coin"), ("watch", "transfer"), ("record", ""))
    keys = [_key(work, icon=icon) for work, icon in works if work in part.works]
    more = (_key("history"), *([_key("locate")] if part.lamp else []), _key("back", "back"))
    title = text("tech.part.title", device_key=f"device.{device}")
    return Page("Menu", "staff-tech-device", title, None, Body(), (_key("state", icon="balance"), *keys, *more))


def _findings_page(sheet: t.Found) -> Page:
    lines = (Text("lobby.test.looking"),) if sheet.rows is None else () if sheet.rows else (Text("tech.found.none"),)
    keys = (_key("back", "back"), _key("look-again"))
    named = sheet.subject, sheet.device
    return Page("List", f"staff-tech-{sheet.subject}", _title(*named), None, Body(lines, sheet.rows or ()), keys)


def _title(subject: t.Subject | t.Work, device: str) -> Text:
    return text(f"tech.{subject}.title", device_key=f"device.{device}") if device else Text(f"tech.{subject}.title")


def _release(sheet: t.Release) -> Page:
    lines = (Text(f"tech.release.{sheet.work}"), Text("tech.release.how"))
    keys = (_key("back", "back"), _key("begin", "primary"))
    return Page("Message", "staff-tech-release", _title(sheet.work, sheet.device), None, Body(lines), keys)


def _work_page(sheet: t.Working) -> Page:
    """Return the page of a work: what was told, the question that stands, how it ended."""
    keys = [_key("back", "back")]
    rows = sheet.rows
    if sheet.question is not None:
        rows = (*rows[1 - t.SHOWN :], Row(sheet.question, None, "next"))
        keys += [_key("no"), _key("yes", "primary")]
    if sheet.ok is not None:
        keys.append(_key("again"))
    lines = (_state(sheet),)
    title = _title(sheet.work, sheet.device)
    return Page("List", "staff-tech-work", title, None, Body(lines, rows), tuple(keys))


def _state(sheet: t.Working) -> Text:
    if sheet.ok is None:
        return Text(f"tech.going.{sheet.work}")
    return Text("tech.ended.well" if sheet.ok else "tech.ended.wanting")
