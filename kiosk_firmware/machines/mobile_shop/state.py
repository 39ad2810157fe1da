"""The mobile shop's state and terms, and the few moves that every errand makes.

`Terms` is what never changes in a run: the dated rules and the skin's profile. `Draft` is the number that is being put
together. On a phone the carrier's app stands on the phone's shell; in the shop's hall the same stands on its own.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kiosk_firmware.core.effects import AskHost, Effects
from kiosk_firmware.core.hosts.mobile_carrier import CarrierAsk
from kiosk_firmware.kits.phone.shell import Shell, close_phone, leave_app
from kiosk_firmware.machines.mobile_shop import phases as p

Stage = Literal["ident", "face", "plan", "number"]
BASIC = "basic"
"""The plan that everybody may have."""


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan's monthly price, content and binding time: leaving before costs `leave_fen`."""

    id: str
    fen: int
    gb: int
    minutes: int
    months: int = 0
    leave_fen: int = 0


class Offered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number on offer. plain; pretty: easy to remember, so one is bound to a monthly least; used: somebody had it
    before, and their messages may still come.
    """

    number: str
    kind: Literal["plain", "pretty", "used"] = "plain"
    months: int = 0
    least_fen: int = 0


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dated rules; sources stand in rulepack.toml. `most`: numbers that one person may have with one carrier;
    `recycle_days`: after so many days a closed number is given to somebody else.
    """

    most: int
    recycle_days: int
    appeal_days: int
    plans: tuple[Plan, ...]
    numbers: tuple[Offered, ...]
    page_ms: int
    note_ms: int
    face_ms: int


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a skin that rules read. `phone`: the carrier's app on a phone; `order`: what is asked one after the
    other.
    """

    phone: bool
    order: tuple[Stage, ...]


class Terms(msgspec.Struct, frozen=True):
    """Rules and profile."""

    rules: Rules
    profile: Profile

    def plan(self, name: str) -> Plan:
        """Return the plan of that name."""
        return next(plan for plan in self.rules.plans if plan.id == name)

    def offered(self, number: str) -> Offered:
        """Return the number on offer."""
        return next(one for one in self.rules.numbers if one.number == number)


class Draft(msgspec.Struct, frozen=True, cache_hash=True):
    """The choices so far. `old`: the number of before that a new card is for."""

    known: bool = False
    faced: bool = False
    plan: str = ""
    number: str = ""
    old: str = ""


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything the shop knows. `shell`: the phone that its app is on, None in the hall; `person`: the ID card's
    number, "" for who has none; `hindered`: what stands in a face check's way; `scene`: the fraud still to be met.
    """

    phase: p.Phase = p.Home()
    shell: Shell | None = None
    language: str = "zh"
    draft: Draft = Draft()
    person: str = ""
    hindered: tuple[str, ...] = ()
    scene: str = ""


Step = tuple[State, Effects]


def enter_phase(state: State, phase: p.Phase, *effects: Any, **fields: Any) -> Step:
    """Return the state in another phase, with effects."""
    return msgspec.structs.replace(state, phase=phase, **fields), effects


def with_draft(state: State, **fields: Any) -> State:
    """Return the state with these fields of its draft changed."""
    return msgspec.structs.replace(state, draft=msgspec.structs.replace(state.draft, **fields))


def ask(state: State, errand: p.Errand, question: CarrierAsk, **fields: Any) -> Step:
    """Ask the carrier, and wait for it."""
    return enter_phase(state, p.Waiting(errand, question, **fields), AskHost("network_host", "carrier", question))


def menu(state: State) -> Step:
    """Return to the app's first page, in the hall the machine's: the errand is over."""
    return enter_phase(state, p.Home() if state.shell is None else p.Menu(), draft=Draft())


def home(state: State) -> Step:
    """Put it down: the app is closed."""
    return enter_phase(state, p.Home(), draft=Draft(), shell=close_phone(state.shell) if state.shell else None)


def tiles(state: State) -> Step:
    """Leave the app by its way out."""
    return enter_phase(state, p.Home(), draft=Draft(), shell=leave_app(state.shell) if state.shell else None)
