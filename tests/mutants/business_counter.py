"""How the business counter is broken."""

from __future__ import annotations

from kiosk_firmware.core.hosts.counter import FileAsked
from tests.mutants.counters import COUNTER, set_to
from tests.mutants.mutant import Broken, asking, same

MUTANTS: dict[str, Broken] = {
    **COUNTER,
    "a licence where a notice is due": Broken(asking(set_to(adds=("licensed",)), FileAsked)),
    "a notice that nobody gets": Broken(asking(set_to(gives=()), FileAsked)),
    "filed as another errand": Broken(asking(set_to(errand="tax"), FileAsked)),
    "the face check never times out": Broken(same, None, "photo"),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
