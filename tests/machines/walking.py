"""How tests walk a machine."""

from __future__ import annotations

from kiosk_firmware import catalogue
from kiosk_firmware.core.events import Fault
from kiosk_firmware.core.play import Play
from kiosk_firmware.core.walk import Walked, Walker


def walked(loaded: catalogue.Loaded, walk: catalogue.Walk, fault: Fault | None, play: Play | None = None) -> Walked:
    """The walk's outcome; it ends at the first finding."""
    walker = Walker(play or Play(loaded.machine, loaded.world), walk.values, menu=walk.menu)
    return walker.walk(catalogue.started(walk.persona, walk.now, fault), most_findings=1)
