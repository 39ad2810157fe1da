"""Open a run outside of life: the first event at a practised instant, and small worlds to walk."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec

from kiosk_firmware.core.events import Fault, Started
from kiosk_firmware.core.persona import Persona


class Walk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A small world to walk: see a machine's walk.toml. `menu`: the only keys of the menu that are pressed (empty:
    all); `data`: whole data files in place of the machine's own; `now`: the practised instant.
    """

    name: str
    skin: str
    persona: Persona
    values: dict[str, tuple[str, ...]] = {}
    menu: tuple[str, ...] = ()
    rules: dict[str, Any] = {}
    profile: dict[str, Any] = {}
    data: dict[str, Any] = {}
    now: str = "2026-11-24T14:05:00+08:00"
    scene: str = ""

    @property
    def changes(self) -> dict[str, Any]:
        """Return what the small world replaces, as `load` takes it."""
        return {"rules": self.rules, "profile": self.profile, "data": self.data}


def start_event(
    persona: Persona, now: str, armed: Fault | None = None, language: str = "zh", scene: str = ""
) -> Started:
    """Return the event that opens a run at the practised instant `now` (ISO 8601)."""
    instant = datetime.datetime.fromisoformat(now)
    return Started(int(instant.timestamp() * 1000), persona, armed, language, scene)


def with_fault(opening: Started, fault: Fault | None) -> Started:
    """Return the same opening with another fault armed."""
    return msgspec.structs.replace(opening, armed=fault)
