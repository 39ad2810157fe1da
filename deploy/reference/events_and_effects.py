"""Make the reference of what a machine hears and says: events, effects, and faults that can be armed."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.reference.struct_tables import NOTE, union_table
from kiosk_firmware.core import effects, events
from kiosk_firmware.core.faults import FAULTS


def event_lines() -> Iterator[str]:
    """Yield the page of events."""
    yield f"# Events\n\n{NOTE}"
    yield "What a machine hears: `update(state, event)`. Devices, glass, timers and hosts all speak in these.\n"
    yield from union_table(events.AnyEvent)


def effect_lines() -> Iterator[str]:
    """Yield the page of effects."""
    yield f"# Effects\n\n{NOTE}"
    yield "What a machine asks for. Each is answered by an [event](events.md), through the same door.\n"
    yield from union_table(effects.AnyEffect)


def fault_lines() -> Iterator[str]:
    """Yield the page of faults."""
    yield f"# Faults\n\n{NOTE}\nWhat a teacher, a lesson or a supervisor can arm; it strikes once, in the next run.\n"
    yield from (f"- `{fault}`" for fault in FAULTS)
