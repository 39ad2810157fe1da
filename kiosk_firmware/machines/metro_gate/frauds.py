"""The fraud that can be met at a gate, as data: somebody wants to go through on one's own card.

The target's side only: what is said to one, and what one can do. It stands before the gate, before any card is held.
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene(
            "close-behind",
            "gate",
            (
                Beat("asks", "stranger_gate", (("together", False), ("alone", True))),
                Beat("lends", "stranger_gate", (("keep-card", True), ("lend", False))),
            ),
        ),
    )
)
