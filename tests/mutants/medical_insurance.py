"""How the medical insurance window is broken."""

from __future__ import annotations

from kiosk_firmware.core.hosts.counter import FileAsked
from tests.mutants.counters import COUNTER, set_to
from tests.mutants.mutant import Broken, asking, same

MUTANTS: dict[str, Broken] = {
    **COUNTER,
    "a record that is not given": Broken(asking(set_to(gives=()), FileAsked)),
    "filed as another errand": Broken(asking(set_to(errand="look"), FileAsked)),
    "the photograph never times out": Broken(same, None, "photo"),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
