"""The frauds that can be met on the way to one's right: a false lawyer who wants an advance, somebody who "knows the
judge", a message of a false court with a link.

The target's side only. The right answer stands in another place in each.
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene(
            "lawyer",
            "waiting",
            (
                Beat("offer", "stranger_hall", (("pay-advance", False), ("ask-desk", True))),
                Beat("card", "stranger_hall", (("no-sign", True), ("sign-his", False))),
            ),
        ),
        Scene("judge", "window", (Beat("phone", "call", (("send-gift", False), ("hang-up", True))),)),
        Scene("court", "slip", (Beat("message", "written", (("ask-window", True), ("open-link", False))),)),
    )
)
