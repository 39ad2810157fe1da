"""Balance, statement, PIN change: the errands that move no money."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.effects import NO_EFFECTS, Cancel, Document, PrintDocument, ReadPin
from kiosk_firmware.core.events import (
    AnyEvent,
    DocumentPrinted,
    HostAnswered,
    PinEntered,
    PinKeyPressed,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.core.hosts.bank import AccountAsked, StatementAsked
from kiosk_firmware.core.pages import text
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm.state import State, Step, Terms, ask, enter_phase, leave


def start(state: State, key: str) -> Step:
    """Begin the errand of the menu's key."""
    match key:
        case "menu.balance":
            return ask(state, p.BalanceAsking(), AccountAsked(state.number))
        case "menu.statement":
            return ask(state, p.StatementAsking(), StatementAsked(state.number))
        case _:
            return _choose(state, "")


def _choose(state: State, problem: str) -> Step:
    return enter_phase(state, p.PinChoosing(0, problem), ReadPin("pin_pad", "pin", state.number, "choose"))


def on_account(terms: Terms, state: State, phase: p.Account, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.PinChoosing() | p.PinRepeating():
            return _pin(terms, state, phase, event)
        case p.BalanceAsking() | p.StatementAsking():
            return _answered(state, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case p.BalanceShown() | p.StatementShown():
            return _shown(terms, state, phase, event)
        case p.StatementPrinting():
            if not isinstance(event, DocumentPrinted):
                return state, NO_EFFECTS
            return enter_phase(
                state, p.Another() if event.completion == "success" else p.Notice("no_receipt", "another")
            )
        case _:
            assert_never(phase)


def _pin(terms: Terms, state: State, phase: p.PinChoosing | p.PinRepeating, event: AnyEvent) -> Step:
    match event:
        case PinKeyPressed(count=count):
            return enter_phase(
                state, p.PinChoosing(count) if isinstance(phase, p.PinChoosing) else p.PinRepeating(count)
            )
        case Tapped(key="pin.back"):
            return enter_phase(state, p.PinClosing("menu"), Cancel("pin_pad", "pin"))
        case TimerExpired():
            return enter_phase(state, p.PinClosing(), Cancel("pin_pad", "pin"))
        case PinEntered():
            return _chosen(terms, state, phase, event)
        case _:
            return state, NO_EFFECTS


def _chosen(terms: Terms, state: State, phase: p.PinChoosing | p.PinRepeating, event: PinEntered) -> Step:
    match event.verdict:
        case "right" if isinstance(phase, p.PinChoosing):
            return enter_phase(state, p.PinRepeating(), ReadPin("pin_pad", "pin", state.number, "repeat"))
        case "right":
            return enter_phase(state, p.Notice("pin_changed", "another"))
        case "weak" | "short":
            return _choose(state, event.verdict)
        case "mismatch" | "wrong":
            return _choose(state, "mismatch")
        case "none" if event.completion == "unknown":
            return _choose(state, "")
        case "none" if event.completion == "hardwareError":
            return leave(terms, state, "out_of_service")
        case _:
            return enter_phase(state, p.Menu())


def _answered(state: State, event: HostAnswered) -> Step:
    if event.completion != "success" or event.verdict != "ok":
        return enter_phase(state, p.Notice("host_offline" if event.completion != "success" else event.verdict))
    match event.ask:
        case AccountAsked(balance_fen=fen):
            return enter_phase(state, p.BalanceShown(fen))
        case StatementAsked(rows=rows, balance_fen=fen):
            return enter_phase(state, p.StatementShown(rows, fen))
        case _:
            return enter_phase(state, p.Notice("refused"))


def _shown(terms: Terms, state: State, phase: p.BalanceShown | p.StatementShown, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="shown.ok"):
            return enter_phase(state, p.Another())
        case Tapped(key="statement.print") if isinstance(phase, p.StatementShown):
            rows = tuple((text(f"entry.{e.kind}"), text("amount", x_fen=e.fen)) for e in phase.rows)
            balance = (text("receipt.balance"), text("amount", x_fen=phase.fen))
            document = Document("statement", text("receipt.statement"), (*rows, balance), (text("slip.practice"),))
            printing = PrintDocument("receipt_printer", "statement", document)
            return enter_phase(state, p.StatementPrinting(phase.fen), printing)
        case TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS
