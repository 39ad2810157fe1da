"""Shared by the tests of the wires: the vectors, and the four ways in which a stream of bytes can arrive."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

VECTORS = Path(__file__).parent / "vectors"


class Vector(NamedTuple):
    """One recorded, published or derived piece of wire; *valid* False must be refused."""

    name: str
    data: bytes
    direction: str
    valid: bool
    extra: dict[str, Any]


def vectors(*files: str, keep: Callable[[Vector], bool] = lambda _: True) -> list[Vector]:
    """The vectors of *files* that *keep* wants; fails when none are left, lest a test passes by finding nothing."""
    found = []
    for file in files:
        for row in json.loads((VECTORS / f"{file}.json").read_text(encoding="utf-8")):
            vector = Vector(row["name"], bytes.fromhex(row["hex"]), row["direction"], row["valid"], row)
            if keep(vector):
                found.append(vector)
    if not found:
        raise AssertionError(f"no vectors of {files} are left")
    return found


def arrivals(data: bytes) -> Iterator[list[bytes]]:
    """*data* whole, byte by byte, and split in two at every place."""
    yield [data]
    yield [data[i : i + 1] for i in range(len(data))]
    for cut in range(1, len(data)):
        yield [data[:cut], data[cut:]]
