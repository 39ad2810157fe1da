"""Every codec against a flood of random and mutated bytes: nothing escapes it, and what it keeps is bounded.

A million bytes a protocol with `--long`, some thousands without. Half of the flood is noise; the other half are the
protocol's own recorded frames, bent: bits flipped, bytes lost, doubled or swapped, two frames run into each other. So
lengths and checks are reached that noise alone never hits. A whole frame after the flood and a silence is read again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hardware.protocols import gate_contacts, mdb_qibixx, scanner
from tests.hardware.benches import BENCHES, kept
from tests.hardware.support import vectors
from tests.hardware.vector_cards import LETTERS, STRIPES
from tests.hardware.vector_ways import CCTALK, DG600F, GM65, HCC960, MDB, PADS, SSI, TEXTS, TRIGGERS
from tests.hardware.vector_wires import Wire

FILES = {
    "gz": "pinpad",
    "epp": "pinpad",
    "idtech": "pinpad",
    "hcc960": "pinpad",
    "hcc960 pad": "pinpad",
    "gm65": "barcode_scanner",
    "gm65 module": "barcode_scanner",
    "ssi": "barcode_scanner",
    "trigger": "barcode_scanner",
    "text": "barcode_scanner",
    "text crlf": "barcode_scanner",
    "mdb": "mdb_qibixx",
    "dg600f": "coin_pulse",
    "cctalk": "cctalk",
    "cctalk crc": "cctalk_crc",
    "lines": "magstripe",
    "magtek": "magstripe",
    "msr605": "magstripe",
    "stripe host": "magstripe",
}
WIRES: dict[str, Wire] = {
    **PADS,
    "hcc960": HCC960[False],
    "hcc960 pad": HCC960[True],
    "gm65": GM65[False],
    "gm65 module": GM65[True],
    "ssi": SSI,
    "trigger": TRIGGERS,
    "text": TEXTS[scanner.CR],
    "text crlf": TEXTS[scanner.CRLF],
    "mdb": MDB,
    "dg600f": DG600F,
    "cctalk": CCTALK[False],
    "cctalk crc": CCTALK[True],
    **STRIPES,
    "stripe host": LETTERS,
}
Made = tuple[Callable[[], Any], list[bytes]]
CODECS: dict[str, Made] = {
    **{name: (bench.codec, [vector.data for vector in bench.known]) for name, bench in BENCHES.items()},
    **{name: (WIRES[name].codec, [v.data for v in vectors(file) if v.data]) for name, file in FILES.items()},
}
HOLDS = max(scanner.MAX_TEXT, mdb_qibixx.MAX_LINE) + 1024
"""Bytes: the longest text or line, and a piece of what just came."""


def flood(frames: list[bytes], count: int, dice: random.Random) -> Iterator[bytes]:
    """At least *count* bytes in pieces of a serial port's size."""
    while count > 0:
        piece = dice.randbytes(dice.randint(1, 200)) if dice.random() < 0.5 else bent(frames, dice)
        count -= len(piece)
        yield piece


def bent(frames: list[bytes], dice: random.Random) -> bytes:
    """One or two frames with something wrong with them."""
    data = bytearray(b"".join(dice.choices(frames, k=dice.randint(1, 2))))
    for _ in range(dice.randint(0, 3)):
        at = dice.randrange(len(data))
        match dice.randrange(4):
            case 0:
                data[at] ^= 1 << dice.randrange(8)
            case 1 if len(data) > 1:
                del data[at]
            case 2:
                data[at:at] = data[max(0, at - dice.randint(1, 8)) : at]
            case _:
                data[at] = dice.randrange(256)
    return bytes(data)


@pytest.mark.parametrize("protocol", CODECS)
def test_a_flood_of_bent_frames_raises_nothing_and_is_not_kept(protocol: str, long: bool) -> None:
    make, frames = CODECS[protocol]
    codec, dice, now_ms = make(), random.Random(protocol), 0
    for piece in flood(frames, 1_000_000 if long else 8_000, dice):
        now_ms += dice.choice((0, 1, 5, 50, 400))
        codec.receive_data(piece, now_ms)
        codec.tick(now_ms)
        assert sum(kept(value) for value in vars(codec).values()) <= HOLDS
    assert codec.faults.total() > 0


@pytest.mark.parametrize("protocol", WIRES)
def test_after_the_flood_a_frame_is_read_as_ever(protocol: str) -> None:
    wire, frames = WIRES[protocol], CODECS[protocol][1]
    good = [frame for frame in frames if wire.reads(frame)]
    codec, dice = wire.codec(), random.Random(protocol)
    for now_ms, piece in enumerate(flood(frames, 4_000, dice)):
        codec.receive_data(piece, now_ms)
    for later in range(300):
        codec.tick(1_000_000 + later * 1000)
    for at, frame in enumerate(good):
        assert [m for m in codec.receive_data(frame, 2_000_000 + at) if not isinstance(m, wire.broken)]
        codec.tick(2_000_000 + at)


def test_lines_of_a_gate_in_any_order(long: bool) -> None:
    """No bytes, but edges: a million of them upset neither the gate's controller nor the passage."""
    dice, controller, passage = random.Random("gate"), gate_contacts.Controller(), gate_contacts.Passage()
    for now_ms in range(0, (1_000_000 if long else 8_000) * 7, 7):
        controller.edge(dice.choice(gate_contacts.LINES), dice.randrange(2), now_ms)
        passage.open(dice.choice((None, "A", "B", "A+B")))
        passage.beam(dice.choice("AB"), bool(dice.randrange(2)), now_ms)
        passage.tick(now_ms)
        assert kept(controller) + kept(passage) == 0
        assert controller.mode == gate_contacts.FIRE_RELEASE or not controller._low[gate_contacts.FIRE]
