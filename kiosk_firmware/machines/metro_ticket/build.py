"""Name what the catalogue builds the metro's ticket machine from; network and dated fares are the kit's (`SHARED`)."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.core.machine import Machine, World
from kiosk_firmware.core.rulepack import Packs
from kiosk_firmware.kits.metro.fares import MetroRules
from kiosk_firmware.kits.metro.network import Network
from kiosk_firmware.machines.metro_ticket.line_map import Data, spot, tracks
from kiosk_firmware.machines.metro_ticket.machine import MetroTicket
from kiosk_firmware.machines.metro_ticket.state import Profile, Terms
from kiosk_firmware.machines.metro_ticket.world import TicketWorlds

SHARED = "kits/metro"
PACKS = Packs[MetroRules]
DATA = Data
Rules = MetroRules
__all__ = ["DATA", "PACKS", "SHARED", "Data", "Profile", "Rules", "build"]


def build(rules: MetroRules, profile: Profile, data: Data) -> tuple[Machine[Any], World[Any]]:
    """Make the machine and its world."""
    network = Network(data.network)
    terms = Terms(rules, profile, network, tracks(network, data.chart), spot(data.chart, profile.home))
    return MetroTicket(terms), TicketWorlds(terms)
