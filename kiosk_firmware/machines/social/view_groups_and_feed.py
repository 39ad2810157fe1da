"""The messenger's pages of groups, of what friends show, and of mini-programmes."""

from __future__ import annotations

from kiosk_firmware.core.pages import Body, Key, Page, Text, Timer, text
from kiosk_firmware.kits.common_pages import amount_row, key, message
from kiosk_firmware.kits.phone import shell_pages
from kiosk_firmware.machines.social import phases as p
from kiosk_firmware.machines.social.rules_groups_and_feed import MorePhase
from kiosk_firmware.machines.social.state import State, Terms

WHO = ("all", "friends", "me")


def further(terms: Terms, state: State, phase: MorePhase, stands: Timer) -> Page:
    """Return the page of one of these phases."""
    back, rules = shell_pages.nav(state.shell), terms.rules
    match phase:
        case p.Groups():
            names = dict.fromkeys((*state.groups, *rules.invites))
            keys = tuple(
                Key(f"group.{at}", "choice", text(f"group.{one}"), one, sub=_stand(state, one), icon=f"group_{one}")
                for at, one in enumerate(names)
            )
            return _list("groups", keys + back, stands)
        case p.Group(group=group):
            return _group(state, group, stands)
        case p.Moments():
            return _moments(state, rules.shows, stands)
        case p.Who():
            keys = tuple(key(f"who.{one}", "choice", one) for one in WHO)
            return message("who", "who.title", (text("who.how"),), (*keys, *back), stands, icon="moments")
        case p.Minis():
            keys = tuple(
                Key(f"mini.{at}", "choice", text(f"mini.{one.id}"), one.id) for at, one in enumerate(rules.programmes)
            )
            return _list("minis", keys + back, stands)
        case p.Mini(mini=mini):
            keys = (key("pay.open", "primary"), *back)
            rows = (amount_row("sum", terms.programme(mini).fen),)
            return message("mini", f"mini.{mini}", (text(f"mini_how.{mini}"),), keys, stands, rows=rows, icon="minis")


def _list(step: str, keys: tuple[Key, ...], stands: Timer) -> Page:
    return Page("List", step, text(f"{step}.title"), None, Body((text(f"{step}.how"),)), keys, stands)


def _stand(state: State, group: str) -> Text:
    return text("groups.quiet" if group in state.muted else "groups.in" if group in state.groups else "groups.invited")


def _group(state: State, group: str, stands: Timer) -> Page:
    """Return what is said in it, and what can be done with it."""
    inside, quiet = group in state.groups, group in state.muted
    acts = ("leave",) if quiet else ("mute", "leave") if inside else ("join",)
    keys = (*(key(f"act.{act}", "choice") for act in acts), *shell_pages.nav(state.shell))
    return message("group", f"group.{group}", (text(f"group_how.{group}"),), keys, stands, icon=f"group_{group}")


def _moments(state: State, friend: str, stands: Timer) -> Page:
    keys: tuple[Key, ...] = (key("moments.post", "choice"), *shell_pages.nav(state.shell))
    lines: tuple[Text, ...] = (text("moments.none"),)
    if friend in state.friends:
        lines = (text(f"shown.{friend}"),)
        if friend in state.liked:
            lines = (*lines, text("moments.liked"))
        else:
            keys = (key("moments.like", "choice", friend), *keys)
    return message(
        "moments", "moments.title", lines, keys, stands, icon="photo_hill" if friend in state.friends else "moments"
    )
