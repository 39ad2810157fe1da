"""The frauds that are met with a wallet, as data; when they are met is `rules`'.

The target's side only: what is said to one, and what one can do. The right answer stands in another place in each.
"""

from __future__ import annotations

from kiosk_firmware.kits.scene import Beat, Scene, by_id

SCENES = by_id((
    Scene("digits", "code", (
        Beat("asks", "stranger", (("read-digits", False), ("hide-code", True))),
        Beat("urges", "stranger", (("hang-up", True), ("send-picture", False))),
    )),
    Scene("safe", "confirm", (
        Beat("calls", "stranger", (("do-it", False), ("hang-up", True))),
        Beat("again", "stranger", (("ask-police", True), ("pay-first", False))),
    )),
))
