"""Turn transitions into the facts that the office is told.

A fact says that something happened, in the fixed types of the unit's wire format. It never holds a card number, a PIN,
free text, or who the learner is: a learner is 16 hex digits of an HMAC that only the centre can undo. Every fact has a
priority for a full disk: 0 noise, 1 use, 2 what must be the last to go.
"""

from __future__ import annotations

import hashlib
import hmac
import re

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.events import (
    AnyEvent,
    DeviceBack,
    DeviceLost,
    ItemsInserted,
    ItemsPresented,
    ItemsRetracted,
    ItemsReturned,
    ItemsStored,
    ItemsTaken,
    MediaInserted,
    MediaInvalid,
    MediaRetained,
    MediaTaken,
    Struck,
)
from kiosk_firmware.core.facts import Facts

GUEST = "guest"


class RunFact(msgspec.Struct, frozen=True):
    """One fact: its type (`run.ended`), its data (JSON values only), its priority."""

    type: str
    data: dict[str, object]
    prio: int = 1


def pseudonym(site_key: bytes, learner: str) -> str:
    """Return the learner as wire, office and this unit's own records know them: 16 hex digits, or "guest"."""
    if learner in ("", GUEST):
        return GUEST
    return hmac.new(site_key, learner.encode(), hashlib.sha256).hexdigest()[:16]


def moved_facts(run: str, event: AnyEvent, tray_fen: int) -> tuple[RunFact, ...]:
    """Return the fact of money, card or device that an event is, if any. `tray_fen`: what lay in the tray before it."""
    match event:
        case MediaInserted(at=at) | MediaInvalid(at=at):
            return (_media(run, at, "inserted"),)
        case MediaTaken(at=at):
            return (_media(run, at, "taken"),)
        case MediaRetained(at=at, completion="success"):
            return (_media(run, at, "retained"),)
        case DeviceLost(at=at, instead=instead):
            return (RunFact("device.lost", {"at": at, **({"instead": instead} if instead else {})}),)
        case DeviceBack(at=at):
            return (RunFact("device.back", {"at": at}),)
        case Struck(fault=fault):
            return (RunFact("fault.struck", {"run": run, "fault": fault}),)
        case _:
            return _items_moved(run, event, tray_fen)


def _items_moved(run: str, event: AnyEvent, tray_fen: int) -> tuple[RunFact, ...]:
    match event:
        case ItemsInserted(at="coin_acceptor" as at, fen=fen) | ItemsStored(at=at, fen=fen, completion="success"):
            return _items(run, at, "accepted", fen)
        case ItemsReturned(at=at, fen=fen, completion="success"):
            return _items(run, at, "returned", fen)
        case ItemsPresented(at=at, items=items):
            return _items(run, at, "presented", money.total(items))
        case ItemsTaken(at="cash_dispenser" as at):  # what is in an open cup was the person's when it fell
            return _items(run, at, "taken", tray_fen)
        case ItemsRetracted(at=at, items=items):
            return _items(run, at, "retracted", money.total(items))
        case _:
            return ()


def _media(run: str, at: str, what: str) -> RunFact:
    return RunFact("media.moved", {"run": run, "at": at, "what": what})


def _items(run: str, at: str, what: str, fen: int) -> tuple[RunFact, ...]:
    return (RunFact("items.moved", {"run": run, "at": at, "what": what, "fen": fen}),) if fen else ()


_WORD = re.compile(r"[a-z][a-z0-9_.-]{0,31}")


def tellable_facts(facts: Facts) -> dict[str, object]:
    """Return a machine's facts as the office may have them: numbers, yes or no, and fixed words; free text
    stays here.
    """
    return {
        name: value
        for name, value in sorted(facts.items())
        if isinstance(value, bool | int) or value == "" or _WORD.fullmatch(value)
    }


class Noise:
    """Counts of what devices dropped (bounce, lone pulses, bad frames), told at most once a minute per device and
    kind.
    """

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._counts: dict[tuple[str, str], int] = {}
        self._told_ms: dict[tuple[str, str], int] = {}

    def count(self, at: str, kind: str, count: int = 1) -> None:
        """Add to a counter."""
        self._counts[at, kind] = self._counts.get((at, kind), 0) + count

    def due(self, now_ms: int) -> tuple[RunFact, ...]:
        """Return facts for the counters that may be told now; they begin again at zero."""
        ready = [key for key in self._counts if now_ms - self._told_ms.get(key, now_ms - 60_000) >= 60_000]
        self._told_ms.update(dict.fromkeys(ready, now_ms))
        counts = [{"at": at, "kind": kind, "count": self._counts.pop((at, kind))} for at, kind in ready]
        return tuple(RunFact("noise.counted", dict(count), 0) for count in counts)
