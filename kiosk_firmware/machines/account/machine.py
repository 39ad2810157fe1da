"""The account as the core sees it, with its facts and marks.

Facts say what is; marks what happened, set when it is complete: an account counts as recovered when the service
answered. No number, code or password is among them.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from kiosk_firmware.core.effects import Effects
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Started
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts.phone import CodeAsked, RecoverAsked
from kiosk_firmware.core.machine import Machine
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.persona import OldAccount
from kiosk_firmware.kits import scene
from kiosk_firmware.kits.phone_shell import shell
from kiosk_firmware.kits.phone_shell.shell import Shell
from kiosk_firmware.machines.account import phases as p
from kiosk_firmware.machines.account.rules import update
from kiosk_firmware.machines.account.scenes import SCENES
from kiosk_firmware.machines.account.state import APP, Profile, Rules, State, Terms
from kiosk_firmware.machines.account.view import view
from kiosk_firmware.machines.account.world import AccountWorld

STRANGERS = ("陈浩", "赵磊")
"""People on the page of friends whom nobody knows."""


class Account(Machine[State]):
    """One service's app: its rules of the date, its skin's profile."""

    id = "account"
    SCENES = tuple(SCENES)
    FACTS: ClassVar[Facts] = {
        **scene.FACTS,
        "at_home": True, "recovered": False, "proof": "", "code_sent": False, "sms_read": False, "told": "",
        "face_missed": 0, "weak_tried": "", "code_wrong": 0,
    }

    def __init__(self, rules: Rules, profile: Profile) -> None:
        """Join rules and profile."""
        self.terms = Terms(rules, profile)

    def start(self, started: Started) -> State:
        """The locked phone."""
        phone = started.persona.phone
        account = next((one for one in phone.accounts if one.app == APP), OldAccount(APP, "?", ""))
        own = tuple(sim.number for sim in phone.sims if sim.own)
        return State(
            Shell(sms=phone.sms), account, language=started.language, own=own, strangers=STRANGERS,
            hindered=phone.face, scene=started.scene,
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

    def facts(self, state: State, world: AccountWorld) -> Facts:
        """What is."""
        return {"at_home": isinstance(state.phase, p.Home) and state.shell.where == "lock"}

    def marks(self, before: State, event: AnyEvent, after: State) -> Facts:
        """What this step completed."""
        if shell.read(before.shell, after.shell):
            return {"sms_read": True}
        done = isinstance(event, HostAnswered) and event.completion == "success" and event.verdict == "ok"
        booked = _booked(event) if done and isinstance(event, HostAnswered) else {}
        return {**booked, **_seen(before, after)}


def _booked(event: HostAnswered) -> Facts:
    match event.ask:
        case CodeAsked():
            return {"code_sent": True}
        case RecoverAsked(proof=proof):
            return {"recovered": True, "proof": proof}
        case _:
            return {}


def _seen(before: State, after: State) -> Facts:
    if before.phase is after.phase:
        return {}
    match after.phase:
        case p.Met(meeting=now):
            return scene.marks(before.phase.meeting if isinstance(before.phase, p.Met) else None, now)
        case p.Notice(why=why):
            return {"told": why}
        case p.PasswordTold(which=which):
            return {"weak_tried": which}
        case p.Checked(face=now) if now.told:
            return {"face_missed": now.missed}
        case p.Code(wrong=wrong) if wrong:
            return {"code_wrong": wrong}
        case _:
            return {}
