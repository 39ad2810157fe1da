"""Find the run's metro ticket that a real card stands for, so that a lesson finds the balance that it was made for.

The theory. A person practises with the card that they were given, and on it is whatever they did last; a lesson speaks
of a card with ¥2.30 on it. So in a lesson the first card that is held to the reader is *prepared*: the reader writes
the record of the person's first ticket on it (torn away in between, a card says its old record or the new one, whole)
and only then the card is told, as that ticket. Machine, world and facts know no other card than the lesson's; what they
write is written on the real one. The next card stands for the next ticket. One that does not come back is not told, and
prepared when it is held there again; one that cannot be written is no ticket.

Outside lessons a card says what is on it, under its own number. Only one that never carried anything stands for a
ticket that has no card yet: the one with its own number, else the last that this unit's dispenser let out blank.

Where no reader of the unit writes, the tickets' records are kept here, in place of the card's: any card but the
person's own bank cards stands for the next ticket. Such writes are recorded as simulated.

What stands for what is on the disk before it is told; a run that is taken up again finds it there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec

from hardware.cabinet.simulated_capabilities import blank
from hardware.transport.durable_json import DurableJson
from kiosk_firmware.core.effects import AnyEffect, WriteMedia
from kiosk_firmware.core.events import AnyEvent, Lent, Media, MediaInserted, MediaInvalid, MediaWritten

PREPARED_REF = "card-prepared"
"""The word of a write that is the cabinet's own; its answer is not the machine's."""
KEPT = "passes"


class TransitCards:
    """The run's tickets. `write` hands an effect to the reader; `dispensed`: how many tickets ever came out blank;
    `simulated`: writes on tickets without a real card.
    """

    def __init__(
        self, memory: DurableJson, write: Callable[[WriteMedia], None], dispensed: Callable[[], int] = lambda: 0
    ) -> None:
        """Set up outside a run: cards are reported by their own numbers."""
        self.simulated = 0
        self._memory, self._write, self._dispensed = memory, write, dispensed
        self._lent = Lent()
        self._records: dict[str, Media] = {}
        self._stands: dict[str, str] = dict(memory.get(KEPT) or {})
        self._coming: MediaInserted | None = None
        self._gate = threading.Lock()

    def begin(self, lent: Lent, fresh: bool) -> None:
        """Begin a run with these tickets, or take it up again (not `fresh`): a lesson's cards are prepared anew."""
        with self._gate:
            self._lent, self._coming = lent, None
            self._records = {media.number: media for media in lent.passes}
            kept = {} if fresh and lent.prepare else self._stands
            kept = {card: number for card, number in kept.items() if not fresh or number in self._records}
            if kept != self._stands:
                self._stands = kept
                self._memory.keep(**{KEPT: kept})

    def end(self) -> None:
        """End the run; cards are reported by their own numbers from here on."""
        with self._gate:
            self._lent, self._records, self._coming = Lent(), {}, None

    def number(self, card: str) -> str:
        """Return the number under which a card is reported."""
        number = self._stands.get(card, card)
        return number if number in self._records else card

    def heard(self, event: AnyEvent, writes: bool, alone: bool) -> AnyEvent | None:
        """Return what is told of what a reader said; None: nothing yet, or nothing at all. `writes`: this reader does;
        `alone`: the unit has no other.
        """
        match event:
            case MediaWritten(ref=ref) if ref == PREPARED_REF:
                return self._prepared(event)
            case MediaInserted(at="card_reader") if self._records:
                with self._gate:
                    wanted = self._inserted(event, writes) if writes else self._shown(event, alone)
                if isinstance(wanted, WriteMedia):
                    self._write(wanted)
                    return None
                return wanted
            case _:
                return event

    def _inserted(self, event: MediaInserted, writes: bool) -> MediaInserted | WriteMedia:
        """Take a card at a reader that writes."""
        media = event.media
        ticket = self._records.get(self._stands.get(media.number, ""))
        if ticket is not None:
            return self._as(event, msgspec.structs.replace(ticket, fen=media.fen, trip=media.trip))
        if media.fen is None or not (ticket := self._next(media, not self._lent.prepare)):
            return event
        self._coming = event
        return WriteMedia(event.at, PREPARED_REF, media.number, ticket.fen or 0, ticket.trip)

    def _next(self, media: Media, only_blank: bool) -> Media | None:
        """Return the ticket for a card: its own where the number says so, else the first that is free. `only_blank`: a
        card that says something stands for none, and one that says nothing for what came out last.
        """
        if only_blank and media.trip:
            return None
        free = [ticket for number, ticket in self._records.items() if number not in self._stands.values()]
        named = next((ticket for ticket in free if ticket.number == media.number), None)
        if only_blank:
            last = blank(self._dispensed())
            free = sorted((t for t in free if blank(1) <= t.number <= last), key=lambda t: t.number, reverse=True)
        return named or next(iter(free), None)

    def _prepared(self, event: MediaWritten) -> AnyEvent | None:
        with self._gate:
            coming, self._coming = self._coming, None
            if coming is None or event.completion not in ("success", "userError"):
                return None
            ticket = self._next(coming.media, not self._lent.prepare)
            if event.completion == "userError" or ticket is None:
                return MediaInvalid(coming.at, "foreign")
            self._stand(coming.media.number, ticket.number)
            return self._as(coming, ticket)

    def _shown(self, event: MediaInserted, alone: bool) -> MediaInserted:
        """Take a card at a reader that only reads."""
        card = event.media.number
        if not alone or card in self._lent.own:
            return event
        ticket = self._records.get(self._stands.get(card, "")) or self._next(event.media, False)
        if ticket is None:
            return event
        self._stand(card, ticket.number)
        return self._as(event, ticket)

    def _stand(self, card: str, number: str) -> None:
        if self._stands.get(card) != number:
            self._stands = {**self._stands, card: number}
            self._memory.keep(**{KEPT: self._stands})

    @staticmethod
    def _as(event: MediaInserted, ticket: Media) -> MediaInserted:
        return msgspec.structs.replace(event, media=ticket)

    # -- writing ------------------------------------------------------------------------------------------------------

    def wire(self, effect: AnyEffect) -> AnyEffect:
        """Return the effect with the real card's number, as the reader must have it."""
        if not isinstance(effect, WriteMedia):
            return effect
        real = next((card for card, number in self._stands.items() if number == effect.number), effect.number)
        return msgspec.structs.replace(effect, number=real)

    def performed(self, effect: AnyEffect, writes: bool) -> MediaWritten | None:
        """Return what answers a write to a ticket that has no record on a card; None for all else."""
        if writes or not isinstance(effect, WriteMedia) or effect.number not in self._records:
            return None
        ticket = msgspec.structs.replace(self._records[effect.number], fen=effect.fen, trip=effect.trip)
        self._records[effect.number] = ticket
        self.simulated += 1
        return MediaWritten(effect.at, effect.ref, effect.fen, trip=effect.trip)
