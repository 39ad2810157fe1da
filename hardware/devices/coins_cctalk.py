"""A ccTalk coin acceptor as the unit's coin slot: refuses tokens unless the page waits on them, and credits each once.

The theory. The acceptor numbers its events and tells the newest five at every poll (`cctalk_money.news`). Which
number was heard last is on disk together with the running count of tokens before anybody is told of one. So a token
is told once: what fell while the cable was out is told when it is back; what fell while this process was dead is
added to the count and not told, and the resume sees from the count that it fell unheard. A number of 0 (the acceptor
was reset) credits nothing; events that were pushed out of the five are counted as `lost`, and a coin that may lie
inside uncredited as what the acceptor calls it. None of them is ever guessed to be money.

A jump of more than five is believed only when the next poll stands by it: the answer may be an old one that came late.

All coins are inhibited at power-up; here also whenever the page does not wait on the slot, and the acceptor inhibits
itself when it is not polled for about a second, so a dead process refuses tokens. Positions are valued by unit.toml,
or by the identities that the acceptor tells (`CN100A`); only the values of `[money] tokens_fen` are let in.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from hardware.devices.cctalk_bus import Bus, CctalkDevice, say
from hardware.devices.serial_device import Script, Wait
from hardware.memory import Memory
from hardware.ports import monotonic_ms
from hardware.protocols import cctalk
from hardware.protocols import cctalk_money as meaning
from kiosk_firmware.core.effects import AnyEffect
from kiosk_firmware.core.events import AnyEvent, ItemsInserted, ItemsRefused

POSITIONS = 16
OFF_WAIT_S = 0.5
CHECK_EVERY = 10
"""Polls after which the acceptor is asked whether it still stands as it was told to: one that was reset before its
first event has 0 before and after.
"""
MORE = {
    cctalk.MAKER: "maker", cctalk.PRODUCT: "product", cctalk.SOFTWARE: "software", cctalk.BUILD: "build",
    cctalk.PRIORITY: "poll_ms",
}
"""What is asked in quiet moments, once each, and kept in `health`; an acceptor that does not know it stays silent."""
READY_MS = 250
"""A reset acceptor is deaf that long."""


class CoinsCctalk(CctalkDevice):
    """The driver; see `SerialDevice` for its face. It answers no effect: tokens cannot be held."""

    CAN: ClassVar[frozenset[str]] = frozenset({"counts", "refuses"})
    POLL_MS = 200

    def __init__(
        self, bus: Bus, post: Callable[[AnyEvent], None], clock: Callable[[], int] = monotonic_ms, *,
        tokens_fen: tuple[int, ...] = (100, 500), coins: Mapping[int, int] | None = None, unit_fen: int = 1,
        address: int = 2, crc: bool = False, memory: Path | None = None,
    ) -> None:
        """`coins`: position → fen; without it identities are read, whose unit is worth `unit_fen`. `memory`: the file
        that keeps the count and the last event's number; None keeps them no longer than the process.
        """
        self._tokens_fen, self._coins, self._unit_fen = frozenset(tokens_fen), dict(coins or {}), unit_fen
        self._address = address
        self._memory = Memory(memory)
        self._values: dict[int, int] = {}
        self._live = False
        self._on: bool | None = None
        self._off = threading.Event()
        self._doubt: meaning.Events | None = None
        self._polls = 0
        self._trouble = self._held = ""
        self._more = list(MORE)
        self._about: dict[str, Any] = {}
        self._noise: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        super().__init__("coin_acceptor", bus, post, clock, crc)

    @property
    def counter(self) -> int:
        """How many tokens ever fell."""
        return int(self._memory.get("tokens", 0))

    def stop(self) -> None:
        """Refuse tokens and let the line go; twice is fine."""
        self._off.clear()
        self.enable(False)
        if self._ready and self._on:
            self._off.wait(OFF_WAIT_S)
        super().stop()

    def health(self) -> dict[str, Any]:
        """As all, with `tokens`, the last event's number, `noise` and `rejected` by reason, `trouble` in a word, and
        what the acceptor says that it is (`about`).
        """
        return {
            **super().health(), "tokens": self.counter, "event": self._memory.get("event"), "noise": dict(+self._noise),
            "rejected": dict(self._rejected), "trouble": self._trouble or self._held, "about": dict(self._about),
        }

    # -- scripts ------------------------------------------------------------------------------------------------------

    def _set_up(self) -> Script:
        if self._says_no((yield say(self._address, cctalk.POLL, tries=self._patience))):
            self._trouble = "silent"
            return
        if self._says_no((yield say(self._address, cctalk.SET_MASTER, 0))):
            return
        category = yield say(self._address, cctalk.CATEGORY)
        if isinstance(category, cctalk.Reply) and category.data and b"coin" not in category.data.lower():
            self._trouble = f"category {category.data.decode('ascii', 'replace')!r}"
            self._fail()
            return
        yield from self._identify()
        yield from self._was_reset()
        yield from self._value()
        if not self._sound():
            return
        checked = yield say(self._address, cctalk.SELF_CHECK, answer_ms=500)
        fault = checked.data[0] if isinstance(checked, cctalk.Reply) and checked.ok and checked.data else 0
        self._trouble = meaning.SELF_CHECKS.get(fault, f"fault {fault}") if fault else ""
        if fault and self._trouble not in ("coin_return", "string"):
            self._fail()
            return
        if self._says_no((yield say(self._address, cctalk.SET_INHIBITS, *self._mask()))):
            return
        self._memory.keep(mask=list(self._mask()))
        yield from self._listen(setting_up=True)
        if self._doubt is not None:
            yield Wait(READY_MS)
            yield from self._listen(setting_up=True)
        self._on = None
        self._live = self._live or (self._sound() and self._doubt is None)

    def _identify(self) -> Script:
        """Another acceptor than the one whose events we counted: its numbers say nothing to us."""
        outcome = yield say(self._address, cctalk.SERIAL)
        if not isinstance(outcome, cctalk.Reply) or not outcome.ok:
            return
        serial = int.from_bytes(outcome.data, "little")
        if serial != self._memory.get("serial", serial):
            self._memory.keep(event=None)
        if serial != self._memory.get("serial"):
            self._memory.keep(serial=serial)

    def _was_reset(self) -> Script:
        """It has forgotten what it was told, so its numbers began anew, wherever they are now."""
        mask = yield say(self._address, cctalk.INHIBITS)
        told = self._memory.get("mask")
        if not self._says_no(mask) and told is not None and list(mask.data) != told:
            self._noise["reset"] += 1
            self._memory.keep(event=None, mask=None)

    def _sound(self) -> bool:
        """The script may go on."""
        return not self._failed

    def _value(self) -> Script:
        values = dict(self._coins)
        if not values:
            yield from self._identities(values, range(1, POSITIONS + 1))
            again: dict[int, int] = {}
            yield from self._identities(again, range(POSITIONS, 0, -1))
            if values != again:
                self._fail()
        if self._failed:
            return
        self._values = {position: fen for position, fen in values.items() if fen in self._tokens_fen}
        if not self._values:
            self._trouble = "no coin of a known value"
            self._fail()

    def _identities(self, into: dict[int, int], positions: range) -> Script:
        """What the positions are worth. Asked up and down: an answer that came late belongs to the position before."""
        for position in positions:
            outcome = yield say(self._address, cctalk.COIN_ID, position)
            if self._silent(outcome):
                self._fail()  # half of the values would let half of the tokens in
                return
            if outcome.ok and (told := meaning.coin_value(outcome.data.decode("ascii", "replace"))):
                into[position] = told * self._unit_fen // 1000

    def _urgent(self) -> Script | None:
        return self._switch(self._wanted) if self._on != self._wanted else None

    def _switch(self, on: bool) -> Script:
        """Tell it, and ask whether it is so."""
        if self._says_no((yield say(self._address, cctalk.SET_MASTER, int(on)))):
            return
        yield from self._stands(on)
        if not self._failed:
            self._on = on
            if not on:
                self._off.set()

    def _stands(self, on: bool) -> Script:
        master = yield say(self._address, cctalk.MASTER)
        if self._says_no(master):
            return
        mask = yield say(self._address, cctalk.INHIBITS)
        if not self._says_no(mask) and (master.data[0] & 1 != on or mask.data != self._mask()):
            self._fail()  # it was reset between two polls

    def _mask(self) -> bytes:
        """The positions that are let in, lowest first."""
        return sum(1 << position - 1 for position in self._values).to_bytes(2, "little")

    def _act(self, effect: AnyEffect) -> Script | None:
        return None

    def _poll(self) -> Script:
        self._polls += 1
        if told_ms := self._about.get("poll_ms"):
            self._poll_ms = self._clock() + max(50, min(self.POLL_MS, told_ms))
        yield from self._listen()
        if not self._failed and self._polls % CHECK_EVERY == 0 and self._on is not None:
            yield from self._stands(self._on)
        elif not self._failed and self._polls % CHECK_EVERY == CHECK_EVERY // 2:
            yield from self._ask_more()

    def _ask_more(self) -> Script:
        """The return lever, or one of MORE. No answer means that it does not know the question."""
        header = self._more.pop() if self._more else cctalk.COIN_STATUS
        outcome = yield say(self._address, header, tries=1)
        if not isinstance(outcome, cctalk.Reply) or not outcome.ok or not outcome.data:
            return
        if header == cctalk.COIN_STATUS:
            self._held = meaning.COIN_STATES.get(outcome.data[0], "")
        elif header == cctalk.PRIORITY:
            self._about["poll_ms"] = meaning.priority_ms(outcome.data)
        else:
            self._about[MORE[header]] = outcome.data.decode("ascii", "replace")

    def _listen(self, setting_up: bool = False) -> Script:
        outcome = yield say(self._address, cctalk.CREDIT)
        if self._says_no(outcome):
            return
        events = meaning.decode_events(outcome.data)
        if events is None:
            self._noise["unreadable"] += 1
        elif self._hear(events) and not setting_up:
            self._fail()
            yield Wait(READY_MS)

    def _gone(self) -> None:
        self._on = None

    # -- what it told -------------------------------------------------------------------------------------------------

    def _hear(self, events: meaning.Events) -> bool:
        """Take what is new; True: it was reset and must be told everything again."""
        old = self._memory.get("event")
        new = meaning.news(old, events)
        doubt, self._doubt = self._doubt, None
        if new.lost and (doubt is None or meaning.steps(doubt.counter, events.counter) > len(events.newest)):
            self._doubt = events
            return False
        if new.restarted or new.holes:
            self._noise["reset"] += 1
            self._memory.keep(event=events.counter, mask=None)
            return True
        if old != events.counter:
            self._noise["lost"] += new.lost
            self._credit(events.counter, new.events)
        return False

    def _credit(self, number: int, new: tuple[meaning.CoinEvent, ...]) -> None:
        """Write down how many tokens fell and up to which event, and only then tell."""
        fell = [self._values.get(event.position) for event in new if event.position]
        known = [fen for fen in fell if fen is not None]
        self._noise["value"] += len(fell) - len(known)
        before = self.counter
        self._memory.keep(event=number, tokens=before + len(known))
        for event in new:
            if not event.position:
                self._refused(event.code)
        if not self._live:
            self._noise["unheard"] += len(known)
            return
        for count, fen in enumerate(known, before + 1):
            self._post(ItemsInserted(self.at, fen, count))

    def _refused(self, code: int) -> None:
        name = meaning.event_name(code)
        if code in meaning.RETURNED:
            self._rejected[name] += 1
            if self._live:
                inhibited = code == 2 or code >= 128
                self._post(ItemsRefused(self.at, "inhibited" if inhibited else "invalidBill"))
        else:
            self._noise[name] += 1
