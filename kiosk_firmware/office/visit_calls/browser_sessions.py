"""Keep which browser sits at which end of a visit's line: one browser tab for each, the newest word of it alive.

An end is held by the tab that came first, as long as it is heard from. The same tab that comes again (its line was cut)
takes its own seat; another one is told that the visit is open elsewhere, and may take the seat over by a word of the
person. So two tabs never speak for one family, and nobody is locked out by a browser that was closed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from kiosk_firmware.visit.office.call_records import Whose
from kiosk_firmware.visit.office.visits_db import VisitRefusedError

ALIVE_S = 8.0
"""A browser says every two seconds that it is there."""
MANY, PER_S = 40.0, 10.0
"""Words at once from one browser, and each second."""
CLOSE_ELSEWHERE, CLOSE_OVER, CLOSE_REFUSED, CLOSE_FLOOD = 4409, 4410, 4403, 4429
Clock = Callable[[], float]


class BrowserSession:
    """One browser's. `say` sends a message to it, `close` ends its line with a code; both may be called from any
    thread. `who`: the account.
    """

    def __init__(
        self,
        request: int,
        number: str,
        whose: Whose,
        who: str,
        page: str,
        say: Callable[[bytes], None],
        close: Callable[[int], None],
    ) -> None:
        """Begin as somebody comes."""
        self.request, self.number, self.whose, self.who, self.page = request, number, whose, who, page
        self.say, self.close = say, close
        self.heard_s = 0.0
        self.sessions: set[int] = set()
        self._room, self._at = MANY, 0.0

    def may_speak(self, now_s: float) -> bool:
        """Return whether one word more does not flood."""
        self._room = min(MANY, self._room + (now_s - self._at) * PER_S) - 1
        self._at = self.heard_s = now_s
        return self._room >= 0


class BrowserSessions:
    """All of an office. `clock`: monotonic seconds."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        """Begin with no browser at any end."""
        self._clock = clock
        self._taken: dict[tuple[int, Whose, str], BrowserSession] = {}

    def take(self, seat: BrowserSession, over: bool) -> None:
        """Sit down; `over`: in the place of whoever sits there. A station has one seat, each officer has one.

        Raises:
            RefusedError: another tab sits there.
        """
        key = self._key(seat)
        old = self._taken.get(key)
        if old is not None and not over and old.page != seat.page and self._clock() - old.heard_s < ALIVE_S:
            raise VisitRefusedError("the visit is open in another window", "elsewhere")
        seat.heard_s = self._clock()
        self._taken[key] = seat
        if old is not None:
            old.close(CLOSE_ELSEWHERE)

    def leave(self, seat: BrowserSession) -> bool:
        """Stand up; False where another one sits there by now."""
        if self._taken.get(self._key(seat)) is not seat:
            return False
        del self._taken[self._key(seat)]
        return True

    def of(self, request: int, whose: Whose | None = None) -> list[BrowserSession]:
        """Return who sits at that visit, at one of its ends or at both."""
        return [seat for key, seat in self._taken.items() if key[0] == request and whose in (None, key[1])]

    def visits(self) -> set[int]:
        """Return the visits at which anybody sits."""
        return {key[0] for key in self._taken}

    def silent(self) -> list[BrowserSession]:
        """Return the browsers that nothing was heard of for too long."""
        now = self._clock()
        return [seat for seat in self._taken.values() if now - seat.heard_s >= ALIVE_S]

    def _key(self, seat: BrowserSession) -> tuple[int, Whose, str]:
        return seat.request, seat.whose, seat.who if seat.whose == "officer" else ""
