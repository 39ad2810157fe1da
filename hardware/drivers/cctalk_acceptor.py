"""Share what coin acceptors and bill validators on ccTalk do alike: how one is met, and how it is listened to.

The theory. The device numbers its events and tells the newest five at every poll (`cctalk_money.news`). Which number
was heard last is on disk, in one step with what the events were worth, before anybody is told. So each event is taken
once: what happened while the cable was out is told when it is back; what happened while this process was dead is
booked and not told. A number of 0 (the device was reset) credits nothing, and events that were pushed out of the five
are counted as `lost`. None of them is ever guessed to be money.

A device that does not tell its inhibits (no header 230) cannot be asked whether it was reset; it is told them again
instead, every so often, and health says so. A reset one lets nothing in until then, so no credit is made of it.

A jump of more than five is believed only when the next poll stands by it: the answer may be an old one that came late.

All types are inhibited at power-up; here also whenever the page does not wait on the slot, and the device inhibits
itself when it is not polled for about a second, so a dead process refuses money.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from hardware.drivers.cctalk_bus import Bus, CctalkDevice, say
from hardware.drivers.serial_device import Script, Wait
from hardware.protocols import cctalk
from hardware.protocols import cctalk_money as meaning
from hardware.transport.durable_json import DurableJson
from hardware.transport.serial_port import monotonic_ms
from kiosk_firmware.core.events import AnyEvent, Device

E = TypeVar("E", meaning.CoinEvent, meaning.BillEvent)
POSITIONS = 16
OFF_WAIT_S = 0.5
CHECK_EVERY = 10
"""Polls after which the device is asked whether it still stands as it was told to: one that was reset before its
first event has 0 before and after.
"""
MORE = {
    cctalk.MAKER: "maker",
    cctalk.PRODUCT: "product",
    cctalk.SOFTWARE: "software",
    cctalk.BUILD: "build",
    cctalk.PRIORITY: "poll_ms",
}
"""What is asked in quiet moments, once each, and kept in `health`; a device that does not know it stays silent."""
READY_MS = 250
"""A reset device is deaf that long."""


class CctalkAcceptor(CctalkDevice, Generic[E]):
    """The skeleton; subclasses say what positions are worth (`_value`) and take events (`_take`)."""

    POLL_MS = 200
    CATEGORY: ClassVar[str]
    EVENTS: ClassVar[int]
    """The header that asks for events."""

    def __init__(
        self,
        at: Device,
        bus: Bus,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        address: int = 2,
        crc: bool = False,
        memory: Path | None = None,
    ) -> None:
        """Take `memory`, the file that keeps the counts and the last event's number; None: no longer than
        the process.
        """
        self._address = address
        self._memory = DurableJson(memory)
        self._values: dict[int, int] = {}
        self._live = False
        self._on: bool | None = None
        self._off = threading.Event()
        self._doubt: meaning.Events[E] | None = None
        self._polls = 0
        self._trouble = ""
        self._tells_mask = True
        self._more = list(MORE)
        self._about: dict[str, Any] = {}
        self._noise: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        super().__init__(at, bus, post, clock, crc)

    def stop(self) -> None:
        """Refuse money and let the line go; twice is fine."""
        self._off.clear()
        self.enable(False)
        if self._ready and self._on:
            self._off.wait(OFF_WAIT_S)
        super().stop()

    def health(self) -> dict[str, Any]:
        """Return the device's report, with the last event's number, `noise` and `rejected` by reason, `trouble` in a
        word, and what the device says that it is (`about`).
        """
        return {
            **super().health(),
            "event": self._memory.get("event"),
            "noise": dict(+self._noise),
            "rejected": dict(self._rejected),
            "trouble": self._trouble or "no header 230: what it lets in is told again" * (not self._tells_mask),
            "about": dict(self._about),
        }

    # -- what a kind of device says -----------------------------------------------------------------------------------

    def _value(self) -> Script:
        """Fill `_values`, position → fen, with what is let in; `_fail` where that is nothing."""
        raise NotImplementedError

    def _prepare(self) -> Script:
        """Tell it what else it must know before it is listened to."""
        yield from ()

    def _decode(self, data: bytes) -> meaning.Events[E] | None:
        raise NotImplementedError

    def _take(self, number: int, new: tuple[E, ...]) -> None:
        """Write down what the events were worth together with the newest one's *number*, and only then tell."""
        raise NotImplementedError

    def _forgot(self) -> None:
        """Forget what was known of the device: it was reset, or it is another one."""

    # -- meeting it ---------------------------------------------------------------------------------------------------

    def _set_up(self) -> Script:
        if self._says_no((yield say(self._address, cctalk.POLL, tries=self._patience))):
            self._trouble = "silent"
            return
        if self._says_no((yield say(self._address, cctalk.SET_MASTER, 0))):
            return
        category = yield say(self._address, cctalk.CATEGORY)
        if isinstance(category, cctalk.Reply) and category.data:
            told = category.data.decode("ascii", "replace")
            if self.CATEGORY not in told.lower():
                self._trouble = f"category {told!r}"
                self._fail()
                return
        yield from self._identify()
        yield from self._was_reset()
        if self._sound():
            yield from self._value()
        if self._sound():
            yield from self._check()
        if not self._sound() or self._says_no((yield say(self._address, cctalk.SET_INHIBITS, *self._mask()))):
            return
        self._memory.keep(mask=list(self._mask()))
        yield from self._prepare()
        yield from self._listen(setting_up=True)
        if self._doubt is not None:
            yield Wait(READY_MS)
            yield from self._listen(setting_up=True)
        self._on = None
        self._live = self._live or (self._sound() and self._doubt is None)

    def _identify(self) -> Script:
        """Ask for the serial number; the numbers of another device than the one whose events were counted
        mean nothing.
        """
        outcome = yield say(self._address, cctalk.SERIAL)
        if not isinstance(outcome, cctalk.Reply) or not outcome.ok:
            return
        serial = int.from_bytes(outcome.data, "little")
        if serial != self._memory.get("serial", serial):
            self._forgot()
            self._memory.keep(event=None)
        if serial != self._memory.get("serial"):
            self._memory.keep(serial=serial)

    def _was_reset(self) -> Script:
        """Forget the event number when the acceptor's mask shows that it was reset: its numbers began anew."""
        mask = yield from self._mask_told()
        told = self._memory.get("mask")
        if mask is not None and told is not None and list(mask) != told:
            self._noise["reset"] += 1
            self._forgot()
            self._memory.keep(event=None, mask=None)

    def _mask_told(self) -> Generator[Any, Any, bytes | None]:
        """Return the inhibits as the device tells them; None where it does not know the question, or is gone.

        Silence is taken for ignorance only when it answers a poll in between and is silent again.
        """
        self._tells_mask = True
        for _ in range(2):
            mask = yield say(self._address, cctalk.INHIBITS)
            if isinstance(mask, cctalk.Reply) and mask.ok:
                return mask.data
            if self._says_no((yield say(self._address, cctalk.POLL))):
                return None
        self._tells_mask = False
        return None

    def _check(self) -> Script:
        checked = yield say(self._address, cctalk.SELF_CHECK, answer_ms=500)
        fault = checked.data[0] if isinstance(checked, cctalk.Reply) and checked.ok and checked.data else 0
        self._trouble = meaning.SELF_CHECKS.get(fault, f"fault {fault}") if fault else ""
        if fault and self._trouble not in ("coin_return", "string"):
            self._fail()

    def _sound(self) -> bool:
        """Return whether the script may go on."""
        return not self._failed

    def _twice(self, ask: Callable[[dict[int, int], range], Script]) -> Script:
        """Ask what the positions are worth, up and down: an answer that came late belongs to the position before."""
        values: dict[int, int] = {}
        again: dict[int, int] = {}
        yield from ask(values, range(1, POSITIONS + 1))
        yield from ask(again, range(POSITIONS, 0, -1))
        if values != again:
            self._fail()
        self._values = values

    # -- switching and listening --------------------------------------------------------------------------------------

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
        if master.data[0] & 1 != on:
            self._fail()  # it was reset between two polls
        elif not self._tells_mask:
            self._says_no((yield say(self._address, cctalk.SET_INHIBITS, *self._mask())))
        else:
            mask = yield say(self._address, cctalk.INHIBITS)
            if not self._says_no(mask) and mask.data != self._mask():
                self._fail()  # it was reset between two polls

    def _mask(self) -> bytes:
        """Return the two mask bytes of the positions that are let in, lowest first."""
        return sum(1 << position - 1 for position in self._values).to_bytes(2, "little")

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
        """Ask one question of MORE. No answer means that it does not know the question."""
        if not self._more:
            return
        header = self._more.pop()
        outcome = yield say(self._address, header, tries=1)
        if not isinstance(outcome, cctalk.Reply) or not outcome.ok or not outcome.data:
            return
        if header == cctalk.PRIORITY:
            self._about["poll_ms"] = meaning.priority_ms(outcome.data)
        else:
            self._about[MORE[header]] = outcome.data.decode("ascii", "replace")

    def _listen(self, setting_up: bool = False) -> Script:
        outcome = yield say(self._address, self.EVENTS)
        if self._says_no(outcome):
            return
        events = self._decode(outcome.data)
        if events is None:
            self._noise["unreadable"] += 1
        elif self._hear(events) and not setting_up:
            self._fail()
            yield Wait(READY_MS)

    def _gone(self) -> None:
        self._on = None

    def _hear(self, events: meaning.Events[E]) -> bool:
        """Take what is new; True: it was reset and must be told everything again."""
        old = self._memory.get("event")
        new = meaning.news(old, events)
        doubt, self._doubt = self._doubt, None
        if new.lost and (doubt is None or meaning.steps(doubt.counter, events.counter) > len(events.newest)):
            self._doubt = events
            return False
        if new.restarted or new.holes:
            self._noise["reset"] += 1
            self._forgot()
            self._memory.keep(event=events.counter, mask=None)
            return True
        if old != events.counter:
            self._noise["lost"] += new.lost
            self._take(events.counter, new.events)
        return False
