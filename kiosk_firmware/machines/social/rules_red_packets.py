"""Red packets and transfers: what is sent, what comes, and what nobody took.

A red packet holds at most what the rules say. A transfer may be set to arrive later. What was not taken within the day
goes back to who gave it, by itself, in both directions; in practice the day passes on a key. What leaves needs the
payment password each time, however little it is.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, PinEntered, Tapped, Typed
from kiosk_firmware.core.hosts.social import DayAsked, Gift, GiveAsked, TakeAsked
from kiosk_firmware.kits.phone import password
from kiosk_firmware.kits.pin_dialogue import PinEntryState
from kiosk_firmware.machines.social import phases as p
from kiosk_firmware.machines.social.state import Deal, State, Step, Terms, enter_phase, move

MOST = 6
"""Figures that may be typed before the point."""
MoneyPhase = p.Money | p.Amount | p.Hours | p.Confirm | p.Sent | p.Came


def on_money(terms: Terms, state: State, phase: MoneyPhase, event: AnyEvent) -> Step:
    """Take one event on one of these pages."""
    if isinstance(event, Typed) and isinstance(phase, p.Amount):
        return enter_phase(state, p.Amount(event.text))
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match phase, event.key:
        case p.Money(friend=friend), "money.packet":
            return enter_phase(state, p.Amount(), deal=Deal(friend, "packet"))
        case p.Money(friend=friend), "money.transfer":
            return enter_phase(state, p.Amount(), deal=Deal(friend, "transfer"))
        case p.Amount(typed=typed), "amount.ok":
            return _typed(terms, state, typed)
        case p.Hours(), key if key.startswith("hours."):
            return enter_phase(dealt(state, hours=int(event.value)), p.Confirm())
        case p.Confirm(), "confirm.yes":
            return _signed(terms, state)
        case ((p.Sent() | p.Came()), "gift.day"):
            return move(state, day(terms, state.gifts))
        case p.Came(gift=gift), "gift.open":
            return move(state, TakeAsked(0, gift.id))
        case ((p.Money() | p.Came() | p.Sent() | p.Amount() | p.Hours() | p.Confirm()), "nav.back" | "confirm.no"):
            return talk(state, phase)
        case p.Sent(), "sent.ok":
            return talk(state, phase)
        case _:
            return state, NO_EFFECTS


def _signed(terms: Terms, state: State) -> Step:
    if state.locked:
        return enter_phase(state, p.Notice("locked", state.deal.friend))
    return enter_phase(state, p.Password(PinEntryState(terms.rules.pin_tries)), *password.ask_password(state.secret))


def on_pin(state: State, phase: p.Password | p.PinClosing, event: AnyEvent) -> Step:
    """Take one event while the pad has the word."""
    if isinstance(phase, p.PinClosing):
        return _unsent(state) if isinstance(event, PinEntered) else (state, NO_EFFECTS)
    now, effects = password.after_event(phase.pin, state.secret, event)
    match now:
        case PinEntryState():
            return (state, NO_EFFECTS) if now is phase.pin else enter_phase(state, p.Password(now), *effects)
        case "right":
            deal = state.deal
            return move(state, GiveAsked(0, deal.friend, deal.kind, deal.fen, deal.hours))
        case "closing":
            return enter_phase(state, p.PinClosing(), *effects)
        case "locked":
            return enter_phase(state, p.Notice("locked", state.deal.friend), locked=True)
        case _:
            return _unsent(state)


def _unsent(state: State) -> Step:
    return enter_phase(state, p.Notice("unsent", state.deal.friend))


def dealt(state: State, **fields: object) -> State:
    """Return the state with these fields of its deal changed."""
    return msgspec.structs.replace(state, deal=msgspec.structs.replace(state.deal, **fields))


def talk(state: State, phase: MoneyPhase) -> Step:
    """Go back to the talk."""
    match phase:
        case p.Money(friend=friend) | p.Came(gift=Gift(giver=friend)):
            return enter_phase(state, p.Chat(friend), deal=Deal())
        case _:
            return enter_phase(state, p.Chat(state.deal.friend), deal=Deal())


def day(terms: Terms, gifts: tuple[Gift, ...]) -> DayAsked:
    """Return what a day does: what was set to arrive later arrives with who takes it; all else goes back."""
    arrived = tuple(one.id for one in gifts if one.hours and terms.person(one.taker).awake)
    back = tuple(one.id for one in gifts if one.id not in arrived)
    return DayAsked(0, back, arrived)


def _typed(terms: Terms, state: State, typed: str) -> Step:
    if not typed.isdecimal() or int(typed) == 0:
        return enter_phase(state, p.Amount("", "none"))
    if len(typed) > MOST:
        return enter_phase(state, p.Amount("", "much"))
    fen = int(typed) * 100
    if state.deal.kind == "packet" and fen > terms.rules.packet_fen:
        return enter_phase(state, p.Amount("", "limit"))
    state = dealt(state, fen=fen)
    return enter_phase(state, p.Hours() if state.deal.kind == "transfer" else p.Confirm())
