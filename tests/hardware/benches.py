"""The framed codecs and what the tests of framing need to know of each: one row a protocol.

A codec is a module with ``Codec`` (``receive_data(data, now_ms)`` and ``tick(now_ms)`` give messages, ``faults`` counts
what was wrong), ``send(message)`` and ``Broken``. Its row here makes test_framing hold it whole, byte by byte, split
everywhere, within noise, with a flipped bit, against fuzz and a flood; test_fuzz_long adds a million bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hardware.protocols import crt310, crt591, dispenser_enq, pn532, sdt, ssp
from tests.hardware.support import Vector, vectors

QUIET_MS = 1000


@dataclass(frozen=True)
class Bench:
    """One codec. *checked*: its messages that carry a check; *noise*: what may stand before and after a frame without
    hurting it; *holds*: how many bytes it may keep; *known*: its vectors, each one message of the line.
    """

    codec: Callable[[], Any]
    send: Callable[[Any], bytes]
    broken: type
    checked: tuple[type, ...]
    known: list[Vector]
    noise: tuple[bytes, ...]
    holds: int = 700

    def whole(self, pieces: list[bytes], now_ms: int = 0) -> list[Any]:
        """What comes out of *pieces*, after the line has fallen silent."""
        codec = self.codec()
        messages: list[Any] = []
        for piece in pieces:
            messages += codec.receive_data(piece, now_ms)
        for _ in range(300):  # each silence may free one false start that hid the next
            now_ms += QUIET_MS
            messages += codec.tick(now_ms)
        return [message for message in messages if not isinstance(message, self.broken)]

    def held(self, codec: Any) -> int:
        """How many bytes *codec* keeps now, in all its stores."""
        return sum(kept(value) for value in vars(codec).values())


def kept(value: Any) -> int:
    """The bytes in *value*: itself, or the stores of an object of ours."""
    if isinstance(value, (bytes, bytearray)):
        return len(value)
    return sum(kept(inner) for inner in vars(value).values()) if hasattr(value, "__dict__") else 0


BENCHES = {
    "crt310": Bench(
        crt310.Codec,
        crt310.send,
        crt310.Broken,
        (crt310.Frame,),
        vectors("crt310"),
        (b"\x00", b"\xff\xaa\x31", b"\x02", b"\x02\xff", b"\x02\x00\x09\x31"),
    ),
    "crt591": Bench(
        crt591.Codec,
        crt591.send,
        crt591.Broken,
        (crt591.Frame,),
        vectors("crt591"),
        (b"\x00", b"\xff\xaa\x31", b"\xf2", b"\xf2\x00\x02", b"\xf2\x00\x00\x09\x43"),
    ),
    "dispenser_enq": Bench(
        dispenser_enq.Codec,
        dispenser_enq.send,
        dispenser_enq.Broken,
        (dispenser_enq.Frame,),
        vectors("card_dispenser_enq"),
        (b"\x00", b"\xff\xaa\x31", b"\x02", b"\x02RF", b"\x02\x03\x01"),
    ),
    "pn532": Bench(
        pn532.Codec,
        pn532.send,
        pn532.Broken,
        (pn532.Frame,),
        vectors("pn532_hsu", keep=lambda v: not v.name.startswith("wakeup/")),
        (b"\x00", b"\x55\x55\x00", b"\xff\x00", b"\x00\xff\x05", b"\x00\xff\x09\xf7\xd4"),
    ),
    "sdt": Bench(
        sdt.Codec,
        sdt.send,
        sdt.Broken,
        (sdt.Frame,),
        vectors("sdt_idcard", keep=lambda v: v.direction != "n/a"),
        (b"\x00", b"\xff\xaa\x31", b"\xaa\xaa\xaa\x96", sdt.START, sdt.START + b"\x00\x09\x20"),
        holds=2500,
    ),
    "ssp": Bench(
        ssp.Codec,
        ssp.send,
        ssp.Broken,
        (ssp.Packet,),
        vectors("ssp", "ssp_manual_frames", "essp", keep=lambda v: v.data[:1] == b"\x7f"),
        (b"\x00", b"\xf0\xee\x01", b"\x7f", b"\x7f\x80", b"\x7f\x80\x09\xf0\xee"),
    ),
}
CASES = [(protocol, vector) for protocol, bench in BENCHES.items() for vector in bench.known]
"""Every protocol with each of its vectors."""


def name_of(case: tuple[str, Vector]) -> str:
    """The test id of a case."""
    return f"{case[0]}:{case[1].name}"
