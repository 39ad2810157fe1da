"""The conversation that is practised: its moments in order, what may be said at each, and what comes of it.

Half an hour is told in seven moments; each stands at so many minutes before the end, so that nobody has to sit through
the time between. An answer is right, or unwise (one is told a calmer way), or against the undertaking: words and
language are warned of once, then the visit is cut off; a telephone or a recording ends it at once.

Source: what ends a visit early, section b10 of the shared reference.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.hosts.visit import Breach

WARNED_OF: tuple[str, ...] = ("words", "language")


class Moment(msgspec.Struct, frozen=True):
    """A moment of the visit at `left` minutes before its end. `answers`: what one can do, and what it is: "" right,
    "unwise", or a breach.
    """

    id: str
    left: int
    picture: str
    answers: tuple[tuple[str, str], ...]


MOMENTS: tuple[Moment, ...] = (
    Moment("greet", 30, "talk", (("hello", ""), ("switch", "language"))),
    Moment("deaf", 26, "talk", (("shout", "unwise"), ("tell-deaf", ""))),
    Moment("health", 20, "talk", (("ask-health", ""), ("code", "words"))),
    Moment("still", 14, "still", (("knock", "unwise"), ("wait", ""))),
    Moment("held-up", 9, "phone", (("look", "phone"), ("put-away", ""))),
    Moment("five", 5, "talk", (("plan", ""), ("record", "recording"))),
    Moment("one", 1, "talk", (("bye", ""), ("cling", "unwise"))),
)


def answer_meaning(at: int, key: str) -> str | None:
    """Return what the key `say.…` is at that moment: "" right, "unwise", a breach; None: it is no answer here."""
    return dict(MOMENTS[at].answers).get(key.removeprefix("say."))


def cut_by(breach: str, warned: int) -> bool:
    """Return whether this breach ends the visit, after so many warnings."""
    return breach not in WARNED_OF or warned > 0


def breach_of(meant: str) -> Breach | None:
    """Return the breach that an answer is, or None."""
    match meant:
        case "words" | "language" | "phone" | "recording":
            return meant
        case _:
            return None
