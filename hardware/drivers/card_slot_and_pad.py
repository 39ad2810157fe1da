"""A slot that takes cards in and a pad beside it that cards are held to, as one card reader: what a unit of many
machines has, where a cash machine's slot is no metro gate's pad.

The theory. A machine knows one card reader. A card is at one of the two, and whoever told it last does what is asked
next: `CAN` is that one's, so that the cabinet completes the pad and leaves the slot to itself. A card that is held to
the pad while one is in the slot counts for nothing. The reader is lost while either is: half of a unit's machines could
do nothing then, and a technician hears which from the health of both.

The pad alone is the unit's tap reader, too (`PairedPad`): while a page waits there and not at the card reader, what is
held to it is told as `MediaDetected`, and the slot stays shut.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from kiosk_firmware.core.effects import AnyEffect, WriteMedia
from kiosk_firmware.core.events import (
    AnyEvent,
    DeviceBack,
    DeviceLost,
    MediaDetected,
    MediaInserted,
    MediaInvalid,
    Place,
)

Post = Callable[[AnyEvent], None]
Make = Callable[[Post], Any]


class CardSlotAndPad:
    """The driver; see `hardware.drivers.settings.base.Driver`. It posts what both say, in their threads."""

    def __init__(self, slot: Make, pad: Make, post: Post) -> None:
        """Take `slot` and `pad`, which make their drivers, given where these post."""
        self._post = post
        self._lost: set[str] = set()
        self._ignored = 0
        self._slot = slot(lambda event: self._said("slot", event))
        self._pad = pad(lambda event: self._said("pad", event))
        self._speaks = self._slot
        self._wanted = {"card_reader": False, "tap_reader": False}

    @property
    def CAN(self) -> frozenset[str]:  # noqa: N802 - the word of every driver
        """Return what can be done with the card that was told last."""
        can: frozenset[str] = self._speaks.CAN
        return can

    @property
    def counters(self) -> dict[str, int]:
        """The slot's, which keeps cards."""
        return getattr(self._slot, "counters", {})

    def start(self) -> None:
        """Take both wires."""
        self._slot.start()
        self._pad.start()

    def stop(self) -> None:
        """Let both go; twice is fine."""
        self._slot.stop()
        self._pad.stop()

    def enable(self, on: bool) -> None:
        """Let both take a card while a page waits for one, or refuse it."""
        self._slot.enable(on)
        self._want("card_reader", on)

    def _want(self, at: str, on: bool) -> None:
        self._wanted[at] = on
        self._pad.enable(any(self._wanted.values()))

    @property
    def tapped(self) -> PairedPad:
        """The pad as the unit's tap reader."""
        return PairedPad(lambda on: self._want("tap_reader", on), self._pad)

    def perform(self, effect: AnyEffect) -> None:
        """Write where cards are written; all else is done by whoever has the card."""
        (self._pad if isinstance(effect, WriteMedia) else self._speaks).perform(effect)

    def hold(self) -> None:
        """Keep the card in the slot from being taken."""
        self._slot.hold()

    def found(self) -> tuple[str, Place]:
        """Return the number and the place of the slot's card: one at the pad is its owner's all the while."""
        number, place = self._slot.found()
        return str(number), place

    def reopen(self) -> None:
        """Open both lines anew."""
        self._slot.reopen()
        self._pad.reopen()

    def health(self) -> dict[str, Any]:
        """Return the slot's report with the pad's own beside it; ready when both are."""
        slot, pad = self._slot.health(), self._pad.health()
        ready = bool(slot.get("ready", True) and pad.get("ready", True))
        return {**slot, "ready": ready, "pad": pad, "ignored": self._ignored}

    def _said(self, who: str, event: AnyEvent) -> None:
        match event:
            case DeviceLost() | DeviceBack():
                self._changed(who, event)
            case MediaInserted() | MediaInvalid() if who == "pad" and not self._wanted["card_reader"]:
                self._post(_as_detected(event))
            case MediaInserted() | MediaInvalid():
                self._came(who, event)
            case _:
                self._post(event)

    def _changed(self, who: str, event: DeviceLost | DeviceBack) -> None:
        if who == "pad":
            self._post(msgspec.structs.replace(event, at="tap_reader"))
        if isinstance(event, DeviceLost):
            self._lost.add(who)
        else:
            self._lost.discard(who)
        if isinstance(event, DeviceLost) or not self._lost:
            self._post(event)

    def _came(self, who: str, event: AnyEvent) -> None:
        if who == "pad" and self.found()[1] != "none":
            self._ignored += 1
            return
        self._speaks = self._pad if who == "pad" else self._slot
        self._post(event)


def _as_detected(event: MediaInserted | MediaInvalid) -> MediaDetected:
    if isinstance(event, MediaInserted):
        return MediaDetected("tap_reader", event.media)
    return MediaDetected("tap_reader", None, "foreign" if event.reason == "foreign" else "unreadable")


class PairedPad:
    """The face of a pair's pad as `tap_reader`: it has no effects, and its wire is the pair's to take and let go."""

    CAN: frozenset[str] = frozenset()

    def __init__(self, want: Callable[[bool], None], pad: Any) -> None:
        """Take `want`: a page waits at it, or not any more."""
        self.enable = want
        self.health, self.reopen = pad.health, pad.reopen
        self._pad = pad

    def start(self) -> None:
        """Do nothing: the pair starts both."""

    def stop(self) -> None:
        """Do nothing: the pair stops both."""

    def perform(self, effect: AnyEffect) -> None:
        """Pass an effect to the pad, which answers that it cannot."""
        self._pad.perform(effect)
