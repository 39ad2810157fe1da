"""The wallet's rules, joined: one event in, the next state and the effects out.

The phone's shell hears the glass while it stands in front; the service's answers go to `rules_answer`, the password to
`rules_pin`, what stands on the pages before something is paid to `rules_pay`, and the pages after it to `rules_after`.
"""

from __future__ import annotations

from kiosk_firmware.core.effects import NO_EFFECTS, Effects
from kiosk_firmware.core.events import (
    AnyEvent,
    BarcodeRead,
    CabinetFound,
    DeviceBack,
    DeviceLost,
    HostAnswered,
    MediaDetected,
    PinEntered,
    PinKeyPressed,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.core.hosts.wallet import BillsAsked
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.phone import shell
from kiosk_firmware.machines.payment import phases as p
from kiosk_firmware.machines.payment.frauds import SCENES
from kiosk_firmware.machines.payment.rules_password import on_pin
from kiosk_firmware.machines.payment.rules_pay import on_pay
from kiosk_firmware.machines.payment.rules_payment_result import on_after
from kiosk_firmware.machines.payment.rules_service_answers import after_answer
from kiosk_firmware.machines.payment.state import (
    READER,
    SCANNER,
    State,
    Step,
    Terms,
    ask,
    dealt,
    enter_phase,
    home,
    tiles,
)

Heard = Tapped | Typed | TimerExpired | BarcodeRead | MediaDetected


def update(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Return the next state and the effects. The same state object means that the event changed nothing."""
    if isinstance(event, CabinetFound | DeviceLost | DeviceBack):
        return _fitted(state, event)
    if isinstance(event, HostAnswered):
        return _let_fraud_in(*after_answer(terms, state, event))
    phase = state.phase
    if isinstance(phase, p.Password | p.PinClosing):
        return on_pin(terms, state, phase, event)
    if isinstance(event, PinKeyPressed | PinEntered) or not isinstance(event, Heard):
        return state, NO_EFFECTS
    if state.shell.front:
        return _shell(state, event)
    return _let_fraud_in(*_phase(terms, state, event))


def _fitted(state: State, event: CabinetFound | DeviceLost | DeviceBack) -> Step:
    """Return what of scanner and tap reader is there."""
    scans, taps = state.scans, state.taps
    if isinstance(event, CabinetFound):
        scans, taps = SCANNER not in event.lost, READER not in event.lost
    elif event.at == SCANNER:
        scans = isinstance(event, DeviceBack)
    elif event.at == READER:
        taps = isinstance(event, DeviceBack)
    same = (scans, taps) == (state.scans, state.taps)
    return (state, NO_EFFECTS) if same else enter_phase(state, state.phase, scans=scans, taps=taps)


def _shell(state: State, event: Heard) -> Step:
    now = shell.after_event(state.shell, event)
    if now is state.shell:
        return state, NO_EFFECTS
    opened = p.Menu() if now.where == "app" and isinstance(state.phase, p.Home) else state.phase
    return enter_phase(state, opened, shell=now)


def _phase(terms: Terms, state: State, event: Heard) -> Step:
    match state.phase:
        case p.Home() | p.Waiting() | p.Password() | p.PinClosing():
            return state, NO_EFFECTS
        case p.Menu():
            return _menu(terms, state, event)
        case p.Met():
            return fraud_scenes.on_event(state, event, home)
        case p.Shops() | p.CodeShown() | p.TapReady() | p.Scan() | p.Amount() | p.Contacts() | p.Hours() | p.Confirm():
            return on_pay(terms, state, state.phase, event)
        case _:
            return on_after(terms, state, state.phase, event)


def _menu(terms: Terms, state: State, event: Heard) -> Step:
    if isinstance(event, TimerExpired):
        return home(state)
    here = dealt(state, source=terms.profile.source)
    match event.key if isinstance(event, Tapped) else "":
        case "menu.code":
            return enter_phase(here, p.Shops(("code",)))
        case "menu.scan":
            return enter_phase(here, p.Shops(("static", "dynamic")))
        case "menu.tap":
            return enter_phase(here, p.Shops(("tap",)))
        case "menu.send":
            return enter_phase(here, p.Contacts())
        case "menu.bills":
            return ask(here, BillsAsked())
        case "nav.back":
            return tiles(state)
        case _:
            return state, NO_EFFECTS


def _let_fraud_in(state: State, effects: Effects) -> Step:
    """Let a fraud step in where the code is shown, or where one confirms."""
    moment = "code" if isinstance(state.phase, p.CodeShown) else "confirm" if isinstance(state.phase, p.Confirm) else ""
    return fraud_scenes.stepped_in(state, SCENES, moment, p.Met), effects
