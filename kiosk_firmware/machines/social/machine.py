"""The messenger as the core sees it, with its facts and marks.

Facts say what is; marks what happened, set when it is complete: something counts as said, shown or sent when the
service answered. Lessons know nothing else of the machine; no word that somebody typed is among them.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from kiosk_firmware.core.effects import Effects
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Started
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts import social as ask
from kiosk_firmware.core.machine import Machine
from kiosk_firmware.core.pages import Page
from kiosk_firmware.kits import scene
from kiosk_firmware.kits.phone_shell import shell
from kiosk_firmware.kits.phone_shell.shell import Shell
from kiosk_firmware.machines.social import phases as p
from kiosk_firmware.machines.social.rules import update
from kiosk_firmware.machines.social.scenes import SCENES
from kiosk_firmware.machines.social.state import Profile, Rules, State, Terms
from kiosk_firmware.machines.social.view import view
from kiosk_firmware.machines.social.world import SocialWorld


class Messenger(Machine[State]):
    """One messenger: its rules of the date, its skin's profile."""

    id = "social"
    SCENES = tuple(SCENES)
    FACTS: ClassVar[Facts] = {
        **scene.FACTS,
        "at_home": True, "registered": False, "sms_read": False, "code_wrong": 0, "friend_added": "", "said_to": "",
        "said_how": "", "called": "", "reported": "", "blocked": "", "group_did": "", "group": "", "liked": "",
        "shown_to": "", "sent_to": "", "sent_kind": "", "sent_fen": -1, "sent_hours": -1, "opened_fen": -1,
        "told": "", "over_limit": False, "mini_fen": -1,
    }

    def __init__(self, rules: Rules, profile: Profile) -> None:
        """Join rules and profile."""
        self.terms = Terms(rules, profile)

    def start(self, started: Started) -> State:
        """The locked phone."""
        phone = started.persona.phone
        now = phone.social
        return State(
            Shell(sms=phone.sms), language=started.language, own=tuple(sim.number for sim in phone.sims if sim.own),
            registered=bool(now.number), friends=now.friends, groups=now.groups, muted=now.muted, liked=now.liked,
            gifts=now.gifts, scene=started.scene,
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

    def facts(self, state: State, world: SocialWorld) -> Facts:
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
        case ask.JoinAsked():
            return {"registered": True}
        case ask.FriendAsked(friend=friend):
            return {"friend_added": friend}
        case ask.SayAsked(friend=friend, how=how):
            return {"said_to": friend, "said_how": how}
        case ask.GuardAsked(friend=friend, what=what):
            return {"blocked" if what == "block" else "reported": friend}
        case ask.GroupAsked(group=group, what=what):
            return {"group": group, "group_did": what}
        case ask.LikeAsked(friend=friend):
            return {"liked": friend}
        case ask.PostAsked(who=who):
            return {"shown_to": who}
        case ask.GiveAsked(friend=friend, kind=kind, fen=fen, hours=hours):
            return {"sent_to": friend, "sent_kind": kind, "sent_fen": fen, "sent_hours": hours}
        case _:
            return {}


def _seen(before: State, after: State) -> Facts:
    if before.phase is after.phase:
        return {}
    match after.phase:
        case p.Met(meeting=now):
            return scene.marks(before.phase.meeting if isinstance(before.phase, p.Met) else None, now)
        case p.Notice(why="opened", fen=fen):
            return {"told": "opened", "opened_fen": fen}
        case p.Notice(why="mini_paid", fen=fen):
            return {"told": "mini_paid", "mini_fen": fen}
        case p.Notice(why=why):
            return {"told": why}
        case p.Amount(problem="limit"):
            return {"over_limit": True}
        case p.Call(friend=friend, waved=True):
            return {"called": friend}
        case p.Code(wrong=wrong) if wrong:
            return {"code_wrong": wrong}
        case _:
            return {}
