"""Show where a person is in an errand: the steps in the skin's order, those that are done, and what was chosen there.

Pages of leaving carry the trail only where the errand came to its end, so that all steps ticked always means: done.
"""

from __future__ import annotations

from kiosk_firmware.core.pages import Row, Text, text
from kiosk_firmware.kits import common_pages
from kiosk_firmware.kits.return_items import LeavePhase
from kiosk_firmware.machines.metro_ticket import phases as p
from kiosk_firmware.machines.metro_ticket.display_texts import station_text
from kiosk_firmware.machines.metro_ticket.state import Profile, State, Terms

ENDED = {"bought": "token", "card_bought": "card", "loaded": "load"}
"""Which errand a leave with that reason ends well."""
STEPS = {"card": ("amount", "pay", "take", "done"), "load": ("hold", "notes", "done")}


def trail(terms: Terms, state: State) -> tuple[Row, ...]:
    """Return the steps of the errand with their marks; empty where no errand is under way."""
    errand, now = _where(state, state.phase)
    steps = buying_steps(terms.profile) if errand == "token" else STEPS.get(errand, ())
    return common_pages.trail(steps, now, lambda step: _chosen(terms, state, step))


def buying_steps(profile: Profile) -> tuple[str, ...]:
    """Return the steps of buying a ticket in the skin's order."""
    first = ("count", "place") if profile.count_first else ("place", "count")
    return (*first, "pay", "take", "done")


def _where(state: State, phase: object) -> tuple[str, str]:
    """Return the errand and its step in a phase; "" where there is none."""
    match phase:
        case p.Notice(back=back):
            return _where(state, back)
        case p.Lines() | p.Stops() | p.Letters() | p.Named():
            return "token", "place"
        case p.Count():
            return "token", "count"
        case p.FirstLoad():
            return "card", "amount"
        case p.CardAsked(errand="load"):
            return "load", "hold"
        case p.Loading() | p.LoadStoring():
            return "load", "notes"
        case p.Loaded():
            return "load", "done"
        case p.Dispensing() | p.TicketTaking() | p.TicketKeeping():
            return state.order.goods, "take"
        case LeavePhase(leave=leave):
            return ENDED.get(leave.why, ""), "done"
        case p.Home() | p.BalanceShown() | p.CardAsked(errand="balance"):
            return "", ""
        case p.Writing() | p.TornEjecting() | p.TornTaking() | p.TornAsked():
            return ("load", "notes") if phase.write.errand == "load" else (state.order.goods, "pay")
        case _:
            return state.order.goods, "pay"


def _chosen(terms: Terms, state: State, step: str) -> Text | None:
    """Return what was chosen at a step that is done."""
    order = state.order
    match step:
        case "place" if order.target:
            return station_text(terms.network, order.target)
        case "count" if order.count:
            return text("count.one" if order.count == 1 else "count.n", n=order.count)
        case "amount" if order.load_fen:
            return text("amount", x_fen=order.load_fen)
        case _:
            return None
