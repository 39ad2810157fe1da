"""How tests walk a machine."""

from __future__ import annotations

from kiosk_firmware import catalogue
from kiosk_firmware.core.events import Fault, Started
from kiosk_firmware.core.faults import FAULTS
from kiosk_firmware.core.play import Play
from kiosk_firmware.core.walk import Walked, Walker


def walked(
    loaded: catalogue.Loaded, walk: catalogue.Walk, faults: tuple[Fault, ...], play: Play | None = None
) -> Walked:
    """The walk's outcome where any one of `faults` may strike; it ends at the first finding."""
    walker = Walker(play or Play(loaded.machine, loaded.world), walk.values, menu=walk.menu, faults=faults)
    return walker.walk(_opening(walk, faults), most_findings=1)


def steps(loaded: catalogue.Loaded, walk: catalogue.Walk) -> set[str]:
    """The steps of the pages met in the first few thousand situations."""
    walker = Walker(Play(loaded.machine, loaded.world), walk.values, limit=4000, menu=walk.menu, faults=FAULTS)
    walker.walk(_opening(walk, FAULTS), most_findings=1)
    return {loaded.machine.view(now.state).step for now in walker.parents}


def _opening(walk: catalogue.Walk, faults: tuple[Fault, ...]) -> Started:
    return catalogue.started(walk.persona, walk.now, faults[0] if faults else None, scene=walk.scene)
