"""The frauds that can be met at this ticket machine, as data; when they are met is `rules_fraud`'s."""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene(
            "refund-call",
            "refund",
            (
                Beat("message", "written", (("dial", False), ("check", True))),
                Beat("code", "call", (("hang-up", True), ("tell", False))),
            ),
        ),
        Scene(
            "tout",
            "buy",
            (
                Beat("offers", "stranger_trains", (("go-machine", True), ("buy-tout", False))),
                Beat("urges", "stranger_trains", (("pay-tout", False), ("walk-on", True))),
            ),
        ),
        Scene("pasted-code", "phone", (Beat("sticker", "sticker", (("paper", False), ("glass", True))),)),
    )
)
