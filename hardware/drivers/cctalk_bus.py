"""One ccTalk wire that several drivers share: each speaks as if the line were its own, and only one speaks at a time.

The theory. A bus has one port, one thread and one host half of the protocol. Drivers join it when they start. Each
has a `BusMember`, which is the host that `SerialDevice` expects: its command waits in the bus's queue until the wire is
free, in the order of asking, and the outcome goes back to the voice that asked. A driver that was reset takes a new
voice; an outcome for the old one is dropped, but the wire stays taken until it is there. The bus closes its port when
the last driver has left.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from hardware.drivers.serial_device import DeviceCommand, SerialDevice
from hardware.framing.checksums import FrameFaults
from hardware.protocols import cctalk
from hardware.transport.serial_port import PortSettings, SerialPort, monotonic_ms
from kiosk_firmware.core.events import AnyEvent, Device

LOST_MS = 1000
"""How often a device that is lost is asked whether it is back."""


class BusQuestion(DeviceCommand, frozen=True):
    """A question to the slave at `address`: `data` is header and data; `tries` 1 for what must never be repeated."""

    address: int = 0
    tries: int = 3


def say(address: int, header: int, *data: int, tries: int = 3, answer_ms: int = 150, acts: bool = False) -> BusQuestion:
    """Return a question for the bus: *header* and *data* to *address*, with its tries and time to answer."""
    return BusQuestion(bytes([header, *data]), answer_ms, acts, address, tries)


class _Counted:
    """The part of a codec that `SerialDevice` reads: the faults, which are the bus's own to count."""

    def __init__(self) -> None:
        self.faults = FrameFaults()


class BusMember:
    """One driver's host half; see the file's head."""

    def __init__(self, queue: deque[BusMember]) -> None:
        self.codec = _Counted()
        self.command_: cctalk.Command | None = None
        self.dropped = False
        self._queue = queue

    @property
    def busy(self) -> bool:
        """A command waits for the wire or for its answer."""
        return self.command_ is not None

    def command(self, command: cctalk.Command, now_ms: int) -> None:
        """Take the command; the bus sends it in its turn."""
        self.command_ = command
        self._queue.append(self)

    def data_to_send(self) -> bytes:
        """Return nothing: the bus writes."""
        return b""

    def receive_data(self, data: bytes, now_ms: int) -> list[cctalk.Outcome]:
        """Return nothing: the bus reads."""
        return []

    def tick(self, now_ms: int) -> list[cctalk.Outcome]:
        """Return nothing: the bus tells outcomes."""
        return []


class Bus:
    """The wire. Everything but `join`, `leave` and `wake` happens in its port's thread."""

    def __init__(self, settings: PortSettings, clock: Callable[[], int] = monotonic_ms) -> None:
        self.queue: deque[BusMember] = deque()
        self._port = SerialPort(settings, self._on_bytes, self._on_tick, self._on_back, self._on_lost, clock)
        self._host = cctalk.Host()
        self._asking: BusMember | None = None
        self._members: tuple[CctalkDevice, ...] = ()
        self._told: set[CctalkDevice] = set()
        self._joining = threading.Lock()
        self._up = False
        self._faults: dict[str, int] = {}

    def join(self, member: CctalkDevice) -> None:
        """Add a driver; the first one opens the port."""
        with self._joining:
            if member not in self._members:
                self._members = (*self._members, member)
        self._port.start()

    def leave(self, member: CctalkDevice) -> None:
        """Remove a driver; the last one closes the port."""
        with self._joining:
            self._members = tuple(other for other in self._members if other is not member)
            last = not self._members
        if last:
            self._port.close()

    def wake(self) -> None:
        """Look at once what members want."""
        self._port.wake()

    def lend(self, work: Callable[[Any], None]) -> bool:
        """Lend the port as `SerialPort.lend`; not while anybody on the wire answers."""
        return all(member.health()["lost"] for member in self._members) and self._port.lend(work)

    def reopen(self) -> None:
        """Reopen the port as `SerialPort.reopen`."""
        self._port.reopen()

    def health(self) -> dict[str, Any]:
        """Return `SerialPort.health`, with the wire's faults, and how often it heard its own echo."""
        faults = dict(self._faults)
        for kind, count in self._host.codec.faults.as_dict().items():
            faults[kind] = faults.get(kind, 0) + count
        return {**self._port.health(), "faults": faults, "echoes": self._host.echoes}

    # -- the port's thread --------------------------------------------------------------------------------------------

    def _on_bytes(self, data: bytes, now_ms: int) -> None:
        self._tell(self._host.receive_data(data, now_ms), now_ms)
        self._turn(now_ms)

    def _on_tick(self, now_ms: int) -> None:
        self._tell(self._host.tick(now_ms), now_ms)
        for member in self._members:
            if self._up and member not in self._told:
                self._told.add(member)
                member.line_back()
            member.line_tick(now_ms)
        self._turn(now_ms)

    def _on_back(self) -> None:
        self._up = True

    def _on_lost(self) -> None:
        self._up = False
        self._faults = self.health()["faults"]
        self._host, self._asking = cctalk.Host(), None
        self.queue.clear()
        for member in self._members:
            if member in self._told:
                member.line_lost()
        self._told.clear()

    def _tell(self, outcomes: list[cctalk.Outcome], now_ms: int) -> None:
        for outcome in outcomes:
            voice, self._asking = self._asking, None
            if voice is None:
                continue
            voice.command_ = None
            for member in self._members:
                if member.voice is voice and not voice.dropped:
                    member.line_said(outcome, now_ms)

    def _turn(self, now_ms: int) -> None:
        """Let the next voice speak."""
        while self._asking is None and self.queue:
            voice = self.queue.popleft()
            if voice.command_ is None or voice.dropped:
                continue
            self._asking = voice
            self._host.command(voice.command_, now_ms)
        self._port.write(self._host.data_to_send())


class _Line:
    """The bus as one driver's port."""

    def __init__(self, bus: Bus, member: CctalkDevice) -> None:
        self._bus, self._member = bus, member

    def start(self) -> None:
        self._bus.join(self._member)

    def close(self) -> None:
        self._bus.leave(self._member)

    def wake(self) -> None:
        self._bus.wake()

    def write(self, data: bytes) -> bool:
        return not data

    def lend(self, work: Callable[[Any], None]) -> bool:
        return self._bus.lend(work)

    def reopen(self) -> None:
        self._bus.reopen()

    def health(self) -> dict[str, Any]:
        return self._bus.health()


class CctalkDevice(SerialDevice):
    """A driver's skeleton on a shared bus; scripts yield `BusQuestion`."""

    def __init__(
        self,
        at: Device,
        bus: Bus,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        crc: bool = False,
    ) -> None:
        self._bus, self._crc = bus, crc
        super().__init__(at, PortSettings(""), post, clock)

    @property
    def voice(self) -> BusMember:
        """Return who speaks for this driver now."""
        voice: BusMember = self._host
        return voice

    def line_back(self) -> None:
        """Take note that the wire is there."""
        self._on_back()

    def line_lost(self) -> None:
        """Take note that the wire broke."""
        self._on_lost()

    def line_tick(self, now_ms: int) -> None:
        """Time passed."""
        self._on_tick(now_ms)

    def line_said(self, outcome: cctalk.Outcome, now_ms: int) -> None:
        """Hear whether what this driver asked was answered."""
        self._feed([outcome], now_ms)
        self._pump(now_ms)

    def _open_port(self, port: PortSettings) -> Any:
        return _Line(self._bus, self)

    def _new_host(self) -> Any:
        old = getattr(self, "_host", None)
        if old is not None:
            old.dropped = True
        return BusMember(self._bus.queue)

    def _command(self, ask: DeviceCommand, now_ms: int) -> None:
        assert isinstance(ask, BusQuestion)
        header, data = ask.data[0], ask.data[1:]
        self._host.command(cctalk.Command(ask.address, header, data, ask.tries, ask.answer_ms, self._crc), now_ms)

    def _silent(self, outcome: Any) -> bool:
        return isinstance(outcome, cctalk.NoReply)

    def _fail(self) -> None:
        super()._fail()
        if self._said_lost:
            self._poll_ms = self._clock() + LOST_MS

    @property
    def _patience(self) -> int:
        """Return how often to ask a device that may not be there: others wait for the wire meanwhile."""
        return 1 if self._said_lost else 3

    def _says_no(self, outcome: Any) -> bool:
        """Return whether a command went wrong; then the set-up begins again after a pause."""
        if isinstance(outcome, cctalk.Reply) and outcome.ok:
            return False
        self._fail()
        return True
