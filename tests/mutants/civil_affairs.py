"""How the civil affairs window is broken."""

from __future__ import annotations

from kiosk_firmware.core.hosts.counter import FileAsked
from tests.mutants.counters import COUNTER, set_to
from tests.mutants.mutant import Broken, asking, same

MUTANTS: dict[str, Broken] = {
    **COUNTER,
    "granted without waiting": Broken(asking(set_to(ready=0), FileAsked)),
    "filed as another errand": Broken(asking(set_to(errand="marry"), FileAsked)),
    "a certificate that is not given": Broken(asking(set_to(gives=()), FileAsked)),
    "the visit never times out": Broken(same, None, "ask-visit"),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
