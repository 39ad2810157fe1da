"""The messenger's phases: one frozen struct each, joined to one closed union.

`Waiting`, `Paying` and `PinClosing` are left only by an answer; all others by keys or time-out.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.hosts.social import Gift, SocialAsk
from kiosk_firmware.kits.fraud_scenes import SceneProgress
from kiosk_firmware.kits.pin_dialogue import PinEntryState

Kind = Literal["packet", "transfer"]


class SocialPhase(msgspec.Struct, frozen=True, tag=True):
    """Base of the messenger's phases."""


class Home(SocialPhase, frozen=True):
    """The phone's first page, locked or with its tiles."""


class Welcome(SocialPhase, frozen=True):
    """The first page, before an account is registered."""


class Number(SocialPhase, frozen=True):
    """A telephone number is typed: one's own to register, or a friend's. `problem`: "digits", "not_yours"."""

    whose: Literal["own", "friend"]
    typed: str = ""
    problem: str = ""


class Code(SocialPhase, frozen=True):
    """The code from the message is typed; how often it was wrong."""

    number: str
    sent: str
    typed: str = ""
    wrong: int = 0


class Vouch(SocialPhase, frozen=True):
    """The question: Who says that it is really oneself?"""


class Main(SocialPhase, frozen=True):
    """The app's first page."""


class Add(SocialPhase, frozen=True):
    """The question: How shall a friend be found?"""


class Scan(SocialPhase, frozen=True):
    """A friend's code is before the camera."""


class Found(SocialPhase, frozen=True):
    """The person found."""

    friend: str


class Request(SocialPhase, frozen=True):
    """A request to be a friend."""


class Chats(SocialPhase, frozen=True):
    """With whom?"""


class Chat(SocialPhase, frozen=True):
    """A talk with a friend: what was said last, and how."""

    friend: str
    how: str = ""
    what: str = ""


class More(SocialPhase, frozen=True):
    """The further acts with a friend."""

    friend: str


class Typing(SocialPhase, frozen=True):
    """One's own words: they stand here while they are typed, and go nowhere."""

    friend: str
    typed: str = ""
    problem: bool = False


class Voice(SocialPhase, frozen=True):
    """A voice message; `on`: one is speaking. Nothing is recorded."""

    friend: str
    on: bool = False


class Pictures(SocialPhase, frozen=True):
    """The question: Which picture? For a friend, or, with "" for all who may see it."""

    friend: str = ""


class Call(SocialPhase, frozen=True):
    """A video call."""

    friend: str
    waved: bool = False


class Guard(SocialPhase, frozen=True):
    """Report or block."""

    friend: str


class Money(SocialPhase, frozen=True):
    """Red packet or transfer?"""

    friend: str


class Amount(SocialPhase, frozen=True):
    """The question: How much? `problem`: "none" (nothing typed), "limit" (too much for a red packet), "much"."""

    typed: str = ""
    problem: str = ""


class Hours(SocialPhase, frozen=True):
    """The question: When shall it arrive?"""


class Confirm(SocialPhase, frozen=True):
    """To whom and how much, once more."""


class Password(SocialPhase, frozen=True):
    """Nothing is sent without it."""

    pin: PinEntryState


class PinClosing(SocialPhase, frozen=True):
    """Called off; the pad was asked to stop and will answer."""


class Sent(SocialPhase, frozen=True):
    """It was sent; whether it was taken at once."""

    taken: bool


class Came(SocialPhase, frozen=True):
    """Money that came from a friend, not taken yet."""

    gift: Gift


class Groups(SocialPhase, frozen=True):
    """The question: Which group?"""


class Group(SocialPhase, frozen=True):
    """One group."""

    group: str


class Moments(SocialPhase, frozen=True):
    """The posts of friends."""


class Who(SocialPhase, frozen=True):
    """The question: Who may see one's picture?"""

    what: str


class Minis(SocialPhase, frozen=True):
    """The question: Which mini-programme?"""


class Mini(SocialPhase, frozen=True):
    """One mini-programme, and what it costs."""

    mini: str


class Paying(SocialPhase, frozen=True):
    """The wallet is open on top. `closing`: it was called off."""

    mini: str
    closing: bool = False


class Waiting(SocialPhase, frozen=True):
    """The service is asked, the `tries`th time."""

    ask: SocialAsk
    tries: int = 1


class Notice(SocialPhase, frozen=True):
    """One thing to know, then on to `then`: the app's first page, or a talk."""

    why: str
    friend: str = ""
    fen: int = 0


class Met(SocialPhase, frozen=True):
    """A fraud is met; then `then`."""

    meeting: SceneProgress
    then: SocialPhase


Phase = (
    Home
    | Welcome
    | Number
    | Code
    | Vouch
    | Main
    | Add
    | Scan
    | Found
    | Request
    | Chats
    | Chat
    | More
    | Typing
    | Voice
    | Pictures
    | Call
    | Guard
    | Money
    | Amount
    | Hours
    | Confirm
    | Password
    | PinClosing
    | Sent
    | Came
    | Groups
    | Group
    | Moments
    | Who
    | Minis
    | Mini
    | Paying
    | Waiting
    | Notice
    | Met
)
