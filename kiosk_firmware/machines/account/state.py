"""The account's state and terms, and the few moves that all pages make.

`Terms` is what never changes in a run: the dated rules and the skin's profile. The passwords stand on the page to be
judged and are never typed: whoever practises here must not write down a real one.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk_firmware.core.effects import AskHost, Effects
from kiosk_firmware.core.hosts.mobile_carrier import OldAccount, ServiceAsk
from kiosk_firmware.kits.phone.shell import Shell, close_phone, leave_app
from kiosk_firmware.machines.account import phases as p

APP = "rongxin"
"""The service."""


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dated rules; sources stand in rulepack.toml. `vouch`: so many friends must vouch; `wait_hours`: from the proof to
    the new password; `tries`: wrong answers and codes that are allowed; `good`: the password that is one.
    """

    vouch: int
    wait_hours: int
    tries: int
    code_digits: int
    passwords: tuple[str, ...]
    good: str
    page_ms: int
    note_ms: int
    face_ms: int


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a skin that rules read: `ways`, the proofs that this service knows, in its order."""

    ways: tuple[p.Proof, ...]


class Terms(msgspec.Struct, frozen=True):
    """Rules and profile."""

    rules: Rules
    profile: Profile


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything the app knows. `account`: the old one; `own`: the numbers that one has now; `strangers`: people on the
    page who do not know one; `proof`: how it was shown that it is one's own; `waited`: the day is over.
    """

    shell: Shell
    account: OldAccount
    phase: p.Phase = p.Home()
    language: str = "zh"
    own: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    hindered: tuple[str, ...] = ()
    proof: str = ""
    waited: bool = False
    scene: str = ""


Step = tuple[State, Effects]


def enter_phase(state: State, phase: p.Phase, *effects: Any, **fields: Any) -> Step:
    """Return the state in another phase, with effects."""
    return msgspec.structs.replace(state, phase=phase, **fields), effects


def ask(state: State, question: ServiceAsk, tries: int = 1) -> Step:
    """Ask the service, and wait for it."""
    return enter_phase(state, p.Waiting(question, tries), AskHost("network_host", "service", question))


def home(state: State) -> Step:
    """Put it down: the app is closed, and what was shown must be shown again."""
    return enter_phase(state, p.Home(), shell=close_phone(state.shell), proof="", waited=False)


def tiles(state: State) -> Step:
    """Leave the app by its way out."""
    return enter_phase(state, p.Home(), shell=leave_app(state.shell), proof="", waited=False)
