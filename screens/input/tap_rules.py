"""Decide when a touch is a tap; pure, told the time, so that every rule is tested without a window.

A tap counts when the finger lifts in the key where it landed. A touch that began within 400 ms of a new step's first
frame (or before it) was meant for the page before: it is swallowed and told as a double tap. A touch belongs to the
page it began on, so a page that changes under the finger is never tapped. Normally a finger that leaves its key has
thought better of it; with the steady-touch setting a trembling finger may slide out and back, and a repeat within 500
ms is one tap. With `hold` (another setting, which nobody has to have) a key counts only when the finger has been on it
for 400 ms, so that brushing over keys means nothing.
"""

from __future__ import annotations

import msgspec

FRESH_MS = 400
REPEAT_MS = 500
HOLD_MS = 400

PageId = tuple[str, int]
"""(step, visit)."""


class Landed(msgspec.Struct, frozen=True):
    """The effect of a landing finger: presses a key (its name), or is swallowed as a double tap."""

    pressed: str = ""
    doubled: bool = False


class _Finger(msgspec.Struct):
    key: str
    page: PageId
    since_ms: int
    inside: bool = True
    left: bool = False


class Taps:
    """The fingers on the glass."""

    def __init__(self, steady: bool = False) -> None:
        """Take `steady`, the setting for trembling hands."""
        self.steady = steady
        self.hold = False
        """A key counts only when it is held."""
        self._page: PageId = ("", 0)
        self._seen_ms: int | None = None
        self._fingers: dict[object, _Finger] = {}
        self._last: tuple[str, int] = ("", -(10**9))

    def page(self, step: str, visit: int) -> bool:
        """Show a page; return True when it is another step than before (its first frame is awaited then)."""
        if (step, visit) == self._page:
            return False
        self._page, self._seen_ms = (step, visit), None
        return True

    def renewed(self) -> None:
        """Await the first frame anew: keys came, went or moved while the page stands, and nobody can have meant a key
        that was not there yet.
        """
        self._seen_ms = None

    def framed(self, now_ms: int) -> None:
        """Note that a frame of the page reached the glass."""
        if self._seen_ms is None:
            self._seen_ms = now_ms

    def fresh(self, now_ms: int) -> bool:
        """Return whether the page is too new to be touched on purpose."""
        return self._seen_ms is None or now_ms - self._seen_ms < FRESH_MS

    def landed(
        self, finger: object, key: str, now_ms: int, ageless: bool = False, seen_ms: int | None = None
    ) -> Landed:
        """Take a finger that came down on `key` ("" for none); `ageless` keys (the strip's) have no first frame to wait
        for. `now_ms` is the instant from which it counts as held, `seen_ms` the real one where that is another.
        """
        if not ageless and self.fresh(now_ms if seen_ms is None else seen_ms):
            return Landed(doubled=True)
        if not key:
            return Landed()
        self._fingers[finger] = _Finger(key, self._page, now_ms)
        return Landed(pressed=key)

    def moved(self, finger: object, inside: bool) -> str:
        """Take a finger that slid; return the key to show as pressed now, "" for none."""
        known = self._fingers.get(finger)
        if known is None or known.page != self._page:
            return ""
        known.left = known.left or not inside
        known.inside = inside
        return known.key if self._presses(known) else ""

    def _presses(self, finger: _Finger) -> bool:
        return finger.page == self._page and finger.inside and (self.steady or not finger.left)

    def lifted(self, finger: object, inside: bool, now_ms: int, ageless: bool = False) -> str:
        """Take a finger that went up; return the key that was tapped, "" for none."""
        shown = self.moved(finger, inside)
        known = self._fingers.pop(finger, None)
        if known is None or (known.page != self._page and not ageless):
            return ""
        key = known.key if ageless and inside else shown
        if not key or (self.hold and now_ms - known.since_ms < HOLD_MS):
            return ""
        repeated = self._last[0] == key and now_ms - self._last[1] < REPEAT_MS
        self._last = (key, now_ms)
        return "" if self.steady and repeated else key

    @property
    def under(self) -> str:
        """The key that a finger presses now, "" for none."""
        return next((finger.key for finger in self._fingers.values() if self._presses(finger)), "")

    def share(self, now_ms: int) -> float:
        """Return how much of the time is over for which the key under a finger must be held, 0..1; 1 where it need not
        be.
        """
        since = max((finger.since_ms for finger in self._fingers.values()), default=now_ms - HOLD_MS)
        return min(1.0, (now_ms - since) / HOLD_MS) if self.hold else 1.0

    def key_of(self, finger: object) -> str:
        """Return the key under which a finger landed, "" for none."""
        known = self._fingers.get(finger)
        return known.key if known else ""

    def forget(self) -> None:
        """Drop all fingers: the window lost them."""
        self._fingers.clear()
