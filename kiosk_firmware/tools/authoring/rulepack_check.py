"""Are a machine's dated rules in order: dates that follow each other, a source for each, none overdue?

An overdue pack still works, and no learner is told; teachers, the office and this check are.
"""

from __future__ import annotations

import datetime
import itertools

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.rulepack import overdue

SHORTEST_SOURCE = 8
"""Characters: less than that names nothing that can be looked up."""


def wrong(machine: str, today: datetime.date) -> list[str]:
    """Return what is wrong with the machine's packs, a line each; empty is good."""
    file = f"machines/{machine_loader.folder(machine).name}/rulepack.toml"
    found, packs = [], machine_loader.packs(machine)
    if not packs.pack:
        found.append("pack: there is none; a machine needs at least one")
    for pack in packs.pack:
        if len(pack.source.strip()) < SHORTEST_SOURCE:
            found.append(f"{pack.id}: source = {pack.source!r}: say where the figures are from")
        if pack.checked_on > today:
            found.append(f"{pack.id}: checked_on = {pack.checked_on}: allowed is today ({today}) or earlier")
        if pack.review_by <= pack.checked_on:
            found.append(f"{pack.id}: review_by = {pack.review_by}: allowed is later than checked_on")
    for earlier, later in itertools.pairwise(packs.pack):
        if later.valid_from <= earlier.valid_from:
            found.append(f"{later.id}: valid_from: allowed is later than {earlier.id}, which stands before it")
    found += [f"{pack_id}: overdue: its review_by lies before {today}" for pack_id in overdue(packs, today)]
    return [f"{file}: {line}" for line in found]
