"""Promises that every machine with a cabinet keeps, held by what is heard alone: money, papers, and what was pressed.

What a machine's world says besides is its price (`CabinetWorlds.price`) and whose accounts take the money (`payees`).
From these follows: cash inside and those accounts hold, when the machine is home again, exactly what the things that
were handed over or booked cost by the rules, for what the *keys* chose. So whatever is charged has its thing or is
given back, however often an answer is lost. More may be held only where a slip says why: cash could not be handed out,
nobody knows whether a thing came, or the bank never answered that it gives back. And a paper comes out once for one
booking, one errand, one thing kept.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core import cabinet_model as b
from kiosk_firmware.core.events import (
    AnyEvent,
    DocumentPrinted,
    HostAnswered,
    ItemsPresented,
    ItemsRetracted,
    MediaDispensed,
    MediaInserted,
    MediaWritten,
    Struck,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.bank import BankQuestion, DepositAsked, ReversalAsked

CLOSED = ("",)
Unanswered = Literal["", "back", "credit", "card", "thing"]


class HeardRun(msgspec.Struct, frozen=True, cache_hash=True):
    """The run as it was heard. `chosen`: the value of the newest key of each area that chooses; `worth_fen`: what all
    that was handed over costs by the rules. `papers`: what was printed since the last occasion for a paper (`CLOSED`:
    the errand is over, nothing is due); `doubled`: one that came out again; `due`: occasions for a slip that had none
    yet. `doubt`: something could not be given back, or nobody knows; `told`: a slip was tried since. `unanswered`: the
    bank has not said yet that it gives back, or credits; nobody knows whether a card was written, or a thing booked.
    """

    chosen: tuple[tuple[str, str], ...] = ()
    worth_fen: int = 0
    papers: tuple[str, ...] = CLOSED
    doubled: str = ""
    due: int = 0
    doubt: bool = False
    told: bool = False
    unanswered: Unanswered = ""

    @property
    def excused(self) -> bool:
        """More may be held than was sold."""
        return self.doubt or self.unanswered != ""

    @property
    def silent(self) -> bool:
        """No slip says so."""
        return not self.told or self.unanswered != ""

    def choice(self, area: str) -> str:
        """Return the value of the newest key of that area; "" for none."""
        return dict(self.chosen).get(area, "")


NOTHING = HeardRun()


def yuan(typed: str) -> int:
    """Return what was typed into a field for an amount, fen; 0 for anything but figures."""
    return int(typed) * 100 if typed.isdecimal() else 0


def with_fields(heard: HeardRun, **fields: object) -> HeardRun:
    """Return it with these fields; the same object where nothing is new, so that a search meets it again."""
    new = {name: value for name, value in fields.items() if value != getattr(heard, name)}
    return msgspec.structs.replace(heard, **new) if new else heard


def without_doubt(heard: HeardRun) -> HeardRun:
    """Return it without doubt: what is held is what was sold."""
    return with_fields(heard, doubt=False, told=False, unanswered="")


def booked_by_host(event: AnyEvent) -> Ask | None:
    """Return what a host has booked as this is heard: it said so, or a fault says that it did, unheard."""
    match event:
        case HostAnswered(completion="success", verdict="ok", ask=ask):
            return ask
        case Struck(ask=ask):
            return ask
        case _:
            return None


def after(heard: HeardRun, event: AnyEvent, areas: frozenset[str], prints: frozenset[str], owes: bool) -> HeardRun:
    """Return what is known then; `areas`: of the keys that choose; `prints`: of those that ask for a paper again;
    `owes`: as `CabinetWorlds` has it.
    """
    heard = _paper(heard, event, prints)
    match event:
        case _ if ends(event):
            return with_fields(heard, chosen=(), papers=CLOSED, due=0)
        case Tapped(key=key, value=value):
            return after_key(heard, key, value, areas)
        case Typed(key=key, text=value):
            return after_typing(heard, key, value, areas)
        case DocumentPrinted(ref="slip"):
            return with_fields(heard, told=owes or heard.excused, doubt=heard.excused, unanswered="")
        case HostAnswered(ask=ReversalAsked() | DepositAsked() as ask, completion=completion):
            return with_fields(heard, unanswered=_unanswered(heard.unanswered, ask, completion == "success"))
        case HostAnswered(ask=ask, completion=completion) if not isinstance(ask, BankQuestion):
            return with_fields(heard, unanswered=_thing(heard.unanswered, ask, completion == "success"))
        case MediaWritten(completion=completion):
            return with_fields(heard, unanswered="" if completion == "success" else "card")
        case MediaInserted(at="card_reader"):  # what it carries tells
            return with_fields(heard, unanswered="" if heard.unanswered == "card" else heard.unanswered)
        case _:
            kept = isinstance(event, ItemsRetracted) and event.at == "note_acceptor"  # no account is made whole for it
            return with_fields(heard, doubt=True, told=False) if (owes or kept) and doubtful(event) else heard


def _unanswered(before: Unanswered, ask: Ask, answered: bool) -> Unanswered:
    """Return what is owed unanswered: a credit stays owed though the bank has undone one that it may have booked."""
    if not answered:
        return "credit" if isinstance(ask, DepositAsked) and ask.kept else before or "back"
    return before if before == "credit" and isinstance(ask, ReversalAsked) else ""


def _thing(before: Unanswered, ask: Ask, answered: bool) -> Unanswered:
    """Keep as unknown what a seller's host was asked to book, until it says anything."""
    if before not in ("", "thing"):
        return before
    if answered:
        return ""
    return "thing" if ask.id else before


def after_key(heard: HeardRun, key: str, value: str, areas: frozenset[str]) -> HeardRun:
    """Return what is known after a key: its value is the newest of its area; a menu's key begins anew."""
    area, _, what = key.partition(".")
    if area == "menu":
        return with_fields(heard, chosen=(("menu", what),) if "menu" in areas else ())
    if area not in areas:
        return heard
    return _put(heard, area, value or what)


def after_typing(heard: HeardRun, field: str, value: str, areas: frozenset[str]) -> HeardRun:
    """Return what is known after something was typed: a field is an area of its own, by its whole name."""
    return _put(heard, field, value) if field in areas else heard


def _put(heard: HeardRun, area: str, value: str) -> HeardRun:
    return with_fields(heard, chosen=tuple(sorted({**dict(heard.chosen), area: value}.items())))


def _paper(heard: HeardRun, event: AnyEvent, prints: frozenset[str]) -> HeardRun:
    """Note a printed paper: one comes out once, until there is a new occasion for one; two things that are kept have a
    slip each.
    """
    match event:
        case DocumentPrinted(ref="slip") if heard.due:
            return with_fields(heard, papers=_with(heard.papers, "slip"), due=heard.due - 1)
        case DocumentPrinted(ref=ref, completion="success") if ref in heard.papers or heard.papers == CLOSED:
            return with_fields(heard, doubled=ref)
        case DocumentPrinted(ref=ref, completion="success"):
            return with_fields(heard, papers=_with(heard.papers, ref))
        case DocumentPrinted():
            return heard
        case _ if _slip(event):
            return with_fields(heard, papers=(), due=min(2, heard.due + 1))
        case _:
            return with_fields(heard, papers=()) if heard.papers and _occasion(event, prints) else heard


def _with(papers: tuple[str, ...], ref: str) -> tuple[str, ...]:
    return tuple(sorted({*papers, ref} - {*CLOSED}))


def _slip(event: AnyEvent) -> bool:
    """Return whether there is a slip for the event: something was kept or not handed out, or is not known."""
    unknown = isinstance(event, HostAnswered | MediaWritten) and event.completion != "success"
    return b.slip_owed(event) > 0 or unknown or doubtful(event)


def _occasion(event: AnyEvent, prints: frozenset[str]) -> bool:
    """Return whether there may be a paper of the same name again: something was booked, another errand begins."""
    if isinstance(event, Tapped):
        return event.step == "home" or event.key.partition(".")[0] in {"menu", *prints}
    return booked_by_host(event) is not None


def ends(event: AnyEvent) -> bool:
    """Return whether the farewell is over."""
    return isinstance(event, TimerExpired | Tapped) and "goodbye" in (
        getattr(event, "name", ""),
        getattr(event, "step", ""),
    )


def doubtful(event: AnyEvent) -> bool:
    """Return whether cash that was to be handed out did not come at the last slot that there is (an empty hopper is
    followed by the tray), or was pulled in again; or nobody knows whether a thing came.
    """
    match event:
        case ItemsRetracted(items=items):
            return bool(items)
        case ItemsPresented(at="cash_dispenser", items=items, completion="hardwareError"):
            return not items
        case MediaDispensed(completion="unknown"):
            return True
        case _:
            return False
