"""The twins' front panel as a desk sees it: which cards lie before it, and the glass that its phone looks at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.system.state_folders import screen_folder
from kiosk_firmware.unit.shell import practice_cards
from screens.panel.front_panel import Panel
from screens.panel.panel_base import PanelCard, PanelId

WORN = PanelId("worn")
"""An ID card that no reader can read."""


def panel(stage: Any, state: Path, language: str, scale: float) -> Panel:
    """Make the panel, right of the stage; it speaks to the twins of the state folder."""
    cards = [
        PanelCard(slip.number, slip.bank_name.get(language, slip.bank), slip.expires, slip.chip, pin=slip.pin)
        for slip in practice_cards.read_slips(state)
    ]
    made = Panel(screen_folder(state) / "twins.sock", cards, language, scale=scale, idents=idents(), photo=stage.pixels)
    made.pos = (stage.width, 0)
    return made


def idents() -> tuple[PanelId, ...]:
    """Return the practice IDs of everybody who can be practised as, and one that cannot be read."""
    cards = {card.number: card.name for person in machine_loader.personas().values() for card in person.ids}
    return (*(PanelId(number, name) for number, name in sorted(cards.items(), reverse=True)), WORN)
