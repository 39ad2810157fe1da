"""Define the phases of a counter: the hall with its number machine, the window, the slip, the way out.

At the window one phase, `Desk`, stands for every step of an errand; which one it is, `State.at` says. A phase named
…ing waits for a device or for the office; all others are left by keys or by their time-out.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.kits.fraud_scenes import SceneProgress
from kiosk_firmware.kits.return_items import Leaving


class CounterPhase(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """Base of a counter's own phases."""


class Home(CounterPhase, frozen=True):
    """The number machine."""


class Numbering(CounterPhase, frozen=True):
    """The slip with the number is being printed."""


class Waiting(CounterPhase, frozen=True):
    """On a chair in the hall. `soon`: the next number is one's own."""

    printed: bool = True
    soon: bool = False


class Called(CounterPhase, frozen=True):
    """The number is called, for the first, second, third time."""

    times: int = 1


class Void(CounterPhase, frozen=True):
    """Three calls and nobody came: the number counts no more."""


class Window(CounterPhase, frozen=True):
    """The question: What would you like to do? `word`: what the clerk has just said."""

    word: str = ""


class Desk(CounterPhase, frozen=True):
    """The step `State.at` of the errand. `word`: what the clerk has just said, or what is wrong with the field;
    `field`: which one of a form (all filled in: the whole form); `typed`: what stands in it; `signed`: on the line;
    `put`: what was put right for the photograph.
    """

    word: str = ""
    field: int = 0
    typed: str = ""
    signed: bool = False
    put: tuple[str, ...] = ()


class PinSetting(CounterPhase, frozen=True):
    """A new PIN at the pad, `again` for the second time."""

    again: bool = False
    digits: int = 0
    problem: str = ""


class PinClosing(CounterPhase, frozen=True):
    """The pad was asked to stop and will answer."""


class Filing(CounterPhase, frozen=True):
    """The clerk enters it into the computer, for the `tries`-th time."""

    tries: int = 1


class Trouble(CounterPhase, frozen=True):
    """The computer did not answer; the clerk tries again."""

    tries: int


class SlipPrinting(CounterPhase, frozen=True):
    """The acceptance slip is being printed."""


class Slip(CounterPhase, frozen=True):
    """The content of the slip: `printed`, or written by hand."""

    printed: bool


class Coming(CounterPhase, frozen=True):
    """At home: on which day does one go there again? `word`: what happened on a wrong one."""

    word: str = ""


class Passed(CounterPhase, frozen=True):
    """So many days later."""


class Refused(CounterPhase, frozen=True):
    """The clerk refuses. `way`: and was asked what one can do."""

    why: str
    way: bool = False


class Back(CounterPhase, frozen=True):
    """The papers lie there, to be taken back. `why`: the message one leaves with; `then`: the errand goes on after
    it.
    """

    why: str = ""
    then: bool = False


class Met(CounterPhase, frozen=True):
    """A fraud is met on the way to what stood before."""

    meeting: SceneProgress
    then: CounterPhase


Own = (
    Home
    | Numbering
    | Waiting
    | Called
    | Void
    | Window
    | Desk
    | PinSetting
    | PinClosing
    | Filing
    | Trouble
    | SlipPrinting
    | Slip
    | Coming
    | Passed
    | Refused
    | Back
    | Met
)
Phase = Own | Leaving
