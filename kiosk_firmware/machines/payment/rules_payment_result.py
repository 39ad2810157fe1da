"""After the key was pressed: the till's waiting, a payment in doubt, what was paid, and what can be taken back."""

from __future__ import annotations

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, Tapped, TimerExpired
from kiosk_firmware.core.hosts.wallet import BillsAsked, GiveBackAsked, RecallAsked, StandingAsked, UndoAsked
from kiosk_firmware.machines.payment import phases as p
from kiosk_firmware.machines.payment.state import State, Step, Terms, ask, dealt, enter_phase, home, menu, spend


def on_after(terms: Terms, state: State, phase: p.Phase, event: AnyEvent) -> Step:
    """Take one event on one of these pages."""
    if isinstance(event, TimerExpired):
        return _over(state, phase)
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match phase, event.key:
        case p.Unsure(), "unsure.look":
            return ask(state, StandingAsked(0, state.turn))
        case (p.Unsure(), "unsure.again") | (p.Record(stands=False), "record.again"):
            return spend(state)
        case (p.Record(stands=True), "record.ok") | (p.Paid(), "paid.ok"):
            return home(state, paid=True)
        case p.Paid(), "paid.wrong":
            return ask(state, GiveBackAsked(state.turn, state.turn))
        case p.Funds(), "funds.card":
            return spend(dealt(state, source="card"))
        case p.Bills(found=found), key if key.startswith("waiting."):
            return enter_phase(state, p.OnItsWay(next(one for one in found.waiting if str(one.id) == event.value)))
        case p.OnItsWay(transfer=transfer), "recall.yes":
            return ask(state, RecallAsked(state.turn, transfer.id))
        case p.OnItsWay(), "nav.back":
            return ask(state, BillsAsked())
        case (p.Notice(), "notice.ok") | (p.Record(stands=False) | p.Funds() | p.Bills(), "nav.back"):
            return menu(state)
        case _:
            return state, NO_EFFECTS


def _over(state: State, phase: p.Phase) -> Step:
    """Handle a page whose time is over; a till goes on with what it has to do."""
    match phase:
        case p.Polling(polled=polled):
            return ask(state, StandingAsked(0, state.turn), polled + 1)
        case p.TillWaits():
            return ask(state, UndoAsked(0, state.turn))
        case p.Unsure():  # whoever goes away shall not be asked for it twice
            return ask(state, StandingAsked(0, state.turn))
        case p.Paid() | p.Record(stands=True):
            return home(state, paid=True)
        case _:
            return home(state)
