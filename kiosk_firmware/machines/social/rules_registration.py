"""Registering, and finding friends.

Whoever registers types the code that came and has somebody vouch who knows them from life, in the skin's order. A
friend is found by number or by the code on their own phone; whom one does not know is not let in.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, Tapped, Typed
from kiosk_firmware.core.hosts.social import EntryCodeAsked, FriendAsked, JoinAsked
from kiosk_firmware.machines.social import phases as p
from kiosk_firmware.machines.social.state import Entry, State, Step, Terms, ask, enter_phase, front, tiles

DIGITS = 11
Joining = p.Welcome | p.Number | p.Code | p.Vouch | p.Add | p.Scan | p.Found | p.Request
MATCHES: dict[str, p.Phase] = {"add.number": p.Number("friend"), "add.scan": p.Scan(), "add.request": p.Request()}


def with_registration(state: State, **fields: object) -> State:
    """Return the state with these fields of registering changed."""
    return msgspec.structs.replace(state, entry=msgspec.structs.replace(state.entry, **fields))


def proceed(terms: Terms, state: State) -> Step:
    """Ask the first thing that registering still wants, in the skin's order."""
    entry: Entry = state.entry
    for stage in terms.profile.order:
        if stage == "code" and not entry.coded:
            return ask(state, EntryCodeAsked(0, entry.number))
        if stage == "vouch" and not entry.friend:
            return enter_phase(state, p.Vouch())
    return ask(state, JoinAsked(1, entry.number, entry.friend))


def on_join(terms: Terms, state: State, phase: Joining, event: AnyEvent) -> Step:
    """Take one event on one of these pages."""
    if isinstance(event, Typed) and isinstance(phase, p.Number | p.Code):
        return enter_phase(state, msgspec.structs.replace(phase, typed=event.text))
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match phase, event.key:
        case p.Welcome(), "join.new":
            return enter_phase(state, p.Number("own"))
        case p.Welcome(), "nav.back":
            return tiles(state)
        case p.Number(), "number.ok":
            return _numbered(terms, state, phase)
        case p.Code(), "code.ok":
            return _coded(terms, state, phase)
        case p.Vouch(), key if key.startswith("vouch."):
            return _vouched(terms, state, event.value)
        case p.Add(), key if key in MATCHES:
            return enter_phase(state, MATCHES[key])
        case p.Scan(), "scan.take":
            return enter_phase(state, p.Found(terms.rules.scans))
        case p.Found(friend=friend), "friend.ask":
            return (
                enter_phase(state, p.Notice("is_friend"))
                if friend in state.friends
                else ask(state, FriendAsked(1, friend))
            )
        case p.Request(), "request.yes":
            return enter_phase(state, p.Notice("unknown"))
        case p.Request(), "request.no":
            return enter_phase(state, p.Notice("not_let_in"))
        case _, "nav.back":
            return front(state)
        case _:
            return state, NO_EFFECTS


def _numbered(terms: Terms, state: State, phase: p.Number) -> Step:
    typed = phase.typed
    if len(typed) != DIGITS or not typed.isdecimal():
        return enter_phase(state, p.Number(phase.whose, "", "digits"))
    if phase.whose == "friend":
        found = next((one for one in terms.rules.cast if one.number == typed), None)
        return enter_phase(state, p.Found(found.id) if found else p.Notice("nobody"))
    if typed not in state.own:
        return enter_phase(state, p.Number("own", "", "not_yours"))
    return proceed(terms, with_registration(state, number=typed))


def _coded(terms: Terms, state: State, phase: p.Code) -> Step:
    if phase.typed == phase.sent:
        return proceed(terms, with_registration(state, coded=True))
    wrong = phase.wrong + 1
    if wrong >= terms.rules.tries:
        return enter_phase(state, p.Notice("code_wrong"))
    return enter_phase(state, msgspec.structs.replace(phase, typed="", wrong=wrong))


def _vouched(terms: Terms, state: State, friend: str) -> Step:
    if not terms.person(friend).known:
        return enter_phase(state, p.Notice("no_vouch"))
    return proceed(terms, with_registration(state, friend=friend))
