"""Share what the drivers of ITL devices do alike: how such a device is met, what it is told of us, and what it
complains of.

The theory. Whoever meets a device does not know what it went through. So it begins with SYNC, which makes the next
command a new one, and with HOLD, since a piece in escrow would be taken by the first poll. Then a version is agreed,
the channels are learnt, and what the device has to tell from before is heard, above all its reset; only then may it be
enabled. What keeps it from taking or paying (a jam, a full stacker, a missing box) is told as a device that is lost,
and as one that is back when it is over.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, ClassVar

from hardware.drivers.serial_device import DeviceCommand, Script, SerialDevice
from hardware.protocols import ssp, ssp_money
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core.events import AnyEvent, Device, DeviceBack, DeviceLost

REPLY_MS = 1000
TRIES = 3
HOST_VERSIONS = (8, 7, 6)
RESETS = 3
"""How often in one set-up a device may say that it was reset; one that goes on so is met as if it had not."""
SETUP = ssp_money.Setup(0, "", "", (), 0)


class SspDevice(SerialDevice):
    """The skeleton; subclasses hear events in `_hear` and say in `_configure` what else the device is told."""

    GRACE_MS = 4000
    FLAGS: ClassVar[frozenset[str]] = frozenset({"unsafe_jam", "safe_jam", "stacker_full"})
    """Events that stand as long as they are repeated, and mean that the device cannot do its work."""

    def __init__(
        self,
        at: Device,
        port: PortSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        address: int = 0,
        reply_ms: int = REPLY_MS,
    ) -> None:
        self._address, self._reply_ms = address, reply_ms
        self._setup = SETUP
        self._flags: frozenset[str] = frozenset()
        self._box_out = self._said_blocked = False
        self._trouble = ""
        self._says_once = False
        super().__init__(at, port, post, clock)

    def health(self) -> dict[str, Any]:
        """Return `SerialDevice.health`, with what the device complains of: `flags`, and `trouble` of the set-up, in
        words.
        """
        trouble = self._trouble or "no POLL WITH ACK: it says a credit once" * self._says_once
        return {**super().health(), "flags": sorted(self._flags), "trouble": trouble}

    # -- the line -----------------------------------------------------------------------------------------------------

    def _new_host(self) -> ssp.Host:
        return ssp.Host(self._address, self._reply_ms, TRIES)

    def _command(self, ask: DeviceCommand, now_ms: int) -> None:
        self._host.command(ask.data, now_ms)

    def _silent(self, outcome: Any) -> bool:
        return isinstance(outcome, ssp.NoReply)

    def _refuses(self, outcome: Any) -> bool:
        if _is_ok(outcome):
            return False
        self._fail()
        return True

    # -- meeting it ---------------------------------------------------------------------------------------------------

    def _introduce(self, held: bool) -> Script:
        """Agree on a version, learn the channels, hear what the device has to tell from before, above all its reset.

        Heard only after ENABLE, a reset would send us through the set-up once more, and a note that went in meanwhile
        would be met in escrow by a driver that never heard what it is, and be given back. After a reset the version is
        said again: nobody knows whether it was said before or after. What lies in escrow must not be polled.
        """
        for _ in range(RESETS):
            yield from self._channels()
            if self._failed or held:
                return
            outcome = yield from self._events()
            if self._refuses(outcome):
                return
            events = self._told(outcome)
            yield from self._hear_all([event for event in events if event.name != "reset"])
            if all(event.name != "reset" for event in events):
                return

    def _events(self) -> Generator[Any, Any, Any]:
        """Poll with acknowledgement; a device that does not know of that is polled plainly from then on, and says a
        credit once only.
        """
        outcome = yield DeviceCommand(bytes([ssp.POLL if self._says_once else ssp.POLL_ACK]))
        if isinstance(outcome, ssp.Reply) and outcome.code == ssp.UNKNOWN and not self._says_once:
            self._says_once = True
            outcome = yield DeviceCommand(bytes([ssp.POLL]))
        return outcome

    def _channels(self) -> Script:
        outcome: Any = None
        for version in HOST_VERSIONS:
            outcome = yield DeviceCommand(bytes([ssp.HOST_PROTOCOL, version]))
            if _is_ok(outcome):
                break
        if self._refuses(outcome):
            return
        outcome = yield DeviceCommand(bytes([ssp.SETUP]))
        setup = ssp_money.decode_setup(outcome.data) if _is_ok(outcome) else None
        if setup is None or setup.unit == 3:
            self._trouble = "a hopper" if setup is not None else "its set-up cannot be read"
            self._fail()
        elif not (yield from self._says_other_values(setup)):
            self._setup, self._trouble = setup, ""

    def _says_other_values(self, setup: ssp_money.Setup) -> Generator[Any, Any, bool]:
        """Ask for the channels' values once more: what a note is worth must not hang on one answer. A device that does
        not know the question is believed.
        """
        outcome = yield DeviceCommand(bytes([ssp.CHANNEL_VALUES]))
        if self._silent(outcome):
            self._fail()
            return True
        if not _is_ok(outcome) or not ssp_money.contradicts(setup, outcome.data):
            return False
        self._trouble = "its channels' values differ from its set-up"
        self._fail()
        return True

    def _channel_fen(self, channel: int) -> int:
        values = self._setup.values
        return values[channel - 1] * 100 if 1 <= channel <= len(values) else 0

    # -- its events ---------------------------------------------------------------------------------------------------

    def _told(self, outcome: ssp.Reply) -> list[ssp_money.Event]:
        """Return the events of a poll's answer."""
        payout = self._setup.unit in (6, 7)
        events, rest = ssp_money.decode_events(outcome.data, payout, self._setup.protocol or 8)
        if rest:
            self._host.codec.faults.count("unknown")
        names = [event.name for event in events]
        for name in names:
            self._box_out = name == "cashbox_removed" or (self._box_out and name not in ("cashbox_replaced", "reset"))
        self._flags = self.FLAGS.intersection(names) | ({"cashbox_removed"} if self._box_out else set())
        self._say_blocked()
        return events

    def _say_blocked(self) -> None:
        """Tell once when a device that is there cannot do its work (lost), and when it can again."""
        if bool(self._flags) == self._said_blocked:
            return
        self._said_blocked = bool(self._flags)
        if not self._said_lost:
            self._post(DeviceLost(self.at) if self._said_blocked else DeviceBack(self.at))

    def _say_back(self) -> None:
        if not self._said_blocked:
            super()._say_back()
        self._said_lost = False

    def _say_lost(self) -> None:
        if self._said_blocked:
            self._said_lost = True  # told already
        super()._say_lost()

    def _hear_all(self, events: list[ssp_money.Event]) -> Script:
        for event in events:
            yield from self._hear(event)

    def _hear(self, event: ssp_money.Event) -> Script:
        raise NotImplementedError


def _is_ok(outcome: Any) -> bool:
    return isinstance(outcome, ssp.Reply) and outcome.code == ssp.OK
