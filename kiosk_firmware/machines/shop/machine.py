"""The shop as the core sees it, with its facts and marks.

Facts say what is; marks what happened, set when it is complete: something counts as ordered when the service answered,
as paid when the wallet said so. No number, code or address is among them.
"""

from __future__ import annotations

from typing import ClassVar

from kiosk_firmware.core.events import AnyEvent, Returned, Started
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.mobile_carrier import CodeAsked
from kiosk_firmware.core.hosts.shop import JoinAsked, MoveAsked, PlaceAsked
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.phone import shell
from kiosk_firmware.kits.phone.app import App
from kiosk_firmware.machines.shop import phases as p
from kiosk_firmware.machines.shop.frauds import SCENES
from kiosk_firmware.machines.shop.rules import update
from kiosk_firmware.machines.shop.state import Profile, Rules, State, Terms, remembered_account
from kiosk_firmware.machines.shop.view import view


class Shop(App[State, Terms]):
    """One shop's app: its rules of the date, its skin's profile."""

    id = "shop"
    HOME = p.Home
    MET, NOTICE, CODE = p.Met, p.Notice, p.Code
    SCENES = tuple(SCENES)
    FACTS: ClassVar[Facts] = {
        **fraud_scenes.FACTS,
        "at_home": True,
        "joined": False,
        "code_sent": False,
        "sms_read": False,
        "code_wrong": 0,
        "seen": "",
        "reviews_read": "",
        "ordered": "",
        "spec": "",
        "coupon_used": False,
        "due_fen": -1,
        "paid_fen": -1,
        "order": "",
        "canceled": False,
        "fetched": False,
        "confirmed": False,
        "early": False,
        "lapsed": False,
        "stars": 0,
        "returned": "",
        "sent_back": False,
        "disputed": False,
        "refunded_fen": -1,
        "told": "",
        "door_opened": False,
        "door_left": False,
    }

    def __init__(self, rules: Rules, profile: Profile) -> None:
        """Join rules and profile."""
        super().__init__(Terms(rules, profile), update, view)

    def start(self, started: Started) -> State:
        """Start with the locked phone."""
        persona = started.persona
        return State(
            shell.phone_of(started.persona),
            language=started.language,
            scene=started.scene,
            person=persona.ids[0].number if persona.ids else "",
            own=tuple(sim.number for sim in persona.phone.sims if sim.own),
            **remembered_account(persona.phone.shopper),
        )

    def marks(self, before: State, event: AnyEvent, after: State) -> Facts:
        """Return what this step completed."""
        if isinstance(event, Returned) and event.result.verdict == "done":
            return {"paid_fen": event.result.fen}
        return super().marks(before, event, after)

    def booked(self, before: State, ask: Ask | None) -> Facts:
        """Return what the service did."""
        match ask:
            case CodeAsked():
                return {"code_sent": True}
            case JoinAsked():
                return {"joined": True}
            case PlaceAsked(good=good, spec=spec, coupon=coupon, fen=fen):
                return {"ordered": good, "spec": spec, "coupon_used": coupon, "due_fen": fen}
            case MoveAsked():
                return _moved(ask)
            case _:
                return {}

    def seen(self, before: State, after: State) -> Facts:
        """Return what the new page says."""
        match after.phase:
            case p.DoorOpen(left=left):
                return {"door_left": True} if left else {"door_opened": True}
            case p.Product(good=good):
                return {"seen": good}
            case p.Reviews(product=product):
                return {"reviews_read": product.good}
            case p.OrderShown(order=order):
                return {"order": order.state}
            case _:
                return {}


def _moved(ask: MoveAsked) -> Facts:
    """Return what was done with an order, and how it stands."""
    after = ask.after
    assert after is not None, "the service answers with the order"
    found: Facts = {"order": after.state}
    if after.state == "refunded":
        found = {**found, "refunded_fen": after.back_fen}
    match ask.act:
        case "later" if after.state == "done":
            return {**found, "lapsed": True}
        case "cancel":
            return {**found, "canceled": True}
        case "fetch":
            return {**found, "fetched": True}
        case "confirm":
            return {**found, "confirmed": True, **({} if after.fetched else {"early": True})}
        case "review":
            return {**found, "stars": after.stars}
        case "return":
            return {**found, "returned": ask.word}
        case "sendback":
            return {**found, "sent_back": True}
        case "dispute":
            return {**found, "disputed": True}
        case _:
            return found
