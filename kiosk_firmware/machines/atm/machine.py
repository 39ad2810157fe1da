"""The ATM as a `Machine`: start, update, view, facts and marks."""

from __future__ import annotations

from typing import ClassVar

from kiosk_firmware.core import money
from kiosk_firmware.core.events import (
    AnyEvent,
    DocumentPrinted,
    HostAnswered,
    ItemsRetracted,
    ItemsTaken,
    MediaRetained,
    MediaTaken,
    PinEntered,
    Started,
    Tapped,
)
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts.bank import DepositAsked, ReversalAsked, TransferAsked, TransferCancelAsked
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.composed_machine import Faces
from kiosk_firmware.kits.practice_clock import local_yymm
from kiosk_firmware.kits.return_items import KeptNotice, LeavePhase, ReceiptPrinting, Retaining, TakingCard
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm.frauds import SCENES
from kiosk_firmware.machines.atm.rules import update
from kiosk_firmware.machines.atm.state import Profile, Rules, State, Terms
from kiosk_firmware.machines.atm.view import view
from kiosk_firmware.machines.atm.world import AtmWorld

REFUSALS = ("unreadable", "turned", "no_chip", "dormant", "refused")
"""Why a card comes back without anything being done."""


class Atm(Faces[State, Terms]):
    """One ATM: its rules of the date and its skin's profile."""

    id = "atm"
    FACTS: ClassVar[Facts] = {
        "at_home": True,
        "card_back": True,
        "balance_fen": 0,
        "withdrawn_fen": 0,
        "deposited_fen": 0,
        "deposited_to": "",
        "note_kept": False,
        "note_over": False,
        "returned_fen": 0,
        "transferred_fen": 0,
        "transferred_to": "",
        "transfer_canceled": False,
        "pin_changed": False,
        "balance_seen": False,
        "statement_seen": False,
        "statement_printed": False,
        "receipt_printed": False,
        "wrong_pin": False,
        "card_kept": False,
        "card_left": False,
        "cash_retracted": False,
        "reversed": False,
        "refused": "",
        "told_read": False,
        "bank_called": False,
        "card_regained": False,
        "card_forgone": False,
        **fraud_scenes.FACTS,
    }

    SCENES = tuple(SCENES)

    def __init__(self, rules: Rules, profile: Profile) -> None:
        """Join rules and profile."""
        super().__init__(Terms(rules, profile), update, view)

    def start(self, started: Started) -> State:
        """Start with nothing in the machine, on the practised day."""
        return State(language=started.language, yymm=local_yymm(started), scene=started.scene)

    def facts(self, state: State, world: AtmWorld) -> Facts:
        """Return what is."""
        bench = world.bench
        account = next((c.account for c in world.persona.cards if c.number == state.number), "")
        first = account or (world.persona.cards[0].account if world.persona.cards else "")
        return {
            "at_home": isinstance(state.phase, p.Home),
            "card_back": bench.place == "none" and not bench.kept,
            "balance_fen": world.bank.ledger.balance(first),
        }

    def marks(self, before: State, event: AnyEvent, after: State) -> Facts:
        """Return what this step completed."""
        match event:
            case MediaTaken() if isinstance(before.phase, TakingCard) and before.phase.leave.why in REFUSALS:
                return {"refused": before.phase.leave.why}
            case ItemsTaken(at="cash_dispenser"):
                if isinstance(before.phase, LeavePhase) and before.phase.leave.booking:
                    return {"withdrawn_fen": before.phase.leave.handed_fen}  # also where it comes in several falls
                return {"returned_fen": money.total(before.books.tray)}
            case ItemsRetracted(at="note_acceptor", items=items) if items:
                return {"note_kept": True}
            case ItemsRetracted(items=items) if items:
                return {"cash_retracted": True}
            case MediaRetained(completion="success"):
                left = isinstance(before.phase, Retaining) and before.phase.leave.why == "card_left"
                return {"card_kept": True, "card_left": left}
            case PinEntered(verdict="wrong"):
                return {"wrong_pin": True}
            case DocumentPrinted(completion="success"):
                return _printed(before)
            case HostAnswered(completion="success", verdict="ok"):
                return _booked(event)
            case Tapped():
                return _pressed(before, event) or _seen(before, after)
            case _:
                return _seen(before, after)


def _printed(before: State) -> Facts:
    if isinstance(before.phase, p.StatementPrinting):
        return {"statement_printed": True}
    return {"receipt_printed": True} if isinstance(before.phase, ReceiptPrinting) else {}


def _booked(event: HostAnswered) -> Facts:
    match event.ask:
        case DepositAsked(fen=fen, account=account) if account:
            return {"deposited_fen": fen, "deposited_to": account}
        case DepositAsked(fen=fen):
            return {"deposited_fen": fen}
        case TransferAsked(fen=fen, account=account):
            return {"transferred_fen": fen, "transferred_to": account}
        case TransferCancelAsked():
            return {"transfer_canceled": True}
        case ReversalAsked():
            return {"reversed": True}
        case _:
            return {}


def _pressed(before: State, event: Tapped) -> Facts:
    """Return what was read to its end, and the steps on the way to a kept card."""
    match before.phase, event.key:
        case ((KeptNotice() | p.Notice()), ("told.ok" | "notice.ok")):
            return {"told_read": True}
        case p.Fetching(stand="kept"), "fetch.call":
            return {"bank_called": True}
        case p.Fetching(stand="given"), "fetch.take":
            return {"card_regained": True}
        case _:
            return {}


def _seen(before: State, after: State) -> Facts:
    if before.phase is after.phase:
        return {}
    match before.phase, after.phase:
        case (
            (p.Fetching() | p.Met(meeting=fraud_scenes.SceneProgress(scene=fraud_scenes.Scene(moment="kept")))),
            p.Home(),
        ):
            return {"card_forgone": True}
        case p.Met(meeting=was), p.Met(meeting=now):
            return fraud_scenes.marks(was, now)
        case _, p.Met(meeting=now):
            return fraud_scenes.marks(None, now)
        case _, p.Storing(refused="day"):
            return {"note_over": True}
        case _, p.Notice(why="pin_changed"):
            return {"pin_changed": True}
        case p.BalanceShown(), _:
            return {"balance_seen": True}
        case p.StatementShown(), _:
            return {"statement_seen": True}
        case _:
            return {}
