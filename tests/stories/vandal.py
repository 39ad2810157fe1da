"""The screen process of the stories, at which a bored person can be let loose: the hand's word is `{"bored": seed}`."""

from __future__ import annotations

import signal
import sys
import time

from kiosk_firmware.unit.shell import environment, main, window
from screens.input import tap_rules
from tests.stories import child


class App(window.ScreenWindow):
    def _asked(self, asked) -> None:
        if "bored" in asked.words:
            from tests.stories.bored import ACTS, Bored  # Kivy is there by now

            person = Bored(self.window, int(asked.words["bored"]))
            for _ in range(ACTS):
                person.act()
        super()._asked(asked)


if __name__ == "__main__":
    main.ScreenWindow = App  # type: ignore[misc]
    tap_rules.FRESH_MS = 0  # nothing that a vandal does is swallowed
    environment.SystemClock.mono_ms = lambda self: time.monotonic_ns() // 1_000_000 + child._skipped[0]
    signal.signal(signal.SIGUSR1, child.skip)
    sys.exit(main.main("run", sys.argv[1:]))
