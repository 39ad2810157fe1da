"""The request as it stands: in which state, why it came back, when the next may be asked for, and what one can do."""

from __future__ import annotations

from typing import Literal

from kiosk_firmware.core.hosts.visit import Standing, VisitCase
from kiosk_firmware.core.pages import Key, Page, Row, Text, Timer, text
from kiosk_firmware.kits.common_pages import key, message
from kiosk_firmware.machines.visit import phases as p
from kiosk_firmware.machines.visit.documents import case_rows, day_text
from kiosk_firmware.machines.visit.state import State, Terms, case_of
from kiosk_firmware.visit.domain.decisions import answered_on
from kiosk_firmware.visit.domain.states import UNDECIDED

GOOD: tuple[Standing, ...] = ("approved", "waiting", "ended")
BAD: tuple[Standing, ...] = ("returned", "stopped", "waived")


def view_mine(terms: Terms, state: State, phase: p.Looked | p.UndoTold) -> Page:
    """Return the page of a phase about one's request."""
    case, time_out = case_of(state), Timer("looked", terms.rules.page_ms)
    if isinstance(phase, p.UndoTold):
        keys = (key("undo.back", "back"), key("undo.ok", "danger"))
        return message("undo", "undo.title", (text("undo.how"),), keys, time_out, icon="warn")
    return message("looked", "looked.title", _why(case), _keys(case), time_out, rows=_rows(terms, state, case))


def _rows(terms: Terms, state: State, case: VisitCase) -> tuple[Row, ...]:
    """Return the rows, state first; a number is on the slip."""
    mark: Literal["ok", "bad", "next"] = "ok" if case.state in GOOD else "bad" if case.state in BAD else "next"
    rows = [Row(text("row.state"), text(f"visit_state.{case.state}"), mark)]
    rows += [Row(label, value) for label, value in case_rows(state, case)[1:]]
    if case.state in UNDECIDED:
        rows.append(Row(text("row.answer"), day_text(answered_on(terms.rules, case))))
    if case.state in ("approved", "waiting"):
        rows.append(Row(text("row.place"), text("place")))
    if case.next_day:
        rows.append(Row(text("row.next"), day_text(case.next_day), "next"))
    return tuple(rows)


def _why(case: VisitCase) -> tuple[Text, ...]:
    return (text(f"visit_reason.{case.reason}"),) if case.reason else ()


def _keys(case: VisitCase) -> tuple[Key, ...]:
    """Return the way out, and the keys that help in this state."""
    out = key("looked.ok", "back")
    if case.state in UNDECIDED:
        return out, key("looked.undo", "choice"), key("looked.wait", "primary")
    if case.state in ("approved", "waiting"):
        return out, key("looked.undo", "choice"), key("looked.slip", "choice"), key("looked.go", "primary")
    return (key("looked.ok", "primary"),)
