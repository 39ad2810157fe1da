"""The frauds that can be met around a pension: an agent who "does it for you" for a fee and buys missing years at once,
and a call from an "insurance office" that wants a code.

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
                Beat("years", "stranger_hall", (("tell-window", True), ("give-card", False))),
            ),
        ),
        Scene("false-office", "slip", (Beat("call", "call", (("say-code", False), ("hang-up", True))),)),
    )
)
