"""The frauds that are met with a wallet, as data; when they are met is `rules`'.

The target's side only: what is said to one, and what one can do. The right answer stands in another place in each.
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene(
            "digits",
            "code",
            (
                Beat("asks", "call", (("read-digits", False), ("hide-code", True))),
                Beat("urges", "call", (("hang-up", True), ("send-picture", False))),
            ),
        ),
        Scene(
            "safe",
            "confirm",
            (
                Beat("calls", "call", (("do-it", False), ("hang-up", True))),
                Beat("again", "call", (("ask-police", True), ("pay-first", False))),
            ),
        ),
    )
)
