"""A framed codec against a recorded frame, in every way in which it can arrive.

A frame is read whole, byte by byte, split everywhere, and with noise before and after it; what is valid must come out
whole and, sent again, be the same bytes; what is not valid must give no message. Where nothing marks a frame's
beginning, noise and frame are apart by a silence, as on the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.hardware.benches import BENCHES
from tests.hardware.support import Vector, arrivals

SILENCE_MS = 1000
NOISE = (b"\x00", b"\xff\xaa\x31", b"\x02", b"\x7f\x80", b"\x01\x00\x02")


@dataclass(frozen=True)
class Wire:
    """*broken*: what is no message; *checked*: what must never come of a vector that is not valid; *apart*: noise and
    frame are apart by a silence; *same*: the bytes that count as the vector's own.
    """

    codec: Callable[[], Any]
    send: Callable[[Any], bytes]
    broken: Any
    checked: tuple[type, ...] = (object,)
    apart: bool = False
    noise: tuple[bytes, ...] = NOISE
    same: Callable[[bytes], bytes] = bytes

    def read(self, *groups: Iterable[bytes]) -> list[Any]:
        """The messages in *groups* of pieces; a silence is between groups and after the last."""
        codec, now_ms, found = self.codec(), 0, []
        for group in groups:
            for piece in group:
                found += codec.receive_data(piece, now_ms)
            for _ in range(300):  # each silence may free one false start that hid the next
                now_ms += SILENCE_MS
                found += codec.tick(now_ms)
        return [message for message in found if not isinstance(message, self.broken)]

    def check(self, vector: Vector) -> None:
        """Hold *vector* against the codec in every way in which it can arrive."""
        for pieces in arrivals(vector.data):
            self._expect(vector, self.read(pieces))
        for noise in self.noise:
            for pair in ((noise, vector.data), (vector.data, noise)):
                self._expect(vector, self.read(*[[part] for part in pair]) if self.apart else self.read(pair))

    def reads(self, data: bytes) -> bool:
        """Whether all of *data* is messages of this wire."""
        found = self.read([data])
        return bool(found) and b"".join(map(self.send, found)) == self.same(data)

    def _expect(self, vector: Vector, found: list[Any]) -> None:
        if not vector.valid:
            believed = [message for message in found if isinstance(message, self.checked)]
            assert not believed, f"believed {believed}"
            return
        assert found, "nothing was heard"
        said = b"".join(map(self.send, found))
        assert said == self.same(vector.data), f"heard {found}, which said again is {said.hex().upper()}"


def benched(name: str) -> Wire:
    """The wire of a row of BENCHES."""
    bench = BENCHES[name]
    return Wire(bench.codec, bench.send, bench.broken, bench.checked, noise=bench.noise)
