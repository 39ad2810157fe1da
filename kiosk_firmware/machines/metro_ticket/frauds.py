"""The frauds that can be met at the metro's ticket machine, as data; when they are met is `rules`'.

The target's side only: what is said to one, and what one can do. The right answer stands in another place in each.
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene(
            "load-helper",
            "load",
            (
                Beat("offers", "stranger_metro", (("hand-over", False), ("myself", True))),
                Beat("money", "stranger_metro", (("keep", True), ("give", False))),
            ),
        ),
        Scene("token-seller", "ticket", (Beat("sells", "stranger_metro", (("buy-it", False), ("machine", True))),)),
    )
)
