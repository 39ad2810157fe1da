"""A PIN pad on a serial line as the unit's PIN pad; models in `pinpad_host`.

The theory. Between entries the pad is asked now and then whether it is there, and its keys mean nothing. `ReadPin`
opens the keys; each goes straight into the entry (`pin_entry`), where the digits live and nowhere else: what is on the
wire is masked from the codec on. A pad that is lost in the middle of an entry ends it with `hardwareError`: what was
pressed meanwhile nobody heard.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from hardware.drivers.pin_entry import PinPadEntry
from hardware.drivers.pinpad_host import PadHost, Pressed
from hardware.drivers.practice_pin_store import PinStore
from hardware.drivers.serial_device import DeviceCommand, Script, SerialDevice, Wait
from hardware.drivers.settings.pin_pads import SerialPad
from hardware.framing.exchange import NoAnswer
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core.effects import AnyEffect, ReadPin
from kiosk_firmware.core.events import AnyEvent

QUIET_MS = 10_000
"""So long without a key, and a pad is asked whether it is still there."""


class PinPadSerial(SerialDevice):
    """The driver. It answers `ReadPin`."""

    CAN: ClassVar[frozenset[str]] = frozenset({"reads_pins"})
    POLL_MS = 3000
    EFFECT_MS = 900_000  # a person types; the cabinet's own limit comes first

    def __init__(
        self,
        settings: SerialPad,
        port: PortSettings,
        post: Callable[[AnyEvent], None],
        store: PinStore | Path,
        clock: Callable[[], int] = monotonic_ms,
    ) -> None:
        """Take `store`: the PINs, or the folder that they lie in."""
        self._settings = settings
        self._entry = PinPadEntry("pin_pad", store, post)
        self._keys_open = self._stirred = False
        super().__init__("pin_pad", port, post, clock)
        self._open = bytes.fromhex(settings.opening) or self._host.model.open
        self._close = bytes.fromhex(settings.closing) or self._host.model.close

    def __repr__(self) -> str:
        return f"PinPadSerial(at={self.at!r}, model={self._settings.model!r})"

    def begin(self, fresh: bool) -> None:
        """Begin a run; `fresh` drops the PINs that earlier runs changed."""
        self._entry.run(fresh)

    def stop(self) -> None:
        """Stop as every serial device; what was typed is overwritten."""
        super().stop()
        self._entry.forget()

    def health(self) -> dict[str, Any]:
        """Return ``SerialDevice.health``, with how many keys were pressed."""
        return {**super().health(), "keys": self._entry.keys_pressed}

    def _new_host(self) -> PadHost:
        return PadHost(self._settings.model)

    def _silent(self, outcome: Any) -> bool:
        return isinstance(outcome, NoAnswer)

    def _set_up(self) -> Script:
        yield from self._say(self._close)
        yield from self._poll()

    def _poll(self) -> Script:
        yield from self._say(self._host.model.ping)

    def _say(self, body: bytes, answered: bool = True) -> Script:
        """Say *body*, if the model has such a command; a pad that should answer and does not is out."""
        if not answered:
            self._host.tell(body)
        elif body:
            outcome = yield DeviceCommand(body)
            if self._silent(outcome):
                self._fail()

    def _act(self, effect: AnyEffect) -> Script | None:
        if not isinstance(effect, ReadPin):
            return None
        self._entry.open(effect)
        return self._reading(effect)

    def _reading(self, effect: ReadPin) -> Script:
        """Keep the keys open; what is pressed is taken where it is heard."""
        self._keys_open = True
        while self._effect is effect and not self._failed:
            self._stirred = False
            yield from self._say(self._open, self._host.model.opens_answered)
            outcome = yield Wait(QUIET_MS)  # or the pad says by itself that it stopped waiting for keys
            if outcome is None and not self._stirred:
                yield from self._poll()

    def _urgent(self) -> Script | None:
        if self._keys_open and self._effect is None:
            self._keys_open = False
            return self._say(self._close)
        return None

    def _finish(self, event: AnyEvent) -> None:
        self._entry.close()
        super()._finish(event)

    def _feed(self, outcomes: Any, now_ms: int) -> None:
        """Feed the script with outcomes; keys go into the entry, whatever the script waits for."""
        for outcome in outcomes:
            if isinstance(outcome, Pressed):
                self._pressed(outcome)
            else:
                super()._feed([outcome], now_ms)

    def _pressed(self, pressed: Pressed) -> None:
        self._stirred = True
        answer = self._entry.press(pressed.name)
        if answer is not None:
            self._drop_script()
            self._finish(answer)
        elif self._host.model.each and self._keys_open:
            self._host.tell(self._open)

    def _gone(self) -> None:
        self._entry.restart()
        self._entry.close()
