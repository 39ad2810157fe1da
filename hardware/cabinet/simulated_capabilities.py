"""Simulate what devices cannot do, so that the machine need not know: eject a card, keep it, write a ticket.

A reader that sees cards and can do nothing with them (PN532) passes for a motorised one.

After a tap the card counts as inside. *Ejecting* means that it is shown as presented and, since it is in the person's
hand all the while, taken a moment later. *Keeping* means that the person is asked to put the card into the box on the
cabinet. A dispenser that cannot write on its way out lets blank tickets out: each gets a number, and is told as
carrying what was asked for. All of it is recorded as simulated.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from kiosk_firmware.core.effects import AnyEffect, DispenseMedia, EjectMedia, RetainMedia
from kiosk_firmware.core.events import (
    AnyEvent,
    Completion,
    Media,
    MediaDispensed,
    MediaInserted,
    MediaInvalid,
    MediaPresented,
    MediaRetained,
    MediaTaken,
    Place,
)

TAKEN_MS = 1500
CARD_TO_BOX = "cabinet.card_to_box"
"""The text's key: please put the card into the box."""
NOTE_BY_HAND = "cabinet.note_by_hand"
"""A note that an acceptor without an escrow took cannot come out again: the teacher gives it back."""
NOTES_TO_BOX = "cabinet.notes_to_box"
"""The same of notes that were paid and not taken, where the dispenser cannot pull them in."""


TICKETS = "990077"
"""The first digits of a blank ticket's number, a prefix that no bank was given; its dispenser's count follows."""


def blank(count: int) -> str:
    """Return the number of the blank ticket that came out as the `count`-th."""
    return f"{TICKETS}{count:010}"


class Tickets:
    """Tickets out of a dispenser that does not write. `simulated`: how many were told as written."""

    def __init__(self) -> None:
        """Set up with no ticket simulated yet."""
        self.simulated = 0

    def written(self, event: AnyEvent, effect: AnyEffect | None, count: int) -> AnyEvent:
        """Return the event with what the ticket shall carry, where nothing could be read of it. `count`: of its
        dispenser.
        """
        if not isinstance(event, MediaDispensed) or event.completion != "success" or event.media is not None:
            return event
        if not isinstance(effect, DispenseMedia) or effect.fen is None:
            return event
        self.simulated += 1
        media = Media(blank(count), chip=False, fen=effect.fen, trip=effect.trip)
        return msgspec.structs.replace(event, media=media)


class CompletedReader:
    """The reader as a completed device says it, with the place where its card counts as being. `said` posts events;
    `after` does something later.
    """

    def __init__(
        self,
        said: Callable[[AnyEvent], None],
        after: Callable[[float, Callable[[], None]], None],
        note: Callable[[str], None],
        taken_ms: float = TAKEN_MS,
    ) -> None:
        self.number = ""
        self.place: Place = "none"
        self.simulated: dict[str, int] = {}
        self._said, self._after, self._note, self._taken_ms = said, after, note, taken_ms
        self._round = 0

    def heard(self, event: AnyEvent) -> None:
        """Pass on what the reader said, on its way to the machine."""
        match event:
            case MediaInserted(at="card_reader", media=media):
                self.number, self.place = media.number, "inside"
            case MediaInvalid(at="card_reader"):
                self.number, self.place = "", "inside"

    def perform(self, effect: AnyEffect) -> bool:
        """Do what the reader cannot; False for an effect that is not about cards."""
        match effect:
            case EjectMedia(at=at, ref=ref):
                self._eject(effect, MediaPresented(at, ref, self._completion("inside", "exit")))
            case RetainMedia(at=at, ref=ref):
                completion = self._completion("inside", "exit")
                if completion == "success":
                    self._count("retained")
                    self._gone()
                    self._note(CARD_TO_BOX)
                self._said(MediaRetained(at, ref, completion))
            case _:
                return False
        return True

    def hold(self) -> None:
        """Keep the presented card from being taken."""
        self._round += 1

    def _eject(self, effect: EjectMedia, answer: MediaPresented) -> None:
        if answer.completion == "success":
            self._count("ejected")
            self.place = "exit"
            self._round += 1
            mine = self._round
            self._after(self._taken_ms, lambda: self._taken(effect, mine))
        self._said(answer)

    def _taken(self, effect: EjectMedia, mine: int) -> None:
        if mine == self._round and self.place == "exit":
            self._gone()
            self._said(MediaTaken(effect.at))

    def _gone(self) -> None:
        self.number, self.place = "", "none"
        self._round += 1

    def _completion(self, *places: Place) -> Completion:
        return "success" if self.place in places else "userError"

    def _count(self, what: str) -> None:
        self.simulated[what] = self.simulated.get(what, 0) + 1
