"""The frauds that are met around a shop, as data; when they are met is `rules`'.

The target's side only: what is said to one, and what one can do. The right answer stands in another place in each.
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene(
            "outside",
            "checkout",
            (
                Beat("chat", "written", (("pay-him", False), ("pay-here", True)), "avatar_seller"),
                Beat("cheaper", "written", (("no-deal", True), ("save-five", False)), "avatar_seller"),
            ),
        ),
        Scene(
            "courier",
            "sent",
            (
                Beat("sms", "written", (("open-link", False), ("look-app", True))),
                Beat("calls", "call", (("hang-up", True), ("read-code", False))),
            ),
        ),
        Scene(
            "early",
            "sent",
            (Beat("asks", "written", (("confirm-now", False), ("wait-parcel", True)), "avatar_seller"),),
        ),
        Scene(
            "refund",
            "taken",
            (
                Beat("calls", "call", (("app-only", True), ("join-meeting", False))),
                Beat("wants", "call", (("tell-code", False), ("no-code", True))),
            ),
        ),
    )
)
