"""The office behind the window, pure: answers what a clerk asks, and books what it answered "ok".

An application is known by its errand: entered twice, it is filed once and has one number. So a computer that did not
answer is simply asked again.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.hosts.counter import CounterAsk, FileAsked
from kiosk_firmware.core.persona import Paper

SLIP = "slip"
"""The acceptance slip, as a paper."""
ID_CARD = "id_card"
"""A new ID card that an office gives, as a paper until one is at home with it."""


class Filing(msgspec.Struct, frozen=True, cache_hash=True):
    """An application: errand, number, the day on which it is ready, whether it was fetched, and what was said."""

    errand: str
    number: str
    ready: int
    fetched: bool = False
    answers: tuple[tuple[str, str], ...] = ()


Filings = tuple[Filing, ...]


def filing(filings: Filings, errand: str) -> Filing | None:
    """The application of that errand."""
    return next((found for found in filings if found.errand == errand), None)


def judge(filings: Filings, ask: CounterAsk) -> tuple[str, CounterAsk]:
    """What the office says to the ask; nothing is booked yet."""
    found = filing(filings, ask.errand)
    if isinstance(ask, FileAsked):
        number = found.number if found else f"{ask.day}{len(filings) + 1:03d}"
        return "ok", msgspec.structs.replace(ask, number=number)
    if found is None:
        return "nothing", ask
    return ("early", ask) if ask.day < found.ready else ("ok", ask)


def booked(filings: Filings, ask: CounterAsk) -> Filings:
    """The applications after an ask that was answered "ok", also where nobody heard the answer."""
    found = filing(filings, ask.errand)
    if isinstance(ask, FileAsked):
        new = Filing(ask.errand, ask.number, ask.ready, ask.ready <= ask.day, ask.answers)
        return filings if found else (*filings, new)
    if found is None or found.fetched:
        return filings
    return tuple(msgspec.structs.replace(one, fetched=True) if one is found else one for one in filings)


def handed(bag: tuple[Paper, ...], ask: FileAsked) -> tuple[Paper, ...]:
    """The bag with what filing gives; a slip, where there is something to come back for."""
    slip = (SLIP,) if ask.ready > ask.day else ()
    return (*bag, *(Paper(name) for name in (*ask.gives, *slip)))


def known_after(records: tuple[str, ...], adds: tuple[str, ...], drops: tuple[str, ...]) -> tuple[str, ...]:
    """What the computer knows afterwards."""
    return tuple(sorted({*records, *adds} - {*drops}))


def asked_days(day: int, ready: int) -> tuple[int, ...]:
    """The right day and two others, of which one is too early and one much too late, in an order of the day's own."""
    days = (day + 1 if ready > day + 1 else day, ready, ready + 60)
    turn = ready % 3
    return days[turn:] + days[:turn]
