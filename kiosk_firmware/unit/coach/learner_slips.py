"""Name what went differently than a practised hand would have done it: seen, named, never punished.

Slips are told to the debrief and the office by kind; no mark of mastery reads them. One of them, the most telling, is
kept as a moment: the page as it stood and what was done there, so that the debrief can show it again together with what
would have helped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import msgspec

from kiosk_firmware.core.effects import ReadPin
from kiosk_firmware.core.events import (
    AnyEvent,
    ItemsInserted,
    ItemsRefused,
    MediaDetected,
    MediaInserted,
    MediaInvalid,
    PinEntered,
    PinKeyPressed,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.core.pages import Page, Text
from kiosk_firmware.core.play import Situation, Transition

SlipKind = Literal[
    "spoilt",
    "wrong_key",
    "back_and_forth",
    "premature",
    "refused",
    "wrong_pin",
    "timed_out",
    "dead_key",
    "hesitation",
    "double_tap",
]
"""The most telling first. spoilt: the lesson's goal is out of reach since · wrong_key: another key than the one that
was pointed at · back_and_forth: in, and straight back · premature: something put in before it was asked for · refused:
a card or note that the device gave back · wrong_pin · timed_out: the page's time ran out · dead_key: a press that meant
nothing · hesitation: twice the wait with nothing done · double_tap: swallowed.
"""
KINDS: tuple[SlipKind, ...] = get_args(SlipKind)


class Moment(msgspec.Struct, frozen=True):
    """One slip as it was: the page that stood, the label of the key that was pressed (empty: none), and the situation
    from which a way could be looked for.
    """

    kind: SlipKind
    page: Page
    pressed: Text
    before: Situation
    language: str

    def more_telling(self, other: Moment | None) -> bool:
        """Return whether this one should be shown instead of `other`, the earlier one."""
        return other is None or KINDS.index(self.kind) < KINDS.index(other.kind)


def slip_of(
    done: Transition, before: Page, after: Page, earlier: Sequence[str], pointed_at: AnyEvent | None, spoilt: bool
) -> SlipKind | None:
    """Return the slip that a transition is, if any.

    before, after: the pages · earlier: the steps that were left, oldest first · pointed_at: the act of a hint that
    stood on `before` · spoilt: the lesson was lost by it.
    """
    event = done.event
    if spoilt:
        return "spoilt"
    match event:
        case Tapped():
            return _tap_slip(event, done, before, after, earlier, pointed_at)
        case PinEntered(verdict="wrong" | "weak" | "mismatch" | "short"):
            return "wrong_pin"
        case ItemsRefused() | MediaInvalid() | MediaDetected(media=None):
            return "refused"
        case MediaInserted(at=at) | ItemsInserted(at=at) if at not in before.at and at != "id_reader":
            return "premature"
        case PinKeyPressed() if not any(isinstance(effect, ReadPin) for effect, _ in done.before.open):
            return "premature"
        case TimerExpired() if any(key.role != "primary" for key in before.keys):
            return "timed_out"
        case _:
            return None


def _tap_slip(
    event: Tapped, done: Transition, before: Page, after: Page, earlier: Sequence[str], pointed_at: AnyEvent | None
) -> SlipKind | None:
    if done.slip:
        return "dead_key"
    if isinstance(pointed_at, Tapped) and pointed_at.key != event.key:
        return "wrong_key"
    key = before.key(event.key)
    back = key is not None and key.role in ("back", "danger")
    if back and after.step != before.step and earlier and earlier[-1] == after.step and pointed_at is None:
        return "back_and_forth"
    return None


def label_of(event: AnyEvent, page: Page) -> Text:
    """Return the label of the key that was pressed; empty for what is no press."""
    key = page.key(event.key) if isinstance(event, Tapped) else None
    return key.text if key else Text("")
