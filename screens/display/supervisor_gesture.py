"""The supervisor's knock: a corner held for five seconds, then two other touches. Pure, told the time.

Nothing on the glass shows it and nobody meets it by accident: hold the top left corner for five seconds, lift, touch
the top right corner, then the top left one again, each within four seconds. A corner where the page has a key does not
count, so a machine's keys are never in the way and never pressed by it.
"""

from __future__ import annotations

from typing import Literal

from screens.stage.kivy_boot import WIDE

CORNER = 90.0
HOLD_MS = 5000
NEXT_MS = 4000
Corner = Literal["left", "right", ""]
_THEN: tuple[Corner, ...] = ("right", "left")


def corner(x: float, y: float, wide: float = WIDE) -> Corner:
    """Return which upper corner of a glass that is so wide a point lies in."""
    if not (0 <= y < CORNER and 0 <= x < wide):
        return ""
    return "left" if x < CORNER else "right" if x >= wide - CORNER else ""


class SupervisorGesture:
    """One finger at a time; any other touch begins anew."""

    def __init__(self) -> None:
        """Begin with nothing touched yet."""
        self._down: tuple[object, Corner, int] | None = None
        self._done = 0
        """0: the hold is awaited; then how many touches of the sequence stand."""
        self._since = 0

    def down(self, finger: object, where: Corner, now_ms: int) -> bool:
        """Take a finger that came down where no key is (`where` a corner or not); return whether it belongs to the
        knock.
        """
        late = self._done and now_ms - self._since > NEXT_MS
        wanted: Corner = "left" if late or not self._done else _THEN[self._done - 1]
        if late or where != wanted:
            self._done = 0
        self._down = (finger, where, now_ms) if where else None
        return bool(where)

    def up(self, finger: object, where: Corner, now_ms: int) -> bool:
        """Take a finger that went up; return whether that was the last of the knock."""
        down, self._down = self._down, None
        if down is None or down[0] != finger or down[1] != where:
            self._done = 0
            return False
        if not self._done and (where != "left" or now_ms - down[2] < HOLD_MS):
            return False
        self._done, self._since = self._done + 1, now_ms
        if self._done <= len(_THEN):
            return False
        self._done = 0
        return True
