"""The messenger as the core sees it, with its facts and marks.

Facts say what is; marks what happened, set when it is complete: something counts as said, shown or sent when the
service answered. Lessons know nothing else of the machine; no word that somebody typed is among them.
"""

from __future__ import annotations

from typing import ClassVar

from kiosk_firmware.core.events import Started
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts import social as asked
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.phone import password, shell
from kiosk_firmware.kits.phone.app import App
from kiosk_firmware.machines.social import phases as p
from kiosk_firmware.machines.social.frauds import SCENES
from kiosk_firmware.machines.social.rules import update
from kiosk_firmware.machines.social.state import Profile, Rules, State, Terms
from kiosk_firmware.machines.social.view import view


class Messenger(App[State, Terms]):
    """One messenger: its rules of the date, its skin's profile."""

    id = "social"
    HOME = p.Home
    MET, NOTICE, CODE = p.Met, p.Notice, p.Code
    SCENES = tuple(SCENES)
    FACTS: ClassVar[Facts] = {
        **fraud_scenes.FACTS,
        "at_home": True,
        "registered": False,
        "vouched": "",
        "sms_read": False,
        "code_wrong": 0,
        "friend_added": "",
        "said_to": "",
        "said_how": "",
        "called": "",
        "reported": "",
        "blocked": "",
        "group_did": "",
        "group": "",
        "liked": "",
        "shown_to": "",
        "sent_to": "",
        "sent_kind": "",
        "sent_fen": -1,
        "sent_hours": -1,
        "opened_fen": -1,
        "opened_of": "",
        "told": "",
        "password_wrong": 0,
        "over_limit": False,
        "mini_fen": -1,
    }

    def __init__(self, rules: Rules, profile: Profile) -> None:
        """Join rules and profile."""
        super().__init__(Terms(rules, profile), update, view)

    def start(self, started: Started) -> State:
        """Start with the locked phone."""
        phone = started.persona.phone
        now = phone.social
        return State(
            shell.phone_of(started.persona),
            language=started.language,
            own=tuple(sim.number for sim in phone.sims if sim.own),
            registered=bool(now.number),
            friends=now.friends,
            groups=now.groups,
            muted=now.muted,
            liked=now.liked,
            gifts=now.gifts,
            secret=password.number_of(started.persona),
            scene=started.scene,
        )

    def booked(self, before: State, ask: Ask | None) -> Facts:
        """Return what the service did."""
        match ask:
            case asked.JoinAsked(friend=friend):
                return {"registered": True, "vouched": friend}
            case asked.FriendAsked(friend=friend):
                return {"friend_added": friend}
            case asked.SayAsked(friend=friend, how=how):
                return {"said_to": friend, "said_how": how}
            case asked.GuardAsked(friend=friend, what=what):
                return {"blocked" if what == "block" else "reported": friend}
            case asked.GroupAsked(group=group, what=what):
                return {"group": group, "group_did": what}
            case asked.LikeAsked(friend=friend):
                return {"liked": friend}
            case asked.PostAsked(who=who):
                return {"shown_to": who}
            case asked.GiveAsked(friend=friend, kind=kind, fen=fen, hours=hours):
                return {"sent_to": friend, "sent_kind": kind, "sent_fen": fen, "sent_hours": hours}
            case _:
                return {}

    def seen(self, before: State, after: State) -> Facts:
        """Return what the new page says."""
        match after.phase:
            case p.Notice(why="opened", friend=friend, fen=fen):
                return {"opened_fen": fen, "opened_of": friend}
            case p.Notice(why="mini_paid", fen=fen):
                return {"mini_fen": fen}
            case p.Notice(why="locked"):
                return {"password_wrong": self.terms.rules.pin_tries}
            case p.Password(pin=pin) if pin.wrong:
                return {"password_wrong": self.terms.rules.pin_tries - pin.tries}
            case p.Amount(problem="limit"):
                return {"over_limit": True}
            case p.Call(friend=friend, waved=True):
                return {"called": friend}
            case _:
                return {}
