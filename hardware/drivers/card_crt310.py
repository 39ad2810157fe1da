"""A motorised card reader (CRT-310) as the unit's card reader: it draws the card in, holds, ejects and keeps it.

The theory. Where the card is, is asked of the reader and never assumed: each poll's position is compared with the
last one, and the difference is what happened. A card that arrives inside is read (chip, then track 2 of the stripe)
before anybody hears of it. A move whose answer is lost or garbled is followed by the question where the card is now;
the move itself is only given again when the card is still where it was. A card found inside when the driver starts is
not announced: ``found`` tells it to whoever asks, since it belongs to a run that was cut off.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hardware.drivers.serial_device import DeviceCommand, Script, SerialDevice
from hardware.protocols import crt310
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core.effects import AnyEffect, EjectMedia, RetainMedia
from kiosk_firmware.core.events import (
    AnyEvent,
    Completion,
    Device,
    Media,
    MediaInserted,
    MediaInvalid,
    MediaTaken,
    Place,
)

MOVE_MS = 5000
INSIDE = ("inside", "ic", "long", "short", "rear_held")
AT_FRONT = ("front", "front_held")
PREFIX = "9900"
"""Practice cards begin with a prefix that no bank was given; any other card is foreign and is given back."""


class CardCrt310(SerialDevice):
    """The driver; see ``SerialDevice`` for its face."""

    CAN: ClassVar[frozenset[str]] = frozenset({"holds", "ejects", "retains", "senses_taken"})
    POLL_MS = 50
    """A card is told within 100 ms, reading its number included; a look takes 20 ms at 9600 baud."""

    def __init__(
        self,
        port: PortSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        at: Device = "card_reader",
    ) -> None:
        self._position = "none"
        self._media: Media | None = None
        self._known = False
        self._entry: bool | None = None
        self._retained = 0
        super().__init__(at, port, post, clock)

    def found(self) -> tuple[str, Place]:
        """Return the number of the card in the reader ("" for none or an unreadable one), and its place."""
        number = self._media.number if self._media is not None else ""
        if self._position in AT_FRONT:
            return number, "exit"
        return (number, "inside") if self._position in INSIDE else ("", "none")

    def health(self) -> dict[str, Any]:
        """Return ``SerialDevice.health``, with the card's position and how many cards were kept."""
        return {**super().health(), "position": self._position, "retained": self._retained}

    # -- scripts ------------------------------------------------------------------------------------------------------

    def _new_host(self) -> crt310.Host:
        return crt310.Host()

    def _silent(self, outcome: Any) -> bool:
        return isinstance(outcome, crt310.NoAnswer)

    def _set_up(self) -> Script:
        for command in (crt310.RESET, crt310.STOP_AT_IC):
            outcome = yield DeviceCommand(command, MOVE_MS)
            if not isinstance(outcome, crt310.Answer):
                self._fail()
                return
        self._entry = None
        if not self._begun:  # a move that the line's breaking cut off is looked after by its own script
            yield from self._look(announce=self._known)
        self._known = self._known or not self._failed

    def _poll(self) -> Script:
        yield from self._look(announce=True)

    def _urgent(self) -> Script | None:
        return self._set_entry(self._wanted) if self._entry != self._wanted else None

    def _set_entry(self, wanted: bool) -> Script:
        outcome = yield DeviceCommand(crt310.ENTRY_OPEN if wanted else crt310.ENTRY_CLOSED)
        # The manual prints Y and N of this one command the wrong way round: an echo of the mode counts as done.
        if isinstance(outcome, crt310.Answer):
            self._entry = wanted
        else:
            self._fail()

    def _look(self, announce: bool) -> Script:
        """Ask where the card is, and say what that means."""
        outcome = yield DeviceCommand(crt310.STATUS)
        if isinstance(outcome, crt310.NoAnswer) and outcome.reason == "garbled":
            outcome = yield DeviceCommand(crt310.STATUS)
        status = crt310.decode_status(outcome.data) if isinstance(outcome, crt310.Answer) else None
        if status is None:
            self._fail()
            return
        before, self._position = self._position, status.position
        if before in (*INSIDE, *AT_FRONT) and self._position in ("none", "captured"):
            self._media = None
            if announce and self._position == "none":
                self._post(MediaTaken(self.at))
        elif self._position in INSIDE and before not in (*INSIDE, *AT_FRONT):
            yield from self._read(announce)

    def _read(self, announce: bool) -> Script:
        kind = yield DeviceCommand(crt310.CARD_TYPE)
        stripe = yield DeviceCommand(crt310.READ_TRACK_2, 3000)
        if self._silent(kind) or self._silent(stripe):
            self._position = "none"  # read again at the next look: the card is not announced half read
            self._fail()
            return
        chip = crt310.decode_has_chip(kind.data) if isinstance(kind, crt310.Answer) else None
        track = crt310.decode_track(stripe.data if isinstance(stripe, crt310.Answer) else b"")
        event = understand(self.at, bool(chip), track)
        self._media = event.media if isinstance(event, MediaInserted) else None
        if announce:
            self._post(event)

    def _act(self, effect: AnyEffect) -> Script | None:
        match effect:
            case EjectMedia():
                return self._move(crt310.MOVE_FRONT_HOLD, AT_FRONT)
            case RetainMedia():
                return self._move(crt310.MOVE_CAPTURE, ("none", "captured"))
            case _:
                return None

    def _move(self, command: bytes, goal: tuple[str, ...]) -> Script:
        """Move the card and prove it. A card that is gone before the move is the person's doing: userError."""
        again = self._begun
        if again:
            # The line broke during the last attempt; if the card is where it should be, that attempt did it.
            done = yield from self._arrived(goal)
            if done or self._failed:
                return
        outcome = yield DeviceCommand(command, MOVE_MS, acts=True)
        if isinstance(outcome, crt310.Answer) and outcome.data[:1] == b"Y":
            self._moved(goal)
        elif isinstance(outcome, crt310.Answer) and outcome.data[:1] == b"E":
            yield from self._look(announce=True)
            self._finish_as("userError")
        elif isinstance(outcome, crt310.NoAnswer):
            yield from self._doubtful(outcome, goal)
        else:
            self._finish_as("hardwareError")

    def _doubtful(self, outcome: crt310.NoAnswer, goal: tuple[str, ...]) -> Script:
        if not outcome.begun:
            self._begun = False
            self._fail()  # the reader is silent and has not moved; set it up and try again until the deadline
            return
        done = yield from self._arrived(goal)
        if not done and not self._failed:
            self._finish_as("hardwareError")

    def _arrived(self, goal: tuple[str, ...]) -> Any:
        """Ask for the position (a generator that returns whether the goal is reached, and has then answered)."""
        outcome = yield DeviceCommand(crt310.STATUS)
        status = crt310.decode_status(outcome.data) if isinstance(outcome, crt310.Answer) else None
        if status is None:
            self._fail()
            return False
        if status.position not in goal:
            return False
        if status.position == "none" and self._position in AT_FRONT:
            # It stood at the front before: kept by us or taken by the person, nobody saw which.
            self._position, self._media = "none", None
            self._finish_as("unknown")
            return True
        self._moved(goal)
        return True

    def _moved(self, goal: tuple[str, ...]) -> None:
        self._position = goal[-1] if goal is AT_FRONT else "none"
        if goal is not AT_FRONT:
            self._media = None
            self._retained += 1
        self._finish_as("success")

    def _finish_as(self, completion: Completion) -> None:
        super()._finish_as(completion)
        self._poll_ms = 0

    def _gone(self) -> None:
        self._entry = None


def understand(at: Device, chip: bool, track: crt310.Track) -> MediaInserted | MediaInvalid:
    """Return what was read, as an event. A stripe that promises a chip (service code 2xx) with no chip answering is
    unreadable.
    """
    number, mark, rest = track.text.partition("=")
    if track.error or not mark or not number.isdigit() or len(rest) < 7:
        # No start at all, and no chip either: the card went in the wrong way round.
        return MediaInvalid(at, "upside_down" if track.error in (0xE1, 0xE5) and not chip else "unreadable")
    if rest[4] in "26" and not chip:
        return MediaInvalid(at, "unreadable")
    if not number.startswith(PREFIX):
        return MediaInvalid(at, "foreign")
    return MediaInserted(at, Media(number, rest[:4], chip))
