"""The frauds that can be met on the way to an ID card: somebody who "knows the official", a link for a cheap photo
shop, a message that the card is ready and the post wants to be paid.

The target's side only. The right answer stands in another place in each.
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene(
            "knows",
            "waiting",
            (
                Beat("offer", "stranger_hall", (("pay-him", False), ("own-turn", True))),
                Beat("keeps", "stranger_hall", (("tell-police", True), ("give-papers", False))),
            ),
        ),
        Scene("photo-link", "waiting", (Beat("message", "written", (("open-link", False), ("no-link", True))),)),
        Scene("post-fee", "slip", (Beat("message", "written", (("ask-window", True), ("pay-link", False))),)),
    )
)
