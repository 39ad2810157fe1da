"""Name what people and bad luck can do to a twin, by name: the words of the control socket and of the front panel.

A twin class lists its own acts in `ACTS` (word -> what is done to the twin, with the request's arguments and the time)
and its own bad luck in `FAULTS`, which its `spoil` switches. An act that a person could try answers whether the
cabinet let it (`done`); what makes no sense raises ValueError, or KeyError for an argument that is missing. What every
serial wire can suffer is here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from hardware.twins.serial_twin import WireFaults

Answer = dict[str, Any]
Doing = Callable[[Any, dict[str, Any], float], Answer]
"""The twin, the arguments, and now in ms."""

WIRE_FAULTS = ("silent", "bad_checks", "late")


def now_ms() -> float:
    """Return the clock of all edges in ms: monotonic, the same in every process of this machine."""
    return time.monotonic_ns() / 1e6


def act_answer(it_was: object, error: str, **more: Any) -> Answer:
    """Return the answer to an act: `more` where it was done, `error` where the cabinet did not let it."""
    return {"ok": True, **more} if it_was else {"ok": False, "error": error}


def spoil_wire(wire: WireFaults, kind: str, on: bool, args: dict[str, Any]) -> None:
    """Begin or end one of `WIRE_FAULTS`, with `count` or `ms`."""
    match kind:
        case "silent":
            wire.silent = on
        case "bad_checks":
            wire.bad_checks = int(args.get("count", 1)) if on else 0
        case "late":
            wire.late_ms = int(args.get("ms", 500)) if on else 0
