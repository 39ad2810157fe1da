"""A power cut, as every machine's world has it: what was under way either happened or did not, and nobody heard."""

from __future__ import annotations

from kiosk_firmware.core.cabinet_model import CabinetModel, answer, found, heard, unknown
from kiosk_firmware.core.effects import PrintDocument
from kiosk_firmware.core.events import AnyEvent, Struck
from kiosk_firmware.core.machine import Open


def power_cut(bench: CabinetModel, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
    """A cut and the wake-up: what was under way either happened or did not; then the cabinet says what it holds."""
    done: list[AnyEvent] = []
    undone: list[AnyEvent] = []
    world = bench
    for effect, canceled in open_:
        event = answer(world, effect, canceled)
        if event is not None and not isinstance(effect, PrintDocument):
            done.append(event)
            world = heard(world, event)
        undone.append(unknown(effect))
        if event is None or isinstance(effect, PrintDocument):
            done.append(unknown(effect))
    cut = Struck("power_cut")
    ways = {(cut, *done, found(world)), (cut, *undone, found(bench))}
    return tuple(sorted(ways, key=repr))
