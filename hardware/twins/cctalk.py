"""The twin of a ccTalk wire with its slaves: a coin acceptor, hoppers, on one pty, with the host's echo or without.

The wire carries what the host says to every slave; the one at that address answers, and a slave keeps silent over a
wrong check, another's address, and a header it does not know, as real ones do. With `echo` the host hears itself
first. Each slave has `wire` faults of its own; what a person does to the slaves are their methods
(`cctalk_slaves.py`), and each logical device of the unit is a `part`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from hardware.protocols import cctalk
from hardware.twins.serial_twin import WireFaults
from hardware.twins.twin_actions import Doing


class Slave:
    """Base of all slaves: the core commands. `answer` returns data, or None for silence, or NAK / BUSY by raising."""

    CATEGORY = b""
    DEAF_MS = 100
    """After a reset nothing is heard for so long."""

    def __init__(self, address: int, serial: int, crc: bool = False) -> None:
        self.address, self.serial, self.crc = address, serial, crc
        self.wire = WireFaults()
        self.asked: dict[int, int] = {}
        self.now_ms = self._deaf_until_ms = 0

    def reset(self) -> None:
        """Reset as at power-up, or by header 1; subclasses forget what the real one forgets."""

    def power_cycle(self) -> None:
        """Cut the power and bring it back."""
        self._deaf_until_ms = self.now_ms + self.DEAF_MS
        self.reset()

    def tick(self, now_ms: int) -> None:
        """Time passed; motors turn."""
        self.now_ms = now_ms

    def heard(self, frame: cctalk.Frame) -> bytes:
        """Return the bytes that the slave answers to *frame*."""
        if self.now_ms < self._deaf_until_ms:
            return b""
        self.asked[frame.header] = self.asked.get(frame.header, 0) + 1
        said = self.answer(frame.header, frame.data)
        if said is None:
            return b""
        status, data = said if isinstance(said, tuple) else (cctalk.ACK, said)
        source = 0 if self.crc else self.address
        return cctalk.send(cctalk.Frame(cctalk.HOST, source, status, data, self.crc))

    def answer(self, header: int, data: bytes) -> bytes | tuple[int, bytes] | None:
        """Return the data of an ACK, (status, data), or None for silence. Subclasses know their own and
        then ask here.
        """
        match header:
            case cctalk.POLL:
                return b""
            case cctalk.CATEGORY:
                return self.CATEGORY
            case cctalk.MAKER:
                return b"Twin Works"
            case cctalk.PRODUCT:
                return b"TWIN-1"
            case cctalk.SOFTWARE | cctalk.BUILD:
                return b"1.0"
            case cctalk.SERIAL:
                return self.serial.to_bytes(3, "little")
            case cctalk.COMMS_REVISION:
                return bytes([1, 4, 4])
            case cctalk.COMMS_STATUS:
                return bytes(3)
            case 169 | 243:  # address mode, database version
                return b"\x01"
            case 170 | 195 | 196:  # base year, dates
                return b"\x24\x01"
            case 197:  # ROM checksum
                return b"\x5a\xa5\x0f\xf0"
            case 213 | cctalk.READ_OPTO:
                return b"\x00"
            case cctalk.CLEAR_COMMS | cctalk.ENTER_PIN:
                return b""
            case cctalk.RESET:
                self.power_cycle()
                return b""
            case _:
                return None


NAK: tuple[int, bytes] = (cctalk.NAK, b"")
BUSY: tuple[int, bytes] = (cctalk.BUSY, b"")


class CctalkDevice(Protocol):
    """One logical device on the wire."""

    wire: WireFaults
    ACTS: ClassVar[dict[str, Doing]]
    FAULTS: ClassVar[tuple[str, ...]]

    @property
    def slaves(self) -> tuple[Slave, ...]:
        """The slaves that it is made of."""

    def state(self) -> dict[str, Any]:
        """Return what can be seen of it."""

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what an earlier process kept."""


class CctalkTwin:
    """The wire. `parts` by logical name."""

    def __init__(self, parts: Mapping[str, CctalkDevice], echo: bool = True) -> None:
        self.parts, self.echo = dict(parts), echo
        self._codecs = {crc: cctalk.Codec(crc) for crc in (False, True)}

    @property
    def slaves(self) -> list[Slave]:
        """Everybody on the wire."""
        return [slave for part in self.parts.values() for slave in part.slaves]

    def receive(self, data: bytes, now_ms: int) -> bytes:
        """Take bytes from the host; return its echo and the answers."""
        out = (data if self.echo else b"") + self.tick(now_ms)
        for crc, codec in self._codecs.items():
            for message in codec.receive_data(data, now_ms):
                if isinstance(message, cctalk.Frame):
                    out += self._heard(message, crc, now_ms)
        return out

    def _heard(self, frame: cctalk.Frame, crc: bool, now_ms: int) -> bytes:
        out = b""
        for slave in self.slaves:
            if slave.crc != crc or slave.wire.deaf:
                continue
            if (frame.header, frame.dest) in ((cctalk.ADDRESS_POLL, 0), (cctalk.ADDRESS_CLASH, slave.address)):
                out += slave.wire.spoil(bytes([slave.address]), now_ms, spoilable=False)
            elif frame.dest == slave.address:
                out += slave.wire.spoil(slave.heard(frame), now_ms)
        return out

    def tick(self, now_ms: int) -> bytes:
        """Time passed; returns what comes late."""
        out = b""
        for codec in self._codecs.values():
            codec.tick(now_ms)
        for slave in self.slaves:
            slave.tick(now_ms)
            out += slave.wire.due(now_ms)
        return out

    def state(self) -> dict[str, Any]:
        """Return every part's state by name."""
        return {name: part.state() for name, part in self.parts.items()}
