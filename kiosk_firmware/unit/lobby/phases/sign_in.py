"""Coming in as data: what is heard and asked of pictures, turns and settings, and the phases in which they stand.

Which pictures were pressed never comes here: a press is handed to the app at once, which tells how many there were.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.unit.lobby.phases.base_types import EventBase, PhaseBase, RequestBase

PICTURES = ("house", "train", "plane", "phone", "clock", "hand", "eye", "speaker", "lock")
"""What a picture code is made of, as it stands on the glass. A page shows it as it is: hands learn a place."""
CODE = 3
"""Pictures of a code, in their order."""
Ask = Literal["check", "choose", "repeat", "barred"]
"""For a code that is known; for a new one, and the same once more; for none, since there were too many tries."""
Why = Literal["key", "idle", "clock", "teacher"]
"""How a turn ended."""
ROUNDS = 3
"""Of the touch lesson: the key to press is large, then smaller, then as large as a machine's."""


class Own(msgspec.Struct, frozen=True):
    """The settings that suit this learner: language ("" the unit's), steady touch for hands that tremble, every page
    spoken, keys that count only when they are held. `met`: the machines whose words were gone through; no mark of
    mastery reads it.
    """

    language: str = ""
    steady: bool = False
    voice: bool = False
    hold: bool = False
    met: tuple[str, ...] = ()


# -- heard -------------------------------------------------------------------------------------------------------------


class NumberFound(EventBase, frozen=True):
    """The next step that the typed number needs."""

    learner: str
    ask: Ask


class Picked(EventBase, frozen=True):
    """So many pictures have been pressed."""

    count: int


class Unlike(EventBase, frozen=True):
    """The pictures were not those; `ask` is what comes now."""

    ask: Ask


class Again(EventBase, frozen=True):
    """Three pictures for a new code stand; they are asked for once more."""


class Recognised(EventBase, frozen=True):
    """The sign-in succeeded: by `card`, or by pictures that were right or have just been set (`fresh`)."""

    learner: str
    fresh: bool = False
    card: bool = False


class CardUnproved(EventBase, frozen=True):
    """A learner's card was held there without a secret of this site's: a copy, or issued before there were any."""


class Suits(EventBase, frozen=True):
    """The settings of the learner who is signed in, made here or on another unit."""

    own: Own


class Practised(EventBase, frozen=True):
    """The learner who has just come in has practised before: they know how to press."""


class TurnOver(EventBase, frozen=True):
    """The turn is over: by the clock, by nobody being there, by the teacher, or by the key that ends it."""

    why: Why


class TakenUp(EventBase, frozen=True):
    """A run that a power cut had left goes on; its learner has signed in again, or is a guest."""

    learner: str
    machine: str
    skin: str
    lesson: str


class Interrupted(EventBase, frozen=True):
    """A run was cut; it goes on for whoever signs in as the same learner. `False`: that is over."""

    waits: bool


AnyComingHeard = (
    NumberFound
    | Picked
    | Unlike
    | Again
    | Recognised
    | CardUnproved
    | Suits
    | Practised
    | TurnOver
    | TakenUp
    | Interrupted
)

# -- asked -------------------------------------------------------------------------------------------------------------


class FindLearner(RequestBase, frozen=True):
    """A number was typed. → NumberFound."""

    learner: str


class PickPicture(RequestBase, frozen=True):
    """A picture was pressed, for this purpose; the name goes no further. → Picked, Again, Unlike, Recognised."""

    learner: str
    ask: Ask
    name: str


class ForgetPictures(RequestBase, frozen=True):
    """A request to forget the pressed pictures: what was pressed is forgotten."""


class KeepOwn(RequestBase, frozen=True):
    """The learner wants it so from now on."""

    own: Own


AnyComingRequest = FindLearner | PickPicture | ForgetPictures | KeepOwn

# -- where it stands ---------------------------------------------------------------------------------------------------


class Pictures(PhaseBase, frozen=True):
    """The pictures are asked for; `wrong`: the last ones were not right, or not the same twice."""

    learner: str
    ask: Ask
    picked: int = 0
    wrong: bool = False


class Unproved(PhaseBase, frozen=True):
    """A card was refused; its owner gets a teacher, or signs in by number and pictures."""


class Touching(PhaseBase, frozen=True):
    """The touch lesson: so many rounds are done. `again`: it was asked for, also by somebody who knows it. `machine`:
    what a guest had pressed before it, and comes to after it.
    """

    at: int = 0
    again: bool = False
    machine: str = ""


class Suiting(PhaseBase, frozen=True):
    """The page of the learner's own settings."""


class Skilled(PhaseBase, frozen=True):
    """The learner's skills on any machine, shown because they asked."""


class Speaking(PhaseBase, frozen=True):
    """The question: Which language? `back`: the page that it was asked on."""

    back: Literal["attract", "home", "own"] = "attract"


AnyComingPhase = Pictures | Unproved | Touching | Suiting | Skilled | Speaking
