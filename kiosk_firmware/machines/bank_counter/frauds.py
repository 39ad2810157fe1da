"""The frauds that can be met at a bank's counter, as data: somebody wants one's card, or tells one what to say.

The target's side only. The right answer stands in another place in each.
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene(
            "lend",
            "waiting",
            (
                Beat("offer", "stranger_hall", (("take-money", False), ("no-lend", True))),
                Beat("insists", "stranger_hall", (("tell-guard", True), ("go-out", False))),
            ),
        ),
        Scene("coached", "window", (Beat("phone", "call", (("say-it", False), ("tell-clerk", True))),)),
    )
)
