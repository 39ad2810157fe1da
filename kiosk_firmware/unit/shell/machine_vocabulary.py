"""The words that a learner meets on a machine: what stands on its slots and keys, gathered from its own texts, so that
a new machine has them without a word written for it.
"""

from __future__ import annotations

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.texts import FALLBACK

WORD = 6
"""So many characters are a word; what is longer is a sentence."""


def vocabulary(machine: str) -> tuple[str, ...]:
    """Return the keys of the texts that are words: slots first, then keys, each wording once, in the order of its file.
    Texts with holes and what frauds say are none.
    """
    slots = tuple(f"slot.{device}" for device in machine_loader.entry(machine).uses if not device.endswith("_host"))
    met: dict[str, str] = {}
    for key, said in machine_loader.machine_texts(machine).patterns(FALLBACK):
        if key.startswith("key.") and not key.startswith("key.scene.") and len(said) <= WORD and said.isalpha():
            met.setdefault(said, key)
    return (*slots, *met.values())
