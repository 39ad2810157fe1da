"""ITL's own C code as a master: a program that drives the device at argv[2] and prints what it saw as JSON lines. With
an amount in argv[4] it agrees on keys first, and once a note is stored has that amount paid out.

argv[1] is the shared library of the package eSSP6. Its Python wrapper cuts pointers on 64-bit machines, so the library
is called here with its types declared; in a process of its own, because C may crash and prints as it likes.
"""

from __future__ import annotations

import ctypes as c
import json
import sys
import time
from typing import Any

STORED = 0xDB


class Channel(c.Structure):
    """As in the library's header."""

    _fields_ = [("security", c.c_ubyte), ("value", c.c_uint), ("cc", c.c_char * 4)]


class Setup(c.Structure):
    """As in the library's header."""

    _fields_ = [
        ("unit", c.c_ubyte),
        ("firmware", c.c_char * 5),
        ("channels", c.c_uint),
        ("data", Channel * 20),
        ("multiplier", c.c_ulong),
        ("protocol", c.c_ubyte),
    ]


class PollEvent(c.Structure):
    """As in the library's header."""

    _fields_ = [("event", c.c_ubyte), ("data1", c.c_ulong), ("data2", c.c_ulong), ("cc", c.c_char * 4)]


class Poll(c.Structure):
    """As in the library's header."""

    _fields_ = [("events", PollEvent * 20), ("count", c.c_ubyte)]


def say(**values: Any) -> None:
    """One JSON line."""
    sys.stderr.write(json.dumps(values) + "\n")
    sys.stderr.flush()


def main(library: str, path: str, polls: int, amount: int) -> None:
    """Set the device up, then poll it."""
    essp = c.CDLL(library)
    essp.ssp_init.restype = c.c_void_p
    unit = c.c_void_p(essp.ssp_init(path.encode(), b"0", 0))
    setup, poll = Setup(), Poll()
    sync = essp.ssp6_sync(unit)
    if amount:
        say(keys=essp.ssp6_setup_encryption(unit, c.c_ulonglong(0x0123456701234567)))
    say(sync=sync, protocol=essp.ssp6_host_protocol(unit, 6))
    say(
        setup=essp.ssp6_setup_request(unit, c.byref(setup)),
        unit=setup.unit,
        firmware=setup.firmware.decode(),
        values=[setup.data[i].value for i in range(setup.channels)],
        country=setup.data[0].cc.decode(),
    )
    if amount:
        say(route=essp.ssp6_set_route(unit, amount, b"CNY", 0), payout=essp.ssp6_enable_payout(unit, setup.unit))
    say(inhibits=essp.ssp6_set_inhibits(unit, 0xFF, 0xFF), enable=essp.ssp6_enable(unit))
    for _ in range(polls):
        if essp.ssp6_poll(unit, c.byref(poll)) != 0xF0:
            say(poll="failed")
        for event in poll.events[: poll.count]:
            say(event=event.event, data=event.data1)
            if event.event == STORED and amount:
                say(test=essp.ssp6_payout(unit, amount, b"CNY", 0x19), pay=essp.ssp6_payout(unit, amount, b"CNY", 0x58))
        time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int((*sys.argv, 0)[4]))
