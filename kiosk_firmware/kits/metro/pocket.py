"""Metro cards and tokens in the pocket: from the persona to the bench of a world, and back when the run is over."""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.bench import Bench
from kiosk_firmware.core.events import Media
from kiosk_firmware.core.persona import Pass, Persona


def hand(persona: Persona) -> tuple[Media, ...]:
    """The persona's metro cards and tokens as a reader sees them."""
    return tuple(Media(one.number, chip=False, fen=one.fen, trip=one.trip) for one in persona.passes)


def carried(persona: Persona, bench: Bench) -> Persona:
    """The persona with the passes that are in the pocket now; one in a reader or slot is the person's too."""
    there = (*bench.hand, *(media for media in (bench.reader, bench.offered) if media))
    passes = tuple(Pass(media.number, media.fen or 0, media.trip) for media in there if media.trip)
    return msgspec.structs.replace(persona, passes=passes)
