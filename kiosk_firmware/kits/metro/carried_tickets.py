"""Tokens and stored-value cards in the pocket, at the start of a run and after it.

A real pocket holds bank cards as well; whoever holds one to a metro reader is told that it is none of the metro's.
"""

from __future__ import annotations

from kiosk_firmware.core import cabinet_model as b
from kiosk_firmware.core.events import Media
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.persona import Pass, Persona
from kiosk_firmware.kits.cabinet_world import bench_before_run
from kiosk_firmware.kits.metro.ticket_record import parse_trip


def with_passes(persona: Persona, stock: Items, stack: tuple[Media, ...] = ()) -> b.CabinetModel:
    """Return the bench before a run: metro tickets in the hand before all other cards; `stack` in the dispenser."""
    bench = bench_before_run(persona, stock)
    mine = tuple(Media(one.number, chip=False, fen=one.fen, trip=one.trip) for one in persona.passes)
    return b.with_fields(bench, hand=(*mine, *bench.hand), stack=stack)


def passes(bench: b.CabinetModel) -> tuple[Pass, ...]:
    """Return the metro tickets that the person has, or that lie where only the person can take them."""
    near = (*bench.hand, *((bench.reader,) if bench.reader else ()), *((bench.offered,) if bench.offered else ()))
    found = (Pass(media.number, media.fen or 0, media.trip) for media in near if parse_trip(media.trip) is not None)
    return tuple(sorted(found, key=lambda one: one.number))
