"""Show where a person is in asking, and on the day of the visit: the steps in order, and those that are done."""

from __future__ import annotations

from kiosk_firmware.core.pages import Row
from kiosk_firmware.kits import common_pages
from kiosk_firmware.kits.return_items import LeavePhase
from kiosk_firmware.machines.visit import phases as p
from kiosk_firmware.machines.visit.state import State, Terms

VISIT = ("sign_in", "pledge", "devices", "meet", "end")


def trail(terms: Terms, state: State) -> tuple[Row, ...]:
    """Return the steps with their marks; empty where one is at none of them. A conversation has the whole glass."""
    asking = ("when", "who", "check", "answer") if terms.profile.when_first else ("who", "when", "check", "answer")
    now = _where(state.phase)
    return common_pages.trail(asking, now) or common_pages.trail(VISIT, now)


def _where(phase: object) -> str:
    match phase:
        case p.Ident(errand="visit") | p.Looking(errand="visit") | p.Arriving():
            return "sign_in"
        case p.Who() | p.KinAsked() | p.Proof():
            return "who"
        case p.When():
            return "when"
        case p.Check() | p.Requesting():
            return "check"
        case p.Accepting() | p.Notice(why="asked" | "asked_no_slip"):
            return "answer"
        case p.Pledge() | p.Notice(why="unsigned"):
            return "pledge"
        case p.Camera() | p.Sound():
            return "devices"
        case p.Connecting():
            return "meet"
        case p.Closing() | p.Over():
            return "end"
        case LeavePhase(leave=leave) if leave.why in ("ended", "stopped"):
            return "end"
        case _:
            return ""
