"""The twin of a pulse coin acceptor: an open collector on one line, an inhibit on another, a box and a return cup.

A token that is let in falls into the box and is told as a train of pulses; a token that is refused, because the
inhibit says so, because nobody drives it, or because the acceptor has just been given power and is still waking up,
falls back into the cup and gives no pulse. Cutting the power in the middle of a train cuts the train, as it would on
the real thing. What goes wrong on real lines can be had too: a bouncing contact, a spike, a lone pulse, a stuck line.
"""

from __future__ import annotations

from typing import Any, ClassVar

from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.coins import Pulse
from hardware.drivers.settings.notes import PulseNotes
from hardware.twins.gpio_twin import Act, Drive, PinTwin
from hardware.twins.note_actions import NOTE_ACTS
from hardware.twins.twin_actions import Answer, Doing, act_answer

FALL_MS = 80
"""From the slot to the first pulse."""
APART_MS = 400
"""Between two tokens' trains."""


def _token(twin: Any, args: dict[str, Any], now_ms: float) -> Answer:
    return act_answer(twin.token(int(args["fen"]), now_ms), "the token fell back into the cup")


def _empty_cup(twin: Any, _: dict[str, Any], __: float) -> Answer:
    return {"ok": True, "tokens": twin.empty_cup()}


TOKEN_ACTS: dict[str, Doing] = {"token": _token, "empty_cup": _empty_cup}
"""What a person does at any coin acceptor."""


class BoxAndCup:
    """The two places where tokens fall at any coin acceptor (fen): the box behind the slot, the return cup before
    it.
    """

    def __init__(self) -> None:
        self.box: list[int] = []
        self.cup: list[int] = []

    def empty_cup(self) -> list[int]:
        """Take what fell back."""
        tokens, self.cup = self.cup, []
        return tokens

    def empty_box(self) -> None:
        """Empty the box, as a technician does."""
        self.box.clear()

    def take_up(self, state: dict[str, Any]) -> None:
        """Take up what lay in them before the twin was started again."""
        self.box, self.cup = list(state.get("box", [])), list(state.get("cup", []))


class CoinTwin(BoxAndCup, PinTwin):
    """The acceptor. `token`, `empty_cup` are the person's; the rest is bad luck."""

    ACTS: ClassVar[dict[str, Doing]] = TOKEN_ACTS
    FAULTS: ClassVar[tuple[str, ...]] = ("stuck", "bounce", "spike", "lone")

    def __init__(self, settings: Pulse | PulseNotes, money: MoneyChannels) -> None:
        BoxAndCup.__init__(self)
        PinTwin.__init__(self)
        self.counters = {"accepted": 0, "refused": 0, "cut": 0}
        self.bounces = 0
        self._settings, self._money = settings, money
        self._shape, self._pulses = settings.shape, {fen: count for count, fen in settings.by_pulses(money).items()}
        self._open = False
        self._open_ms = 0.0
        self._stuck = False
        self._free_ms = 0.0
        self._idle, self._active = self._shape.idle, 1 - self._shape.idle

    def watches(self) -> tuple[int, ...]:
        """Return the inhibit output's pin."""
        return (self._settings.inhibit_pin,)

    def heard(self, pin: int, level: int | None, now_ms: float) -> None:
        """Take the inhibit output's level. A line that nobody drives refuses, by wiring."""
        lets_in = level == self._shape.enabled_level
        if lets_in and not self._open:
            self._open_ms = now_ms
        if not lets_in and self._open and self._shape.inhibit == "power" and self._planned:
            self.count("cut")
            self.drop_plans()
            self.plan(now_ms, Drive(self._settings.pin, self._idle))
        self._open = lets_in

    def standing(self) -> list[Act]:
        """Return the pulse line at rest, or stuck, as an act."""
        return [Drive(self._settings.pin, self._active if self._stuck else self._idle)]

    def awake(self, now_ms: float) -> bool:
        """Return whether a token put in now would be let in."""
        boot_ms = self._shape.deaf_ms + 50 if self._shape.inhibit == "power" else 0
        return self._open and now_ms - self._open_ms >= boot_ms

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Hang the line, let its contacts bounce, disturb it like a motor nearby, or send a lone pulse."""
        match kind:
            case "stuck":
                self.stick(on, now_ms)
            case "bounce":
                self.bounces = 3 if on else 0
            case "spike":
                self.spike(now_ms)
            case "lone":
                self.train(1, now_ms)

    def state(self) -> dict[str, Any]:
        """Return open, what lies in box and cup (fen), stuck, counters."""
        return {
            "open": self._open,
            "box": list(self.box),
            "cup": list(self.cup),
            "stuck": self._stuck,
            "counters": dict(self.counters),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up box, cup and counters."""
        super().restore(state)
        self.take_up(state)

    # -- what a person does -------------------------------------------------------------------------------------------

    def token(self, fen: int, now_ms: float) -> bool:
        """Put in a token; False when it falls back into the cup. ValueError for a token that no train can tell."""
        pulses, rest = divmod(fen, self._money.token_unit_fen)
        if fen not in self._pulses and (rest or self._settings.pulses):
            raise ValueError(f"token of {fen} fen: allowed are multiples of {self._money.token_unit_fen}")
        if not self.awake(now_ms) or self._stuck:
            self.cup.append(fen)
            self.count("refused")
            return False
        self.box.append(fen)
        self.count("accepted")
        self.train(self._pulses.get(fen, pulses), now_ms)
        return True

    # -- what the line does -------------------------------------------------------------------------------------------

    def train(self, pulses: int, now_ms: float, width_ms: float = 0, gap_ms: float = 0) -> None:
        """Plan so many pulses, whether or not a token is behind them (one alone: the lone pulse)."""
        width_ms = width_ms or self._shape.width_ms
        at_ms = max(now_ms + FALL_MS, self._free_ms)
        for _ in range(pulses):
            self._switch(at_ms, self._active)
            self._switch(at_ms + width_ms, self._idle)
            at_ms += width_ms + (gap_ms or self._shape.width_ms)
        self._free_ms = at_ms + APART_MS

    def spike(self, now_ms: float, width_ms: float = 2) -> None:
        """Plan a short dip, as a motor nearby makes it."""
        self.plan(now_ms, Drive(self._settings.pin, self._active))
        self.plan(now_ms + width_ms, Drive(self._settings.pin, self._idle))

    def stick(self, stuck: bool, now_ms: float) -> None:
        """Hang the line in its active state, or free it."""
        self._stuck = stuck
        self.drop_plans()
        self.plan(now_ms, Drive(self._settings.pin, self._active if stuck else self._idle))

    def _switch(self, at_ms: float, level: int) -> None:
        for n in range(self.bounces):
            self.plan(at_ms + 2 * n, Drive(self._settings.pin, level))
            self.plan(at_ms + 2 * n + 1, Drive(self._settings.pin, 1 - level))
        self.plan(at_ms + 2 * self.bounces, Drive(self._settings.pin, level))


class NotePulseTwin(CoinTwin):
    """A pulse note acceptor: as one for coins, but what it refuses stands in the mouth until it is taken. While it may
    not take notes it draws none in.
    """

    ACTS: ClassVar[dict[str, Doing]] = NOTE_ACTS

    def put_in(self, fen: int, serial: str = "", good: bool = True, now_ms: float = 0) -> bool:
        """Offer a note; False when it is not drawn in, or comes back out. ValueError for one that has no pulses."""
        if fen not in self._pulses:
            raise ValueError(f"note of {fen} fen: allowed are {sorted(self._pulses)}")
        if self.cup or self._stuck or not self.awake(now_ms):
            return False
        if not good:
            self.cup.append(fen)
            self.count("refused")
            return False
        return self.token(fen, now_ms)

    def take_out(self) -> int | None:
        """Take what stands in the mouth."""
        return self.cup.pop() if self.cup else None
