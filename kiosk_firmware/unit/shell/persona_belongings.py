"""Show the persona of a lesson, and what of theirs the machine will ask for, so that nobody takes a stranger's card.

Of each thing only the end of its number is told, as it stands on the practice card.
"""

from __future__ import annotations

from collections.abc import Iterator

from kiosk_firmware.catalogue.machine_list import CatalogueEntry
from kiosk_firmware.core.media import thing_of
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.unit.lobby.phases.practice_offers import Owned

TAIL = 4


def belongings(line: CatalogueEntry, persona: Persona) -> tuple[Owned, ...]:
    """Return the name, and what the machine's readers may be given; a telephone has its own number. In the order of a
    hand.
    """
    return (Owned("me", persona.name), *_things(line, persona))


def _things(line: CatalogueEntry, persona: Persona) -> Iterator[Owned]:
    if "id_reader" in line.uses and persona.ids:
        yield Owned(thing_of(persona.ids[0].number), persona.ids[0].number[-TAIL:])
        for other in persona.ids[1:]:  # lies in the same pocket: whoever takes the wrong one is refused
            yield Owned("other_id", other.number[-TAIL:], other.name)
    if "pin_pad" in line.uses and "card_reader" in line.uses:
        if persona.cards:  # each of them is one's own at any bank's machine
            yield Owned("bank_card", " / ".join(card.number[-TAIL:] for card in persona.cards))
    elif "card_reader" in line.uses:
        kinds: dict[str, list[str]] = {}
        for one in persona.passes:
            kinds.setdefault(thing_of(one.number), []).append(one.number[-TAIL:])
        yield from (Owned(kind, " / ".join(tails)) for kind, tails in kinds.items())
    mine = [sim.number for sim in persona.phone.sims if sim.own]
    if not line.needs and mine:
        yield Owned("phone", mine[0][-TAIL:])
