"""The mobile shop as the core sees it, with its facts and marks.

Facts say what is; marks what happened, set when it is complete: a number counts as opened when the carrier answered.
Lessons know nothing else of the machine; no ID number and no telephone number is among them.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from kiosk_firmware.core.effects import Effects
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Started
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts.phone import AppealAsked, DropAsked, OpenAsked, ReplaceAsked
from kiosk_firmware.core.machine import Machine
from kiosk_firmware.core.pages import Page
from kiosk_firmware.kits import scene
from kiosk_firmware.kits.phone_shell import shell
from kiosk_firmware.kits.phone_shell.shell import Shell
from kiosk_firmware.machines.mobile_shop import phases as p
from kiosk_firmware.machines.mobile_shop.rules import update
from kiosk_firmware.machines.mobile_shop.scenes import SCENES
from kiosk_firmware.machines.mobile_shop.state import Profile, Rules, State, Terms
from kiosk_firmware.machines.mobile_shop.view import view
from kiosk_firmware.machines.mobile_shop.world import ShopWorld


class MobileShop(Machine[State]):
    """One shop: its rules of the date, its skin's profile."""

    id = "mobile-shop"
    SCENES = tuple(SCENES)
    FACTS: ClassVar[Facts] = {
        **scene.FACTS,
        "at_home": True, "opened": False, "plan": "", "months": -1, "each_fen": -1, "number_kind": "", "plan_seen": "",
        "number_seen": "", "replaced": False, "dropped": "", "listed": False, "appealed": False, "refused": "",
        "told": "", "face_missed": 0, "sms_read": False,
    }

    def __init__(self, rules: Rules, profile: Profile) -> None:
        """Join rules and profile."""
        self.terms = Terms(rules, profile)

    def start(self, started: Started) -> State:
        """The shop before anybody came; a phone is locked."""
        persona = started.persona
        return State(
            shell=Shell(sms=persona.phone.sms) if self.terms.profile.phone else None, language=started.language,
            person=persona.ids[0].number if persona.ids else "", hindered=persona.phone.face, scene=started.scene,
        )

    def update(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        """See `rules.update`."""
        return update(self.terms, state, event)

    def view(self, state: State) -> Page:
        """See `view.view`."""
        return view(self.terms, state)

    def essence(self, state: State) -> State:
        """Without the language, which changes no rule."""
        return state if state.language == "zh" else msgspec.structs.replace(state, language="zh")

    def facts(self, state: State, world: ShopWorld) -> Facts:
        """What is."""
        put_away = state.shell is None or state.shell.where == "lock"
        return {"at_home": isinstance(state.phase, p.Home) and put_away}

    def marks(self, before: State, event: AnyEvent, after: State) -> Facts:
        """What this step completed."""
        if before.phase is after.phase:
            opened = before.shell and after.shell and shell.read(before.shell, after.shell)
            return {"sms_read": True} if opened else {}
        booked = self._booked(before, event) if isinstance(event, HostAnswered) and event.verdict == "ok" else {}
        return {**booked, **self._seen(before, after)}

    def _booked(self, before: State, event: HostAnswered) -> Facts:
        if event.completion != "success":
            return {}
        match event.ask:
            case OpenAsked(plan=plan, number=number, months=months):
                kind = self.terms.offered(number)
                each = max(self.terms.plan(plan).fen, kind.least_fen)
                return {"opened": True, "plan": plan, "months": months, "each_fen": each, "number_kind": kind.kind}
            case ReplaceAsked():
                return {"replaced": True}
            case AppealAsked():
                return {"appealed": True}
            case DropAsked(number=number):
                return {"dropped": _whose(before, number)}
            case _:
                return {}

    def _seen(self, before: State, after: State) -> Facts:
        match after.phase:
            case p.Met(meeting=now):
                return scene.marks(before.phase.meeting if isinstance(before.phase, p.Met) else None, now)
            case p.Notice(why=why):
                return {"told": why}
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
            case p.Checked(face=now) if now.told:
                return {"face_missed": now.missed}
            case _:
                return {}


def _whose(before: State, number: str) -> str:
    """Whether the number that was closed is the person's own, or one that they do not know."""
    shown = before.phase.shown if isinstance(before.phase, p.Waiting) else None
    return "own" if shown is None or shown.own else "stranger"
