"""The wallet as the core sees it, with its facts and marks.

Facts say what is; marks what happened, set when it is complete: a payment counts when the service said so, or when the
other side's record showed it. Lessons know nothing else of the machine; no figure of a password or code is among them.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from kiosk_firmware.core.events import AnyEvent, MediaDetected, Started
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.linked_machine_requests import LinkedMachineResult
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.phone import password, shell
from kiosk_firmware.kits.phone.app import App
from kiosk_firmware.machines.payment import phases as p
from kiosk_firmware.machines.payment import wallet_service
from kiosk_firmware.machines.payment.frauds import SCENES
from kiosk_firmware.machines.payment.rules import update
from kiosk_firmware.machines.payment.rules_pay import UNIT
from kiosk_firmware.machines.payment.state import Deal, Profile, Rules, State, Terms
from kiosk_firmware.machines.payment.view import view
from kiosk_firmware.machines.payment.world import PayWorld


class Payment(App[State, Terms]):
    """One wallet: its rules of the date, its skin's profile."""

    id = "payment"
    HOME = p.Home
    MET, NOTICE = p.Met, p.Notice
    SCENES = tuple(SCENES)
    FACTS: ClassVar[Facts] = {
        **fraud_scenes.FACTS,
        "at_home": True,
        "paid_fen": -1,
        "paid_to": "",
        "paid_way": "",
        "paid_from": "",
        "times_paid": 0,
        "sent_hours": -1,
        "told": "",
        "record_seen": False,
        "doubt": False,
        "no_funds": False,
        "bills_seen": False,
        "password_wrong": 0,
        "called_off": "",
        "renewed": 0,
        "sms_read": False,
        "tapped": "",
        "paid_shop": "",
        "sent_to": "",
    }

    def __init__(self, rules: Rules, profile: Profile) -> None:
        """Join rules and profile."""
        super().__init__(Terms(rules, profile), update, view)

    def start(self, started: Started) -> State:
        """Start with the locked phone; or, where another app wants to be paid, with name and amount."""
        persona, asked = started.persona, started.request
        state = State(
            shell.phone_of(started.persona),
            language=started.language,
            contacts=persona.contacts,
            scene=started.scene,
            number=password.number_of(persona),
        )
        if asked is None:
            return state
        deal = Deal(asked.who, asked.fen, "dynamic", self.terms.profile.source)
        return msgspec.structs.replace(state, shell=shell.Shell("app"), phase=p.Confirm(), deal=deal, asked=asked)

    def result(self, state: State) -> LinkedMachineResult | None:
        """Return what the app hears that wanted to be paid."""
        return state.result

    def facts(self, state: State, world: PayWorld) -> Facts:
        """Return what is."""
        own = wallet_service.own(world.persona)
        times = sum(
            (entry.kind == "pay") - (entry.kind == "back")
            for entry in world.persona.ledger.entries
            if entry.account in own
        )
        return {**super().facts(state, world), "times_paid": times}

    def marks(self, before: State, event: AnyEvent, after: State) -> Facts:
        """Return what this step completed."""
        found = super().marks(before, event, after)
        if isinstance(before.phase, p.TapReady) and isinstance(after.phase, p.Waiting):
            return {**found, "tapped": "reader" if isinstance(event, MediaDetected) else "key"}
        return found

    def seen(self, before: State, after: State) -> Facts:
        """Return what the new page says; the wallet marks nothing else, as a payment counts only once it is told."""
        match after.phase:
            case p.Paid() | p.Record(stands=True):
                return self._paid(after)
            case p.Notice(why=why):
                return self._locked(why)
            case p.Record():
                return {"record_seen": True}
            case p.Password(pin=now) if now.wrong:
                return {"password_wrong": self.terms.rules.pin_tries - now.tries}
            case p.TillWaits(why=why):
                return {"called_off": why, **self._locked(why)}
            case p.CodeShown(renewed=renewed) if renewed:
                return {"renewed": renewed}
            case _:
                return _seen(after)

    def _locked(self, why: str) -> Facts:
        return {"password_wrong": self.terms.rules.pin_tries} if why == "locked" else {}

    def _paid(self, after: State) -> Facts:
        deal = after.deal
        seen: Facts = {"record_seen": True} if isinstance(after.phase, p.Record) else {}
        facts: Facts = {
            "paid_fen": deal.fen,
            "paid_to": _whose(self.terms, deal),
            "paid_way": deal.way,
            "paid_from": deal.source,
        }
        to: Facts = {"sent_hours": deal.hours, "sent_to": deal.to} if deal.way == "send" else {"paid_shop": deal.shop}
        return {**facts, **to, **seen}


def _seen(after: State) -> Facts:
    match after.phase:
        case p.Unsure() | p.Polling():
            return {"doubt": True}
        case p.Funds():
            return {"no_funds": True}
        case p.Bills():
            return {"bills_seen": True}
        case _:
            return {}


def _whose(terms: Terms, deal: Deal) -> str:
    """Return who was paid: the shop where one stood, a stranger whose code was pasted over, another unit, or a
    person.
    """
    if deal.way == "send":
        return "person"
    if deal.to == UNIT or not deal.shop:
        return UNIT
    return "shop" if deal.to == deal.shop else "stranger"
