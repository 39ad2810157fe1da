"""The frauds that are met in a messenger, as data; when they are met is `rules`'.

The target's side only: what is said to one, and what one can do. The right answer stands in another place in each.
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene(
            "hacked",
            "chat",
            (
                Beat("borrows", "written", (("send-now", False), ("call-first", True)), "avatar_liwei"),
                Beat("excuse", "written", (("wait-voice", True), ("send-little", False)), "avatar_liwei"),
            ),
        ),
        Scene(
            "service",
            "main",
            (
                Beat("calls", "call", (("find-number", True), ("press-link", False))),
                Beat("hurries", "call", (("give-code", False), ("hang-up", True))),
            ),
        ),
        Scene(
            "brush",
            "groups",
            (
                Beat("offers", "written", (("take-job", False), ("no-job", True))),
                Beat("pays", "note_100", (("pay-in", False), ("leave-it", True))),
            ),
        ),
        Scene(
            "sweet",
            "chat",
            (
                Beat("woos", "written", (("never-met", True), ("trust-her", False))),
                Beat("earns", "note_100", (("put-in", False), ("no-platform", True))),
                Beat("unlocks", "written", (("stop-ask", True), ("pay-tax", False))),
            ),
        ),
        Scene(
            "card",
            "chat",
            (
                Beat("asks", "written", (("lend-card", False), ("my-card", True))),
                Beat("urges", "written", (("no-lending", True), ("for-hundred", False))),
            ),
        ),
        Scene("loan", "moments", (Beat("advert", "notice", (("ask-bank", True), ("pay-fee", False))),)),
        Scene("link", "groups", (Beat("packet", "written", (("open-link", False), ("do-not-open", True))),)),
        Scene("screen", "call", (Beat("shares", "call", (("end-call", True), ("share-it", False))),)),
        Scene(
            "police",
            "main",
            (
                Beat("accuses", "call", (("obey", False), ("ask-first", True))),
                Beat("secret", "call", (("tell-someone", True), ("keep-secret", False))),
            ),
            announced=True,
        ),
    )
)
