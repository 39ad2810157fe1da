"""Card, PIN, menu: how a sitting at the ATM begins and where every errand returns to.

Three wrong PINs keep the card. A card that cannot be read, has no chip, or whose account sleeps goes back with a
reason; an expired or lost one is kept, as the dated rules say.
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.effects import NO_EFFECTS, Document, PrintDocument
from kiosk_firmware.core.events import AnyEvent, HostAnswered, MediaInvalid, PinEntered, Tapped, TimerExpired
from kiosk_firmware.core.hosts.bank import AccountAsked
from kiosk_firmware.kits import pin_dialogue
from kiosk_firmware.kits.return_items import Leave, ReceiptPrinting
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm import rules_cardless
from kiosk_firmware.machines.atm.rules_fraud import meet
from kiosk_firmware.machines.atm.state import State, Step, Terms, ask, enter_phase, leave


def on_card(terms: Terms, state: State, phase: p.Card, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.Home():
            return home(terms, state, event)
        case p.PinAsked():
            return _pin(terms, state, phase, event)
        case p.PinClosing(then=then):
            if isinstance(event, PinEntered):
                return enter_phase(state, p.Menu()) if then == "menu" else leave(terms, state)
            return state, NO_EFFECTS
        case p.OpeningAsking():
            return _opened(terms, state, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case p.Menu():
            return _idle(terms, state, event)
        case p.Another():
            again = isinstance(event, Tapped) and event.key == "another.yes"
            return enter_phase(state, p.Menu()) if again else _idle(terms, state, event)
        case p.Notice(back=back):
            read = (isinstance(event, Tapped) and event.key == "notice.ok") or isinstance(event, TimerExpired)
            return _back(state, back) if read else (state, NO_EFFECTS)
        case p.ReceiptOffered(document=document):
            return _receipt(state, document, event)
        case _:
            assert_never(phase)


def home(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Take up whatever is there: a card in the slot, money that nobody asked for, something left behind."""
    books = state.books
    if isinstance(event, Tapped) and event.key == "home.language":
        return enter_phase(state, p.Home(), language="en" if state.language == "zh" else "zh")
    if isinstance(event, Tapped) and event.key == "menu.cardless" and books.place == "none" and not books.tally:
        return rules_cardless.start(terms, state)
    if books.place == "none":
        idle = not (books.tally or books.tray)
        return (state, NO_EFFECTS) if idle else leave(terms, state)
    if books.place == "exit" or books.tally or books.tray or books.card is None:
        return leave(terms, state)
    if isinstance(event, MediaInvalid) and event.reason == "upside_down":
        return leave(terms, state, "turned")
    return meet(state, "pin") or judge_card(terms, state)


def judge_card(terms: Terms, state: State) -> Step:
    """Return what the card in the machine allows: its PIN is asked for, or it is given back or kept."""
    card = state.books.card
    assert card is not None
    if not card.number:
        return leave(terms, state, "unreadable")
    if not card.chip:
        return leave(terms, state, "no_chip")
    if card.expires < state.yymm:
        return leave(terms, state, "expired", keep=terms.rules.retain_expired)
    if "pin_pad" in state.books.lost:
        return leave(terms, state, "out_of_service")
    asked = p.PinAsked(pin_dialogue.PinEntryState(terms.rules.pin_tries))
    return enter_phase(state, asked, pin_dialogue.ask_pin(card.number), number=card.number)


def _pin(terms: Terms, state: State, phase: p.PinAsked, event: AnyEvent) -> Step:
    now, effects = pin_dialogue.after_event(phase.pin, state.number, event, "pin.cancel")
    match now:
        case pin_dialogue.PinEntryState():
            return (state, NO_EFFECTS) if now is phase.pin else enter_phase(state, p.PinAsked(now), *effects)
        case "right":
            return ask(state, p.OpeningAsking(), AccountAsked(state.number))
        case "locked":
            return leave(terms, state, "pin_tries", keep=True)
        case "broken":
            return leave(terms, state, "out_of_service")
        case "closing":
            return enter_phase(state, p.PinClosing(), *effects)
        case "left":
            return leave(terms, state)


def _opened(terms: Terms, state: State, event: HostAnswered) -> Step:
    if event.completion != "success":
        return leave(terms, state, "host_offline")
    if event.verdict == "lost":
        return leave(terms, state, "lost", keep=True)
    if event.verdict != "ok" or not isinstance(event.ask, AccountAsked):
        return leave(terms, state, "dormant" if event.verdict == "dormant" else "refused")
    return enter_phase(
        state, p.Menu(), own_accounts=event.ask.own_accounts, deposit_left_fen=event.ask.deposit_left_fen
    )


def _idle(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Take keys of the menu that are no errand, and what ends a sitting."""
    match event:
        case Tapped(key="menu.language"):
            return enter_phase(state, state.phase, language="en" if state.language == "zh" else "zh")
        case Tapped(key="menu.eject" | "another.no") | TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS


def _back(state: State, back: str) -> Step:
    return enter_phase(state, p.Amounts() if back == "amounts" else p.Another() if back == "another" else p.Menu())


def _receipt(state: State, document: Document, event: AnyEvent) -> Step:
    """Offer a receipt after the errand, then "another?"."""
    match event:
        case Tapped(key="receipt.yes"):
            printing = ReceiptPrinting(Leave(card_first=False, then="another"))
            return enter_phase(state, printing, PrintDocument("receipt_printer", "receipt", document))
        case Tapped(key="receipt.no") | TimerExpired():
            return enter_phase(state, p.Another())
        case _:
            return state, NO_EFFECTS
