"""How the legal desk is broken."""

from __future__ import annotations

from kiosk_firmware.core.hosts.counter import FileAsked
from tests.mutants.counters import COUNTER, set_to
from tests.mutants.mutant import Broken, asking, more, same

MUTANTS: dict[str, Broken] = {
    **{name: broken for name, broken in COUNTER.items() if name != "a fen too much"},  # nothing costs anything here
    "advice that costs": Broken(asking(more(fee_fen=100), FileAsked)),
    "a hardship paper that is not kept": Broken(asking(set_to(keeps=()), FileAsked)),
    "aid where a notice is due": Broken(asking(set_to(adds=("aided",)), FileAsked)),
    "filed as another errand": Broken(asking(set_to(errand="limit"), FileAsked)),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
