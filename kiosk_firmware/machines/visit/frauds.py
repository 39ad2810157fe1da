"""The frauds that can be met on the way to a visit: somebody who hurries an answer for money, a message that asks the
family for a deposit, somebody who has a sentence shortened. They are after the family's money as much as one's own.

The target's side only. The right answer stands in another place in each.
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene(
            "faster",
            "undecided",
            (
                Beat("offer", "stranger_hall", (("send-fee", False), ("wait-answer", True))),
                Beat("number", "stranger_hall", (("tell-officer", True), ("give-number", False))),
            ),
        ),
        Scene("link", "told", (Beat("phone", "call", (("ask-office", True), ("pay-deposit", False))),)),
        Scene("shorter", "slip", (Beat("offer", "stranger_hall", (("let-home-pay", False), ("no-money", True))),)),
    )
)
