"""The frauds that can be met on the way to help: somebody who "knows the official", a message about money that waits, a
link to a photo shop for the marriage certificate.

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
                Beat("offer", "stranger_hall", (("own-way", True), ("pay-him", False))),
                Beat("signs", "stranger_hall", (("sign-blank", False), ("tell-window", True))),
            ),
        ),
        Scene("money-waits", "slip", (Beat("message", "written", (("give-code", False), ("ask-window", True))),)),
        Scene("photo-shop", "waiting", (Beat("message", "written", (("no-link", True), ("open-link", False))),)),
    )
)
