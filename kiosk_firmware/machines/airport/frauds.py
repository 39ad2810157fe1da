"""The frauds that can be met at the airport, as data; when they are met is `rules`'.

The target's side only: what is said to one, and what one can do. The right answer stands in another place in each.
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene(
            "helper",
            "ident",
            (
                Beat("card", "stranger_check_in", (("hand-over", False), ("decline", True))),
                Beat("bag", "stranger_check_in", (("no-bag", True), ("take-bag", False))),
            ),
        ),
        Scene(
            "message",
            "flight",
            (
                Beat("arrives", "written", (("dial", False), ("airline", True))),
                Beat("urges", "call", (("hang-up", True), ("tell-code", False))),
            ),
        ),
    )
)
