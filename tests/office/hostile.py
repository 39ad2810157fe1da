"""Messages that no unit of ours would send: any depth, size, type, encoding and number on each channel of a unit."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import msgspec.inspect

from kiosk_firmware.wire import messages as m
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.facts import FACTS

SIZE = 60_000
"""Bytes: a broker of ours cuts whoever sends more than 65,536."""
NUMBERS = (
    "0",
    "-1",
    "-0.0",
    "2147483648",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "1" + "0" * 30,
    "9" * 400,
    "1e308",
    "-1e308",
    "1e999",
    "1e-400",
    "0.1",
    "1e3",
    "NaN",
    "Infinity",
    "-Infinity",
    "0x10",
    "1_000",
    "٣",
    "253402300799999",
    "-62135596800001",
    "8640000000000001",
)
TIMES = (
    "9999-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "1969-12-31T23:59:59Z",
    "2106-02-07T06:28:16Z",
    "2026-02-30T00:00:00Z",
    "2026-12-31T23:59:60Z",
    "2026-12-01",
    "2026-12-01T00:00:00",
    "now",
    "",
    "20261201T000000Z",
    "2026-W49-2T00:00:00Z",
)
WORDS = (
    '""',
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"=1+1"',
    '"<script>alert(1)</script>"',
    '"{{ 7*7 }}"',
    '"../../etc/passwd"',
    '"\\u202e\\u0007\\r\\n\\t"',
    '"' + "x" * 5000 + '"',
    '"\U0001f600"',
    '"a|b|c"',
    '"/"',
    '"%s%n"',
)
OTHERS = ("null", "true", "[]", "{}", "[[[]]]", '{"":0}', '{"a":1,"a":2}')
TOKENS = (*NUMBERS, *WORDS, *OTHERS)
Make = Callable[[random.Random, bytes], bytes]


def sample(shape: Any, rng: random.Random) -> Any:
    """A value that has the shape."""
    kind = msgspec.inspect.type_info(shape)
    return _sample(kind, rng)


def _sample(kind: Any, rng: random.Random) -> Any:
    from msgspec import inspect as i

    match kind:
        case i.StructType():
            return {field.encode_name: _sample(field.type, rng) for field in kind.fields}
        case i.LiteralType():
            return rng.choice(kind.values)
        case i.UnionType():
            return _sample(rng.choice(kind.types), rng)
        case i.ListType() | i.VarTupleType():
            return [_sample(kind.item_type, rng) for _ in range(rng.randrange(3))]
        case i.DictType():
            return {f"k{n}": _sample(kind.value_type, rng) for n in range(rng.randrange(3))}
        case i.BoolType():
            return rng.random() < 0.5
        case i.IntType() | i.FloatType():
            return rng.randrange(1000)
        case i.NoneType():
            return None
        case _:
            return rng.choice(("x", "atm", "guest", "0123456789abcdef", "r-1"))


def deep(rng: random.Random, good: bytes) -> bytes:
    """Brackets within brackets, alone or in the place of a value."""
    depth = rng.choice((100, 1000, 1200, 5000, 20_000))
    opened, shut = rng.choice(((b"[", b"]"), (b'{"a":', b"}")))
    nest = opened * depth + b"0" + shut * depth
    nest = nest if len(nest) < SIZE else b"[" * 5000 + b"]" * 5000
    return nest if rng.random() < 0.3 else _swapped(rng, good, nest)


def large(rng: random.Random, good: bytes) -> bytes:
    """As large as the broker takes: one word, many keys, or blanks."""
    how = rng.randrange(3)
    if how == 0:
        return _swapped(rng, good, b'"' + b"y" * (SIZE - 2000) + b'"')
    if how == 1:
        return _swapped(rng, good, b"{" + b",".join(b'"k%d":%d' % (n, n) for n in range(4000)) + b"}")
    return good + b" " * (SIZE - len(good))


def typed(rng: random.Random, good: bytes) -> bytes:
    """Another type, number or word in the place of some values."""
    for _ in range(rng.randint(1, 4)):
        good = _swapped(rng, good, rng.choice(TOKENS).encode("utf-8", "surrogatepass"))
    return good


def timed(rng: random.Random, good: bytes) -> bytes:
    """Instants that no clock shows, and numbers at the edge."""
    read = json.loads(good)
    for key in ("time", "ts", "at_ms"):
        if key in read:
            read[key] = rng.choice(TIMES if key == "time" else (2**63 - 1, 2**53, -(2**53), 253402300800000))
    if "seq" in read and rng.random() < 0.5:
        read["seq"] = rng.choice((2**63 - 1, 2**62, 2**53, 10**9, 0, -1))
        read["id"] = f"{read.get('epoch')}-{read['seq']}"
    if "upms" in read:
        read["upms"] = rng.choice((1, 2**53 - 1, 2**53))
    return json.dumps(read).encode()


def encoded(rng: random.Random, good: bytes) -> bytes:
    """Bytes that are no UTF-8, or another encoding's."""
    how = rng.randrange(5)
    if how == 0:
        return good.decode().encode(rng.choice(("utf-16", "utf-32", "utf-8-sig", "utf-7")))
    if how == 1:
        at = rng.randrange(len(good) + 1)
        return good[:at] + rng.choice((b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\x00", b"\xf4\x90\x80\x80")) + good[at:]
    if how == 2:
        return good[: rng.randrange(len(good) + 1)]
    if how == 3:
        return good + rng.choice((b"x", good, b"\x00", b","))
    return rng.randbytes(rng.choice((0, 1, 20, 2000)))


MAKERS: tuple[Make, ...] = (deep, large, typed, typed, timed, timed, encoded, lambda rng, good: good)


def _swapped(rng: random.Random, good: bytes, token: bytes) -> bytes:
    """The message with one of its values (at any depth) replaced by raw bytes."""
    mark = "\ue000"
    try:
        read = json.loads(good)
    except ValueError:
        return token
    places = list(_places(read))
    if not places:
        return token
    holder, key = rng.choice(places)
    holder[key] = mark
    return json.dumps(read, ensure_ascii=False).encode("utf-8", "surrogatepass").replace(f'"{mark}"'.encode(), token, 1)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in list(items):
        yield value, key
        yield from _places(one)


SMALL: dict[str, Any] = {
    "status": m.Status,
    "health": m.Health,
    "now": m.Now,
    "log": m.LogLines,
    "cfg": m.Reported,
    "res": m.Reply,
}


def of_unit(rng: random.Random, site: str, unit: str, epoch: str, now_ms: int) -> tuple[str, bytes]:
    """A topic of that unit, and what somebody with its certificate might say on it."""
    channel = rng.choice(("evt", "evt", "evt", "evt", *SMALL, "trust", "glass"))
    make = rng.choice(MAKERS)
    if channel == "evt":
        return _event(rng, site, unit, epoch, now_ms, make)
    if channel in ("glass", "trust"):
        leaf = topics.ASK if channel == "trust" else ""
        good = json.dumps({"type": "Apply", "csr": "x", "certificate": "y"}).encode()
        return topics.topic(site, unit, channel, leaf), b"\xff\xd8" + good if channel == "glass" else make(rng, good)
    leaf = {"cfg": topics.REPORTED, "res": f"c-{rng.randrange(9)}"}.get(channel, "")
    good = json.dumps(sample(SMALL[channel], rng)).encode()
    return topics.topic(site, unit, channel, leaf), make(rng, good)  # type: ignore[arg-type]


def _event(rng: random.Random, site: str, unit: str, epoch: str, now_ms: int, make: Make) -> tuple[str, bytes]:
    name = rng.choice((*FACTS, "no.fact"))
    data = json.dumps(sample(FACTS[name], rng) if name in FACTS else {}).encode()
    inside = rng.random() < 0.5
    seq = rng.randint(1, 300)
    at = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat()
    whole = {
        "specversion": "1.0",
        "id": f"{epoch}-{seq}",
        "source": f"/kiosk/{site}/{unit}",
        "type": f"cn.kiosk.{name}.v1",
        "time": at,
        "datacontenttype": "application/json",
        "epoch": epoch,
        "seq": seq,
        "timeq": rng.choice(("synced", "guess")),
        "boot": "0123abcd",
        "upms": 5000 + seq,
        "data": "\ue001",
    }
    wire = json.dumps(whole, ensure_ascii=False).encode().replace('"\ue001"'.encode(), b"@")
    made = make(rng, data) if inside else data
    wire = wire.replace(b"@", made) if inside else make(rng, wire.replace(b"@", data))
    leaf = topics.fact_leaf(name if rng.random() < 0.95 else "other")
    return topics.topic(site, unit, "evt", leaf), wire
