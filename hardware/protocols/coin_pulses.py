"""Pulse coin acceptors: edges on one line -> tokens. CH-92x and its kin, DG600F; either polarity.

The theory. An accepted token is a train of equal pulses; how many says what it was worth. Nothing on the line tells a
pulse from noise but its shape, so shape is all that is judged, from the outside in:

- a level that lasts less than `settle_ms` never was (a spike, or a contact that bounces inside a pulse);
- a pulse shorter than half or longer than three times its nominal width is no pulse (`narrow`, `wide`);
- a train ends when the line has been idle for `train_gap_ms`. A single pulse is `lone`: noise, since every token gives
  at least two. A train with a narrow or wide pulse in it has lost its count and is `spoilt`: it might be another
  token's. Both are counted and never credited;
- a line that stays active for `stuck_ms` is stuck (jam, cut wire). It is deaf until it has been idle as long again;
- for `deaf_ms` after power-up the acceptor's output means nothing.

The clock is injected: `edge` is told when the edge *was*, `tick` what time it is. Both must use the same clock, and
`tick` must not run ahead of edges that are still on their way; the driver sees to that. Source:
`reference/protocols.md` section 1 (vendors give width and count; the gap is judgement).
"""

from __future__ import annotations

import msgspec

from hardware.framing.checksums import FrameFaults, LocalProtocolError


class Profile(msgspec.Struct, frozen=True):
    """The acceptor's settings. Times in ms; `idle` is the line's level at rest (1: NO switch, 0: NC switch)."""

    width_ms: int = 50
    idle: int = 1
    train_gap_ms: int = 250
    stuck_ms: int = 1000
    deaf_ms: int = 1000
    settle_ms: int = 6
    min_pulses: int = 2

    @property
    def narrowest_ms(self) -> float:
        """The shortest pulse that counts."""
        return 0.5 * self.width_ms

    @property
    def widest_ms(self) -> float:
        """The longest pulse that counts."""
        return 3.0 * self.width_ms


class Token(msgspec.Struct, frozen=True):
    """A train of `pulses` ended; `min_pulses` or more of them, each of good shape."""

    pulses: int


class Stuck(msgspec.Struct, frozen=True):
    """The line has been active for too long."""


class Free(msgspec.Struct, frozen=True):
    """A stuck line has been idle long enough to be trusted again."""


Message = Token | Stuck | Free


class Acceptor:
    """Counts pulses. `faults` has what was not credited: narrow, wide, lone, spoilt, deaf, stuck. `rested`: the line
    was seen at rest; where it hangs and never was, its polarity is set the other way. `pulses` sound ones have lasted
    `pulse_ms` together.
    """

    def __init__(self, profile: Profile, now_ms: float = 0.0) -> None:
        """Start with an idle line.

        Raises:
            LocalProtocolError: the profile would credit a lone pulse, or times that exclude each other.
        """
        if profile.min_pulses < 2:
            raise LocalProtocolError(f"min_pulses = {profile.min_pulses}: allowed is 2 and more; a lone pulse is noise")
        if not profile.settle_ms < profile.narrowest_ms <= profile.widest_ms < profile.stuck_ms:
            raise LocalProtocolError(f"pulse widths exclude each other: {profile}")
        self.profile = profile
        self.faults = FrameFaults()
        self._active = False
        self._since_ms = now_ms
        self._pending: tuple[bool, float] | None = None
        self.rested = False
        self.pulses, self.pulse_ms = 0, 0.0
        self._train = 0
        self._spoilt = False
        self._stuck = False
        self._deaf_until_ms = float("-inf")

    @property
    def quiet(self) -> bool:
        """No train is under way and the line is idle: power may be cut without losing a token."""
        return not (self._active or self._pending or self._train or self._spoilt)

    @property
    def ends_ms(self) -> float | None:
        """Return when the train that runs is over, if nothing more comes; None where none runs."""
        runs = (self._train or self._spoilt) and not self._active and self._pending is None
        return self._since_ms + self.profile.train_gap_ms if runs else None

    def powered(self, now_ms: float) -> None:
        """Ignore the line for `deaf_ms`: the acceptor was switched on, and its first edges mean nothing."""
        self._deaf_until_ms = now_ms + self.profile.deaf_ms

    def edge(self, level: int, at_ms: float) -> list[Message]:
        """Take an edge: the line went to `level` at `at_ms`; return the tokens and faults that it finishes."""
        said = self.tick(at_ms)
        active = level != self.profile.idle
        self.rested = self.rested or not active
        if active == self._active:
            self._pending = None  # it fell back before it settled: it never was
        elif self._pending is None:
            self._pending = (active, at_ms)
        return said

    def tick(self, now_ms: float) -> list[Message]:
        """Time passed; returns what is certain by now."""
        said: list[Message] = []
        if self._pending is not None and now_ms - self._pending[1] >= self.profile.settle_ms:
            (active, at_ms), self._pending = self._pending, None
            said += self._settled(at_ms)
            self._changed(active, at_ms)
        return said + self._settled(now_ms)

    def _changed(self, active: bool, at_ms: float) -> None:
        if not active and not self._stuck:
            self._pulse(at_ms - self._since_ms)
        self._active, self._since_ms = active, at_ms

    def _pulse(self, width_ms: float) -> None:
        if self._since_ms < self._deaf_until_ms:
            self.faults.count("deaf")
        elif width_ms < self.profile.narrowest_ms:
            self.faults.count("narrow")
            self._spoilt = True
        elif width_ms > self.profile.widest_ms:
            self.faults.count("wide")
            self._spoilt = True
        else:
            self._train += 1
            self.pulses += 1
            self.pulse_ms += width_ms

    def _settled(self, now_ms: float) -> list[Message]:
        """Return what the present level means, having lasted until `now_ms`."""
        lasted_ms = now_ms - self._since_ms
        if self._active:
            return self._held(lasted_ms)
        if self._stuck:
            return self._freed(lasted_ms)
        if lasted_ms >= self.profile.train_gap_ms and (self._train or self._spoilt):
            return self._ended()
        return []

    def _held(self, lasted_ms: float) -> list[Message]:
        if self._stuck or lasted_ms < self.profile.stuck_ms:
            return []
        self.faults.count("stuck")
        self._stuck, self._train, self._spoilt = True, 0, False
        return [Stuck()]

    def _freed(self, lasted_ms: float) -> list[Message]:
        if lasted_ms < self.profile.stuck_ms:
            return []
        self._stuck = False
        return [Free()]

    def _ended(self) -> list[Message]:
        pulses, spoilt = self._train, self._spoilt
        self._train, self._spoilt = 0, False
        if spoilt:
            self.faults.count("spoilt")
        elif pulses < self.profile.min_pulses:
            self.faults.count("lone")
        else:
            return [Token(pulses)]
        return []
