"""The mobile shop as the core sees it, with its facts and marks.

Facts say what is; marks what happened, set when it is complete: a number counts as opened when the carrier answered.
Lessons know nothing else of the machine; no ID number and no telephone number is among them.
"""

from __future__ import annotations

from typing import ClassVar

from kiosk_firmware.core.events import Started
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.mobile_carrier import AppealAsked, DropAsked, OpenAsked, ReplaceAsked
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.phone import shell
from kiosk_firmware.kits.phone.app import App
from kiosk_firmware.machines.mobile_shop import phases as p
from kiosk_firmware.machines.mobile_shop.frauds import SCENES
from kiosk_firmware.machines.mobile_shop.rules import update
from kiosk_firmware.machines.mobile_shop.state import Profile, Rules, State, Terms
from kiosk_firmware.machines.mobile_shop.view import view


class MobileShop(App[State, Terms]):
    """One shop: its rules of the date, its skin's profile."""

    id = "mobile-shop"
    HOME = p.Home
    MET, NOTICE, CHECKED = p.Met, p.Notice, p.Checked
    SCENES = tuple(SCENES)
    FACTS: ClassVar[Facts] = {
        **fraud_scenes.FACTS,
        "at_home": True,
        "opened": False,
        "plan": "",
        "months": -1,
        "each_fen": -1,
        "number_kind": "",
        "plan_seen": "",
        "number_seen": "",
        "number": "",
        "replaced": False,
        "dropped": "",
        "listed": False,
        "appealed": False,
        "refused": "",
        "told": "",
        "face_missed": 0,
        "sms_read": False,
    }

    def __init__(self, rules: Rules, profile: Profile) -> None:
        """Join rules and profile."""
        super().__init__(Terms(rules, profile), update, view)

    def start(self, started: Started) -> State:
        """Start in the shop before anybody came; a phone is locked."""
        persona = started.persona
        return State(
            shell=shell.phone_of(started.persona) if self.terms.profile.phone else None,
            language=started.language,
            person=persona.ids[0].number if persona.ids else "",
            hindered=persona.phone.face,
            scene=started.scene,
        )

    def booked(self, before: State, ask: Ask | None) -> Facts:
        """Return what the carrier did."""
        match ask:
            case OpenAsked(plan=plan, number=number, months=months):
                kind = self.terms.offered(number)
                each = max(self.terms.plan(plan).fen, kind.least_fen)
                return {
                    "opened": True,
                    "plan": plan,
                    "months": months,
                    "each_fen": each,
                    "number_kind": kind.kind,
                    "number": number,
                }
            case ReplaceAsked():
                return {"replaced": True}
            case AppealAsked():
                return {"appealed": True}
            case DropAsked(number=number):
                return {"dropped": _whose(before, number)}
            case _:
                return {}

    def seen(self, before: State, after: State) -> Facts:
        """Return what the new page says."""
        match after.phase:
            case p.Refused(why=why):
                return {"refused": why}
            case p.PlanShown(plan=plan):
                return {"plan_seen": plan}
            case p.NumberShown(number=number):
                return {"number_seen": self.terms.offered(number).kind}
            case p.Listing():
                return {"listed": True}
            case p.FirstSms():
                return {"sms_read": True}
            case _:
                return {}


def _whose(before: State, number: str) -> str:
    """Return whether the number that was closed is the person's own, or one that they do not know."""
    shown = before.phase.shown if isinstance(before.phase, p.Waiting) else None
    return "own" if shown is None or shown.own else "stranger"
