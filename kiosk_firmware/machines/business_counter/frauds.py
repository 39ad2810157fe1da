"""The frauds that can be met when starting a business: a "licence agent", somebody who wants to rent the licence, a
message about a fine with a link.

The target's side only. The right answer stands in another place in each.
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene(
            "agent",
            "waiting",
            (
                Beat("offer", "stranger_hall", (("pay-agent", False), ("own-way", True))),
                Beat("insists", "stranger_hall", (("tell-hall", True), ("give-id", False))),
            ),
        ),
        Scene("rent", "window", (Beat("phone", "call", (("rent-it", False), ("never-rent", True))),)),
        Scene("fine", "slip", (Beat("message", "written", (("ask-window", True), ("open-link", False))),)),
    )
)
