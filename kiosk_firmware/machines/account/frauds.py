"""The frauds that are met around an account, as data; when they are met is `rules`'.

The target's side only: what is said to one, and what one can do. The right answer stands in another place in each.
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene(
            "faster",
            "delay",
            (
                Beat("offers", "call", (("pay-him", False), ("wait-day", True))),
                Beat("screen", "call", (("hang-up", True), ("share-screen", False))),
            ),
        ),
        Scene(
            "friend",
            "code",
            (
                Beat("asks", "call", (("call-back", True), ("send-code", False))),
                Beat("urges", "call", (("just-this-once", False), ("no-code", True))),
            ),
        ),
    )
)
