"""Taking up a run that a crash or a power cut interrupted.

A journal is replayed only by the code and content that wrote it, for the same learner, and only a short while after;
then its events go through `Play.step` and nothing is performed. What was open at the cut is answered by comparing what
the journal knows with what the cabinet finds now: where the devices' counters prove that it happened, by the ordinary
answer; else by `unknown`, never by a guess. Then what hands did in the dark is told (a card taken), and `CabinetFound`
closes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kiosk_firmware.core import cabinet_model, money
from kiosk_firmware.core.effects import AnyEffect, Dispense, DispenseMedia, EjectMedia, RetainMedia, Retract, StoreItems
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    ItemsInserted,
    ItemsPresented,
    ItemsRetracted,
    ItemsStored,
    ItemsTaken,
    Media,
    MediaDispensed,
    MediaInserted,
    MediaInvalid,
    MediaPresented,
    MediaRetained,
    MediaTaken,
    Started,
)
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.play import Play
from kiosk_firmware.unit.runtime import liabilities as books
from kiosk_firmware.unit.runtime.liabilities import Liabilities
from kiosk_firmware.unit.runtime.run import Coached, JournalHeader, Leaving, Prompted, Run, Slipped

Journalled = Iterable[tuple[int, AnyEvent | Prompted | Slipped | Coached | Leaving]]


def replay_run(id_: str, header: JournalHeader, play: Play, lesson: Lesson | None, rows: Journalled) -> Run | None:
    """Return the run as it stood after its last committed event; None where the journal does not begin with
    `Started`.
    """
    run: Run | None = None
    last = 0
    for at_ms, row in rows:
        last = at_ms
        if run is None:
            if not isinstance(row, Started):
                return None
            run = Run(id_, header, play, lesson, row, at_ms)
        else:
            _replay(run, row, at_ms)
    if run is not None:
        run.replayed_to = last
    return run


def _replay(run: Run, row: AnyEvent | Prompted | Slipped | Coached | Leaving, at_ms: int) -> None:
    match row:
        case Prompted(level=level):
            run.rows += 1
            run.prompt(level)
        case Slipped():
            run.rows += 1
            run.count_slip(row)
        case Coached():
            run.rows += 1
            run.changes.coach_acts()
        case Leaving(outcome=outcome):
            run.rows += 1
            run.leaving = outcome
        case _:
            run.take(row, at_ms)


def in_the_dark(run: Run, real: CabinetFound) -> tuple[AnyEvent, ...]:
    """Return what happened after the last committed event, in order, as far as the cabinet can prove it. `CabinetFound`
    follows.
    """
    more = _Counters(run, real)
    said: list[AnyEvent] = []
    owed = run.owed
    for effect, _ in run.now.open:
        event = _answer(effect, owed, real, more)
        said.append(event)
        owed = books.apply_event(owed, event)
    return (*said, *_by_hand(owed, real), *_on_the_pad(run.play.world.found(run.now.world).ident, real))


def unheard_tokens(run: Run, real: CabinetFound) -> int:
    """Return the number of tokens that fell while nobody listened: told to the office as unknown, never credited by
    guess.
    """
    return max(0, _Counters(run, real).more("coin_acceptor.tokens"))


class _Counters:
    """The devices' own counts beyond what the journal heard since the run began."""

    def __init__(self, run: Run, real: CabinetFound) -> None:
        self._began: Mapping[str, int] = dict(run.counters)
        self._now = dict(real.counters)
        self._heard = run.heard_counts

    def known(self, name: str) -> bool:
        """Return whether the device counts this at all."""
        return name in self._now

    def beyond(self, name: str) -> bool:
        """Return whether the device counted one that was not heard. False where it does not count at all."""
        return self.more(name) > 0

    def more(self, name: str) -> int:
        """Return how many the device counted that were not heard; 0 where it does not count at all."""
        if not self.known(name):
            return 0
        return self._now[name] - self._began.get(name, 0) - self._heard.get(name, 0)

    def between(self, name: str, unsure: str) -> tuple[int, int]:
        """Return at least and at most how many were counted unheard: those of which the run was told `unsure` may be
        among them.
        """
        most = max(0, self.more(name))
        return max(0, most - self._heard.get(unsure, 0)), most

    def amount(self, name: str) -> int:
        """Return a counter that holds an amount; 0 where there is none."""
        return self._now.get(name, 0)


def _answer(effect: AnyEffect, owed: Liabilities, real: CabinetFound, more: _Counters) -> AnyEvent:
    at, ref = effect.at, effect.ref
    match effect:
        case EjectMedia() if real.place == "exit" or (real.place == "none" and owed.place != "none"):
            return MediaPresented(at, ref)
        case RetainMedia(at="ticket_dispenser"):
            return MediaRetained(at, ref) if more.beyond(f"{at}.captured") else cabinet_model.unknown(effect)
        case RetainMedia() if real.place == "none" and more.beyond("card_reader.captured"):
            return MediaRetained(at, ref)
        case DispenseMedia() if more.beyond(f"{at}.dispensed"):
            return MediaDispensed(at, ref)
        case StoreItems() if not real.escrow_fen and _was_stored(owed, more):
            return ItemsStored(at, ref, owed.escrow_fen)
        case Dispense(at="coin_dispenser") if at not in real.lost:
            return _fell(effect, more)
        case Dispense() if at not in real.lost:
            return _presented_event(effect, real.tray, more)
        case Retract(at="note_acceptor") if not real.escrow_fen and _was_stored(owed, more):
            return ItemsRetracted(at, ref, ((owed.escrow_fen, 1),))
        case Retract() if owed.tray and not real.tray and more.beyond("cash_dispenser.retracted"):
            return ItemsRetracted(at, ref, owed.tray)
        case _:
            return cabinet_model.unknown(effect)


def _fell(effect: Dispense, more: _Counters) -> AnyEvent:
    """Return the answer to a hopper's payout that the cut ended early: what fell is the person's, the rest is still
    owed; "unknown" for what the hopper itself has lost count of, and for what may have fallen since for an order
    before.
    """
    at = effect.at
    if not all(more.known(f"{at}.paid_{fen}") for fen, _ in effect.items):
        return cabinet_model.unknown(effect)
    forgot = more.beyond(f"{at}.unknown")
    bounds = [(fen, pieces, more.between(f"{at}.paid_{fen}", f"{at}.unsure_{fen}")) for fen, pieces in effect.items]
    fell = money.items(*((fen, min(pieces, least)) for fen, pieces, (least, _) in bounds))
    may = money.items(*((fen, pieces if forgot else min(pieces, most)) for fen, pieces, (_, most) in bounds))
    return _ended_payout(effect, fell, money.without(may, fell))


def _presented_event(effect: Dispense, tray: Items, more: _Counters) -> AnyEvent:
    """Return what a tray or a recycler let out before the cut; a recycler counts the money, too."""
    at = effect.at
    if not tray and not more.known(f"{at}.presented"):
        return cabinet_model.unknown(effect)
    came = tray or (effect.items if more.beyond(f"{at}.presented") else money.NONE)
    if not tray and more.known(f"{at}.paid_fen"):
        made = money.make(max(0, more.more(f"{at}.paid_fen")), effect.items)
        if made is None:
            return cabinet_model.unknown(effect)
        came = made
    rest = money.without(effect.items, came) if money.holds(effect.items, came) else money.NONE
    return _ended_payout(effect, came, rest if more.beyond(f"{at}.unknown_fen") else money.NONE)


def _ended_payout(effect: Dispense, came: Items, unsure: Items) -> ItemsPresented:
    if unsure:
        return ItemsPresented(effect.at, effect.ref, came, "unknown", unsure=unsure)
    return ItemsPresented(effect.at, effect.ref, came, "success" if came == effect.items else "canceled")


def _was_stored(owed: Liabilities, more: _Counters) -> bool:
    unclaimed = more.amount("note_acceptor.unclaimed_fen") >= owed.escrow_fen > 0
    return unclaimed or more.beyond("note_acceptor.stacked")


def _by_hand(owed: Liabilities, real: CabinetFound) -> list[AnyEvent]:
    """Return what people did meanwhile: a card taken or put in, notes taken, a note put in."""
    said: list[AnyEvent] = []
    if owed.place != "none" and real.place == "none":
        said.append(MediaTaken("card_reader"))
    if owed.place == "none" and real.place == "inside":
        said.append(MediaInserted("card_reader", Media(real.number)) if real.number else MediaInvalid("card_reader"))
    if owed.tray and not real.tray:
        said.append(ItemsTaken("cash_dispenser"))
    if real.escrow_fen and not owed.escrow_fen:
        said.append(ItemsInserted("note_acceptor", real.escrow_fen))
    return said


def _on_the_pad(known: str, real: CabinetFound) -> list[AnyEvent]:
    """Return the events of the ID card that the run knows of being taken up, and of another one being laid."""
    if "id_reader" in real.lost or known == real.ident:
        return []
    lifted: list[AnyEvent] = [MediaTaken("id_reader")] if known else []
    return [*lifted, MediaInserted("id_reader", Media(real.ident))] if real.ident else lifted


def cabinet_at_start(run: Run, real: CabinetFound) -> CabinetFound:
    """Return what a beginning machine is told: as `cabinet_found`, and what can be handed out is the cabinet's."""
    return msgspec.structs.replace(cabinet_found(run, real), stock=real.stock)


def cabinet_found(run: Run, real: CabinetFound) -> CabinetFound:
    """Return what the machine is told: where things are by the world's books (events have made them equal to the
    cabinet's), health and counters by the cabinet.
    """
    world = run.play.world.found(run.now.world)
    return msgspec.structs.replace(world, lost=real.lost, paper=real.paper, counters=real.counters)
