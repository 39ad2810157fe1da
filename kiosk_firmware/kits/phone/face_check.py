"""A face check as apps ask for it: come into the frame, take off what hides the face, blink, turn the head.

It is practised without a camera: the page says so, a drawn person stands in the frame, and nothing is stored. One
instruction at a time; the person presses what they would do. Another thing than what was asked, or nothing in time, is
a miss: the page says what went wrong and begins that instruction again. After three misses the check is over and the
counter is the way. What stands in the way ("glasses", "dark") is the person's (`Phone.face`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from kiosk_firmware.core.events import AnyEvent, Tapped, TimerExpired
from kiosk_firmware.core.pages import Body, Key, Page, Text, Timer, text
from kiosk_firmware.kits.common_pages import key

Do = Literal["frame", "glasses", "light", "blink", "turn"]
DOINGS: tuple[Do, ...] = ("frame", "glasses", "light", "blink", "turn")
MISSES = 3
SEEN = {"frame": "far", "glasses": "glasses", "light": "dark", "blink": "near", "turn": "near"}
"""How the drawn person stands while something is asked."""
HINDERS: dict[str, Do] = {"glasses": "glasses", "dark": "light"}


class FaceCheck(msgspec.Struct, frozen=True, cache_hash=True):
    """A check under way: what is asked one after the other, how far it is, misses, and the last miss while it is told
    ("other" or "slow").
    """

    asked: tuple[Do, ...]
    at: int = 0
    missed: int = 0
    told: Literal["", "other", "slow"] = ""

    @property
    def verdict(self) -> Literal["", "passed", "failed"]:
        """Return how it ended, "" while it goes on."""
        return "passed" if self.at >= len(self.asked) else "failed" if self.missed >= MISSES else ""


def begin_check(hindered: Sequence[str]) -> FaceCheck:
    """Begin a check of somebody whose face is hidden by these."""
    return FaceCheck(("frame", *(HINDERS[one] for one in hindered), "blink", "turn"))


def after_event(face: FaceCheck, event: AnyEvent) -> FaceCheck | None:
    """Return the check after an event; the same object where nothing was meant, None when it is given up."""
    change = msgspec.structs.replace
    if isinstance(event, Tapped) and event.key == "nav.back":
        return None
    if face.told:
        if isinstance(event, Tapped) and event.key == "face.again":
            return change(face, told="")
        return None if isinstance(event, TimerExpired) else face
    if isinstance(event, TimerExpired):
        return change(face, missed=face.missed + 1, told="slow")
    if not isinstance(event, Tapped) or not event.key.startswith("face."):
        return face
    if event.key == f"face.{face.asked[face.at]}":
        return change(face, at=face.at + 1)
    return change(face, missed=face.missed + 1, told="other")


def page(face: FaceCheck, ms: int) -> Page:
    """Return the page of a check that goes on; each instruction stands for `ms`."""
    back = Key("nav.back", "back", Text("key.nav.back"))
    if face.told:
        lines = (text(f"face.{face.told}"), text("face.left", n=MISSES - face.missed))
        body, again = Body(lines, icon="warn"), (key("face.again", "primary"), back)
        return Page("Message", "face-missed", text("face.missed"), None, body, again, Timer("face", ms))
    what = face.asked[face.at]
    body = Body(
        (text("face.practice"),),
        digits=face.at,
        length=len(face.asked),
        icon=SEEN[what],
    )
    keys = (*(key(f"face.{one}", "choice") for one in DOINGS if one in face.asked or one != "glasses"), back)
    return Page("Face", f"face-{what}", text(f"face.{what}"), None, body, keys, Timer("face", ms))
