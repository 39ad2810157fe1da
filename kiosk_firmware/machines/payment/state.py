"""The wallet's state and terms, and the few moves that every errand makes.

`Terms` is what never changes in a run: the dated rules and the skin's profile. `Deal` is the payment that is being put
together: to whom, how much, how, from what.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kiosk_firmware.core.effects import AskHost, Effects
from kiosk_firmware.core.events import Device
from kiosk_firmware.core.hosts.wallet import Source, SpendAsked, WalletAsk, Way
from kiosk_firmware.core.linked_machine_requests import LinkedMachineRequest, LinkedMachineResult
from kiosk_firmware.kits.ask_numbers import free_number
from kiosk_firmware.kits.phone import password
from kiosk_firmware.kits.phone.shell import Shell, close_phone, leave_app
from kiosk_firmware.machines.payment import phases as p

SCANNER: Device = "barcode_scanner"
READER: Device = "tap_reader"
HOST: Device = "network_host"
Moment = Literal["code", "confirm"]


class Shop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somewhere to pay: what it costs and how one pays there. `reads`: whom the printed code really pays, where
    somebody has pasted theirs over it.
    """

    id: str
    fen: int
    way: Way
    reads: str = ""

    @property
    def payee(self) -> str:
        """Return whom the code pays."""
        return self.reads or self.id


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dated rules; sources stand in rulepack.toml. `free_fen`: more than this always needs the password; `free_times`:
    so many payments a day need none; `printed_day_fen`: the most a day to printed codes. A code lives `code_ms` and is
    renewed `renewals` times. A till asks again every `poll_ms`, gives up and takes back at `give_up_ms`, and never
    before `least_ms`. `hours`: when money to a person goes on its way.
    """

    free_fen: int
    free_times: int
    printed_day_fen: int
    code_ms: int
    renewals: int
    poll_ms: int
    give_up_ms: int
    least_ms: int
    pin_tries: int
    pin_digits: int
    hours: tuple[int, ...]
    shops: tuple[Shop, ...]
    page_ms: int
    note_ms: int


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a skin that rules read: what it pays from unless one chooses."""

    source: Source


class Terms(msgspec.Struct, frozen=True):
    """Rules and profile."""

    rules: Rules
    profile: Profile

    def shop(self, name: str) -> Shop:
        """Return the shop of that name."""
        return next(shop for shop in self.rules.shops if shop.id == name)

    @property
    def polls(self) -> int:
        """Return how often a till asks before it gives up."""
        return -(-self.rules.give_up_ms // self.rules.poll_ms)


class Deal(msgspec.Struct, frozen=True, cache_hash=True):
    """The choices so far. `shop`: where one stands; `order`: the number on another unit's glass."""

    to: str = ""
    fen: int = 0
    way: Way = "code"
    source: Source = "wallet"
    shop: str = ""
    hours: int = 0
    order: str = ""

    @property
    def signed(self) -> str:
        """Return what the key stands for that signs it."""
        return f"{self.to} {self.fen} {self.source} {self.hours}"


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything the wallet knows. `turn`: the newest spending's number; `held`: those that the service may have done;
    `contacts`: (account, name) of people one may pay; `number`: whose PIN the password is; `locked`: it was wrong too
    often; `asked`: what another app opened this one for, and `result` what it gets; `scene`: the fraud still to be met;
    `scans`: this unit has a scanner, and so reads another unit's code; `taps`: it has a tap reader, which a practice
    phone is really held to.
    """

    shell: Shell
    phase: p.Phase = p.Home()
    language: str = "zh"
    deal: Deal = Deal()
    turn: int = 1
    held: tuple[int, ...] = ()
    number: str = password.NUMBER
    contacts: tuple[tuple[str, str], ...] = ()
    locked: bool = False
    asked: LinkedMachineRequest | None = None
    result: LinkedMachineResult | None = None
    scene: str = ""
    scans: bool = True
    taps: bool = True


Step = tuple[State, Effects]


def enter_phase(state: State, phase: p.Phase, *effects: Any, **fields: Any) -> Step:
    """Return the state in another phase, with effects."""
    return msgspec.structs.replace(state, phase=phase, **fields), effects


def dealt(state: State, **fields: Any) -> State:
    """Return the state with these fields of its deal changed."""
    return msgspec.structs.replace(state, deal=msgspec.structs.replace(state.deal, **fields))


def ask(state: State, question: WalletAsk, polled: int = 0, **fields: Any) -> Step:
    """Ask the service, and wait for it."""
    return enter_phase(state, p.Waiting(question, polled), AskHost(HOST, "wallet", question), **fields)


def spend(state: State, entered: bool = False) -> Step:
    """Pay what is settled. `entered`: the password was right, so it is the same spending as before."""
    if state.locked:
        return enter_phase(state, p.Notice("locked"))
    deal, turn = state.deal, state.turn if entered else free_number(state.held)
    question = SpendAsked(turn, deal.to, deal.fen, deal.source, deal.way, entered, deal.hours)
    return ask(state, question, turn=turn)


def menu(state: State) -> Step:
    """Return to the app's first page: the errand is over; another app that waits is told that nothing was paid."""
    if state.asked is not None:
        return enter_phase(state, p.Home(), result=LinkedMachineResult("refused"))
    return enter_phase(state, p.Menu(), deal=Deal())


def home(state: State, paid: bool = False) -> Step:
    """Put it down: the app is closed, or whoever opened it hears what came of it."""
    if state.asked is not None:
        result = (
            LinkedMachineResult("done", state.deal.fen, state.asked.about) if paid else LinkedMachineResult("refused")
        )
        return enter_phase(state, p.Home(), result=result)
    return enter_phase(state, p.Home(), deal=Deal(), shell=close_phone(state.shell))


def tiles(state: State) -> Step:
    """Leave the app by its way out."""
    return enter_phase(state, p.Home(), deal=Deal(), shell=leave_app(state.shell))
