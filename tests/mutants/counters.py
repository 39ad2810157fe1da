"""How every counter is broken: what the kit promises, in mutants that each counter's walks must notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from kiosk_firmware.core import effects as fx
from kiosk_firmware.core.hosts.counter import FileAsked
from tests.mutants.mutant import Broken, asking, dropping, more, same


def set_to(**fields: Any) -> Callable[[Any], Any]:
    """These fields of an ask are something else."""
    return lambda ask: msgspec.structs.replace(ask, **fields)


COUNTER: dict[str, Broken] = {
    "no slip": Broken(dropping(fx.PrintDocument)),
    "the office is never asked": Broken(dropping(fx.AskHost)),
    "a fen too much": Broken(asking(more(fee_fen=1), FileAsked)),
    "a day too early": Broken(asking(more(ready=-1), FileAsked)),
    "papers page never times out": Broken(same, None, "back"),
    "call never times out": Broken(same, None, "called"),
    "ID page never times out": Broken(same, None, "take-ident"),
}
"""Join these with the counter's own: another errand, a paper that is not kept, a fraud that never lets go."""
