"""The account as the core sees it, with its facts and marks.

Facts say what is; marks what happened, set when it is complete: an account counts as recovered when the service
answered. No number, code or password is among them.
"""

from __future__ import annotations

from typing import ClassVar

from kiosk_firmware.core.events import Started
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.mobile_carrier import CodeAsked, OldAccount, RecoverAsked
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.phone import shell
from kiosk_firmware.kits.phone.app import App
from kiosk_firmware.machines.account import phases as p
from kiosk_firmware.machines.account.frauds import SCENES
from kiosk_firmware.machines.account.rules import update
from kiosk_firmware.machines.account.state import APP, Profile, Rules, State, Terms
from kiosk_firmware.machines.account.view import view

STRANGERS = ("陈浩", "赵磊")
"""People on the page of friends whom nobody knows."""


class Account(App[State, Terms]):
    """One service's app: its rules of the date, its skin's profile."""

    id = "account"
    HOME = p.Home
    MET, NOTICE, CHECKED, CODE = p.Met, p.Notice, p.Checked, p.Code
    SCENES = tuple(SCENES)
    FACTS: ClassVar[Facts] = {
        **fraud_scenes.FACTS,
        "at_home": True,
        "regained": False,
        "proof": "",
        "code_sent": False,
        "sms_read": False,
        "told": "",
        "face_missed": 0,
        "weak_tried": "",
        "code_wrong": 0,
    }

    def __init__(self, rules: Rules, profile: Profile) -> None:
        """Join rules and profile."""
        super().__init__(Terms(rules, profile), update, view)

    def start(self, started: Started) -> State:
        """Start with the locked phone."""
        phone = started.persona.phone
        account = next((one for one in phone.accounts if one.app == APP), OldAccount(APP, "?", ""))
        own = tuple(sim.number for sim in phone.sims if sim.own)
        return State(
            shell.phone_of(started.persona),
            account,
            language=started.language,
            own=own,
            strangers=STRANGERS,
            hindered=phone.face,
            scene=started.scene,
        )

    def booked(self, before: State, ask: Ask | None) -> Facts:
        """Return what the service did."""
        match ask:
            case CodeAsked():
                return {"code_sent": True}
            case RecoverAsked(proof=proof):
                return {"regained": True, "proof": proof}
            case _:
                return {}

    def seen(self, before: State, after: State) -> Facts:
        """Return what the new page says."""
        match after.phase:
            case p.PasswordTold(which=which):
                return {"weak_tried": which}
            case _:
                return {}
