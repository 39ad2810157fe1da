"""The frauds that are met in a mobile shop, as data; when they are met is `rules_new_number`'s.

The target's side only: what is said to one, and what one can do. The right answer stands in another place in each.
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene(
            "lend",
            "confirm",
            (
                Beat("asked", "stranger_shop", (("one-more", False), ("only-mine", True))),
                Beat("urges", "stranger_shop", (("no-thanks", True), ("take-money", False))),
            ),
        ),
        Scene("gift", "confirm", (Beat("phone", "clerk", (("read-first", True), ("sign-now", False))),)),
    )
)
