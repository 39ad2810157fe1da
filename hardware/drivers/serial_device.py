"""Share what the drivers on serial lines do alike: one script at a time, effects that are always answered, lost and
back.

The theory. A driver is a set of *scripts*, generators that yield ``DeviceCommand`` (a command to the device; the
outcome comes back from the yield) or ``Wait``. Only one script runs, all of them in the port's thread, and which is
next is decided here: first the device is set up, then an effect is performed, then the device is polled. When the line
breaks, the script that ran is thrown away; after the line is back and the device set up again the effect's script
starts anew, so an effect's script begins by finding out how far the last attempt came.

An effect has a deadline. When it passes, the answer is ``hardwareError`` if the device was never told to act, else
``unknown``: the device may have acted, and nobody guesses. So each effect is answered exactly once, cable or no cable.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Generator
from typing import Any, ClassVar, Protocol

import msgspec

from hardware.drivers.effect_answers import answer
from hardware.transport.serial_port import PortSettings, SerialPort, monotonic_ms
from kiosk_firmware.core.effects import AnyEffect, Cancel
from kiosk_firmware.core.events import AnyEvent, Completion, Device, DeviceBack, DeviceLost

log = logging.getLogger(__name__)


class DeviceCommand(msgspec.Struct, frozen=True):
    """A command to the device, and how long its answer may take. *acts* True: from here on the effect counts as
    begun.
    """

    data: bytes
    answer_ms: int = 1500
    acts: bool = False


class Wait(msgspec.Struct, frozen=True):
    """Nothing to say for so long."""

    ms: int


Script = Generator[DeviceCommand | Wait, Any, None]


class ProtocolHost(Protocol):
    """A protocol's host half, as the hosts in ``hardware.protocols`` have it."""

    codec: Any

    @property
    def busy(self) -> bool:
        """A command waits for its outcome."""

    def data_to_send(self) -> bytes:
        """Return the bytes to write."""

    def receive_data(self, data: bytes, now_ms: int) -> Any:
        """Take bytes from the line; return a list of outcomes."""

    def tick(self, now_ms: int) -> Any:
        """Time passed; a list of outcomes."""


class SerialDevice:
    """A driver's skeleton. Subclasses give the host and the scripts; ``post`` is called in the port's thread."""

    CAN: ClassVar[frozenset[str]] = frozenset()
    POLL_MS = 200
    EFFECT_MS = 10_000
    GRACE_MS = 3000
    """How long an effect that was not begun waits for a device that is out, and how long a silence counts as lost."""

    def __init__(
        self, at: Device, port: PortSettings, post: Callable[[AnyEvent], None], clock: Callable[[], int] = monotonic_ms
    ) -> None:
        self.at: Device = at
        self._post, self._clock = post, clock
        self._port: Any = self._open_port(port)
        self._host: Any = self._new_host()
        self._script: Script | None = None
        self._wake_ms: int | None = None
        self._line_up = self._ready = False
        self._failed = self._said_lost = False
        self._faults: Counter[str] = Counter()
        self._started_ms = self._down_ms = clock()
        self._poll_ms = 0
        self._effects: deque[AnyEffect] = deque()
        self._effect: AnyEffect | None = None
        self._begun = False
        self._effect_ms = 0
        self._wanted = False
        self._counts = {"effects": 0, "answers": 0, "silences": 0, "setups": 0}

    # -- the driver's face --------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to open the line; returns at once."""
        self._started_ms = self._down_ms = self._clock()
        self._port.start()

    def stop(self) -> None:
        """Close the line. Effects still open are not answered any more; twice is fine."""
        self._port.close()

    def __enter__(self) -> SerialDevice:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def perform(self, effect: AnyEffect) -> None:
        """Take an effect; exactly one event with its ref follows, at the latest after its deadline. From any thread."""
        self._effects.append(effect)
        self._port.wake()

    def enable(self, on: bool) -> None:
        """Take cards or notes (True) or none (False); a device that is out is told when it is back. From any thread."""
        self._wanted = on
        self._port.wake()

    def lend(self, work: Callable[[Any], None]) -> bool:
        """Let *work* have the line once, as ``SerialPort.lend``; for a device that does not answer anyway."""
        lent: bool = self._port.lend(work)
        return lent

    def reopen(self) -> None:
        """Open the line anew; the device is lost, set up and back."""
        self._port.reopen()

    def health(self) -> dict[str, Any]:
        """Return ready, lost, enabled, counters, the line's and the protocol's counters."""
        faults = self._faults + Counter(self._host.codec.faults.as_dict())
        seen = {"at": self.at, "ready": self._ready, "lost": self._said_lost, "enabled": self._wanted}
        return {**seen, "faults": dict(faults), "port": self._port.health(), **self._counts}

    # -- for subclasses -----------------------------------------------------------------------------------------------

    def _open_port(self, port: PortSettings) -> Any:
        """Return the line, as a ``SerialPort`` offers it; a bus that several drivers share gives each its own."""
        return SerialPort(port, self._on_bytes, self._on_tick, self._on_back, self._on_lost, self._clock)

    def _new_host(self) -> Any:
        raise NotImplementedError

    def _command(self, ask: DeviceCommand, now_ms: int) -> None:
        """Open the exchange on the host."""
        self._host.command(ask.data, now_ms, ask.answer_ms)

    def _silent(self, outcome: Any) -> bool:
        """Return whether *outcome* means that the device does not answer at all."""
        raise NotImplementedError

    def _set_up(self) -> Script:
        """Bring the device to a known state; ends normally when it is there, by ``self._fail()`` when it is not."""
        raise NotImplementedError

    def _poll(self) -> Script:
        """Look at the device once."""
        raise NotImplementedError

    def _act(self, effect: AnyEffect) -> Script | None:
        """Return the script for *effect*, or None when the device cannot do it."""
        raise NotImplementedError

    def _urgent(self) -> Script | None:
        """Return a script that comes before effects and polls (enabling, acknowledging), or None."""
        return None

    def _keeps_open(self, effect: AnyEffect) -> bool:
        """Return whether *effect* stays open after its script ended, to be answered by a poll."""
        return False

    def _limit_ms(self, effect: AnyEffect) -> int:
        """Return how long *effect* may take."""
        return self.EFFECT_MS

    def _gone(self) -> None:
        """Forget what may have changed while the device was lost or its set-up failed."""

    def _finish(self, event: AnyEvent) -> None:
        """Answer the open effect with *event*."""
        if self._effect is not None:
            self._effect, self._begun = None, False
            self._counts["answers"] += 1
            self._post(event)

    def _finish_as(self, completion: Completion) -> None:
        if self._effect is not None:
            self._finish(self._refusal(self._effect, completion))

    def _refusal(self, effect: AnyEffect, completion: Completion) -> AnyEvent:
        return answer(effect, completion)

    def _fail(self) -> None:
        """Set the device up again after a pause: it does not do what it should. Scripts see it in ``_failed``."""
        if self._ready:
            self._down_ms = self._clock()
        self._ready, self._failed = False, True
        self._poll_ms = self._clock() + self.POLL_MS
        self._gone()

    # -- the port's thread --------------------------------------------------------------------------------------------

    def _on_back(self) -> None:
        self._line_up = True
        self._poll_ms = 0
        self._new_line()

    def _on_lost(self) -> None:
        self._line_up = False
        self._new_line()
        self._fail()
        self._say_lost()

    def _drop_script(self) -> None:
        """End the script. The host goes on until its command is answered: protocols count what was said."""
        if self._script is not None:
            self._script.close()
        self._script, self._wake_ms = None, None

    def _new_line(self) -> None:
        """Begin anew on another line: nothing said on the old one will be answered."""
        self._drop_script()
        self._faults.update(self._host.codec.faults.as_dict())
        self._host = self._new_host()

    def _on_bytes(self, data: bytes, now_ms: int) -> None:
        self._feed(self._host.receive_data(data, now_ms), now_ms)
        self._pump(now_ms)

    def _on_tick(self, now_ms: int) -> None:
        self._feed(self._host.tick(now_ms), now_ms)
        if self._wake_ms is not None and now_ms >= self._wake_ms:
            self._wake_ms = None
            self._step(None, now_ms)
        self._pump(now_ms)

    def _feed(self, outcomes: Any, now_ms: int) -> None:
        for outcome in outcomes:
            if self._silent(outcome):
                self._counts["silences"] += 1
            self._step(outcome, now_ms)

    def _step(self, outcome: Any, now_ms: int) -> None:
        """Give *outcome* to the script and open what it asks next."""
        if self._script is None:
            return
        try:
            step = self._script.send(outcome)
        except StopIteration:
            self._script = None
            return
        if isinstance(step, Wait):
            self._wake_ms = now_ms + step.ms
            return
        self._begun = self._begun or (step.acts and self._effect is not None)
        self._command(step, now_ms)

    def _pump(self, now_ms: int) -> None:
        self._take_effects(now_ms)
        self._watch(now_ms)
        # A script may end at once (nothing to do); then the next one begins in the same turn.
        for _ in range(4):
            if self._script is None and self._line_up and not self._host.busy:
                self._script = self._choose(now_ms)
                if self._script is None:
                    break
                self._step(None, now_ms)
        out = self._host.data_to_send()
        if out:
            self._port.write(out)

    def _choose(self, now_ms: int) -> Script | None:
        self._failed = False
        if not self._ready:
            return self._setting_up() if now_ms >= self._poll_ms else None
        urgent = self._urgent()
        if urgent is not None:
            return urgent
        effect = self._effect
        if effect is not None and not (self._begun and self._keeps_open(effect)):
            script = self._act(effect)
            if script is not None:
                return script
            self._finish_as("unsupportedCommand")
        if now_ms >= self._poll_ms:
            self._poll_ms = now_ms + self.POLL_MS
            return self._poll()
        return None

    def _setting_up(self) -> Script:
        self._counts["setups"] += 1
        yield from self._set_up()
        if self._failed:
            return
        self._ready = True
        if self._said_lost:
            self._say_back()

    def _take_effects(self, now_ms: int) -> None:
        while self._effects:
            self._take_one(self._effects.popleft(), now_ms)

    def _take_one(self, effect: AnyEffect, now_ms: int) -> None:
        if isinstance(effect, Cancel):
            if self._effect is not None and self._effect.ref == effect.ref and not self._begun:
                self._drop_script()
                self._finish_as("canceled")
        elif self._effect is not None:
            # The core opens one effect a device; a second one is a mistake above, and is answered rather than lost.
            log.error("%s: %s while %s is open", self.at, effect, self._effect)
            self._post(self._refusal(effect, "hardwareError"))
        else:
            self._counts["effects"] += 1
            self._effect, self._begun, self._effect_ms = effect, False, now_ms

    def _watch(self, now_ms: int) -> None:
        """Watch the deadlines: of the open effect, and of a device that does not come up."""
        down = not self._ready or not self._line_up
        if self._effect is not None:
            waited_ms = now_ms - self._effect_ms
            if waited_ms >= (self.GRACE_MS if down and not self._begun else self._limit_ms(self._effect)):
                begun = self._begun
                self._drop_script()
                self._finish_as("unknown" if begun else "hardwareError")
        if down and now_ms - max(self._down_ms, self._started_ms) >= self.GRACE_MS:
            self._say_lost()

    def _say_lost(self) -> None:
        if not self._said_lost:
            self._said_lost = True
            self._post(DeviceLost(self.at))

    def _say_back(self) -> None:
        self._said_lost = False
        self._post(DeviceBack(self.at))
