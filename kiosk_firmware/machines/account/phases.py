"""The account's phases: one frozen struct each, joined to one closed union.

`Waiting` waits for the service and is left only by its answer; all others by keys, typing, or time-out.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.hosts.mobile_carrier import ServiceAsk
from kiosk_firmware.kits.fraud_scenes import SceneProgress
from kiosk_firmware.kits.phone.face_check import FaceCheck

Proof = Literal["code", "question", "friends", "face"]


class AccountPhase(msgspec.Struct, frozen=True, tag=True):
    """Base of the account's phases."""


class Home(AccountPhase, frozen=True):
    """The phone's first page."""


class Login(AccountPhase, frozen=True):
    """The app's first page: how does one come in?"""


class Ways(AccountPhase, frozen=True):
    """The number is gone: how can one show that the account is one's own?"""


class Question(AccountPhase, frozen=True):
    """The account's question is answered by typing; `wrong` answers so far."""

    typed: str = ""
    wrong: int = 0


class Friends(AccountPhase, frozen=True):
    """Friends are asked to vouch: who was chosen."""

    chosen: tuple[str, ...] = ()


class Checked(AccountPhase, frozen=True):
    """A face check goes on."""

    face: FaceCheck


class Delay(AccountPhase, frozen=True):
    """The service waits a day, so that a thief can be stopped."""


class Number(AccountPhase, frozen=True):
    """The number that the account shall hang on is typed; `problem` with the last one."""

    typed: str = ""
    problem: str = ""


class Waiting(AccountPhase, frozen=True):
    """The service is asked `ask`; what loses something unanswered is asked once more."""

    ask: ServiceAsk
    tries: int = 1


class Code(AccountPhase, frozen=True):
    """The code of the message is typed; `wrong` ones so far."""

    number: str
    sent: str
    typed: str = ""
    wrong: int = 0


class Passwords(AccountPhase, frozen=True):
    """The question: Which of these is a good password?"""

    number: str


class PasswordTold(AccountPhase, frozen=True):
    """The reason why that one is not."""

    number: str
    which: str


class Done(AccountPhase, frozen=True):
    """The account is one's own again."""


class Notice(AccountPhase, frozen=True):
    """One thing to know, then back to how one comes in."""

    why: str


class Met(AccountPhase, frozen=True):
    """A fraud is met while one waits, or when the code came; then on with `then`."""

    meeting: SceneProgress
    then: AccountPhase


Phase = (
    Home
    | Login
    | Ways
    | Question
    | Friends
    | Checked
    | Delay
    | Number
    | Waiting
    | Code
    | Passwords
    | PasswordTold
    | Done
    | Notice
    | Met
)
