"""Watch whether collector and pages still move: who stands still says so, is an alert, and is fed to systemd no more.

The collector proves itself by a turn that leaves nothing behind, the pages by an answer to a request of our own that
goes the whole way, middleware, a worker's thread and the books. Pages that stay dead end the process, so that whoever
started it starts it again; one that was told to end and cannot is ended too.
"""

from __future__ import annotations

import http.client
import logging
import os
import threading
import time
from collections.abc import Callable

from kiosk_firmware.office.accounts.passwords import TURNS
from kiosk_firmware.wire.systemd_watchdog import Watchdog

log = logging.getLogger(__name__)
COLLECTOR, PAGES = "collector", "pages"
LIMIT_S = 60.0
"""Who has not moved for so long stands still."""
LOOK_S, PROBE_S = 5.0, 10.0
HASH_S = 45.0
"""A password takes 0.15 s; one that takes so long takes for ever, and nobody can come in."""
DEAD_PROBES = 12
"""So many requests of ours in a row without an answer: the pages are dead."""
GRACE_S = 20.0
"""From the word to end until we end by force."""
PATH = "/alive"


class PartActivity:
    """The time at which each part last moved. Safe from any thread; `clock`: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._moved = {COLLECTOR: clock(), PAGES: clock()}

    def moved(self, part: str) -> None:
        """Note that this part has done what it is for."""
        self._moved[part] = self._clock()

    def stalled(self) -> tuple[str, ...]:
        """Return the parts that stand still."""
        now = self._clock()
        return tuple(part for part, at in self._moved.items() if now - at > LIMIT_S)


def hashing_moves() -> bool:
    """Return whether the password that is being checked, if any, still has its time."""
    return TURNS.held_s < HASH_S


class LivenessWatchdog(threading.Thread):
    """Looks after both until the process ends. `leaving`: whether it was told to end; `kill` ends it by force."""

    def __init__(
        self,
        liveness: PartActivity,
        address: tuple[str, int],
        leaving: Callable[[], bool],
        kill: Callable[[int], None] = os._exit,
    ) -> None:
        """Take `address`, the pages' own; nothing runs yet."""
        super().__init__(name="watch", daemon=True)
        self._liveness, self._address, self._leaving, self._kill = liveness, address, leaving, kill
        self._dog = Watchdog((COLLECTOR, PAGES))
        self._dead, self._left_s = 0, 0.0
        self._told: tuple[str, ...] = ()

    def run(self) -> None:
        """Look, again and again."""
        self._dog.ready()
        while True:
            time.sleep(1.0 if self._leaving() else LOOK_S)
            self.look()

    def look(self) -> None:
        """Look at all of it once."""
        if self._leaving():
            self._left_s += 1.0
            if self._left_s > GRACE_S:
                self._end("was told to end and could not")
            return
        if is_answered(self._address):
            self._dead = 0
            self._liveness.moved(PAGES)
        else:
            self._dead += 1
        self._say()
        if self._dead >= DEAD_PROBES:
            self._end("the pages do not answer")

    def _say(self) -> None:
        stalled = self._liveness.stalled()
        for part in stalled:
            if part not in self._told:
                log.critical("the %s stand still for more than %.0f s", part, LIMIT_S)
        self._told = stalled
        self._dog.due(time.monotonic())
        for part in {COLLECTOR, PAGES}.difference(stalled):
            self._dog.proved(part)

    def _end(self, why: str) -> None:
        log.critical("ending by force: this office %s", why)
        self._kill(1)


def is_answered(address: tuple[str, int]) -> bool:
    """Return whether the pages answer a request of our own, the whole way."""
    line = http.client.HTTPConnection(*address, timeout=PROBE_S)
    try:
        line.request("GET", PATH)
        return line.getresponse().status == 204
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
