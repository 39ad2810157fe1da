"""The mobile shop's phases, errand by errand: one frozen struct each, joined to one closed union.

A phase named …ing with an `id` waits for the carrier and is left only by its answer; all others by keys or time-out.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.hosts.mobile_carrier import CarrierAsk, NumbersAsked, Sim
from kiosk_firmware.kits.fraud_scenes import SceneProgress
from kiosk_firmware.kits.phone.face_check import FaceCheck

Errand = Literal["new", "old", "list"]


class ShopPhase(msgspec.Struct, frozen=True, tag=True):
    """Base of the shop's phases."""


class Home(ShopPhase, frozen=True):
    """The phone's first page, or the machine's in the hall."""


class Menu(ShopPhase, frozen=True):
    """The app's first page: which errand?"""


class Ident(ShopPhase, frozen=True):
    """The question: Whose ID card is shown?"""

    errand: Errand


class Waiting(ShopPhase, frozen=True):
    """The carrier is asked `ask`; what loses something unanswered is asked once more. `shown`: the number that was
    looked at.
    """

    errand: Errand
    ask: CarrierAsk
    tries: int = 1
    shown: Sim | None = None


class Refused(ShopPhase, frozen=True):
    """No number as wished, and why: by law only basic service ("limited"), or too many already ("many")."""

    why: Literal["limited", "many"]
    found: NumbersAsked


class Checked(ShopPhase, frozen=True):
    """A face check goes on."""

    errand: Errand
    face: FaceCheck


class Plans(ShopPhase, frozen=True):
    """The question: Which plan?"""


class PlanShown(ShopPhase, frozen=True):
    """The real cost of this plan."""

    plan: str


class Numbers(ShopPhase, frozen=True):
    """The question: Which number?"""


class NumberShown(ShopPhase, frozen=True):
    """The conditions of this number."""

    number: str


class Confirm(ShopPhase, frozen=True):
    """All of it once more, before it is signed."""


class Done(ShopPhase, frozen=True):
    """The card works: a first message has come."""

    replaced: bool = False


class FirstSms(ShopPhase, frozen=True):
    """The first message."""


class Listing(ShopPhase, frozen=True):
    """The numbers in one's name."""

    sims: tuple[Sim, ...]


class SimShown(ShopPhase, frozen=True):
    """One of them."""

    sim: Sim
    sims: tuple[Sim, ...]


class Olds(ShopPhase, frozen=True):
    """The numbers of before."""

    held: tuple[str, ...]
    gone: tuple[str, ...]


class Notice(ShopPhase, frozen=True):
    """One thing to know, then the first page."""

    why: str


class Met(ShopPhase, frozen=True):
    """A fraud is met, before what follows is signed."""

    meeting: SceneProgress
    then: ShopPhase


Phase = (
    Home
    | Menu
    | Ident
    | Waiting
    | Refused
    | Checked
    | Plans
    | PlanShown
    | Numbers
    | NumberShown
    | Confirm
    | Done
    | FirstSms
    | Listing
    | SimShown
    | Olds
    | Notice
    | Met
)
