"""The frauds that can be met around medical insurance: an agent who sells "no waiting", somebody who borrows the code
to buy medicine, a call from an "insurance office" that wants to see one's screen.

The target's side only. The right answer stands in another place in each.
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene("agent", "waiting", (Beat("offer", "stranger_hall", (("own-way", True), ("pay-agent", False))),)),
        Scene(
            "medicine",
            "waiting",
            (
                Beat("asks", "stranger_hall", (("lend-code", False), ("no-lend", True))),
                Beat("money", "stranger_hall", (("tell-window", True), ("take-money", False))),
            ),
        ),
        Scene("false-office", "slip", (Beat("call", "call", (("show-screen", False), ("hang-up", True))),)),
    )
)
