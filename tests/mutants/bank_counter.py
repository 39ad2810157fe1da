"""How the bank's counter is broken."""

from __future__ import annotations

from kiosk_firmware.core import effects as fx
from kiosk_firmware.core.hosts.counter import FileAsked
from tests.mutants.counters import COUNTER, set_to
from tests.mutants.mutant import Broken, asking, dropping, same

MUTANTS: dict[str, Broken] = {
    **COUNTER,
    "a paper that is not kept": Broken(asking(set_to(keeps=()), FileAsked)),
    "filed as another errand": Broken(asking(set_to(errand="kept"), FileAsked)),
    "never canceled": Broken(dropping(fx.Cancel)),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
