"""The messenger's state and terms, and the few moves that all pages make.

`Terms` is what never changes in a run: the dated rules and the skin's profile. The cast (`Rules.cast`) are fictional
people who answer by rules. What is typed stands in its phase while it is typed, and nowhere after that.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kiosk_firmware.core.effects import AskHost, Effects
from kiosk_firmware.core.events import Device
from kiosk_firmware.core.hosts.social import Gift, SocialAsk
from kiosk_firmware.kits.ask_numbers import free_number
from kiosk_firmware.kits.phone import password
from kiosk_firmware.kits.phone.shell import Shell, close_phone, leave_app
from kiosk_firmware.machines.social import phases as p

HOST: Device = "network_host"
Stage = Literal["code", "vouch"]


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person of the cast. `known`: one knows them from life, so they vouch; `awake`: takes money at once."""

    id: str
    number: str
    known: bool = True
    awake: bool = True


class Programme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mini-programme, and what is paid in it."""

    id: str
    fen: int


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dated rules; sources stand in rulepack.toml. `packet_fen`: the most in a red packet; `hours`: when a transfer may
    arrive; `back_hours`: what nobody took goes back after so long; `tries`: wrong codes that are allowed; `pin_tries`,
    `pin_digits`: of the payment password. `words`,
    `pictures`: those that are ready; `shows`: who has shown one; `invites`: the groups that one may join;
    `scans`: whose code is before the camera; `asks`: who asks to be a friend.
    """

    packet_fen: int
    hours: tuple[int, ...]
    back_hours: int
    tries: int
    pin_tries: int
    pin_digits: int
    code_digits: int
    cast: tuple[Person, ...]
    words: tuple[str, ...]
    pictures: tuple[str, ...]
    shows: str
    invites: tuple[str, ...]
    scans: str
    asks: str
    programmes: tuple[Programme, ...]
    page_ms: int
    note_ms: int


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a skin that rules read: `order`, what registering asks one after the other."""

    order: tuple[Stage, ...]


class Terms(msgspec.Struct, frozen=True):
    """Rules and profile."""

    rules: Rules
    profile: Profile

    def person(self, name: str) -> Person:
        """Return somebody of the cast."""
        return next(one for one in self.rules.cast if one.id == name)

    def programme(self, name: str) -> Programme:
        """Return the mini-programme of that name."""
        return next(one for one in self.rules.programmes if one.id == name)


class Entry(msgspec.Struct, frozen=True, cache_hash=True):
    """Registering, so far: the number, whether its code was typed, and who vouches."""

    number: str = ""
    coded: bool = False
    friend: str = ""


class Deal(msgspec.Struct, frozen=True, cache_hash=True):
    """Money that is being sent."""

    friend: str = ""
    kind: p.Kind = "packet"
    fen: int = 0
    hours: int = 0

    @property
    def signed(self) -> str:
        """Return what the key stands for that sends it."""
        return f"{self.friend} {self.kind} {self.fen} {self.hours}"


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything the app knows. `own`: the numbers that one has; `friends`, `groups`, `muted`, `liked`, `gifts` as the
    service has them; `held`: the numbers of askings that it may have done; `secret`: whose PIN the password is;
    `locked`: it was wrong too often; `scene`: the fraud still to be met.
    """

    shell: Shell
    phase: p.Phase = p.Home()
    language: str = "zh"
    own: tuple[str, ...] = ()
    registered: bool = False
    friends: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    liked: tuple[str, ...] = ()
    gifts: tuple[Gift, ...] = ()
    entry: Entry = Entry()
    deal: Deal = Deal()
    held: tuple[int, ...] = ()
    secret: str = password.NUMBER
    locked: bool = False
    scene: str = ""


Step = tuple[State, Effects]


def enter_phase(state: State, phase: p.Phase, *effects: Any, **fields: Any) -> Step:
    """Return the state in another phase, with effects."""
    return msgspec.structs.replace(state, phase=phase, **fields), effects


def ask(state: State, question: SocialAsk, tries: int = 1) -> Step:
    """Ask the service, and wait for it."""
    return enter_phase(state, p.Waiting(question, tries), AskHost(HOST, "social", question))


def move(state: State, question: SocialAsk) -> Step:
    """Ask for something that moves money, under a number of its own."""
    return ask(state, msgspec.structs.replace(question, id=free_number(state.held)))


def front(state: State) -> Step:
    """Return to the app's first page, which is another one for who is not registered."""
    return enter_phase(state, p.Main() if state.registered else p.Welcome(), deal=Deal(), entry=Entry())


def home(state: State) -> Step:
    """Put it down: the app is closed."""
    return enter_phase(state, p.Home(), shell=close_phone(state.shell), deal=Deal(), entry=Entry())


def tiles(state: State) -> Step:
    """Leave the app by its way out."""
    return enter_phase(state, p.Home(), shell=leave_app(state.shell), deal=Deal(), entry=Entry())
