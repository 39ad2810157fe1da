"""A weak line between a browser and the unit: so many bits a second, a delay, and packets that are lost.

It stands in the way as a relay of datagrams on loopback: the browser is given its address in the unit's answer, and
nothing of its own in its offer, so every packet goes through here, both ways. What does not fit waits, up to a
quarter of a second, and what then comes is dropped, as a router does. The kernel's own means for this (netem) are not
to be had everywhere.
"""

from __future__ import annotations

import asyncio
import random
import re

import msgspec

CANDIDATE = re.compile(r"a=candidate:\S+ 1 udp (\d+) (\S+) (\d+) typ host[^\r\n]*\r?\n", re.IGNORECASE)
ANY = re.compile(r"a=candidate:[^\r\n]*\r?\n")
LONGEST_S = 0.25
Address = tuple[str, int]


class Shape(msgspec.Struct, frozen=True):
    """A line's limits each way: bit/s, one way's delay in ms, the share that is lost."""

    bps: int = 300_000
    delay_ms: int = 100
    lost: float = 0.02


class _Way:
    """One direction: when a packet that comes now arrives, if it does."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self._shape, self._chance, self._free_at = shape, random.Random(seed), 0.0
        self.sent = self.dropped = 0

    def arrival(self, now: float, size: int) -> float | None:
        """Return the arrival in seconds of the loop's clock; None: it is lost."""
        begun = max(now, self._free_at)
        if begun - now > LONGEST_S or self._chance.random() < self._shape.lost:
            self.dropped += 1
            return None
        self.sent += 1
        self._free_at = begun + (size + 28) * 8 / self._shape.bps
        return self._free_at + self._shape.delay_ms / 1000


class _Side(asyncio.DatagramProtocol):
    def __init__(self, line: WeakLine, up: bool) -> None:
        self._line, self._up = line, up

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._line.took(data, addr, self._up)


class WeakLine:
    """The relay; `broken`: nothing passes."""

    def __init__(self, shape: Shape, seed: int = 1) -> None:
        self._loop = asyncio.get_running_loop()
        self.up, self.down = _Way(shape, seed), _Way(shape, seed + 1)
        self.broken = False
        self._browser: Address | None = None
        self._unit: Address | None = None

    async def start(self) -> None:
        """Listen, for the browser and for the unit."""
        made = [
            await self._loop.create_datagram_endpoint(lambda up=up: _Side(self, up), local_addr=("127.0.0.1", 0))  # type: ignore[misc]
            for up in (True, False)
        ]
        (self._front, _), (self._back, _) = made

    def offered(self, sdp: str) -> str:
        """Return the browser's offer, as the unit may know it."""
        return ANY.sub("", sdp)

    def answered(self, sdp: str) -> str:
        """Return the unit's answer, as the browser may know it.

        Raises:
            ValueError: it names no way to the unit.
        """
        found = CANDIDATE.search(sdp)
        if found is None:
            raise ValueError("the answer has no host candidate")
        self._unit = found[2], int(found[3])
        host, port = self._front.get_extra_info("sockname")
        mine = f"a=candidate:1 1 udp {found[1]} {host} {port} typ host\r\n"
        first = True

        def replaced(_: re.Match[str]) -> str:
            nonlocal first
            said, first = mine if first else "", False
            return said

        return ANY.sub(replaced, sdp)

    def took(self, data: bytes, addr: Address, up: bool) -> None:
        """Take a packet; it goes on when its time has come."""
        if up:
            self._browser = addr
        to, way, out = (self._unit, self.up, self._back) if up else (self._browser, self.down, self._front)
        at = way.arrival(self._loop.time(), len(data))
        if to is not None and at is not None and not self.broken:
            self._loop.call_at(at, _sent, out, data, to)

    def close(self) -> None:
        """Close the line: nothing passes any more."""
        self._front.close()
        self._back.close()


def _sent(out: asyncio.DatagramTransport, data: bytes, to: Address) -> None:
    """Drop what was under way when the line was closed."""
    if not out.is_closing():
        out.sendto(data, to)
