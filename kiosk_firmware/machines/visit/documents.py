"""Lay out what comes out on paper: that a request was accepted, and the appointment with its place and time."""

from __future__ import annotations

from kiosk_firmware.core.effects import Document
from kiosk_firmware.core.hosts.visit import VisitCase
from kiosk_firmware.core.pages import Text, text
from kiosk_firmware.machines.visit.state import State, Terms, case_of
from kiosk_firmware.visit.domain.calendar import date_of
from kiosk_firmware.visit.domain.decisions import answered_on

Line = tuple[Text, Text]


def day_text(day: int) -> Text:
    """Return a day with its weekday."""
    date = date_of(day)
    return text(f"visit_day.{date.weekday()}", month=date.month, day=date.day)


def time_text(day: int, minute: int) -> Text:
    """Return a day and a time of it."""
    date = date_of(day)
    return text("visit_time", month=date.month, day=date.day, time=f"{minute // 60:02d}:{minute % 60:02d}")


def names(state: State, people: tuple[str, ...]) -> str:
    """Return the people's names, one after the other."""
    return "、".join(one.name for name in people if (one := state.visits.relative(name)))


def case_rows(state: State, case: VisitCase) -> tuple[Line, ...]:
    """Return number, people and time of a request, as rows."""
    request = case.request
    return (
        (text("row.number"), text("paper.plain", what=case.number)),
        (text("row.people"), text("paper.plain", what=names(state, request.people))),
        (text("row.when"), time_text(request.day, request.minute)),
    )


def acceptance_slip(terms: Terms, state: State) -> Document:
    """Lay out the acceptance slip."""
    case = case_of(state)
    rows = (*case_rows(state, case), (text("row.answer"), day_text(answered_on(terms.rules, case))))
    return Document("accepted", text("paper.accepted"), rows, (text("paper.keep"), text("paper.practice")))


def appointment(state: State) -> Document:
    """Lay out the appointment slip."""
    rows = (*case_rows(state, case_of(state)), (text("row.place"), text("place")))
    foot = (text("paper.bring"), text("paper.late"), text("paper.practice"))
    return Document("appointment", text("paper.appointment"), rows, foot)
