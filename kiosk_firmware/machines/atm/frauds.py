"""The frauds that can be met at this ATM, as data; when they are met is `rules_fraud`'s.

Answers stand in another order in each, so that no place on the page means "safe".
"""

from __future__ import annotations

from kiosk_firmware.kits.fraud_scenes import Beat, Scene, by_id

SCENES = by_id(
    (
        Scene("skimmer", "home", (Beat("look", "skimmer", (("insert", False), ("odd", True))),)),
        Scene(
            "stranger",
            "pin",
            (
                Beat("asks", "stranger_cash", (("decline", True), ("tell", False))),
                Beat("looks", "stranger_cash", (("let", False), ("cover", True))),
            ),
        ),
        Scene("notice", "kept", (Beat("paper", "notice", (("dial", False), ("official", True))),)),
        Scene(
            "safe-account",
            "transfer",
            (
                Beat("rings", "call", (("listen", False), ("hang-up", True))),
                Beat("again", "call", (("ask-bank", True), ("pay", False))),
            ),
        ),
        Scene(
            "police",
            "transfer",
            (
                Beat("threat", "call", (("obey", False), ("hang-up", True))),
                Beat("secret", "call", (("tell-someone", True), ("keep-secret", False))),
            ),
            announced=True,
        ),
        Scene("family", "transfer", (Beat("cries", "call", (("ring-back", True), ("pay", False))),), announced=True),
    )
)
