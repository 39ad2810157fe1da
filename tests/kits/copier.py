"""A copying machine, invented for tests of the promises: who wrote it says a price and a payee, and promises nothing.

A4 costs a token, A3 two; cash with change from the hopper, or a phone. `bug` names one of the mistakes that a stranger
makes who writes such a machine in an hour.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from kiosk_firmware.core import cabinet_model as b
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import NO_EFFECTS, AskHost, Cancel, Document, Effects, PrintDocument
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    DocumentPrinted,
    HostAnswered,
    ItemsInserted,
    ItemsReturned,
    ItemsStored,
    Started,
    Struck,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts.bank import BankQuestion, PayAsked, ReversalAsked
from kiosk_firmware.core.machine import Machine
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.pages import Key, Page, Timer, text
from kiosk_firmware.kits import bank as k
from kiosk_firmware.kits import cash_intake, common_pages, home_phase
from kiosk_firmware.kits.ask_numbers import free_number
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger, absorb, stray_note, with_fields
from kiosk_firmware.kits.cabinet_world import CabinetState, PhonePaymentWorlds, bench_before_run
from kiosk_firmware.kits.return_items import Leave, LeavePhase, Undone, on_event, owed_slip, proceed, slip

PRICES = {"a4": 100, "a3": 200}
TRIES = 3
BUGS = (
    "a token too much change",
    "a token too little change",
    "charged a token too much",
    "charged a token too little",
    "the other size is charged",
    "the copy comes twice",
    "the copy comes again at the farewell",
    "no paper, and the phone is not paid back",
    "no paper, and the cash stays inside",
    "the payment is undone though the copy came",
    "an unanswered payment is left as it is",
    "an undoing that was never answered has no slip",
)


class Phase(msgspec.Struct, frozen=True, tag=True):
    """Where it stands: "home", "pay", "cash", "storing", "phone", "closing", "printing", "reversing"."""

    step: str = "home"
    by_phone: bool = False
    tries: int = 1


class State(msgspec.Struct, frozen=True, cache_hash=True):
    phase: Any = Phase()
    books: CabinetLedger = CabinetLedger()
    size: str = ""
    number: int = 0
    asked: tuple[int, ...] = ()


Step = tuple[State, Effects]


def to(state: State, step: str, *effects: Any, by_phone: bool = False, tries: int = 1, **fields: Any) -> Step:
    return msgspec.structs.replace(state, phase=Phase(step, by_phone, tries), **fields), effects


def leave(state: State, **fields: Any) -> Step:
    """All that was put in and has paid for nothing goes back."""
    books = with_fields(state.books, tally=money.NONE)
    what = Leave(due=state.books.tally, card_first=False, hopper=True, **fields)
    return landed(state, proceed(books, what))


def landed(state: State, step: Any) -> Step:
    return home_phase.after_leaving(state, step, leave, phase=Phase(), size="", number=0)


class Copier(Machine[State]):
    """See the file's head."""

    id = "copier"

    def __init__(self, bug: str = "") -> None:
        assert bug in ("", *BUGS)
        self.bug = bug

    def start(self, started: Started) -> State:
        return State()

    def facts(self, state: State, world: Any) -> Facts:
        return {}

    def update(self, state: State, event: AnyEvent) -> Step:
        books, asked = absorb(state.books, event), k.undoable(state.asked, event)
        if books is not state.books or asked != state.asked:
            state = msgspec.structs.replace(state, books=books, asked=asked)
        after, effects = self._phase(state, event)
        if self.bug == "the copy comes again at the farewell" and isinstance(event, TimerExpired) and state.size:
            effects = (*effects, *self._print(state)[1]) if after.phase == Phase() else effects
        if isinstance(after.phase, Undone):
            after, effects = landed(after, slip(after.books, after.phase.leave, owed_slip(after.phase)))
        if after.phase == Phase():
            after, effects = home_phase.at_home(after, after.books, effects, partial(leave))
        return stray_note(after, effects)

    def _phase(self, state: State, event: AnyEvent) -> Step:
        match state.phase:
            case LeavePhase():
                return landed(state, on_event(state.books, state.phase, event))
            case Phase(step="home" | "pay"):
                return self._chosen(state, event)
            case Phase(step="cash" | "storing"):
                return self._cash(state, event)
            case Phase(step="phone" | "closing"):
                return self._phone(state, event)
            case Phase(step="printing") if isinstance(event, DocumentPrinted):
                return self._printed(state, event)
            case Phase(step="reversing") if isinstance(event, HostAnswered):
                return self._reversed(state, event)
            case _:
                return state, NO_EFFECTS

    def _due(self, state: State) -> int:
        size = {"a4": "a3", "a3": "a4"}[state.size] if self.bug == "the other size is charged" else state.size
        more = {"charged a token too much": 100, "charged a token too little": -100}
        return PRICES[size] + more.get(self.bug, 0)

    def _chosen(self, state: State, event: AnyEvent) -> Step:
        match event:
            case Tapped(key="menu.a4" | "menu.a3", value=size):
                return to(state, "pay", size=size)
            case Tapped(key="pay.cash"):
                return to(state, "cash")
            case Tapped(key="pay.phone"):
                number = free_number(state.asked)
                payment = PayAsked(k.PHONE, number, self._due(state), "copies")
                return to(state, "phone", AskHost("payment_host", "phone", payment), number=number)
            case Tapped(key="pay.back") | TimerExpired():
                return leave(state)
            case _:
                return state, NO_EFFECTS

    def _cash(self, state: State, event: AnyEvent) -> Step:
        match event:
            case ItemsInserted(at="note_acceptor", fen=fen) if state.phase.step == "cash":
                refused = "" if cash_intake.changeable(state.books, fen, self._due(state)) else "change"
                books, effects = cash_intake.decide_escrow(state.books, refused)
                return to(state, "storing", *effects, books=books)
            case ItemsStored() | ItemsReturned() | ItemsInserted():
                return self._counted(to(state, "cash")[0])
            case Tapped(key="cash.cancel") | TimerExpired():
                return leave(state)
            case _:
                return state, NO_EFFECTS

    def _counted(self, state: State) -> Step:
        due = self._due(state)
        if cash_intake.missing_fen(state.books, due):
            return state, NO_EFFECTS
        return self._print(state) if cash_intake.change(state.books, due) is not None else leave(state)

    def _phone(self, state: State, event: AnyEvent) -> Step:
        match event:
            case HostAnswered(completion="canceled"):
                return leave(state)
            case HostAnswered(completion="success", verdict=verdict):
                return self._print(state, by_phone=True) if verdict == "ok" else leave(state)
            case HostAnswered() if self.bug == "an unanswered payment is left as it is":
                return leave(state)
            case HostAnswered():
                return self._reverse(state)
            case Tapped(key="phone.back") | TimerExpired() if state.phase.step == "phone":
                return to(state, "closing", Cancel("payment_host", "phone"))
            case _:
                return state, NO_EFFECTS

    def _print(self, state: State, by_phone: bool = False) -> Step:
        copy = PrintDocument("receipt_printer", "copy", Document("receipt", text("copy")))
        return to(state, "printing", copy, by_phone=by_phone)

    def _printed(self, state: State, event: DocumentPrinted) -> Step:
        by_phone = state.phase.by_phone
        if event.completion == "success" and self.bug == "the copy comes twice" and state.phase.tries == 1:
            return to(state, "printing", *self._print(state)[1], by_phone=by_phone, tries=2)
        if event.completion != "success":
            return self._nothing_came(state, by_phone)
        if by_phone:
            return self._reverse(state) if self.bug == "the payment is undone though the copy came" else leave(state)
        back = cash_intake.change(state.books, self._due(state)) or money.NONE
        books = with_fields(state.books, tally=self._changed(back))
        return leave(msgspec.structs.replace(state, books=books))

    def _changed(self, back: Items) -> Items:
        if self.bug == "a token too much change":
            return money.add(back, ((100, 1),))
        short = self.bug == "a token too little change" and money.holds(back, ((100, 1),))
        return money.without(back, ((100, 1),)) if short else back

    def _nothing_came(self, state: State, by_phone: bool) -> Step:
        if by_phone and self.bug != "no paper, and the phone is not paid back":
            return self._reverse(state)
        if self.bug == "no paper, and the cash stays inside":
            state = msgspec.structs.replace(state, books=with_fields(state.books, tally=money.NONE))
        return leave(state)

    def _reverse(self, state: State, tries: int = 1) -> Step:
        undo = AskHost("payment_host", "bank", ReversalAsked(k.PHONE, 0, state.number))
        return to(state, "reversing", undo, tries=tries)

    def _reversed(self, state: State, event: HostAnswered) -> Step:
        if event.completion == "success" or self.bug == "an undoing that was never answered has no slip":
            return leave(state)
        if state.phase.tries < TRIES:
            return self._reverse(state, state.phase.tries + 1)
        return landed(state, slip(state.books, Leave(card_first=False), "unanswered"))

    def view(self, state: State) -> Page:
        phase = state.phase
        if isinstance(phase, LeavePhase):
            return common_pages.leaving_page(state.books, phase, 5000, 5000)
        keys = {
            "home": ("menu.a4", "menu.a3"),
            "pay": ("pay.cash", "pay.phone", "pay.back"),
            "cash": ("cash.cancel",),
            "phone": ("phone.back",),
        }.get(phase.step, ())
        at = ("note_acceptor", "coin_acceptor") if phase.step == "cash" else ()
        timer = Timer(phase.step, 5000) if keys and phase.step != "home" else None
        pressed = tuple(Key(name, "choice", text(name), name.partition(".")[2]) for name in keys)
        return Page("Menu", phase.step, text(phase.step), keys=pressed, timer=timer, at=at)


class CopierWorlds(PhonePaymentWorlds[CabinetState]):
    """What a stranger writes of the world: the bank's books, and the price of what comes out. No promise."""

    payees = ("copies",)
    choices = frozenset(("menu",))
    stock: Items = ((100, 4),)

    def start(self, started: Started) -> CabinetState:
        bench = bench_before_run(started.persona, self.stock)
        return CabinetState(bench, k.open_bank(started.persona, 0), started.persona, bench)

    def folded(self, world: CabinetState, event: AnyEvent) -> CabinetState:
        change = msgspec.structs.replace
        match event:
            case CabinetFound():
                return self.woken(world, event)
            case HostAnswered() | Struck(ask=BankQuestion()):
                return change(world, bank=k.after_answer(world.bank, event))
            case _:
                return change(
                    world, bench=b.after_event(world.bench, event), slips=max(0, world.slips + b.slip_owed(event))
                )

    def said(self, world: CabinetState, effect: AskHost) -> HostAnswered:
        return k.answer(world.bank, k.Limits(), effect)

    def price(self, world: CabinetState, event: AnyEvent) -> int:
        match event:
            case DocumentPrinted(ref="copy", completion="success"):
                return PRICES[world.known.choice("menu")]
            case _:
                return 0
